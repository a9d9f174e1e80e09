"""Compute and grid of each region: how they start, what they let through in a quarter, how they end it.

New compute on the grid goes where interconnection is open, has headroom, is wanted and is cheap. New compute on its
own generation goes, by policy and price, where builders already are: a moratorium on connections does not stop it. A
region without interconnection therefore gets what generation on site brings, and nothing where it has no compute
either. Where every region is closed the factor is exactly 0 and all additions are on site.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations import grid, siting

World = Mapping[str, Array]
"""Parameters by name, those of regions (region, world), with what :func:`opened` fixed."""

STOCKS = ("regional_compute_gw", "regional_connected_gw", "regional_other_load_gw")
"""What a region carries from quarter to quarter: its compute, the part of it that the grid feeds, other load."""

Stocks = Mapping[str, Array]
"""The :data:`STOCKS` by name, each (region, world)."""

PerRegion = Float[Array, "region world"]
PerWorld = Float[Array, "world"]


def opened(world: World) -> tuple[dict[str, Array], dict[str, Array]]:
    """Stocks of every region at the start, and what the start fixes for the run.

    All compute of the start counts as connected: the measured load of data centres holds it. Where that load is less
    than the draw of the compute judged to be there, compute is believed.

    Args:
        world: Parameters, ``region.*`` of shape (region, world).

    Returns:
        The stocks, and ``start.ordinary_data_centre_share`` (share of ordinary data centres in other load) and
        ``start.grid_headroom_gw``, each (region, world).
    """
    compute = _shares(world["region.compute_share"]) * world["start.active_compute_gw"]
    compute_load = _compute_load(compute, world)
    ordinary = jnp.maximum(0, world["region.data_centre_load_gw"] - compute_load)
    other = jnp.maximum(ordinary, world["region.load_gw"] - compute_load)
    stocks = {
        "regional_compute_gw": compute,
        "regional_connected_gw": compute,
        "regional_other_load_gw": other,
    }
    some = other > 0
    fixed = {"start.ordinary_data_centre_share": jnp.where(some, ordinary / jnp.where(some, other, 1), 0)}
    load, share = _load_and_share(stocks, {**world, **fixed})
    fixed["start.grid_headroom_gw"] = grid.headroom_gw(load, share, world["region.data_centre_share_limit"])
    return stocks, fixed


def interconnection_factor(stocks: Stocks, world: World) -> PerWorld:
    """Share of the world's interconnection that can be put into service in the coming quarter, 0..1.

    Args:
        stocks: At the end of the quarter before.
        world: Parameters of the quarter; openness may change within a run.

    Returns:
        What the capacity of the grid layer is multiplied by, (world,).
    """
    share = _shares(world["region.interconnection_share"])
    return grid.interconnection_factor(share, world["region.openness"], _headroom(stocks, world))


def settled(
    stocks: Stocks, world: World, energised_gw: PerWorld, retired_gw: PerWorld, grid_use_share: PerWorld
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Stocks of every region at the end of the quarter, and the outputs of the quarter.

    Args:
        stocks: At the end of the quarter before.
        world: Parameters of the quarter.
        energised_gw: GW energised by all builders.
        retired_gw: GW retired by all builders.
        grid_use_share: Share of new power that comes from the grid.

    Returns:
        The next stocks, and outputs by name: (region, world), and ``interconnection_factor`` (world,).
    """
    on_grid, on_site = _attracted(stocks, world)
    weight = siting.siting_weight(on_grid, on_site, grid_use_share)
    compute = stocks["regional_compute_gw"]
    total = jnp.sum(compute, axis=0)
    following = {
        "regional_compute_gw": siting.regional_compute_gw(compute, total, weight, energised_gw, retired_gw),
        "regional_connected_gw": siting.regional_compute_gw(
            stocks["regional_connected_gw"], total, grid_use_share * on_grid, energised_gw, retired_gw
        ),
        "regional_other_load_gw": grid.other_load_gw(stocks["regional_other_load_gw"], world["region.load_growth"]),
    }
    load, share = _load_and_share(following, world)
    outputs = {
        "regional_compute_gw": following["regional_compute_gw"],
        "regional_energised_gw": siting.regional_energised_gw(compute, weight, energised_gw, retired_gw),
        "regional_load_gw": load,
        "data_centre_share_of_load": share,
        "grid_headroom": _headroom(following, world),
        "interconnection_factor": interconnection_factor(stocks, world),
    }
    return following, outputs


def _attracted(stocks: Stocks, world: World) -> tuple[PerRegion, PerRegion]:
    """Shares of the regions in new compute on the grid, and in new compute on its own generation."""
    policy, price = world["region.policy_weight"], world["region.electricity_price_usd_per_mwh"]
    elasticity = world["siting.price_elasticity"]
    presence = _shares(world["region.compute_share"])
    on_site = _shares(siting.attraction(presence, policy, price, elasticity))
    room = world["region.interconnection_share"] * world["region.openness"] * _headroom(stocks, world)
    # Where every open region is unwanted, room alone decides; a closed region connects nothing in any case.
    by_room = siting.regional_share(room, on_site)
    return siting.regional_share(siting.attraction(room, policy, price, elasticity), by_room), on_site


def _headroom(stocks: Stocks, world: World) -> PerRegion:
    load, share = _load_and_share(stocks, world)
    room = grid.headroom_gw(load, share, world["region.data_centre_share_limit"])
    return grid.grid_headroom(room, world["start.grid_headroom_gw"])


def _load_and_share(stocks: Stocks, world: World) -> tuple[PerRegion, PerRegion]:
    return grid.data_centre_share_of_load(
        _compute_load(stocks["regional_connected_gw"], world),
        stocks["regional_other_load_gw"],
        world["start.ordinary_data_centre_share"],
    )


def _compute_load(connected: PerRegion, world: World) -> PerRegion:
    return grid.compute_load_gw(connected, world["siting.power_usage_effectiveness"], world["siting.load_factor"])


def _shares(weight: PerRegion) -> PerRegion:
    """Weights as shares; equal shares where no region has any."""
    return siting.regional_share(weight, jnp.full_like(weight, 1 / weight.shape[0]))
