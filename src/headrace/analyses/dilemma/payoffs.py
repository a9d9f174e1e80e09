"""Payoffs of strategies, simulated: what each builder's cash is worth under every profile, in every draw.

Nothing about who gains from what is assumed. Draws are the same under every profile, so a difference between two of
them is the strategies' and nothing else's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from itertools import product
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from headrace.changes import drawn_values
from headrace.errors import EndedError, GameError, unknown_name
from headrace.investment.terminal_value import growing_perpetuity
from headrace.simulation.profiles import Played, Today, played, today
from headrace.simulation.strategies import STRATEGIES
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS
from headrace.world import World

WORLDS_TOGETHER = 768
"""Draws × profiles that run together: their working set fits the caches of a small machine."""

MOST_DRAWS_TOGETHER = 256

_TIMES_TOLD = 10

Array = NDArray[np.float64]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Payoffs:
    """What profiles come to; draws in which the loop ends under any of them are left out of all.

    Attributes:
        value_usd_bn: Present value of free cash flow with what is worth at the end, (draw, profile, player).
        spending_value_usd_bn: Present value of capital expenditure, (draw, profile, player).
        spending_usd_bn: Capital expenditure of the first two years, (draw, profile, player).
        ratio: Spend over pool, mean of the first two years, (draw, profile) [1].
        draw: Numbers of the draws kept, (draw,).
        left_out: How many were not.
    """

    value_usd_bn: Array
    spending_value_usd_bn: Array
    spending_usd_bn: Array
    ratio: Array
    draw: NDArray[np.int_]
    left_out: int


def every_profile(strategies: Sequence[str]) -> NDArray[np.int_]:
    """Every way in which the players can choose among ``strategies``: (profile, player), the last player's fastest.

    Raises:
        GameError: No strategy, or one twice.
        UnknownNameError: A strategy that the loop does not have.
    """
    if not strategies:
        raise GameError(f"strategies: none; wanted two or three of {', '.join(STRATEGIES)}")
    if len(set(strategies)) < len(strategies):
        raise GameError(f"strategies are {', '.join(strategies)}; wanted each once")
    for name in strategies:
        if name not in STRATEGIES:
            raise unknown_name("strategy", name, STRATEGIES)
    places = [STRATEGIES.index(name) for name in strategies]
    return np.array(list(product(places, repeat=len(PLAYERS))))


def payoffs(
    world: World,
    choice: NDArray[np.int_],
    level: Array | None = None,
    *,
    terminal_growth: float | None = None,
    progress: Progress | None = None,
) -> Payoffs:
    """What profiles come to in every draw of a World.

    Args:
        world: Its draws, quarters and changes are those of the payoffs.
        choice: Place in :data:`STRATEGIES` by (profile, player); -1 plays as the loop has it.
        level: What the level of a strategy is multiplied by, (profile, player) [1]; 1 when left out.
        terminal_growth: At which free cash flow of the last year goes on for ever [1/year]. When left out, AI compute
            in service at the end runs off over its economic life and nothing more is spent.
        progress: Called with what is going on and the share done.

    Raises:
        InvestmentError: The cost of capital of a draw is not above ``terminal_growth``.
        EndedError: No draw runs to the end under every profile.
    """
    levels = np.ones(choice.shape) if level is None else np.asarray(level, np.float64)
    report = progress or (lambda _text, _share: None)
    values = drawn_values(world.seed, 0, world.draws, world.changes)
    if terminal_growth is not None:
        growing_perpetuity(1.0, values["finance.wacc"], terminal_growth)  # refused before anything runs
    together = _run(world, choice, levels, report)
    rate = values["finance.wacc"]
    after = _worth_at_the_end(together, rate, values["finance.it_economic_life_quarters"], terminal_growth)
    value = together.cash_value_usd_bn + (1 + rate) ** (-world.quarters / QUARTERS_PER_YEAR) * after
    runs: NDArray[np.bool_] = ~np.any(np.asarray(together.ended), axis=0)
    if not runs.any():
        raise EndedError(
            f"none of the {world.draws:,} worlds runs to the end under every profile; ask for fewer quarters than "
            f"{world.quarters}, or a milder scenario"
        )
    return Payoffs(
        value_usd_bn=_draws_first(value, runs),
        spending_value_usd_bn=_draws_first(together.spending_value_usd_bn, runs),
        spending_usd_bn=_draws_first(together.spending_usd_bn, runs),
        ratio=_draws_first(together.ratio, runs),
        draw=np.flatnonzero(runs),
        left_out=int(np.count_nonzero(~runs)),
    )


def race_today(world: World) -> Today:
    """What the race stands at when the run of a World begins; arrays with draws last."""
    with jax.enable_x64(True):
        arrays, filed, _ = world.loop_arguments(0, world.draws)
        found: Today = jax.tree.map(np.asarray, today(arrays, filed))
        return found


def _worth_at_the_end(found: Played, rate: Array, life: Array, growth: float | None) -> Array:
    """At the end of the run [USD bn], (profile, player, draw)."""
    if growth is not None:
        return growing_perpetuity(QUARTERS_PER_YEAR * np.asarray(found.cash_at_end_usd_bn), rate, growth)
    quarterly = (1 + rate) ** (1 / QUARTERS_PER_YEAR) - 1
    return growing_perpetuity(found.margin_at_end_usd_bn, quarterly, -1 / life)


def _run(world: World, choice: NDArray[np.int_], level: Array, report: Progress) -> Played:
    """Blocks of profiles × draws on all cores, put together: (profile, ..., draw)."""
    draws = min(world.draws, MOST_DRAWS_TOGETHER)
    profiles = min(len(choice), max(1, WORLDS_TOGETHER // draws))
    starts = list(product(range(0, len(choice), profiles), range(0, world.draws, draws)))
    by_draws = {first: world.loop_arguments(first, draws) for first in range(0, world.draws, draws)}

    def block(start: tuple[int, int]) -> Played:
        with jax.enable_x64(world.precision == 64):
            rows = np.minimum(np.arange(start[0], start[0] + profiles), len(choice) - 1)
            kind = np.float64 if world.precision == 64 else np.float32
            found = played(*by_draws[start[1]], choice[rows], level[rows].astype(kind), quarters=world.quarters)
            arrays: Played = jax.tree.map(np.asarray, found)
            return arrays

    report("compiling the loop", 0.0)
    parts = [block(starts[0])]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for found in pool.map(block, starts[1:]):
            parts.append(found)
            if len(parts) % max(1, len(starts) // _TIMES_TOLD) == 0:
                report(f"played {len(parts):,} of {len(starts):,} blocks of profiles", len(parts) / len(starts))
    whole: dict[str, Any] = {}
    for field in fields(Played):
        values = [np.asarray(getattr(part, field.name)) for part in parts]
        room = np.empty((len(choice), *values[0].shape[1:-1], world.draws), values[0].dtype)
        for (first_profile, first_draw), part in zip(starts, values, strict=True):
            rows = part[: len(choice) - first_profile, ..., : world.draws - first_draw]
            room[first_profile : first_profile + len(rows), ..., first_draw : first_draw + rows.shape[-1]] = rows
        whole[field.name] = room
    return Played(**whole)


def _draws_first(values: object, runs: NDArray[np.bool_]) -> Array:
    array = np.moveaxis(np.asarray(values, np.float64), -1, 0)[runs]
    return np.ascontiguousarray(array)
