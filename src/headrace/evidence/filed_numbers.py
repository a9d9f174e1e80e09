"""The numbers of one document as columns: what each filing says of each period of each concept.

Several tags become one concept here: within a filing the first tag of the table counts, across filings nothing is
dropped, so a view as of any date can be taken. Rows that cannot be figures are left out with a finding.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from headrace.errors import EvidenceError
from headrace.evidence.companyfacts import Filed
from headrace.evidence.tags import ConceptTags, Reading

Days = npt.NDArray[np.int64]
"""Days as :meth:`datetime.date.toordinal` counts them; 0 is no day."""

Tell = Callable[[str, int, str, str], None]
"""Called with kind of finding, concept, place and text."""

_EPOCH = dt.date(1970, 1, 1).toordinal()
_COLUMNS = ("concept", "start", "end", "filed", "accession", "rank", "value", "annual")

LONGEST_DAYS = 380
"""A year of 53 weeks has 371 days; a longer period is no period of a fiscal year."""

NEAR_DAYS = 7
"""Filers give the dates of a 52/53-week period as its real days in one report and as ends of months in another."""

_LONGEST_LOOK_BACK_DAYS = 15 * 366
"""No report compares with a period this old: such a date is a slip, or the report's own date is."""

_MOST_REPORTS = 250
"""A dozen reports state one period of one concept; a document with so many is not one filer's."""

_CURRENCY = re.compile(r"[A-Z]{3}")
_ACCESSION = re.compile(r"[0-9]{10}-[0-9]{2}-[0-9]{6}")


@dataclass(frozen=True)
class FiledNumbers:
    """Columns of equal length, ordered by concept, last day, first day and day of filing.

    ``concept`` and ``rank`` are places in ``concepts`` and in the tags of a concept, ``accession`` one in
    ``accessions``. ``start`` is 0 for a balance-sheet date. ``annual`` says that an annual report holds the number.
    """

    concepts: Sequence[ConceptTags]
    accessions: Sequence[str]
    concept: npt.NDArray[np.int64]
    start: Days
    end: Days
    filed: Days
    accession: npt.NDArray[np.int64]
    rank: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    annual: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """How many numbers there are."""
        return len(self.value)

    @property
    def other_basis(self) -> npt.NDArray[np.bool_]:
        """Which numbers stand on a basis of the filer's own."""
        most = max(len(concept.tags) for concept in self.concepts)
        of_tag = np.zeros((len(self.concepts), most), np.bool_)
        for place, concept in enumerate(self.concepts):
            for tag in concept.other_basis:
                of_tag[place, concept.tags.index(tag)] = True
        return of_tag[self.concept, self.rank]

    @property
    def ground(self) -> npt.NDArray[np.int64]:
        """What a number stands on: only those of a concept on one ground can be subtracted."""
        ground = self.other_basis.astype(np.int64)
        for place, concept in enumerate(self.concepts):
            for day in concept.new_perimeter:
                ground += 2 * ((self.concept == place) & (self.filed >= day.toordinal()))
        return ground

    def where(self, row: int | np.integer[Any]) -> str:
        """Period and filing of a row, for a reader."""
        return f"{span(int(self.start[row]), int(self.end[row]))} in {self.accessions[self.accession[row]]}"

    def taken(self, rows: npt.NDArray[Any]) -> FiledNumbers:
        """These numbers, chosen or ordered by ``rows``."""
        return FiledNumbers(self.concepts, self.accessions, *(getattr(self, name)[rows] for name in _COLUMNS))

    def with_rows(self, other: FiledNumbers) -> FiledNumbers:
        """These numbers and others of the same document, less those of a period that a report has stated already."""
        columns = [np.append(getattr(self, name), getattr(other, name)) for name in _COLUMNS]
        both = FiledNumbers(self.concepts, self.accessions, *columns).ordered()
        return both.taken(both.firsts("concept", "end", "start", "filed", "accession"))

    def firsts(self, *names: str) -> npt.NDArray[np.bool_]:
        """Which rows differ from the one before in one of the columns."""
        first = np.ones(len(self), np.bool_)
        first[1:] = np.logical_or.reduce([np.diff(getattr(self, name)) != 0 for name in names])
        return first

    def ordered(self) -> FiledNumbers:
        """These numbers in the order that this class promises."""
        return self.taken(np.lexsort((self.accession, self.filed, self.start, self.end, self.concept)))

    def period_starts(self) -> npt.NDArray[np.int64]:
        """Where each period of a concept begins among the rows."""
        return np.flatnonzero(self.firsts("concept", "end", "start"))


@dataclass(frozen=True)
class Rival:
    """What a later tag of one filing says where the first one says something else."""

    row: int
    value: float
    rank: int


def filed_numbers(
    numbers: Mapping[str, Mapping[str, list[Filed]]],
    reading: Reading,
    units: Mapping[str, str],
    seen_on: dt.date,
    where: str,
    refuse: Tell,
) -> tuple[FiledNumbers, list[Rival]]:
    """The numbers of all concepts, and what later tags say against the first.

    Args:
        numbers: Numbers by tag and unit, as the document gives them.
        reading: Concepts and their tags, forms that count, and since when the filer is the business it is now.
        units: The unit to read for each kind of unit, as :func:`main_units` gives it.
        seen_on: Day the document was fetched; a filing dated later cannot be in it.
        where: The document, named in errors.
        refuse: Told of every row left out, other than those of forms that do not count, of an earlier business, and of
            zeros that only hold a place.

    Raises:
        EvidenceError: A report has no accession number, or more reports state one period than there can be.
    """
    found = _without_faults(_columns(numbers, reading, units, where, refuse), seen_on, refuse)
    found = _on_one_calendar(_without_stray_dates(found, refuse), where)
    return _first_tags(_without_conflicts(found, refuse))


def main_units(numbers: Mapping[str, Mapping[str, list[Filed]]], reading: Reading) -> dict[str, str]:
    """The unit to read for each kind of unit: of currencies the one in which the filer states most of its numbers.

    Args:
        numbers: Numbers by tag and unit.
        reading: The filer's concepts.
    """
    tags = {tag for concept in reading.concepts if concept.unit == "currency" for tag in concept.tags}
    counts: Counter[str] = Counter()
    for tag in tags & numbers.keys():
        for unit, rows in numbers[tag].items():
            if _CURRENCY.fullmatch(unit):
                counts[unit] += len(rows)
    return {"currency": min(counts, key=lambda unit: (-counts[unit], unit), default="USD"), "shares": "shares"}


def span(start: int, end: int) -> str:
    """A period in words; ``start`` is 0 for a balance-sheet date."""
    last = dt.date.fromordinal(end)
    return f"{dt.date.fromordinal(start)} to {last}" if start else f"{last}"


def _columns(
    numbers: Mapping[str, Mapping[str, list[Filed]]],
    reading: Reading,
    units: Mapping[str, str],
    where: str,
    refuse: Tell,
) -> FiledNumbers:
    """Every row of a form that counts, in the unit of its concept, zeros that only hold a place left out."""
    rows: list[Filed] = []
    concept_of: list[tuple[int, int, int]] = []
    for place, concept in enumerate(reading.concepts):
        unit = units[concept.unit]
        for rank, tag in enumerate(concept.tags):
            for found_unit, found in numbers.get(tag, {}).items():
                if found_unit != unit:
                    text = f"{len(found)} numbers in {found_unit!r}; the filer reports this concept in {unit!r}"
                    refuse("unit", place, tag, text)
                    continue
                count = [row for row in found if row.form in reading.forms and (row.val or concept.sign != "positive")]
                rows += count
                concept_of.append((place, rank, len(count)))
    places = np.array(concept_of, np.int64).reshape(-1, 3)
    accessions = sorted({row.accn for row in rows})
    for accession in accessions:
        if not _ACCESSION.fullmatch(accession):
            raise EvidenceError(f"{where}: accession number {accession!r:.40}; wanted one such as 0000789019-24-000012")
    index = {accession: place for place, accession in enumerate(accessions)}
    found_numbers = FiledNumbers(
        concepts=reading.concepts,
        accessions=accessions,
        concept=np.repeat(places[:, 0], places[:, 2]),
        start=np.array([row.start.toordinal() if row.start else 0 for row in rows], np.int64),
        end=np.array([row.end.toordinal() for row in rows], np.int64),
        filed=np.array([row.filed.toordinal() for row in rows], np.int64),
        accession=np.array([index[row.accn] for row in rows], np.int64),
        rank=np.repeat(places[:, 1], places[:, 2]),
        value=np.array([row.val for row in rows], np.float64),
        annual=np.array([row.form in reading.annual_forms for row in rows], np.bool_),
    )
    if reading.first_filed is None:
        return found_numbers
    return found_numbers.taken(found_numbers.filed >= reading.first_filed.toordinal())


def _without_faults(found: FiledNumbers, seen_on: dt.date, refuse: Tell) -> FiledNumbers:
    """The numbers less those that cannot be figures, whatever their neighbours say."""
    signed = np.array([concept.sign == "any" for concept in found.concepts])
    length = found.end - found.start
    faults = {
        "future_period": found.end > found.filed,
        "filed_in_future": found.filed > seen_on.toordinal(),
        "period_length": (found.start > 0) & ((length < NEAR_DAYS) | (length > LONGEST_DAYS)),
        "sign": (found.value < 0) & ~signed[found.concept],
    }
    wrong = np.zeros(len(found), np.bool_)
    for kind, mask in faults.items():
        for row in np.flatnonzero(mask & ~wrong):
            concept = found.concepts[found.concept[row]]
            filed = dt.date.fromordinal(int(found.filed[row]))
            text = {
                "future_period": f"the period ends after the filing of {filed}",
                "filed_in_future": f"filed {filed}, after {seen_on}, the day the document was seen",
                "period_length": f"{length[row] + 1} days; wanted {NEAR_DAYS + 1} to {LONGEST_DAYS + 1}",
                "sign": f"{concept.concept} is {found.value[row]:,.0f}, below zero",
            }[kind]
            refuse(kind, int(found.concept[row]), f"{concept.tags[found.rank[row]]}, {found.where(row)}", text)
        wrong |= mask
    return found.taken(~wrong) if wrong.any() else found


def _without_stray_dates(found: FiledNumbers, refuse: Tell) -> FiledNumbers:
    """The numbers less those dated otherwise than the rest of their report, or otherwise than its number says."""
    day_of = np.zeros(len(found.accessions), np.int64)
    day_of[found.accession] = found.filed
    if (day_of[found.accession] != found.filed).any():
        days, counts = np.unique(np.stack((found.accession, found.filed)), axis=1, return_counts=True)
        order = np.argsort(counts, kind="stable")
        day_of[days[0, order]] = days[1, order]
    year_of = np.array([int(accession[11:13]) for accession in found.accessions], np.int64)
    year = (found.filed - _EPOCH).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 70
    faults = {
        "its report was filed on another day, as its other figures say": day_of[found.accession] != found.filed,
        "the number of the report is of another year": (year_of[found.accession] - year + 1) % 100 > 2,
        "the period is too old for a report": found.filed - found.end > _LONGEST_LOOK_BACK_DAYS,
    }
    wrong = np.zeros(len(found), np.bool_)
    for text, mask in faults.items():
        for row in np.flatnonzero(mask & ~wrong):
            filed = dt.date.fromordinal(int(found.filed[row]))
            refuse("report_date", int(found.concept[row]), found.where(row), f"filed {filed}: {text}")
        wrong |= mask
    return found.taken(~wrong) if wrong.any() else found


def _on_one_calendar(found: FiledNumbers, where: str) -> FiledNumbers:
    """The numbers in order, with periods that begin or end days apart brought to the days that most numbers give.

    A period ends the day before the next one begins, so first days and days after the last are marks of one calendar.
    """
    flow = found.start > 0
    days, counts = np.unique(np.append(found.start[flow], found.end[flow] + 1), return_counts=True)
    stands_for = days.copy()
    close = np.diff(days) <= NEAR_DAYS
    settled = ~(np.append(close, False) | np.append(False, close))
    for place in np.argsort(-counts, kind="stable"):
        if not settled[place]:
            near = ~settled & (np.abs(days - days[place]) <= NEAR_DAYS)
            stands_for[near] = days[place]
            settled |= near
    if close.any():
        start, end = found.start.copy(), found.end.copy()
        start[flow] = stands_for[np.searchsorted(days, start[flow])]
        end[flow] = stands_for[np.searchsorted(days, end[flow] + 1)] - 1
        found = replace(found, start=start, end=end)
    found = found.ordered()
    begins = found.period_starts()
    for place in begins[np.diff(np.append(begins, len(found))) > _MOST_REPORTS]:
        raise EvidenceError(
            f"{where}, {found.where(place)}: over {_MOST_REPORTS} numbers for one period; wanted a dozen"
        )
    return found


def _without_conflicts(found: FiledNumbers, refuse: Tell) -> FiledNumbers:
    """The numbers, by period and filing and tag, less those for which one filing gives two values under one tag."""
    found = found.taken(np.lexsort((found.rank, found.accession, found.start, found.end, found.concept)))
    keys = (found.concept, found.end, found.start, found.accession, found.rank)
    same = np.logical_and.reduce([np.diff(key) == 0 for key in keys])
    disputed = same & (np.diff(found.value) != 0)
    if not disputed.any():
        return found
    group = np.concatenate(([0], np.cumsum(~same)))
    for row in np.flatnonzero(disputed):
        text = f"one filing says both {found.value[row]:,.0f} and {found.value[row + 1]:,.0f}"
        tag = found.concepts[found.concept[row]].tags[found.rank[row]]
        refuse("conflict", int(found.concept[row]), f"{tag}, {found.where(row)}", text)
    return found.taken(~np.isin(group, group[1:][disputed]))


def _first_tags(found: FiledNumbers) -> tuple[FiledNumbers, list[Rival]]:
    """One number for each period and filing, that of the first tag; other values of later tags beside it."""
    if not len(found):
        return found, []
    keys = (found.concept, found.end, found.start, found.accession)
    first = np.concatenate(([True], ~np.logical_and.reduce([np.diff(key) == 0 for key in keys])))
    chosen = np.flatnonzero(first)
    place = np.cumsum(first) - 1
    differs = np.flatnonzero(~first & (found.value != found.value[chosen[place]]))
    order = np.lexsort(
        (found.accession[chosen], found.filed[chosen], found.start[chosen], found.end[chosen], found.concept[chosen])
    )
    row_of = np.empty(len(chosen), np.int64)
    row_of[order] = np.arange(len(chosen))
    rivals = [Rival(int(row_of[place[row]]), float(found.value[row]), int(found.rank[row])) for row in differs]
    return found.taken(chosen[order]), rivals
