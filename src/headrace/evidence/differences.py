"""Quarters that nobody filed as such: a year to date less the year to date before it.

Both ends of a difference must stand on one basis. A restated year counts only where the nine months under it stand in
the same filing or were restated too: new rules often reach the year in one report and the nine months in none.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from headrace.evidence.filed_series import Period, Series, Vintage

_DAY = dt.timedelta(days=1)
_SHORTEST_YEAR = 350


class Difference(NamedTuple):
    """One quarter as the difference of two filed periods, known from the day both were filed."""

    filed: dt.date
    longer: Vintage
    shorter: Vintage
    of_a_year: bool
    one_basis: bool

    @property
    def value(self) -> float:
        """The quarter, in the unit of both."""
        return self.longer.value - self.shorter.value


def differences(series: Series, shortest_days: int, longest_days: int) -> dict[Period, list[Difference]]:
    """Every quarter that two filed periods with one first day leave between them, first known first.

    Args:
        series: Vintages by period.
        shortest_days: Fewest days of a quarter.
        longest_days: Most days of a quarter.
    """
    ends_of: dict[dt.date, list[dt.date]] = defaultdict(list)
    for period in series:
        if period.start is not None:
            ends_of[period.start].append(period.end)
    found: dict[Period, list[Difference]] = {}
    for start, ends in ends_of.items():
        for longer in ends:
            for shorter in ends:
                if shortest_days <= (longer - shorter).days <= longest_days:
                    of_a_year = (longer - start).days >= _SHORTEST_YEAR
                    pairs = _pairs(series[Period(start, longer)], series[Period(start, shorter)], of_a_year)
                    if pairs:
                        found.setdefault(Period(shorter + _DAY, longer), []).extend(pairs)
    return {period: sorted(pairs, key=lambda pair: pair.filed) for period, pairs in found.items()}


def _pairs(longer: list[Vintage], shorter: list[Vintage], of_a_year: bool) -> list[Difference]:
    pairs = list(_on_one_basis(longer, shorter, of_a_year))
    if pairs:
        return pairs
    # No filing holds both and no tag spans both: the first two there are, marked as what they are.
    first = longer[0]
    before = [vintage for vintage in shorter if vintage.filed <= first.filed]
    partner = before[-1] if before else shorter[0]
    return [Difference(max(first.filed, partner.filed), first, partner, of_a_year, one_basis=False)]


def _on_one_basis(longer: list[Vintage], shorter: list[Vintage], of_a_year: bool) -> Iterator[Difference]:
    """The first report of the longer period with what it builds on, then every restatement of both ends."""
    said: Difference | None = None
    for vintage in longer:
        same_filing = next((other for other in shorter if other.accession == vintage.accession), None)
        partner = same_filing or _latest_under_same_tag(vintage, shorter)
        if partner is None:
            continue
        if same_filing is None:
            if said is None and vintage is not longer[0]:
                continue
            if said is not None and partner.value == said.shorter.value:
                continue
        said = Difference(vintage.filed, vintage, partner, of_a_year, one_basis=True)
        yield said


def _latest_under_same_tag(vintage: Vintage, shorter: list[Vintage]) -> Vintage | None:
    by_then = [other for other in shorter if other.rank == vintage.rank and other.filed <= vintage.filed]
    return by_then[-1] if by_then else None
