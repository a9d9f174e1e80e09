"""What more of a layer is worth, in every world and in whichever quarter it comes: exact slopes of the whole loop.

Capacity is raised by a share of itself in one quarter and layer, or in many; one reverse pass gives the slope of a
number of each world with respect to every one of them. Everything answers: prices fall where relief comes, expansion
slows, spending and the market follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.simulation.paths import Path
from headrace.simulation.simulate import run
from headrace.simulation.start import FiledStart, opening
from headrace.simulation.step import MAKERS_ANSWER
from headrace.units import QUARTERS_PER_YEAR

_AVAILABILITY = "layer.availability"
_READ = frozenset(
    {
        "active_compute_gw",
        "capacity_gw_per_quarter",
        "compute_margin_usd_bn",
        "compute_price_usd_bn_per_gw_quarter",
        "compute_revenue_usd_bn",
        "world_status",
    }
)

NUMBERS = ("gross_profit", "use_value", "compute")
"""What slopes can be asked of: margin on compute, what compute is used for at the going price, compute at a date."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Relief:
    """What became of every world; NaN in one that has ended.

    Attributes:
        number: Of :data:`NUMBERS`, the one asked for or the sum asked for, (world,): present values of the margin on
            compute and of its use, over the run and while compute in service at its end runs off [USD bn]; compute of
            all builders at the date [GW].
        capacity_gw: Usable in the quarter, raised as asked, (quarter, layer, world) [GW/quarter].
        slope: Of the number asked for, by share of capacity, (quarter, layer, world).
    """

    number: Float[Array, "world"]
    capacity_gw: Float[Array, "quarter layer world"]
    slope: Float[Array, "quarter layer world"]


@partial(jax.jit, static_argnames=("quarters",), compiler_options={"xla_llvm_disable_expensive_passes": True})
def relief(
    arrays: Mapping[str, Array],
    filed: FiledStart,
    paths: Mapping[str, Path],
    raised: Float[Array, "quarter layer world"],
    date: Float[Array, "quarter"],
    weight: Float[Array, "3"],
    makers_answer: Float[Array, ""],
    *,
    quarters: int,
) -> Relief:
    """Run the loop with capacities raised, and the slope of one number of each world.

    Args:
        arrays: Parameters on their axes, worlds last.
        filed: What filings say of the players.
        paths: Parameters that move over the run.
        raised: Share by which the capacity of a layer is raised in a quarter [1], > -1.
        date: One in the quarter at whose end compute is counted, zero elsewhere.
        weight: Of each of :data:`NUMBERS` in the number asked for.
        makers_answer: 1 where the slope is to hold that makers, who see a layer less tight, expand it less; 0 where
            they are to build what they would have built.
        quarters: How many to run.

    The use of one more GW is counted at the price of the run, which the slope holds: what more compute is worth to
    whoever uses it. What its owners gain is that less what the price falls on all other compute.
    """
    state, opened, _ = opening(arrays, filed)
    world = {**opened, MAKERS_ANSWER: makers_answer}
    alike = jnp.ones((quarters, raised.shape[1]), raised.dtype)
    own = paths.get(_AVAILABILITY, Path(alike, 0 * alike))

    def total(raised: Array) -> tuple[Array, tuple[Array, Array]]:
        more = 1 + raised
        moved = Path(own.factor[..., jnp.newaxis] * more, own.shift[..., jnp.newaxis] * more)
        outputs = run(state, world, filed, {**paths, _AVAILABILITY: moved}, quarters, _READ)
        price = outputs["compute_price_usd_bn_per_gw_quarter"]
        used = jax.lax.stop_gradient(price) * outputs["compute_revenue_usd_bn"] / price
        compute = jnp.sum(date[:, jnp.newaxis] * jnp.sum(outputs["active_compute_gw"], axis=1), axis=0)
        numbers = _present_value(outputs["compute_margin_usd_bn"], world), _present_value(used, world), compute
        number = sum((part * values for part, values in zip(weight, numbers, strict=True)), jnp.zeros_like(compute))
        ended = outputs["world_status"][-1] > 0
        known = [jnp.where(ended, jnp.nan, values) for values in (number, outputs["capacity_gw_per_quarter"])]
        return jnp.sum(number), (known[0], known[1])

    (_, (number, capacity)), slope = jax.value_and_grad(total, has_aux=True)(raised)
    return Relief(number, capacity, jnp.where(jnp.isfinite(number), slope, jnp.nan))


def _present_value(flow_usd_bn: Float[Array, "quarter world"], world: Mapping[str, Array]) -> Float[Array, "world"]:
    """Of the run, and of what its last quarter leaves, which falls by one over the economic life a quarter."""
    quarters = flow_usd_bn.shape[0]
    rate = (1 + world["finance.wacc"]) ** (1 / QUARTERS_PER_YEAR) - 1
    clock = jnp.arange(1, quarters + 1, dtype=flow_usd_bn.dtype)[:, jnp.newaxis]
    decay = 1 / world["finance.it_economic_life_quarters"]
    after = flow_usd_bn[-1] * (1 - decay) / (rate + decay)
    return jnp.sum(flow_usd_bn * (1 + rate) ** -clock, axis=0) + after * (1 + rate) ** -quarters
