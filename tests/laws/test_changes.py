"""Laws of scenarios in the loop: no effect before its cause, nothing changes nothing, a fear that is off is off.

Every run here has a path for whatever a shipped scenario moves, so that one compiled programme serves them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from headrace import ensemble, scenarios
from headrace.changes import Changes, changes_of, drawn_values, movable
from headrace.errors import ParameterError, ScenarioError
from headrace.parameters.registry import registry
from headrace.periods import quarter_range
from headrace.simulation.paths import place
from headrace.variables import BUILDERS, PLAYERS, table

pytestmark = pytest.mark.xdist_group("laws")

DRAWS, QUARTERS = 64, 40
LABELS = quarter_range("2026Q3", QUARTERS)
PLAYING = slice(0, len(PLAYERS))

Outputs = Mapping[str, np.ndarray]
Shocks = tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Future:
    """Outputs, how the start was closed, and what was changed."""

    outputs: Outputs
    closure: Outputs
    changes: Changes

    def __repr__(self) -> str:
        return "a future"


def page(*changes: Mapping[str, Any], name: str = "given") -> scenarios.Scenario:
    rows = [{"reason": "for a law alone", **change} for change in changes]
    summary = {"title": "Made up", "dated": "2026-09-30", "summary": "Made up for a law."}
    return scenarios.scenario({**summary, "name": name, "changes": rows})


@pytest.fixture(scope="module")
def future(filed: tuple[np.ndarray, np.ndarray]) -> Callable[[scenarios.Scenario], Future]:
    """The loop under a scenario, draws 0 .. 63 of seed 7."""

    def under(scenario: scenarios.Scenario) -> Future:
        changes = changes_of(scenario, QUARTERS)
        return Future(*ensemble.run(filed, draws=DRAWS, seed=7, quarters=QUARTERS, changes=changes), changes)

    return under


@pytest.fixture(scope="module")
def resting(future: Callable[[scenarios.Scenario], Future]) -> Future:
    """The baseline: every lever of the library has a path, and none moves."""
    return future(page())


def same(one: Outputs, other: Outputs, quarters: slice = slice(None)) -> list[str]:
    """Outputs that are not the same to the last bit in ``quarters``."""
    assert one.keys() == other.keys()
    return [
        name for name in one if not np.array_equal(one[name][:, quarters], other[name][:, quarters], equal_nan=True)
    ]


def test_the_run_that_moves_everything_moves_every_lever_of_the_library(shocks: Shocks) -> None:
    moved = {place(name)[0] for change in page(*shocks).changes for name in change.names}
    assert moved == changes_of(page(), QUARTERS).paths.keys()


def shocked_from(first: int, shocks: Shocks) -> scenarios.Scenario:
    """All shocks at once, from a quarter on; one of a parameter that several of them hold."""
    by_parameter = {
        change["parameter"]: change for change in shocks if change["parameter"] != "builder.meta.pause_share"
    }
    return page(*({**change, "start": LABELS[first], "end": LABELS[-1]} for change in by_parameter.values()))


@pytest.mark.parametrize("first", [1, 14, 30])
def test_what_changes_at_a_date_changes_nothing_before_it(
    first: int, shocks: Shocks, future: Callable[[scenarios.Scenario], Future]
) -> None:
    # the same levers move in both, so one programme runs both and not even a rounding may differ
    sooner, later = (future(shocked_from(quarter, shocks)) for quarter in (first, QUARTERS - 1))
    assert same(sooner.outputs, later.outputs, slice(0, first)) == []
    assert all(np.array_equal(later.closure[name], values) for name, values in sooner.closure.items())
    assert len(same(sooner.outputs, later.outputs, slice(first, QUARTERS - 1))) > len(table()) / 2


def test_after_a_change_has_ended_its_parameter_is_what_it_was() -> None:
    change = {"parameter": "funding.investor_sensitivity", "value": 3.0, "start": LABELS[3], "end": LABELS[4]}
    path = changes_of(page(change), QUARTERS).paths["funding.investor_sensitivity"]
    assert [float(value) for value in np.asarray(path.factor)[2:6]] == [1, 0, 0, 1]
    assert [float(value) for value in np.asarray(path.shift)[2:6]] == [0, 3, 3, 0]


def test_a_path_that_changes_nothing_is_no_path(filed: tuple[np.ndarray, np.ndarray], resting: Future) -> None:
    # one output of each part of the loop: what takes longest to compile reads no path that these do not
    names = ("active_compute_gw", "net_debt_usd_bn", "scarcity_price", "price_growth", "regional_compute_gw")
    plain, closure = ensemble.run(filed, draws=DRAWS, seed=7, quarters=QUARTERS, wanted=frozenset(names))
    for name in names:
        np.testing.assert_allclose(plain[name], resting.outputs[name], rtol=1e-7, atol=1e-8, err_msg=name)
    for name, values in closure.items():
        np.testing.assert_allclose(values, resting.closure[name], rtol=1e-12, err_msg=name)


def test_holding_what_is_fixed_at_what_it_is_changes_nothing(
    resting: Future, future: Callable[[scenarios.Scenario], Future]
) -> None:
    moved = resting.changes.paths.keys()
    fixed = {name: entry.value for name, entry in registry().items() if not entry.is_uncertain}
    levers = [name for name in fixed if place(name)[0] in moved]
    assert len(levers) > 30
    dated = future(page(*({"parameter": name, "value": fixed[name], "start": "first"} for name in levers)))
    assert same(dated.outputs, resting.outputs) == []
    before, after = (drawn_values(7, 0, DRAWS, Changes(held)) for held in ({}, fixed))
    assert all(np.array_equal(values, after[name]) for name, values in before.items())


def test_holding_all_at_what_one_draw_drew_makes_every_draw_that_one(
    filed: tuple[np.ndarray, np.ndarray], resting: Future
) -> None:
    drawn = drawn_values(7, 0, DRAWS, Changes())
    held = changes_of(page(), QUARTERS, {name: float(values[5]) for name, values in drawn.items()})
    alike = ensemble.run(filed, draws=DRAWS, seed=7, quarters=QUARTERS, changes=held)[0]
    for name, row in table().items():
        if row.kind != "code":
            wanted = np.broadcast_to(resting.outputs[name][5], alike[name].shape)
            np.testing.assert_allclose(alike[name], wanted, rtol=1e-7, atol=1e-8, err_msg=name)


def test_where_the_start_does_not_read_it_always_and_from_the_first_quarter_on_are_one(
    future: Callable[[scenarios.Scenario], Future],
) -> None:
    change = {"parameter": "funding.spread_at_no_debt", "multiply": 3.0}
    always = future(page(change))
    dated = future(page({**change, "start": "first"}))
    for name, row in table().items():
        if row.kind != "code":
            np.testing.assert_allclose(always.outputs[name], dated.outputs[name], rtol=1e-9, atol=1e-9, err_msg=name)


# The four fears, off.


@pytest.fixture(scope="module")
def without(future: Callable[[scenarios.Scenario], Future]) -> Callable[[str], Future]:
    found: dict[str, Future] = {}

    def off(fear: str) -> Future:
        if fear not in found:
            found[fear] = future(scenarios.without([fear]))
        return found[fear]

    return off


@pytest.mark.parametrize("fear", ["corporate", "technological", "investor", "national"])
def test_a_fear_that_is_off_leaves_the_start_and_changes_the_future(
    fear: str, without: Callable[[str], Future], resting: Future
) -> None:
    off = without(fear)
    assert all(np.array_equal(off.closure[name], values) for name, values in resting.closure.items())
    change = np.abs(off.outputs["ai_capital_expenditure_usd_bn"] / resting.outputs["ai_capital_expenditure_usd_bn"] - 1)
    assert np.median(change[:, -1].max(axis=-1)) > 1e-3


def test_without_corporate_fear_no_band_is_left(without: Callable[[str], Future]) -> None:
    outputs, drawn = without("corporate").outputs, drawn_values(7, 0, DRAWS, Changes())
    share = outputs["market_share"][..., PLAYING]
    weight, elasticity = (drawn[f"rivalry.{name}"][:, None, None] for name in ("decisiveness", "pool_elasticity"))
    point = weight * (1 - share) + elasticity * share
    np.testing.assert_allclose(outputs["band_top_ratio"], point.min(axis=-1), rtol=1e-13)
    np.testing.assert_allclose(outputs["band_bottom_ratio"], point.max(axis=-1), rtol=1e-13)


def test_without_technological_fear_gigawatts_alone_win_share(without: Callable[[str], Future]) -> None:
    outputs, drawn = without("technological").outputs, drawn_values(7, 0, DRAWS, Changes())
    weight, speed = (drawn[name][:, None, None] for name in ("rivalry.decisiveness", "demand.share_adjustment"))
    effort = outputs["active_compute_gw"] ** weight
    contest = (effort / effort.sum(axis=-1, keepdims=True))[:, :-1]
    share = outputs["market_share"]
    np.testing.assert_allclose(share[:, 1:], (1 - speed) * share[:, :-1] + speed * contest, rtol=1e-12)
    assert np.ptp(outputs["compute_quality_index"][:, -1], axis=-1).max() > 0.01  # quality itself still differs


def test_without_investor_fear_funding_never_looks_at_the_market(without: Callable[[str], Future]) -> None:
    outputs, drawn = without("investor").outputs, drawn_values(7, 0, DRAWS, Changes())
    assert np.all(outputs["investor_factor"] == 1)
    observed = np.stack([drawn[f"builder.{player}.payout_share"] for player in PLAYERS], axis=-1)
    assert np.all(outputs["payout_share"][..., PLAYING] == observed[:, None])


def test_without_national_fear_states_build_nothing_buy_nothing_and_shield_nothing(
    without: Callable[[str], Future],
) -> None:
    outputs, drawn = without("national").outputs, drawn_values(7, 0, DRAWS, Changes())
    rest = BUILDERS.index("rest_of_world")
    growth = (1 + drawn["builder.rest_of_world.growth"][:, None]) ** np.arange(1, QUARTERS + 1)
    private = drawn["builder.rest_of_world.ai_capital_expenditure_usd_bn"][:, None] * growth
    np.testing.assert_allclose(outputs["planned_ai_capital_expenditure_usd_bn"][..., rest], private, rtol=1e-12)
    spent = outputs["ai_capital_expenditure_usd_bn"][:, 0, PLAYING]
    # nothing is deducted at once and nothing is yet on the books: the first quarter loses the whole shield
    np.testing.assert_allclose(
        outputs["tax_shield_usd_bn"][:, 0], -drawn["funding.cash_tax_rate"][:, None] * spent, rtol=1e-12
    )


# Together.


def test_two_scenarios_together_are_the_same_in_either_order() -> None:
    shipped = [scenario for scenario in scenarios.shipped().values() if scenario.changes]
    agreeing = 0
    for one, other in combinations(shipped, 2):
        both = [order(one, other) for order in (together, lambda a, b: together(b, a))]
        if isinstance(both[0], Changes):
            agreeing += 1
            assert isinstance(both[1], Changes)
            assert both[0].held == both[1].held
            assert both[0].moved == both[1].moved
            assert both[0].paths.keys() == both[1].paths.keys()
            for name, path in both[0].paths.items():
                again = both[1].paths[name]
                assert np.array_equal(path.factor, again.factor), (one.name, other.name, name)
                assert np.array_equal(path.shift, again.shift), (one.name, other.name, name)
        else:
            assert both[0] == both[1], (one.name, other.name)
    assert agreeing > 150


def together(one: scenarios.Scenario, other: scenarios.Scenario) -> Changes | type[Exception]:
    """What both do, or how they are refused."""
    try:
        return changes_of(scenarios.combined([one, other]), QUARTERS)
    except (ScenarioError, ParameterError) as refusal:
        return type(refusal)


def test_every_lever_of_a_shipped_scenario_or_a_fear_can_move() -> None:
    pages = [*scenarios.shipped().values(), scenarios.without(scenarios.fears())]
    assert {name for one in pages for change in one.dated_changes for name in change.names} <= movable()
