"""F6: yearly cost of a 1-GW campus: capex 38, opex 0.9 USD bn, a facility that lasts 14 years.

Expected: 8.5 USD bn a year at an IT life of 5 years, 12 at 3, 7 at 7, all within 0.1 at one cost of capital.
Source: Epoch AI (14 May 2026).
Differs: The loop pays quarterly and not yearly, which comes to 8.3 a year at the same rate because it comes sooner.

One cost of capital fits all three: IT 25.5, facility 12.5, 6.8 %:
25.5 × 0.2426 + 12.5 × 0.1130 + 0.9 = 6.19 + 1.41 + 0.9 = 8.50. A period here is a year.
"""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from headrace.equations.funding import annuity_rate

IT, FACILITY, OPERATIONS, WACC = 25.5, 12.5, 0.9, 0.068


def yearly(rate: float, years: float) -> float:
    return float(annuity_rate(jnp.asarray((1 + rate) ** 4 - 1), jnp.asarray(years)))


def quarterly(rate: float, years: float) -> float:
    """Four payments a year."""
    return 4 * float(annuity_rate(jnp.asarray(rate), jnp.asarray(4 * years)))


@pytest.mark.parametrize(("it_life", "published"), [(5.0, 8.5), (3.0, 12.0), (7.0, 7.0)])
def test_cost_a_year_is_the_published_one(it_life: float, published: float) -> None:
    cost = IT * yearly(WACC, it_life) + FACILITY * yearly(WACC, 14.0) + OPERATIONS
    assert cost == pytest.approx(published, abs=0.1)


def test_quarterly_payments_cost_less_by_the_interest_within_the_year() -> None:
    cost = IT * quarterly(WACC, 5.0) + FACILITY * quarterly(WACC, 14.0) + OPERATIONS
    # each dollar a year is paid as four quarters: r / (4 ((1 + r)^(1/4) - 1)) = 1.025 of them
    early = WACC / (4 * ((1 + WACC) ** 0.25 - 1))
    assert (cost - OPERATIONS) * early == pytest.approx(8.5 - OPERATIONS, abs=0.1)
