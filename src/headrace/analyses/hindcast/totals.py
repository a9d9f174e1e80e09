"""What headrace would have said of a total on any day: what published forecasts of that day are set beside.

Made after the fact from what was known before it, like every hindcast; the ledger of forecasts that were recorded in
time is another thing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headrace.analyses.hindcast import spending
from headrace.analyses.hindcast.series import FIRST_TRAINING_ORIGIN, quarter_ends, target_quarters
from headrace.errors import EvidenceError, PeriodError
from headrace.evidence.archive import Archive
from headrace.variables import PLAYERS

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Total:
    """Cash capital expenditure of some players over some quarters, as asked on a day."""

    day: dt.date
    members: tuple[str, ...]
    quarters: tuple[str, ...]


def totals(archive: Archive, wanted: Sequence[Total]) -> dict[Total, Array]:
    """Draws of each total on its day [USD bn], (draw,).

    Args:
        archive: Everything that was ever known; it is cut at each day.
        wanted: What to say. Quarters filed by the day count as they were.

    Returns:
        By total; those are missing for which too little was known on the day, or which reach beyond the horizons.
    """
    days = quarter_ends(FIRST_TRAINING_ORIGIN, max(one.day for one in wanted).isoformat())
    before = [path for day in days if (path := _path(archive, day)) is not None]
    found: dict[Total, Array] = {}
    for day in sorted({one.day for one in wanted}):
        view = archive.as_of(day)
        now = _path(archive, day)
        if now is None:
            continue
        try:
            draws = spending.forecasts(view, now, [path for path in before if path.day < day])["headrace"]
        except EvidenceError:
            continue
        for one in (total for total in wanted if total.day == day):
            if (said := _total(one, now, view, draws)) is not None:
                found[one] = said
    return found


def _path(archive: Archive, day: dt.date) -> spending.Path | None:
    try:
        return spending.path(archive.as_of(day), day)
    except PeriodError:
        return None


def _total(total: Total, now: spending.Path, view: Archive, draws: Array) -> Array | None:
    filed = view.panel("capital_expenditure", PLAYERS)
    ahead = target_quarters(now.last_filed)
    sum_of_draws = np.zeros(len(draws))
    for member in total.members:
        known = filed[member]
        for quarter in total.quarters:
            value = known.get(quarter, np.nan)
            if not np.isnan(value):
                sum_of_draws += value
            elif quarter in ahead:
                sum_of_draws += draws[:, ahead.index(quarter), PLAYERS.index(member)]
            else:
                return None
    return sum_of_draws
