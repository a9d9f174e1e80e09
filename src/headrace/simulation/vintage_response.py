"""How one vintage answers to parameters, over the whole loop: what it recovers, when it pays back, and both slopes.

One forward pass beside the run gives the exact slope along any direction in which parameters are moved, so that one
compiled program serves every driver.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from headrace.simulation.paths import Path
from headrace.simulation.simulate import run
from headrace.simulation.start import FiledStart, opening
from headrace.simulation.vintage_cash_flow import (
    READ,
    discounted,
    fleet_of,
    own_growth,
    payback_quarters,
    quarterly_rate,
    recovered_after,
    stream_of,
)
from headrace.simulation.worlds import stacked


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Response:
    """What became of a vintage, by world; NaN where the world has ended.

    Attributes:
        left: Cash recovered by the target less the cost, over the cost [1]; 0 where it pays back at the target.
        left_slope: Of it, along the direction asked for.
        payback: From the payment [quarter]; infinite where never.
        payback_slope: Of it, along the direction asked for.
        cash_usd_bn: By quarter, undiscounted, (quarter, world) [USD bn/quarter].
        cost_usd_bn: [USD bn].
        net_value_usd_bn: Present value at the cost of capital of the quarters written out [USD bn].
    """

    left: Float[Array, "world"]
    left_slope: Float[Array, "world"]
    payback: Float[Array, "world"]
    payback_slope: Float[Array, "world"]
    cash_usd_bn: Float[Array, "later world"]
    cost_usd_bn: Float[Array, "world"]
    net_value_usd_bn: Float[Array, "world"]


@partial(
    jax.jit,
    static_argnames=("quarters", "owners"),
    compiler_options={"xla_llvm_disable_expensive_passes": True},
)
def responses(
    draws: Mapping[str, Float[Array, "world"]],
    direction: Mapping[str, Float[Array, "world"]],
    filed: FiledStart,
    paths: Mapping[str, Path],
    vintage: Int[Array, ""],
    target_quarters: Float[Array, ""],
    is_discounted: Float[Array, ""],
    margin_growth: Float[Array, ""],
    *,
    quarters: int,
    owners: int,
) -> Response:
    """Run the loop and follow one vintage.

    Args:
        draws: Every parameter by dotted name.
        direction: By how much those that can move do; the fewer they are, the sooner it compiles.
        filed: What filings say of the players.
        paths: Parameters that move over the run.
        vintage: Quarters since the first simulated.
        target_quarters: Payback looked for [quarter].
        is_discounted: 1 where cash is counted with interest at the cost of capital, 0 where it is not.
        margin_growth: As :func:`stream_of` takes it; that of the last year of the run where NaN [1/quarter].
        quarters: How many to run.
        owners: As :func:`fleet_of` takes it.
    """

    def of(moved: Mapping[str, Array]) -> tuple[tuple[Array, Array], tuple[Array, Array, Array]]:
        arrays: Any = stacked(cast(Any, {**draws, **moved}))  # arrays of JAX go through as they are
        state, world, _ = opening(arrays, filed)
        outputs = run(state, world, filed, paths, quarters, READ | {"world_status"})
        fleet = fleet_of(outputs, world, paths, owners)
        growth = jnp.where(jnp.isnan(margin_growth), own_growth(fleet), margin_growth)
        stream = stream_of(fleet, world, paths, vintage, growth)
        rate = quarterly_rate(world["finance.wacc"])
        cash = discounted(stream.cash_usd_bn, is_discounted * rate, vintage)
        left = recovered_after(cash, vintage, target_quarters) / stream.cost_usd_bn
        ended = jnp.any(outputs["world_status"] > 0, axis=0)
        measures = jnp.where(ended, jnp.nan, left), jnp.where(ended, jnp.nan, payback_quarters(cash, vintage))
        worth = jnp.sum(discounted(stream.cash_usd_bn, rate, vintage), axis=0)
        beside = tuple(jnp.where(ended, jnp.nan, x) for x in (stream.cash_usd_bn, stream.cost_usd_bn, worth))
        return measures, cast(Any, beside)

    moved = {name: draws[name] for name in direction}
    (left, payback), (left_slope, payback_slope), beside = jax.jvp(of, (moved,), (dict(direction),), has_aux=True)
    return Response(left, left_slope, payback, payback_slope, *beside)
