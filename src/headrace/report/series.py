"""Reads the two Datasets: history joined to the future, and the quantiles of each series, taken once with numpy.

A series is a thin line of filed values followed by a median with 50 % and 90 % bands. What is not known stays not
known: a sum with a missing member is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from headrace.periods import quarter_index
from headrace.variables import PLAYERS, STATUSES

Array = npt.NDArray[np.float64]

_WITHOUT_LIMIT = 1e200
"""Stands for infinity while quantiles are taken: between two infinite worlds there is no number to interpolate."""

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Pair:
    """The two Datasets of one report, in the one schema."""

    future: xr.Dataset
    history: xr.Dataset

    @cached_property
    def future_quarters(self) -> list[str]:
        """Labels of the simulated quarters."""
        return [str(quarter) for quarter in self.future["quarter"].values]

    @cached_property
    def past_quarters(self) -> list[str]:
        """Labels of the quarters of history that come before the future begins."""
        first = quarter_index(self.future_quarters[0])
        return [str(q) for q in self.history["quarter"].values if quarter_index(str(q)) < first]

    @property
    def now(self) -> int:
        """Position of the first simulated quarter."""
        return len(self.past_quarters)

    @cached_property
    def quarters(self) -> list[str]:
        """History, then future."""
        return self.past_quarters + self.future_quarters

    @cached_property
    def filed_names(self) -> frozenset[str]:
        """Variables of which some past quarter is known."""
        past = self.history.variables
        return frozenset(str(name) for name in self.history.data_vars if not np.isnan(past[name].values).all())

    def at(self, quarter: str) -> int:
        """Position of a quarter; the last one where the run ends before it."""
        return self.quarters.index(quarter) if quarter in self.quarters else len(self.quarters) - 1


@dataclass(frozen=True)
class Series:
    """One quantity over quarters: five quantiles, and how each quarter is known.

    ``quantiles`` has shape (level, quarter); in history all five levels are the filed value. ``past`` counts the
    quarters of history in front.
    """

    quarters: tuple[str, ...]
    past: int
    quantiles: Array
    status: tuple[str, ...]
    quality: tuple[str, ...]

    @property
    def low(self) -> Array:
        """Lower end of the 90 % band."""
        return np.asarray(self.quantiles[0])

    @property
    def low50(self) -> Array:
        """Lower end of the 50 % band."""
        return np.asarray(self.quantiles[1])

    @property
    def median(self) -> Array:
        """Median; the filed value in history."""
        return np.asarray(self.quantiles[2])

    @property
    def high50(self) -> Array:
        """Upper end of the 50 % band."""
        return np.asarray(self.quantiles[3])

    @property
    def high(self) -> Array:
        """Upper end of the 90 % band."""
        return np.asarray(self.quantiles[4])


@dataclass(frozen=True)
class Worlds:
    """The same quantity world by world: history (quarter,) and future (draw, quarter), with their statuses."""

    past: Array
    future: Array
    status: tuple[str, ...]
    quality: tuple[str, ...]

    def series(self, pair: Pair) -> Series:
        """The quantiles over worlds, joined to history."""
        bounded = np.where(np.isposinf(self.future), _WITHOUT_LIMIT, self.future)
        ahead = np.quantile(bounded, LEVELS, axis=0)
        ahead = np.where(ahead > _WITHOUT_LIMIT / 1e6, np.inf, ahead)
        behind = np.broadcast_to(self.past, (len(LEVELS), self.past.size))
        quantiles = np.concatenate([behind, ahead], axis=1)
        known = ~np.isnan(quantiles[2])
        status = tuple(s if k else "unresolved" for s, k in zip(self.status, known, strict=True))
        quality = tuple(q if k else "" for q, k in zip(self.quality, known, strict=True))
        return Series(tuple(pair.quarters), self.past.size, quantiles, status, quality)

    @property
    def joined(self) -> Array:
        """History repeated in front of every world: shape (draw, quarters of both)."""
        behind = np.broadcast_to(self.past, (self.future.shape[0], self.past.size))
        return np.concatenate([behind, self.future], axis=1)


def worlds(pair: Pair, name: str, **where: str) -> Worlds:
    """One variable, at one label of each of its other axes.

    Args:
        pair: The two Datasets.
        name: Name of a variable in the table.
        where: Such as ``builder="meta"`` or ``layer="memory"``.
    """
    ahead = pair.future.variables[name]  # a DataArray would gather some 140 coordinates each time
    behind = pair.history.variables[name]
    place = _place(pair.future, where)
    past = len(pair.past_quarters)
    return Worlds(
        past=np.asarray(_cut(behind.values, (0, slice(past)), _place(pair.history, where)), dtype=np.float64),
        future=np.asarray(_cut(ahead.values, (slice(None), slice(None)), place), dtype=np.float64),
        status=_labels(pair, f"status_{name}", where, "unresolved", "scenario"),
        quality=_labels(pair, f"quality_{name}", where, "", ""),
    )


def computed(pair: Pair, values: Array, name: str) -> Worlds:
    """What the service computes from a variable of the simulation, world by world; history does not hold it.

    Args:
        pair: The two Datasets.
        values: Of shape (draw, quarter).
        name: The variable that it is computed from; over its axes the weakest status and quality hold.
    """
    past, ahead = len(pair.past_quarters), len(pair.future_quarters)
    statuses, qualities = (
        pair.future.variables[f"{kind}_{name}"].values.reshape(ahead, -1).tolist() for kind in ("status", "quality")
    )
    return Worlds(
        past=np.full(past, np.nan),
        future=np.asarray(values, dtype=np.float64),
        status=("unresolved",) * past + tuple(weakest(row) for row in statuses),
        quality=("",) * past + tuple(max(row) for row in qualities),
    )


def total(pair: Pair, name: str, builders: Sequence[str] = PLAYERS) -> Worlds:
    """Sum of a variable over builders; missing where one of them is missing."""
    parts = [worlds(pair, name, builder=builder) for builder in builders]
    return Worlds(
        past=np.sum([part.past for part in parts], axis=0),
        future=np.sum([part.future for part in parts], axis=0),
        status=weakest_status(*[part.status for part in parts]),
        quality=weakest_quality(*[part.quality for part in parts]),
    )


def ratio(above: Worlds, below: Worlds) -> Worlds:
    """One quantity over another, world by world; without limit where the lower one is not above zero."""
    return Worlds(
        past=_divide(above.past, below.past),
        future=_divide(above.future, below.future),
        status=weakest_status(above.status, below.status, ("derived",) * len(above.status)),
        quality=weakest_quality(above.quality, below.quality),
    )


def four_quarter_sum(one: Worlds) -> Worlds:
    """Sum of each quarter and the three before it, across the join of history and future."""
    summed = _trailing(one.joined)
    past = one.past.size
    behind = _trailing(one.past[None, :])[0]
    status = [weakest(one.status[max(0, end - 3) : end + 1]) for end in range(len(one.status))]
    status = [weakest((name, "derived")) for name in status]
    quality = [max(one.quality[max(0, end - 3) : end + 1]) for end in range(len(one.quality))]
    return Worlds(behind, summed[:, past:], tuple(status), tuple(quality))


def weakest(statuses: Iterable[str]) -> str:
    """The weakest of several statuses; unresolved where there is none."""
    return max(statuses, key=STATUSES.index, default="unresolved")


def weakest_status(*columns: Sequence[str]) -> tuple[str, ...]:
    """Quarter by quarter, the weakest status of several series."""
    return tuple(weakest(row) for row in zip(*columns, strict=True))


def weakest_quality(*columns: Sequence[str]) -> tuple[str, ...]:
    """Quarter by quarter, the weakest quality of several series."""
    return tuple(max(row) for row in zip(*columns, strict=True))


def probabilities(codes: npt.NDArray[np.float64], count: int) -> Array:
    """Share of draws that carry each code, by quarter.

    Args:
        codes: Codes of shape (draw, quarter); negative where unresolved.
        count: Number of codes.

    Returns:
        Shape (code, quarter). Unresolved draws are in the denominator, so a column may sum to less than 1.
    """
    return np.stack([(codes == code).mean(axis=0) for code in range(count)])


def _place(dataset: xr.Dataset, where: Mapping[str, str]) -> tuple[int, ...]:
    return tuple(dataset.variables[dim].values.tolist().index(label) for dim, label in where.items())


def _cut(values: npt.NDArray[Any], front: tuple[int | slice, ...], place: tuple[int, ...]) -> npt.NDArray[Any]:
    index: Any = (*front, *place)
    return np.asarray(values[index])


def _labels(pair: Pair, name: str, where: Mapping[str, str], behind: str, ahead: str) -> tuple[str, ...]:
    past, future = len(pair.past_quarters), len(pair.future_quarters)
    first, second = [behind] * past, [ahead] * future
    if name in pair.history.variables:
        first = _cut(pair.history.variables[name].values, (slice(past),), _place(pair.history, where)).tolist()
    if name in pair.future.variables:
        second = _cut(pair.future.variables[name].values, (slice(None),), _place(pair.future, where)).tolist()
    return tuple(first + second)


def _divide(above: Array, below: Array) -> Array:
    out = np.where(np.isnan(above) | np.isnan(below), np.nan, np.inf)
    return np.asarray(np.divide(above, below, out=out, where=below > 0))


def _trailing(values: Array) -> Array:
    if values.shape[1] < 4:
        return np.full_like(values, np.nan)
    parts = [values[:, lag : values.shape[1] - 3 + lag] for lag in range(4)]
    summed = reduce(np.add, parts)
    return np.concatenate([np.full((values.shape[0], 3), np.nan), summed], axis=1)
