"""Daily closes of one ticker, checked whoever gave them, and their rows in the table of closes.

A close is adjusted for splits and dividends or the row says that it is not. What cannot be a close is an error that
names the day; what is only strange, such as a jump of the size of a split, is said in a finding.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from headrace.errors import EvidenceError
from headrace.evidence.findings import Finding
from headrace.evidence.storage.store import TABLES

if TYPE_CHECKING:
    import pandas as pd

FIRST_DAY = dt.date(1900, 1, 1)
"""A close dated before is a date misread."""

SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100)
SPLIT_TOLERANCE = 0.03
"""How near to a split's ratio a jump lies that may be one, as a fraction."""

LONGEST_STEP_DAYS = 10
"""Closes further apart than this are no neighbours; between them a price may well double."""


def rows_of_closes(
    closes: Iterable[tuple[dt.date, float]],
    ticker: str,
    *,
    adjusted: bool,
    quality: str,
    source_id: str,
    locator: str,
    seen: dt.date,
    where: str,
) -> tuple[pd.DataFrame, list[Finding]]:
    """Closes as rows, in the order of their days.

    Args:
        closes: Day and close [USD per share], in any order.
        ticker: Whose.
        adjusted: For splits and dividends.
        quality: Of the rows.
        source_id: Of the rows.
        locator: Of the rows.
        seen: The day on which they were retrieved; no close is dated later.
        where: Address or file, named in errors.

    Raises:
        EvidenceError: There is none, a day stands twice or lies ahead, or a close is not finite or not above 0.
    """
    import pandas as pd

    by_day: dict[dt.date, float] = {}
    for day, close in closes:
        if not math.isfinite(close) or close <= 0:
            raise EvidenceError(f"{where}: {ticker} closed at {close} on {day}; wanted a finite price above 0")
        if not FIRST_DAY <= day <= seen:
            raise EvidenceError(f"{where}: {ticker} has a close dated {day}; wanted one up to {seen}, when it was read")
        if day in by_day:
            raise EvidenceError(f"{where}: {ticker} closed twice on {day}, at {by_day[day]:g} and {close:g}")
        by_day[day] = close
    if not by_day:
        raise EvidenceError(f"{where}: no close of {ticker} in it; the ticker may be delisted, or named in another way")
    days = sorted(by_day)
    rows = pd.DataFrame({"day": pd.to_datetime(pd.Series(days)), "close": [by_day[day] for day in days]}).assign(
        ticker=ticker,
        unit="USD per share, adjusted" if adjusted else "USD per share",
        adjusted=adjusted,
        quality=quality,
        source_id=source_id,
        locator=locator,
        retrieved=pd.Timestamp(seen),
    )
    return rows[list(TABLES["closes"])], list(_jumps(by_day, days, ticker, adjusted))


def _jumps(by_day: dict[dt.date, float], days: list[dt.date], ticker: str, adjusted: bool) -> Iterable[Finding]:
    for before, day in pairwise(days):
        ratio = by_day[day] / by_day[before]
        split = next((n for n in SPLITS if abs(max(ratio, 1 / ratio) / n - 1) <= SPLIT_TOLERANCE), None)
        if split is not None and (day - before).days <= LONGEST_STEP_DAYS:
            what = "although it is said to be adjusted" if adjusted else "and it is not adjusted"
            text = f"the close went from {by_day[before]:g} to {by_day[day]:g}, as in a split by {split}, {what}"
            yield Finding("jump", ticker, "close", day.isoformat(), text)
