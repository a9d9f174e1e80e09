"""One series of FRED as it comes in CSV, read into observations.

FRED writes a point where a value is missing, and a web page where a series does not exist. Of a daily series the last
reading of each month that has ended is kept: a day's reading, not the month's mean.
"""

from __future__ import annotations

import calendar
import datetime as dt

from headrace.errors import EvidenceError
from headrace.evidence.providers.csv_document import number, read_lines, shown
from headrace.evidence.providers.observations import Observation, published_by, scaled
from headrace.evidence.providers.series import FredSeries

MISSING = "."
DATE_COLUMNS = ("observation_date", "DATE")
"""FRED renamed its first column; copies made before carry the old name."""

MONTHS = {"monthly": 1, "quarterly": 3}


def observations(content: bytes, series: FredSeries, seen: dt.date, where: str) -> list[Observation]:
    """The figures of a FRED series.

    Args:
        content: CSV as FRED gives it: a date column and the series.
        series: What it is.
        seen: The day on which it was retrieved; nothing in it may be dated later.
        where: Address or file, named in errors.

    Raises:
        EvidenceError: The document is no CSV of this series, a date stands twice, lies ahead or does not begin a
            period of the series' frequency, or nothing in it has a value.
    """
    return figures(readings(content, series.series, where), series, seen, where)


def readings(content: bytes, series: str, where: str) -> dict[dt.date, float]:
    """Value by date, as given; dates without a value are left out.

    Args:
        content: CSV.
        series: Such as ``"DGS10"``.
        where: Named in errors.

    Raises:
        EvidenceError: The document is no CSV of this series, or a date stands twice.
    """
    columns, lines = read_lines(content, where)
    if len(columns) != 2 or columns[0] not in DATE_COLUMNS or columns[1].upper() != series:
        raise EvidenceError(
            f"{where}: columns are {shown(', '.join(columns))}; wanted {DATE_COLUMNS[0]} and {series}, one series alone"
        )
    found: dict[dt.date, float | None] = {}
    for line in lines:
        date, cell = line.day(columns[0]), line.cells[columns[1]]
        if date is None:
            raise EvidenceError(f"{line.where}: no date")
        if date in found:
            raise EvidenceError(f"{line.where}: {date} stands twice; one date has one value")
        found[date] = None if cell.strip() == MISSING else number(cell, f"{line.where}, {columns[1]}")
    return {date: value for date, value in found.items() if value is not None}


def figures(found: dict[dt.date, float], series: FredSeries, seen: dt.date, where: str) -> list[Observation]:
    """Readings as observations: one a period of the series, and of a daily one the last of each ended month.

    Args:
        found: Value by date.
        series: What the values are.
        seen: The day on which they were retrieved.
        where: Named in errors.

    Raises:
        EvidenceError: There are none, or a date lies ahead or does not begin a period of the series' frequency.
    """
    if not found:
        raise EvidenceError(f"{where}: no value of {series.series} in it; check the series on FRED")
    if max(found) > seen:
        raise EvidenceError(f"{where}: a value is dated {max(found)}, after the day it was retrieved, {seen}")
    if series.frequency == "daily":
        periods = [(day, day) for day in _last_of_months(found, seen)]
    else:
        periods = [(day, _end(day, series, where)) for day in sorted(found)]
    return [
        Observation(
            entity=series.entity,
            concept=series.concept,
            start=start,
            end=end,
            value=scaled(found[start], series.scale),
            unit=series.unit,
            status="reported",
            quality="A",
            source_id=series.source_id,
            locator=f"https://fred.stlouisfed.org/series/{series.series}",
            filed=published_by(end, series.lag_days, seen),
        )
        for start, end in periods
        if end <= seen
    ]


def _last_of_months(found: dict[dt.date, float], seen: dt.date) -> list[dt.date]:
    last = {(day.year, day.month): day for day in sorted(found)}
    return [day for month, day in last.items() if month < (seen.year, seen.month)]


def _end(start: dt.date, series: FredSeries, where: str) -> dt.date:
    months = MONTHS[series.frequency]
    if start.day != 1 or (start.month - 1) % months:
        raise EvidenceError(f"{where}: {start} begins no {series.frequency} period of {series.series}")
    month = start.month + months - 1
    return dt.date(start.year, month, calendar.monthrange(start.year, month)[1])
