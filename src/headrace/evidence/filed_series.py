"""The numbers of one concept, period by period: who said what in which filing.

Several tags become one series here: within a filing the first tag of the table counts, across filings nothing is
dropped, so a view as of any date can be taken. Rows that cannot be figures are left out with a finding.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import NamedTuple

from headrace.evidence.companyfacts import Filed
from headrace.evidence.tags import ConceptTags, Reading

LONGEST_DAYS = 380
"""A year of 53 weeks has 371 days; a longer period is no period of a fiscal year."""

NEAR = dt.timedelta(days=7)
"""Filers give the dates of a 52/53-week period as its real days in one report and as ends of months in another."""

_MONTH_DAYS = 30

_CURRENCY = re.compile(r"[A-Z]{3}")


class Period(NamedTuple):
    """First and last day; a balance-sheet date has no first day."""

    start: dt.date | None
    end: dt.date


class Vintage(NamedTuple):
    """What one filing says about one period. ``rank`` is the place of its tag in the table, 0 first."""

    filed: dt.date
    accession: str
    rank: int
    value: float
    annual: bool


Tell = Callable[[str, str, str], None]
"""Called with kind of finding, place and text."""

Series = dict[Period, list[Vintage]]
"""Vintages by period, first filed first."""

Rivals = dict[tuple[Period, str], list[Vintage]]
"""By period and filing: other values that later tags of the same filing give."""


def filed_series(
    numbers: Mapping[str, Mapping[str, list[Filed]]],
    concept: ConceptTags,
    reading: Reading,
    unit: str,
    seen_on: dt.date,
    refuse: Tell,
) -> tuple[Series, Rivals]:
    """Vintages of every period of one concept, first filed first, and what later tags of the same filings say.

    Args:
        numbers: Numbers by tag and unit.
        concept: Its tags, in order.
        reading: Forms that count, and since when the filer is the business it is now.
        unit: The unit to read; numbers in another one are left out with a finding.
        seen_on: Day the document was fetched; a filing dated later cannot be in it.
        refuse: Told of every row left out, other than those of forms that do not count and of an earlier business.
    """
    by_filing: dict[Period, dict[str, Vintage]] = {}
    rivals: Rivals = {}
    for rank, tag in enumerate(concept.tags):
        for found_unit, rows in numbers.get(tag, {}).items():
            if found_unit != unit:
                refuse(
                    "unit", tag, f"{len(rows)} numbers in {found_unit!r}; the filer reports this concept in {unit!r}"
                )
                continue
            said_here: dict[tuple[Period, str], float] = {}
            disputed: set[tuple[Period, str]] = set()
            for row in rows:
                if row.form not in reading.forms:
                    continue
                if reading.first_period_end is not None and row.end < reading.first_period_end:
                    continue
                period = Period(row.start, row.end)
                fault = _fault(row, concept, seen_on)
                if fault is not None:
                    refuse(fault[0], f"{tag}, {span(period)} in {row.accn}", fault[1])
                    continue
                if row.val == 0 and concept.sign == "positive":
                    continue
                key = (period, row.accn)
                if key not in disputed and said_here.setdefault(key, row.val) != row.val:
                    text = f"one filing says both {said_here[key]:,} and {row.val:,}"
                    refuse("conflict", f"{tag}, {span(period)} in {row.accn}", text)
                    if by_filing[period][row.accn].rank == rank:
                        del by_filing[period][row.accn]
                    disputed.add(key)
                if key in disputed:
                    continue
                said = by_filing.setdefault(period, {})
                vintage = Vintage(row.filed, row.accn, rank, row.val, row.form in reading.annual_forms)
                first = said.setdefault(row.accn, vintage)
                if first.value != row.val:
                    rivals.setdefault(key, []).append(vintage)
    series = {period: sorted(said.values()) for period, said in by_filing.items() if said}
    return _one_period_each(series), rivals


def main_unit(numbers: Mapping[str, Mapping[str, list[Filed]]], reading: Reading, kind: str) -> str:
    """The unit in which a filer states most of its numbers of a kind; of two equally frequent ones the first by name.

    Args:
        numbers: Numbers by tag and unit.
        reading: The filer's concepts.
        kind: ``currency`` or ``shares``.
    """
    if kind == "shares":
        return "shares"
    tags = {tag for concept in reading.concepts if concept.unit == kind for tag in concept.tags}
    counts: Counter[str] = Counter()
    for tag in tags & numbers.keys():
        for unit, rows in numbers[tag].items():
            if _CURRENCY.fullmatch(unit):
                counts[unit] += len(rows)
    return min(counts, key=lambda unit: (-counts[unit], unit), default="USD")


def _one_period_each(series: Series) -> Series:
    """The series with periods that differ by days brought under the dates that most filings give."""
    by_length: dict[int, list[Period]] = {}
    for period in series:
        if period.start is not None:
            by_length.setdefault(round((period.end - period.start).days / _MONTH_DAYS), []).append(period)
    for periods in by_length.values():
        periods.sort(key=lambda period: period.end)
        for one, other in pairwise(periods):
            if other.end - one.end <= NEAR and one.start is not None and other.start is not None:
                if abs(other.start - one.start) > NEAR or one not in series:
                    continue
                fewer, more = sorted((one, other), key=lambda period: len(series[period]))
                known = {vintage.accession for vintage in series[more]}
                moved = [vintage for vintage in series.pop(fewer) if vintage.accession not in known]
                series[more] = sorted([*series[more], *moved])
    return series


def _fault(row: Filed, concept: ConceptTags, seen_on: dt.date) -> tuple[str, str] | None:
    """Why a row cannot be a figure: kind of finding and text."""
    if row.end > row.filed:
        return "future_period", f"the period ends {row.end}, after the filing of {row.filed}"
    if row.filed > seen_on:
        return "filed_in_future", f"filed {row.filed}, after {seen_on}, the day the document was seen"
    if row.start is not None and not 0 < (row.end - row.start).days <= LONGEST_DAYS:
        return "period_length", f"{(row.end - row.start).days + 1} days; wanted 2 to {LONGEST_DAYS + 1}"
    if row.val < 0 and concept.sign != "any":
        return "sign", f"{concept.concept} is {row.val:,}, below zero"
    return None


def span(period: Period) -> str:
    """A period in words."""
    return f"{period.start} to {period.end}" if period.start else f"{period.end}"
