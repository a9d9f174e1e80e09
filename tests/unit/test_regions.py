"""Regions from their start through a quarter, on the shipped values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from headrace.equations import grid
from headrace.parameters.registry import parameter, registry
from headrace.simulation import regions
from headrace.variables import REGIONS

VIRGINIA, GULF = REGIONS.index("virginia"), REGIONS.index("gulf")


@pytest.fixture(autouse=True)
def worlds_trail() -> Iterator[None]:
    """What has no region axis broadcasts over it."""
    with jax.numpy_rank_promotion("allow"):
        yield


def row(*values: float) -> jnp.ndarray:
    return jnp.asarray(values)


def shipped(changes: Mapping[str, float] | None = None) -> dict[str, jnp.ndarray]:
    """The world of the shipped values, one draw, with ``changes`` by dotted name."""
    values = {name: entry.value for name, entry in registry().items()} | dict(changes or {})
    fields = {name.split(".")[2] for name in values if name.startswith("region.")}
    world = {name: row(value) for name, value in values.items() if name.startswith(("siting.", "start."))}
    for field in fields:
        world[f"region.{field}"] = jnp.asarray([[values[f"region.{region}.{field}"]] for region in REGIONS])
    return world


def started(changes: Mapping[str, float] | None = None) -> tuple[dict[str, jnp.ndarray], dict[str, jnp.ndarray]]:
    """Stocks at the start and the world with what the start fixed, of the shipped values, then ``changes``."""
    world = shipped()
    stocks, fixed = regions.opened(world)
    return stocks, shipped(changes) | fixed


def test_the_start_reproduces_the_loads_it_was_given() -> None:
    stocks, world = started()
    outputs = regions.settled(stocks, world, row(0.0), row(0.0), row(1.0))[1]
    growth = 1 + np.asarray(world["region.load_growth"])
    draw = np.asarray(grid.compute_load_gw(stocks["regional_compute_gw"], row(1.15), row(0.78)))
    given, centres = np.asarray(world["region.load_gw"]), np.asarray(world["region.data_centre_load_gw"])
    load = np.asarray(outputs["regional_load_gw"])
    np.testing.assert_allclose(load, (given - draw) * growth + draw, rtol=1e-5)
    np.testing.assert_allclose(
        np.asarray(outputs["data_centre_share_of_load"]) * load, (centres - draw) * growth + draw, rtol=1e-5
    )


def test_more_compute_than_data_centres_draw_is_believed() -> None:
    world = shipped({"region.gulf.compute_share": 0.5})
    stocks, fixed = regions.opened(world)
    assert float(fixed["start.ordinary_data_centre_share"][GULF, 0]) == 0
    assert float(stocks["regional_other_load_gw"][GULF, 0]) > 0


def test_everything_can_connect_at_the_start() -> None:
    stocks, world = started()
    assert float(regions.interconnection_factor(stocks, world)[0]) == pytest.approx(1)


def test_a_moratorium_takes_out_the_share_of_its_region() -> None:
    stocks, world = started({"region.virginia.openness": 0.0})
    share = parameter("region.virginia.interconnection_share").value
    assert float(regions.interconnection_factor(stocks, world)[0]) == pytest.approx(1 - share)


def test_all_regions_closed_leave_exactly_nothing_and_build_on_site() -> None:
    stocks, world = started({f"region.{region}.openness": 0.0 for region in REGIONS})
    assert float(regions.interconnection_factor(stocks, world)[0]) == 0
    following, outputs = regions.settled(stocks, world, row(6.0), row(1.0), row(0.0))
    assert np.all(np.isfinite(outputs["regional_compute_gw"]))
    np.testing.assert_allclose(following["regional_connected_gw"], stocks["regional_connected_gw"])
    assert float(jnp.sum(following["regional_compute_gw"])) == pytest.approx(16.5 + 5.0)


def test_a_region_without_a_grid_gets_only_what_it_generates() -> None:
    stocks, world = started({"region.virginia.interconnection_share": 0.0})

    def grown(grid_use_share: float) -> float:
        after = regions.settled(stocks, world, row(6.0), row(1.0), row(grid_use_share))[0]
        return float((after["regional_compute_gw"] - stocks["regional_compute_gw"])[VIRGINIA, 0])

    assert grown(1.0) == 0
    assert grown(0.5) > 0


def test_a_mandate_draws_compute() -> None:
    stocks, world = started()
    wanted = started({"region.gulf.policy_weight": 100.0})[1]
    before, after = (
        float(regions.settled(stocks, one, row(6.0), row(1.0), row(0.7))[1]["regional_energised_gw"][GULF, 0])
        for one in (world, wanted)
    )
    assert after > 5 * before


def test_building_on_the_grid_uses_headroom_and_load_growth_gives_it_back() -> None:
    stocks, world = started()
    built, outputs = regions.settled(stocks, world, row(20.0), row(0.0), row(1.0))
    tight = float(outputs["grid_headroom"][VIRGINIA, 0])
    assert tight < 1
    rested = regions.settled(built, world, row(0.0), row(0.0), row(1.0))[1]
    assert tight < float(rested["grid_headroom"][VIRGINIA, 0]) < 1


def test_generation_on_site_leaves_the_grid_as_it_was() -> None:
    stocks, world = started()
    idle = regions.settled(stocks, world, row(0.0), row(0.0), row(0.0))[1]
    built = regions.settled(stocks, world, row(20.0), row(0.0), row(0.0))[1]
    np.testing.assert_allclose(built["regional_load_gw"], idle["regional_load_gw"])


def test_shares_at_the_start_agree_with_the_shipped_facts() -> None:
    from headrace.evidence import facts

    known = facts.load(years=True)

    def latest(entity: str, concept: str) -> float:
        found = known[(known["entity"] == entity) & (known["concept"] == concept)]
        return float(found.sort_values("period_end")["value"].iloc[-1])

    def judged(field: str, *names: str) -> tuple[float, float]:
        entries = [parameter(f"region.{name}.{field}") for name in names]
        return sum(entry.low for entry in entries), sum(entry.high for entry in entries)

    for state, years_on in (("virginia", 0), ("texas", 3)):
        share = latest(state, "data_centre_share_of_electricity")
        centres, load = judged("data_centre_load_gw", state), judged("load_gw", state)
        # The figure for Texas is of 2023; use has grown since, by at most a quarter a year.
        assert centres[0] / load[1] < share * 1.25**years_on
        assert centres[1] / load[0] > share

    us = ("virginia", "texas", "us_other")
    centres, load = judged("data_centre_load_gw", *us), judged("load_gw", *us)
    # A range of 2025: the share has grown since, by at most a quarter.
    assert centres[0] / load[1] < latest("united_states", "data_centre_share_of_electricity_high") * 1.25
    assert centres[1] / load[0] > latest("united_states", "data_centre_share_of_electricity_low")

    price = parameter("region.us_other.electricity_price_usd_per_mwh")
    assert price.low < latest("united_states", "electricity_price_industrial") < price.high
    for state in ("virginia", "texas"):
        price = parameter(f"region.{state}.electricity_price_usd_per_mwh")
        assert price.low < latest(state, "electricity_price_commercial") < price.high
