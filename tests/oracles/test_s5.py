"""S5: the band of equilibria under loss aversion around current shares.

Expected: equal shares leave one point at λ = 1 and reach the whole pool at λ = 1.125 (n = 5, β = 0.5); unequal shares
    may leave none; inside the band the log-slope of the best response is 1.
Source: Tversky and Kahneman (1991), Quarterly Journal of Economics 106(4), 1039-1061, <https://doi.org/10.2307/2937956>.

Lower and upper bound of spending over the pool for share s: r (1 - s) + β s and λ r (1 - s) + β s. At equal shares
of n players the top reaches the whole pool at λ0 = (n - β) / ((n - 1) r) = 4.5 / 4 = 1.125. Inside,
x_i = s_i / (1 - s_i) Y: log-slope one.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from headrace.equations.rivalry import deviation_bounds, target_spending_usd_bn

EQUAL = np.full(5, 0.2)
CRITICAL = 1.125


def band(share: np.ndarray, loss_aversion: float) -> tuple[float, float]:
    lower, upper = deviation_bounds(jnp.asarray(share), jnp.asarray(loss_aversion), jnp.asarray(1.0), jnp.asarray(0.5))
    return float(lower.max()), float(upper.min())


def test_equal_shares_without_fear_leave_one_point() -> None:
    assert band(EQUAL, 1.0) == pytest.approx((0.9, 0.9))


def test_at_critical_fear_the_top_of_the_band_is_the_whole_pool() -> None:
    builders, elasticity, decisiveness = 5, 0.5, 1.0
    critical = (builders - elasticity) / ((builders - 1) * decisiveness)
    assert critical == CRITICAL
    assert band(EQUAL, critical)[1] == pytest.approx(1)


@pytest.mark.parametrize(("loss_aversion", "loses"), [(1.12, False), (1.13, True)])
def test_above_it_the_industry_can_lose_money(loss_aversion: float, loses: bool) -> None:
    assert (band(EQUAL, loss_aversion)[1] > 1) == loses


def test_unequal_shares_may_leave_no_band() -> None:
    bottom, top = band(np.array([0.6, 0.1, 0.1, 0.1, 0.1]), 1.2)
    assert bottom > top


def test_enough_fear_opens_a_band_for_unequal_shares_too() -> None:
    bottom, top = band(np.array([0.3, 0.25, 0.2, 0.15, 0.1]), 2.0)
    assert bottom < top


@pytest.mark.parametrize("share", [0.1, 0.2, 0.45])
def test_inside_the_band_the_reply_to_rivals_has_log_slope_one(share: float) -> None:
    shares = jnp.asarray([share, *[(1 - share) / 4] * 4])
    bounds = deviation_bounds(shares, jnp.asarray(2.5), jnp.asarray(1.0), jnp.asarray(0.5))

    def log_reply(log_rivals: jax.Array) -> jax.Array:
        # who keeps its share of a total in which rivals spend Y spends s/(1 - s) Y
        total = jnp.exp(log_rivals) / (1 - share)
        return jnp.log(target_spending_usd_bn(total, jnp.asarray(100.0), shares, *bounds)[0])

    rivals = jnp.log(jnp.asarray(110.0 * (1 - share)))
    assert float(jnp.exp(log_reply(rivals))) == pytest.approx(share / (1 - share) * 110 * (1 - share))
    assert float(jax.grad(log_reply)(rivals)) == pytest.approx(1, abs=1e-12)
