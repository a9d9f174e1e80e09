"""What binds, what takes over, and with which probability."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from headrace.analyses import binding
from headrace.variables import IT_LAYERS, LIMITS, SITE_LAYERS

pytestmark = pytest.mark.xdist_group("future")

QUARTERS = ["2026Q3", "2026Q4", "2027Q1"]
MEMORY, SYSTEMS, GRID, DEMAND = (LIMITS.index(name) for name in ("memory", "systems", "grid", "demand"))


def codes(*draws: tuple[int, int, int]) -> xr.DataArray:
    return xr.DataArray(np.array(draws), dims=("draw", "quarter"), coords={"quarter": QUARTERS})


def a_future(*draws: tuple[int, int, int]) -> xr.Dataset:
    it, site = codes(*[(MEMORY,) * 3] * len(draws)), codes(*[(GRID,) * 3] * len(draws))
    return xr.Dataset({"binding_layer": codes(*draws), "tightest_it_layer": it, "tightest_site_layer": site})


def test_probabilities_are_shares_of_draws() -> None:
    found = binding.probabilities(codes((MEMORY, GRID, GRID), (MEMORY, MEMORY, GRID), (DEMAND, MEMORY, GRID)))
    assert found.sel(quarter="2026Q3", limit="memory") == pytest.approx(2 / 3)
    assert found.sel(quarter="2026Q3", limit="demand") == pytest.approx(1 / 3)
    assert found.sel(quarter="2027Q1", limit="grid") == 1
    assert found.sum("limit").values == pytest.approx(np.ones(3))


def test_unresolved_draws_do_not_count() -> None:
    found = binding.probabilities(codes((-1, MEMORY, -1), (GRID, MEMORY, -1)))
    assert found.sel(quarter="2026Q3", limit="grid") == 1
    assert bool(np.isnan(found.sel(quarter="2027Q1")).all())


def test_probabilities_of_a_future_sum_to_one_in_every_quarter(future: xr.Dataset) -> None:
    for name in ("binding_layer", "tightest_it_layer", "tightest_site_layer"):
        assert binding.probabilities(future[name]).sum("limit").values == pytest.approx(np.ones(40))


def test_the_likeliest_limit_binds_and_the_first_other_one_takes_over() -> None:
    found = binding.succession(a_future((MEMORY, MEMORY, SYSTEMS), (MEMORY, SYSTEMS, GRID), (MEMORY, GRID, GRID)))
    assert found.binding == binding.Likeliest("memory", 1.0)
    assert found.following == binding.Likeliest("systems", pytest.approx(2 / 3))
    assert found.following_quarter == "2026Q4"
    assert found.changing == 1


def test_draws_that_start_elsewhere_do_not_say_what_follows() -> None:
    found = binding.succession(a_future((MEMORY, MEMORY, SYSTEMS), (MEMORY, MEMORY, MEMORY), (GRID, DEMAND, DEMAND)))
    assert found.binding.probability == pytest.approx(2 / 3)
    assert found.following == binding.Likeliest("systems", 1.0)
    assert found.following_quarter == "2027Q1"
    assert found.changing == pytest.approx(2 / 3)


def test_where_nothing_changes_nothing_follows() -> None:
    found = binding.succession(a_future((MEMORY,) * 3, (MEMORY,) * 3))
    assert found.following is None
    assert found.following_quarter == ""
    assert found.changing == 0


def test_binding_is_the_limit_with_the_largest_elasticity(future: xr.Dataset) -> None:
    every = np.concatenate(
        [
            future["layer_elasticity"].values,
            future["demand_elasticity"].values[..., None],
            future["funding_elasticity"].values[..., None],
        ],
        axis=-1,
    )
    assert np.array_equal(every.argmax(axis=-1), future["binding_layer"].values)


def test_all_layers_together_are_worth_no_more_than_all_that_is_energised(future: xr.Dataset) -> None:
    assert bool((future["layer_elasticity"].sum("layer") < 1 + 1e-9).all())


def test_the_tightest_layers_are_the_tightest_of_their_branches(future: xr.Dataset) -> None:
    tight = future["tightness"]
    power = np.maximum(tight.sel(layer="grid"), tight.sel(layer="generation"))
    for name, layers in (("tightest_it_layer", IT_LAYERS), ("tightest_site_layer", SITE_LAYERS)):
        named = tight.isel(layer=future[name].astype(int))
        # grid and generation count as one
        named = xr.where(future[name].isin([LIMITS.index("grid"), LIMITS.index("generation")]), power, named)
        assert np.array_equal(named.values, tight.sel(layer=list(layers)).max("layer").values)


def test_where_power_is_tightest_the_smaller_of_grid_and_generation_is_named(future: xr.Dataset) -> None:
    names = np.array(LIMITS)[future["tightest_site_layer"].values]
    capacity = future["capacity_gw_per_quarter"]
    grid_is_smaller = (capacity.sel(layer="grid") < capacity.sel(layer="generation")).values
    assert not np.any(grid_is_smaller & (names == "generation"))
    assert not np.any(~grid_is_smaller & (names == "grid"))
