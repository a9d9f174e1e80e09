"""The market for compute: price, revenue, margin, shares, and the revenues above."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from headrace.equations import demand


def price(adoption: float, effective: float, elasticity: float) -> float:
    values = (adoption, effective, 0.25, 10.0, 3.0, elasticity)
    return float(demand.compute_price_usd_bn_per_gw_quarter(*(jnp.asarray(value) for value in values)))


def test_at_the_reference_the_price_is_the_reference_price() -> None:
    assert price(0.25, 10.0, 1.3) == pytest.approx(3.0)


def test_four_times_the_compute_at_elasticity_two_halves_the_price() -> None:
    # (1/4)^(1/2) = 1/2
    assert price(0.25, 40.0, 2.0) == pytest.approx(1.5)


def test_twice_the_users_at_elasticity_one_double_the_price() -> None:
    assert price(0.5, 10.0, 1.0) == pytest.approx(6.0)


def test_users_and_compute_growing_alike_leave_the_price_alone() -> None:
    assert price(0.75, 30.0, 1.7) == pytest.approx(3.0)


@pytest.mark.parametrize(("elasticity", "sign"), [(1.3, 1), (1.0, 0), (0.8, -1)])
def test_more_compute_earns_more_only_where_demand_is_elastic(elasticity: float, sign: int) -> None:
    # d ln R / d ln K = 1 - 1/ε
    revenue = [
        float(demand.compute_revenue_usd_bn(jnp.asarray(price(0.25, gigawatts, elasticity)), jnp.asarray(gigawatts)))
        for gigawatts in (10.0, 20.0)
    ]
    assert revenue[1] / revenue[0] == pytest.approx(2 ** (1 - 1 / elasticity))
    assert (revenue[1] > revenue[0] + 1e-9) - (revenue[1] < revenue[0] - 1e-9) == sign


def test_margin_is_a_share_of_revenue() -> None:
    assert float(demand.compute_margin_usd_bn(jnp.asarray(50.0), jnp.asarray(0.55))) == pytest.approx(27.5)


def layer_revenue(adoption: float, now: float = 1.2, long_run: float = 3.0) -> float:
    values = (50.0, adoption, 0.2, now, long_run)
    return float(demand.layer_revenue_usd_bn(*(jnp.asarray(value) for value in values)))


def test_revenue_above_compute_starts_at_the_ratio_of_now() -> None:
    assert layer_revenue(0.2) == pytest.approx(50 * 1.2)


def test_revenue_above_compute_ends_at_the_long_run_ratio() -> None:
    assert layer_revenue(1.0) == pytest.approx(50 * 3.0)


def test_revenue_above_compute_is_half_way_at_half_the_way() -> None:
    # (0.6 - 0.2) / (1 - 0.2) = 1/2
    assert layer_revenue(0.6) == pytest.approx(50 * 2.1)


SHARES = np.array([0.5, 0.3, 0.2])


def market(adjustment: float, decisiveness: float, first_gw: float = 1.0, technology: float = 1.0) -> np.ndarray:
    """Shares after a quarter of three builders with ``first_gw``, 2 and 3 GW of quality 4, 1 and 2."""
    compute, quality = jnp.asarray([first_gw, 2.0, 3.0]), jnp.asarray([4.0, 1.0, 2.0])
    weights = jnp.asarray(adjustment), jnp.asarray(decisiveness), jnp.asarray(technology)
    return np.asarray(demand.market_share(jnp.asarray(SHARES), compute, quality, *weights))


def test_without_the_technological_fear_gigawatts_alone_win_share() -> None:
    assert market(1.0, 1.0, technology=0.0) == pytest.approx([1 / 6, 2 / 6, 3 / 6])


def test_governments_ask_on_top_of_users() -> None:
    assert float(demand.demand_index(jnp.asarray(0.2), jnp.asarray(0.05))) == pytest.approx(0.21)


def test_full_inertia_keeps_shares() -> None:
    assert market(0.0, 1.0) == pytest.approx(SHARES)


def test_without_inertia_shares_are_those_of_quality_weighted_compute() -> None:
    # 1 × 4, 2 × 1, 3 × 2 = 4, 2, 6 of 12
    assert market(1.0, 1.0) == pytest.approx(np.array([4, 2, 6]) / 12)


def test_decisiveness_two_squares_the_weights() -> None:
    # 16, 4, 36 of 56
    assert market(1.0, 2.0) == pytest.approx(np.array([16, 4, 36]) / 56)


@pytest.mark.parametrize("adjustment", [0.0, 0.1, 0.7, 1.0])
def test_shares_still_sum_to_one(adjustment: float) -> None:
    assert market(adjustment, 0.8).sum() == pytest.approx(1, abs=1e-15)


def test_a_builder_without_compute_loses_share_at_the_speed_of_adjustment() -> None:
    assert market(0.25, 1.0, first_gw=0.0)[0] == pytest.approx(0.75 * 0.5)
