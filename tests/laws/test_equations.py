"""Laws of single equations over the whole of their range: limits, monotonicity, homogeneity, order, units."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headrace.equations import adoption, bottleneck, demand, energise, funding, orders, rivalry, scarcity
from headrace.parameters.priors import uniform_numbers
from headrace.simulation.delay_line import SLOTS, arrival_weights, filled, joined, under_way

few = settings(max_examples=25)

EPS = float(np.finfo(float).eps)


def between(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


def vector(size: int, low: float, high: float) -> st.SearchStrategy[np.ndarray]:
    return arrays(np.float64, size, elements=between(low, high))


def shares(size: int) -> st.SearchStrategy[np.ndarray]:
    return vector(size, 0.01, 1.0).map(lambda weights: weights / weights.sum())


def f(value: float | np.ndarray) -> jax.Array:
    return jnp.asarray(value, dtype=jnp.float64)


CAPACITIES = vector(5, 0.05, 50.0)
EXPONENT = between(1.0, 500.0)


@few
@given(CAPACITIES, between(0.05, 50.0), EXPONENT)
def test_flow_is_positive_and_at_most_the_smallest_member(members: np.ndarray, desired: float, exponent: float) -> None:
    flow = float(bottleneck.branch_flow_gw(f([desired, *members]), f(exponent)))
    smallest = min(desired, members.min())
    assert smallest * 6 ** (-1 / exponent) * (1 - 1e-12) <= flow <= smallest * (1 + 1e-12)


@few
@given(CAPACITIES, between(0.05, 50.0), EXPONENT, between(0.01, 100.0))
def test_twice_of_everything_flows_twice(members: np.ndarray, desired: float, exponent: float, scale: float) -> None:
    once = float(bottleneck.branch_flow_gw(f([desired, *members]), f(exponent)))
    scaled = float(bottleneck.branch_flow_gw(f([scale * desired, *(scale * members)]), f(exponent)))
    np.testing.assert_allclose(scaled, scale * once, rtol=1e-11)


@few
@given(CAPACITIES, between(0.05, 50.0), EXPONENT)
def test_members_at_their_shadow_prices_make_up_the_flow(members: np.ndarray, desired: float, exponent: float) -> None:
    every = np.append(members, desired)
    flow = bottleneck.branch_flow_gw(f([desired, *members]), f(exponent))
    prices = np.asarray(bottleneck.static_shadow_price(jnp.full(6, flow), f(every), f(exponent)))
    np.testing.assert_allclose(prices @ every, float(flow), rtol=1e-9)
    assert np.all((prices >= 0) & (prices <= 1 + 1e-9))


@few
@given(CAPACITIES, between(0.05, 50.0), EXPONENT, st.integers(0, 4), between(1.0, 5.0))
def test_more_of_one_member_never_flows_less(
    members: np.ndarray, desired: float, exponent: float, which: int, factor: float
) -> None:
    before = float(bottleneck.branch_flow_gw(f([desired, *members]), f(exponent)))
    members[which] *= factor
    assert float(bottleneck.branch_flow_gw(f([desired, *members]), f(exponent))) >= before * (1 - 1e-13)


@few
@given(CAPACITIES, between(0.05, 50.0), EXPONENT, st.permutations(range(5)))
def test_the_order_of_members_does_not_matter(
    members: np.ndarray, desired: float, exponent: float, order: list[int]
) -> None:
    flows = [float(bottleneck.branch_flow_gw(f([desired, *one]), f(exponent))) for one in (members, members[order])]
    np.testing.assert_allclose(flows[0], flows[1], rtol=1e-12)


@few
@given(between(0.1, 10.0), between(0.0, 10.0), between(0.0, 10.0), st.booleans())
def test_power_comes_from_grid_and_generation_within_their_capacity(
    flow: float, grid: float, generation: float, grid_is_cheaper: bool
) -> None:
    flow = min(flow, grid + generation)
    if flow <= 0:
        return
    from_grid, on_site = (
        float(share) * flow
        for share in bottleneck.power_use_shares(f(flow), f(grid), f(generation), jnp.asarray(grid_is_cheaper))
    )
    np.testing.assert_allclose(from_grid + on_site, flow)
    assert -1e-12 <= from_grid <= grid + 1e-12
    assert -1e-12 <= on_site <= generation + 1e-12


@few
@given(between(0.1, 10.0), between(1.0, 9.0), between(0.0, 10.0), st.booleans())
def test_what_can_serve_all_and_is_cheaper_serves_exactly_all(
    flow: float, room: float, dearer: float, grid_is_cheaper: bool
) -> None:
    capacities = (room * flow, dearer) if grid_is_cheaper else (dearer, room * flow)
    shares = power_shares(f(flow), *(f(one) for one in capacities), jnp.asarray(grid_is_cheaper))
    # A rounding left over would be earned by a group, and its sign would make earnings rise or fall.
    assert [float(share) for share in shares] == ([1, 0] if grid_is_cheaper else [0, 1])


power_shares = jax.jit(bottleneck.power_use_shares)

STOCK = vector(6, 0.0, 20.0)


@few
@given(STOCK, STOCK, STOCK, STOCK, STOCK, between(0.0, 1.0))
def test_nothing_is_made_or_lost_when_it_meets_shells(
    unpowered: np.ndarray, it: np.ndarray, empty: np.ndarray, site: np.ndarray, retired: np.ndarray, decay: float
) -> None:
    values = [f(one) for one in (unpowered, it, empty, site, retired)]
    added, waiting, free = (np.asarray(one) for one in energise.energised_gw(*values, f(decay)))
    np.testing.assert_allclose(added + waiting, unpowered + it, atol=1e-13)
    np.testing.assert_allclose(added + free, (1 - decay) * empty + site + retired, atol=1e-13)
    assert np.all(np.minimum(waiting, free) == 0)
    assert np.all(np.stack([added, waiting, free]) >= 0)


@few
@given(
    shares(6), vector(6, 0.0, 50.0), vector(6, 0.5, 9.0), between(0, 1), between(0.1, 2.0), st.permutations(range(6))
)
def test_market_shares_sum_to_one_and_know_no_order(
    share: np.ndarray, compute: np.ndarray, quality: np.ndarray, speed: float, decisiveness: float, order: list[int]
) -> None:
    compute[0] += 1.0
    weights = f(speed), f(decisiveness), f(1.0)
    after = np.asarray(demand.market_share(f(share), f(compute), f(quality), *weights))
    np.testing.assert_allclose(after.sum(), 1, atol=1e-14)
    permuted = np.asarray(demand.market_share(f(share[order]), f(compute[order]), f(quality[order]), *weights))
    np.testing.assert_allclose(permuted, after[order], atol=1e-14)


@few
@given(shares(5), between(1.0, 5.0), between(0.1, 2.0), between(0.01, 0.99))
def test_the_band_of_each_player_opens_with_fear(
    share: np.ndarray, fear: float, decisiveness: float, elasticity: float
) -> None:
    lower, upper = rivalry.deviation_bounds(f(share), f(fear), f(decisiveness), f(elasticity))
    width = (fear - 1) * decisiveness * (1 - share)
    np.testing.assert_allclose(np.asarray(upper - lower), width, atol=1e-14)


@few
@given(vector(5, 1.0, 90.0), vector(5, 0.0, 300.0), between(0, 1), between(-1, 0), between(0, 1))
def test_plans_move_towards_their_target_within_bounds(
    spent: np.ndarray, wanted: np.ndarray, speed: float, cut: float, rise: float
) -> None:
    plan = np.asarray(
        rivalry.planned_spending_usd_bn(f(spent), f(wanted), f(speed), f(cut), f(rise), f(np.zeros_like(spent)))
    )
    assert np.all((plan - spent) * (wanted - spent) >= -1e-9)
    assert np.all((plan >= spent * (1 + cut) - 1e-9) & (plan <= spent * (1 + rise) + 1e-9))
    assert np.all(plan >= -1e-12)


MONEY = vector(6, 0.0, 100.0)


@few
@given(MONEY, between(1, 60), between(1, 60), STOCK, STOCK, STOCK, STOCK, STOCK, between(0, 1), between(0, 1))
def test_orders_cost_what_was_planned_and_are_never_negative(
    planned: np.ndarray,
    it_cost: float,
    site_cost: float,
    unpowered: np.ndarray,
    empty: np.ndarray,
    it_backlog: np.ndarray,
    site_backlog: np.ndarray,
    retired: np.ndarray,
    correction: float,
    weight: float,
) -> None:
    stocks = [f(one) for one in (unpowered, empty, it_backlog, site_backlog, retired)]
    it, site = orders.branch_orders_gw(
        f(planned), f(it_cost), f(site_cost), *stocks, f(4.0), f(8.0), f(correction), f(weight)
    )
    np.testing.assert_allclose(it_cost * it + site_cost * site, planned, atol=1e-11)
    assert float(jnp.minimum(it, site).min()) >= -1e-13


@few
@given(
    vector(6, 0.1, 20.0),
    between(0, 1),
    vector(6, 0.0, 200.0),
    between(1, 60),
    between(1, 12),
    between(0, 1),
    between(0.01, 100),
)
def test_payments_are_deliveries_and_advances_in_any_currency(
    backlog: np.ndarray, share: float, advances: np.ndarray, cost: float, lead: float, rate: float, unit: float
) -> None:
    shipped = share * backlog
    cash, after = (
        np.asarray(one) for one in orders.payment_usd_bn(f(shipped), f(backlog), f(advances), f(cost), f(lead), f(rate))
    )
    np.testing.assert_allclose(cash, cost * shipped + after - advances, atol=1e-10)
    assert np.all(after >= -1e-10)
    scaled = orders.payment_usd_bn(f(shipped), f(backlog), f(unit * advances), f(unit * cost), f(lead), f(rate))
    np.testing.assert_allclose(scaled[0], unit * cash, rtol=1e-9, atol=1e-9 * unit)


@few
@given(vector(6, 0.1, 20.0), st.sets(st.integers(0, 5), min_size=1, max_size=5), between(0, 1), between(0, 9))
def test_who_has_nothing_on_order_gets_nothing_and_pays_nothing(
    backlog: np.ndarray, without: set[int], share: float, advance: float
) -> None:
    none = sorted(without)
    backlog[none] = 0
    shipped = np.asarray(orders.rationed_gw(f(share * backlog.sum()), f(backlog)))
    cash, after = (
        np.asarray(one)
        for one in orders.payment_usd_bn(f(shipped), f(backlog), f(advance * backlog), f(30.0), f(4.0), f(0.25))
    )
    for values in (shipped, cash, after):
        assert np.all(values[none] == 0)
        assert np.isfinite(values).all()

    def paid(stock: jax.Array) -> jax.Array:
        return jnp.sum(orders.payment_usd_bn(share * stock, stock, advance * stock, f(30.0), f(4.0), f(0.25))[0])

    assert np.isfinite(jax.grad(paid)(f(backlog))).all()


@few
@given(between(0.01, 1.0), between(1.0, 500.0), between(1.05, 3.0), between(1.0, 3.0))
def test_more_compute_sells_for_less_and_earns_more(
    adopted: float, used: float, elasticity: float, more: float
) -> None:
    def sold(effective: float) -> tuple[float, float]:
        values = (adopted, effective, 0.2, 10.0, 3.0, elasticity)
        price = demand.compute_price_usd_bn_per_gw_quarter(*(f(value) for value in values))
        return float(price), float(demand.compute_revenue_usd_bn(price, f(effective)))

    (dear, little), (cheap, much) = sold(used), sold(used * more)
    assert cheap <= dear * (1 + 1e-12)
    assert much >= little * (1 - 1e-12)


@few
@given(between(0, 1), between(0, 0.3), between(0, 0.7))
def test_adoption_stays_a_share(adopted: float, innovation: float, imitation: float) -> None:
    after = float(adoption.adoption_fraction(f(adopted), f(innovation), f(imitation)))
    assert adopted <= after <= 1 + 1e-15


@few
@given(between(1.0, 90.0), vector(12, 0.0, 50.0))
def test_what_was_bought_is_written_off_once(life: float, bought: np.ndarray) -> None:
    quarters = 12 + 91
    charged = sum(
        float(funding.straight_line_depreciation(f(bought), f(quarter - np.arange(12.0)), f(life)))
        for quarter in range(quarters)
    )
    np.testing.assert_allclose(charged, bought.sum(), rtol=1e-11, atol=1e-11)


@few
@given(between(0.001, 0.5), between(1.0, 200.0), between(1.01, 2.0))
def test_a_longer_life_lowers_an_annuity_and_a_higher_rate_raises_it(rate: float, life: float, more: float) -> None:
    once = float(funding.annuity_rate(f(rate), f(life)))
    assert float(funding.annuity_rate(f(rate), f(life * more))) < once * (1 + 1e-12)
    assert float(funding.annuity_rate(f(rate * more), f(life))) > once
    # paid back in full, and with interest no more than the rate on all of it
    assert 1 / life < once < 1 / life + (1 + rate) ** 0.25 - 1 + 1e-12


@few
@given(between(1.0, SLOTS), vector(30, 0.0, 9.0))
def test_a_delay_line_loses_nothing_and_delays_by_its_lead_time(lead: float, entering: np.ndarray) -> None:
    line, arrived = jnp.zeros(SLOTS), 0.0
    for amount in entering:
        now, line = joined(line, f(amount), f(lead))
        arrived += float(now)
        assert float(line.min()) >= 0
    np.testing.assert_allclose(arrived + float(under_way(line)), entering.sum(), atol=1e-11)
    weights = np.asarray(arrival_weights(f(lead)))
    np.testing.assert_allclose([weights.sum(), weights @ np.arange(1, SLOTS + 1)], [1, lead], rtol=1e-13)
    np.testing.assert_allclose(float(under_way(filled(f(1.0), f(lead)))), lead, rtol=1e-13)


@few
@given(between(1.001, SLOTS - 0.001) | st.integers(2, SLOTS - 1).map(float))
def test_a_longer_lead_time_moves_arrivals_and_loses_none_whole_quarters_included(lead: float) -> None:
    slope = np.asarray(jax.jacfwd(arrival_weights)(f(lead)))
    np.testing.assert_allclose([slope.sum(), slope @ np.arange(1, SLOTS + 1)], [0, 1], atol=1e-12)
    assert float(jax.grad(lambda lead: under_way(filled(f(1.0), lead)))(f(lead))) == 1


@few
@given(between(0.1, 3.0), between(0.1, 3.0), between(0.2, 9.0), between(0, 1), between(0.01, 100.0))
def test_tightness_knows_no_unit_of_flow(
    flow: float, desired: float, capacity: float, weight: float, unit: float
) -> None:
    values = [np.array([one]) for one in (flow, desired, capacity)]
    once = scarcity.tightness(*(f(one) for one in values), f(np.array([weight])))
    scaled = scarcity.tightness(*(f(unit * one) for one in values), f(np.array([weight])))
    np.testing.assert_allclose(scaled, once, rtol=1e-12)


@few
@given(st.text(min_size=1, max_size=30), st.integers(0, 2**63 - 1), st.integers(0, 10**6), st.integers(1, 40))
def test_draw_i_is_the_same_from_any_first_draw(name: str, seed: int, first: int, count: int) -> None:
    block = uniform_numbers([name], seed, first, count)[0]
    assert block[-1] == uniform_numbers([name], seed, first + count - 1, 1)[0, 0]
    assert np.all((block > 0) & (block < 1))
