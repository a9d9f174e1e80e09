"""What cannot mean anything never reaches the loop: it is refused with the range, the reason and the place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from headrace import ensemble, service
from headrace.errors import ParameterError, RequestError, ScenarioError
from headrace.parameters.registry import checked_value, registry
from headrace.parameters.schema import Parameter
from headrace.variables import LAYERS

EVERY = list(registry().values())


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test here fails if the loop is reached."""

    def reached(*_: object, **__: object) -> None:
        raise AssertionError("the loop was reached")

    monkeypatch.setattr(ensemble, "run", reached)


def refusal(error: type[Exception], **request: Any) -> str:
    with pytest.raises(error) as fault:
        service.simulate(draws=2, **request)
    return str(fault.value)


def page(*changes: dict[str, Any]) -> dict[str, Any]:
    rows = [{"reason": "for this test alone", **change} for change in changes]
    return {"title": "Made up", "dated": "2026-09-30", "summary": "Made up for a test.", "changes": rows}


def beyond(entry: Parameter) -> list[float]:
    """The nearest numbers outside the range, and none at all."""
    floor, ceiling = entry.range
    return [math.nextafter(floor, -math.inf), math.nextafter(ceiling, math.inf), math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry.name)
def test_the_ends_of_a_range_are_taken_and_nothing_beyond_with_range_and_reason(entry: Parameter) -> None:
    for value in entry.range:
        assert checked_value(entry.name, value, "--set") == value
    for value in beyond(entry):
        with pytest.raises(ParameterError) as fault:
            checked_value(entry.name, value, "--set")
        said = str(fault.value)
        assert said.startswith(f'--set: "{entry.name}" = {value:g} is outside its range ')
        assert f"{entry.range[0]:g} to {entry.range[1]:g} [{entry.unit}]" in said
        assert said.endswith(f"because: {entry.reason}")


def test_no_range_is_open() -> None:
    assert [entry.name for entry in EVERY if not all(math.isfinite(end) for end in entry.range)] == []


def test_loss_aversion_below_one_is_refused() -> None:
    said = refusal(ParameterError, settings={"rivalry.loss_aversion": 0.99})
    assert said.startswith('settings: "rivalry.loss_aversion" = 0.99 is outside its range 1 to 5 [1]; ')
    assert "1 is no fear" in said


@pytest.mark.parametrize("exponent", [0.0, -1.0, 1.99])
def test_an_exponent_of_the_bottleneck_that_is_none_is_refused(exponent: float) -> None:
    said = refusal(ParameterError, settings={"bottleneck.substitution_exponent": exponent})
    assert said.startswith(
        f'settings: "bottleneck.substitution_exponent" = {exponent:g} is outside its range 2 to 500 [1]'
    )
    assert "Infinity is a hard minimum" in said


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_without_capacity_is_refused(layer: str) -> None:
    (capacity,) = (name for name in registry() if name.startswith(f"{layer}.capacity_"))
    for name in (capacity, f"{layer}.usable_share", f"{layer}.availability"):
        said = refusal(ParameterError, settings={name: 0.0})
        assert said.startswith(f'settings: "{name}" = 0 is outside its range {registry()[name].range[0]:g} to ')


@pytest.mark.parametrize("layer", LAYERS)
def test_an_outage_of_everything_says_why_there_is_a_least(layer: str) -> None:
    change = {"parameter": f"{layer}.availability", "multiply": 0.0, "start": "2027Q1", "end": "2027Q2"}
    said = refusal(ParameterError, scenario=page(change))
    assert "× 0 reaches 0 to 0 in 2027Q1, outside its range 0.01 to 2 [1]" in said
    assert "so 0.01 is the least" in refusal(ParameterError, settings={f"{layer}.availability": 0.0})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_setting_that_is_no_finite_number_is_refused(value: float) -> None:
    said = refusal(ParameterError, settings={"adoption.imitation": value})
    assert said.startswith(f'settings: "adoption.imitation" = {value:g} is outside its range 0 to 0.6 [1/quarter]')


@pytest.mark.parametrize("act", ["value", "multiply", "add"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_change_by_no_finite_number_is_refused(act: str, value: float) -> None:
    said = refusal(ScenarioError, scenario=page({"parameter": "adoption.imitation", act: value}))
    assert said == f'given, key "changes.0.{act}": Input should be a finite number (found {value!r})'


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"start": "2026Q2"}, "starts in 2026Q2, before the run from 2026Q3 to 2036Q2; choose 2026Q3 or later"),
        ({"start": "2019Q1", "end": "2030Q1"}, "starts in 2019Q1, before the run"),
        ({"end": "2026Q2"}, "ends in 2026Q2, before the run from 2026Q3 to 2036Q2"),
        ({"start": "2036Q3"}, "starts in 2036Q3, after the run from 2026Q3 to 2036Q2; --quarters 41 would reach it"),
    ],
)
def test_a_shock_outside_the_run_is_refused(when: dict[str, str], said: str) -> None:
    change = {"parameter": "memory.availability", "multiply": 0.5, **when}
    assert refusal(ScenarioError, scenario=page(change)).startswith(f'given, change 1: "memory.availability" {said}')


def test_a_shock_that_would_be_reached_by_its_advice_is_reached() -> None:
    change = {"parameter": "memory.availability", "multiply": 0.5, "start": "2036Q3"}
    with pytest.raises(AssertionError, match="the loop was reached"):
        service.simulate(page(change), draws=2, quarters=41)


def test_shocks_that_contradict_each_other_are_refused() -> None:
    one = {"parameter": "memory.availability", "value": 0.5, "start": "2027Q1", "end": "2027Q4"}
    said = refusal(ScenarioError, scenario=page(one, {**one, "value": 0.7, "start": "2027Q3"}))
    assert said.startswith("given, change 1, and given, change 2, contradict each other: ")
    assert '"memory.availability" is held at 0.5 from 2027Q1 to 2027Q4 by the first' in said
    assert "drop one, or give them quarters of their own" in said


def test_a_setting_and_a_shock_that_leave_the_range_together_are_refused() -> None:
    change = {"parameter": "memory.availability", "multiply": 0.5, "start": "2027Q1"}
    said = refusal(ParameterError, scenario=page(change), settings={"memory.availability": 0.015})
    assert said.startswith('settings: "memory.availability" = 0.015 becomes 0.0075 in 2027Q1 under the scenario')
    assert "outside its range 0.01 to 2 [1]" in said


@pytest.mark.parametrize("quarters", [401, 10_000])
def test_a_horizon_beyond_a_century_is_refused(quarters: int) -> None:
    said = refusal(RequestError, quarters=quarters)
    assert said.startswith(f"quarters is {quarters:,}; wanted a whole number from 1 to 400: ")
    assert "rates judged for a decade say nothing after a century" in said


def test_a_slope_beyond_a_century_or_of_no_quarter_is_refused() -> None:
    with pytest.raises(Exception, match=r"quarter 2126Q3 is outside the 400 quarters that can be run from 2026Q3 on"):
        service.gradient("active_compute_gw", "2126Q3", draws=2)


def test_numbers_of_numpy_are_numbers() -> None:
    with pytest.raises(AssertionError, match="the loop was reached"):
        service.simulate(draws=2, settings={"adoption.imitation": np.float32(0.125)})
