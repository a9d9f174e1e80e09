"""Slopes of one output with respect to every parameter and every stock of the start, in one reverse pass.

Worlds never meet, so the gradient of the sum over worlds holds the gradient of each. The slopes are those of the same
smooth function that is simulated; where a rule has a kink, one of its two slopes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, cast

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.simulation.paths import Path
from headrace.simulation.simulate import run
from headrace.simulation.start import Closure, FiledStart, opening
from headrace.simulation.state import State
from headrace.simulation.worlds import stacked


@dataclass(frozen=True)
class Target:
    """One number of each world.

    Attributes:
        variable: Name of the table.
        quarter: Quarters since the first simulated.
        row: Of its leading axis; the sum over the axis when None.
    """

    variable: str
    quarter: int
    row: int | None = None

    def of(self, outputs: Mapping[str, Array]) -> Float[Array, "world"]:
        """Its value in ``outputs``."""
        values = outputs[self.variable][self.quarter]
        if values.ndim == 1:
            return values
        return values[self.row] if self.row is not None else jnp.sum(values, axis=0)


STOCKS = tuple(field.name for field in fields(State))
"""Names of what a world holds at the start."""


@partial(jax.jit, static_argnames=("target",))
def slopes(
    draws: Mapping[str, Float[Array, "world"]], filed: FiledStart, paths: Mapping[str, Path], *, target: Target
) -> tuple[Float[Array, "world"], Mapping[str, Float[Array, "world"]], Mapping[str, Array]]:
    """The target in every world, and its slopes.

    Args:
        draws: Every parameter by dotted name.
        filed: What filings say of the players.
        paths: Parameters that move over the run.
        target: What to differentiate.

    Returns:
        Its value; its slope for each parameter by name, per unit of the parameter; its slope for each stock of the
        start after the start has been solved, (*axes, world), per unit of the stock.
    """
    worlds = next(iter(draws.values())).shape

    def total(draws: Mapping[str, Array], added: Mapping[str, Array]) -> tuple[Array, Array]:
        state, world, _ = _opened(draws, filed)
        moved = State(**{name: getattr(state, name) + added[name] for name in STOCKS})
        values = target.of(run(moved, world, filed, paths, target.quarter + 1, frozenset({target.variable})))
        return jnp.sum(values), values

    shapes = jax.eval_shape(lambda: _opened(draws, filed)[0])
    nothing = {name: jnp.zeros(getattr(shapes, name).shape, getattr(shapes, name).dtype) for name in STOCKS}
    (_, values), (by_parameter, by_stock) = jax.value_and_grad(total, argnums=(0, 1), has_aux=True)(
        dict(draws), nothing
    )
    return values.reshape(worlds), by_parameter, by_stock


def _opened(draws: Mapping[str, Array], filed: FiledStart) -> tuple[State, dict[str, Array], Closure]:
    arrays: Any = stacked(cast(Any, draws))  # arrays of JAX go through as they are
    return opening(arrays, filed)
