"""What is relief worth, in six sentences, which turn round when the figures do."""

from __future__ import annotations

import numpy as np
import xarray as xr

from headrace._types import Figure, Headline
from headrace.results import SIMULATED_QUALITY
from headrace.units import QUARTERS_PER_YEAR

_LEVELS = (0.5, 0.05, 0.95)
_NAMED = 3
"""Layers, groups or companies that a sentence names."""


def chokepoint_headlines(found: xr.Dataset) -> list[Headline]:
    """What binds and follows, what relief is worth and to whom, the cheapest bundle, who pays, where money must go.

    Args:
        found: As :func:`headrace.analyses.chokepoints.question.chokepoints` makes it.
    """
    return [_binds(found), _follows(found), _worth(found), _bundle(found), _rent(found), _forced(found)]


def _binds(found: xr.Dataset) -> Headline:
    first = found["binding_probability"].isel(quarter=0)
    order = np.argsort(-first.values)[:_NAMED]
    now = ", ".join(f"{first['limit'].values[place]} {first.values[place]:.0%}" for place in order)
    time = found["time_share"]
    longest = str(time["limit"].values[int(time.values.argmax())])
    never = [str(name) for name in found["limit"].values if float(found["ever_share"].sel(limit=name)) == 0]
    sentence = (
        f"In {found['quarter'].values[0]} what holds the build-out is {now} of draws; over the whole run {longest} "
        f"binds longest, in {float(time.max()):.0%} of quarters"
    )
    sentence += f", and {', '.join(never)} in none." if never else "."
    figure = _share("binds", "Share of draws in which the likeliest limit binds first", float(first.max()))
    return Headline("binds", "What binds", sentence, (figure,))


def _follows(found: xr.Dataset) -> Headline:
    first = found["binding_probability"].isel(quarter=0)
    start = str(first["limit"].values[int(first.values.argmax())])
    after = found["follows_share"].sel(limit=start)
    if not np.isfinite(after.values).any():
        return Headline("follows", "What follows", f"Nothing takes over from {start} in any draw.", ())
    following = str(after["following"].values[int(np.nanargmax(after.values))])
    share = float(after.sel(following=following))
    chance = float(found["follows_by_chance"].sel(limit=start, following=following))
    left = float(found["leaves_share"].sel(limit=start) / found["ever_share"].sel(limit=start))
    when = found["first_quarter"].sel(limit=following).values
    quarters = [str(found["quarter"].values[int(place)]) for place in when]
    words = "more than" if share > chance else "no more than"
    sentence = (
        f"Where {start} binds, another takes over in {left:.0%} of draws; it is {following} in {share:.0%} of them, "
        f"{words} the {chance:.0%} that chance would give it, and first binds in {quarters[0]} "
        f"[{quarters[1]} to {quarters[2]}] where it ever does."
    )
    return Headline("follows", "What follows", sentence, (_share("follows", f"{following} follows {start}", share),))


def _worth(found: xr.Dataset) -> Headline:
    year = {"quarter": slice(0, QUARTERS_PER_YEAR)}
    use, own, unanswered = (
        found[name].isel(year).mean("quarter")
        for name in ("use_value_over_price", "gross_profit_over_price", "unanswered_over_price")
    )
    by_layer = {str(layer): _quantiles(use.sel(layer=layer).values) for layer in found["layer"].values}
    best = max(by_layer, key=lambda layer: by_layer[layer][0])
    gains, kept = by_layer[best], _quantiles(own.sel(layer=best).values)
    sentence = (
        f"For a dollar more of {best} in the first year, users of compute gain {_interval(gains)} USD of present "
        f"value, of which builders together keep {_interval(kept)}"
    )
    sentence += ", which cannot be told from nothing." if _straddles(gains) else "."
    worst = min(by_layer, key=lambda layer: by_layer[layer][0])
    if by_layer[worst][0] < 0:
        if_built = _quantiles(unanswered.sel(layer=worst).values)
        sentence += (
            f" A dollar more of {worst} makes it {_interval(by_layer[worst])}: makers see less scarcity and build "
            f"less; if they built what they would have, {_interval(if_built)}."
        )
    figure = Figure(
        "use_value_over_price", f"Use gained by a dollar more of {best}", *gains, "1", "use_value_over_price",
        "scenario", SIMULATED_QUALITY,
    )  # fmt: skip
    return Headline("worth", "What relief is worth", sentence, (figure,))


def _bundle(found: xr.Dataset) -> Headline:
    date, target = found.attrs["date"], found.attrs["target_gw"]
    raised = found["raised_share"]
    late = [str(layer) for layer in found["layer"].values if float(found["in_time_share"].sel(layer=layer)) == 0]
    if not np.isfinite(raised.values).all():
        sentence = (
            f"No bundle in range does: if every layer were doubled as soon as it can be, {found.attrs['most_gw']:.1f} "
            f"GW more would be in service at the end of {date}, less than the {target:g} asked for."
        )
        return Headline("bundle", "The cheapest way to more", sentence, ())
    named = [str(layer) for layer in found["layer"].values if float(raised.sel(layer=layer)) > 0]
    parts = ", ".join(f"{layer} by {float(raised.sel(layer=layer)):.0%}" for layer in named)
    cost = _quantiles(found["bundle_cost_usd_bn"].sum("layer").values)
    gained = _quantiles(found["gained_gw"].values)
    sentence = (
        f"To have {target:g} GW more in service at the end of {date} it is cheapest to raise {parts}, for "
        f"{_interval(cost)} USD bn of capital; draw by draw that adds {_interval(gained)} GW."
    )
    if late:
        sentence += f" What is decided now of {', '.join(late)} comes too late in every draw."
    figure = Figure(
        "bundle_cost_usd_bn", "Capital of the cheapest bundle", *cost, "USD bn", "bundle_cost_usd_bn", "scenario",
        SIMULATED_QUALITY,
    )  # fmt: skip
    return Headline("bundle", "The cheapest way to more", sentence, (figure,))


def _rent(found: xr.Dataset) -> Headline:
    year = slice(0, QUARTERS_PER_YEAR)
    earned = found["scarcity_rent_usd_bn"].isel(quarter=year).sum("quarter")
    total = _quantiles(earned.sum("layer").values)
    middle = earned.median("draw")
    order = [str(layer) for layer in middle["layer"].values[np.argsort(-middle.values)]][:2]
    cheap = str(middle["layer"].values[int(middle.values.argmin())])
    parts = " and ".join(f"{layer} earns {_interval(_quantiles(earned.sel(layer=layer).values))}" for layer in order)
    low = _quantiles(earned.sel(layer=cheap).values)
    sentence = f"In the first year scarcity adds {_interval(total)} USD bn to what builders pay; {parts}"
    sentence += f", while {cheap} sells {_interval((-low[0], -low[2], -low[1]))} below balance." if low[0] < 0 else "."
    figure = Figure(
        "scarcity_rent_usd_bn", "Paid for scarcity in the first year", *total, "USD bn", "scarcity_rent_usd_bn",
        "scenario", SIMULATED_QUALITY,
    )  # fmt: skip
    return Headline("rent", "Who pays and who earns", sentence, (figure,))


def _forced(found: xr.Dataset) -> Headline:
    full = found["year"].values[found["quarters"].values == QUARTERS_PER_YEAR]
    if not len(full):
        return Headline("forced", "Where the money must go", "The run has no full calendar year to add up.", ())
    year = int(full[0])
    spend = found["layer_spend_usd_bn"].sel(year=year)
    middle = spend.median("draw")
    order = [str(layer) for layer in middle["layer"].values[np.argsort(-middle.values)]][:_NAMED]
    parts = ", ".join(f"{layer} {_interval(_quantiles(spend.sel(layer=layer).values))}" for layer in order)
    whole = _quantiles(spend.sum("layer").values)
    sentence = f"In {year} {_interval(whole)} USD bn reach the ten layers: {parts}."
    sentence += _against_revenue(found)
    figure = Figure(
        "layer_spend_usd_bn", f"Delivered by all layers in {year}", *whole, "USD bn", "layer_spend_usd_bn", "scenario",
        SIMULATED_QUALITY,
    )  # fmt: skip
    return Headline("forced", "Where the money must go", sentence, (figure,))


def _against_revenue(found: xr.Dataset) -> str:
    """The group whose sales to AI are most against the largest of its companies that files."""
    if not found.sizes["company"]:
        return ""
    least = found["group_spend_over_revenue"].quantile(0.05, "draw")
    revenue, groups = found["revenue_usd_bn"].values, found["group_of_company"].values
    largest = [max(np.flatnonzero(groups == group), key=lambda place: revenue[place]) for group in np.unique(groups)]
    place = max(largest, key=lambda place: float(least[place]))
    company = str(found["company"].values[place]).replace("_", " ").title()
    return (
        f" {str(groups[place]).replace('_', ' ').capitalize()} together sell to AI in the first four quarters at least "
        f"{float(least[place]):.1f} times what {company} alone last sold in a year, in 95 % of draws."
    )


def _share(key: str, label: str, value: float) -> Figure:
    return Figure(key, label, value, value, value, "1", key, "scenario", SIMULATED_QUALITY)


def _straddles(ends: tuple[float, float, float]) -> bool:
    return ends[1] < 0 < ends[2]


def _quantiles(values: np.ndarray) -> tuple[float, float, float]:
    """Median and 90 % interval of what is known."""
    median, low, high = (float(value) for value in np.quantile(values[np.isfinite(values)], _LEVELS))
    return median, low, high


def _interval(ends: tuple[float, float, float]) -> str:
    largest = max(abs(value) for value in ends)
    digits = 0 if largest >= 100 else 1 if largest >= 10 else 2
    median, low, high = (f"{value + 0.0:,.{digits}f}" for value in ends)
    return f"{median} [{low} to {high}]"
