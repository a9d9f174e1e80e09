"""Dated changes stand in the quarters they name, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.errors import ScenarioError
from headrace.scenarios import Schedule, names, scenario, schedule

FIRST, QUARTERS = "2026Q3", 6


def of(*changes: dict[str, object]) -> Schedule:
    rows = [{"reason": "for this test alone", **change} for change in changes]
    page = {"title": "Made up", "dated": "2026-09-30", "summary": "Made up for a test.", "changes": rows}
    return schedule(scenario(page), FIRST, QUARTERS)


def test_a_value_is_held_from_its_first_to_its_last_quarter() -> None:
    made = of({"parameter": "logic.availability", "value": 0.5, "start": "2026Q4", "end": "2027Q2"})
    assert made.names == ("logic.availability",)
    np.testing.assert_array_equal(made.held[:, 0], [np.nan, 0.5, 0.5, 0.5, np.nan, np.nan])
    np.testing.assert_array_equal(made.factor[:, 0], np.ones(QUARTERS))
    np.testing.assert_array_equal(made.shift[:, 0], np.zeros(QUARTERS))


def test_factors_multiply_and_sums_add_where_they_overlap() -> None:
    made = of(
        {"parameter": "adoption.imitation", "multiply": 0.5, "start": "2026Q4"},
        {"parameter": "adoption.imitation", "multiply": 0.8, "start": "2027Q1", "end": "2027Q1"},
        {"parameter": "adoption.imitation", "add": 0.01, "end": "2026Q4"},
        {"parameter": "adoption.imitation", "add": 0.02, "start": "first", "end": "2026Q3"},
    )
    np.testing.assert_allclose(made.factor[:, 0], [1, 0.5, 0.4, 0.5, 0.5, 0.5])
    np.testing.assert_allclose(made.shift[:, 0], [0.03, 0.01, 0, 0, 0, 0])
    assert np.isnan(made.held).all()


def test_a_pattern_has_a_column_for_each_parameter() -> None:
    made = of({"parameter": "builder.*.pause_share", "value": 1.0, "start": "first"})
    assert len(made.names) == 5
    np.testing.assert_array_equal(made.held, np.ones((QUARTERS, 5)))


def test_an_end_after_the_run_is_cut_off() -> None:
    made = of({"parameter": "logic.availability", "value": 0.5, "start": "2027Q4", "end": "2040Q1"})
    np.testing.assert_array_equal(made.held[:, 0], [np.nan] * 5 + [0.5])


def test_undated_changes_are_no_part_of_it() -> None:
    made = of({"parameter": "logic.availability", "value": 0.5})
    assert made.names == ()
    assert made.held.shape == (QUARTERS, 0)


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ({"start": "2026Q2"}, "starts in 2026Q2, before the run from 2026Q3 to 2027Q4; choose 2026Q3 or later"),
        ({"end": "2026Q2"}, "ends in 2026Q2, before the run"),
        ({"start": "2028Q1"}, "starts in 2028Q1, after the run from 2026Q3 to 2027Q4; --quarters 7 would reach it"),
        ({"start": "2030Q2", "end": "2031Q4"}, "--quarters 16 would reach it"),
    ],
)
def test_a_change_outside_the_run_is_refused(dates: dict[str, object], said: str) -> None:
    with pytest.raises(ScenarioError, match=f'given, change 1: "logic.availability" .*{said}'):
        of({"parameter": "logic.availability", "value": 0.5, **dates})


def test_the_quarters_that_a_refusal_names_are_enough() -> None:
    chosen = scenario("bonus_depreciation_ends")
    with pytest.raises(ScenarioError, match="--quarters 3 would reach it"):
        schedule(chosen, FIRST, 2)
    assert schedule(chosen, FIRST, 19).names == ("national.bonus_depreciation_share",)


@pytest.mark.parametrize("name", names())
def test_every_shipped_scenario_fits_a_run_of_ten_years(name: str) -> None:
    made = schedule(scenario(name), FIRST, 40)
    assert bool(made.names) == (name != "baseline")
