"""What ``headrace blocs`` says as flat records, for CSV, JSON and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

    from headrace._types import Headline

_QUANTILES = {"median": 0.5, "low": 0.05, "high": 0.95}


def everything(found: xr.Dataset, said: Sequence[Headline]) -> dict[str, Any]:
    """All but the draws."""
    import json

    names = found["bloc"].values.tolist()
    return {
        **found.attrs,
        "world": json.loads(found.attrs["world"]),
        "moves": json.loads(found.attrs["moves"]),
        "headlines": {one.key: one.sentence for one in said},
        "effects": effects(found),
        "own_effects": own_effects(found),
        "payoffs": [
            {"profile": profile, **{name: ends(payoff.sel(bloc=name)) for name in names}}
            for profile, payoff in _by_profile(found["payoff_usd_bn"], names)
        ],
        "profile": {row["bloc"]: row for row in at_profile(found)},
        "games": [
            {"choice": str(choice), "bloc": name, **_shares(found["class_share"].sel(choice=choice, bloc=name))}
            for choice in found["choice"].values
            for name in names
        ],
        "dominant": {
            name: {one: float(found["dominant_share"].sel(bloc=name, strategy=one)) for one in strategies_of(found)}
            for name in names
        },
        "equilibria": likeliest(found["equilibrium_share"], names),
        "equilibria_with_standing": likeliest(found["standing_equilibrium_share"], names),
        "equilibria_by_worth": [
            {"worth_usd_bn": float(at["worth_usd_bn"]), "equilibria": likeliest(at, names)[:1]}
            for at in found["equilibrium_share_by_worth"]
        ],
    }


def at_profile(found: xr.Dataset) -> list[dict[str, Any]]:
    """What the profile that was asked about pays each bloc; nothing where none was."""
    import json

    asked = json.loads(found.attrs["profile"])
    return [
        {"bloc": name, "strategy": strategy, **ends(found["at_profile_usd_bn"].sel(bloc=name))}
        for name, strategy in asked.items()
    ]


def effects(found: xr.Dataset) -> list[dict[str, Any]]:
    """One flat record a move and party; none where nobody can stay open."""
    from headrace.service import is_told_from_zero

    if "effect_usd_bn" not in found:
        return []
    rows = []
    values = found["effect_usd_bn"]
    for mover in values["mover"].values.tolist():
        for move in values["move"].values.tolist():
            for party in values["party"].values.tolist():
                known = ends(values.sel(mover=mover, move=move, party=party))
                rows.append(
                    {
                        "mover": mover,
                        "move": move,
                        "party": party,
                        **{f"{name}_usd_bn": value for name, value in known.items()},
                        "told_from_zero": is_told_from_zero(known["low"], known["high"]),
                    }
                )
    return rows


def own_effects(found: xr.Dataset) -> list[dict[str, Any]]:
    """What a move is made of for the bloc that makes it."""
    if "own_effect_usd_bn" not in found:
        return []
    own = found["own_effect_usd_bn"]
    return [
        {"mover": mover, "move": move, "part": part, **ends(own.sel(mover=mover, move=move, part=part))}
        for mover in own["mover"].values.tolist()
        for move in own["move"].values.tolist()
        for part in own["part"].values.tolist()
    ]


def _by_profile(values: xr.DataArray, names: Sequence[str]) -> list[tuple[dict[str, str], xr.DataArray]]:
    from itertools import product

    profiles = (
        dict(zip(names, one, strict=True)) for one in product(*(values[name].values.tolist() for name in names))
    )
    return [(profile, values.sel(profile)) for profile in profiles]


def likeliest(share: xr.DataArray, names: Sequence[str]) -> list[dict[str, Any]]:
    """Profiles that are a resting point in some draw, likeliest first."""
    known = [(profile, float(one)) for profile, one in _by_profile(share, names)]
    ordered = sorted((row for row in known if row[1] > 0), key=lambda row: -row[1])
    return [{"profile": profile, "share": one} for profile, one in ordered]


def strategies_of(found: xr.Dataset) -> list[str]:
    """What a bloc can do."""
    return [str(one) for one in found["strategy"].values]


def _shares(share: xr.DataArray) -> dict[str, float]:
    return {str(name): float(share.sel({"class": name})) for name in share["class"].values}


def ends(values: xr.DataArray) -> dict[str, float]:
    """Median and 90 % interval over draws."""
    return {name: float(values.quantile(level)) for name, level in _QUANTILES.items()}
