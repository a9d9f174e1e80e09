"""Shapes of simulated paths: totals, levels in a quarter, means of a year, falls, and the quarter where a peak lies.

Every function works draw by draw; medians and intervals are taken of its results, never before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.errors import RequestError
from headrace.variables import PLAYERS

Draws = NDArray[np.float64]

LAST = "2031Q4"
"""Peaks and falls are looked for up to this quarter, the last one before 2032."""


def require(future: xr.Dataset, names: Sequence[str]) -> None:
    """Refuse a future that lacks a variable or ends before :data:`LAST`.

    Raises:
        RequestError: Naming what is missing.
    """
    missing = [name for name in names if name not in future]
    if missing:
        raise RequestError(f"the future holds no {', '.join(missing)}; simulate it with these among its variables")
    known = [str(quarter) for quarter in future["quarter"].values]
    if LAST not in known:
        raise RequestError(
            f"the future has {len(known)} quarters, {known[0]} to {known[-1]}; wanted every quarter up to {LAST}: "
            "simulate more quarters"
        )


def total(future: xr.Dataset, name: str) -> Draws:
    """Sum over builders, of net debt over the five that file, (draw, quarter)."""
    values = future[name]
    if "builder" in values.dims:
        values = values.sel(builder=list(PLAYERS)) if name == "net_debt_usd_bn" else values
        values = values.sum("builder", skipna=False)
    return np.asarray(values.values, dtype=np.float64)


def position(future: xr.Dataset, quarter: str) -> int:
    """Where a quarter stands on the axis."""
    return [str(known) for known in future["quarter"].values].index(quarter)


def at(future: xr.Dataset, name: str, quarter: str) -> Draws:
    """Total in one quarter, (draw,)."""
    level: Draws = total(future, name)[:, position(future, quarter)]
    return level


def in_year(future: xr.Dataset, values: Draws, year: int) -> Draws:
    """Mean over the quarters that a year has in the future, (draw,); ``values`` are (draw, quarter)."""
    among = np.array([str(quarter).startswith(str(year)) for quarter in future["quarter"].values])
    mean: Draws = values[:, among].mean(axis=1)
    return mean


def up_to_last(future: xr.Dataset, values: Draws) -> Draws:
    """The quarters up to :data:`LAST`."""
    return values[:, : position(future, LAST) + 1]


def largest_fall(values: Draws) -> Draws:
    """Largest fall from an earlier peak as a share of that peak, (draw,); 0 where a path never falls."""
    fall: Draws = (1 - values / np.maximum.accumulate(values, axis=1)).max(axis=1)
    return fall


def bottom_of_fall(values: Draws) -> NDArray[np.int64]:
    """Position of the bottom of the largest fall, (draw,)."""
    bottom: NDArray[np.int64] = (values / np.maximum.accumulate(values, axis=1)).argmin(axis=1)
    return bottom


def median_quarter(future: xr.Dataset, positions: NDArray[np.int64]) -> str:
    """The quarter at the median of some positions."""
    return str(future["quarter"].values[int(np.median(positions))])


def variability_ratio(orders: Draws, deliveries: Draws) -> Draws:
    """Standard deviation of the growth of orders over that of deliveries, (draw,); 1 where neither varies.

    Above 1 orders swing more than what is delivered: a bullwhip.
    """
    swings = [np.diff(np.log(values), axis=1).std(axis=1) for values in (orders, deliveries)]
    both_still = (swings[0] == 0) & (swings[1] == 0)
    with np.errstate(divide="ignore"):
        ratio: Draws = np.where(both_still, 1.0, swings[0] / np.where(both_still, 1.0, swings[1]))
    return ratio
