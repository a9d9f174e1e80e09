"""F3: what a payback of 4.2 years earns, from level cash flow on a cost of one.

Expected: 6.11 % over five years and 11.25 % over six; at 9 % a payback of 3.89 and of 4.49 years breaks even.
Source: arithmetic of annuities.

The internal rate solves (1 - (1 + r)^-N) / r = 4.2. At 9 % the payback that breaks even is that factor itself. An
annuity is its reciprocal. The model's periods are quarters; here a period is a year, so the rate is put as the annual
rate that four such periods compound to. The same from the cash flow itself: its rate, its payback, its present value.
"""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from headrace.equations.funding import annuity_rate
from headrace.investment.payback import payback as payback_of
from headrace.investment.rates_of_return import internal_rate, net_present_value


def payback(rate: float, periods: float) -> float:
    """Cost over the level payment that returns it with interest at ``rate`` a period."""
    return 1 / float(annuity_rate(jnp.asarray((1 + rate) ** 4 - 1), jnp.asarray(periods)))


@pytest.mark.parametrize(("periods", "rate"), [(5.0, 0.0611), (6.0, 0.1125)])
def test_the_internal_rate_of_a_payback_of_4_2_years(periods: float, rate: float) -> None:
    assert payback(rate - 5e-5, periods) > 4.2 > payback(rate + 5e-5, periods)


@pytest.mark.parametrize(("periods", "years"), [(5.0, 3.89), (6.0, 4.49)])
def test_the_payback_that_breaks_even_at_9_percent(periods: float, years: float) -> None:
    assert payback(0.09, periods) == pytest.approx(years, abs=0.005)


@pytest.mark.parametrize(("periods", "rate"), [(5, 0.0611), (6, 0.1125)])
def test_the_cash_flow_itself_has_that_rate_and_that_payback(periods: int, rate: float) -> None:
    cash_flow = [-4.2] + [1.0] * periods
    assert internal_rate(cash_flow) == pytest.approx(rate, abs=5e-5)
    assert payback_of(cash_flow) == pytest.approx(4.2)


@pytest.mark.parametrize(("periods", "years"), [(5, 3.89), (6, 4.49)])
def test_the_cash_flow_that_breaks_even_at_9_percent_is_worth_nothing(periods: int, years: float) -> None:
    worth = [float(net_present_value([-cost] + [1.0] * periods, 0.09)) for cost in (years - 0.005, years + 0.005)]
    assert worth[0] > 0 > worth[1]
