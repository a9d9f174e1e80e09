"""The cash of one vintage in worlds made up by hand, where payback and return are known."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import jax
import numpy as np
import pytest
import xarray as xr

from headrace.analyses.payback.reading import Reading
from headrace.analyses.payback.vintages import one_vintage
from headrace.errors import InvestmentError
from headrace.investment.payback import paybacks
from headrace.periods import quarter_range
from headrace.simulation.vintage_cash_flow import (
    BEFORE_THE_RUN,
    TAIL_QUARTERS,
    fleet_of,
    payback_quarters,
    recovered_after,
)

PARAMETERS = {
    "energise.frontier_quality_factor": 1.0,
    "finance.facility_economic_life_quarters": 5.0,
    "finance.it_economic_life_quarters": 5.0,
    "finance.wacc": 1.02**4 - 1,
    "funding.cash_tax_rate": 0.21,
    "funding.tax_depreciation_rate": 0.11,
    "national.bonus_depreciation_share": 1.0,
}


@pytest.fixture(scope="module", autouse=True)
def in_64_bits() -> Iterator[None]:
    """As the loop: worlds last, leading axes broadcast over them."""
    with jax.enable_x64(True):
        yield


def planted(
    life: int = 5, cost: float = 4.2, income: float = 1.0, quarters: int = 12, **changed: Any
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """One builder that pays ``cost`` in the first quarter for a GW that brings ``income`` a quarter for ``life``
    quarters and is gone then. Beside it a GW from before serves as long; both are replaced when they retire."""
    flat = np.ones(quarters)
    energised, retired = np.zeros(quarters), np.zeros(quarters)
    energised[0], energised[life], retired[life] = 1, 2, 2
    active = 1 + np.cumsum(energised - retired)
    serving = np.concatenate([[1.0], active[:-1]])
    by_builder = {
        "active_compute_gw": active,
        "compute_quality_index": flat,
        "energised_gw": energised,
        "it_advances_usd_bn": 0 * flat,
        "it_payment_usd_bn": cost * energised,
        "it_retired_gw": retired,
        "it_shipments_gw": energised,
        "site_payment_usd_bn": 0 * flat,
        "unpowered_it_gw": 0 * flat,
    }
    of_all = {
        "compute_margin_usd_bn": income * serving,
        "compute_revenue_usd_bn": 2 * income * serving,
        "frontier_quality_index": flat,
        "it_unit_cost_usd_bn_per_gw": cost * flat,
        "site_unit_cost_usd_bn_per_gw": 0 * flat,
    }
    outputs = {name: values[:, np.newaxis, np.newaxis] for name, values in by_builder.items()}
    outputs |= {name: values[:, np.newaxis] for name, values in of_all.items()}
    return {name: np.asarray(changed.pop(name, values)) for name, values in outputs.items()}, PARAMETERS | changed


def reading_of(outputs: dict[str, np.ndarray], drawn: dict[str, float], growth: float | None = None) -> Reading:
    dims = {3: ("draw", "quarter", "builder"), 2: ("draw", "quarter")}
    values = {name: (dims[array.ndim], np.moveaxis(array, -1, 0)) for name, array in outputs.items()}
    quarters = quarter_range("2026Q3", len(outputs["compute_revenue_usd_bn"]))
    run = xr.Dataset(values, {"draw": [0], "quarter": quarters})
    world: Any = SimpleNamespace(changes=SimpleNamespace(paths={}))
    return Reading(run, {name: np.array([value]) for name, value in drawn.items()}, world, 1, growth, 0)


@pytest.mark.parametrize(("life", "rate"), [(5, 0.0611), (6, 0.1125)])
def test_level_cash_has_the_payback_and_the_rate_of_oracle_f3(life: int, rate: float) -> None:
    found = one_vintage(reading_of(*planted(life)), 0).figures
    assert found["payback_quarters"][0] == pytest.approx(4.2 / 1.0)
    assert (1 + found["rate_of_return"][0]) ** (1 / 4) - 1 == pytest.approx(rate, abs=5e-5)
    annuity = (1 - 1.02**-life) / 0.02
    assert found["net_present_value_usd_bn"][0] == pytest.approx((1 - 0.21) * (annuity - 4.2))
    assert found["share_beyond_run"][0] == 0
    assert found["quarters_to_service"][0] == 1


def test_immediate_deduction_leaves_payback_and_rate_alone_and_a_slower_one_does_not() -> None:
    at_once, later, never = (
        one_vintage(reading_of(*planted(**changed)), 0).figures
        for changed in (
            {},
            {"national.bonus_depreciation_share": 0.0},
            {"funding.cash_tax_rate": 0.0},
        )
    )
    assert at_once["rate_of_return"] == pytest.approx(never["rate_of_return"])
    assert at_once["payback_quarters"] == pytest.approx(never["payback_quarters"])
    assert later["rate_of_return"] < at_once["rate_of_return"]
    assert at_once["tax_shield_usd_bn"][0] == pytest.approx(0.21 * 4.2)
    assert 0 < later["tax_shield_usd_bn"] < at_once["tax_shield_usd_bn"]


def test_the_unit_of_money_changes_neither_payback_nor_rate() -> None:
    one = one_vintage(reading_of(*planted()), 0).figures
    other = one_vintage(reading_of(*planted(cost=4200, income=1000)), 0).figures
    for name in ("payback_quarters", "rate_of_return", "profitability", "discounted_payback_quarters"):
        assert other[name] == pytest.approx(one[name]), name
    assert other["net_present_value_usd_bn"] == pytest.approx(1000 * one["net_present_value_usd_bn"])


def test_payback_falls_as_price_rises_and_is_never_where_it_is_too_low() -> None:
    paid = [
        one_vintage(reading_of(*planted(income=income)), 0).figures["payback_quarters"][0]
        for income in (0.5, 0.9, 1.0, 2.0)
    ]
    assert paid == pytest.approx([np.inf, 4.2 / 0.9, 4.2, 2.1])


def test_cash_that_never_changes_sign_has_no_rate_and_says_why() -> None:
    found = one_vintage(reading_of(*planted(income=0.0)), 0)
    assert np.isnan(found.figures["rate_of_return"][0])
    assert found.cause[0] == "no_sign_change"


def test_cash_that_changes_sign_twice_has_no_one_rate() -> None:
    outputs, drawn = planted()
    margin = outputs["compute_margin_usd_bn"].copy()
    margin[4] = -20
    found = one_vintage(reading_of({**outputs, "compute_margin_usd_bn": margin}, drawn), 0)
    assert found.cause[0] == "several_sign_changes"
    assert np.isnan(found.figures["rate_of_return"][0])


def test_shells_that_outlive_their_it_go_to_newer_it_at_what_they_are_still_worth() -> None:
    changed = {"finance.facility_economic_life_quarters": 20.0}
    outputs, drawn = planted(**changed)
    outputs["site_unit_cost_usd_bn_per_gw"] = np.full((12, 1), 8.0)
    found = one_vintage(reading_of(outputs, drawn), 0).figures
    worth = 8.0 * (1 - 5 / 20)
    assert found["resale_usd_bn"][0] == pytest.approx(worth)  # its GW frees one shell
    before = one_vintage(reading_of(outputs, drawn), BEFORE_THE_RUN).figures
    later = one_vintage(reading_of(outputs, drawn), 5).figures
    assert later["used_shells_usd_bn"] == pytest.approx(found["resale_usd_bn"] + before["resale_usd_bn"])
    assert later["used_shells_usd_bn"][0] == pytest.approx(2 * worth)  # it fills those of both that retire
    assert later["cost_usd_bn"][0] == pytest.approx(2 * 4.2 + 2 * worth)


def test_it_that_waits_for_power_belongs_to_the_quarter_in_which_it_was_paid_for() -> None:
    outputs, drawn = planted(life=8, quarters=14)
    shipped = np.zeros((14, 1, 1))
    shipped[0] = shipped[8] = 1
    shipped[1] = 2  # waits until the next quarter
    energised = np.zeros((14, 1, 1))
    energised[0], energised[2], energised[8] = 1, 2, 1
    outputs |= {"it_shipments_gw": shipped, "energised_gw": energised, "it_payment_usd_bn": 4.2 * shipped}
    outputs["unpowered_it_gw"] = np.cumsum(shipped - energised, axis=0)
    outputs["it_retired_gw"] = 0 * shipped
    outputs["active_compute_gw"] = 1 + np.cumsum(energised, axis=0)
    found = one_vintage(reading_of(outputs, drawn), 1).figures
    assert found["energised_gw"][0] == 2
    assert found["quarters_to_service"][0] == 2
    assert found["it_cost_usd_bn"][0] == pytest.approx(8.4)


def test_what_comes_after_the_run_is_the_geometric_series_and_its_share_is_said() -> None:
    outputs, drawn = planted()
    outputs["it_retired_gw"] = 0.1 * np.concatenate([[1.0], [2.0] * 11]).reshape(-1, 1, 1)
    energised = np.zeros((12, 1, 1))
    energised[0] = 1 + 0.1
    energised[1:] = 0.2
    outputs |= {"energised_gw": energised, "it_shipments_gw": energised, "it_payment_usd_bn": 4.2 * energised}
    outputs["active_compute_gw"] = np.full((12, 1, 1), 2.0)
    outputs["compute_margin_usd_bn"] = np.concatenate([[1.0], [2.0] * 11]).reshape(-1, 1)
    reading = reading_of(outputs, drawn, growth=-0.05)
    found = one_vintage(reading, 0)
    cash = found.cash_usd_bn[:, 0] / (1 - 0.21)
    assert cash[1:4] == pytest.approx(1.1 * 0.9 ** np.arange(3))
    assert cash[12:15] == pytest.approx(1.1 * 0.9**10 * 0.9 * 0.95 * (0.9 * 0.95) ** np.arange(3))
    inside = sum(1.1 * 0.9**k / 1.02 ** (k + 1) for k in range(11))
    ratio = 0.9 * 0.95 / 1.02
    beyond = 1.1 * 0.9**10 / 1.02**11 * ratio / (1 - ratio)
    assert found.figures["share_beyond_run"][0] == pytest.approx(beyond / (inside + beyond))


def test_a_margin_that_grows_as_fast_as_it_is_discounted_has_no_value() -> None:
    with pytest.raises(InvestmentError, match=r"is not above growth .* wanted less growth for ever, or a last year"):
        one_vintage(reading_of(*planted(), growth=0.05), 0)


def test_payback_is_that_of_the_arithmetic_for_any_stream() -> None:
    cash = np.random.default_rng(3).normal(0.3, 1.0, (30, 400))
    cash[0] = -5
    with np.errstate(invalid="ignore"):
        found = np.asarray(jax.jit(payback_quarters)(jax.numpy.asarray(cash), jax.numpy.asarray(0)))
    known = paybacks(cash)
    assert np.array_equal(np.isinf(found), np.isnan(known))
    some = np.isfinite(found)
    assert 100 < some.sum() < 400
    assert found[some] == pytest.approx(known[some])


def test_the_slope_of_a_payback_is_the_difference_of_paybacks() -> None:
    def of(price: jax.Array) -> jax.Array:
        quarters = jax.numpy.arange(20.0)[:, jax.numpy.newaxis]
        cash = jax.numpy.where(quarters == 2, -4.2, jax.numpy.where(quarters > 2, price * 0.97**quarters, 0.0))
        return payback_quarters(cash, jax.numpy.asarray(2))[0]

    of_price, slope_at = jax.jit(of), jax.jit(jax.grad(of))
    slope = float(slope_at(1.0))
    assert slope == pytest.approx((float(of_price(1 + 1e-6)) - float(of_price(1 - 1e-6))) / 2e-6, rel=1e-6)
    assert slope < 0


def test_nothing_is_left_over_at_the_payback_itself() -> None:
    cash = jax.numpy.asarray([[0.0], [-4.2], [1.0], [2.0], [2.0], [2.0]])
    paid = jax.jit(payback_quarters)(cash, 1)
    assert float(paid[0]) == pytest.approx(2.6)
    assert float(jax.jit(recovered_after)(cash, 1, paid[0])[0]) == pytest.approx(0)


def test_revenue_of_all_vintages_is_that_of_the_fleet() -> None:
    outputs, drawn = planted()
    reading = reading_of(outputs, drawn)
    summed = sum(one_vintage(reading, place).revenue_usd_bn[:, 0] for place in range(BEFORE_THE_RUN, 12))
    assert summed == pytest.approx(outputs["compute_revenue_usd_bn"][:, 0])


def test_what_was_paid_before_serves_from_the_first_quarter() -> None:
    outputs, drawn = planted()
    world = {name: jax.numpy.asarray([value]) for name, value in drawn.items()}
    given = {name: jax.numpy.asarray(values) for name, values in outputs.items()}
    fleet = jax.jit(fleet_of, static_argnums=3)(given, world, {}, 1)
    assert fleet.in_service_gw.tolist() == [1.0]
    assert len(one_vintage(reading_of(outputs, drawn), 0).cash_usd_bn) == 12 + TAIL_QUARTERS
