"""What companies have said they will spend against what the model has them spend, while guidance lasts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from headrace._types import Figure, Headline
from headrace.analyses.figures import drawn_figure, span
from headrace.analyses.provenance import values_of_start
from headrace.evidence.history import builder_sum
from headrace.parameters.registry import registry
from headrace.results import recipe
from headrace.variables import PLAYERS


def guidance_check(future: xr.Dataset) -> Headline:
    """Cash capital expenditure of the five over the guided quarters: as guided, and as simulated.

    Guidance on another definition is counted at the builder's share of cash in it over the last four quarters, as the
    parameter ``builder.*.guided_growth`` says.

    Args:
        future: A run; one that starts on a past day is held against what had been announced by then.
    """
    world = recipe(future)
    then = values_of_start(world)
    covered = world["start"]["guided_quarters"] if then else int(registry()["rivalry.guided_quarters"].value)
    quarters = min(covered, future.sizes["quarter"])
    spending = "capital_expenditure_usd_bn"
    if not quarters:
        none = "When the run starts most of the five had given no number for a quarter to come."
        return Headline("guidance", "Guided and simulated", none, ())
    simulated = builder_sum(future, spending).isel(quarter=slice(0, quarters)).sum("quarter").values
    first, last = str(future["quarter"].values[0]), str(future["quarter"].values[quarters - 1])
    growth = {player: _guided_growth(f"builder.{player}.guided_growth", then) for player in PLAYERS}
    filed = future["start_filed_capex_usd_bn"].isel(draw=0)
    low, point, high = (
        sum(float(filed.sel(builder=player)) * (1 + ends[end]) * quarters for player, ends in growth.items())
        for end in range(3)
    )
    own = drawn_figure("simulated_capex", f"Simulated, {first} to {last}", simulated, "USD bn", spending)
    guided = Figure(
        "guided_capex",
        f"Guided, {first} to {last}",
        point,
        low,
        high,
        "USD bn",
        "capital_expenditure_usd_bn",
        "derived",
        "B",
    )
    share_below = float(np.mean(simulated < low))
    if own.median < low:
        verdict = (
            f"the model spends less than guided in {share_below:.0%} of draws: with these priors builders stop where "
            "their band ends"
        )
    elif own.median > high:
        verdict = "the model spends more than companies have guided"
    else:
        verdict = "the two agree within what was guided"
    sentence = (
        f"From {first} to {last} guidance adds up to {span(guided, 0)} USD bn of cash capital expenditure and the "
        f"model to {span(own, 0)}: {verdict}. Priors are not yet calibrated on the past."
    )
    share = (share_below, share_below, share_below)
    below = Figure("below_guidance", "Draws below guidance", *share, "1", spending, own.status, own.quality)
    return Headline("guidance", "Guided and simulated", sentence, (guided, own, below))


def _guided_growth(name: str, then: Mapping[str, tuple[float, float, float]]) -> tuple[float, float, float]:
    """Low, point and high of what a builder announced [1/quarter]."""
    if name in then:
        median, low, high = then[name]
        return low, median, high
    entry = registry()[name]
    return entry.low, entry.value, entry.high
