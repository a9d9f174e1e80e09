"""Rows of the energy statistics, version 2 of the interface, page by page and place by place.

The service sends numbers as text, says its units in every row, gives at most 5,000 rows a page, and leaves columns out
without a word when they are asked for in the wrong form. All of it is checked.
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from headrace.errors import EvidenceError
from headrace.evidence import concepts, places
from headrace.evidence.providers.csv_document import number, shown
from headrace.evidence.providers.observations import Observation, published_by, scaled
from headrace.evidence.providers.series import Column, EiaSeries

PAGE = 5000
"""Rows a page: the most the service gives."""

MOST_ROWS = 500_000
"""An answer that says it has more is about something else."""

_REGION = re.compile(r"[A-Z0-9]{2,5}")
_PERIODS = {"monthly": re.compile(r"(\d{4})-(\d{2})", re.ASCII), "annual": re.compile(r"(\d{4})", re.ASCII)}


def parameters(series: EiaSeries, offset: int) -> dict[str, str]:
    """The question for one page, without the key.

    Args:
        series: What is asked for.
        offset: Rows before the page.
    """
    asked = {f"data[{place}]": column.name for place, column in enumerate(series.column)}
    asked |= {f"facets[{name}][]": value for name, value in series.facets.items()}
    return asked | {
        "frequency": series.frequency,
        "start": series.first,
        "sort[0][column]": "period",
        "sort[0][direction]": "asc",
        "sort[1][column]": series.place,
        "sort[1][direction]": "asc",
        "offset": str(offset),
        "length": str(PAGE),
    }


def page_rows(content: bytes, series: EiaSeries, where: str) -> tuple[int, list[Mapping[str, Any]]]:
    """How many rows there are in all, and those of one page.

    Args:
        content: JSON as the service gives it.
        series: What was asked for.
        where: Named in errors.

    Raises:
        EvidenceError: The answer is an error, no JSON, or lacks its rows or their number.
    """
    try:
        answer = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        text = content[:200].decode("utf-8", errors="replace").strip()
        raise EvidenceError(f"{where}: no JSON came, {shown(text)} ({shown(str(fault))}); ask again") from None
    body = answer.get("response") if isinstance(answer, dict) else None
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        said = answer.get("error", answer) if isinstance(answer, dict) else answer
        raise EvidenceError(f"{where}: the service answered {shown(str(said))}; check the key and the route")
    total = str(body.get("total", ""))
    if not total.isascii() or not total.isdigit() or int(total) > MOST_ROWS:
        raise EvidenceError(f"{where}: total is {shown(total)}; wanted a number of rows up to {MOST_ROWS:,}")
    if body.get("frequency", series.frequency) != series.frequency:
        raise EvidenceError(f"{where}: frequency is {shown(str(body['frequency']))}; wanted {series.frequency}")
    rows = body["data"]
    if not all(isinstance(row, dict) for row in rows):
        raise EvidenceError(f"{where}: a row is no object; ask again")
    return int(total), rows


def observations(rows: list[Mapping[str, Any]], series: EiaSeries, seen: dt.date, where: str) -> Iterator[Observation]:
    """The figures of rows, for every place that the facts know; regions of several states are left out.

    Args:
        rows: Of all pages.
        series: What was asked for.
        seen: The day on which they were retrieved.
        where: Named in errors.

    Raises:
        EvidenceError: A row is about something that was not asked for, lacks a column or its units, or lies ahead.
    """
    slugs = places.slug_of_code()
    known = concepts.load()
    for place, row in enumerate(rows):
        here = f"{where}, row {place}"
        for name, asked in series.facets.items():
            if row.get(name) != asked:
                raise EvidenceError(f"{here}: {name} is {shown(str(row.get(name)))}; asked for {asked}")
        code = str(row.get(series.place))
        if code not in slugs and not _REGION.fullmatch(code):
            raise EvidenceError(f"{here}: {series.place} is {shown(code)}; wanted the code of a state or region")
        if code not in slugs:
            continue
        start, end = _period(str(row.get("period")), series, here)
        if start > seen:
            raise EvidenceError(f"{here}: the period {start} to {end} begins after the day it was retrieved, {seen}")
        if end > seen:
            continue
        for column in series.column:
            value = _value(row, column, here)
            if value is not None:
                yield Observation(
                    entity=slugs[code],
                    concept=column.concept,
                    start=None if known[column.concept].kind == "stock" else start,
                    end=end,
                    value=scaled(value, column.scale),
                    unit=column.unit,
                    status="reported",
                    quality="A",
                    source_id=series.source_id,
                    locator=f"https://www.eia.gov/opendata/browser/{series.route}",
                    filed=published_by(end, series.lag_days, seen),
                )


def _value(row: Mapping[str, Any], column: Column, where: str) -> float | None:
    if column.name not in row:
        raise EvidenceError(f"{where}: {column.name!r} is missing; the service left the column out, ask for it again")
    units = row.get(f"{column.name}-units")
    if units != column.units:
        raise EvidenceError(f"{where}: {column.name} is in {shown(str(units))}; wanted {column.units!r}")
    cell = row[column.name]
    value = None if cell is None else number(str(cell), f"{where}, {column.name}")
    return None if value == 0 and column.zero_is_missing else value


def _period(text: str, series: EiaSeries, where: str) -> tuple[dt.date, dt.date]:
    match = _PERIODS[series.frequency].fullmatch(text)
    first, last = (int(match[2]), int(match[2])) if match and series.frequency == "monthly" else (1, 12)
    if match is None or not 1 <= first <= 12 or not int(match[1]):
        raise EvidenceError(f"{where}: period is {shown(text)}; wanted one that is {series.frequency}")
    year = int(match[1])
    return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
