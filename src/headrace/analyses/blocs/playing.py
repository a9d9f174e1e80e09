"""Every profile, run on the same draws: what it is worth to each bloc and everyone else, and where each then stands."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headrace import ensemble
from headrace.analyses.blocs import given as beyond_the_loop
from headrace.analyses.blocs.account import PARTS, account
from headrace.analyses.blocs.ownership import Owned, ownership
from headrace.analyses.blocs.profiles import Play, changes_under, terms_of
from headrace.changes import drawn_values
from headrace.errors import EndedError
from headrace.world import World

READ = frozenset(
    {
        "active_compute_gw",
        "ai_capital_expenditure_usd_bn",
        "compute_margin_usd_bn",
        "compute_price_usd_bn_per_gw_quarter",
        "compute_quality_index",
        "compute_revenue_usd_bn",
        "energised_gw",
        "frontier_quality_index",
        "group_earnings_usd_bn",
        "it_backlog_gw",
        "it_orders_gw",
        "planned_ai_capital_expenditure_usd_bn",
        "regional_energised_gw",
        "world_status",
    }
)
"""Outputs of the loop that accounts are made from."""

_TIMES_TOLD = 10
Array = NDArray[np.float64]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Played:
    """What profiles come to; draws in which the loop ends under any of them are left out of all.

    Attributes:
        value_usd_bn: Present value by draw, profile, party (the blocs and then everyone else) and part.
        points: Share in the world's quality-weighted compute, mean of the run, by draw, profile and party
            [points of 100].
        draw: Numbers of the draws kept, (draw,).
        left_out: How many were not.
    """

    value_usd_bn: Array
    points: Array
    draw: NDArray[np.int_]
    left_out: int


def played(world: World, play: Play, settings: Mapping[str, float], progress: Progress | None = None) -> Played:
    """Run every profile of a game.

    Args:
        world: Its draws, quarters and changes.
        play: Who plays, and what they can do.
        settings: Parameters of the accounts held at a value.
        progress: Called with what is going on and the share done.

    Raises:
        ScenarioError: A move contradicts the scenario of the World, or falls outside the run.
        EndedError: No draw runs to the end under every profile.
    """
    report = progress or (lambda _text, _share: None)
    profiles = play.profiles
    runs = [(changes_under(world, play, profile), profile) for profile in profiles]
    drawn = drawn_values(world.seed, 0, world.draws, world.changes)
    given = beyond_the_loop.drawn(world.seed, world.draws, settings)
    names = list(play.blocs)
    owner_share = beyond_the_loop.shares(given, names, "owner_share")
    value = np.empty((world.draws, len(profiles), len(names) + 1, len(PARTS)))
    points = np.empty(value.shape[:-1])
    ended = np.zeros(world.draws, dtype=bool)

    def one(number: int) -> NDArray[np.bool_]:
        changes, profile = runs[number]
        outputs, _ = ensemble.run(
            world.filed, draws=world.draws, seed=world.seed, quarters=world.quarters, changes=changes, wanted=READ,
            precision=world.precision,
        )  # fmt: skip
        terms = terms_of(world, play, profile)
        growth, life = drawn["builder.rest_of_world.growth"], drawn["finance.it_economic_life_quarters"]
        with np.errstate(invalid="ignore", divide="ignore"):  # draws that ended, left out below
            owned = ownership(outputs, names, owner_share, terms, growth, life)
            value[:, number] = account(outputs, play.blocs, owned, terms, given, drawn)
        points[:, number] = _points(owned)
        return np.asarray((outputs["world_status"] != 0).any(axis=1))

    report("compiling the loop", 0.0)
    ended |= one(0)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for number, found in enumerate(pool.map(one, range(1, len(profiles))), start=2):
            ended |= found
            if number % max(1, len(profiles) // _TIMES_TOLD) == 0:
                report(f"played {number} of {len(profiles)} profiles", number / len(profiles))
    kept = np.flatnonzero(~ended)
    if not len(kept):
        raise EndedError(
            f"none of the {world.draws:,} worlds runs to the end under every profile; ask for fewer quarters than "
            f"{world.quarters}, or a milder scenario"
        )
    return Played(value[kept], points[kept], kept, int(ended.sum()))


def _points(owned: Owned) -> Array:
    """Share of each party, mean of the run, (draw, party) [points of 100]."""
    return np.asarray(100 * owned.share.mean(axis=0).T)
