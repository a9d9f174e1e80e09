"""P3: lead time as backlog over shipments, on two order books.

Expected: 100 GW at 20 GW a year is 5.0 years (GE Vernova); 38.8 bn at 32.7 bn a year is 1.187 years (ASML).
Source: Little (1961), Operations Research 9(3), 383-387, <https://doi.org/10.1287/opre.9.3.383>.

The second half sends cohorts through the model's own backlog and measures how long they wait.
"""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from headrace.equations.orders import backlog_gw, desired_flow_gw, lead_time_quarters

ORDER_BOOKS = [(100.0, 20.0, 5.0), (38.8, 32.7, 1.187)]


@pytest.mark.parametrize(("backlog", "a_year", "years"), ORDER_BOOKS)
def test_backlog_over_flow_is_the_published_wait(backlog: float, a_year: float, years: float) -> None:
    quarters = float(lead_time_quarters(jnp.asarray(backlog), jnp.asarray(a_year / 4)))
    assert quarters / 4 == pytest.approx(years, abs=5e-4)


@pytest.mark.parametrize("normal", [2.0, 4.0, 8.0])
def test_an_even_flow_of_orders_waits_its_normal_lead_time_in_the_mean(normal: float) -> None:
    # orders of one GW a quarter: the backlog settles where what leaves equals what enters, at L* × 1 GW
    backlog = jnp.asarray([0.0])
    for _ in range(400):
        backlog = backlog_gw(backlog, jnp.asarray([1.0]), desired_flow_gw(backlog, jnp.asarray(normal))[jnp.newaxis])
    assert float(backlog[0]) == pytest.approx(normal)
    # and one GW that enters alone leaves by (1 - 1/L*)^t; its mean wait is L* quarters too
    left, waited = 1.0, 0.0
    for quarter in range(1, 600):
        leaving = float(desired_flow_gw(jnp.asarray([left]), jnp.asarray(normal)))
        waited, left = waited + quarter * leaving, left - leaving
    assert waited == pytest.approx(normal, rel=1e-6)
