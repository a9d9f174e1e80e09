"""Which filed numbers cannot be right beside their neighbours: thousands filed as units, parts tagged as the whole.

A number is judged by its rate per day, so that quarters and years can be compared. It is refused only where the filings
before and after agree that it is off, or another report of the same figure says so; a mere surprise is only named.
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import median

import numpy as np
import numpy.typing as npt

from headrace.evidence.filings.filed_numbers import FiledNumbers, Rival, Tell, first_of

SCALE = 300.0
"""Off by this factor or more is off by a power of a thousand: no business grows so between two quarters and back."""

PART = 5.0
"""Two tags of one filing that differ by this factor are not two names of one figure: one is a part of the other."""

_ROUNDS = 4
"""Wrong numbers hide one another: what is left after some went is looked at again."""

_NOTHING = 1e-30
_NEIGHBOURS = 4
_WINDOW_DAYS = 730


def settle_rivals(found: FiledNumbers, rivals: list[Rival], note: Tell) -> FiledNumbers:
    """The numbers with a part replaced by the whole, where the first tag of a filing holds only a part.

    The years around say which of the two it is, as far as no other tag disputes them; else the larger is the whole.

    Args:
        found: The numbers of a document, by the first tag of each filing.
        rivals: What later tags of the same filing say.
        note: Told how often tags of a concept disagree, and of every replacement.
    """
    if not rivals:
        return found
    last: dict[int, Rival] = {}
    for rival in rivals:
        last[int(found.concept[rival.row])] = rival
    for concept, rival in last.items():
        times = sum(1 for other in rivals if found.concept[other.row] == concept)
        text = f"{times} times in one filing; last {found.value[rival.row]:,.0f} against {rival.value:,.0f}"
        note("tags_disagree", concept, found.where(rival.row), text)
    disputed = [rival for rival in rivals if _factor(rival.value, found.value[rival.row]) >= PART]
    if not disputed:
        return found
    value, rank = found.value.copy(), found.rank.copy()
    value[[rival.row for rival in disputed]] = 0
    rates = _Rates(replace(found, value=value))
    value = found.value.copy()
    for rival in disputed:
        row, concept = rival.row, int(found.concept[rival.row])
        if _is_the_whole(rival.value, value[row], rates.beside(row), rates.days[row], found.concepts[concept].sign):
            text = f"{value[row]:,.0f} is {PART:g} times smaller, or off its neighbours; {rival.value:,.0f} is taken"
            note("tags_disagree", concept, found.where(row), text)
            value[row], rank[row] = rival.value, rival.rank
    return replace(found, value=value, rank=rank)


def _is_the_whole(rival: float, first: float, expected: float | None, days: int, sign: str) -> bool:
    """Whether a later tag of a filing holds the figure and the first one a part of it."""
    if expected is not None:
        off, off_rival = _factor(first / days, expected), _factor(rival / days, expected)
        return off >= PART and off_rival * PART <= off
    return sign != "any" and first > 0 and PART <= rival / first < SCALE


def without_scale_errors(found: FiledNumbers, refuse: Tell, note: Tell) -> FiledNumbers:
    """The numbers less those in the wrong power of a thousand.

    Args:
        found: The numbers of a document.
        refuse: Told of every number left out.
        note: Told of numbers that look wrong where nothing confirms it.
    """
    found = _without_false_reports(found, refuse)
    outliers: list[tuple[int, str, str]] = []
    for _ in range(_ROUNDS):
        outliers = []
        rates, wrong = _Rates(found), np.zeros(len(found), np.bool_)
        surprising = rates.surprising()
        for row in np.flatnonzero(surprising):
            verdict = rates.verdict(int(row), surprising)
            concept, where, value = int(found.concept[row]), found.where(row), f"{found.value[row]:,.0f}"
            if verdict == "outlier":
                outliers.append((concept, where, f"{value} is {SCALE:g} times off the filings beside it, or more"))
            elif verdict == "scale":
                refuse("scale", concept, where, f"{value} is {SCALE:g} times off the filings around it, or more")
                wrong[row] = True
        if not wrong.any():
            break
        found = found.taken(~wrong)
    for outlier in outliers:
        note("outlier", *outlier)
    return found


def _without_false_reports(found: FiledNumbers, refuse: Tell) -> FiledNumbers:
    """The numbers less those that another report of the same period gives in another power of a thousand.

    Which of the two is off is for all years to say, not for the neighbours: who errs once errs for some reports.
    """
    size = np.abs(found.value)
    larger, smaller = np.maximum(size[1:], size[:-1]), np.minimum(size[1:], size[:-1])
    again = np.flatnonzero((larger >= SCALE * smaller) & (smaller > 0) & ~first_of(found.period)[1:])
    if not len(again):
        return found
    rates = _Rates(found)
    wrong = np.zeros(len(found), np.bool_)
    for row in np.unique([again, again + 1]):
        if rates.off(row, rates.middle[rates.concept == found.concept[row]].tolist()):
            text = f"{found.value[row]:,.0f} is {SCALE:g} times off another report of the same, and off all other years"
            refuse("scale", int(found.concept[row]), found.where(row), text)
            wrong[row] = True
    return found.taken(~wrong)


def without_misdated(found: FiledNumbers, shortest_days: int, longest_days: int, refuse: Tell) -> FiledNumbers:
    """The numbers less a year's figure under the dates of a quarter, or a quarter's under those of a longer period.

    One number for a quarter and for a longer period with the same last day is right for one of the two: the one that
    goes with the rates around it. Both stay where nothing happened in the rest of the longer period.

    Args:
        found: The numbers of a document. Averages over a period, which do not add up, are let be.
        shortest_days: Fewest days of a quarter.
        longest_days: Most days of a quarter.
        refuse: Told of every number left out.
    """
    additive = np.array([concept.additive for concept in found.concepts], np.bool_)
    flow = np.flatnonzero((found.start > 0) & (found.value != 0) & additive[found.concept])
    last_day = found.concept << 32 | found.end
    order = flow[np.lexsort((found.start[flow], found.value[flow], last_day[flow]))]
    same = ~first_of(last_day[order], found.value[order]) & first_of(found.start[order])
    if not same.any():
        return found
    rates = _Rates(found)
    wrong = np.zeros(len(found), np.bool_)
    for place in np.flatnonzero(same):
        longer, quarter = int(order[place - 1]), int(order[place])
        if not shortest_days <= rates.days[quarter] <= longest_days:
            continue
        if rates.days[longer] < shortest_days + rates.days[quarter] or _nothing_before(found, longer, quarter):
            continue
        misdated = _misdated(longer, quarter, rates)
        alike = (found.concept == found.concept[misdated]) & (found.value == found.value[misdated])
        wrong |= alike & (found.start == found.start[misdated]) & (found.end == found.end[misdated])
    for row in np.flatnonzero(wrong):
        text = f"{found.value[row]:,.0f} is the figure of another period with the same last day"
        refuse("year_in_quarter_context", int(found.concept[row]), found.where(row), text)
    return found.taken(~wrong)


def _nothing_before(found: FiledNumbers, longer: int, quarter: int) -> bool:
    """Whether the longer period less the quarter was filed, and as nothing."""
    rest = (found.concept == found.concept[longer]) & (found.start == found.start[longer])
    return bool((rest & (found.end == found.start[quarter] - 1) & (found.value == 0)).any())


def _misdated(longer: int, quarter: int, rates: _Rates) -> int:
    usual = rates.beside(quarter)
    if usual is None or _factor(rates.rate[longer], usual) <= _factor(rates.rate[quarter], usual):
        return quarter
    return longer


class _Rates:
    """What a concept amounts to per day, number by number and, as a median, by the last day of its periods.

    Levels and averages are what they are, whatever the period.
    """

    def __init__(self, found: FiledNumbers) -> None:
        self.found = found
        additive = np.array([concept.additive for concept in found.concepts], np.bool_)[found.concept]
        self.days = np.where((found.start > 0) & additive, found.end - found.start + 1, 1)
        self.rate = np.abs(found.value) / self.days
        self.small_is_wrong = np.array([not concept.may_vanish for concept in found.concepts], np.bool_)[found.concept]
        filed = np.flatnonzero(found.value != 0)
        last_day = (found.concept << 32 | found.end)[filed]
        order = np.lexsort((self.rate[filed], last_day))
        new = first_of(last_day[order])
        order = filed[order]
        begins = np.flatnonzero(new)
        counts = np.append(begins[1:], len(order)) - begins
        # One place for each concept and last day, with the middle of its rates.
        self.concept, self.end = found.concept[order[begins]], found.end[order[begins]]
        self.middle = self.rate[order[begins + (counts - 1) // 2]] if len(order) else self.rate[:0]
        self.place = np.full(len(found), -1)
        self.place[order] = np.cumsum(new) - 1

    def surprising(self) -> npt.NDArray[np.bool_]:
        """Whether a number is far from what was filed for the days before or after; cheap, and says nothing final."""
        far = np.zeros(len(self.found), np.bool_)
        rows = np.flatnonzero(self.place >= 0)
        for step in (-1, 1):
            beside = self.place[rows] + step
            inside = (beside >= 0) & (beside < len(self.middle))
            at, near = rows[inside], beside[inside]
            alike = self.concept[near] == self.found.concept[at]
            at, near = at[alike], near[alike]
            rate, usual = self.rate[at], self.middle[near]
            far[at] |= (3 * rate >= SCALE * usual) | (self.small_is_wrong[at] & (SCALE * rate <= 3 * usual))
        return far

    def verdict(self, row: int, surprising: npt.NDArray[np.bool_]) -> str | None:
        """``scale`` where both sides or another report confirm it, ``outlier`` where one side alone says so."""
        off = [self.off(row, side) for side in self._sides(row)]
        if all(side is True for side in off):
            return "scale"
        if not any(side is True for side in off):
            return None
        same = (self.found.concept == self.found.concept[row]) & (self.found.start == self.found.start[row])
        reports = np.flatnonzero(same & (self.found.end == self.found.end[row]) & ~surprising)
        confirmed = any(_factor(self.rate[row], self.rate[other]) >= SCALE for other in reports if self.rate[other])
        return "scale" if confirmed else "outlier"

    def beside(self, row: int) -> float | None:
        """The usual rate around a number."""
        near = [rate for side in self._sides(row) for rate in side]
        return median(near) if len(near) >= 3 else None

    def off(self, row: int, side: list[float]) -> bool | None:
        """Whether a number is off one side; ``None`` where that side is too short to say."""
        if len(side) < 2:
            return None
        rate, usual = self.rate[row], median(side)
        return bool(rate >= SCALE * usual or (self.small_is_wrong[row] and SCALE * rate <= usual))

    def _sides(self, row: int) -> tuple[list[float], list[float]]:
        concept, end = self.found.concept[row], self.found.end[row]
        first, last = np.searchsorted(self.concept, [concept, concept + 1])
        ends = self.end[first:last]
        before, after = first + np.searchsorted(ends, end), first + np.searchsorted(ends, end, side="right")
        sides = (np.arange(max(first, before - _NEIGHBOURS), before), np.arange(after, min(last, after + _NEIGHBOURS)))
        near = [side[np.abs(self.end[side] - end) <= _WINDOW_DAYS] for side in sides]
        return self.middle[near[0]].tolist(), self.middle[near[1]].tolist()


def _factor(one: float, other: float) -> float:
    small, large = sorted((abs(one), abs(other)))
    return large / small if small > large * _NOTHING else math.inf
