"""Four runs that every law is held against: the baseline in both precisions, one with settings far from it, and one in
which every lever moves at a date.

A run keeps what the loop was given and what it gave, worlds first, so that a law is one line of arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest

from headrace.changes import Changes
from headrace.simulation.paths import Path

DRAWS, QUARTERS = 64, 40

EXTREME = {
    "adoption.imitation": 0.6,
    "bottleneck.substitution_exponent": 4.0,
    "energise.shell_decay": 0.1,
    "finance.it_economic_life_quarters": 6.0,
    "memory.lead_time_quarters": 23.5,
    "orders.progress_rate": 0.9,
    "orders.stock_correction": 0.9,
    "orders.supply_line_weight": 0.0,
    "rivalry.adjustment_speed": 0.9,
    "rivalry.fastest_cut": -0.6,
    "rivalry.fastest_rise": 0.6,
    "rivalry.loss_aversion": 4.0,
    "systems.scarcity_elasticity": 0.5,
}
"""Booms, busts, forgotten orders and short lives at once."""

COLLAPSE = EXTREME | {"systems.scarcity_elasticity": 2.0}
"""And prices that fall by half and more while what was advanced on them was dear."""

SHOCKS: tuple[dict[str, Any], ...] = (
    {"parameter": "rivalry.loss_aversion", "value": 1.2, "start": "2027Q3", "end": "2029Q2"},
    {"parameter": "rivalry.technology_weight", "value": 0.0, "start": "2028Q1", "end": "2028Q4"},
    {"parameter": "builder.*.pause_share", "value": 0.5, "start": "2029Q1", "end": "2029Q2"},
    {"parameter": "builder.meta.pause_share", "value": 1.0, "start": "2030Q1", "end": "2031Q4"},
    {"parameter": "builder.rest_of_world.ai_capital_expenditure_usd_bn", "multiply": 1.5, "start": "2028Q1"},
    {"parameter": "national.sovereign_demand_usd_bn", "add": 10, "start": "2027Q1"},
    {"parameter": "national.procurement_share", "value": 0.3, "start": "2028Q1", "end": "2030Q4"},
    {"parameter": "national.bonus_depreciation_share", "value": 0.2, "start": "2027Q1", "end": "2030Q2"},
    {"parameter": "funding.investor_sensitivity", "value": 1.5, "start": "2026Q4"},
    {"parameter": "funding.spread_at_no_debt", "add": 0.03, "start": "2027Q1", "end": "2029Q4"},
    {"parameter": "funding.debt_room_factor", "value": 0.3, "start": "2027Q3", "end": "2028Q2"},
    {"parameter": "builder.oracle.at_the_market_usd_bn", "add": 2, "start": "first"},
    {"parameter": "*.availability", "multiply": 0.6, "start": "2027Q2", "end": "2027Q4"},
    {"parameter": "*.import_duty", "value": 0.3, "start": "2026Q4", "end": "2031Q2"},
    {"parameter": "memory.lead_time_quarters", "value": 2.5, "start": "2029Q1"},
    {"parameter": "grid.lead_time_quarters", "value": 24, "start": "2028Q3"},
    {"parameter": "*.expansion_response", "multiply": 2, "start": "2029Q1"},
    {"parameter": "demand.efficiency", "multiply": 3, "start": "2028Q1"},
    {"parameter": "energise.frontier_quality_factor", "multiply": 0.6, "start": "2027Q1", "end": "2028Q4"},
    {"parameter": "adoption.imitation", "multiply": 0.7, "start": "2027Q2", "end": "2029Q1"},
    {"parameter": "finance.it_economic_life_quarters", "multiply": 0.6, "start": "2027Q1"},
    {"parameter": "region.virginia.openness", "value": 0, "start": "2027Q1", "end": "2028Q4"},
    {"parameter": "region.europe.policy_weight", "value": 4, "start": "2027Q3"},
    {"parameter": "siting.power_usage_effectiveness", "multiply": 1.1, "start": "2029Q3"},
    {"parameter": "market.log_multiple_shift", "value": -0.4, "start": "2028Q2", "end": "2028Q3"},
)
"""Every lever that a shipped scenario or a fear moves, in quarters that overlap."""


@pytest.fixture(scope="module", autouse=True)
def strict_numerics() -> Iterator[None]:
    """64 bits. The loop puts worlds last and lets leading axes broadcast over them, so ranks may differ here."""
    import jax

    with jax.enable_x64(True):
        yield


@dataclass(frozen=True)
class Run:
    """One call of the loop.

    Attributes:
        outputs: By variable name, (draw, quarter, *axes), in 64 bits whatever the loop computed in.
        opening: State before the first quarter by field, (draw, *axes).
        world: Parameters and what the start fixed, (draw, *axes).
        paths: Factor and shift of what moves, (quarter, *axes).
        eps: Spacing of numbers near one in the precision of the loop.
    """

    outputs: Mapping[str, np.ndarray]
    opening: Mapping[str, np.ndarray]
    world: Mapping[str, np.ndarray]
    paths: Mapping[str, tuple[np.ndarray, np.ndarray]]
    eps: float

    def __repr__(self) -> str:
        return f"a run with a rounding of {self.eps:.1g}"

    def before(self, name: str) -> np.ndarray:
        """A stock of ``outputs`` at the start of each quarter."""
        return np.concatenate([self.opening[name][:, None], self.outputs[name][:, :-1]], axis=1)

    def parameter(self, name: str, axes: int = 0) -> np.ndarray:
        """A parameter of each draw and quarter, ready to meet (draw, quarter) and ``axes`` more axes."""
        values = self.world[name][:, None]
        if name in self.paths:
            factor, shift = self.paths[name]
            values = factor[None] * values + shift[None]
        return values if self.world[name].ndim > 1 else values.reshape(*values.shape, *[1] * axes)

    def holds(self, *flows: np.ndarray, change: np.ndarray | None = None, stock: np.ndarray | None = None) -> None:
        """Assert that ``flows`` sum to ``change``, the change of a ``stock``, within 64 roundings of gross flows.

        In the first quarter the stock before comes from a second compilation of the start: its rounding is added.
        """
        allowed = 64 * self.eps * sum(np.abs(flow) for flow in flows)
        error = sum(flows[1:], start=flows[0]) - (0 if change is None else change)
        if stock is not None:
            allowed[:, 0] += 64 * self.eps * np.abs(stock[:, 0])
        worst = np.max(np.abs(error) - allowed)
        assert worst <= 0, f"off by {np.abs(error).max():.3g}, {np.nanmax(np.abs(error) / allowed) * 64:.0f} roundings"


@pytest.fixture(scope="session")
def filed() -> tuple[np.ndarray, np.ndarray]:
    from headrace.service import history
    from headrace.world import filed_at_start

    capex, cash_flow = filed_at_start(history())
    return capex, cash_flow


@pytest.fixture(scope="session", params=["baseline", "baseline in 32 bits", "extreme", "shocked"])
def run(request: pytest.FixtureRequest, filed: tuple[np.ndarray, np.ndarray]) -> Run:
    """Each of the four runs in turn."""
    page, settings = SHOCKS if request.param == "shocked" else (), EXTREME if request.param == "extreme" else {}
    return run_of(filed, under(page, settings), 32 if "32" in request.param else 64)


@pytest.fixture(scope="session")
def shocks() -> tuple[dict[str, Any], ...]:
    """Changes that move every lever of the library."""
    return SHOCKS


@pytest.fixture(scope="session")
def baseline(filed: tuple[np.ndarray, np.ndarray]) -> Run:
    return run_of(filed, under(), 64)


@pytest.fixture(scope="session")
def collapse(filed: tuple[np.ndarray, np.ndarray]) -> Run:
    return run_of(filed, under(settings=COLLAPSE), 64)


@pytest.fixture(scope="session")
def at_rest() -> Mapping[str, Path]:
    """A path for every lever of the library that moves nothing: with it a run shares the programme of all others."""
    return under().paths


def under(page: tuple[dict[str, Any], ...] = (), settings: Mapping[str, float] | None = None) -> Changes:
    """What the changes of a page and settings do."""
    from headrace import scenarios
    from headrace.changes import changes_of

    rows = [{"reason": "for the laws alone", **change} for change in page]
    document = {"title": "Made up", "dated": "2026-09-30", "summary": "Made up for a law.", "changes": rows}
    return changes_of(scenarios.scenario(document), QUARTERS, settings)


def run_of(filed: tuple[np.ndarray, np.ndarray], changes: Changes, precision: Literal[32, 64]) -> Run:
    """The loop on draws 0 .. 63 of seed 7."""
    import jax

    from headrace.changes import drawn_values
    from headrace.simulation.simulate import simulate
    from headrace.simulation.start import FiledStart, opening
    from headrace.simulation.worlds import stacked

    kind = np.float32 if precision == 32 else np.float64
    with jax.enable_x64(precision == 64):
        given = stacked(drawn_values(7, 0, DRAWS, changes)), FiledStart(*filed), dict(changes.paths)
        arrays, known, paths = jax.tree.map(lambda values: np.asarray(values, kind), given)
        outputs, _ = simulate(arrays, known, paths, quarters=QUARTERS)
        state, world, _ = jax.jit(opening)(arrays, known)
        return Run(
            {name: world_first(values) for name, values in outputs.items()},
            {name: world_first(values) for name, values in vars(state).items()},
            {name: world_first(values) for name, values in world.items()},
            {name: (path.factor.astype(np.float64), path.shift.astype(np.float64)) for name, path in paths.items()},
            float(np.finfo(kind).eps),
        )


def world_first(values: Any) -> np.ndarray:
    return np.moveaxis(np.asarray(values, np.float64), -1, 0)
