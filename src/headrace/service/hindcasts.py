"""What headrace would have said on past days, and how it came out, for the faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from headrace.analyses import rents
from headrace.analyses.hindcast import rolling
from headrace.analyses.hindcast import skill as measured
from headrace.analyses.hindcast.series import CAPITAL_EXPENDITURE, FIRST_ORIGIN
from headrace.errors import unknown_name
from headrace.evidence import archive

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["LAST_ORIGIN", "hindcast", "rent_order", "skill"]

rent_order = rents.rent_order

LAST_ORIGIN = "2026-06-30"
"""The last end of a quarter after which a quarter has been filed by all players."""


def hindcast(
    *,
    first: str = FIRST_ORIGIN,
    last: str = LAST_ORIGIN,
    series: str | Sequence[str] = (),
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """Forecasts on the last day of every quarter from what had been filed by then, beside what came.

    Args:
        first: First day, ISO date; 2019-12-31 or later.
        last: Last day, ISO date.
        series: Names, such as ``"capital_expenditure"`` for the sum of the five or ``"capital_expenditure_meta"``; all
            when left out.
        progress: Called with what is going on and the share done.

    Returns:
        Quantiles, outcomes and scores by series, origin, horizon and forecaster; see
        :func:`headrace.analyses.hindcast.rolling.hindcast`.

    Raises:
        PeriodError: A day is no date, or no end of a quarter lies between them.
        UnknownNameError: A series does not exist.
    """
    known = {one.name: one for one in CAPITAL_EXPENDITURE}
    wanted = [series] if isinstance(series, str) else list(series)
    for name in wanted:
        if name not in known:
            raise unknown_name("series", name, known, "series")
    chosen = [known[name] for name in wanted] or list(known.values())
    return rolling.hindcast(archive.load(), first=first, last=last, series=chosen, progress=progress)


def skill(scores: xr.Dataset) -> xr.Dataset:
    """How a hindcast compares with the best baseline, by series, horizon and forecaster.

    Args:
        scores: From :func:`hindcast`.

    Returns:
        Ratios of scores with intervals, tests and coverage; see :func:`headrace.analyses.hindcast.skill.skill`.
    """
    return measured.skill(scores)
