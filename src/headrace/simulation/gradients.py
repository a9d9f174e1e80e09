"""Slopes of outputs with respect to every parameter and every stock of the start, in one reverse pass.

Worlds never meet, so the gradient of the sum over worlds holds the gradient of each. The slopes are those of the same
smooth function that is simulated; where a rule has a kink, one of its two slopes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
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

STOCKS = tuple(field.name for field in fields(State))
"""Names of what a world holds at the start."""


@partial(jax.jit, static_argnames=("quarters",), compiler_options={"xla_llvm_disable_expensive_passes": True})
def slopes(
    draws: Mapping[str, Float[Array, "world"]],
    filed: FiledStart,
    paths: Mapping[str, Path],
    weights: Mapping[str, Float[Array, "quarter *rows"]],
    *,
    quarters: int,
) -> tuple[Float[Array, "world"], Mapping[str, Float[Array, "world"]], Mapping[str, Array]]:
    """A weighted sum of outputs in every world, and its slopes.

    Args:
        draws: Every parameter by dotted name.
        filed: What filings say of the players.
        paths: Parameters that move over the run.
        weights: By output, of each quarter and row; a one picks it.
        quarters: How many to run.

    Returns:
        Its value; its slope for each parameter by name, per unit of the parameter; its slope for each stock of the
        start after the start has been solved, (*axes, world), per unit of the stock. All of them NaN in a world that
        has ended by the last quarter with a weight.
    """
    asked = jnp.stack([jnp.any(weight != 0, axis=tuple(range(1, weight.ndim))) for weight in weights.values()])
    wanted = frozenset(weights) | {"world_status"}

    def total(draws: Mapping[str, Array], added: Mapping[str, Array]) -> tuple[Array, Array]:
        state, world, _ = _opened(draws, filed)
        moved = State(**{name: getattr(state, name) + added[name] for name in STOCKS})
        outputs = run(moved, world, filed, paths, quarters, wanted)
        summed = jnp.zeros_like(state.adoption)
        for name, weight in weights.items():
            summed += jnp.sum(weight[..., jnp.newaxis] * outputs[name], axis=tuple(range(weight.ndim)))
        ended = jnp.any(jnp.any(asked, axis=0)[:, jnp.newaxis] & (outputs["world_status"] > 0), axis=0)
        return jnp.sum(summed), jnp.where(ended, jnp.nan, summed)

    shapes = jax.eval_shape(lambda: _opened(draws, filed)[0])
    nothing = {name: jnp.zeros(getattr(shapes, name).shape, getattr(shapes, name).dtype) for name in STOCKS}
    (_, values), (by_parameter, by_stock) = jax.value_and_grad(total, argnums=(0, 1), has_aux=True)(
        dict(draws), nothing
    )
    runs = jnp.isfinite(values)
    masked = jax.tree.map(lambda slope: jnp.where(runs, slope, jnp.nan), (by_parameter, by_stock))
    return values, *masked


def _opened(draws: Mapping[str, Array], filed: FiledStart) -> tuple[State, dict[str, Array], Closure]:
    arrays: Any = stacked(cast(Any, draws))  # arrays of JAX go through as they are
    return opening(arrays, filed)
