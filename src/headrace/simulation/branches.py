"""Where each layer stands: rows of the IT branch and of the site branch, which power enters once."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations import bottleneck, scarcity
from headrace.variables import IT_LAYERS, LAYERS

IT = slice(0, len(IT_LAYERS))
SITE = slice(len(IT_LAYERS), len(LAYERS))
GENERATION = LAYERS.index("generation")
GRID = LAYERS.index("grid")
SITE_ALONE = slice(len(IT_LAYERS), min(GENERATION, GRID))

PerLayer = Float[Array, "layer world"]
PerWorld = Float[Array, "world"]


def branch_flows_gw(
    it_desired: PerWorld, site_desired: PerWorld, capacity_gw: PerLayer, substitution_exponent: PerWorld
) -> tuple[PerWorld, PerWorld]:
    """Flow of each branch [GW/quarter]; the members of the site branch are its layers with power as one."""
    it, site = _members(capacity_gw)
    it_flow = bottleneck.branch_flow_gw(jnp.concatenate([it_desired[jnp.newaxis], it]), substitution_exponent)
    site_flow = bottleneck.branch_flow_gw(jnp.concatenate([site_desired[jnp.newaxis], site]), substitution_exponent)
    return it_flow, site_flow


def allowed_flows_gw(capacity_gw: PerLayer, substitution_exponent: PerWorld) -> tuple[PerWorld, PerWorld]:
    """Flow of each branch that capacities alone allow, however much is wanted [GW/quarter]."""
    it, site = _members(capacity_gw)
    it_flow = bottleneck.branch_flow_gw(it, substitution_exponent)
    return it_flow, bottleneck.branch_flow_gw(site, substitution_exponent)


def _members(capacity_gw: PerLayer) -> tuple[Float[Array, "member world"], Float[Array, "member world"]]:
    power = capacity_gw[GENERATION] + capacity_gw[GRID]
    return capacity_gw[IT], jnp.concatenate([capacity_gw[SITE_ALONE], power[jnp.newaxis]])


def by_layer(it_value: PerWorld, site_value: PerWorld) -> PerLayer:
    """A value of each branch, on the layer axis."""
    rows = [it_value] * len(IT_LAYERS) + [site_value] * (len(LAYERS) - len(IT_LAYERS))
    return jnp.stack(rows)


def effective_capacity_gw(capacity_gw: PerLayer) -> PerLayer:
    """Capacity of each layer, with the sum of both in the rows of grid and generation [GW/quarter]."""
    power = capacity_gw[GENERATION] + capacity_gw[GRID]
    return capacity_gw.at[GENERATION].set(power).at[GRID].set(power)


def power_use_share(site_flow_gw: PerWorld, capacity_gw: PerLayer, unit_cost_usd_bn_per_gw: PerLayer) -> PerLayer:
    """Share of one GW that each layer serves: 1, but for grid and generation, cheapest first [1]."""
    grid, generation = bottleneck.power_use_shares(
        site_flow_gw,
        capacity_gw[GRID],
        capacity_gw[GENERATION],
        unit_cost_usd_bn_per_gw[GRID] <= unit_cost_usd_bn_per_gw[GENERATION],
    )
    return jnp.ones_like(capacity_gw).at[GRID].set(grid).at[GENERATION].set(generation)


def unit_costs_usd_bn_per_gw(unit_cost_usd_bn_per_gw: PerLayer, use_share: PerLayer) -> tuple[PerWorld, PerWorld]:
    """Price of one GW of IT and of one GW of powered shell [USD bn/GW]."""
    it = scarcity.branch_unit_cost_usd_bn_per_gw(unit_cost_usd_bn_per_gw[IT], use_share[IT])
    return it, scarcity.branch_unit_cost_usd_bn_per_gw(unit_cost_usd_bn_per_gw[SITE], use_share[SITE])
