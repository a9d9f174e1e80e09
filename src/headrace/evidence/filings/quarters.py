"""Discrete quarters, balance-sheet dates and years out of one companyfacts document, in the schema of the facts.

A quarter is taken as filed where it was filed, else as a difference of years to date, and every row says which. Which
tags hold a concept, and what a quarter is to a filer, is data (``tags.toml``); what is no figure becomes a finding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from headrace.evidence.filings.companyfacts import read
from headrace.evidence.filings.differences import SHORTEST_YEAR_DAYS, Difference, Quarter, differences, with_nine_months
from headrace.evidence.filings.filed_columns import filed_numbers, main_units
from headrace.evidence.filings.filed_numbers import NEAR_DAYS, Days, FiledNumbers, Tell, first_of, period_of, span
from headrace.evidence.filings.plausibility import settle_rivals, without_misdated, without_scale_errors
from headrace.evidence.filings.tags import Reading, reading_of
from headrace.evidence.findings import Finding
from headrace.evidence.universe import Entity
from headrace.periods import quarter_label

if TYPE_CHECKING:
    import pandas as pd

RULES = 1
"""Version of the rules by which figures are derived: a stored derivation of another version is made again."""

DERIVATIONS = ("", "year_to_date_difference", "year_less_nine_months")
"""As filed, or the difference that gave the quarter."""

SOURCE_ID = "sec_companyfacts"

_CYCLE_SLACK_DAYS = 45
_STOCK_OFFSET_DAYS = 45
_EPOCH = dt.date(1970, 1, 1).toordinal()


def facts_of(
    document: bytes, entity: Entity, where: str, seen_on: dt.date | None = None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Every vintage of every figure that a companyfacts document holds.

    Args:
        document: JSON as EDGAR serves it.
        entity: Whose document it should be.
        where: File or address, named in errors and findings.
        seen_on: Day the document was fetched, today when left out; filings dated later cannot be in it.

    Returns:
        Rows in the columns of the facts table, and what a reader must know about them. Values are in the unit of the
        row, as filed: USD and not millions of it.

    Raises:
        EvidenceError: The document breaks its schema or holds another company.
    """
    import pandas as pd

    columns, findings = derive(document, entity, where, seen_on or dt.datetime.now(dt.UTC).date())
    # Text stays as it is: to look for a better type takes as long as half of the derivation.
    plain = {
        name: pd.Index(column, dtype=object, copy=False) if column.dtype == object else column
        for name, column in columns.items()
    }
    return pd.DataFrame(plain, copy=False), findings


def derive(
    document: bytes, entity: Entity, where: str, seen_on: dt.date
) -> tuple[dict[str, npt.NDArray[Any]], tuple[Finding, ...]]:
    """The columns of :func:`facts_of` as arrays of equal length, by concept, period and day of filing."""
    reading = reading_of(entity)
    numbers = read(document, entity, _tags(reading), where)
    findings: list[Finding] = []

    def refuse(kind: str, concept: int, place: str, text: str) -> None:
        name = reading.concepts[concept].concept
        findings.append(Finding(kind, entity.slug, name, f"{where}, {place}", text, refused=True))

    def note(kind: str, concept: int, place: str, text: str) -> None:
        name = reading.concepts[concept].concept
        findings.append(Finding(kind, entity.slug, name, f"{where}, {place}", text))

    units = main_units(numbers, reading)
    found, rivals = filed_numbers(numbers, reading, units, seen_on, where, refuse)
    found = settle_rivals(found, rivals, note)
    found = without_scale_errors(found, refuse, note)
    found = without_misdated(found, reading.shortest_days, reading.longest_days, refuse)
    found = with_nine_months(found, reading.shortest_days, reading.longest_days)
    parts = differences(found, reading.shortest_days, reading.longest_days, refuse)
    figures = _figures(found, reading, refuse)
    figures, parts = _without_overlaps(figures, parts, reading, refuse)
    for (concept, start, end), pairs in parts.items():
        if not pairs[0].one_basis:
            accessions = " and ".join(found.accessions[found.accession[row]] for row in pairs[0][1:3])
            note("mixed_filings", concept, span(start, end), f"{accessions} share neither filing nor tag")
    _note_other_basis(found, note)
    unit_of = np.array([units[concept.unit] for concept in reading.concepts], object)
    return _table(entity.slug, figures, found, parts, unit_of), tuple(findings)


def _note_other_basis(found: FiledNumbers, note: Tell) -> None:
    rows = np.flatnonzero(found.other_basis)
    for concept in np.unique(found.concept[rows]):
        last = rows[found.concept[rows] == concept][-1]
        tag = found.concepts[concept].tags[found.rank[last]]
        text = f"{tag} means something else until {span(0, int(found.end[last]))}; its figures have quality B"
        note("other_basis", int(concept), found.where(last), text)


def _tags(reading: Reading) -> Iterable[str]:
    return dict.fromkeys(tag for concept in reading.concepts for tag in concept.tags)


def _figures(found: FiledNumbers, reading: Reading, refuse: Tell) -> FiledNumbers:
    """Quarters, years of annual reports, and balance-sheet dates that end a period which the filer reports."""
    days = found.end - found.start + 1
    stock = found.start == 0
    first = first_of(found.period)
    begins = np.flatnonzero(first)
    in_annual_report = np.zeros(len(begins), np.bool_)
    period = np.cumsum(first) - 1
    in_annual_report[period[found.annual]] = True
    quarter = ~stock & (days >= reading.shortest_days) & (days <= reading.longest_days)
    year = ~stock & (days >= SHORTEST_YEAR_DAYS) & in_annual_report[period]
    cycle = np.unique(found.end[~stock])
    beside_cycle = stock & ~np.isin(found.end, cycle) & (_distance(found.end, cycle) <= _CYCLE_SLACK_DAYS)
    for row in begins[beside_cycle[begins]]:
        text = f"{found.value[row]:,.0f}; a day beside the end of a period, such as the first day of a new rule"
        refuse("off_cycle", int(found.concept[row]), found.where(row), text)
    return found.taken(quarter | year | (stock & ~beside_cycle))


def _distance(days: Days, marks: Days) -> Days:
    """Days from each day to the nearest mark; a great many where there is no mark."""
    if not len(marks):
        return np.full(len(days), np.iinfo(np.int64).max)
    after = np.searchsorted(marks, days).clip(max=len(marks) - 1)
    before = (after - 1).clip(min=0)
    nearest: Days = np.minimum(np.abs(days - marks[after]), np.abs(days - marks[before]))
    return nearest


def _without_overlaps(
    found: FiledNumbers, parts: dict[Quarter, list[Difference]], reading: Reading, refuse: Tell
) -> tuple[FiledNumbers, dict[Quarter, list[Difference]]]:
    """Quarters less those that overlap another one of their concept and fit the calendar around them worse."""
    days = found.end - found.start + 1
    filed = (found.start > 0) & (days <= reading.longest_days) & first_of(found.period)
    columns = np.stack((found.concept[filed], found.start[filed], found.end[filed]), axis=1)
    quarters = np.concatenate((columns, np.array([*parts], np.int64).reshape(-1, 3)))
    quarters = quarters[np.unique(period_of(*quarters.T), return_index=True)[1]]
    concept, start, end = quarters.T
    overlap = np.flatnonzero((concept[1:] == concept[:-1]) & (start[1:] <= end[:-1]))
    if not len(overlap):
        return found, parts
    refused: set[Quarter] = set()
    for place in overlap:
        one, other = (tuple(quarters[at].tolist()) for at in (place, place + 1))
        if one in refused:
            continue
        same = quarters[concept == one[0]]
        worse = min(one, other, key=lambda quarter: _touching(quarter, same))
        better = other if worse is one else one
        refused.add(worse)
        text = f"overlaps {span(*better[1:])}, which follows on from the quarters around it"
        refuse("overlap", one[0], span(*worse[1:]), text)
    refused_periods = period_of(*np.array([*refused], np.int64).T)
    parts = {quarter: pairs for quarter, pairs in parts.items() if quarter not in refused}
    return found.taken(~np.isin(found.period, refused_periods)), parts


def _touching(quarter: Quarter, quarters: npt.NDArray[np.int64]) -> int:
    """How many quarters end where this one begins or begin where it ends."""
    _, start, end = quarter
    before = np.abs(start - quarters[:, 2]) <= NEAR_DAYS
    after = np.abs(quarters[:, 1] - end) <= NEAR_DAYS
    return int(before.sum() + after.sum())


def _table(
    entity: str,
    figures: FiledNumbers,
    found: FiledNumbers,
    parts: dict[Quarter, list[Difference]],
    units: npt.NDArray[Any],
) -> dict[str, npt.NDArray[Any]]:
    """One row for each vintage that changed a figure, whether filed or subtracted from what was ``found``."""
    pairs = [(*quarter, *pair[:3], pair.of_a_year) for quarter, several in parts.items() for pair in several]
    keys = np.array(pairs, np.int64).reshape(-1, 7).T
    columns = (figures.concept, figures.start, figures.end, figures.filed)
    concept, start, end, filed = (np.append(column, key) for column, key in zip(columns, keys, strict=False))
    longer, shorter, of_a_year = keys[4:]
    value = np.append(figures.value, found.value[longer] - found.value[shorter])
    derivation = np.append(np.zeros(len(figures), np.int64), 1 + of_a_year)
    accession_of, tag_of = np.array([*found.accessions, ""], object), _tag_table(found)
    locator = np.append(accession_of[figures.accession], _both(accession_of[found.accession], longer, shorter))
    other_basis = np.append(figures.other_basis, found.other_basis[longer])
    tag = np.append(tag_of[figures.concept, figures.rank], _both(tag_of[found.concept, found.rank], longer, shorter))

    period = period_of(concept, start, end)
    order = np.lexsort((filed, period))
    first = first_of(period[order])
    changed = first_of(period[order], value[order])
    rows, first_value = order[changed], value[order[first]][np.cumsum(first)[changed] - 1]

    concept, start, end, filed, value = (column[rows] for column in (concept, start, end, filed, value))
    names = np.array([row.concept for row in found.concepts], object)
    count = len(rows)
    return {
        "entity": np.full(count, entity, object),
        "concept": names[concept],
        "period_start": np.where(start > 0, _dates(start), np.datetime64("NaT")),
        "period_end": _dates(end),
        "calendar_quarter": _calendar_quarters(start, end),
        "value": value,
        "unit": units[concept],
        "status": np.array(["reported", "derived", "derived"], object)[derivation[rows]],
        "quality": np.array(["A", "B"], object)[other_basis[rows].astype(np.int64)],
        "source_id": np.full(count, SOURCE_ID, object),
        "locator": locator[rows],
        "filed": _dates(filed),
        "filed_estimated": np.zeros(count, np.bool_),
        "first_value": first_value,
        "derivation": np.array(DERIVATIONS, object)[derivation[rows]],
        "tag": tag[rows],
    }


def _tag_table(found: FiledNumbers) -> npt.NDArray[Any]:
    """Names of tags by concept and rank."""
    tag_of = np.full((len(found.concepts), max(len(concept.tags) for concept in found.concepts)), "", object)
    for place, concept in enumerate(found.concepts):
        tag_of[place, : len(concept.tags)] = concept.tags
    return tag_of


def _both(names: npt.NDArray[Any], longer: Days, shorter: Days) -> npt.NDArray[Any]:
    """The name of both ends of a difference where they share one, else both names."""
    one, other = names[longer], names[shorter]
    both: npt.NDArray[Any] = np.where(one == other, one, one + " - " + other)
    return both


def _dates(days: Days) -> npt.NDArray[np.datetime64]:
    return (days - _EPOCH).astype("datetime64[D]").astype("datetime64[s]")


def _calendar_quarters(start: Days, end: Days) -> npt.NDArray[Any]:
    """Quarter of the midpoint of a quarter, or of 45 days before a balance-sheet date; a year has none."""
    day = np.where(start > 0, start + (end - start) // 2, end - _STOCK_OFFSET_DAYS)
    months = (day - _EPOCH).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    quarters = months // 3 + 1970 * 4
    first, last = (int(quarters.min()), int(quarters.max())) if len(quarters) else (0, 0)
    labels = np.array([quarter_label(number) for number in range(first, last + 1)], object)[quarters - first]
    labels[(start > 0) & (end - start >= SHORTEST_YEAR_DAYS - 1)] = ""
    return labels
