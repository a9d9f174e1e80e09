"""What spending pays a builder best, given what its rivals spend, and how that answer moves when theirs does.

"I build because you build" is a slope of one between the logarithms of both. Here it is a result: each builder's own
level is varied while all others hold theirs, on the same draws, and the level worth most is its best reply.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.dilemma.payoffs import payoffs
from headrace.simulation.strategies import STRATEGIES
from headrace.variables import PLAYERS
from headrace.world import World

OWN_LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""Of the most that fear carries, as a builder alone may spend it."""

RIVALS_LEVELS = (0.5, 1.0)
"""Likewise of all the others together; the slope is taken between the two."""

Array = NDArray[np.float64]


def best_replies(world: World, terminal_growth: float | None = None) -> xr.Dataset:
    """Best replies on a grid of levels, and their slope.

    Returns:
        ``best_reply_level`` (draw, builder, rivals_level) [1]: the level of :data:`OWN_LEVELS` worth most, refined by
        the parabola through it and its neighbours where it has both; ``best_reply_at_end`` likewise, 1 where it is
        the first or the last of the grid, so that no slope says anything; ``best_reply_slope`` (draw, builder) [1]:
        change of the logarithm of own spending at the best reply over that of rivals' spending, NaN where a reply is at
        an end of the grid. Matching is 1, ignoring 0, giving way below 0.

    Raises:
        EndedError: No draw runs to the end under every profile.
    """
    levels = _levels()
    found = payoffs(world, np.full(levels.shape, STRATEGIES.index("race")), levels, terminal_growth=terminal_growth)
    shape = (len(found.draw), len(PLAYERS), len(RIVALS_LEVELS), len(OWN_LEVELS))
    value, own, rivals = (np.empty(shape) for _ in range(3))
    spent = found.spending_value_usd_bn.reshape(*shape, len(PLAYERS))
    worth = found.value_usd_bn.reshape(*shape, len(PLAYERS))
    for place in range(len(PLAYERS)):
        value[:, place] = worth[:, place, ..., place]
        own[:, place] = spent[:, place, ..., place]
        rivals[:, place] = spent[:, place].sum(axis=-1) - own[:, place]
    level, at_end = _best(value)
    at_best = [_at(level, values) for values in (own, rivals)]
    change = [np.log(values[..., -1]) - np.log(values[..., 0]) for values in at_best]
    known = ~at_end.any(axis=-1) & (change[1] != 0)
    slope = np.divide(change[0], change[1], out=np.full(known.shape, np.nan), where=known)
    dims = ("draw", "builder", "rivals_level")
    said: dict[str, Any] = {
        "best_reply_level": (dims, level, {"units": "1", "long_name": "Own level worth most, of what fear carries"}),
        "best_reply_at_end": (
            dims,
            at_end.astype(float),
            {"units": "1", "long_name": "Whether that is an end of the grid"},
        ),
        "best_reply_slope": (dims[:2], slope, {"units": "1", "long_name": "Own spending for that of rivals, in logs"}),
    }
    return xr.Dataset(said, {"draw": found.draw, "builder": list(PLAYERS), "rivals_level": list(RIVALS_LEVELS)})


def _levels() -> Array:
    """Level by (profile, player): builders slowest, then levels of rivals, then own ones."""
    rows = []
    for place in range(len(PLAYERS)):
        for rivals in RIVALS_LEVELS:
            for own in OWN_LEVELS:
                row = np.full(len(PLAYERS), rivals)
                row[place] = own
                rows.append(row)
    return np.array(rows)


def _best(value: Array) -> tuple[Array, NDArray[np.bool_]]:
    """The level at which ``value`` is largest along its last axis, and whether that is an end of the grid."""
    grid = np.array(OWN_LEVELS)
    top = value.argmax(axis=-1)
    at_end = (top == 0) | (top == len(grid) - 1)
    middle = np.clip(top, 1, len(grid) - 2)
    x = [grid[middle + step] for step in (-1, 0, 1)]
    y = [np.take_along_axis(value, (middle + step)[..., np.newaxis], axis=-1)[..., 0] for step in (-1, 0, 1)]
    left, right = (y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1])
    bend = (right - left) / (x[2] - x[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        vertex = (x[0] + x[1]) / 2 - left / (2 * bend)
    inside = ~at_end & (bend < 0)
    return np.where(inside, np.clip(vertex, x[0], x[2]), grid[top]), at_end


def _at(level: Array, values: Array) -> Array:
    """``values`` on straight lines between the levels of the grid."""
    grid = np.array(OWN_LEVELS)
    above = np.clip(np.searchsorted(grid, level, side="right"), 1, len(grid) - 1)
    low, high = (np.take_along_axis(values, at[..., np.newaxis], axis=-1)[..., 0] for at in (above - 1, above))
    part = (level - grid[above - 1]) / (grid[above] - grid[above - 1])
    return np.asarray(low + part * (high - low))
