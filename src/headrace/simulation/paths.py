"""Parameters that move over a run: from a schedule of dotted names to paths on the axes of the loop.

Only what the loop reads in each quarter can move. What the start alone reads is refused, because a date on it would
do nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

from headrace.simulation.start import FiledStart, opening
from headrace.simulation.step import Outputs, step
from headrace.variables import GROUPS, LAYERS, PLAYERS, REGIONS

_ROWS = {"builder": PLAYERS, "region": REGIONS, "group": GROUPS}


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Path:
    """How a parameter moves over a run: what it was at the start × factor + shift.

    Attributes:
        factor: By quarter, and by row of the parameter's leading axis where it has one; 0 where the value is held. It
            moves alike in every world, unless worlds are its last axis.
        shift: Likewise, in the parameter's unit.
    """

    factor: Float[Array, "quarter *rows_and_worlds"]
    shift: Float[Array, "quarter *rows_and_worlds"]


def place(name: str) -> tuple[str, int | None]:
    """Array of the loop in which the parameter called ``name`` stands, and its row there; None where it has no rows."""
    first, _, rest = name.partition(".")
    if first in LAYERS:
        return f"layer.{rest}", LAYERS.index(first)
    row, _, field = rest.partition(".")
    if row in _ROWS.get(first, ()):
        return f"{first}.{field}", _ROWS[first].index(row)
    return name, None


def row_count(array: str) -> int | None:
    """Number of rows of an array of the loop by its name; None where it has no leading axis."""
    first, _, rest = array.partition(".")
    if "." in rest:
        return None
    rows = {**_ROWS, "layer": LAYERS}.get(first)
    return None if rows is None else len(rows)


def stacked_paths(
    names: tuple[str, ...], factor: NDArray[np.float64], shift: NDArray[np.float64], also: frozenset[str] = frozenset()
) -> dict[str, Path]:
    """Paths by name of array.

    Args:
        names: Dotted names of parameters.
        factor: (quarter, name).
        shift: (quarter, name).
        also: Arrays that get a path of their own even where nothing of them moves, so that one compiled program
            serves many schedules.
    """
    quarters = factor.shape[0]
    places = [place(name) for name in names]
    paths: dict[str, Path] = {}
    for array in sorted({array for array, _ in places} | also):
        rows = row_count(array)
        shape = (quarters,) if rows is None else (quarters, rows)
        paths[array] = Path(np.ones(shape), np.zeros(shape))  # type: ignore[arg-type]  # NumPy until the loop takes it
    for column, (array, row) in enumerate(places):
        index = (slice(None),) if row is None else (slice(None), row)
        np.asarray(paths[array].factor)[index] = factor[:, column]
        np.asarray(paths[array].shift)[index] = shift[:, column]
    return paths


def read_each_quarter(arrays: Mapping[str, Array], filed: FiledStart) -> frozenset[str]:
    """Arrays of ``arrays`` that the loop reads in each quarter: those that can move over a run."""
    known: set[str] = set()

    def one_quarter(arrays: Mapping[str, Array]) -> Outputs:
        state, world, _ = opening(arrays, filed)
        read = _Read(world)
        outputs = step(state, read, jnp.zeros_like(state.adoption[0]))[1]
        known.update(read.names)
        return outputs

    jax.eval_shape(one_quarter, dict(arrays))
    return frozenset(name for name in known & set(arrays) if not name.startswith("start."))


class _Read(Mapping[str, Any]):
    """A world that remembers which of its arrays were read."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._arrays = arrays
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)
