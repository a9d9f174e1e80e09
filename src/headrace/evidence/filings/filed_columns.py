"""What each filing of a document says of each period of each concept.

Several tags become one concept here: within a filing the first tag of the table counts, across filings nothing is
dropped, so a view as of any date can be taken. Rows that cannot be figures are left out with a finding.
"""

from __future__ import annotations

import datetime as dt
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from headrace.errors import EvidenceError
from headrace.evidence.filings.companyfacts import Filed
from headrace.evidence.filings.filed_numbers import NEAR_DAYS, FiledNumbers, Rival, Tell, first_of
from headrace.evidence.filings.filing_faults import without_conflicts, without_faults
from headrace.evidence.filings.tags import Reading

_MOST_REPORTS = 250
"""A dozen reports state one period of one concept; a document with so many is not one filer's."""

_ANNUAL = 2
_CURRENCY = re.compile(r"[A-Z]{3}")
_ACCESSION = re.compile(r"[0-9]{10}-[0-9]{2}-[0-9]{6}")


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
    found = without_faults(_columns(numbers, reading, units, where, refuse), seen_on, refuse)
    return _first_tags(without_conflicts(_on_one_calendar(found, where), refuse))


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
                if found_unit == unit:
                    rows += found
                    concept_of.append((place, rank, len(found)))
                else:
                    text = f"{len(found)} numbers in {found_unit!r}; the filer reports this concept in {unit!r}"
                    refuse("unit", place, tag, text)
    places = np.array(concept_of, np.int64).reshape(-1, 3)
    of_row = [row.accn for row in rows]
    accessions = sorted(set(of_row))
    for accession in accessions:
        if not _ACCESSION.fullmatch(accession):
            raise EvidenceError(f"{where}: accession number {accession!r:.40}; wanted one such as 0000789019-24-000012")
    index = {accession: place for place, accession in enumerate(accessions)}
    forms = [row.form for row in rows]
    counts = {form: 1 + (form in reading.annual_forms) if form in reading.forms else 0 for form in set(forms)}
    form = _integers([counts[form] for form in forms])
    found_numbers = FiledNumbers(
        concepts=reading.concepts,
        accessions=accessions,
        concept=np.repeat(places[:, 0], places[:, 2]),
        start=_integers([row.start.toordinal() if row.start else 0 for row in rows]),
        end=_integers([row.end.toordinal() for row in rows]),
        filed=_integers([row.filed.toordinal() for row in rows]),
        accession=_integers([index[accession] for accession in of_row]),
        rank=np.repeat(places[:, 1], places[:, 2]),
        value=np.frombuffer(array("d", [row.val for row in rows]), np.float64),
        annual=form == _ANNUAL,
    )
    placeholder = np.array([concept.sign == "positive" for concept in reading.concepts], np.bool_)
    count = (form > 0) & ((found_numbers.value != 0) | ~placeholder[found_numbers.concept])
    if reading.first_filed is not None:
        count &= found_numbers.filed >= reading.first_filed.toordinal()
    return found_numbers if count.all() else found_numbers.taken(count)


def _integers(values: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.frombuffer(array("q", values), np.int64)  # three times as fast as a conversion by NumPy


def _on_one_calendar(found: FiledNumbers, where: str) -> FiledNumbers:
    """The numbers in order, with periods that begin or end days apart brought to the days that most numbers give.

    A period ends the day before the next one begins, so first days and days after the last are marks of one calendar.
    """
    flow = found.start > 0
    marks = np.append(found.start[flow], found.end[flow] + 1)
    days, counts = np.unique(marks, return_counts=True)
    close = np.diff(days) <= NEAR_DAYS
    if close.any():
        crowded = np.flatnonzero(np.append(close, False) | np.append(False, close))
        stands_for = days.copy()
        for place in crowded[np.argsort(-counts[crowded], kind="stable")]:
            if stands_for[place] == days[place]:
                near = crowded[np.abs(days[crowded] - days[place]) <= NEAR_DAYS]
                stands_for[near[stands_for[near] == days[near]]] = days[place]
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


def _first_tags(found: FiledNumbers) -> tuple[FiledNumbers, list[Rival]]:
    """One number for each period and filing, that of the first tag; other values of later tags beside it."""
    first = first_of(found.period, found.accession)
    chosen, place = np.flatnonzero(first), np.cumsum(first) - 1
    differs = np.flatnonzero(~first & (found.value != found.value[chosen[place]]))
    rivals = [Rival(int(place[row]), float(found.value[row]), int(found.rank[row])) for row in differs]
    return found.taken(first), rivals
