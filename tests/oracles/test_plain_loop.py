"""Plain loop: the loop against one world written down once more, in plain NumPy, from the documents alone.

Expected: every variable of every quarter agrees to 1e-10, elasticities, which are slopes there, to 1e-6.
Source: docs/model.md and the tables that it names; `plain_loop` beside this file shares no equation with the loop.

Agreement is relative to the value itself or, where that is small, to the variable's largest in that world. Elasticities
are differences here.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np
import pytest

from headrace import ensemble, scenarios
from headrace.changes import FIRST_QUARTER, Changes, changes_of, drawn_values, movable
from headrace.parameters.registry import registry
from headrace.periods import quarter_index
from headrace.service import worlds
from headrace.simulation.paths import stacked_paths
from headrace.simulation.simulate import ELASTICITIES
from headrace.variables import LAYERS, LIMITS, table
from headrace.world import filed_at_start

pytestmark = pytest.mark.xdist_group("laws")

Outputs = Mapping[str, np.ndarray]
Filed = tuple[np.ndarray, np.ndarray]
Futures = Callable[[str], Outputs]
Paths = dict[str, tuple[np.ndarray, np.ndarray]]

HERE = Path(__file__).parent
SEED, DRAWS, QUARTERS = 7, 64, 40
TOLERANCE = 1e-10
SLOPE_TOLERANCE = 1e-6


def loaded(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


plain = loaded("plain_loop", HERE / "plain_loop" / "__init__.py")

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
"""Booms, busts and short lives."""

LEVERS: tuple[dict[str, Any], ...] = (
    {"parameter": "packaging.availability", "value": 0.5, "start": "2027Q1", "end": "2027Q3"},
    {"parameter": "systems.import_duty", "add": 0.3, "start": "first", "end": "2029Q4"},
    {"parameter": "grid.lead_time_quarters", "value": 23.7, "start": "2027Q1"},
    {"parameter": "builder.*.pause_share", "value": 0.5, "start": "2027Q1", "end": "2027Q2"},
    {"parameter": "builder.rest_of_world.ai_capital_expenditure_usd_bn", "multiply": 1.5, "start": "2028Q1"},
    {"parameter": "national.bonus_depreciation_share", "value": 0.2, "start": "2027Q1", "end": "2030Q2"},
    {"parameter": "rivalry.loss_aversion", "value": 1.0, "start": "2029Q1", "end": "2030Q4"},
    {"parameter": "funding.investor_sensitivity", "value": 1.5, "start": "2026Q4"},
    {"parameter": "funding.debt_room_factor", "value": 0.1, "start": "2027Q3", "end": "2028Q2"},
    {"parameter": "demand.efficiency", "multiply": 3, "start": "2028Q1"},
    {"parameter": "finance.it_economic_life_quarters", "multiply": 0.6, "start": "2027Q1"},
    {"parameter": "region.virginia.openness", "value": 0, "start": "2027Q1", "end": "2028Q4"},
    {"parameter": "region.europe.policy_weight", "value": 4, "start": "2027Q3"},
    {"parameter": "market.log_multiple_shift", "value": -0.4, "start": "2028Q2", "end": "2028Q3"},
)
"""Levers of shipped scenarios, in quarters that overlap."""

RUNS: dict[str, tuple[dict[str, float], tuple[dict[str, Any], ...], tuple[int, ...]]] = {
    "baseline": ({}, (), (0, 2, 3, 10, 18, 46)),
    "extreme": (EXTREME, (), (1, 25, 45)),
    "collapse": (EXTREME | {"systems.scarcity_elasticity": 2.0}, (), (0, 1, 17, 20)),
    "levers": ({}, LEVERS, (0, 5, 19, 41)),
}
"""Settings and dated changes of a run, and the draws that are held against the plain loop."""


@pytest.fixture(scope="module", autouse=True)
def strict_numerics() -> Iterator[None]:
    """64 bits. The loop puts worlds last and lets leading axes broadcast over them, so ranks may differ here."""
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module")
def filed() -> Filed:
    return filed_at_start(worlds.history())


@pytest.fixture(scope="module")
def futures(filed: Filed) -> Futures:
    """What the loop makes of each of :data:`RUNS`, by name."""
    return cache(lambda run: ran(filed, changed(*RUNS[run][:2])))


def changed(settings: Mapping[str, float], dated: tuple[dict[str, Any], ...] = ()) -> Changes:
    rows = [{"reason": "for the oracle alone", **change} for change in dated]
    page = {"title": "Made up", "dated": "2026-09-30", "summary": "Made up for an oracle.", "changes": rows}
    return changes_of(scenarios.scenario(page), QUARTERS, settings)


def ran(filed: Filed, changes: Changes) -> Outputs:
    return ensemble.run(filed, draws=DRAWS, seed=SEED, quarters=QUARTERS, changes=changes)[0]


def paths_of(dated: tuple[dict[str, Any], ...]) -> Paths:
    """Factor and shift by quarter of every parameter that dated changes move."""
    paths: Paths = {}
    for change in dated:
        start, end = change["start"], change.get("end")
        first = 0 if start == "first" else quarter_index(start) - quarter_index(FIRST_QUARTER)
        last = QUARTERS - 1 if end is None else quarter_index(end) - quarter_index(FIRST_QUARTER)
        for name in registry():
            if fnmatchcase(name, change["parameter"]):
                factor, shift = paths.setdefault(name, (np.ones(QUARTERS), np.zeros(QUARTERS)))
                for quarter in range(first, last + 1):
                    if "value" in change:
                        factor[quarter], shift[quarter] = 0.0, change["value"]
                    factor[quarter] *= change.get("multiply", 1.0)
                    shift[quarter] += change.get("add", 0.0)
    return paths


def plainly_run(filed: Filed, run: str, draw: int, judged: tuple[int, ...] = ()) -> Outputs:
    settings, dated, _ = RUNS[run]
    return plain.world(values_of(Changes(settings), draw), *filed, QUARTERS, paths_of(dated), judged)


def values_of(changes: Changes, draw: int) -> dict[str, float]:
    return {name: float(values[0]) for name, values in drawn_values(SEED, draw, 1, changes).items()}


def off(name: str, loop: np.ndarray, plainly: np.ndarray) -> float:
    """Largest difference of a variable in one world, of the value or the variable's largest, whichever is larger."""
    if table()[name].kind == "code" and name != "world_status":
        loop = np.where(loop < 0, np.nan, loop)
    assert loop.shape == plainly.shape, name
    if not np.array_equal(np.isnan(loop), np.isnan(plainly)):
        return np.inf
    known = ~np.isnan(loop)
    most = max(np.abs(loop[known]).max(initial=0), np.abs(plainly[known]).max(initial=0))
    return float(np.abs(loop - plainly)[known].max(initial=0) / most) if most > 0 else 0.0


def disagreements(outputs: Outputs, draw: int, plainly: Outputs) -> dict[str, float]:
    """By variable, how far the loop and the plain loop are apart, where it is too far."""
    found = {
        name: off(name, np.asarray(outputs[name][draw], float), plainly[name]) for name in table().keys() - ELASTICITIES
    }
    return {name: far for name, far in found.items() if far > TOLERANCE}


@pytest.mark.parametrize("run", RUNS)
def test_every_variable_is_what_plain_arithmetic_makes_of_the_documents(
    run: str, filed: Filed, futures: Futures
) -> None:
    for draw in RUNS[run][2]:
        found = disagreements(futures(run), draw, plainly_run(filed, run, draw))
        assert found == {}, f"draw {draw}"


def test_some_of_these_worlds_end_and_some_hold(futures: Futures) -> None:
    draws = RUNS["collapse"][2]
    status = futures("collapse")["world_status"][list(draws), -1]
    assert 0 < np.count_nonzero(status) < len(draws)


@pytest.mark.parametrize("seed", range(12))
def test_they_agree_at_the_corners_of_what_parameters_may_be(seed: int, filed: Filed) -> None:
    # A backlog that is delivered whole within a quarter shrinks to rounding, and rounding then says when supply stops.
    spared = {"orders.it_normal_lead_time_quarters", "orders.site_normal_lead_time_quarters"}
    random = np.random.default_rng(seed)
    names = random.choice(sorted(registry().keys() - spared), size=30, replace=False)
    held = {str(name): float(random.choice(registry()[name].range)) for name in names}
    outputs = ran(filed, changed(held))
    for draw in (0, 17):
        found = disagreements(outputs, draw, plain.world(values_of(Changes(held), draw), *filed, QUARTERS))
        assert found == {}, held


@pytest.mark.slow
def test_they_agree_when_everything_that_can_move_moves_in_every_quarter(filed: Filed) -> None:
    random = np.random.default_rng(0)
    names = tuple(sorted(movable()))
    factor = random.uniform(0.97, 1.03, (QUARTERS, len(names)))
    shift = np.zeros_like(factor)
    at_rest = [not registry()[name].is_uncertain and registry()[name].value == 0 for name in names]
    shift[:, at_rest] = random.uniform(0, 0.2, (QUARTERS, sum(at_rest)))
    factor[:, names.index("national.bonus_depreciation_share")] = random.uniform(0, 1, QUARTERS)
    outputs = ran(filed, Changes(paths=stacked_paths(names, factor, shift)))
    paths = {name: (factor[:, column], shift[:, column]) for column, name in enumerate(names)}
    for draw in range(0, DRAWS, 8):
        found = disagreements(outputs, draw, plain.world(values_of(Changes(), draw), *filed, QUARTERS, paths))
        assert found == {}, f"draw {draw}"


@pytest.mark.parametrize(("run", "draw"), [("baseline", 11), ("baseline", 19), ("levers", 5)])
def test_elasticities_are_the_central_differences_of_the_plain_loop(
    run: str, draw: int, filed: Filed, futures: Futures
) -> None:
    judged = (0, 7, 20)
    outputs, plainly = futures(run), plainly_run(filed, run, draw, judged)
    for name in ("layer_elasticity", "demand_elasticity", "funding_elasticity"):
        np.testing.assert_allclose(outputs[name][draw, judged], plainly[name], rtol=0, atol=SLOPE_TOLERANCE)
    every = np.column_stack([plainly["layer_elasticity"], plainly["demand_elasticity"], plainly["funding_elasticity"]])
    assert every.shape == (len(judged), len(LIMITS))
    assert np.array_equal(outputs["binding_layer"][draw, judged], np.argmax(every, axis=1))
    assert every[:, : len(LAYERS)].max() > 0.1


@pytest.mark.parametrize("name", ["scarcity.pipeline_weight", "market.reversion", "siting.load_factor"])
def test_a_parameter_that_differs_in_the_ninth_digit_would_be_seen(name: str, filed: Filed, futures: Futures) -> None:
    values = values_of(Changes(), 0)
    values[name] *= 1 + 1e-8
    found = disagreements(futures("baseline"), 0, plain.world(values, *filed, QUARTERS))
    assert found


def test_the_plain_loop_stands_on_none_of_what_it_checks() -> None:
    files = sorted((HERE / "plain_loop").glob("*.py"))
    imported = {
        line for file in files for line in re.findall(r"^(?:from|import) (\S+)", file.read_text("utf-8"), re.MULTILINE)
    }
    assert len(files) > 5
    assert {name for name in imported if name.startswith(("headrace", "jax"))} == {"headrace.variables"}
