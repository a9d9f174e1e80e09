"""Tightness, price, learning and expansion."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from headrace.equations import scarcity


def tight(flow: float, desired: float, capacity: float, weight: float) -> float:
    return float(scarcity.tightness(*(jnp.asarray([value]) for value in (flow, desired, capacity, weight)))[0])


def price_of(tightness: float, elasticity: float) -> float:
    return float(scarcity.scarcity_price(jnp.asarray([tightness]), jnp.asarray([elasticity]))[0])


def test_without_weight_on_demand_tightness_is_use_of_capacity() -> None:
    assert tight(3.0, 9.0, 4.0, 0.0) == pytest.approx(0.75)


def test_with_full_weight_on_demand_tightness_is_the_order_book() -> None:
    assert tight(3.0, 9.0, 4.0, 1.0) == pytest.approx(2.25)


def test_in_between_it_is_the_geometric_mean() -> None:
    # √(4 × 9) / 4 = 1.5
    assert tight(4.0, 9.0, 4.0, 0.5) == pytest.approx(1.5)


@pytest.mark.parametrize(("tightness", "elasticity", "price"), [(1.0, 0.7, 1.0), (4.0, 0.5, 2.0), (3.0, 0.0, 1.0)])
def test_price_is_tightness_to_its_elasticity(tightness: float, elasticity: float, price: float) -> None:
    assert price_of(tightness, elasticity) == pytest.approx(price)


def test_a_shortage_is_not_clamped() -> None:
    assert price_of(1e6, 1.0) == pytest.approx(1e6)


def learnt(cumulative: float, rate: float) -> float:
    values = (cumulative, 20.0, 30.0, rate)
    return float(scarcity.unit_cost_wright1936(*(jnp.asarray([value]) for value in values))[0])


def test_no_learning_leaves_cost_alone() -> None:
    assert learnt(1000.0, 0.0) == pytest.approx(30.0)


@pytest.mark.parametrize("doublings", [0, 1, 2, 5])
def test_each_doubling_takes_the_same_share_off_cost(doublings: int) -> None:
    assert learnt(20.0 * 2**doublings, 0.1) == pytest.approx(30.0 * 0.9**doublings)


def test_a_negative_rate_makes_things_dearer() -> None:
    assert learnt(40.0, -0.1) == pytest.approx(33.0)


def test_price_of_a_branch_weighs_power_by_use() -> None:
    # 10 + 0.75 × 4 + 0.25 × 8
    cost = scarcity.branch_unit_cost_usd_bn_per_gw(jnp.asarray([10.0, 4.0, 8.0]), jnp.asarray([1.0, 0.75, 0.25]))
    assert float(cost) == pytest.approx(15.0)


def expansion(tightness: float, pipeline: float, response: float = 0.3, trend: float = 0.02) -> float:
    layer = [jnp.asarray([value]) for value in (tightness, 5.0, pipeline, 8.0, response, trend)]
    return float(scarcity.expansion_gw_per_quarter(*layer, jnp.asarray(0.5), jnp.asarray([0.1]))[0])


def test_in_balance_a_layer_expands_at_its_trend() -> None:
    assert expansion(1.0, 0.0) == pytest.approx(0.02 * 5)


def test_shortage_adds_to_the_trend_and_the_pipeline_takes_from_it() -> None:
    # 0.3 × 0.2 × 5 + 0.02 × 5 - 0.5 × 1.6 / 8 = 0.3 + 0.1 - 0.1
    assert expansion(1.2, 1.6) == pytest.approx(0.3)


def test_expansion_stops_at_the_fastest_and_at_nothing() -> None:
    assert expansion(9.0, 0.0) == pytest.approx(0.1 * 5)
    assert expansion(0.1, 0.0) == 0


def test_capacity_decays_and_grows_by_arrivals() -> None:
    after = scarcity.capacity_gw_per_quarter(jnp.asarray([5.0]), jnp.asarray([0.4]), jnp.asarray([0.02]))
    assert float(after[0]) == pytest.approx(5.3)


def usable(quarter: float, availability: float = 1.0, growth: float = 1.5) -> float:
    values = jnp.asarray([6.0]), jnp.asarray([availability]), jnp.asarray([growth])
    return float(scarcity.usable_capacity_gw(*values, jnp.asarray(4.0), jnp.asarray(quarter))[0])


@pytest.mark.parametrize(("quarter", "gigawatts"), [(0.0, 6 / 1.125), (1.0, 6 / 1.25), (3.0, 4.0), (9.0, 4.0)])
def test_a_generation_that_takes_half_more_wafers_makes_a_third_less_of_them(quarter: float, gigawatts: float) -> None:
    assert usable(quarter) == pytest.approx(gigawatts)


def test_an_outage_takes_its_share_of_capacity() -> None:
    assert usable(0.0, availability=0.25, growth=1.0) == pytest.approx(1.5)
