"""Many quarters of many worlds in one compiled program, with what binds in each quarter.

Owns every scan, compilation and gradient of the loop; worlds are the last axis throughout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.simulation import branches, vintages
from headrace.simulation.domain import status_code
from headrace.simulation.paths import Path
from headrace.simulation.start import Closure, FiledStart, opening
from headrace.simulation.state import State
from headrace.simulation.step import Outputs, World, step
from headrace.variables import IT_LAYERS, LAYERS, UNRESOLVED_CODE, table

BINDING_WINDOW_QUARTERS = 4
"""Quarters ahead over which the binding layer is judged; part of its definition, not a parameter."""

ALL_OUTPUTS = frozenset(table())

ELASTICITIES = frozenset({"layer_elasticity", "demand_elasticity", "funding_elasticity", "binding_layer"})
"""Outputs that take a reverse pass through the coming quarters in each quarter: four fifths of the cost of a run."""

_BACKLOG = len(LAYERS)


@partial(jax.jit, static_argnames=("quarters", "wanted"), compiler_options={"xla_llvm_disable_expensive_passes": True})
def simulate(
    arrays: Mapping[str, Array],
    filed: FiledStart,
    paths: Mapping[str, Path] | None = None,
    *,
    quarters: int,
    wanted: frozenset[str] = ALL_OUTPUTS,
) -> tuple[Outputs, Closure]:
    """Outputs of ``quarters`` quarters from the start.

    Args:
        arrays: Parameters on their axes, worlds last.
        filed: What filings say of the players.
        paths: Parameters that move over the run, by name in ``arrays``; the start knows nothing of them.
        quarters: How many to run, >= 1.
        wanted: Names of the table; nothing else is kept, and what only the others need is not computed.

    Returns:
        Outputs by name, (quarter, *axes, world); and how the start was closed.
    """
    # Compiling without LLVM's dearest passes halves the time to the first result and costs nothing measurable after it.
    state, world, closure = opening(arrays, filed)
    return run(state, world, filed, paths or {}, quarters, wanted), closure


def run(
    opened: State, world: World, filed: FiledStart, paths: Mapping[str, Path], quarters: int, wanted: frozenset[str]
) -> Outputs:
    """The scan over quarters from an opened state; see :func:`simulate`."""
    kept = wanted | _read_by_vintages(wanted)

    def quarter_of(carried: tuple[State, Array], now: tuple[Array, Mapping[str, Path]]) -> tuple[Any, Outputs]:
        (state, status), (quarter, moved) = carried, now
        today = {**world, **{name: _moved(world[name], path) for name, path in moved.items()}}
        following, outputs = step(state, today, quarter)
        outputs |= _tightest(outputs)
        said = {name: values for name, values in outputs.items() if name in kept}
        # A line that holds no number shows in capacity when it arrives; to look through its slots costs more than it.
        stocks = (values for name, values in vars(following).items() if name != "expansion_line_gw")
        status = jnp.where(status > 0, status, status_code(outputs, today, [*said.values(), *stocks]))
        said["world_status"] = status
        if wanted & ELASTICITIES:
            ahead = energised_elasticities(state, today, quarter, outputs["held_by_funding"])
            said |= {name: values for name, values in ahead.items() if name in wanted}
        return (following, status), said

    clock = jnp.arange(quarters, dtype=opened.adoption.dtype)
    everyone_runs = jnp.zeros(opened.adoption.shape, jnp.int32)
    # A gradient keeps the states alone and computes each quarter once more: what happens in one is too much to keep.
    outputs = jax.lax.scan(
        jax.checkpoint(quarter_of, prevent_cse=False), (opened, everyone_runs), (clock, dict(paths))
    )[1]
    bought = _until_the_end(outputs, _read_by_vintages(wanted))
    if "new_vintage_depreciation_usd_bn" in wanted:
        outputs["new_vintage_depreciation_usd_bn"] = vintages.depreciation_usd_bn(bought, world)
    if "capital_charge_usd_bn" in wanted:
        outputs["capital_charge_usd_bn"] = vintages.capital_charge_usd_bn(
            bought, world, filed.capital_expenditure_usd_bn, opened
        )
    return {name: values for name, values in outputs.items() if name in wanted}


def _until_the_end(outputs: Outputs, names: frozenset[str]) -> Outputs:
    """Outputs with ones in every quarter of a world that has ended, so that nothing of it reaches quarters before."""
    runs = outputs["world_status"] == 0
    return {
        name: jnp.where(jnp.expand_dims(runs, tuple(range(1, outputs[name].ndim - 1))), outputs[name], 1)
        for name in sorted(names)  # in one order in every process, or a compiled program that was kept is not found
    }


def _moved(values: Float[Array, "*rows world"], path: Path) -> Float[Array, "*rows world"]:
    def by_world(part: Array) -> Array:
        return part if part.ndim == values.ndim else part[..., jnp.newaxis]

    return by_world(path.factor) * values + by_world(path.shift)


def _read_by_vintages(wanted: frozenset[str]) -> frozenset[str]:
    read = frozenset[str]()
    if "new_vintage_depreciation_usd_bn" in wanted:
        read |= vintages.READ_BY_DEPRECIATION
    if "capital_charge_usd_bn" in wanted:
        read |= vintages.READ_BY_CAPITAL_CHARGE
    return read


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
        (world,). A world whose coming quarters leave the domain has no binding layer, and elasticities of 0.
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
    known = jnp.all(jnp.isfinite(every), axis=0)
    return {
        "layer_elasticity": jnp.where(known, elasticities[:_BACKLOG], 0),
        "demand_elasticity": jnp.where(known, demand, 0),
        "funding_elasticity": jnp.where(known, funding, 0),
        "binding_layer": jnp.where(known, jnp.argmax(every, axis=0), UNRESOLVED_CODE),
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
