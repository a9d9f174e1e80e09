"""Many quarters of many worlds in one compiled program, with what binds in each quarter.

Owns every scan, compilation and gradient of the loop; worlds are the last axis throughout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.simulation import branches, vintages
from headrace.simulation.start import Closure, FiledStart, opening
from headrace.simulation.state import State
from headrace.simulation.step import Outputs, World, step
from headrace.variables import IT_LAYERS, LAYERS

BINDING_WINDOW_QUARTERS = 4
"""Quarters ahead over which the binding layer is judged; part of its definition, not a parameter."""

_BACKLOG = len(LAYERS)


@partial(jax.jit, static_argnames=("quarters",), compiler_options={"xla_llvm_disable_expensive_passes": True})
def simulate(arrays: Mapping[str, Array], filed: FiledStart, *, quarters: int) -> tuple[Outputs, Closure]:
    """Outputs of ``quarters`` quarters from the start.

    Args:
        arrays: Parameters on their axes, worlds last.
        filed: What filings say of the players.
        quarters: How many to run, >= 1.

    Returns:
        Outputs by name, (quarter, *axes, world); and how the start was closed.
    """
    # Compiling without LLVM's dearest passes halves the time to the first result and costs nothing measurable after it.
    state, world, closure = opening(arrays, filed)

    def quarter_of(carried: State, quarter: Float[Array, ""]) -> tuple[State, Outputs]:
        following, outputs = step(carried, world, quarter)
        held_by_funding = outputs.pop("held_by_funding")
        limits = energised_elasticities(carried, world, quarter, held_by_funding)
        return following, outputs | limits | _tightest(outputs)

    clock = jnp.arange(quarters, dtype=state.adoption.dtype)
    outputs = jax.lax.scan(quarter_of, state, clock)[1]
    outputs["new_vintage_depreciation_usd_bn"] = vintages.depreciation_usd_bn(outputs, world)
    outputs["capital_charge_usd_bn"] = vintages.capital_charge_usd_bn(
        outputs, world, filed.capital_expenditure_usd_bn, state
    )
    return outputs, closure


def energised_elasticities(
    state: State, world: World, quarter: Float[Array, ""], held_by_funding: Float[Array, "world"]
) -> Outputs:
    """Elasticity of GW energised over the coming quarters to each layer's capacity, to demand and to funding.

    One reverse pass through the coming quarters. Demand is the backlog that asks for deliveries; of its elasticity,
    the share of spending that stands at its funding limit belongs to funding.

    Args:
        state: At the end of the quarter before.
        world: Parameters and what the start fixed.
        quarter: Whole quarters since the start.
        held_by_funding: Share of planned spending whose builder stands at its funding limit.

    Returns:
        ``layer_elasticity`` (layer, world), ``demand_elasticity``, ``funding_elasticity`` and ``binding_layer``
        (world,).
    """

    def energised_ahead(log_scale: Float[Array, "limit world"]) -> tuple[Array, Array]:
        following = _rescaled(state, jnp.exp(log_scale))
        total = jnp.zeros_like(state.adoption)
        for ahead in range(BINDING_WINDOW_QUARTERS):
            following, outputs = step(following, world, quarter + ahead)
            total = total + jnp.sum(outputs["energised_gw"], axis=0)
        return jnp.sum(total), total

    unscaled = jnp.zeros((len(LAYERS) + 1, *state.adoption.shape), state.adoption.dtype)
    slopes, total = jax.grad(energised_ahead, has_aux=True)(unscaled)
    elasticities = slopes / total
    demand = elasticities[_BACKLOG] * (1 - held_by_funding)
    funding = elasticities[_BACKLOG] * held_by_funding
    every = jnp.concatenate([elasticities[:_BACKLOG], demand[jnp.newaxis], funding[jnp.newaxis]])
    return {
        "layer_elasticity": elasticities[:_BACKLOG],
        "demand_elasticity": demand,
        "funding_elasticity": funding,
        "binding_layer": jnp.argmax(every, axis=0),
    }


def _rescaled(state: State, scale: Float[Array, "limit world"]) -> State:
    backlog = scale[_BACKLOG]
    return replace(
        state,
        capacity_gw_per_quarter=state.capacity_gw_per_quarter * scale[:_BACKLOG],
        it_backlog_gw=state.it_backlog_gw * backlog,
        site_backlog_gw=state.site_backlog_gw * backlog,
        it_advances_usd_bn=state.it_advances_usd_bn * backlog,
        site_advances_usd_bn=state.site_advances_usd_bn * backlog,
    )


def _tightest(outputs: Outputs) -> Outputs:
    tight, capacity = outputs["tightness"], outputs["capacity_gw_per_quarter"]
    power = jnp.maximum(tight[branches.GENERATION], tight[branches.GRID])
    grid_is_smaller = capacity[branches.GRID] < capacity[branches.GENERATION]
    never = jnp.full_like(power, -jnp.inf)
    named = tight.at[branches.GRID].set(jnp.where(grid_is_smaller, power, never))
    named = named.at[branches.GENERATION].set(jnp.where(grid_is_smaller, never, power))
    return {
        "tightest_it_layer": jnp.argmax(named[branches.IT], axis=0),
        "tightest_site_layer": jnp.argmax(named[branches.SITE], axis=0) + len(IT_LAYERS),
    }
