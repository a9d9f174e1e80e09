"""What a scenario and settings do together: who goes first, what is refused, what a draw becomes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from headrace import scenarios
from headrace.changes import FIRST_QUARTER, Changes, changes_of, drawn_values
from headrace.errors import ParameterError, ScenarioError, UnknownNameError

IMITATION = "adoption.imitation"


def page(*changes: dict[str, Any]) -> scenarios.Scenario:
    rows = [{"reason": "for this test alone", **change} for change in changes]
    return scenarios.scenario(
        {"title": "Made up", "dated": "2026-09-30", "summary": "Made up for a test.", "changes": rows}
    )


def test_the_first_quarter_follows_the_last_filed_one() -> None:
    assert FIRST_QUARTER == "2026Q3"


def test_a_setting_goes_before_what_a_scenario_holds_or_moves_before_the_start() -> None:
    done = changes_of(
        page({"parameter": IMITATION, "multiply": 0.5}, {"parameter": "finance.wacc", "value": 0.1}),
        4,
        {IMITATION: 0.2, "finance.wacc": 0.12},
    )
    assert done.held == {IMITATION: 0.2, "finance.wacc": 0.12}
    assert done.moved == {}


def test_a_dated_change_acts_on_a_setting() -> None:
    done = changes_of(page({"parameter": IMITATION, "multiply": 0.5, "start": "2026Q4"}), 3, {IMITATION: 0.2})
    path = done.paths[IMITATION]
    assert done.held == {IMITATION: 0.2}
    assert np.asarray(path.factor).tolist() == [1, 0.5, 0.5]


def test_what_is_held_at_a_date_forgets_its_draw() -> None:
    path = changes_of(page({"parameter": IMITATION, "value": 0.2, "start": "2026Q4", "end": "2026Q4"}), 3).paths[
        IMITATION
    ]
    assert np.asarray(path.factor).tolist() == [1, 0, 1]
    assert np.asarray(path.shift).tolist() == [0, 0.2, 0]


def test_a_change_that_goes_on_after_the_run_fills_it() -> None:
    path = changes_of(page({"parameter": IMITATION, "multiply": 0.5, "start": "2026Q4", "end": "2199Q4"}), 3).paths[
        IMITATION
    ]
    assert np.asarray(path.factor).tolist() == [1, 0.5, 0.5]


def test_moved_draws_are_taken_times_a_factor_plus_a_sum() -> None:
    plain, moved = (drawn_values(7, 3, 5, Changes(moved=how)) for how in ({}, {IMITATION: (0.5, 0.01)}))
    np.testing.assert_array_equal(moved[IMITATION], 0.5 * plain[IMITATION] + 0.01)
    assert all(np.array_equal(values, plain[name]) for name, values in moved.items() if name != IMITATION)


def test_held_draws_are_one_value_and_leave_the_others_as_they_were() -> None:
    plain, held = (drawn_values(7, 3, 5, Changes(how)) for how in ({}, {IMITATION: 0.2}))
    assert held[IMITATION].tolist() == [0.2] * 5
    assert all(np.array_equal(values, plain[name]) for name, values in held.items() if name != IMITATION)


@pytest.mark.parametrize(
    ("change", "setting", "said"),
    [
        ({"multiply": 2.0, "start": "2027Q1"}, 0.5, "= 0.5 becomes 1 in 2027Q1 under the scenario"),
        ({"add": 0.2, "start": "first"}, 0.45, "= 0.45 becomes 0.65 in 2026Q3 under the scenario"),
        ({"add": -0.05, "start": "2026Q4", "end": "2026Q4"}, 0.01, "= 0.01 becomes -0.04 in 2026Q4"),
    ],
)
def test_a_setting_that_a_scenario_takes_out_of_the_range_is_refused(
    change: dict[str, Any], setting: float, said: str
) -> None:
    scenario = page({"parameter": IMITATION, **change})
    with pytest.raises(ParameterError) as fault:
        changes_of(scenario, 8, {IMITATION: setting})
    assert str(fault.value).startswith(f'settings: "{IMITATION}" {said}')
    assert "outside its range 0 to 0.6 [1/quarter]" in str(fault.value)


def test_a_setting_that_a_dated_value_replaces_is_judged_by_the_value() -> None:
    held = page({"parameter": IMITATION, "value": 0.1, "start": "2027Q1"})
    assert changes_of(held, 8, {IMITATION: 0.6}).held == {IMITATION: 0.6}


@pytest.mark.parametrize("value", [None, [0.1, 0.2], "low", object()], ids=["None", "list", "word", "object"])
def test_a_setting_that_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(
        ParameterError, match=rf'settings: "{IMITATION}" = .* is no number; wanted one inside its range'
    ):
        changes_of(page(), 4, {IMITATION: value})


def test_a_setting_for_what_does_not_exist_is_answered_with_near_matches() -> None:
    with pytest.raises(
        UnknownNameError, match=r"settings: unknown parameter 'adoption.imitaton'; did you mean adoption"
    ):
        changes_of(page(), 4, {"adoption.imitaton": 0.1})


def test_a_date_on_what_the_start_alone_reads_is_refused_and_says_why() -> None:
    change = {"parameter": "memory.capacity_stacks_per_quarter", "multiply": 0.5, "start": "2027Q1"}
    with pytest.raises(ScenarioError) as fault:
        changes_of(page(change), 8)
    said = str(fault.value)
    assert said.startswith(
        'given, change 1: "memory.capacity_stacks_per_quarter" is read only when the start is solved'
    )
    assert "a change from 2027Q1 on would do nothing; leave start and end out" in said


def test_the_same_levers_have_paths_whatever_the_scenario() -> None:
    every = [changes_of(scenario, 40).paths.keys() for scenario in scenarios.shipped().values()]
    assert all(levers == every[0] for levers in every)
    assert len(every[0]) > 20
