"""The series that are forecast on past days, and how each stood on one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from headrace.errors import PeriodError
from headrace.evidence.archive import Archive
from headrace.periods import parse_date, quarter_index, quarter_label, quarter_of_date, quarter_range
from headrace.variables import PLAYERS

MOST_HORIZON = 8
"""Quarters ahead, from the last quarter that all players had filed."""

FIRST_ORIGIN = "2019-12-31"
"""Before it too few past errors are known to learn from."""

FIRST_TRAINING_ORIGIN = "2017-03-31"
"""From here on the core's errors are collected: two years of quarters have been predicted by then."""


@dataclass(frozen=True)
class Series:
    """A flow that filings settle: the sum of a concept over its members [USD bn/quarter]."""

    name: str
    label: str
    concept: str
    members: tuple[str, ...]

    def as_known(self, archive: Archive) -> pd.Series:
        """By quarter, as it stood in the archive; NaN where a member had not filed."""
        return archive.panel(self.concept, self.members).sum(axis="columns", skipna=False)

    def as_first_filed(self, archive: Archive) -> pd.Series:
        """By quarter, each member's figure as it was first filed; NaN where a member has not filed."""
        return archive.first_filed(self.concept, self.members).sum(axis="columns", skipna=False)


CAPITAL_EXPENDITURE = (
    Series("capital_expenditure", "Cash capital expenditure of the five", "capital_expenditure", PLAYERS),
    *(
        Series(f"capital_expenditure_{player}", f"Of it {player.title()}", "capital_expenditure", (player,))
        for player in PLAYERS
    ),
)
"""The sum first, then each player in the order of :data:`headrace.variables.PLAYERS`."""


def quarter_ends(first: str, last: str) -> list[dt.date]:
    """The last days of calendar quarters from ``first`` to ``last``.

    Raises:
        PeriodError: One of them is no date, or there is no quarter end between them.
    """
    begin, end = parse_date(first, "from"), parse_date(last, "to")
    found: list[dt.date] = []
    quarter = quarter_index(quarter_of_date(begin))
    while (day := _last_day(quarter_label(quarter))) <= end:
        if day >= begin:
            found.append(day)
        quarter += 1
    if not found:
        raise PeriodError(f"from {first} to {last} lies no end of a quarter; widen the span, such as to a whole year")
    return found


def target_quarters(last_filed: str) -> list[str]:
    """The quarters forecast when ``last_filed`` is the last that all players had filed."""
    return quarter_range(quarter_label(quarter_index(last_filed) + 1), MOST_HORIZON)


def _last_day(quarter: str) -> dt.date:
    day: dt.date = pd.Period(quarter, freq="Q").end_time.date()
    return day
