"""The façade: history joins the future, requests are checked before anything is computed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import headrace
from headrace import ensemble, service
from headrace.errors import ParameterError, PeriodError, RequestError, ScenarioError, UnknownNameError
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import parameter
from headrace.periods import quarter_index, quarter_range
from headrace.variables import PLAYERS, table

pytestmark = pytest.mark.xdist_group("future")


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that asks for it fails if the loop is reached."""

    def reached(*_: object, **__: object) -> None:
        raise AssertionError("the loop was reached")

    monkeypatch.setattr(ensemble, "run", reached)


def test_the_last_filed_quarter_is_followed_by_the_first_simulated_one(past: xr.Dataset, future: xr.Dataset) -> None:
    last, first = service.complete_quarters(past)[-1], str(future["quarter"].values[0])
    assert (last, first) == ("2026Q2", "2026Q3")
    assert quarter_index(first) == quarter_index(last) + 1
    assert future["quarter"].values.tolist() == quarter_range("2026Q3", 40)


def test_history_and_future_speak_of_the_same_things(past: xr.Dataset, future: xr.Dataset) -> None:
    assert set(past.data_vars) == set(future.data_vars)
    for name in table():
        for key in ("units", "long_name", "kind", "symbol"):
            assert past[name].attrs[key] == future[name].attrs[key], name
        assert past[name].dims == future[name].dims, name


def test_spending_joins_without_a_jump_of_definition(past: xr.Dataset, future: xr.Dataset) -> None:
    name = "capital_expenditure_usd_bn"
    filed = past[name].isel(draw=0).sel(quarter="2026Q2", builder=list(PLAYERS))
    simulated = future[name].isel(quarter=0).sel(builder=list(PLAYERS))
    # plans move by -15 .. +20 % a quarter, the rest by its own growth
    assert float((simulated / filed).min()) > 0.84
    assert float((simulated / filed).max()) < 1.21


def test_debt_joins_what_was_borrowed_in_the_first_quarter(future: xr.Dataset) -> None:
    change = future["net_debt_usd_bn"].diff("quarter").sel(builder=list(PLAYERS))
    borrowed = future["borrowing_usd_bn"].isel(quarter=slice(1, None)).sel(builder=list(PLAYERS))
    assert change.values == pytest.approx(borrowed.values, abs=1e-9)


@pytest.mark.parametrize("day", ["2017-06-30", "2022-12-31"])
def test_a_day_before_anybody_adopted_cannot_start_a_run(day: str, nothing_runs: None) -> None:
    with pytest.raises(PeriodError) as fault:
        service.simulate(draws=64, as_of=day)
    text = str(fault.value)
    assert text.startswith(f"as_of {day}: ")
    assert "choose 2023-03-31 or later" in text


def test_a_slope_is_not_taken_from_a_past_start(nothing_runs: None) -> None:
    with pytest.raises(PeriodError, match=r"as_of 2024-01-01: .* is 2023Q3, and a slope is that of a run from 2026Q2"):
        service.gradient("active_compute_gw", "2028Q4", by=["grid.lead_time_quarters"], as_of="2024-01-01")


def test_a_day_before_any_filing_says_none(nothing_runs: None) -> None:
    with pytest.raises(PeriodError):
        service.simulate(draws=64, as_of="1999-01-01")


def test_from_the_day_of_the_last_filing_on_a_run_can_start(future: xr.Dataset) -> None:
    run = service.simulate(draws=64, as_of="2026-07-31")
    assert run.attrs["as_of"] == "2026-07-31"
    assert np.array_equal(run["active_compute_gw"].values, future["active_compute_gw"].values)


@pytest.mark.parametrize("day", ["31-07-2026", "2026-02-30", "soon"])
def test_a_malformed_day_is_refused(day: str, nothing_runs: None) -> None:
    with pytest.raises(PeriodError, match="not a date of the form YYYY-MM-DD"):
        service.simulate(draws=64, as_of=day)


def test_the_recipe_makes_the_world_again(future: xr.Dataset, past: xr.Dataset) -> None:
    assert json.loads(future.attrs["world"]) == {
        "as_of": past.attrs["as_of"],
        "scenario": "baseline",
        "page": {
            "title": "Baseline",
            "dated": "2026-08-31",
            "summary": "The world as filed for 2026Q2, with every parameter drawn from its prior and no shock.",
            "changes": [],
        },
        "without": [],
        "held": {},
        "settings": {},
        "seed": 7,
        "draws": 64,
        "quarters": 40,
        "start_quarter": "2026Q2",
        "precision": 64,
        "version": headrace.__version__,
    }
    assert future.attrs["title"] == "Baseline"


def test_settings_of_a_person_go_before_those_of_the_scenario(tmp_path: Path) -> None:
    path = tmp_path / "calm.toml"
    path.write_text(
        'title = "Calm"\ndated = "2026-09-30"\nsummary = "No fear, slow users."\n'
        '[[changes]]\nparameter = "rivalry.loss_aversion"\nvalue = 1.0\nreason = "fear is off"\n'
        '[[changes]]\nparameter = "adoption.imitation"\nvalue = 0.07\nreason = "the low end"\n'
    )
    run = service.simulate(str(path), draws=64, settings={"adoption.imitation": 0.1})
    world = json.loads(run.attrs["world"])
    assert world["settings"] == {"adoption.imitation": 0.1}
    assert world["held"] == {"rivalry.loss_aversion": 1.0, "adoption.imitation": 0.1}
    assert run.attrs["title"] == "Calm"
    innovation = draw_parameters([parameter("adoption.innovation")], 7, 0, 64)["adoption.innovation"]
    adopted = np.zeros(64)
    for _ in range(16):  # 2022Q4 .. 2026Q3
        adopted += (innovation + 0.1 * adopted) * (1 - adopted)
    assert run["adoption_fraction"].values[:, 0] == pytest.approx(adopted)


def test_an_unknown_setting_is_answered_with_near_matches(nothing_runs: None) -> None:
    with pytest.raises(UnknownNameError, match=r"settings: .*rivalry\.loss_aversion"):
        service.simulate(settings={"rivalry.loss_avresion": 1.0})


def test_a_setting_out_of_range_is_refused(nothing_runs: None) -> None:
    with pytest.raises(ParameterError, match=r"settings: .* outside its range 1 to 5"):
        service.simulate(settings={"rivalry.loss_aversion": 0.5})


def test_an_unknown_scenario_is_refused(nothing_runs: None) -> None:
    with pytest.raises(UnknownNameError, match="did you mean baseline"):
        service.simulate("baselin")


def test_a_scenario_file_that_is_not_there_is_refused(nothing_runs: None, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        service.simulate(str(tmp_path / "gone.toml"))


@pytest.mark.parametrize("option", [{"draws": 0}, {"draws": -5}, {"draws": 10**12}, {"quarters": 0}, {"seed": -1}])
def test_counts_that_cannot_be_run_are_refused_first(option: dict[str, int], nothing_runs: None) -> None:
    with pytest.raises(RequestError, match=f"^{next(iter(option))} is "):
        service.simulate("no such scenario either", **option)


def test_a_precision_that_is_none_is_refused(nothing_runs: None) -> None:
    with pytest.raises(RequestError, match="precision is 16; wanted 32 or 64 bits"):
        service.simulate(precision=16)  # type: ignore[arg-type]


def test_scenarios_are_cards_with_a_date_the_baseline_first() -> None:
    cards = service.scenarios()
    assert cards[0].name == "baseline"
    assert all(len(card.dated) == 10 and card.title and card.summary for card in cards)


def test_sources_are_listed_once_by_id() -> None:
    ids = [source.id for source in service.sources()]
    assert ids == sorted(set(ids))
    assert len(ids) > 10


def test_the_check_of_a_request_is_that_of_the_run() -> None:
    with pytest.raises(RequestError, match="draws is 0"):
        service.check_request(draws=0, seed=7, quarters=40)
