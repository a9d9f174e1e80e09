"""Laws of the regions: nothing is made or lost between them, closing never helps, and no order or unit matters."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.parameters.registry import parameter, registry
from headrace.simulation import regions
from headrace.variables import REGIONS

World = dict[str, jax.Array]

FIELDS = sorted({name.split(".")[2] for name in registry() if name.startswith("region.")})
SCALARS = sorted([name for name in registry() if name.startswith("siting.")] + ["start.active_compute_gw"])
QUARTERS = 3

INDEX = st.integers(0, len(REGIONS) - 1)


def entry_of(name: str, region: str) -> tuple[float, float, float]:
    entry = parameter(f"region.{region}.{name}" if name in FIELDS else name)
    return (entry.range[0], entry.value, entry.range[1])


@st.composite
def inside(draw: st.DrawFn) -> World:
    """A world anywhere in the distributions of the parameters, levers anywhere in their ranges."""
    levers = {"openness", "policy_weight"}

    def number(name: str, region: str) -> float:
        entry = parameter(f"region.{region}.{name}" if name in FIELDS else name)
        low, high = entry.range if name in levers else (entry.low, entry.high)
        return draw(st.just(low) | st.floats(low + 1e-3 * (high - low), high, allow_subnormal=False))

    return _world(number)


@st.composite
def corner(draw: st.DrawFn) -> World:
    """A world whose every parameter is at an end of its hard range, or at its value."""
    return _world(lambda name, region: draw(st.sampled_from(entry_of(name, region))))


def _world(number: object) -> World:
    assert callable(number)
    world = {name: jnp.asarray([number(name, "")]) for name in SCALARS}
    return world | {f"region.{field}": jnp.asarray([[number(field, region)] for region in REGIONS]) for field in FIELDS}


def shipped() -> World:
    return _world(lambda name, region: entry_of(name, region)[1])


@jax.jit
def run(world: Mapping[str, jax.Array], flow: float = 6.0, use: float = 0.7) -> list[World]:
    """Outputs of some quarters: builders energise ``flow`` times what retires, then nothing, then as before."""
    stocks, fixed = regions.opened(world)
    full = {**world, **fixed}
    seen = []
    for quarter in range(QUARTERS):
        retired = jnp.sum(stocks["regional_compute_gw"], axis=0) / 20
        factor = regions.interconnection_factor(stocks, full)
        energised = (0 if quarter == QUARTERS // 2 else flow) * retired
        before = stocks
        stocks, outputs = regions.settled(stocks, full, energised, retired, use * factor)
        seen.append(outputs | {"before": before["regional_compute_gw"], "came": energised, "went": retired} | stocks)
    return seen


@given(inside() | corner(), st.floats(0.0, 20.0), st.floats(0.0, 1.0))
def test_what_regions_gain_is_what_the_world_energises_less_what_it_retires(
    world: World, flow: float, use: float
) -> None:
    for quarter in run(world, flow, use):
        gained = jnp.sum(quarter["regional_compute_gw"] - quarter["before"])
        scale = float(jnp.sum(quarter["before"] + quarter["came"]))
        assert float(jnp.abs(gained - quarter["came"][0] + quarter["went"][0])) <= 1e-13 * scale
        assert float(jnp.abs(jnp.sum(quarter["regional_energised_gw"]) - quarter["came"][0])) <= 1e-13 * scale


@given(inside() | corner(), st.floats(0.0, 20.0), st.floats(0.0, 1.0))
def test_every_share_stays_between_nothing_and_all(world: World, flow: float, use: float) -> None:
    for quarter in run(world, flow, use):
        for name in ("data_centre_share_of_load", "grid_headroom", "interconnection_factor"):
            assert float(jnp.min(quarter[name])) >= 0, name
            assert float(jnp.max(quarter[name])) <= 1 + 1e-12, name
        assert float(jnp.min(quarter["regional_energised_gw"])) >= 0
        assert float(jnp.min(quarter["regional_load_gw"])) > 0
        connected, compute = quarter["regional_connected_gw"], quarter["regional_compute_gw"]
        assert bool(jnp.all(connected <= compute * (1 + 1e-12)))


@given(inside() | corner(), INDEX)
def test_closing_a_region_never_raises_the_factor(world: World, which: int) -> None:
    stocks, fixed = regions.opened(world)
    closed = world | {"region.openness": world["region.openness"].at[which].set(0.0)}
    before, after = (float(regions.interconnection_factor(stocks, one | fixed)[0]) for one in (world, closed))
    assert after <= before


@given(inside(), INDEX)
def test_a_closed_region_connects_nothing(world: World, which: int) -> None:
    closed = world | {"region.openness": world["region.openness"].at[which].set(0.0)}
    connected = [quarter["regional_connected_gw"][which, 0] for quarter in run(closed)]
    # Where all are closed the grid share is 0 as well, so this holds with no exception.
    assert all(later <= earlier for earlier, later in pairwise(connected))


@given(inside(), st.permutations(range(len(REGIONS))))
def test_regions_in_another_order_give_the_same_in_that_order(world: World, order: list[int]) -> None:
    turned = {name: value[jnp.asarray(order)] if name in _regional(world) else value for name, value in world.items()}
    plain, shuffled = run(world)[-1], run(turned)[-1]
    for name in ("regional_compute_gw", "regional_load_gw", "grid_headroom"):
        np.testing.assert_allclose(shuffled[name], plain[name][jnp.asarray(order)], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(shuffled["interconnection_factor"], plain["interconnection_factor"], rtol=1e-9)


@given(inside(), st.floats(0.01, 100.0))
def test_the_unit_of_money_does_not_matter(world: World, scale: float) -> None:
    price = "region.electricity_price_usd_per_mwh"
    before, after = run(world)[-1], run(world | {price: scale * world[price]})[-1]
    for name in ("regional_compute_gw", "regional_load_gw", "interconnection_factor"):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-9)


@given(inside(), INDEX, st.floats(1.0, 10.0))
def test_a_dearer_region_gets_no_more(world: World, which: int, factor: float) -> None:
    price = "region.electricity_price_usd_per_mwh"
    dearer = world | {price: world[price].at[which].mul(factor)}
    before, after = (run(one)[0]["regional_energised_gw"][which, 0] for one in (world, dearer))
    assert float(after) <= float(before) * (1 + 1e-9)


def _weighed(world: Mapping[str, jax.Array]) -> jax.Array:
    """Every number of the last quarter, each weighed by its place."""
    last = run(world)[-1]
    places = {
        name: jnp.cos(jnp.arange(value.size, dtype=value.dtype)).reshape(value.shape) for name, value in last.items()
    }
    return sum((jnp.sum(last[name] * place) for name, place in places.items()), jnp.zeros(()))


weighed_and_slopes = jax.jit(jax.value_and_grad(_weighed))


@given(corner())
def test_gradients_are_finite_at_the_corners_of_all_ranges(world: World) -> None:
    slopes = weighed_and_slopes(world)[1]
    assert {name for name, slope in slopes.items() if not np.all(np.isfinite(slope))} == set()


def test_gradients_are_finite_where_every_region_is_closed() -> None:
    slopes = weighed_and_slopes(shipped() | {"region.openness": jnp.zeros((len(REGIONS), 1))})[1]
    assert all(np.all(np.isfinite(slope)) for slope in slopes.values())


@pytest.mark.parametrize("name", [*SCALARS, *(f"region.{field}" for field in FIELDS)])
def test_gradients_equal_central_differences(name: str) -> None:
    # Off the kinks: load that shrinks keeps every headroom below that of the start.
    world = shipped() | {
        "region.openness": jnp.full((len(REGIONS), 1), 0.8),
        "region.load_growth": jnp.full((len(REGIONS), 1), -0.004),
    }
    first = (0,) * world[name].ndim
    step = 1e-5 * max(abs(float(world[name][first])), 1e-2)
    ends = [float(weighed_and_slopes(world | {name: world[name].at[first].add(sign * step)})[0]) for sign in (1, -1)]
    slope = float(weighed_and_slopes(world)[1][name][first])
    assert slope != 0
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * step), rtol=1e-5)


def _regional(world: World) -> set[str]:
    return {name for name in world if name.startswith("region.")}
