"""What came after a run from a past day: filings beside its band, and a sentence that counts them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.analyses.guidance import guidance_check
from headrace.analyses.provenance import READ_ON_PAST_DAYS, assumptions, receipt
from headrace.analyses.since import SPENDING, since, since_headline
from headrace.errors import RequestError
from headrace.report.page import render
from headrace.variables import PLAYERS

pytestmark = pytest.mark.xdist_group("past_start")

DAY = "2024-06-30"


@pytest.fixture(scope="module")
def run() -> xr.Dataset:
    return service.simulate(draws=64, quarters=12, as_of=DAY)


def test_it_starts_where_the_filings_of_the_day_end(run: xr.Dataset) -> None:
    assert run.attrs["as_of"] == DAY
    assert json.loads(run.attrs["world"])["start_quarter"] == "2024Q1"
    assert run["quarter"].values[0] == "2024Q2"
    assert run["start_filed_capex_usd_bn"].isel(draw=0).sel(builder="meta").item() == pytest.approx(6.400)


def test_filings_stand_beside_the_band(run: xr.Dataset) -> None:
    beside = since(run)
    history = service.history()
    filed = service.builder_sum(history, SPENDING).isel(draw=0).sel(quarter=["2024Q2", "2025Q4"]).values
    assert beside["filed"].sel(series="capital_expenditure", quarter=["2024Q2", "2025Q4"]).values == pytest.approx(
        filed, rel=0.02
    )
    total = run[SPENDING].sel(builder=list(PLAYERS)).sum("builder")
    assert beside["median"].sel(series="capital_expenditure").values == pytest.approx(total.median("draw").values)
    assert (beside["low"] <= beside["median"]).all()
    assert (beside["median"] <= beside["high"]).all()
    assert np.isnan(beside["filed"].sel(series="capital_expenditure", quarter="2027Q1"))
    # As NVIDIA reported its data centre in that quarter.
    assert beside["filed"].sel(series="data_centre_revenue_nvidia", quarter="2024Q2").item() == pytest.approx(26.3)


def test_the_sentence_counts_quarters_inside_the_band(run: xr.Dataset) -> None:
    draws = run[SPENDING]
    filed = since(run)["filed"].sel(series=[f"capital_expenditure_{player}" for player in PLAYERS]).fillna(1.0).values
    exact = draws.copy()
    around = np.linspace(0.99, 1.01, run.sizes["draw"])[:, np.newaxis, np.newaxis]
    exact.loc[{"builder": list(PLAYERS)}] = around * filed.T
    said = since_headline(run.assign({SPENDING: exact}))
    assert said is not None
    assert "In 2026Q2, 9 quarters later," in said.sentence
    assert "lies in its 90 % band in 9 of 9" in said.sentence
    doubled = since_headline(run.assign({SPENDING: 2 * exact}))
    assert doubled is not None
    assert "band in 0 of 9" in doubled.sentence


def test_a_run_from_the_last_filing_has_nothing_after_it(future: xr.Dataset) -> None:
    assert since_headline(future) is None
    with pytest.raises(RequestError, match="nothing has come since"):
        since(future)


def test_a_run_that_keeps_no_spending_is_refused(run: xr.Dataset) -> None:
    with pytest.raises(RequestError, match="does not keep capital_expenditure_usd_bn"):
        since(run.drop_vars(SPENDING))


def test_assumptions_say_what_was_in_force_on_the_day(run: xr.Dataset, future: xr.Dataset) -> None:
    then = {row.name: row for row in assumptions(run)}
    now = {row.name: row for row in assumptions(future)}
    name = "start.active_compute_gw"
    assert then[name].median < now[name].median
    assert then[name].reason.startswith(f"As known on {DAY}, for a start from 2024Q1; today 16.5")
    assert any(name.startswith(READ_ON_PAST_DAYS) for name in then)
    assert not any(name.startswith(READ_ON_PAST_DAYS) for name in now)
    assert then["rivalry.loss_aversion"] == now["rivalry.loss_aversion"]


def test_receipts_say_it_too(run: xr.Dataset, future: xr.Dataset) -> None:
    inputs = {row.name: row.value for row in receipt("active_compute_gw", run).inputs}
    assert f"as known on {DAY}" in inputs["start.active_compute_gw"]
    assert "past.quarters_to_service" in inputs
    assert "past.quarters_to_service" not in {row.name for row in receipt("active_compute_gw", future).inputs}
    assert f"--as-of {DAY}" in receipt("active_compute_gw", run).reproduce_cli


def test_guidance_is_that_of_the_day(run: xr.Dataset) -> None:
    world = json.loads(run.attrs["world"])
    assert world["start"]["guided_quarters"] == 0
    assert guidance_check(run).sentence.startswith("When the run starts most of the five had given no number")
    world["start"]["guided_quarters"] = 2
    guided = guidance_check(run.assign_attrs(world=json.dumps(world))).figures[0]
    filed = run["start_filed_capex_usd_bn"].isel(draw=0)
    growth = {player: world["start"]["values"][f"builder.{player}.guided_growth"][0] for player in PLAYERS}
    assert guided.median == pytest.approx(2 * sum(float(filed.sel(builder=p)) * (1 + growth[p]) for p in PLAYERS))


def test_the_report_of_a_past_start_leads_to_what_came(run: xr.Dataset) -> None:
    page = render(run, service.history(DAY))
    assert "What came" in page
    assert "filed to 2024Q1" in page
    assert "past.quarters_to_service" in page
