"""The CES bottleneck, its shadow prices, and who supplies power."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from headrace.equations import bottleneck


def flow(desired: float, capacities: list[float], exponent: float) -> float:
    return float(bottleneck.branch_flow_gw(jnp.asarray([desired, *capacities]), jnp.asarray(exponent)))


@pytest.mark.parametrize("members", [1, 2, 4, 5])
def test_equal_members_lose_m_to_the_minus_one_over_rho(members: int) -> None:
    exponent = 30.0
    assert flow(jnp.inf, [3.0] * members, exponent) == pytest.approx(3.0 * members ** (-1 / exponent))


def test_demand_is_a_member_like_the_others() -> None:
    assert flow(3.0, [3.0], 20.0) == pytest.approx(3.0 * 2 ** (-1 / 20))


def test_a_loose_member_costs_next_to_nothing() -> None:
    # the loss is (1 + 2^-30)^(-1/30) - 1, some 3e-11
    assert flow(jnp.inf, [3.0, 6.0], 30.0) == pytest.approx(3.0, rel=1e-10)


def test_exponent_one_adds_resistances() -> None:
    # 1 / (1/2 + 1/3 + 1/6) = 1
    assert flow(2.0, [3.0, 6.0], 1.0) == pytest.approx(1.0)


def test_a_large_exponent_is_the_minimum_without_overflow() -> None:
    assert flow(5.0, [4.0, 4.4, 1e4], 5000.0) == pytest.approx(4.0, rel=1e-12)


@pytest.mark.parametrize("exponent", [1.0, 5.0, 30.0, 60.0, 500.0])
def test_flow_is_never_above_the_smallest_member(exponent: float) -> None:
    assert flow(2.2, [2.0, 2.1, 7.0], exponent) <= 2.0


def test_shadow_prices_are_the_derivatives_of_the_flow() -> None:
    members, exponent = jnp.asarray([2.2, 2.0, 2.1, 7.0]), jnp.asarray(12.0)
    slopes = jax.grad(bottleneck.branch_flow_gw)(members, exponent)
    through = bottleneck.branch_flow_gw(members, exponent)
    prices = bottleneck.static_shadow_price(jnp.full(4, through), members, exponent)
    assert np.asarray(prices) == pytest.approx(np.asarray(slopes), rel=1e-12)


def shares(through: float, grid: float, generation: float, grid_is_cheaper: bool) -> tuple[float, float]:
    values = (jnp.asarray(through), jnp.asarray(grid), jnp.asarray(generation), jnp.asarray(grid_is_cheaper))
    on_grid, on_site = bottleneck.power_use_shares(*values)
    return float(on_grid), float(on_site)


def test_a_cheap_grid_that_suffices_serves_all() -> None:
    assert shares(2.0, 3.0, 1.0, grid_is_cheaper=True) == (1, 0)


def test_a_cheap_grid_that_does_not_suffice_is_used_up_first() -> None:
    # 3 of 4 from the grid
    assert shares(4.0, 3.0, 2.0, grid_is_cheaper=True) == pytest.approx((0.75, 0.25))


def test_cheap_generation_is_used_up_first_where_the_grid_is_dear() -> None:
    # 2 of 4 from generation
    assert shares(4.0, 3.0, 2.0, grid_is_cheaper=False) == pytest.approx((0.5, 0.5))


def test_the_order_does_not_matter_where_both_are_used_up() -> None:
    assert shares(5.0, 3.0, 2.0, True) == pytest.approx(shares(5.0, 3.0, 2.0, False))
