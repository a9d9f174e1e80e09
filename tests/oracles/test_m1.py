"""M1: growth of a price from growth of earnings and of the multiple.

Expected: exactly their sum; ln 1.21 is ln (2.4 / 2) of earnings and ln (121 / 2.4 / 50) of the multiple.
Source: identity.

NVIDIA-like figures: price 100 to 121, earnings 2 to 2.4, so the multiple goes from 50 to 50.41667:
ln 1.21 = ln 1.2 + ln 1.0083333.
"""

from __future__ import annotations

import math
from itertools import pairwise

import jax.numpy as jnp
import pytest

from headrace.equations.market import log_earning_power, multiple_growth, price_growth


def test_a_price_is_earnings_times_multiple_over_any_path() -> None:
    zero, at_mean = jnp.asarray(0.0), jnp.asarray([math.log(50.0)])
    earnings = [2.0, 2.4, 1.1, 7.0, 7.0]
    powers = [log_earning_power(jnp.asarray([e]), jnp.asarray([9.0]), zero, jnp.asarray(1e-9)) for e in earnings]
    multiple, last, prices = at_mean, jnp.asarray([0.0]), [50.0 * earnings[0]]
    for before, after in pairwise(powers):
        response = (jnp.asarray(value) for value in (0.02, 0.1, 0.4, 0.3, -0.05))
        risen = multiple_growth(multiple, at_mean, after - before, last, *response)
        last = price_growth(after - before, risen)
        multiple = multiple + risen
        prices.append(prices[-1] * math.exp(float(last[0])))
    assert prices[-1] == pytest.approx(math.exp(float(multiple[0])) * earnings[-1], rel=1e-13)
    assert float(multiple[0]) != pytest.approx(float(at_mean[0]), abs=0.01)


def test_the_worked_figures_split_as_written() -> None:
    earned, paid = jnp.asarray([math.log(2.4 / 2.0)]), jnp.asarray([math.log(121 / 2.4) - math.log(50)])
    assert float(price_growth(earned, paid)[0]) == pytest.approx(math.log(1.21), abs=1e-15)
