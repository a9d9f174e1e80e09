"""The question of payback on the small run that all unit tests share, and what it refuses.

The loop is compiled once more here, for the slopes: what needs that stands in one answer.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.analyses.payback import financing, inversion, reading, vintages
from headrace.analyses.payback.drivers import DRIVERS, driver
from headrace.analyses.payback.followed import WORLDS, Followed
from headrace.errors import InvestmentError, PeriodError, RequestError, UnknownNameError
from headrace.parameters.registry import registry
from headrace.simulation.vintage_cash_flow import BEFORE_THE_RUN
from headrace.world import World

DRAWS = 16
"""Of the shared run: enough for every rule, and quick."""


@pytest.fixture(scope="module")
def few(future: xr.Dataset) -> xr.Dataset:
    return future.isel(draw=slice(0, DRAWS))


@pytest.fixture(scope="module")
def run(few: xr.Dataset) -> reading.Reading:
    return reading.read(few)


@pytest.fixture(scope="module")
def answer(few: xr.Dataset) -> xr.Dataset:
    return service.payback(few, vintage="2027Q1", drivers=["price", "adoption", "cost_of_capital"])


@pytest.mark.parametrize("scenario", ["baseline", "shorter_hardware_life+toolchain_mandate+efficiency_jump"])
def test_revenue_of_all_vintages_is_that_of_the_fleet(scenario: str, few: xr.Dataset) -> None:
    made = few if scenario == "baseline" else service.simulate(scenario, draws=64, quarters=40)
    run = reading.read(made.isel(draw=slice(0, DRAWS)))
    revenue = run.output("compute_revenue_usd_bn")
    places = range(BEFORE_THE_RUN, len(run.quarters))
    summed = sum(vintages.one_vintage(run, place).revenue_usd_bn for place in places)
    assert np.abs(summed / revenue - 1).max() < 1e-12


def test_every_part_of_the_answer_says_its_unit_and_how_it_is_known(answer: xr.Dataset) -> None:
    for name, values in answer.data_vars.items():
        assert values.attrs.keys() >= {"units", "long_name", "status", "quality"}, name
        assert values.attrs["status"] == "scenario", name
    assert answer.attrs.keys() >= {"title", "what", "formula", "command", "call", "world"}
    assert "headrace payback baseline --draws 64" in answer.attrs["command"]
    assert answer.attrs["command"].endswith(
        "--vintage 2027Q1 --target-years 4.2 --driver price --driver adoption --driver cost_of_capital"
    )
    assert answer.attrs["call"].startswith('hr.payback("baseline", draws=64')


def test_cost_is_what_was_paid_and_a_later_vintage_returns_more(answer: xr.Dataset, run: reading.Reading) -> None:
    paid = run.output("it_payment_usd_bn").sum(axis=1) + run.output("site_payment_usd_bn").sum(axis=1)
    assert answer["it_cost_usd_bn"].values + answer["site_cost_usd_bn"].values == pytest.approx(
        paid[: answer.sizes["vintage"]].T
    )
    assert (answer["cost_usd_bn"] >= answer["it_cost_usd_bn"] + answer["site_cost_usd_bn"]).all()
    rates = answer["rate_of_return"].median("draw").values
    assert rates[-1] > rates[0]
    assert (answer["share_within_life"] <= answer["share_paid_back"]).all()
    assert (answer["share_discounted"] <= answer["share_paid_back"]).all()


def test_who_owes_more_pays_more_for_capital(answer: xr.Dataset) -> None:
    rates = answer["cost_of_capital"].median("draw").isel(vintage=0)
    assert str(rates["player"].values[rates.values.argmax()]) == "oracle"
    worth = answer["profitability_by_player"].median("draw").isel(vintage=0)
    assert str(worth["player"].values[worth.values.argmin()]) == "oracle"


def test_sources_are_uses_and_what_is_wanted_without_a_limit_is_what_plans_close_in_on(
    answer: xr.Dataset, run: reading.Reading
) -> None:
    sources = sum(answer[name] for name in ("own_cash", "shares_sold", "leases_and_prepayments", "borrowing"))
    assert np.abs(sources / answer["uses"] - 1).max() < 1e-9
    # with the limit on top, the plan of the loop follows from it: the same equation on the same numbers
    wanted, beyond = financing.wanted_spending(run), financing.beyond_limit(run)
    spent = run.output("ai_capital_expenditure_usd_bn")[:, :5]
    drawn = run.drawn
    pause = np.stack([drawn[f"builder.{player}.pause_share"] for player in answer["player"].values])
    speed, cut, rise = (drawn[f"rivalry.{name}"] for name in ("adjustment_speed", "fastest_cut", "fastest_rise"))
    kept = np.moveaxis(run.run["planned_ai_capital_expenditure_usd_bn"].values, 0, -1)[:, :5]
    for quarter in (1, 5, 20):
        before = spent[quarter - 1]
        moved = np.clip(speed * ((wanted - beyond)[quarter] / before - 1), cut, rise)
        assert (1 - pause) * before * (1 + moved) == pytest.approx(kept[quarter], rel=1e-9)


def test_the_fleet_asks_for_revenue_by_the_identity(answer: xr.Dataset) -> None:
    year = answer.sel(year=2028)
    assert (year["capital_cover"] * year["capital_charge"]).values == pytest.approx(year["fleet_margin"].values)
    assert (year["required_revenue"] > 0).all()
    assert answer["year"].values.tolist() == list(range(2027, 2036))


def test_at_the_required_price_the_median_world_pays_back_in_the_stated_time(
    answer: xr.Dataset, run: reading.Reading
) -> None:
    price, required = DRIVERS["price"], float(answer["required_value"].sel(driver="price"))
    followed = Followed(run, run.place("2027Q1"), 4.2 * 4)
    worlds = followed.median_world()
    step = 1e-4
    values = np.full(WORLDS, required)
    values[1], values[2], values[3] = required - step, required + step, 0.9 * required
    found = followed.response(worlds, price, values)
    assert found.payback[0] == pytest.approx(4.2 * 4, abs=1e-6)
    assert found.left[0] == pytest.approx(0, abs=1e-8)
    assert found.payback[3] > found.payback[0]
    # the exact slope is the difference of the whole loop
    assert found.payback_slope[0] == pytest.approx((found.payback[2] - found.payback[1]) / (2 * step), rel=1e-5)
    assert found.left_slope[0] == pytest.approx((found.left[2] - found.left[1]) / (2 * step), rel=1e-5)
    assert float(answer["slope_at_value"].sel(driver="price")) == pytest.approx(found.payback_slope[0] / 4, rel=1e-6)
    assert float(answer["share_with_value"].sel(driver="price")) > 0.9


def test_a_driver_that_cannot_do_it_says_how_near_it_comes(answer: xr.Dataset) -> None:
    own = answer.sel(driver="adoption")
    assert np.isnan(float(own["required_value"]))
    assert float(own["lowest_value"]) <= float(own["nearest_value"]) <= float(own["highest_value"])
    assert float(own["still_out_at_nearest"]) > 0
    assert np.isinf(float(own["nearest_payback_years"])) or float(own["nearest_payback_years"]) > 4.2
    said = {line.key: line.sentence for line in service.payback_headlines(answer)}
    assert "no value in range of adoption by imitation or cost of capital does it alone" in said["must_be_true"]
    assert "price of compute in service at the start were" in said["must_be_true"]
    assert float(answer["with_interest"].sel(driver="cost_of_capital")) == 1


def test_a_driver_at_its_percentiles_moves_the_median_world_and_the_largest_comes_first(answer: xr.Dataset) -> None:
    swings = np.abs(answer["profitability_at"].diff("end").values[:, 0])
    assert (np.diff(swings) <= 0).all()
    at = answer["profitability_at"].sel(moved="price").values
    assert at[0] < float(answer["profitability_of_median_world"]) < at[1]
    assert float(answer["rank_correlation"].sel(moved="margin")) > 0
    # the cost of capital discounts, and leaves what is discounted alone
    alone = answer["rate_of_return_at"].sel(moved="cost_of_capital").values
    assert alone == pytest.approx(np.full(2, float(answer["rate_of_return_of_median_world"])))


def test_records_hold_no_number_that_is_none(answer: xr.Dataset) -> None:
    tables = service.payback_records(answer)
    json.dumps(tables, allow_nan=False)
    assert [row["vintage"] for row in tables["vintages"]] == answer["vintage"].values.tolist()
    assert tables["vintages"][0]["payback_years_high"] is None
    assert len(tables["financing"]) == 5 * answer.sizes["year"]


def test_the_search_finds_the_nearest_of_two_answers_and_steps_over_worlds_that_end() -> None:
    def trial(at: np.ndarray) -> Any:
        left = np.stack([(at[0] - 1) * (at[0] - 3), np.sqrt(at[1]) - 1.5, -1 - at[2], at[3] - 2])
        left[3] = np.where(at[3] > 4, np.nan, left[3])  # ends beyond 4
        slope = np.stack([2 * at[0] - 4, 0.5 / np.sqrt(at[1]), -np.ones(()), np.ones(())])
        return SimpleNamespace(left=left, left_slope=slope, payback=10 - left, payback_slope=-slope)

    now, low, high = np.array([3.5, 0.2, 1.0, 1.0]), np.full(4, 0.1), np.full(4, 6.0)
    found = inversion.solved(trial, now, low, high)
    assert found.value[:2] == pytest.approx([3.0, 2.25])
    assert np.isnan(found.value[2])
    assert found.nearest[2] == pytest.approx(0.1)
    assert found.still_out[2] == pytest.approx(1.1)
    assert found.value[3] == pytest.approx(2.0)
    assert found.trials < 40


@pytest.mark.parametrize("name", sorted(DRIVERS))
def test_a_driver_put_at_a_value_has_it_and_stays_in_range_between_its_limits(name: str, run: reading.Reading) -> None:
    one, drawn = driver(name), run.drawn
    low, high = one.limits(drawn)
    now = np.asarray(one.value(drawn))
    assert (low <= now).all()
    assert (now <= high).all()
    same = one.put(drawn, now)
    assert set(same) == set(one.parameters)
    for end in (low, high):
        put = one.put(drawn, end)
        assert np.asarray(one.value({**drawn, **put})) == pytest.approx(end)
        for parameter, values in put.items():
            least, most = registry()[parameter].range
            assert least - 1e-9 * abs(least) <= values.min(), parameter
            assert values.max() <= most * (1 + 1e-9), parameter
    for parameter in one.parameters:
        assert same[parameter] == pytest.approx(drawn[parameter])


def test_a_driver_that_does_not_exist_is_named_with_near_ones(few: xr.Dataset) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown driver 'utilization'; did you mean utilisation"):
        service.payback(few, drivers=["utilization"])


@pytest.mark.parametrize(
    ("vintage", "fault", "words"),
    [
        ("2026Q2", PeriodError, r"vintage 2026Q2 is outside the run, .* 2026Q3 to 2036Q2; choose a quarter in it"),
        ("2040Q1", PeriodError, "outside the run"),
        ("2035Q1", InvestmentError, r"has 5 quarters of the run after it, .* choose 2031Q\d or earlier, or ask for"),
        ("next year", PeriodError, "next year"),
    ],
)
def test_a_vintage_that_cannot_be_followed_is_refused(
    vintage: str, fault: type[Exception], words: str, run: reading.Reading
) -> None:
    with pytest.raises(fault, match=words):
        run.place(vintage)


def test_a_run_shorter_than_a_life_is_refused(few: xr.Dataset) -> None:
    short = reading.read(few.isel(quarter=slice(0, 12)))
    with pytest.raises(InvestmentError, match=r"the run has 12 quarters, fewer than one economic life of IT, 20"):
        vintages.by_vintage(short)


@pytest.mark.parametrize("years", [0.0, -1.0, 100.0, float("nan")])
def test_a_target_out_of_reach_is_refused(years: float, run: reading.Reading) -> None:
    with pytest.raises(RequestError, match=r"target_years is .*; wanted more than 0 and at most"):
        run.checked_target(years, 2)


def test_a_growth_of_minus_one_and_one_above_the_rate_are_refused(few: xr.Dataset) -> None:
    with pytest.raises(RequestError, match="terminal_growth is -1; wanted more than -1"):
        reading.read(few, margin_growth=-1.0)
    with pytest.raises(InvestmentError, match="is not above growth"):
        vintages.by_vintage(reading.read(few, margin_growth=0.2))


def test_a_dataset_without_variables_and_without_a_recipe_names_what_it_lacks(few: xr.Dataset) -> None:
    bare = few[["compute_revenue_usd_bn"]].copy()
    bare.attrs = {}
    with pytest.raises(RequestError, match=r"lacks active_compute_gw, .* and says nothing of the World"):
        service.payback(bare)


def test_a_dataset_without_variables_has_its_world_run_again(
    future: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[frozenset[str]] = []

    def outputs(world: World, wanted: frozenset[str], progress: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        asked.append(wanted)
        closure = {name: future[f"start_{name}"].values for name in ("filed_capex_usd_bn", "ai_share")}
        return {name: future[name].values for name in wanted}, closure

    monkeypatch.setattr(World, "outputs", outputs)
    again = reading.read(future[["compute_revenue_usd_bn"]])
    assert asked == [reading.READ_BY_QUESTION | {"world_status"}]
    assert again.run["energised_gw"].values == pytest.approx(future["energised_gw"].values)


def test_the_five_players_own_a_part_of_every_vintage(few: xr.Dataset, run: reading.Reading) -> None:
    five, everyone = (vintages.one_vintage(one, 4) for one in (reading.read(few, players_only=True), run))
    for name in ("cost_usd_bn", "energised_gw", "margin_usd_bn"):
        assert (five.figures[name] < everyone.figures[name]).all(), name
    assert (five.revenue_usd_bn <= everyone.revenue_usd_bn * (1 + 1e-9)).all()
