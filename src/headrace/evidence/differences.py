"""Quarters that nobody filed as such: a year to date less the year to date before it.

Both ends of a difference must stand on one basis. A restated year counts only where the nine months under it stand in
the same filing or were restated too: new rules often reach the year in one report and the nine months in none. Numbers
of another set of businesses, or on a basis of the filer's own, meet only their like.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from headrace.evidence.filed_numbers import FiledNumbers, Tell, span

SHORTEST_YEAR_DAYS = 350


class Difference(NamedTuple):
    """One quarter as the difference of two filed numbers, known from the day both were filed.

    ``longer`` and ``shorter`` are rows of the filed numbers.
    """

    filed: int
    longer: int
    shorter: int
    value: float
    of_a_year: bool
    one_basis: bool


Quarter = tuple[int, int, int]
"""Concept, first day and last day."""


def differences(
    found: FiledNumbers, shortest_days: int, longest_days: int, refuse: Tell
) -> dict[Quarter, list[Difference]]:
    """Every quarter that two filed periods with one first day leave between them, before anyone filed it as such.

    Args:
        found: The numbers of a document.
        shortest_days: Fewest days of a quarter.
        longest_days: Most days of a quarter.
        refuse: Told of every quarter that numbers on two grounds would give and no other does.

    Returns:
        By concept and quarter, first known first; only differences known before the quarter itself was filed.
    """
    begins = found.period_starts()
    bounds = [*begins.tolist(), len(found)]
    concept, start, end = (column[begins].tolist() for column in (found.concept, found.start, found.end))
    place_of = {key: place for place, key in enumerate(zip(concept, start, end, strict=True))}
    family: dict[tuple[int, int], list[int]] = {}
    for (what, first_day, _), place in place_of.items():
        if first_day and found.concepts[what].additive:
            family.setdefault((what, first_day), []).append(place)
    columns = (found.filed, found.rank, found.accession, found.ground, found.value)
    numbers = _Numbers(*(column.tolist() for column in columns))
    quarters: dict[Quarter, list[Difference]] = {}
    for (what, first_day), places in family.items():
        for longer in places:
            for shorter in places:
                if not shortest_days <= end[longer] - end[shorter] <= longest_days:
                    continue
                quarter = (what, end[shorter] + 1, end[longer])
                itself = place_of.get(quarter)
                known = numbers.filed[bounds[itself]] if itself is not None else None
                if known is not None and known <= numbers.filed[bounds[longer]]:
                    continue
                of_a_year = end[longer] - first_day >= SHORTEST_YEAR_DAYS
                rows = range(bounds[longer], bounds[longer + 1]), range(bounds[shorter], bounds[shorter + 1])
                pairs = _pairs(numbers, *rows, of_a_year)
                before = [pair for pair in pairs if known is None or pair.filed < known]
                if before:
                    quarters.setdefault(quarter, []).extend(before)
                elif not pairs and itself is None:
                    text = f"{found.where(rows[0][0])} and {found.where(rows[1][0])} are not about the same"
                    refuse("mixed_filings", what, span(end[shorter] + 1, end[longer]), text)
    return {quarter: sorted(pairs) for quarter, pairs in quarters.items()}


def with_nine_months(found: FiledNumbers, shortest_days: int, longest_days: int) -> FiledNumbers:
    """The numbers, and nine months where a report gives a year and its first three quarters one by one.

    An annual report under new rules restates the quarters of its year, not the nine months: their sum is on its basis.

    Args:
        found: The numbers of a document.
        shortest_days: Fewest days of a quarter.
        longest_days: Most days of a quarter.
    """
    days = found.end - found.start + 1
    additive = np.array([concept.additive for concept in found.concepts], np.bool_)[found.concept]
    years = np.flatnonzero((found.start > 0) & (days >= SHORTEST_YEAR_DAYS) & additive)
    three = np.flatnonzero((found.start > 0) & (days <= longest_days) & (days >= shortest_days) & additive)
    keys = (found.concept, found.accession, found.start)
    quarter_at = dict(zip(zip(*(key[three].tolist() for key in keys), strict=True), three.tolist(), strict=True))
    last, nine_months = found.end.tolist(), []
    for year, concept, accession, first_day in zip(years.tolist(), *(key[years].tolist() for key in keys), strict=True):
        quarters: list[int] = []
        day = first_day
        while len(quarters) < 3 and (quarter := quarter_at.get((concept, accession, day))) is not None:
            quarters.append(quarter)
            day = last[quarter] + 1
        if len(quarters) == 3 and shortest_days <= last[year] - day + 1 <= longest_days:
            nine_months.append(quarters)
    if not nine_months:
        return found
    parts = np.array(nine_months, np.int64)
    parts = parts[(found.rank[parts] == found.rank[parts[:, :1]]).all(axis=1)]
    sums = found.taken(parts[:, 0])
    return found.with_rows(replace(sums, end=found.end[parts[:, 2]], value=found.value[parts].sum(axis=1)))


class _Numbers(NamedTuple):
    """Columns of the filed numbers as lists, which single rows are read from."""

    filed: list[int]
    rank: list[int]
    accession: list[int]
    ground: list[int]
    value: list[float]


def _pairs(numbers: _Numbers, longer: range, shorter: range, of_a_year: bool) -> list[Difference]:
    pairs = list(_on_one_basis(numbers, longer, shorter, of_a_year))
    if pairs:
        return pairs
    # No filing holds both and no tag spans both: the first two there are, marked as what they are.
    filed, value, first = numbers.filed, numbers.value, longer[0]
    alike = [row for row in shorter if numbers.ground[row] == numbers.ground[first]]
    if not alike:
        return []
    before = [row for row in alike if filed[row] <= filed[first]]
    partner = before[-1] if before else alike[0]
    known = max(filed[first], filed[partner])
    return [Difference(known, first, partner, value[first] - value[partner], of_a_year, one_basis=False)]


def _on_one_basis(numbers: _Numbers, longer: range, shorter: range, of_a_year: bool) -> Iterator[Difference]:
    """The first report of the longer period with what it builds on, then every restatement of both ends."""
    filed, value = numbers.filed, numbers.value
    said: int | None = None
    for row in longer:
        same_filing, same_tag = _partners(numbers, row, shorter)
        partner = same_tag if same_filing is None else same_filing
        if partner is None:
            continue
        if same_filing is None:
            if said is None and row != longer[0]:
                continue
            if said is not None and value[partner] == value[said]:
                continue
        said = partner
        yield Difference(filed[row], row, partner, value[row] - value[partner], of_a_year, one_basis=True)


def _partners(numbers: _Numbers, row: int, shorter: range) -> tuple[int | None, int | None]:
    """The shorter period in the same filing, and as filed last by then under the same tag."""
    filed, rank, accession, ground = (column[row] for column in numbers[:4])
    same_tag = None
    for other in shorter:
        if numbers.ground[other] != ground:
            continue
        if numbers.accession[other] == accession:
            return other, same_tag
        if numbers.filed[other] <= filed and numbers.rank[other] == rank:
            same_tag = other
    return None, same_tag
