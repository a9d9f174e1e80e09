"""The start on a past day: what was known, nothing later, and the arithmetic from it to the parameters of a start."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from headrace import ensemble
from headrace.changes import Changes, drawn_values
from headrace.errors import PeriodError
from headrace.evidence import archive
from headrace.evidence.archive import Archive
from headrace.parameters.registry import registry
from headrace.past_start.draws import dated, in_force
from headrace.past_start.known import Known, filed_by, known
from headrace.simulation.start import START_QUARTER
from headrace.variables import LAYERS, PLAYERS, REGIONS

pytestmark = pytest.mark.xdist_group("past_start")

DAY = dt.date(2023, 12, 31)
DRAWS = 400


@pytest.fixture(scope="module")
def everything() -> Archive:
    return archive.load()


@pytest.fixture(scope="module")
def start(everything: Archive) -> Known:
    return known(everything, DAY)


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    return dict(drawn_values(7, 0, DRAWS, Changes()))


@pytest.fixture(scope="module")
def then(drawn: dict[str, np.ndarray], start: Known) -> dict[str, np.ndarray]:
    return dated(drawn, start)


def test_what_was_filed_reported_and_announced_by_then(start: Known) -> None:
    assert start.quarter == "2023Q3"
    # Cash capital expenditure in the filings of that quarter, USD bn.
    filed = {"microsoft": 9.917, "amazon": 12.479, "alphabet": 8.055, "meta": 6.543, "oracle": 1.314}
    assert dict(zip(PLAYERS, start.capital_expenditure_usd_bn, strict=True)) == pytest.approx(filed)
    # Data-centre revenue of NVIDIA in 2022Q1 .. 2023Q3, USD bn.
    assert start.accelerator_sales_usd_bn == pytest.approx((3.75, 3.81, 3.83, 3.62, 4.28, 10.32, 14.51))
    assert 1.0 / 4 < start.model_revenue_usd_bn < 3.0 / 4
    assert start.values["recipe.h100.share_now"] == 1
    assert set(start.log_tightness) <= set(LAYERS)


def test_nothing_that_came_later_is_known(everything: Archive, start: Known) -> None:
    figures = everything.figures.copy()
    later = figures["filed"] > pd.Timestamp(DAY)
    figures.loc[later, "value"] = figures.loc[later, "value"] * 3
    planted = replace(
        everything,
        figures=figures,
        run_rates=tuple(
            replace(report, revenue_usd_bn_per_year=900.0) if report.known > DAY else report
            for report in everything.run_rates
        ),
    )
    assert known(planted, DAY) == start
    for ours, theirs in zip(filed_by(everything, start, "2021Q1"), filed_by(planted, start, "2021Q1"), strict=True):
        assert np.array_equal(ours, theirs)


def test_a_figure_filed_by_then_is_known(everything: Archive, start: Known) -> None:
    figures = everything.figures.copy()
    mine = (figures["entity"] == "meta") & (figures["concept"] == "capital_expenditure")
    figures.loc[mine & (figures["calendar_quarter"] == "2023Q3"), "value"] = 50.0
    changed = known(replace(everything, figures=figures), DAY)
    assert changed.capital_expenditure_usd_bn[PLAYERS.index("meta")] == 50.0
    assert changed.guided_growth["meta"] < start.guided_growth["meta"]


@pytest.mark.parametrize("day", [dt.date(2016, 3, 31), dt.date(2022, 12, 31)])
def test_a_day_before_adopters_is_refused(everything: Archive, day: dt.date) -> None:
    with pytest.raises(PeriodError, match=f"as_of {day}: the last quarter that all five had filed by then is 20"):
        known(everything, day)


def test_a_day_before_any_filing_is_refused(everything: Archive) -> None:
    with pytest.raises(PeriodError, match="filed by then is none"):
        known(everything, dt.date(1999, 1, 1))


def test_without_reports_of_model_makers_there_is_no_start(everything: Archive) -> None:
    with pytest.raises(PeriodError, match="no model maker was reported to earn anything"):
        known(replace(everything, run_rates=()), DAY)


def test_one_builder_missing_is_named(everything: Archive, start: Known) -> None:
    figures = everything.figures
    gone = (figures["entity"] == "oracle") & (figures["concept"] == "operating_cash_flow")
    with pytest.raises(PeriodError, match="operating cash flow of the year to 2023Q3"):
        filed_by(replace(everything, figures=figures[~gone]), start, "2021Q1")


def test_all_ai_spending_is_sales_of_accelerators_over_their_share(
    drawn: dict[str, np.ndarray], then: dict[str, np.ndarray], start: Known
) -> None:
    players = sum(
        then[f"builder.{player}.ai_share"] * spent
        for player, spent in zip(PLAYERS, start.capital_expenditure_usd_bn, strict=True)
    )
    others = then["builder.rest_of_world.ai_capital_expenditure_usd_bn"] + then["national.sovereign_demand_usd_bn"]
    total = start.accelerator_sales_usd_bn[-1] / then["past.nvidia_share_of_ai_spending"]
    assert np.allclose(players + others, total)
    judged = sum(  # nobody's share rises above the one judged today
        drawn[f"builder.{player}.ai_share"] * spent
        for player, spent in zip(PLAYERS, start.capital_expenditure_usd_bn, strict=True)
    )
    wanted = np.minimum(then["past.players_share_of_ai_spending"] * total, judged)
    assert np.allclose(players, wanted)


def test_compute_in_service_is_what_was_sold_less_what_is_on_its_way(then: dict[str, np.ndarray], start: Known) -> None:
    cost = then["cost.it_usd_bn_per_gw"] + then["cost.site_usd_bn_per_gw"]
    flow = np.array(start.accelerator_sales_usd_bn)[:, np.newaxis] / then["past.nvidia_share_of_ai_spending"] / cost
    before = then["past.first_stock_quarters"] * flow[0]
    on_the_way = then["past.quarters_to_service"] * flow[-1]
    assert then["start.active_compute_gw"] == pytest.approx(before + flow.sum(axis=0) - on_the_way)
    assert (then["start.active_compute_gw"] > 0).all()


def test_capacity_carries_the_flow_and_a_tighter_layer_has_less_room(
    drawn: dict[str, np.ndarray], start: Known
) -> None:
    cooling = next(name for name in registry() if name.startswith("cooling.capacity_"))
    slack = dated(drawn, replace(start, log_tightness={"cooling": 0.0}))[cooling]
    tight = dated(drawn, replace(start, log_tightness={"cooling": 0.2}))[cooling]
    assert (tight <= slack).all()
    assert np.median(tight / slack) == pytest.approx(np.exp(-0.2), abs=0.1)


def test_what_the_table_dates_is_taken_with_the_spread_of_today(
    drawn: dict[str, np.ndarray], then: dict[str, np.ndarray], start: Known
) -> None:
    name = "packaging.capacity_cowos_wafers_per_quarter"
    assert start.values[name] == 45000
    assert then[name] == pytest.approx(45000 * drawn[name] / registry()[name].value)
    assert (then["recipe.h100.share_now"] == 1).all()
    assert (then["recipe.gb300.share_now"] == 0).all()


def test_unknown_net_debt_is_none_and_load_was_smaller(
    drawn: dict[str, np.ndarray], then: dict[str, np.ndarray]
) -> None:
    assert (then["builder.alphabet.net_debt_usd_bn"] == 0).all()
    for region in REGIONS:
        name = f"region.{region}.data_centre_load_gw"
        assert (then[name] <= drawn[name]).all()


def test_the_rest_stays_as_judged_today(
    drawn: dict[str, np.ndarray], then: dict[str, np.ndarray], start: Known
) -> None:
    replaced = in_force(drawn, start)
    assert "rivalry.loss_aversion" not in replaced
    assert "orders.stock_correction" not in replaced
    assert all(np.array_equal(then[name], values) for name, values in drawn.items() if name not in replaced)


def test_what_is_held_stays_held(start: Known) -> None:
    held = Changes(held={"start.active_compute_gw": 2.5}, start=start)
    assert (drawn_values(7, 0, 8, held)["start.active_compute_gw"] == 2.5).all()


def test_draws_do_not_depend_on_their_number(start: Known) -> None:
    few, many = (drawn_values(7, 0, count, Changes(start=start)) for count in (8, 64))
    assert all(np.array_equal(values, many[name][:8]) for name, values in few.items())


def test_the_method_finds_the_start_of_the_tables(everything: Archive, drawn: dict[str, np.ndarray]) -> None:
    """A check, not a fit: compute and spending that a past start would derive for the day the tables describe."""
    last = known(everything, dt.date(2026, 10, 31))
    assert last.quarter == START_QUARTER
    found = dated(drawn, last)
    low, high = (getattr(registry()["start.active_compute_gw"], end) for end in ("low", "high"))
    assert low < np.median(found["start.active_compute_gw"]) < high


def test_the_start_closes_on_a_past_day(everything: Archive, start: Known) -> None:
    planned, paid = "planned_ai_capital_expenditure_usd_bn", "ai_capital_expenditure_usd_bn"
    outputs, closure = ensemble.run(
        filed_by(everything, start, start.quarter),
        draws=64,
        seed=7,
        quarters=2,
        changes=Changes(start=start),
        wanted=frozenset({planned, paid, "compute_revenue_usd_bn"}),
    )
    assert outputs[paid][:, 0] == pytest.approx(outputs[planned][:, 0], rel=0.01)
    assert closure["filed_capex_usd_bn"][:, : len(PLAYERS)] == pytest.approx(
        np.tile(start.capital_expenditure_usd_bn, (64, 1))
    )
    drawn = drawn_values(7, 0, 64, Changes(start=start))
    assert outputs["compute_revenue_usd_bn"][:, 0] == pytest.approx(drawn["demand.reference_revenue_usd_bn"])
