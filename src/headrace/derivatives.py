"""Exact derivatives of one number of each world over many draws, and how far it is from what hard minima would give.

One reverse pass a block gives the slope for every parameter and every stock of the start; asking for more of them
costs nothing.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.changes import FIRST_QUARTER, Changes, drawn_values
from headrace.ensemble import check_count, check_filed
from headrace.errors import PeriodError, RequestError, unknown_name
from headrace.parameters.registry import registry
from headrace.periods import quarter_index
from headrace.simulation.gradients import STOCKS, slopes
from headrace.simulation.paths import Path
from headrace.simulation.simulate import run
from headrace.simulation.start import FiledStart, opening
from headrace.simulation.state import State
from headrace.simulation.worlds import stacked
from headrace.variables import BUILDERS, GROUPS, LAYERS, PLAYERS, REGIONS, table

BLOCK = 250
"""Draws differentiated together: a reverse pass keeps every state of the run."""

MOST_DRAWS = 100_000

SPAN = 40
"""Quarters of the shortest run."""

Filed = tuple[NDArray[np.float64], NDArray[np.float64]]

_EXPONENT = "bottleneck.substitution_exponent"
_ROWS = {"builder": BUILDERS, "layer": LAYERS, "region": REGIONS, "group": GROUPS}


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

    @property
    def quarters(self) -> int:
        """How many quarters to run: whole spans, so that targets in one span share a compiled program."""
        return SPAN * (self.quarter // SPAN + 1)

    @property
    def weight(self) -> NDArray[np.float64]:
        """1 where the target is, (quarter, *rows)."""
        axes = table()[self.variable].dims
        weight = np.zeros((self.quarters, *(rows_of(self.variable) for _ in axes)))
        weight[(self.quarter, *(slice(None) if self.row is None else self.row for _ in axes))] = 1
        return weight


def target_of(variable: str, quarter: str, row: str | None, quarters: int) -> Target:
    """The number that ``variable`` has in a quarter: in one row of its axis, or in all of them together.

    Args:
        variable: Name of the table; no code.
        quarter: Such as ``"2028Q4"``.
        row: Label on its leading axis; the sum over the axis when left out.
        quarters: How many the run may have at most.

    Raises:
        UnknownNameError: There is no such variable or row.
        PeriodError: The quarter is outside what can be run.
        RequestError: The variable is a code, or has no axis to take a row of.
    """
    if variable not in table():
        raise unknown_name("variable", variable, table())
    entry = table()[variable]
    if entry.kind == "code":
        raise RequestError(f"{variable} is a code and has no slope; wanted a flow, a stock, a price or a ratio")
    place = quarter_index(quarter) - quarter_index(FIRST_QUARTER)
    if not 0 <= place < quarters:
        raise PeriodError(
            f"quarter {quarter} is outside the {quarters:,} quarters that can be run from {FIRST_QUARTER} on"
        )
    if row is None:
        return Target(variable, place)
    if not entry.dims:
        raise RequestError(f"{variable} has no axis, so there is no row {row!r} of it; leave the row out")
    labels = entry.coordinate_of[entry.dims[0]][: rows_of(variable)]
    if row not in labels:
        raise unknown_name(entry.dims[0], row, labels, variable)
    return Target(variable, place, labels.index(row))


@cache
def rows_of(variable: str) -> int:
    """Rows that the loop gives ``variable``: those of its axis, less builders of whom nothing is filed."""
    arrays = {name: jnp.asarray(values) for name, values in stacked(drawn_values(0, 0, 1, Changes())).items()}
    players = len(PLAYERS)
    filed = FiledStart(jnp.ones((1, players)), jnp.ones((4, players)))

    def one_quarter() -> Mapping[str, jax.Array]:
        state, world, _ = opening(arrays, filed)
        return run(state, world, filed, {}, 1, frozenset({variable}))

    outputs = jax.eval_shape(one_quarter)
    return int(outputs[variable].shape[1])


def derivatives(
    filed: Filed,
    target: Target,
    by: Sequence[str],
    *,
    draws: int,
    seed: int,
    changes: Changes,
    precision: Literal[32, 64] = 64,
) -> xr.Dataset:
    """The target and its slopes in every draw.

    Args:
        filed: Cash capital expenditure (past, player) and operating cash flow (4, player) as filed [USD bn/quarter].
        target: What to differentiate.
        by: Names of parameters and of stocks of the start; every parameter when empty.
        draws: 1 .. MOST_DRAWS.
        seed: Of the draws.
        changes: What the scenario does; its paths must reach the quarter of the target.
        precision: Bits of the arithmetic.

    Returns:
        ``value`` (draw); ``value_of_hard_minimum`` (draw), the same where members of a branch combine into their
        minimum; ``slope`` and ``parameter_value`` (draw, parameter); ``slope_of_<stock>`` (draw, *axes) for each stock.
        Values and slopes are NaN where the world has ended by the quarter of the target.

    Raises:
        UnknownNameError: A name is neither a parameter nor a stock.
        RequestError: The number of draws is outside its range.
        EvidenceError: What is filed lacks a player or a quarter, or holds something that is no amount.
    """
    check_count("draws", draws)
    if draws > MOST_DRAWS:
        raise RequestError(
            f"draws is {draws:,}; wanted at most {MOST_DRAWS:,}: slopes of every parameter are kept of each"
        )
    check_filed(filed)
    parameters, stocks = _sorted_names(by)
    kind = np.float32 if precision == 32 else np.float64
    size = min(BLOCK, draws)
    blocks: list[dict[str, NDArray[np.float64]]] = []
    with jax.enable_x64(precision == 64):
        known = FiledStart(*(jnp.asarray(values, kind) for values in filed))
        paths = {name: _until(path, target.quarters, kind) for name, path in changes.paths.items()}
        slopes_of = partial(slopes, quarters=target.quarters)
        weights = {target.variable: target.weight.astype(kind)}
        for first in range(0, draws, size):
            drawn = {name: values.astype(kind) for name, values in drawn_values(seed, first, size, changes).items()}
            value, by_parameter, by_stock = slopes_of(drawn, known, paths, weights)
            hard = np.full(size, registry()[_EXPONENT].range[1], kind)
            hard_value = slopes_of({**drawn, _EXPONENT: hard}, known, paths, weights)[0]
            block = {
                "value": value,
                "value_of_hard_minimum": hard_value,
                "slope": np.stack([by_parameter[name] for name in parameters]) if parameters else np.empty((0, size)),
                "parameter_value": np.stack([drawn[name] for name in parameters])
                if parameters
                else np.empty((0, size)),
                **{f"slope_of_{name}": by_stock[name] for name in stocks},
            }
            blocks.append({name: np.moveaxis(np.asarray(values), -1, 0) for name, values in block.items()})
    joined = {name: np.concatenate([block[name] for block in blocks])[:draws] for name in blocks[0]}
    return _dataset(joined, target, parameters)


def _sorted_names(by: Sequence[str]) -> tuple[list[str], list[str]]:
    known = [*registry(), *STOCKS]
    for name in by:
        if name not in known:
            raise unknown_name("parameter or stock of the start", name, known, "by")
    chosen = list(dict.fromkeys(by)) or list(registry())
    return [name for name in chosen if name in registry()], [name for name in chosen if name in STOCKS]


def _until(path: Path, quarters: int, kind: type[np.floating]) -> Path:
    return Path(jnp.asarray(path.factor[:quarters], kind), jnp.asarray(path.shift[:quarters], kind))


def _dataset(values: dict[str, NDArray[np.float64]], target: Target, parameters: list[str]) -> xr.Dataset:
    unit = table()[target.variable].unit
    draws = len(values["value"])
    coordinates: dict[str, object] = {"draw": np.arange(draws), "parameter": parameters}
    coordinates["parameter_unit"] = ("parameter", [registry()[name].unit for name in parameters])
    variables: dict[str, object] = {
        "value": ("draw", values["value"], {"units": unit}),
        "value_of_hard_minimum": ("draw", values["value_of_hard_minimum"], {"units": unit}),
        "slope": (("draw", "parameter"), values["slope"], {"units": f"{unit} per unit of the parameter"}),
        "parameter_value": (("draw", "parameter"), values["parameter_value"]),
    }
    for name in [name for name in values if name.startswith("slope_of_")]:
        axes = _axes(name.removeprefix("slope_of_"))
        slope = values[name]
        if "player" in axes:
            # Nothing is filed of the rest of the world, so it has no such stock.
            ends = [(0, len(BUILDERS) - len(PLAYERS) if axis == "player" else 0) for axis in ("draw", *axes)]
            slope = np.pad(slope, ends, constant_values=np.nan)
            axes = tuple("builder" if axis == "player" else axis for axis in axes)
        variables[name] = (("draw", *axes), slope, {"units": f"{unit} per unit of the stock"})
        coordinates |= {axis: list(_ROWS[axis]) for axis in axes if axis in _ROWS}
    return xr.Dataset(variables, coordinates)


@cache
def _axes(stock: str) -> tuple[str, ...]:
    """Leading axes of a stock, as its annotation names them."""
    annotation = str(inspect.get_annotations(State)[stock])
    named = re.search(r"['\"]([\w ]+)['\"]", annotation)
    return tuple(named[1].split()[:-1]) if named else ()
