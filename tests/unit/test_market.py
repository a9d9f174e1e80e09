"""Earnings, what is paid for them, who carries a rise, and what a multiple does to funding."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import pytest

from headrace.equations import investors, market


def a(*values: float) -> jax.Array:
    return jnp.asarray(values)


def f(value: float) -> jax.Array:
    return jnp.asarray(value)


def test_what_is_decided_is_built_evenly_over_its_lead_time() -> None:
    # 6 GW a quarter under way over 12 quarters, each GW selling for 4
    assert float(market.installed_capacity_usd_bn(a(6.0), a(12.0), a(4.0))[0]) == pytest.approx(2.0)


def test_equipment_is_a_number_of_quarters_of_the_output_it_makes() -> None:
    # 5 × 0.2 + 3 × 0.1
    assert float(market.equipment_revenue_usd_bn(a(0.2, 0.1), a(5.0, 3.0))) == pytest.approx(1.3)


def test_two_groups_share_a_layer_without_rest() -> None:
    first, second = market.divided_usd_bn(f(10.0), f(0.8))
    assert (float(first), float(second)) == pytest.approx((8.0, 2.0))


def test_earnings_are_a_margin_on_what_is_kept_and_a_loss_is_a_loss() -> None:
    assert market.group_earnings_usd_bn(a(10.0, -4.0), a(0.3, 0.5)).tolist() == pytest.approx([3.0, -2.0])


def power(earnings: float, revenue: float = 10.0, share: float = 0.2, smallest: float = 0.0) -> float:
    return math.exp(float(market.log_earning_power(a(earnings), a(revenue), f(share), f(smallest))[0]))


def test_who_earns_nothing_is_priced_on_what_seems_attainable() -> None:
    # φ = 0.2 × 10 + 0.5
    assert power(0.0, smallest=0.5) == pytest.approx(2.5)


def test_gains_and_losses_solve_the_same_quadratic() -> None:
    # E*² - E E* - φ² = 0 with φ = 2: E = 3 gives 4, E = -3 gives 1
    assert power(3.0) == pytest.approx(4.0)
    assert power(-3.0) == pytest.approx(1.0)


def test_large_earnings_are_taken_as_they_are() -> None:
    assert power(1e6) == pytest.approx(1e6)


def test_a_huge_loss_leaves_a_small_price_and_not_none() -> None:
    # φ² / E
    assert power(-1e12) == pytest.approx(4e-12)


def test_where_nothing_is_earned_half_of_the_first_dollar_is_priced() -> None:
    slope = jax.grad(lambda earned: market.log_earning_power(earned[None], a(10.0), f(0.2), f(0.0))[0])(f(0.0))
    assert float(slope) == pytest.approx(1 / (2 * 2.0))


def multiple(**changed: float) -> float:
    usual = {
        "log_multiple": 3.0,
        "log_long_run_multiple": 3.0,
        "earnings_growth": 0.02,
        "last_price_growth": 0.02,
        "expected_growth": 0.02,
        "reversion": 0.1,
        "surprise_response": -0.5,
        "extrapolation": 0.2,
        "log_shift": 0.0,
    }
    per_group = {"log_multiple", "log_long_run_multiple", "earnings_growth", "last_price_growth"}
    values = {name: a(value) if name in per_group else f(value) for name, value in (usual | changed).items()}
    return float(market.multiple_growth(**values)[0])


def test_a_multiple_at_its_mean_without_surprise_stays() -> None:
    assert multiple() == 0


@pytest.mark.parametrize(
    ("changed", "growth"),
    [
        ({"log_multiple": 2.5}, 0.1 * 0.5),
        ({"earnings_growth": 0.12}, -0.5 * 0.1),
        ({"last_price_growth": -0.08}, -0.2 * 0.1),
        ({"log_shift": -0.3}, -0.3),
        ({"log_multiple": 2.5, "earnings_growth": 0.12, "last_price_growth": -0.08, "log_shift": -0.3}, -0.32),
    ],
)
def test_each_push_on_a_multiple_adds(changed: dict[str, float], growth: float) -> None:
    assert multiple(**changed) == pytest.approx(growth)


def test_price_is_earnings_and_multiple() -> None:
    assert float(market.price_growth(a(0.10), a(-0.04))[0]) == pytest.approx(0.06)


def test_breadth_counts_who_rises_and_not_who_stands_still() -> None:
    assert float(market.earnings_breadth(a(2.0, 1.0, -1.0, 0.5), a(1.0, 1.0, -2.0, 0.9))) == pytest.approx(0.5)


def test_three_to_one_is_less_than_two_contributors() -> None:
    # 1 / (0.75² + 0.25²) = 1.6; who falls is not counted
    assert float(market.contributors(a(4.0, 2.0, 0.0), a(1.0, 1.0, 9.0))) == pytest.approx(1.6)


def test_nobody_carries_a_fall() -> None:
    assert float(market.contributors(a(1.0, 1.0), a(1.0, 2.0))) == 0


def test_no_sensitivity_is_a_factor_of_exactly_one() -> None:
    assert float(investors.investor_factor(f(1.0), f(4.0), f(0.0))) == 1


def test_near_the_reference_sensitivity_is_the_elasticity() -> None:
    def log_factor(log_multiple: jax.Array) -> jax.Array:
        return jnp.log(investors.investor_factor(log_multiple, f(3.0), f(0.7)))

    assert float(jax.grad(log_factor)(f(3.0))) == pytest.approx(0.7)


@pytest.mark.parametrize(("fall", "factor"), [(-100.0, 0.0), (100.0, 2.0), (-math.atanh(0.5), 0.5)])
def test_doors_close_far_below_and_open_twice_as_wide_far_above(fall: float, factor: float) -> None:
    assert float(investors.investor_factor(f(3.0 + fall), f(3.0), f(1.0))) == pytest.approx(factor)


@pytest.mark.parametrize(("factor", "paid"), [(1.0, 0.3), (0.0, 0.51), (2.0, 0.09), (0.5, 0.405)])
def test_payouts_move_against_the_mood_of_investors(factor: float, paid: float) -> None:
    # 0.3 (1 + (1 - f) 0.7)
    assert float(investors.payout_share(a(0.3), f(factor))[0]) == pytest.approx(paid)


@pytest.mark.parametrize("edge", [0.0, 1.0])
def test_who_pays_out_nothing_or_all_does_so_in_any_mood(edge: float) -> None:
    assert [float(investors.payout_share(a(edge), f(factor))[0]) for factor in (0.0, 0.7, 2.0)] == [edge] * 3
