"""Laws of investment: rates, paybacks and values that agree with each other in any unit."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from headrace.investment.payback import payback, paybacks
from headrace.investment.rates_of_return import internal_rates, net_present_value
from headrace.investment.real_options import trigger_over_cost
from headrace.investment.required_revenue import required_revenue
from headrace.investment.terminal_value import growing_perpetuity

COST = st.floats(0.1, 1e3)
INCOME = st.lists(st.floats(0, 1e3), min_size=1, max_size=40)


@given(COST, INCOME)
def test_at_the_internal_rate_a_stream_is_worth_nothing(cost: float, income: list[float]) -> None:
    assume(max(income) > 1e-3)
    found = internal_rates([-cost, *income])
    assert found.cause == "found"
    assert found.rate > -1
    # what is left at a rate below or above by a hair has opposite signs
    below, above = (
        float(net_present_value([-cost, *income], (1 + found.rate) * hair - 1)) for hair in (1 - 1e-9, 1 + 1e-9)
    )
    assert below > 0 > above


@given(st.lists(st.floats(-10, 10).filter(lambda flow: abs(flow) > 1e-3), min_size=2, max_size=12))
def test_a_rate_is_given_only_for_one_change_of_sign(cash_flow: list[float]) -> None:
    signs = np.sign(cash_flow)
    changes = int((signs[1:] != signs[:-1]).sum())
    found = internal_rates(cash_flow)
    assert found.cause == {0: "no_sign_change", 1: "found"}.get(changes, "several_sign_changes")
    assert np.isnan(found.rate) == (changes != 1)


@given(COST, INCOME, st.floats(0.01, 100))
def test_payback_and_rate_know_no_unit(cost: float, income: list[float], scale: float) -> None:
    assume(max(income) > 1e-3)
    stream = np.array([-cost, *income])
    np.testing.assert_allclose(internal_rates(scale * stream).rate, internal_rates(stream).rate, rtol=1e-9, atol=1e-9)
    assume(abs(stream.sum()) > 1e-6)
    np.testing.assert_allclose(paybacks(scale * stream), paybacks(stream), rtol=1e-6)


@given(COST, st.floats(0.1, 1e3), st.integers(1, 40))
def test_a_level_income_pays_back_after_cost_over_income(cost: float, income: float, periods: int) -> None:
    assume(abs(cost / income - periods) > 1e-6)
    stream = [-cost, *[income] * periods]
    if cost / income > periods:
        assert np.isnan(paybacks(stream))
    else:
        np.testing.assert_allclose(payback(stream), cost / income, rtol=1e-9)


@given(COST, INCOME)
def test_who_gets_it_back_earns_something(cost: float, income: list[float]) -> None:
    assume(max(income) > 1e-3)
    assume(abs(sum(income) - cost) > 1e-6)
    stream = [-cost, *income]
    assert (internal_rates(stream).rate > 0) == (not np.isnan(paybacks(stream)))


@given(st.floats(1, 100), st.floats(0.02, 0.3), st.floats(-0.2, 0.25))
def test_a_perpetuity_is_worth_its_next_year_and_the_perpetuity_after_it(
    flow: float, rate: float, growth: float
) -> None:
    assume(rate - growth > 1e-3)
    worth = growing_perpetuity(flow, rate, growth)
    following = flow * (1 + growth)
    np.testing.assert_allclose(worth, (following + growing_perpetuity(following, rate, growth)) / (1 + rate))


@given(COST, st.floats(1, 40), st.floats(0, 0.5), st.floats(0.05, 1))
def test_revenue_rises_with_cost_and_its_price_and_falls_with_life_and_margin(
    cost: float, life: float, rate: float, margin: float
) -> None:
    asked = required_revenue(cost, life, rate, margin)
    assert required_revenue(2 * cost, life, rate, margin) > asked
    assert required_revenue(cost, life, rate + 0.01, margin) > asked
    assert required_revenue(cost, 2 * life, rate, margin) < asked
    assert required_revenue(cost, life, rate, margin / 2) > asked


@given(st.floats(0.01, 0.2), st.floats(0.01, 0.2), st.floats(0.05, 0.8), st.floats(0.1, 10))
def test_the_trigger_is_above_cost_rises_with_risk_and_knows_no_unit_of_time(
    rate: float, payout: float, volatility: float, years: float
) -> None:
    trigger = trigger_over_cost(rate, payout, volatility)
    assert trigger > 1
    assert trigger_over_cost(rate, payout, 1.1 * volatility) > trigger
    np.testing.assert_allclose(trigger_over_cost(rate * years, payout * years, volatility * years**0.5), trigger)
