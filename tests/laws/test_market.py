"""Laws of the market over the whole of its ranges: one identity, no favourite group, no favourite unit, no dead end."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import ArrayLike

from headrace.equations import investors, market
from headrace.parameters.registry import registry
from headrace.simulation import markets
from headrace.simulation.markets import Market, Sales
from headrace.variables import GROUPS, LAYERS

few = settings(max_examples=25)

N = len(GROUPS)
EPS = float(np.finfo(np.float64).eps)
MONEY = ("market.smallest_earnings_usd_bn",)
FIELDS = ("earnings_margin", "long_run_multiple", "start_multiple")


def between(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


def per_group(low: float, high: float) -> st.SearchStrategy[np.ndarray]:
    return arrays(np.float64, N, elements=between(low, high))


def ranged(name: str) -> st.SearchStrategy[float]:
    return between(*registry()[name].range)


def f(value: ArrayLike) -> jax.Array:
    return jnp.asarray(value, dtype=jnp.float64)


@cache
def names() -> tuple[str, ...]:
    table = registry()
    scalars = [name for name in table if name.startswith("market.")]
    return (*scalars, "funding.investor_sensitivity", *(f"group.{g}.{field}" for g in GROUPS for field in FIELDS))


@st.composite
def worlds(draw: st.DrawFn, dtype: type = np.float64) -> dict[str, jax.Array]:
    """One world anywhere in the hard ranges, its corners included."""
    values = {name: draw(ranged(name)) for name in names()}
    found = {name: jnp.asarray([value], dtype) for name, value in values.items() if not name.startswith("group.")}
    for field in FIELDS:
        found[f"group.{field}"] = jnp.asarray([[values[f"group.{group}.{field}"]] for group in GROUPS], dtype)
    return found


@st.composite
def quarters(draw: st.DrawFn) -> Sales:
    """Anything that may be sold, nothing included."""
    flow = arrays(np.float64, len(LAYERS), elements=between(0.0, 500.0))
    revenue = between(0.0, 2000.0)
    flows = (f(draw(flow))[:, None] for _ in range(2))
    compute, margin, models, applications = draw(revenue), draw(between(0.0, 1.0)), draw(revenue), draw(revenue)
    return Sales(*flows, *(f([value]) for value in (compute, margin * compute, models, applications)))


def of_type(sales: Sales, dtype: type) -> Sales:
    return jax.tree.map(lambda values: jnp.asarray(values, dtype), sales)


@few
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(st.data())
def test_prices_split_into_earnings_and_multiples_in_either_precision(dtype: type, data: st.DataObject) -> None:
    world, sales = data.draw(worlds(dtype)), [of_type(data.draw(quarters()), dtype) for _ in range(3)]
    now, fixed = markets.opened(world, sales[0])
    for quarter in sales[1:]:
        before = now
        now, outputs = markets.traded(now, world | fixed, quarter)
        parts = [
            np.asarray(outputs[name], np.float64) for name in ("price_growth", "earnings_growth", "multiple_growth")
        ]
        eps = float(np.finfo(dtype).eps)
        assert np.all(np.abs(parts[0] - parts[1] - parts[2]) <= 64 * eps * sum(np.abs(part) for part in parts))
        # and what is carried on is what was said
        carried = np.asarray(now.log_multiple, np.float64) - np.asarray(before.log_multiple, np.float64)
        size = np.abs(before.log_multiple) + np.abs(now.log_multiple)
        assert np.all(np.abs(carried - parts[2]) <= 64 * eps * np.asarray(size, np.float64))
        assert outputs["group_revenue_usd_bn"].dtype == dtype
        assert all(np.isfinite(values).all() for values in outputs.values())


@few
@given(worlds(), quarters(), quarters(), st.sampled_from([1e-3, 7.0, 1000.0]))
def test_the_unit_of_money_changes_money_alone(
    world: dict[str, jax.Array], start: Sales, quarter: Sales, unit: float
) -> None:
    check_the_unit_of_money(world, start, quarter, unit)


def test_what_is_kept_may_be_the_rounding_of_what_is_sold() -> None:
    least = {name: f([registry()[name].range[0]]) for name in names() if not name.startswith("group.")}
    per_group = {f"group.{field}": jnp.ones((N, 1)) for field in FIELDS}
    world = least | per_group | {"market.equipment_share_of_generation": f([np.nextafter(1, 0)])}
    start, quarter = (
        Sales(*(jnp.full((len(LAYERS), 1), sold) for _ in range(2)), *(f([0.0]) for _ in range(4)))
        for sold in (0.0, 2.0)
    )
    check_the_unit_of_money(world, start, quarter, 1e-3)


def check_the_unit_of_money(world: dict[str, jax.Array], start: Sales, quarter: Sales, unit: float) -> None:
    scaled = world | {name: unit * world[name] for name in MONEY}
    most_sold = max(float(jnp.max(flow)) for sales in (start, quarter) for flow in jax.tree.leaves(sales))
    least_priced = float(jnp.min(world["market.smallest_earnings_usd_bn"]))
    results = []
    for known, factor in ((world, 1.0), (scaled, unit)):
        first, second = (jax.tree.map(lambda values, k=factor: k * values, one) for one in (start, quarter))
        now, fixed = markets.opened(known, first)
        results.append(markets.traded(now, known | fixed, second)[1])
    for name, values in results[0].items():
        factor = unit if name.endswith("_usd_bn") else 1.0
        if name in {"earnings_breadth", "contributors"}:
            continue  # a tie may break either way where earnings round; their own law is below
        # A growth is a difference of logarithms of money: its rounding is that of the logarithms, and of what a group
        # keeps (a difference too, so no finer than the rounding of what is sold) beside the least that is priced.
        rounding = 1e-11 if name.endswith("_usd_bn") else max(1e-11, 4 * EPS * most_sold / least_priced)
        np.testing.assert_allclose(results[1][name], factor * values, rtol=1e-11, atol=rounding * factor)


@few
@given(per_group(-50.0, 50.0), per_group(-50.0, 50.0), st.integers(-8, 8), st.permutations(range(N)))
def test_breadth_and_contributors_know_no_unit_and_no_order(
    now: np.ndarray, before: np.ndarray, power: int, order: list[int]
) -> None:
    unit = 2.0**power
    for measure in (market.earnings_breadth, market.contributors):
        once = float(measure(f(now), f(before)))
        assert float(measure(f(unit * now), f(unit * before))) == pytest.approx(once, rel=1e-12)
        assert float(measure(f(now[order]), f(before[order]))) == pytest.approx(once, rel=1e-12)
    rising = int(np.sum(now > before))
    assert float(market.earnings_breadth(f(now), f(before))) == pytest.approx(rising / N)
    assert (rising > 0) * (1 - 1e-12) <= float(market.contributors(f(now), f(before))) <= rising * (1 + 1e-12)


@few
@given(per_group(-5.0, 9.0), per_group(0.0, 7.0), per_group(-3.0, 3.0), per_group(-3.0, 3.0), st.permutations(range(N)))
def test_groups_answer_alike_whatever_their_order(
    multiple: np.ndarray, mean: np.ndarray, earned: np.ndarray, before: np.ndarray, order: list[int]
) -> None:
    response = [f(value) for value in (0.02, 0.1, -0.2, 0.1, 0.05)]
    once = market.multiple_growth(f(multiple), f(mean), f(earned), f(before), *response)
    shuffled = [f(one[order]) for one in (multiple, mean, earned, before)]
    np.testing.assert_array_equal(market.multiple_growth(*shuffled, *response), once[jnp.asarray(order)])


@few
@given(worlds(), quarters())
def test_at_the_mean_and_without_surprise_no_multiple_moves(world: dict[str, jax.Array], quarter: Sales) -> None:
    world |= {"market.log_multiple_shift": f([0.0]), "market.expected_earnings_growth": f([0.0])}
    world |= {"group.start_multiple": world["group.long_run_multiple"]}
    now, fixed = markets.opened(world, quarter)
    after, outputs = markets.traded(now, world | fixed, quarter)
    for name in ("price_growth", "earnings_growth", "multiple_growth", "earnings_breadth", "contributors"):
        np.testing.assert_array_equal(outputs[name], 0)
    np.testing.assert_array_equal(after.log_multiple, now.log_multiple)


@few
@given(per_group(0.0, 500.0), per_group(-1.0, 1.0), between(0.0, 1.0), between(1e-6, 10.0), between(1.001, 100.0))
def test_whose_earnings_are_a_share_of_revenue_is_priced_alike_with_both(
    revenue: np.ndarray, margin: np.ndarray, share: float, smallest: float, growth: float
) -> None:
    before = market.log_earning_power(f(margin * revenue), f(revenue), f(share), f(smallest))
    grown = market.log_earning_power(f(growth * margin * revenue), f(growth * revenue), f(share), f(growth * smallest))
    np.testing.assert_allclose(grown - before, np.log(growth), atol=1e-12)


@few
@given(between(-2000.0, 2000.0), between(1e-6, 100.0), between(0.0, 2000.0), between(0.0, 1.0), between(1e-6, 10.0))
def test_earning_more_is_never_priced_lower(
    earned: float, more: float, revenue: float, share: float, smallest: float
) -> None:
    pair = market.log_earning_power(f([earned, earned + more]), f([revenue] * 2), f(share), f(smallest))
    assert float(pair[1]) >= float(pair[0]) - 1e-14 * abs(float(pair[0]))
    # never below what is earned, and never nothing
    assert float(pair[1]) >= np.log(max(earned + more, np.finfo(float).tiny)) - 1e-14 * abs(float(pair[1])) - 1e-14


@few
@given(between(-400.0, 400.0), between(0.0, 7.0), arrays(np.float64, 5, elements=between(0.0, 1.0)))
def test_without_sensitivity_investors_change_nothing_to_the_last_bit(
    multiple: float, reference: float, payout: np.ndarray
) -> None:
    factor = investors.investor_factor(f(multiple), f(reference), f(0.0))
    assert float(factor) == 1
    np.testing.assert_array_equal(investors.payout_share(f(payout), factor), payout)


@few
@given(between(-400.0, 400.0), between(0.0, 7.0), between(0.0, 3.0), arrays(np.float64, 5, elements=between(0.0, 1.0)))
def test_factor_and_payout_stay_in_bounds_and_move_apart(
    multiple: float, reference: float, sensitivity: float, payout: np.ndarray
) -> None:
    factor = investors.investor_factor(f(multiple), f(reference), f(sensitivity))
    paid = np.asarray(investors.payout_share(f(payout), factor))
    assert 0 <= float(factor) <= 2
    assert np.all((paid >= 0) & (paid <= 1))
    assert np.all((paid - payout) * (float(factor) - 1) <= 0)


@few
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(st.data())
def test_gradients_are_finite_at_every_corner_and_where_nothing_is_earned(dtype: type, data: st.DataObject) -> None:
    world, quarter = data.draw(worlds(dtype)), data.draw(quarters())
    start = of_type(data.draw(st.one_of(st.just(quarter), st.just(_nothing(quarter)), quarters())), dtype)
    quarter = of_type(data.draw(st.one_of(st.just(quarter), st.just(_nothing(quarter)))), dtype)

    total, slopes = SLOPES(world, start, quarter)
    assert np.isfinite(total)
    assert all(np.isfinite(values).all() for values in jax.tree.leaves(slopes))


@few
@given(worlds(), quarters(), quarters())
def test_gradients_are_those_of_the_function(world: dict[str, jax.Array], start: Sales, quarter: Sales) -> None:
    now, fixed = markets.opened(world, start)
    known = world | fixed

    def priced(log_scale: jax.Array) -> jax.Array:
        scaled = replace(quarter, layer_value_usd_bn=jnp.exp(log_scale) * quarter.layer_value_usd_bn)
        return jnp.sum(markets.traded(now, known, scaled)[1]["price_growth"])

    step = 1e-5
    difference = (priced(f(step)) - priced(f(-step))) / (2 * step)
    np.testing.assert_allclose(jax.grad(priced)(f(0.0)), difference, rtol=1e-5, atol=1e-6)


def test_one_quarter_after_another_equals_all_at_once() -> None:
    """Carried logarithms lose nothing: forty quarters of price growth add up to earnings and multiple at the end."""
    table = registry()
    world = {name: f([table[name].value]) for name in names() if not name.startswith("group.")}
    for field in FIELDS:
        world[f"group.{field}"] = f([[table[f"group.{group}.{field}"].value] for group in GROUPS])
    one = Sales(
        f(np.full((len(LAYERS), 1), 5.0)), f(np.full((len(LAYERS), 1), 0.2)), *(f([v]) for v in (52, 28, 34, 18))
    )
    start, fixed = markets.opened(world, one)
    now, total = start, np.zeros((N, 1))
    for quarter in range(40):
        sold = jax.tree.map(lambda values, k=quarter: values * (1 + 0.1 * k + np.sin(k)), one)
        now, outputs = markets.traded(now, world | fixed, sold)
        total += np.asarray(outputs["price_growth"])
    ends = (now.log_earning_power - start.log_earning_power) + (now.log_multiple - start.log_multiple)
    np.testing.assert_allclose(total, ends, atol=1e-12)
    assert isinstance(now, Market)


def _everything(known: dict[str, jax.Array], first: Sales, second: Sales) -> jax.Array:
    now, fixed = markets.opened(known, first)
    now, outputs = markets.traded(now, known | fixed, second)
    factor = markets.investor_factor(now, known | fixed)
    paid = investors.payout_share(jnp.asarray([[0.0], [0.3], [1.0]], factor.dtype), factor)
    return sum((jnp.sum(values) for values in outputs.values()), jnp.sum(factor) + jnp.sum(paid))


SLOPES = jax.jit(jax.value_and_grad(_everything, argnums=(0, 1, 2)))


def _nothing(sales: Sales) -> Sales:
    return jax.tree.map(jnp.zeros_like, sales)
