"""What must be true: the value of one driver at which a vintage pays back in a stated time, everything else as it is.

The whole loop is run again for each trial. The search looks over the range first and closes in by Newton's steps on the
exact slope, with bisection wherever a step leaves what is known to hold the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.figures import interval
from headrace.analyses.payback.drivers import ASKED, Driver, driver
from headrace.analyses.payback.followed import Followed
from headrace.analyses.payback.reading import Array, known
from headrace.simulation.vintage_response import Response
from headrace.units import QUARTERS_PER_YEAR

LOOKED_AT = 12
"""Values at which the range is looked over before the search closes in."""

MOST_STEPS = 60
_CLOSE = 1e-9
"""Of the cost that may be left over at the target."""

_WIDE = 10.0
"""A range whose ends are further apart than this factor is looked over evenly in logarithms."""

Trial = Callable[[Array], Response]


@dataclass(frozen=True)
class Found:
    """What the search has found, (world,).

    Attributes:
        value: Of the driver at the target; NaN where no value in range reaches it.
        slope: Of the payback there [quarter per unit].
        nearest: Value looked at that comes nearest to the target; the value itself where there is one.
        nearest_payback: Payback there [quarter]; infinite where never.
        still_out: Cash that is still out there at the target, over the cost [1]; below 0 where more has come in.
        trials: Runs of the loop.
    """

    value: Array
    slope: Array
    nearest: Array
    nearest_payback: Array
    still_out: Array
    trials: int


def what_must_be_true(followed: Followed, names: Sequence[str] = (), *, interest: bool = False) -> xr.Dataset:
    """The value of each driver at which the vintage pays back at the target.

    Args:
        followed: The vintage and the target.
        names: Of drivers; ASKED when empty.
        interest: Whether cash is counted with interest at the cost of capital; for the cost of capital itself it always
            is.

    Returns:
        By driver: ``value_now`` in the median world; ``required_value`` there, NaN where no value in range meets the
        target, and ``required_value_by_draw`` (statistic) over the draws that have one, whose share is
        ``share_with_value``; ``slope_at_value`` of the payback; ``nearest_value`` and ``nearest_payback_years``, what
        comes nearest to the target within ``lowest_value`` .. ``highest_value``, and ``still_out_at_nearest``;
        ``with_interest``, 1 or 0.

    Raises:
        UnknownNameError: There is no such driver.
    """
    chosen = list(dict.fromkeys(names)) or list(ASKED)
    drivers = [driver(name) for name in chosen]
    worlds = followed.worlds
    rows: list[dict[str, object]] = []
    for one in drivers:
        counted = interest or one.needs_interest
        now, (low, high) = np.asarray(one.value(worlds)), one.limits(worlds)
        found = solved(partial(_trial, followed, one, worlds, counted), now, low, high)
        of_draws = found.value[1 : 1 + followed.draws]
        has = np.isfinite(of_draws)
        rows.append(
            {
                "value_now": now[0],
                "required_value": found.value[0],
                "required_value_by_draw": interval(of_draws[has]) if has.any() else (np.nan,) * 3,
                "share_with_value": has.mean(),
                "slope_at_value": found.slope[0] / QUARTERS_PER_YEAR,
                "nearest_value": found.nearest[0],
                "nearest_payback_years": found.nearest_payback[0] / QUARTERS_PER_YEAR,
                "still_out_at_nearest": found.still_out[0],
                "lowest_value": low[0],
                "highest_value": high[0],
                "with_interest": float(counted),
            }
        )
    columns = {
        name: known(
            np.array([row[name] for row in rows]),
            ("driver", "statistic") if name == "required_value_by_draw" else ("driver",),
            unit,
            label,
        )
        for name, (unit, label) in _SAID.items()
    }
    return xr.Dataset(
        columns,
        {
            "driver": chosen,
            "driver_label": ("driver", [one.label for one in drivers]),
            "driver_unit": ("driver", [one.unit for one in drivers]),
            "statistic": ["median", "low", "high"],
        },
        {"draws_inverted": followed.draws},
    )


_UNIT_OF_DRIVER = "that of the driver"
_SAID = {
    "value_now": (_UNIT_OF_DRIVER, "In the median world"),
    "required_value": (_UNIT_OF_DRIVER, "At which the median world meets the target"),
    "required_value_by_draw": (_UNIT_OF_DRIVER, "At which a draw meets it: median and 90 % interval of those that can"),
    "share_with_value": ("1", "Share of draws in which a value in range meets the target"),
    "slope_at_value": ("year per unit of the driver", "Slope of the payback there"),
    "nearest_value": (_UNIT_OF_DRIVER, "Value in range that comes nearest to the target"),
    "nearest_payback_years": ("year", "Payback there; infinite where never"),
    "still_out_at_nearest": ("1", "Cash still out there at the target, over the cost"),
    "lowest_value": (_UNIT_OF_DRIVER, "Lowest value in range"),
    "highest_value": (_UNIT_OF_DRIVER, "Highest value in range"),
    "with_interest": ("1", "Whether cash is counted with interest"),
}


def solved(trial: Trial, now: Array, low: Array, high: Array) -> Found:
    """The value nearest to ``now`` at which the vintage pays back at the target, world by world.

    Args:
        trial: What becomes of the vintage at values, (world,); NaN where a world ends.
        now: Values to start from, (world,).
        low: Lowest values allowed.
        high: Highest values allowed.
    """
    looked, left, paybacks = _looked_over(trial, now, low, high)
    first, second, has = _bracket(left, np.argmax(looked == now, axis=0))
    worlds = np.arange(len(now))
    near, far = looked[first, worlds], looked[second, worlds]
    sign = np.sign(left[first, worlds])
    nearest, nearest_payback, still_out = _nearest(looked, left, paybacks)
    value = np.where(has, (near + far) / 2, now)
    slope: Array = np.full(len(now), np.nan)
    steps, trials = 0, len(looked)
    while steps < MOST_STEPS:
        found = trial(value)
        trials, steps = trials + 1, steps + 1
        slope, nearest_payback = np.asarray(found.payback_slope), np.where(has, found.payback, nearest_payback)
        if (np.abs(found.left[has]) < _CLOSE).all():
            break
        before = np.sign(found.left) == sign
        near, far = np.where(before, value, near), np.where(before, far, value)
        usable = np.isfinite(found.left_slope) & (found.left_slope != 0)
        step = value - found.left / np.where(usable, found.left_slope, 1)
        inside = usable & (step > np.minimum(near, far)) & (step < np.maximum(near, far))
        done = np.abs(found.left) < _CLOSE
        value = np.where(has & ~done, np.where(inside, step, (near + far) / 2), value)
    return Found(
        value=np.where(has, value, np.nan),
        slope=np.where(has, slope, np.nan),
        nearest=np.where(has, value, nearest),
        nearest_payback=nearest_payback,
        still_out=np.where(has, 0, still_out),
        trials=trials,
    )


def _trial(followed: Followed, moved: Driver, worlds: dict[str, Array], interest: bool, at: Array) -> Response:
    return followed.response(worlds, moved, at, interest=interest)


def _looked_over(trial: Trial, now: Array, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Values over the range and ``now`` among them in order, what is left over at each, and paybacks: (look, world)."""
    part = np.linspace(0, 1, LOOKED_AT)[:, np.newaxis]
    is_wide = (low > 0) & (high > _WIDE * np.where(low > 0, low, 1))
    positive = np.where(is_wide, low, 1)
    in_logarithms = positive * np.where(is_wide, high / positive, 1) ** part
    spread = np.where(is_wide, in_logarithms, low + part * (high - low))
    spread[-1] = high  # the power of a ratio may end a rounding beyond it
    looked = np.sort(np.concatenate([spread, now[np.newaxis]]), axis=0)
    tried = [trial(values) for values in looked]
    return looked, np.stack([one.left for one in tried]), np.stack([one.payback for one in tried])


def _bracket(left: Array, start: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Neighbouring looks between which the sign changes, nearest to the start; whether there are any, (world,)."""
    turns = (np.sign(left[1:]) * np.sign(left[:-1])) <= 0  # a look that ended has no sign and turns nothing
    middle = np.arange(len(turns))[:, np.newaxis] + 1 / 2
    distance = np.where(turns, np.abs(middle - start), np.inf)
    first = distance.argmin(axis=0)
    return first, first + 1, np.asarray(turns.any(axis=0))


def _nearest(looked: Array, left: Array, paybacks: Array) -> tuple[Array, Array, Array]:
    """The look that leaves the least over or short at the target, the payback there, and how much is still out."""
    short = np.where(np.isfinite(left), np.abs(left), np.inf)
    place, worlds = short.argmin(axis=0), np.arange(left.shape[1])
    return looked[place, worlds], paybacks[place, worlds], -left[place, worlds]
