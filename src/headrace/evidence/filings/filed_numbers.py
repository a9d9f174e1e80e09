"""The numbers of one document as columns of equal length, and how their rows are told apart.

Nothing is read or judged here: this is what the rooms that read, judge and subtract hand to each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from headrace.evidence.filings.tags import ConceptTags

Days = npt.NDArray[np.int64]
"""Days as :meth:`datetime.date.toordinal` counts them; 0 is no day."""

Tell = Callable[[str, int, str, str], None]
"""Called with kind of finding, concept, place and text."""

NEAR_DAYS = 7
"""Filers give the dates of a 52/53-week period as its real days in one report and as ends of months in another."""

_COLUMNS = ("concept", "start", "end", "filed", "accession", "rank", "value", "annual")


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

    @cached_property
    def other_basis(self) -> npt.NDArray[np.bool_]:
        """Which numbers stand on a basis of the filer's own."""
        if not any(concept.other_basis for concept in self.concepts):
            return np.zeros(len(self), np.bool_)
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

    @cached_property
    def period(self) -> npt.NDArray[np.int64]:
        """One number for each concept, last day and first day, in that order."""
        return period_of(self.concept, self.start, self.end)

    def taken(self, rows: npt.NDArray[Any]) -> FiledNumbers:
        """These numbers, chosen or ordered by ``rows``."""
        return FiledNumbers(self.concepts, self.accessions, *(getattr(self, name)[rows] for name in _COLUMNS))

    def with_rows(self, other: FiledNumbers) -> FiledNumbers:
        """These numbers and others of the same document, less those of a period that a report has stated already."""
        columns = [np.append(getattr(self, name), getattr(other, name)) for name in _COLUMNS]
        both = FiledNumbers(self.concepts, self.accessions, *columns)
        both = both.taken(np.lexsort((both.accession, both.filed, both.period)))
        return both.taken(first_of(both.period, both.accession))

    def ordered(self) -> FiledNumbers:
        """These numbers in the order that this class promises; those of one filing by rank."""
        return self.taken(np.lexsort((self.rank, self.accession, self.filed, self.period)))

    def period_starts(self) -> npt.NDArray[np.int64]:
        """Where each period of a concept begins among the rows."""
        return np.flatnonzero(first_of(self.period))


@dataclass(frozen=True)
class Rival:
    """What a later tag of one filing says where the first one says something else."""

    row: int
    value: float
    rank: int


def period_of(concept: Days, start: Days, end: Days) -> npt.NDArray[np.int64]:
    """One number for each concept, last day and first day (0 for none), in that order. No period has 1,024 days."""
    return (concept << 32 | end) << 10 | np.where(start > 0, 1023 - (end - start), 0)


def first_of(*columns: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which rows differ from the row before in one of the columns."""
    first = np.ones(len(columns[0]), np.bool_)
    first[1:] = columns[0][1:] != columns[0][:-1]
    for column in columns[1:]:
        first[1:] |= column[1:] != column[:-1]
    return first


def span(start: int, end: int) -> str:
    """A period in words; ``start`` is 0 for a balance-sheet date."""
    last = dt.date.fromordinal(end)
    return f"{dt.date.fromordinal(start)} to {last}" if start else f"{last}"
