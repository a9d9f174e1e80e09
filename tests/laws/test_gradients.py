"""Slopes of the loop: finite wherever a prior reaches, and those of the function that is simulated.

Where a rule has a kink, a slope is one of its two, or between them where a world stands on it to the last bit. Worlds
go through in blocks of one size, so that a few compiled programmes serve all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import numpy as np
import pytest

from headrace.changes import Changes, drawn_values
from headrace.parameters.registry import registry
from headrace.simulation.gradients import STOCKS, slopes
from headrace.simulation.paths import Path
from headrace.simulation.simulate import run, simulate
from headrace.simulation.start import FiledStart, opening
from headrace.simulation.state import State
from headrace.simulation.worlds import stacked
from headrace.variables import BUILDERS, GROUPS, PLAYERS, REGIONS

pytestmark = pytest.mark.xdist_group("laws")

BLOCK, QUARTERS, QUARTER = 64, 40, 9
SEED = 11

Draws = dict[str, np.ndarray]
Weights = dict[str, np.ndarray]

COMPUTE = {"active_compute_gw": (len(BUILDERS),)}
SIX = COMPUTE | {
    "capital_expenditure_usd_bn": (len(PLAYERS),),
    "net_debt_usd_bn": (len(PLAYERS),),
    "compute_revenue_usd_bn": (),
    "price_growth": (len(GROUPS),),
    "regional_compute_gw": (len(REGIONS),),
}
"""Outputs with their rows in the loop. Slopes are of the sum over rows in 2028Q4; of prices, of the first row."""


@dataclass(frozen=True)
class Loop:
    """What slopes are taken of: weighted sums of outputs after a quarter, and how worlds are run for them."""

    rows: Mapping[str, tuple[int, ...]]
    filed: FiledStart
    paths: Mapping[str, Path]

    def __repr__(self) -> str:
        return f"the loop with {len(self.rows)} outputs"

    def weights(self, name: str) -> Weights:
        """Weights that pick one number of each world."""
        every = {other: np.zeros((QUARTERS, *rows)) for other, rows in self.rows.items()}
        every[name][QUARTER] = np.arange(*self.rows[name]) == 0 if name == "price_growth" else 1
        return every

    def slopes(self, draws: Draws, name: str) -> tuple[np.ndarray, Draws, Draws]:
        """Value (world,), slope by parameter (world,), slope by stock (*axes, world)."""
        call = partial(slopes, quarters=QUARTERS)
        found = [call(block, self.filed, dict(self.paths), self.weights(name)) for block in blocks(draws)]
        joined = jax.tree.map(lambda *parts: np.concatenate([np.asarray(part) for part in parts], axis=-1), *found)
        return jax.tree.map(lambda values: values[..., : count(draws)], joined)  # type: ignore[no-any-return]

    def values(self, draws: Draws) -> dict[str, np.ndarray]:
        """The same numbers of every output, and how each world stands by then."""
        wanted = frozenset(self.rows) | {"world_status"}
        call = partial(simulate, quarters=QUARTERS, wanted=wanted)
        picked = self._picked(call(stacked(block), self.filed, dict(self.paths))[0] for block in blocks(draws))
        return {name: values[: count(draws)] for name, values in picked.items()}

    def values_from(self, states: Sequence[State], world: Mapping[str, jax.Array]) -> dict[str, np.ndarray]:
        """The same from opened states of BLOCK worlds each."""
        return self._picked(
            from_state(state, world, self.filed, dict(self.paths), frozenset(self.rows)) for state in states
        )

    def _picked(self, runs: Any) -> dict[str, np.ndarray]:
        picked: dict[str, list[np.ndarray]] = {name: [] for name in self.rows}
        for outputs in runs:
            for name in self.rows:
                weight = self.weights(name)[name][QUARTER]
                values = np.asarray(outputs[name])[QUARTER]
                picked[name].append((weight[..., None] * values).reshape(-1, values.shape[-1]).sum(axis=0))
        return {name: np.concatenate(values) for name, values in picked.items()}


from_state = jax.jit(
    lambda state, world, filed, paths, wanted: run(state, world, filed, paths, QUARTERS, wanted), static_argnums=4
)


def count(draws: Draws) -> int:
    return len(draws["adoption.imitation"])


def blocks(draws: Draws) -> list[Draws]:
    """Blocks of BLOCK worlds, the last one filled up with worlds of the first."""
    worlds = count(draws)
    order = np.resize(np.arange(worlds), -(-worlds // BLOCK) * BLOCK)
    return [{name: values[part] for name, values in draws.items()} for part in order.reshape(-1, BLOCK)]


@pytest.fixture(scope="module", params=[COMPUTE, pytest.param(SIX, marks=pytest.mark.slow)], ids=["compute", "six"])
def loop(request: pytest.FixtureRequest, filed: tuple[np.ndarray, np.ndarray], at_rest: Mapping[str, Path]) -> Loop:
    """The loop under one output, or under six of them at once, which takes a minute or two to compile."""
    return Loop(request.param, FiledStart(*filed), at_rest)


def held_one_by_one(end: Callable[[Any], tuple[float, ...]], draw: int = 0) -> tuple[Draws, list[tuple[str, float]]]:
    """One draw, once for each end of each parameter; and what each of the worlds holds."""
    held = [(name, value) for name, entry in registry().items() for value in dict.fromkeys(end(entry))]
    one = drawn_values(SEED, draw, 1, Changes())
    worlds = {name: np.tile(values, len(held)) for name, values in one.items()}
    for world, (name, value) in enumerate(held):
        worlds[name][world] = value
    return worlds, held


def not_finite(found: tuple[np.ndarray, Draws, Draws], runs: np.ndarray) -> set[str]:
    """Names of which a slope is no number in a world that runs."""
    _, by_parameter, by_stock = found
    every = {**by_parameter, **by_stock}
    assert every.keys() == {*registry(), *STOCKS}
    return {name for name, slope in every.items() if not np.isfinite(slope[..., runs]).all()}


@pytest.mark.slow
def test_slopes_are_finite_at_both_ends_of_every_prior(loop: Loop) -> None:
    corners, held = held_one_by_one(lambda entry: (entry.low, entry.high))
    assert len(held) > 800
    for name in loop.rows:
        found = loop.slopes(corners, name)
        assert np.isfinite(found[0]).all(), name
        assert not_finite(found, np.full(len(held), True)) == set(), name


def test_slopes_are_finite_at_both_ends_of_every_range_where_the_world_runs(loop: Loop) -> None:
    corners, _ = held_one_by_one(lambda entry: entry.range)
    for name in loop.rows:
        found = loop.slopes(corners, name)
        runs = np.isfinite(found[0])
        assert runs.mean() > 0.95
        assert not_finite(found, runs) == set(), name


KINKS: dict[str, dict[str, float]] = {
    "no band is left between cutting and raising": {"rivalry.loss_aversion": 1.0},
    "no plan moves": {"rivalry.adjustment_speed": 0.0, "rivalry.fastest_rise": 0.0, "rivalry.fastest_cut": 0.0},
    "whoever can jumps to the target": {"rivalry.adjustment_speed": 1.0, "rivalry.fastest_cut": -1.0},
    "one player plans nothing": {"builder.meta.pause_share": 1.0},
    "all players plan nothing": {f"builder.{player}.pause_share": 1.0 for player in PLAYERS},
    "nobody lends": {"funding.debt_room_factor": 0.0, "funding.debt_limit_headroom": 0.0},
    "everything is paid out": {f"builder.{player}.payout_share": 1.0 for player in PLAYERS},
    "growth is expected at the edge of its clip": {"expectation.lowest_growth": 0.0, "expectation.highest_growth": 0.0},
    "the pool looks nowhere ahead": {"expectation.horizon_quarters": 0.0, "rivalry.franchise_at_stake": 0.0},
    "nothing waits at the start": {"start.unpowered_it_gw": 0.0, "energise.shell_decay": 0.0},
    "stocks are never corrected": {"orders.stock_correction": 0.0, "orders.supply_line_weight": 0.0},
    "stocks are corrected at once": {"orders.stock_correction": 1.0, "orders.supply_line_weight": 1.0},
    "nothing is advanced": {"start.advances_share": 0.0, "orders.progress_rate": 0.0},
    "all is advanced": {"start.advances_share": 0.6, "orders.progress_rate": 1.0},
    "members are all but perfect complements": {"bottleneck.substitution_exponent": 500.0},
    "no region connects": {f"region.{region}.openness": 0.0 for region in REGIONS},
    "no region has a grid": {f"region.{region}.interconnection_share": 0.0 for region in REGIONS},
    "no region is wanted": {f"region.{region}.policy_weight": 0.0 for region in REGIONS},
    "no region has compute": {f"region.{region}.compute_share": 0.0 for region in REGIONS},
    "grid and generation cost the same": {"grid.cost_share": 0.14, "generation.cost_share": 0.14},
    "lead times are whole quarters": {"memory.lead_time_quarters": 8.0, "grid.lead_time_quarters": 24.0},
    "a backlog is its normal lead time": {"start.it_backlog_quarters": 4.0, "orders.it_normal_lead_time_quarters": 4.0},
    "nobody earns": {f"group.{group}.earnings_margin": 0.001 for group in GROUPS},
    "nobody expands": {f"{layer}.{field}": 0.0 for layer in ("memory", "grid") for field in (
        "fastest_growth", "trend_growth", "expansion_response", "growth_under_way", "decay")},
    "nothing is dear": {f"{layer}.scarcity_elasticity": 0.0 for layer in ("memory", "logic", "grid")},
    "gigawatts alone count": {"rivalry.technology_weight": 0.0, "demand.share_adjustment": 0.0},
    "investors watch nothing": {"funding.investor_sensitivity": 0.0},
    "all fears are off": {
        "rivalry.loss_aversion": 1.0, "rivalry.technology_weight": 0.0, "funding.investor_sensitivity": 0.0,
        "national.sovereign_demand_usd_bn": 0.0, "national.procurement_share": 0.0,
        "national.bonus_depreciation_share": 0.0,
    },
}  # fmt: skip
"""Worlds that stand on a kink of a rule, or where a rule has nothing to act on."""


def on_kinks() -> tuple[Draws, list[str]]:
    """Four draws on each of KINKS."""
    worlds = [drawn_values(SEED, 0, 4, Changes(settings)) for settings in KINKS.values()]
    return {name: np.concatenate([one[name] for one in worlds]) for name in registry()}, [
        k for k in KINKS for _ in range(4)
    ]


def test_slopes_are_finite_on_every_kink(loop: Loop) -> None:
    worlds, labels = on_kinks()
    for name in loop.rows:
        found = loop.slopes(worlds, name)
        runs = np.isfinite(found[0])
        ended = {label for label, still in zip(labels, runs, strict=True) if not still}
        assert ended <= MAY_END, name
        assert not_finite(found, runs) == set(), name


MAY_END = {"everything is paid out"}
"""Kinks on which a world may leave the domain within ten quarters."""


STEP = 1e-5
"""Of the size of a number: differences of 64-bit numbers lose half their digits, and a third of them is kept."""


def differ(
    slope: np.ndarray, at: np.ndarray, above: np.ndarray, below: np.ndarray, step: np.ndarray
) -> tuple[Any, Any]:
    """Where a slope is not the central difference; and where it is not even between the two one-sided ones.

    A slope counts as equal where it moves the output by the same over the size of its number: to 1 part in 10,000 of
    the movement, or 1 in ten million of the output.
    """
    size = step / STEP
    allowed = 1e-4 * np.abs(slope) + 1e-7 * np.abs(at) / size
    left, right = (at - below) / step, (above - at) / step
    off = np.abs((left + right) / 2 - slope) > allowed
    outside = (slope < np.minimum(left, right) - allowed) | (slope > np.maximum(left, right) + allowed)
    return off, off & outside


def size_of(name: str, value: float) -> float:
    entry = registry()[name]
    return max(abs(value), 0.01 * (entry.high - entry.low), 0.001 * min(1.0, entry.range[1] - entry.range[0]))


def shifted(worlds: Draws, names: Sequence[str], steps: np.ndarray) -> tuple[Draws, Draws]:
    """Worlds of which number ``n`` has parameter ``names[n]`` a step higher, and lower."""
    moved = [{name: values.copy() for name, values in worlds.items()} for _ in range(2)]
    for world, (name, step) in enumerate(zip(names, steps, strict=True)):
        moved[0][name][world] += step
        moved[1][name][world] -= step
    return moved[0], moved[1]


def compared(loop: Loop, worlds: Draws, names: Sequence[str]) -> dict[str, tuple[float, set[str]]]:
    """By output: share of worlds whose slope for their parameter is the difference, and whose is beyond both sides."""
    steps = np.array([STEP * size_of(name, float(worlds[name][world])) for world, name in enumerate(names)])
    above, below = (loop.values(moved) for moved in shifted(worlds, names, steps))
    found = {}
    for output in loop.rows:
        at, by_parameter, _ = loop.slopes(worlds, output)
        slope = np.array([by_parameter[name][world] for world, name in enumerate(names)])
        runs = np.isfinite(at)
        off, outside = differ(slope[runs], at[runs], above[output][runs], below[output][runs], steps[runs])
        beyond = {name for name, is_beyond in zip(np.array(names)[runs], outside, strict=True) if is_beyond}
        found[output] = (float(1 - off.mean()), beyond)
    return found


def said(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Print for whoever runs the test."""
    with capsys.disabled():
        print(f"\n{text}", end="")


@pytest.mark.parametrize("draw", [0, 1, 2])
def test_slopes_for_every_parameter_are_differences_of_the_same_loop(
    draw: int, loop: Loop, capsys: pytest.CaptureFixture[str]
) -> None:
    names = list(registry())
    worlds = {name: np.tile(values, len(names)) for name, values in drawn_values(SEED, draw, 1, Changes()).items()}
    for output, (share, beyond) in compared(loop, worlds, names).items():
        said(f"draw {draw}, {output}: {share:.2%} of slopes for parameters are central differences", capsys)
        assert share >= 0.95
        assert beyond == set()


def test_slopes_at_the_ends_of_priors_are_differences_too(loop: Loop, capsys: pytest.CaptureFixture[str]) -> None:
    corners, held = held_one_by_one(lambda entry: (entry.low, entry.high), draw=3)
    for output, (share, beyond) in compared(loop, corners, [name for name, _ in held]).items():
        said(f"{output}: {share:.2%} of slopes at the ends of priors are central differences", capsys)
        # a whole number of quarters, no debt to start with, no fear: some ends are kinks
        assert share >= 0.95
        assert beyond == set()


@pytest.mark.parametrize("draw", [0, 1])
def test_slopes_for_every_stock_of_the_start_are_differences_of_the_same_loop(
    draw: int, loop: Loop, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = {name: np.resize(values, BLOCK) for name, values in drawn_values(SEED, draw, 1, Changes()).items()}
    state, world, _ = opened(stacked(drawn), loop.filed)
    numbers = [(name, place) for name in STOCKS for place in np.ndindex(getattr(state, name).shape[:-1])]
    assert len(numbers) > 400
    sizes = {name: max(float(np.abs(getattr(state, name)).max()), 1.0) for name in STOCKS}
    steps = np.array([STEP * max(float(np.abs(getattr(state, n)[p][0])), 0.01 * sizes[n]) for n, p in numbers])
    above, below = (loop.values_from(with_each(state, numbers, sign * steps), world) for sign in (1, -1))
    for output in loop.rows:
        at, _, by_stock = loop.slopes({name: values[:1] for name, values in drawn.items()}, output)
        slope = np.array([by_stock[name][(*place, 0)] for name, place in numbers])
        ends = (values[output][: len(numbers)] for values in (above, below))
        off, outside = differ(slope, np.full(len(numbers), at[0]), *ends, steps)
        said(f"draw {draw}, {output}: {1 - off.mean():.2%} of slopes for stocks are central differences", capsys)
        assert off.mean() <= 0.05
        assert {numbers[n] for n in np.flatnonzero(outside)} == set()


opened = jax.jit(opening)


def with_each(state: State, numbers: Sequence[tuple[str, tuple[int, ...]]], steps: np.ndarray) -> list[State]:
    """Blocks of worlds of which each has one number of the state moved by its step."""
    found = []
    for first in range(0, len(numbers), BLOCK):
        arrays = {name: np.array(getattr(state, name)) for name in STOCKS}
        for world, (name, place) in enumerate(numbers[first : first + BLOCK]):
            arrays[name][(*place, world)] += steps[first + world]
        found.append(replace(state, **arrays))
    return found


def test_the_distance_to_hard_minima_is_stated(loop: Loop, capsys: pytest.CaptureFixture[str]) -> None:
    draws = drawn_values(SEED, 0, BLOCK, Changes())
    exponent = registry()["bottleneck.substitution_exponent"]
    hard = {**draws, exponent.name: np.full(BLOCK, exponent.range[1])}
    smooth_values, hard_values = loop.values(draws), loop.values(hard)
    for name in loop.rows:
        gap = hard_values[name] / smooth_values[name] - 1
        low, middle, high = np.quantile(gap, [0.05, 0.5, 0.95])
        said(f"{name}: hard minima would give {middle:+.2%} [{low:+.2%} to {high:+.2%}]", capsys)
        assert np.isfinite(gap).all()
    assert 0 < np.median(hard_values["active_compute_gw"] / smooth_values["active_compute_gw"] - 1) < 0.02


def test_a_world_that_has_ended_has_no_slope(loop: Loop) -> None:
    draws = drawn_values(SEED, 0, BLOCK, Changes({"funding.insolvency_years": 1.0}))
    # with one year of cash flow as the most that a borrower may owe, some worlds end at once
    wanted = frozenset(loop.rows) | {"world_status"}
    outputs = simulate(stacked(draws), loop.filed, dict(loop.paths), quarters=QUARTERS, wanted=wanted)[0]
    ended = np.asarray(outputs["world_status"])[QUARTER] > 0
    assert ended.any()
    value, by_parameter, by_stock = loop.slopes(draws, "active_compute_gw")
    for slope in (value, *by_parameter.values(), *by_stock.values()):
        assert np.array_equal(np.isnan(slope), np.broadcast_to(ended, slope.shape))
