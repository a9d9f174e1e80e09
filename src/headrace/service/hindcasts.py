"""What headrace would have said on past days, and how it came out, for the faces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from headrace.analyses import rents
from headrace.analyses import since as came
from headrace.analyses.hindcast import loop as full_loop
from headrace.analyses.hindcast import rolling
from headrace.analyses.hindcast import skill as measured
from headrace.analyses.hindcast.loop_series import LOOP_SERIES
from headrace.analyses.hindcast.series import CAPITAL_EXPENDITURE, FIRST_ORIGIN
from headrace.errors import unknown_name
from headrace.evidence import archive

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["LAST_ORIGIN", "hindcast", "rent_order", "since", "skill"]

rent_order = rents.rent_order
since = came.since

LAST_ORIGIN = "2026-06-30"
"""The last end of a quarter after which a quarter has been filed by all players."""


def hindcast(
    *,
    first: str | None = None,
    last: str = LAST_ORIGIN,
    series: str | Sequence[str] = (),
    loop: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """Forecasts on the last day of every quarter from what had been filed by then, beside what came.

    Args:
        first: First day, ISO date; 2019-12-31 when left out, 2023-03-31 for the full loop.
        last: Last day, ISO date.
        series: Names, such as ``"capital_expenditure"`` for the sum of the five or ``"capital_expenditure_meta"``; all
            when left out.
        loop: Whether to start the full loop on each day, in place of the spending core, and forecast sales of
            accelerators and group revenues too.
        progress: Called with what is going on and the share done.

    Returns:
        Quantiles, outcomes and scores by series, origin, horizon and forecaster; see
        :func:`headrace.analyses.hindcast.rolling.hindcast` and
        :func:`headrace.analyses.hindcast.loop.hindcast_loop`.

    Raises:
        PeriodError: A day is no date, or no end of a quarter lies between them.
        UnknownNameError: A series does not exist.
    """
    by_loop = {one.series.name: one for one in LOOP_SERIES}
    by_core = {one.name: one for one in CAPITAL_EXPENDITURE}
    known: Mapping[str, object] = by_loop if loop else by_core
    wanted = [series] if isinstance(series, str) else list(series)
    for name in wanted:
        if name not in known:
            raise unknown_name("series", name, known, "series")
    names = wanted or list(known)
    if loop:
        start = first or full_loop.FIRST_ORIGIN
        chosen = [by_loop[name] for name in names]
        return full_loop.hindcast_loop(archive.load(), first=start, last=last, series=chosen, progress=progress)
    spending = [by_core[name] for name in names]
    return rolling.hindcast(archive.load(), first=first or FIRST_ORIGIN, last=last, series=spending, progress=progress)


def skill(scores: xr.Dataset) -> xr.Dataset:
    """How a hindcast compares with the best baseline, by series, horizon and forecaster.

    Args:
        scores: From :func:`hindcast`.

    Returns:
        Ratios of scores with intervals, tests and coverage; see :func:`headrace.analyses.hindcast.skill.skill`.
    """
    return measured.skill(scores)
