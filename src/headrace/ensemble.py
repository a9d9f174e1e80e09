"""Many draws of one scenario, in blocks of fixed size, so that memory stays bounded and one compilation serves all.

Draw ``i`` does not depend on the block it falls in: parameters are drawn by counter, and worlds never meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from headrace.errors import RequestError
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import registry
from headrace.simulation.simulate import simulate
from headrace.simulation.start import FiledStart
from headrace.simulation.worlds import stacked

BLOCK = 1000
"""Draws run together: the working set of a block fits the caches of a small machine."""

PRECISION: Literal[32, 64] = 64
"""Bits of the loop's arithmetic unless someone asks for the other."""

MOST_DRAWS = 100_000
MOST_QUARTERS = 400
MOST_SEED = 2**63 - 1

Arrays = dict[str, NDArray[np.float64]]
Progress = Callable[[str, float], None]


def run(
    filed: tuple[NDArray[np.float64], NDArray[np.float64]],
    *,
    draws: int,
    seed: int,
    quarters: int,
    settings: Mapping[str, float],
    precision: Literal[32, 64] = PRECISION,
    progress: Progress | None = None,
) -> tuple[Arrays, Arrays]:
    """Outputs of every draw.

    Args:
        filed: Cash capital expenditure (past, player) and operating cash flow (4, player) as filed [USD bn/quarter].
        draws: How many worlds, 1 .. MOST_DRAWS.
        seed: 0 .. MOST_SEED.
        quarters: How many quarters, 1 .. MOST_QUARTERS.
        settings: Parameters held at a value.
        precision: Bits of the arithmetic of the loop; draws are always made in 64.
        progress: Called with what is going on and the share done, 0..1.

    Returns:
        Outputs by name, (draw, quarter, *axes); and the closure of the start by name, (draw, ...).

    Raises:
        RequestError: A count or the seed is outside its range.
    """
    check_request(draws=draws, seed=seed, quarters=quarters, precision=precision)
    report = progress or (lambda _text, _share: None)
    kind = np.float32 if precision == 32 else np.float64
    blocks: list[tuple[Arrays, Arrays]] = []
    size = min(BLOCK, draws)
    with jax.enable_x64(precision == 64):
        known = FiledStart(*(jnp.asarray(values, kind) for values in filed))
        for first in range(0, draws, size):
            report("compiling the loop" if first == 0 else f"simulating {draws:,} worlds", first / draws)
            drawn = stacked(draw_parameters(registry().values(), seed, first, size, settings))
            arrays = {name: jnp.asarray(values, kind) for name, values in drawn.items()}
            outputs, closure = simulate(arrays, known, quarters=quarters)
            wanted = min(size, draws - first)
            blocks.append((_draw_first(outputs, wanted), _draw_first(vars(closure), wanted)))
    report(f"simulated {draws:,} worlds", 1.0)
    joined = [
        {name: np.concatenate([block[part][name] for block in blocks]) for name in blocks[0][part]} for part in (0, 1)
    ]
    return joined[0], joined[1]


def check_request(*, draws: int, seed: int, quarters: int, precision: int) -> None:
    """Refuse counts that cannot be run.

    Raises:
        RequestError: Naming the option, what was found, and the range.
    """
    for name, value, low, high in (
        ("draws", draws, 1, MOST_DRAWS),
        ("quarters", quarters, 1, MOST_QUARTERS),
        ("seed", seed, 0, MOST_SEED),
    ):
        if not low <= value <= high:
            raise RequestError(f"{name} is {value:,}; wanted a whole number from {low:,} to {high:,}")
    if precision not in (32, 64):
        raise RequestError(f"precision is {precision}; wanted 32 or 64 bits")


def _draw_first(arrays: Mapping[str, jax.Array], wanted: int) -> Arrays:
    return {name: np.moveaxis(np.asarray(values), -1, 0)[:wanted] for name, values in arrays.items()}
