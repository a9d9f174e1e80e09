"""Quarters as text, and which quarter a fiscal period belongs to."""

from __future__ import annotations

import datetime as dt

import pytest

from headrace import periods
from headrace.errors import PeriodError


@pytest.mark.parametrize("quarter", ["0000Q1", "1999Q4", "2026Q3"])
def test_label_and_index_are_inverse(quarter: str) -> None:
    assert periods.quarter_label(periods.quarter_index(quarter)) == quarter


def test_index_counts_quarters() -> None:
    assert periods.quarter_index("2026Q3") == 2026 * 4 + 2


@pytest.mark.parametrize("text", ["2026", "2026Q0", "2026Q5", "26Q1", "2026q3", " 2026Q3", "2026Q3\n", "2026-Q3", ""])
def test_a_malformed_quarter_is_refused_with_the_form_wanted(text: str) -> None:
    with pytest.raises(PeriodError, match=r"is not of the form YYYYQn, such as 2026Q3"):
        periods.quarter_index(text)


def test_a_range_runs_over_the_end_of_a_year() -> None:
    assert periods.quarter_range("2026Q3", 4) == ["2026Q3", "2026Q4", "2027Q1", "2027Q2"]
    assert periods.quarter_range("2026Q3", 0) == []


@pytest.mark.parametrize(
    ("day", "quarter"),
    [("2026-01-01", "2026Q1"), ("2026-03-31", "2026Q1"), ("2026-04-01", "2026Q2"), ("2026-12-31", "2026Q4")],
)
def test_a_day_lies_in_its_quarter(day: str, quarter: str) -> None:
    assert periods.quarter_of_date(dt.date.fromisoformat(day)) == quarter


@pytest.mark.parametrize(
    ("start", "end", "quarter"),
    [
        ("2026-04-01", "2026-06-30", "2026Q2"),
        ("2026-03-01", "2026-05-31", "2026Q2"),  # ends in May: the midpoint is mid-April
        ("2026-02-01", "2026-04-30", "2026Q1"),  # the midpoint is mid-March
        ("2025-12-01", "2026-02-28", "2026Q1"),
    ],
)
def test_a_flow_belongs_to_the_quarter_of_its_midpoint(start: str, end: str, quarter: str) -> None:
    assert periods.quarter_of_flow(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) == quarter


@pytest.mark.parametrize(
    ("day", "quarter"), [("2026-06-30", "2026Q2"), ("2026-05-31", "2026Q2"), ("2026-04-30", "2026Q1")]
)
def test_a_balance_sheet_stands_beside_the_flow_that_led_to_it(day: str, quarter: str) -> None:
    assert periods.quarter_of_stock(dt.date.fromisoformat(day)) == quarter


@pytest.mark.parametrize(
    ("quarter", "first", "last"),
    [("2024Q1", "2024-01-01", "2024-03-31"), ("2026Q4", "2026-10-01", "2026-12-31")],
)
def test_a_quarter_has_a_first_and_a_last_day(quarter: str, first: str, last: str) -> None:
    assert periods.quarter_dates(quarter) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    assert {periods.quarter_of_date(day) for day in periods.quarter_dates(quarter)} == {quarter}


def test_an_iso_date_is_read() -> None:
    assert periods.parse_date("2026-08-31") == dt.date(2026, 8, 31)


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-29", "31/08/2026", "tomorrow", "", None])
def test_what_is_no_date_is_refused_with_its_place(text: object) -> None:
    with pytest.raises(PeriodError, match=r"^as_of: .* such as 2026-08-31"):
        periods.parse_date(text, "as_of")  # type: ignore[arg-type]
