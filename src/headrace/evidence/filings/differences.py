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
import numpy.typing as npt

from headrace.evidence.filings.filed_numbers import FiledNumbers, Tell, period_of, span

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
    row_of, bounds = begins.tolist(), [*begins[1:].tolist(), len(found)]
    concept, start, end = (column[begins].tolist() for column in (found.concept, found.start, found.end))
    columns = (found.filed, found.rank, found.accession, found.ground, found.value)
    numbers = _Numbers(*(column.tolist() for column in columns))
    quarters: dict[Quarter, list[Difference]] = {}
    for longer, shorter, filed_itself in _candidates(found, begins, shortest_days, longest_days):
        rows = range(row_of[longer], bounds[longer]), range(row_of[shorter], bounds[shorter])
        pairs = _pairs(numbers, *rows, end[longer] - start[longer] >= SHORTEST_YEAR_DAYS)
        quarter = (concept[longer], end[shorter] + 1, end[longer])
        known = numbers.filed[filed_itself] if filed_itself >= 0 else None
        before = [pair for pair in pairs if known is None or pair.filed < known]
        if before:
            quarters.setdefault(quarter, []).extend(before)
        elif not pairs and known is None:
            text = f"{found.where(row_of[longer])} and {found.where(row_of[shorter])} are not about the same"
            refuse("mixed_filings", quarter[0], span(*quarter[1:]), text)
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
    flow = (found.start > 0) & _additive(found)
    report = found.concept * len(found.accessions) + found.accession
    is_year = flow & (days >= SHORTEST_YEAR_DAYS)
    is_quarter = flow & (days <= longest_days) & (days >= shortest_days)
    reports = len(found.concepts) * len(found.accessions)
    whole = (np.bincount(report[is_year], minlength=reports) > 0) & (
        np.bincount(report[is_quarter], minlength=reports) >= 3
    )
    years, three = (np.flatnonzero(rows & whole[report]) for rows in (is_year, is_quarter))
    if not len(years):
        return found
    start, end = found.start.tolist(), found.end.tolist()
    quarter_at = {(of, start[row]): row for row, of in zip(three.tolist(), report[three].tolist(), strict=True)}
    nine_months = []
    for year, of in zip(years.tolist(), report[years].tolist(), strict=True):
        quarters: list[int] = []
        day = start[year]
        while len(quarters) < 3 and (quarter := quarter_at.get((of, day))) is not None:
            quarters.append(quarter)
            day = end[quarter] + 1
        if len(quarters) == 3 and shortest_days <= end[year] - day + 1 <= longest_days:
            nine_months.append(quarters)
    if not nine_months:
        return found
    parts = np.array(nine_months, np.int64)
    parts = parts[(found.rank[parts] == found.rank[parts[:, :1]]).all(axis=1)]
    sums = found.taken(parts[:, 0])
    return found.with_rows(replace(sums, end=found.end[parts[:, 2]], value=found.value[parts].sum(axis=1)))


def _candidates(
    found: FiledNumbers, begins: npt.NDArray[np.int64], shortest_days: int, longest_days: int
) -> list[tuple[int, int, int]]:
    """Periods with one first day and a quarter between their last days, unless the quarter was filed before them.

    Returns:
        Places of the longer and the shorter period among ``begins``, and the row where the quarter itself was first
        filed, below 0 where it never was.
    """
    flow = begins[(found.start[begins] > 0) & _additive(found)[begins]]
    if not len(flow):
        return []
    family = found.concept[flow] << 32 | found.start[flow]
    order = flow[np.lexsort((found.end[flow], family))]
    family, end = found.concept[order] << 32 | found.start[order], found.end[order]
    pairs = []
    for step in range(1, len(order)):
        same = family[step:] == family[:-step]
        if not same.any():
            break
        days = end[step:] - end[:-step]
        place = np.flatnonzero(same & (days >= shortest_days) & (days <= longest_days))
        pairs.append((order[place + step], order[place]))
    longer, shorter = (np.concatenate([pair[side] for pair in pairs] or [flow[:0]]) for side in (0, 1))
    quarter = period_of(found.concept[longer], found.end[shorter] + 1, found.end[longer])
    period = found.period[begins]
    itself = np.searchsorted(period, quarter).clip(max=len(period) - 1)
    filed_itself = np.where(period[itself] == quarter, begins[itself], -1)
    open_yet = (filed_itself < 0) | (found.filed[filed_itself] > found.filed[longer])
    places = np.searchsorted(begins, longer), np.searchsorted(begins, shorter), filed_itself
    return list(zip(*(column[open_yet].tolist() for column in places), strict=True))


def _additive(found: FiledNumbers) -> npt.NDArray[np.bool_]:
    return np.array([concept.additive for concept in found.concepts], np.bool_)[found.concept]


class _Numbers(NamedTuple):
    """Columns of the filed numbers as lists, which single rows are read from."""

    filed: list[int]
    rank: list[int]
    accession: list[int]
    ground: list[int]
    value: list[float]


def _pairs(numbers: _Numbers, longer: range, shorter: range, of_a_year: bool) -> list[Difference]:
    pairs = list(_on_one_basis(numbers, longer, shorter, of_a_year))
    filed, value, first = numbers.filed, numbers.value, longer[0]
    if pairs and pairs[0].filed == filed[first]:
        return pairs
    # Until a filing holds both or a tag spans both: the first two there are, marked as what they are.
    alike = [row for row in shorter if numbers.ground[row] == numbers.ground[first]]
    if not alike:
        return pairs
    before = [row for row in alike if filed[row] <= filed[first]]
    partner = before[-1] if before else alike[0]
    known = max(filed[first], filed[partner])
    if pairs and pairs[0].filed <= known:
        return pairs
    return [Difference(known, first, partner, value[first] - value[partner], of_a_year, one_basis=False), *pairs]


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
    filed, rank, accession, ground, _ = numbers
    this_filed, this_rank, this_accession, this_ground = filed[row], rank[row], accession[row], ground[row]
    same_tag = None
    for other in shorter:
        if ground[other] != this_ground:
            continue
        if accession[other] == this_accession:
            return other, same_tag
        if filed[other] <= this_filed and rank[other] == this_rank:
            same_tag = other
    return None, same_tag
