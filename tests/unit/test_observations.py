"""Figures of series and tables as rows of the facts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from headrace.errors import EvidenceError
from headrace.evidence.providers.observations import Observation, facts_rows, published_by, scaled
from headrace.evidence.storage.store import TABLES

ONE = Observation(
    entity="virginia",
    concept="electricity_sales",
    start=dt.date(2026, 4, 1),
    end=dt.date(2026, 6, 30),
    value=1.0,
    unit="GWh",
    status="reported",
    quality="A",
    source_id="eia_electricity",
    locator="https://example.org",
    filed=dt.date(2026, 8, 29),
)


@pytest.mark.parametrize(
    ("start", "end", "quarter"),
    [
        (dt.date(2026, 4, 1), dt.date(2026, 6, 30), "2026Q2"),
        (dt.date(2026, 4, 1), dt.date(2026, 4, 30), ""),
        (dt.date(2026, 1, 1), dt.date(2026, 12, 31), ""),
        (dt.date(2026, 6, 30), dt.date(2026, 6, 30), ""),
        (None, dt.date(2026, 6, 30), "2026Q2"),
        (None, dt.date(2025, 12, 31), "2025Q4"),
        (None, dt.date(2026, 4, 30), ""),
        (None, dt.date(2026, 7, 29), ""),
    ],
)
def test_only_a_quarter_carries_the_name_of_one(start: dt.date | None, end: dt.date, quarter: str) -> None:
    assert replace(ONE, start=start, end=end).calendar_quarter == quarter


def test_rows_have_the_schema_of_the_facts_and_leave_what_only_filings_say_empty() -> None:
    rows = facts_rows([ONE, replace(ONE, start=None)], "here")
    assert list(rows.columns) == list(TABLES["facts"])
    assert rows["period_start"].isna().tolist() == [False, True]
    assert rows["first_value"].isna().all()
    assert set(rows["derivation"]) == set(rows["tag"]) == {""}


def test_two_values_for_one_figure_and_day_are_refused() -> None:
    with pytest.raises(EvidenceError, match="here: virginia, electricity_sales, 2026-06-30 stands twice, as 1 and 2"):
        facts_rows([ONE, replace(ONE, value=2.0)], "here")
    later = replace(ONE, value=2.0, filed=dt.date(2026, 9, 30))
    assert facts_rows([ONE, later], "here")["value"].tolist() == [1.0, 2.0]


def test_nothing_and_what_is_not_finite_are_refused() -> None:
    with pytest.raises(EvidenceError, match="here: no figure in it"):
        facts_rows([], "here")
    with pytest.raises(EvidenceError, match="nan is not finite"):
        facts_rows([replace(ONE, value=float("nan"))], "here")


def test_a_figure_counts_from_its_publication_and_no_later_than_it_was_seen() -> None:
    end = dt.date(2026, 6, 30)
    assert published_by(end, 30, dt.date(2026, 12, 1)) == dt.date(2026, 7, 30)
    assert published_by(end, 30, dt.date(2026, 7, 10)) == dt.date(2026, 7, 10)


def test_a_percentage_becomes_a_fraction_without_noise() -> None:
    assert scaled(4.25, 0.01) == 0.0425
    assert scaled(14.53, 10.0) == 145.3
