"""Calendar quarters as text (``"2026Q3"``), and the one rule that maps a fiscal period to one.

A flow belongs to the quarter that holds the midpoint of its period; a stock to the quarter of its date less 45 days,
so that a balance sheet stands beside the flow that led to it.
"""

from __future__ import annotations

import datetime as dt
import re

from headrace.errors import PeriodError

_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_STOCK_OFFSET = dt.timedelta(days=45)


def quarter_index(quarter: str) -> int:
    """Quarters since 0000Q1 of a label such as ``"2026Q3"``.

    Raises:
        PeriodError: ``quarter`` is not of the form ``YYYYQn``.
    """
    match = _QUARTER.fullmatch(quarter)
    if match is None:
        raise PeriodError(f"quarter {quarter!r} is not of the form YYYYQn, such as 2026Q3")
    return int(match[1]) * 4 + int(match[2]) - 1


def quarter_label(index: int) -> str:
    """The label of the quarter ``index`` quarters after 0000Q1; the inverse of :func:`quarter_index`."""
    return f"{index // 4:04d}Q{index % 4 + 1}"


def quarter_range(first: str, count: int) -> list[str]:
    """``count`` consecutive quarter labels from ``first`` on."""
    start = quarter_index(first)
    return [quarter_label(start + step) for step in range(count)]


def quarter_of_date(day: dt.date) -> str:
    """The calendar quarter that holds ``day``."""
    return f"{day.year:04d}Q{(day.month - 1) // 3 + 1}"


def quarter_dates(quarter: str) -> tuple[dt.date, dt.date]:
    """First and last day of a calendar quarter.

    Raises:
        PeriodError: ``quarter`` is not of the form ``YYYYQn``.
    """
    first, after = (
        dt.date(index // 4, index % 4 * 3 + 1, 1) for index in (quarter_index(quarter), quarter_index(quarter) + 1)
    )
    return first, after - dt.timedelta(days=1)


def quarter_of_flow(start: dt.date, end: dt.date) -> str:
    """The calendar quarter of a flow over ``start`` … ``end``: that of the midpoint."""
    return quarter_of_date(start + (end - start) / 2)


def quarter_of_stock(day: dt.date) -> str:
    """The calendar quarter of a balance-sheet figure of ``day``."""
    return quarter_of_date(day - _STOCK_OFFSET)


def parse_date(text: str, where: str = "date") -> dt.date:
    """An ISO date.

    Args:
        text: Such as ``"2026-08-31"``.
        where: Named in the error.

    Raises:
        PeriodError: ``text`` is not an ISO date.
    """
    try:
        return dt.date.fromisoformat(text)
    except (ValueError, TypeError):
        raise PeriodError(f"{where}: {text!r} is not a date of the form YYYY-MM-DD, such as 2026-08-31") from None
