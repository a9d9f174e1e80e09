"""The race: pool, ratios, deviation bounds, targets and the adjustment of plans."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from headrace.equations import rivalry

EQUAL = np.full(5, 0.2)
UNEQUAL = np.array([0.3, 0.25, 0.2, 0.15, 0.1])


def growth(observed: float, expected: float, weight: float = 0.5) -> float:
    return float(
        rivalry.expected_growth(
            jnp.asarray(expected),
            jnp.asarray(100 * (1 + observed)),
            jnp.asarray(100.0),
            jnp.asarray(weight),
            jnp.asarray(-0.1),
            jnp.asarray(0.3),
        )
    )


def test_expectation_lies_between_what_was_believed_and_what_was_seen() -> None:
    assert growth(0.2, 0.1, weight=0.25) == pytest.approx(0.25 * 0.2 + 0.75 * 0.1)


def test_who_learns_nothing_expects_as_before() -> None:
    assert growth(0.25, 0.1, weight=0.0) == pytest.approx(0.1)


@pytest.mark.parametrize(("observed", "bound"), [(2.0, 0.3), (-0.9, -0.1)])
def test_expectation_is_clipped(observed: float, bound: float) -> None:
    assert growth(observed, 0.1, weight=1.0) == pytest.approx(bound)


def test_the_pool_is_grown_margin_and_franchise_at_stake() -> None:
    # 20 × 1.1² + 0.5 × (10 + 30) = 24.2 + 20
    pool = rivalry.expected_pool_usd_bn(
        jnp.asarray(20.0), jnp.asarray(0.1), jnp.asarray(2.0), jnp.asarray(0.5), jnp.asarray([10.0, 30.0])
    )
    assert float(pool) == pytest.approx(44.2)


def test_spend_to_pool_counts_every_builder() -> None:
    assert float(rivalry.spend_to_pool_ratio(jnp.asarray([1.0, 2.0, 3.0]), jnp.asarray(4.0))) == pytest.approx(1.5)


@pytest.mark.parametrize(("builders", "ratio"), [(1, 0.5), (2, 0.75), (5, 0.9), (6, 5.5 / 6)])
def test_nash_ratio_by_number_of_builders(builders: int, ratio: float) -> None:
    # [r (n - 1) + β] / n at r = 1, β = 1/2; with one builder it is the cooperative β
    assert float(rivalry.nash_ratio(builders, jnp.asarray(1.0), jnp.asarray(0.5))) == pytest.approx(ratio)


def test_a_single_builder_cannot_overspend() -> None:
    assert float(rivalry.overspend_factor(1, jnp.asarray(1.0), jnp.asarray(0.5))) == pytest.approx(1)


def test_overspend_of_five_on_a_square_root_pool() -> None:
    # {[4 + 0.5] / 2.5}² = 1.8²
    assert float(rivalry.overspend_factor(5, jnp.asarray(1.0), jnp.asarray(0.5))) == pytest.approx(3.24)


def test_overspend_is_the_ratio_of_the_two_levels() -> None:
    # X / (A X^β) = ratio, so X = (A ratio)^(1/(1 - β))
    elasticity, scale = 0.3, 7.0
    nash, cooperative = (
        (scale * float(rivalry.nash_ratio(n, jnp.asarray(1.0), jnp.asarray(elasticity)))) ** (1 / (1 - elasticity))
        for n in (6, 1)
    )
    assert float(rivalry.overspend_factor(6, jnp.asarray(1.0), jnp.asarray(elasticity))) == pytest.approx(
        nash / cooperative
    )


def bounds(share: np.ndarray, loss_aversion: float, decisiveness: float = 1.0) -> tuple[jax.Array, jax.Array]:
    return rivalry.deviation_bounds(
        jnp.asarray(share), jnp.asarray(loss_aversion), jnp.asarray(decisiveness), jnp.asarray(0.5)
    )


@pytest.mark.parametrize("share", [EQUAL, UNEQUAL])
def test_without_loss_aversion_the_bounds_of_each_player_are_one_point(share: np.ndarray) -> None:
    lower, upper = bounds(share, 1.0)
    assert lower == pytest.approx(upper)


def test_that_point_is_nash_where_shares_are_equal() -> None:
    lower, _ = bounds(EQUAL, 1.0)
    assert lower == pytest.approx(np.full(5, (4 + 0.5) / 5))


def test_bounds_of_a_player_by_hand() -> None:
    # share 0.3: lower 0.8 × 0.7 + 0.5 × 0.3 = 0.71, upper 2 × 0.8 × 0.7 + 0.15 = 1.27
    lower, upper = bounds(UNEQUAL, 2.0, 0.8)
    assert (float(lower[0]), float(upper[0])) == pytest.approx((0.71, 1.27))


def test_a_small_player_tolerates_more_rivalry_than_a_large_one() -> None:
    lower, _ = bounds(UNEQUAL, 1.0)
    assert bool(jnp.all(jnp.diff(lower) > 0))


def target(watched: float, share: np.ndarray, loss_aversion: float, pool: float = 100.0) -> jax.Array:
    return rivalry.target_spending_usd_bn(
        jnp.asarray(watched), jnp.asarray(pool), jnp.asarray(share), *bounds(share, loss_aversion)
    )


def test_inside_the_band_each_matches_its_share_of_the_total() -> None:
    # equal shares, λ = 2: the band is 0.9 .. 1.7 of the pool
    assert target(120.0, EQUAL, 2.0) == pytest.approx(24.0)


def test_inside_the_band_a_rise_of_one_percent_is_matched_by_one_percent() -> None:
    slope = jax.grad(lambda log_total: jnp.log(target_of(jnp.exp(log_total))))(jnp.log(120.0))
    assert float(slope) == pytest.approx(1, abs=1e-12)


def target_of(watched: jax.Array) -> jax.Array:
    return rivalry.target_spending_usd_bn(watched, jnp.asarray(100.0), jnp.asarray(EQUAL), *bounds(EQUAL, 2.0))[0]


@pytest.mark.parametrize(("watched", "total"), [(50.0, 90.0), (400.0, 170.0)])
def test_outside_the_band_the_target_is_its_edge_and_rivals_are_not_matched(watched: float, total: float) -> None:
    assert target(watched, EQUAL, 2.0) == pytest.approx(total / 5)
    assert float(jax.grad(target_of)(jnp.asarray(watched))) == 0


def test_where_the_band_is_empty_each_clips_to_its_own_bounds() -> None:
    # λ = 1: bounds are the points 1 - s/2, which differ, so no common band exists
    points = 1 - UNEQUAL / 2
    assert target(1000.0, UNEQUAL, 1.0) == pytest.approx(UNEQUAL * points * 100)
    assert target(0.0, UNEQUAL, 1.0) == pytest.approx(UNEQUAL * points * 100)


@pytest.mark.parametrize(("quarter", "watched"), [(0.0, 7.0), (1.0, 7.0), (2.0, 3.0), (9.0, 3.0)])
def test_announcements_are_watched_while_guidance_lasts_and_spending_after_it(quarter: float, watched: float) -> None:
    seen = rivalry.watched_spending_usd_bn(
        jnp.asarray([1.0, 2.0]), jnp.asarray([3.0, 4.0]), jnp.asarray(2.0), jnp.asarray(quarter)
    )
    assert float(seen) == watched


def plan(spent: float, wanted: float, speed: float = 0.5, pause: float = 0.0) -> float:
    limits = jnp.asarray(-0.15), jnp.asarray(0.2), jnp.asarray([pause])
    planned = rivalry.planned_spending_usd_bn(jnp.asarray([spent]), jnp.asarray([wanted]), jnp.asarray(speed), *limits)
    return float(planned[0])


def test_plans_close_part_of_the_gap() -> None:
    # half of +10 %
    assert plan(40.0, 44.0) == pytest.approx(42.0)


def test_a_pause_withholds_its_share_of_the_plan() -> None:
    assert plan(40.0, 44.0, pause=0.25) == pytest.approx(0.75 * 42.0)
    assert plan(40.0, 44.0, pause=1.0) == 0


def test_the_rest_of_the_world_spends_on_a_path_of_its_own() -> None:
    # (40 + 8) × 1.5², one quarter after the start's own
    spent = rivalry.rest_of_world_spending_usd_bn(*(jnp.asarray(value) for value in (40.0, 8.0, 0.5, 1.0)))
    assert float(spent) == pytest.approx(108.0)


def test_at_the_target_plans_stay() -> None:
    assert plan(40.0, 40.0) == pytest.approx(40.0)


@pytest.mark.parametrize(("wanted", "planned"), [(400.0, 48.0), (0.0, 34.0)])
def test_plans_rise_and_fall_no_faster_than_stated(wanted: float, planned: float) -> None:
    # 40 × 1.2 and 40 × 0.85
    assert plan(40.0, wanted) == pytest.approx(planned)
