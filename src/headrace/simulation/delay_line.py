"""A delay of a given number of quarters, whole or not: what is put in comes out once, after its lead time.

A lead time between two whole quarters is split between them in proportion, so that the mean delay is exact and a
change of lead time by little changes arrivals by little.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

SLOTS = 24
"""Longest lead time that the line can hold [quarter]; the range of every lead time ends here."""


def joined(
    line: Float[Array, "slot *rest"], entering: Float[Array, "*rest"], lead_time_quarters: Float[Array, "*rest"]
) -> tuple[Float[Array, "*rest"], Float[Array, "slot *rest"]]:
    """What leaves the line this quarter, and the line after ``entering`` has joined it.

    Args:
        line: Amounts that arrive in this quarter (slot 0), the next (slot 1), ...
        entering: Amount decided this quarter.
        lead_time_quarters: Quarters until it arrives, 1 .. SLOTS.

    Returns:
        Arrivals of this quarter, and the line as the next quarter finds it.
    """
    moved = jnp.concatenate([line[1:], jnp.zeros_like(line[:1])])
    return line[0], moved + arrival_weights(lead_time_quarters) * entering


def arrival_weights(lead_time_quarters: Float[Array, "*rest"]) -> Float[Array, "slot *rest"]:
    """Share of an amount that arrives 1, 2, ... quarters after its decision; sums to 1 over slots."""
    quarters = jnp.arange(1, SLOTS + 1, dtype=lead_time_quarters.dtype)
    quarters = quarters.reshape((SLOTS,) + (1,) * lead_time_quarters.ndim)
    late = quarters - lead_time_quarters
    # Without an absolute value: at a whole lead time the slope is then the mean of both sides, and still sums to 0.
    return jnp.maximum(0, jnp.minimum(1 + late, 1 - late))


def filled(
    each_quarter: Float[Array, "*rest"], lead_time_quarters: Float[Array, "*rest"]
) -> Float[Array, "slot *rest"]:
    """A line into which ``each_quarter`` has been put in every quarter of the past."""
    slots = jnp.arange(SLOTS, dtype=lead_time_quarters.dtype).reshape((SLOTS,) + (1,) * lead_time_quarters.ndim)
    return each_quarter * jnp.clip(lead_time_quarters - slots, 0, 1)


def under_way(line: Float[Array, "slot *rest"]) -> Float[Array, "*rest"]:
    """Everything that is in the line."""
    return jnp.sum(line, axis=0)
