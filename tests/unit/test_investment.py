"""Present value, internal rate, payback, perpetuity, required revenue, the option to wait: sums and refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from headrace.errors import InvestmentError
from headrace.investment import rates_of_return
from headrace.investment.payback import payback, paybacks
from headrace.investment.rates_of_return import internal_rate, internal_rates, net_present_value
from headrace.investment.real_options import option_power, option_premium, trigger_over_cost
from headrace.investment.required_revenue import required_revenue
from headrace.investment.terminal_value import growing_perpetuity

TWO_RATES = [-100, 230, -132]
"""Worth nothing at 10 % and at 20 %: 100 x² - 230 x + 132 is zero at 1.1 and 1.2."""


def test_value_now_is_discounted_from_the_second_period_on() -> None:
    assert float(net_present_value([-100, 110, 121], 0.1)) == pytest.approx(100)
    assert float(net_present_value([-100, 110, 121], 0)) == 131


def test_draws_trail_in_cash_flows_and_in_rates() -> None:
    both = np.array([[-100, -10], [110, 12], [121, 0]])
    assert net_present_value(both, [0.1, 0.2]).tolist() == pytest.approx([100, 0])
    assert net_present_value(both, 0.0).tolist() == [131, 2]
    assert net_present_value([-100, 110, 121], [0.1, 0]).tolist() == pytest.approx([100, 131])


@pytest.mark.parametrize(
    ("cash_flow", "rate"),
    [
        ([-100, 110], 0.1),
        ([100, -110], 0.1),
        ([-100, 0, 121], 0.1),
        ([0, -100, 110, 0], 0.1),
        ([-100, 50], -0.5),
        ([-1, 1e6], 1e6 - 1),
        ([-1e-9, 1.1e-9], 0.1),
        ([-1e12, *[0] * 199, 1e12 * 1.02**200], 0.02),
    ],
)
def test_a_stream_with_one_change_of_sign_has_its_rate(cash_flow: list[float], rate: float) -> None:
    assert internal_rate(cash_flow) == pytest.approx(rate, rel=1e-9)


def test_many_streams_say_which_have_a_rate_and_why_others_have_none() -> None:
    streams = np.array([[-100, 110, 0], [1, 2, 3], TWO_RATES, [-1, -2, -3], [0, 0, 0]]).T
    found = internal_rates(streams)
    assert found.cause.tolist() == [
        "found",
        "no_sign_change",
        "several_sign_changes",
        "no_sign_change",
        "no_sign_change",
    ]
    assert found.rate[0] == pytest.approx(0.1)
    assert np.isnan(found.rate[1:]).all()


@pytest.mark.parametrize(
    ("cash_flow", "said"),
    [
        ([-1, -2], "never changes sign, it has nothing but costs: no rate returns it; wanted a cost and income"),
        ([1, 2], "never changes sign, it has no cost"),
        ([0, 0, 0], "never changes sign, it has nothing at all"),
        (TWO_RATES, "changes sign 2 times, in periods 1, 2: several rates may return it and none is the right one"),
        ([-1, 0, 2, 0, -1, 3], "changes sign 3 times, in periods 2, 4, 5"),
    ],
)
def test_a_stream_without_its_one_rate_is_refused(cash_flow: list[float], said: str) -> None:
    with pytest.raises(InvestmentError, match=said):
        internal_rate(cash_flow)


def test_payback_falls_within_a_period() -> None:
    assert payback([-10, 4, 4, 4]) == 2.5
    assert payback([-10, 5, 5]) == 2
    assert payback([-2, -8, 4, 4, 4]) == 3.5


def test_a_later_cost_moves_the_payback_behind_it() -> None:
    # back at nothing after two periods, 6 out again after three, back after three and a half
    assert payback([-10, 5, 5, -6, 12]) == 3.5


def test_where_nothing_was_ever_out_the_payback_is_at_once() -> None:
    assert payback([1, 2]) == 0


def test_paybacks_of_draws_leave_those_that_never_come_open() -> None:
    streams = np.array([[-10, 4, 4, 4], [-10, 1, 1, 1], [1, 1, 1, 1]]).T
    assert paybacks(streams)[[0, 2]].tolist() == [2.5, 0]
    assert math.isnan(paybacks(streams)[1])


def test_a_payback_that_never_comes_is_refused() -> None:
    with pytest.raises(InvestmentError, match="it never pays back: after 3 periods 3 of 10 has come in; wanted more"):
        payback([-10, 1, 1, 1])


@pytest.mark.parametrize("measure", [internal_rate, payback])
def test_a_measure_of_one_stream_takes_one(measure: object) -> None:
    with pytest.raises(InvestmentError, match=r"shape \(2, 3\); wanted one stream, or "):
        measure(np.ones((2, 3)))  # type: ignore[operator]


@pytest.mark.parametrize(
    "measure", [internal_rate, internal_rates, payback, paybacks, lambda c: net_present_value(c, 0)]
)
@pytest.mark.parametrize(
    ("cash_flow", "said"),
    [
        (5, r"shape \(\); wanted two periods or more"),
        ([], r"shape \(0,\); wanted two periods or more"),
        ([-5], r"shape \(1,\); wanted two periods or more"),
        ([-5, 1, math.nan], "cash flow of period 2 is no finite number"),
        ([-5, math.inf], "cash flow of period 1 is no finite number"),
    ],
)
def test_what_is_no_stream_is_refused(measure: object, cash_flow: object, said: str) -> None:
    with pytest.raises(InvestmentError, match=said):
        measure(cash_flow)  # type: ignore[operator]


@pytest.mark.parametrize("rate", [-1, -2, math.nan])
def test_a_discount_rate_that_wipes_out_everything_is_refused(rate: float) -> None:
    with pytest.raises(InvestmentError, match=r"discount rate falls to .*; wanted more than -1"):
        net_present_value([-1, 2], [0.1, rate])


def test_a_perpetuity_is_what_its_flows_sum_to() -> None:
    long = sum(10 * 1.02**year / 1.08**year for year in range(1, 2000))
    assert float(growing_perpetuity(10, 0.08, 0.02)) == pytest.approx(long)
    assert growing_perpetuity(10, [0.08, 0.1], 0).tolist() == pytest.approx([125, 100])


def test_growth_at_or_above_the_discount_rate_is_refused() -> None:
    with pytest.raises(InvestmentError, match=r"discount rate 0.05 is not above growth 0.05: what grows as fast"):
        growing_perpetuity(10, 0.05, 0.05)
    with pytest.raises(InvestmentError, match=r"discount rate 0.05 is not above growth 0.06 in 1 of 2 cases"):
        growing_perpetuity(10, 0.05, [0.02, 0.06])
    with pytest.raises(InvestmentError, match=r"growth falls to -1\.0; wanted more than -1"):
        growing_perpetuity(10, 0.05, -1)


def test_required_revenue_of_draws() -> None:
    assert required_revenue([100, 200], 5, 0.1, [0.5, 0.6]).tolist() == pytest.approx([60, 100])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((-1, 5, 0.1, 0.6), "cost falls to -1.0"),
        ((100, 5, -0.1, 0.6), "its rate to -0.1"),
        ((100, 0, 0.1, 0.6), "life falls to 0.0 years"),
        ((100, 5, 0.1, 0), "gross margin runs from 0.0 to 0.0; wanted a fraction above 0"),
        ((100, 5, 0.1, [0.5, 60]), "gross margin runs from 0.5 to 60.0"),
    ],
)
def test_revenue_that_nothing_requires_is_refused(arguments: tuple, said: str) -> None:
    with pytest.raises(InvestmentError, match=said):
        required_revenue(*arguments)


def test_more_risk_makes_one_wait_longer() -> None:
    triggers = trigger_over_cost(0.05, 0.04, [0.001, 0.1, 0.2, 0.4])
    # without risk one still waits while value grows: r / δ
    assert triggers[0] == pytest.approx(0.05 / 0.04, rel=1e-3)
    assert (np.diff(triggers) > 0).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0, 0.04, 0.2), "discount rate falls to 0.0"),
        ((0.04, 0, 0.2), "payout rate falls to 0.0; wanted more than 0: where waiting gives nothing up it never ends"),
        ((0.04, 0.04, [0.2, 0]), "volatility falls to 0.0"),
        ((0.04, math.nan, 0.2), "payout rate falls to nan"),
    ],
)
def test_an_option_without_an_end_is_refused(arguments: tuple, said: str) -> None:
    with pytest.raises(InvestmentError, match=said):
        option_power(*arguments)


@pytest.mark.parametrize(
    ("firms", "elasticity", "said"),
    [
        (0, 1.5, "firms are 0; wanted 1 or more"),
        (1, 1.0, "demand elasticity falls to 1.0; wanted more than 1, one over the number of firms"),
        (5, [1.5, 0.1], "demand elasticity falls to 0.1; wanted more than 0.2"),
    ],
)
def test_a_price_at_which_nobody_stops_is_refused(firms: int, elasticity: object, said: str) -> None:
    with pytest.raises(InvestmentError, match=said):
        option_premium(firms, elasticity)


def test_a_stream_on_which_steps_do_not_rest_is_halved_to_the_same_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    income = random.random((40, 200)) * np.exp(random.normal(0, 2, (40, 200)))
    flows = np.concatenate([-10 * np.exp(random.normal(0, 3, (1, 200))), income])
    by_steps = rates_of_return.internal_rates(flows).rate
    monkeypatch.setattr(rates_of_return, "_STILL", -1.0)
    assert by_steps == pytest.approx(rates_of_return.internal_rates(flows).rate, rel=1e-12, abs=1e-13)
    assert np.ptp(by_steps) > 1
