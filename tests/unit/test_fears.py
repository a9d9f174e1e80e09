"""The four fears are switches with off values that every reader can look up."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.errors import ScenarioError, UnknownNameError
from headrace.parameters.registry import registry
from headrace.scenarios import combined, fears, scenario, schedule, without


def test_there_are_four_and_each_says_what_it_means() -> None:
    assert list(fears()) == ["corporate", "technological", "investor", "national"]
    assert all(fear.meaning.endswith(".") and fear.label.endswith("fear") and fear.off for fear in fears().values())


def test_off_values_are_inside_the_ranges_and_differ_from_the_values_in_use() -> None:
    table = registry()
    for fear in fears().values():
        for name, value in fear.off.items():
            floor, ceiling = table[name].range
            assert floor <= value <= ceiling
            assert value != table[name].value, name


def test_a_fear_is_off_from_the_first_quarter_to_the_last() -> None:
    made = schedule(without(["corporate"]), "2026Q3", 5)
    assert made.names == ("rivalry.loss_aversion",)
    np.testing.assert_array_equal(made.held[:, 0], np.ones(5))


def test_the_start_is_left_alone() -> None:
    everything = without(fears())
    assert everything.settings == {}
    assert everything.moved == {}
    assert {name for change in everything.dated_changes for name in change.names} == {
        name for fear in fears().values() for name in fear.off
    }


def test_a_fear_named_twice_counts_once() -> None:
    assert without(["investor", "investor"]) == without(["investor"])


def test_an_unknown_fear_is_answered_with_near_matches() -> None:
    with pytest.raises(UnknownNameError, match="unknown fear 'invester'; did you mean investor"):
        without(["invester"])


def test_a_fear_that_is_off_contradicts_a_scenario_that_lives_on_it() -> None:
    with pytest.raises(ScenarioError, match=r"sovereign_programme.toml, change 1, and without national, contradict"):
        combined([scenario("sovereign_programme"), without(["national"])])


def test_a_fear_that_is_off_contradicts_a_step_on_the_way_there() -> None:
    with pytest.raises(ScenarioError, match=r"national\.bonus_depreciation_share"):
        combined([scenario("bonus_depreciation_ends"), without(["national"])])
