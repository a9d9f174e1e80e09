"""Discrete quarters, balance-sheet dates and years out of one companyfacts document, in the schema of the facts.

A quarter is taken as filed where it was filed, else as a difference of years to date, and every row says which. Which
tags hold a concept, and what a quarter is to a filer, is data (``tags.toml``); what is no figure becomes a finding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from headrace.evidence.companyfacts import read
from headrace.evidence.differences import Difference, differences
from headrace.evidence.filed_series import NEAR, Period, Rivals, Series, Vintage, filed_series, main_unit, span
from headrace.evidence.findings import Finding
from headrace.evidence.plausibility import settle_rivals, without_misdated, without_scale_errors
from headrace.evidence.tags import ConceptTags, Reading, reading_of
from headrace.evidence.universe import Entity
from headrace.periods import quarter_of_flow, quarter_of_stock

if TYPE_CHECKING:
    import pandas as pd

RULES = 1
"""Version of the rules by which figures are derived: a stored derivation of another version is made again."""

DERIVATIONS = ("", "year_to_date_difference", "year_less_nine_months")
"""As filed, or the difference that gave the quarter."""

SOURCE_ID = "sec_companyfacts"
COLUMNS = (
    "entity",
    "concept",
    "period_start",
    "period_end",
    "calendar_quarter",
    "value",
    "unit",
    "status",
    "quality",
    "source_id",
    "locator",
    "filed",
    "filed_estimated",
    "first_value",
    "derivation",
    "tag",
)

_YEAR_DAYS = range(350, 381)
_CYCLE_SLACK = dt.timedelta(days=45)


class Row(NamedTuple):
    """One vintage of one figure, as it goes into the facts."""

    filed: dt.date
    value: float
    derivation: str
    locator: str
    tag: str


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

    figures, findings = derive(document, entity, where, seen_on or dt.datetime.now(dt.UTC).date())
    return pd.DataFrame(figures, columns=list(COLUMNS)), findings


def derive(
    document: bytes, entity: Entity, where: str, seen_on: dt.date
) -> tuple[list[tuple[object, ...]], tuple[Finding, ...]]:
    """The rows of :func:`facts_of` as tuples in the order of :data:`COLUMNS`."""
    reading = reading_of(entity)
    numbers = read(document, entity, _tags(reading), where)
    units = {kind: main_unit(numbers, reading, kind) for kind in ("currency", "shares")}
    findings: list[Finding] = []
    series: dict[str, Series] = {}
    for concept in reading.concepts:
        tell = _Teller(entity.slug, concept.concept, where, findings)
        filed, rivals = filed_series(numbers, concept, reading, units[concept.unit], seen_on, tell.refuse)
        _count_rivals(filed, rivals, tell)
        filed = settle_rivals(filed, rivals, tell.note)
        filed = without_scale_errors(filed, concept.may_vanish, tell.refuse, tell.note)
        if concept.additive:
            filed = without_misdated(filed, reading.shortest_days, reading.longest_days, tell.refuse)
        series[concept.concept] = filed
    cycle = {period.end for found in series.values() for period in found if period.start is not None}
    rows: list[tuple[object, ...]] = []
    for concept in reading.concepts:
        tell = _Teller(entity.slug, concept.concept, where, findings)
        for period, vintages in _figures(series[concept.concept], concept, reading, cycle, tell):
            rows.extend(_rows(entity.slug, concept.concept, units[concept.unit], period, vintages))
    return rows, tuple(findings)


class _Teller:
    """Turns what a room says about a row into findings of one concept."""

    def __init__(self, entity: str, concept: str, where: str, findings: list[Finding]) -> None:
        self.entity, self.concept, self.where, self.findings = entity, concept, where, findings

    def refuse(self, kind: str, place: str, text: str) -> None:
        """A row is left out."""
        self.findings.append(Finding(kind, self.entity, self.concept, f"{self.where}, {place}", text, refused=True))

    def note(self, kind: str, place: str, text: str) -> None:
        """A row stays, and this stands beside it."""
        self.findings.append(Finding(kind, self.entity, self.concept, f"{self.where}, {place}", text))


def _tags(reading: Reading) -> Iterable[str]:
    return dict.fromkeys(tag for concept in reading.concepts for tag in concept.tags)


def _count_rivals(series: Series, rivals: Rivals, tell: _Teller) -> None:
    if rivals:
        period, accession = max(rivals, key=lambda key: key[0].end)
        first = next(vintage for vintage in series[period] if vintage.accession == accession)
        example = f"{span(period)} in {accession}"
        text = f"{len(rivals)} times in one filing; last {first.value:,} against {rivals[period, accession][0].value:,}"
        tell.note("tags_disagree", example, text)


def _figures(
    series: Series, concept: ConceptTags, reading: Reading, cycle: set[dt.date], tell: _Teller
) -> Iterator[tuple[Period, list[Row]]]:
    """Balance-sheet dates, quarters and years of one concept, each with its vintages, first known first."""
    quarters: dict[Period, list[Row]] = {}
    parts = differences(series, reading.shortest_days, reading.longest_days) if concept.additive else {}
    for period, vintages in series.items():
        if period.start is None:
            if period.end not in cycle and _close_to_one(period.end, cycle):
                text = f"{vintages[-1].value:,}; a day beside the end of a period, such as the first day of a new rule"
                tell.refuse("off_cycle", span(period), text)
                continue
            yield period, _as_filed(vintages, concept)
            continue
        days = (period.end - period.start).days + 1
        if reading.shortest_days <= days <= reading.longest_days:
            quarters[period] = _as_filed(vintages, concept)
        elif days in _YEAR_DAYS and any(vintage.annual for vintage in vintages):
            yield period, _as_filed(vintages, concept)
    for period, pairs in parts.items():
        filed = quarters.get(period, [])
        before = [pair for pair in pairs if not filed or pair.filed < filed[0].filed]
        if before and not before[0].one_basis:
            longer, shorter = before[0].longer, before[0].shorter
            text = f"difference of {longer.accession} and {shorter.accession}, which share neither filing nor tag"
            tell.note("mixed_filings", span(period), text)
        quarters[period] = [*(_subtracted(pair, concept) for pair in before), *filed]
    yield from _without_overlaps(quarters, tell)


def _close_to_one(day: dt.date, cycle: set[dt.date]) -> bool:
    return any(abs(day - end) <= _CYCLE_SLACK for end in cycle)


def _as_filed(vintages: list[Vintage], concept: ConceptTags) -> list[Row]:
    return [Row(said.filed, said.value, "", said.accession, concept.tags[said.rank]) for said in vintages]


def _subtracted(pair: Difference, concept: ConceptTags) -> Row:
    tags = dict.fromkeys((concept.tags[pair.longer.rank], concept.tags[pair.shorter.rank]))
    accessions = dict.fromkeys((pair.longer.accession, pair.shorter.accession))
    derivation = "year_less_nine_months" if pair.of_a_year else "year_to_date_difference"
    return Row(pair.filed, pair.value, derivation, " - ".join(accessions), " - ".join(tags))


def _without_overlaps(quarters: dict[Period, list[Row]], tell: _Teller) -> Iterator[tuple[Period, list[Row]]]:
    """Quarters less those that overlap another one and fit the calendar around them worse."""
    ordered = sorted(quarters, key=lambda period: (period.end, period.start))
    refused: set[Period] = set()
    for one, other in pairwise(ordered):
        assert other.start is not None
        if other.start > one.end or one in refused:
            continue
        worse = min(one, other, key=lambda period: _fit(period, ordered, quarters))
        better = other if worse is one else one
        refused.add(worse)
        text = f"overlaps {span(better)}, which follows on from the quarters around it"
        tell.refuse("overlap", span(worse), text)
    for period in ordered:
        if period not in refused:
            yield period, quarters[period]


def _fit(period: Period, ordered: list[Period], quarters: dict[Period, list[Row]]) -> tuple[int, int]:
    """How many quarters touch this one, and how many filings state it."""
    assert period.start is not None
    touching = sum(
        abs(period.start - other.end) <= NEAR or (other.start is not None and abs(other.start - period.end) <= NEAR)
        for other in ordered
    )
    return touching, len(quarters[period])


def _rows(entity: str, concept: str, unit: str, period: Period, vintages: list[Row]) -> Iterator[tuple[object, ...]]:
    """One row for each vintage that changed the value."""
    first = said = None
    for row in vintages:
        if said is not None and row.value == said:
            continue
        first = row.value if first is None else first
        said = row.value
        yield (
            entity,
            concept,
            period.start,
            period.end,
            _calendar_quarter(period),
            float(row.value),
            unit,
            "derived" if row.derivation else "reported",
            "A",
            SOURCE_ID,
            row.locator,
            row.filed,
            False,
            float(first),
            row.derivation,
            row.tag,
        )


def _calendar_quarter(period: Period) -> str:
    """The calendar quarter of a quarter or a balance-sheet date; a year has none."""
    if period.start is None:
        return quarter_of_stock(period.end)
    if (period.end - period.start).days + 1 in _YEAR_DAYS:
        return ""
    return quarter_of_flow(period.start, period.end)
