"""Today's spending over the pool that builders expect, beside what theory calls rational, and what it takes to be so.

Three beliefs can carry the same spending: that a lost point of share hurts more than it costs, that the franchises of
today are at stake, and that revenue keeps growing. They trade off, and spending alone cannot tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.dilemma.payoffs import race_today
from headrace.changes import drawn_values
from headrace.variables import BUILDERS
from headrace.world import World

FRANCHISE_AT_STAKE = np.linspace(0.0, 1.0, 11)
"""Part of the franchises' cash flow that builders think they could lose [1]."""

EXPECTED_GROWTH = np.linspace(0.0, 0.36, 13)
"""Growth of compute revenue that builders expect [1/quarter]."""

MOST_AVERSE = 2.5
"""Loss aversion at the end of its prior, beyond most of what has been measured of people."""

Array = NDArray[np.float64]


def spending_today(world: World) -> xr.Dataset:
    """The revealed ratio of spend to pool, the four lines it is held against, and the surface of beliefs.

    Returns:
        By draw: ``spend_to_pool`` as drawn, ``cooperative``, ``nash``, ``break_even`` and ``band_top`` [1]. By draw,
        ``franchise_at_stake`` [1] and ``expected_growth`` [1/quarter]: ``loss_aversion_needed`` [1], the least λ at
        which today's spending lies at or under the top of the band; 1 where no fear is needed.
    """
    known = race_today(world)
    drawn = drawn_values(world.seed, 0, world.draws, world.changes)
    decisiveness, elasticity = drawn["rivalry.decisiveness"], drawn["rivalry.pool_elasticity"]
    horizon = drawn["expectation.horizon_quarters"]
    spending, share = np.asarray(known.spending_usd_bn), np.asarray(known.share)

    def pool(franchise_at_stake: Array, growth: Array) -> Array:
        return np.asarray(
            known.margin_usd_bn * (1 + growth) ** horizon + franchise_at_stake * np.asarray(known.franchise_usd_bn)
        )

    own = spending / pool(drawn["rivalry.franchise_at_stake"], growth_believed(drawn))
    grid = spending / pool(FRANCHISE_AT_STAKE[:, np.newaxis, np.newaxis], EXPECTED_GROWTH[:, np.newaxis])
    others, mine = decisiveness * (1 - share), elasticity * share
    needed = np.max((grid[:, :, np.newaxis] - mine) / others, axis=2)
    top = np.min(drawn["rivalry.loss_aversion"] * others + mine, axis=0)
    contestants = len(BUILDERS)
    one = {"units": "1"}
    variables: dict[str, Any] = {
        "spend_to_pool": ("draw", own, {**one, "long_name": "AI spending over the pool that builders expect"}),
        "cooperative": ("draw", elasticity, {**one, "long_name": "What all together would choose"}),
        "nash": (
            "draw",
            (decisiveness * (contestants - 1) + elasticity) / contestants,
            {**one, "long_name": "Where nobody gains by spending more or less, without fear"},
        ),
        "break_even": ("draw", np.ones(world.draws), {**one, "long_name": "Where the pool is exhausted"}),
        "band_top": ("draw", top, {**one, "long_name": "The most at which nobody cuts, with the fear drawn"}),
        "loss_aversion_needed": (
            ("draw", "franchise_at_stake", "expected_growth"),
            np.maximum(1.0, np.moveaxis(needed, -1, 0)),
            {**one, "long_name": "Least loss aversion that makes today's spending rational"},
        ),
    }
    coordinates = {
        "draw": np.arange(world.draws),
        "franchise_at_stake": ("franchise_at_stake", FRANCHISE_AT_STAKE, {"units": "1"}),
        "expected_growth": ("expected_growth", EXPECTED_GROWTH, {"units": "1/quarter"}),
    }
    return xr.Dataset(variables, coordinates)


def growth_believed(drawn: Mapping[str, Array]) -> Array:
    """Growth of compute revenue that builders expect when the run begins, (draw,) [1/quarter]."""
    return np.clip(
        drawn["expectation.initial_growth"], drawn["expectation.lowest_growth"], drawn["expectation.highest_growth"]
    )
