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
    longest = str(time["limit"].values[int(time.argmax())])
    never = [str(name) for name in found["limit"].values if float(found["ever_share"].sel(limit=name)) == 0]
    sentence = (
        f"In {found['quarter'].values[0]} what holds the build-out is {now} of draws; over the whole run {longest} binds "
        f"longest, in {float(time.max()):.0%} of quarters"
    )
    sentence += f", and {', '.join(never)} in none." if never else "."
    figure = _share("binds", "Share of draws in which the likeliest limit binds first", float(first.max()))
    return Headline("binds", "What binds", sentence, (figure,))


def _follows(found: xr.Dataset) -> Headline:
    first = found["binding_probability"].isel(quarter=0)
    start = str(first["limit"].values[int(first.argmax())])
    after = found["follows_share"].sel(limit=start)
    if not np.isfinite(after.values).any():
        return Headline("follows", "What follows", f"Nothing takes over from {start} in any draw.", ())
    following = str(after["following"].values[int(np.nanargmax(after.values))])
    share = float(after.sel(following=following))
    chance = float(found["follows_by_chance"].sel(limit=start, following=following))
    left = float(found["leaves_share"].sel(limit=start))
    when = found["first_quarter"].sel(limit=following).values
    quarters = [str(found["quarter"].values[int(place)]) for place in when]
    words = "more than" if share > chance else "no more than"
    sentence = (
        f"{start.capitalize()} is left in {left:.0%} of draws; {following} comes after it in {share:.0%} of them, "
        f"{words} the {chance:.0%} that chance would give it, and first binds in {quarters[0]} "
        f"[{quarters[1]} to {quarters[2]}] where it ever does."
    )
    return Headline("follows", "What follows", sentence, (_share("follows", f"{following} follows {start}", share),))


def _worth(found: xr.Dataset) -> Headline:
    use = found["use_value_over_price"].isel(quarter=slice(0, QUARTERS_PER_YEAR)).mean("quarter")
    middle = use.median("draw")
    best = str(middle["layer"].values[int(middle.argmax())])
    own = found["gross_profit_over_price"].isel(quarter=slice(0, QUARTERS_PER_YEAR)).mean("quarter").sel(layer=best)
    gains, kept = _quantiles(use.sel(layer=best).values), _quantiles(own.values)
    harmful = [str(layer) for layer in middle["layer"].values if float(use.sel(layer=layer).quantile(0.95)) < 0]
    unclear = [str(layer) for layer in middle["layer"].values if _straddles(_quantiles(use.sel(layer=layer).values))]
    sentence = (
        f"For a dollar more of {best} in the first year users of compute gain {_interval(gains)} USD of present value, "
        f"of which builders together keep {_interval(kept)}."
    )
    if _straddles(gains):
        sentence += " Not even that can be told from nothing."
    if len(unclear) > 1:
        others = [layer for layer in unclear if layer != best]
        sentence += f" Of {', '.join(others)} it cannot be told whether a quarter of relief helps: what comes early is "
        sentence += "not built later."
    if harmful:
        sentence += f" More of {', '.join(harmful)} for a quarter does harm, for the same reason."
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
            f"No bundle in range does: if every layer were doubled as soon as it can be, {found.attrs['most_gw']:.1f} GW "
            f"more would be in service at the end of {date}, less than the {target:g} asked for."
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
    cheap = str(middle["layer"].values[int(middle.argmin())])
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
    ratio = found["group_spend_over_revenue"]
    if ratio.sizes["company"]:
        least = ratio.quantile(0.05, "draw")
        company = str(least["company"].values[int(least.argmax())])
        group = str(found["group_of_company"].sel(company=company).values).replace("_", " ")
        sentence += (
            f" In 95 % of draws {group} together sell to AI in the first four quarters at least "
            f"{float(least.max()):.1f} times all that {company.replace('_', ' ')} last sold in a year, the most of any "
            "group against one of its own."
        )
    figure = Figure(
        "layer_spend_usd_bn", f"Delivered by all layers in {year}", *whole, "USD bn", "layer_spend_usd_bn", "scenario",
        SIMULATED_QUALITY,
    )  # fmt: skip
    return Headline("forced", "Where the money must go", sentence, (figure,))


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
