"""Which filed numbers cannot be right beside their neighbours: thousands filed as units, parts tagged as the whole.

A number is judged by its rate per day, so that quarters and years can be compared. It is refused only where the filings
before and after agree that it is off, or another report of the same figure says so; a mere surprise is only named.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_left
from statistics import median

from headrace.evidence.filed_series import Period, Rivals, Series, Tell, Vintage, span

SCALE = 300.0
"""Off by this factor or more is off by a power of a thousand: no business grows so between two quarters and back."""

PART = 5.0
"""Two tags of one filing that differ by this factor are not two names of one figure: one is a part of the other."""

_NEIGHBOURS = 4
_WINDOW = dt.timedelta(days=730)


def without_scale_errors(series: Series, may_vanish: bool, refuse: Tell, note: Tell) -> Series:
    """The series without numbers in the wrong power of a thousand.

    Args:
        series: Vintages by period.
        may_vanish: Whether the concept may come close to zero; then nothing is too small.
        refuse: Told of every number left out.
        note: Told of numbers that look wrong where nothing confirms it.
    """
    rates = _Rates(series)
    kept: Series = {}
    for period, vintages in series.items():
        doubtful = [vintage for vintage in vintages if rates.surprising(period, vintage.value, may_vanish)]
        if not doubtful:
            kept[period] = vintages
            continue
        right = []
        for vintage in vintages:
            verdict = rates.verdict(period, vintage, vintages, may_vanish) if vintage in doubtful else None
            where = f"{span(period)} in {vintage.accession}"
            if verdict == "scale":
                refuse("scale", where, f"{vintage.value:,} is {SCALE:g} times off the filings around it, or more")
                continue
            if verdict == "outlier":
                note("outlier", where, f"{vintage.value:,} is {SCALE:g} times off the filings beside it, or more")
            right.append(vintage)
        if right:
            kept[period] = right
    return kept


def without_misdated(series: Series, shortest_days: int, longest_days: int, refuse: Tell) -> Series:
    """The series without a year's figure under the dates of a quarter, or a quarter's under those of a longer period.

    One number for a quarter and for a longer period with the same last day is right for one of the two: the one that
    goes with the rates around it. Both stay where nothing happened in the rest of the longer period.

    Args:
        series: Vintages by period, of a concept that adds up over time.
        shortest_days: Fewest days of a quarter.
        longest_days: Most days of a quarter.
        refuse: Told of every number left out.
    """
    by_end: dict[dt.date, list[Period]] = {}
    for period in series:
        if period.start is not None:
            by_end.setdefault(period.end, []).append(period)
    wrong: set[tuple[Period, float]] = set()
    rates: _Rates | None = None
    for periods in by_end.values():
        quarters = [period for period in periods if shortest_days <= _days(period) <= longest_days]
        for quarter in quarters:
            for longer in periods:
                if _days(longer) < shortest_days + _days(quarter):
                    continue
                for value in _values(series, quarter) & _values(series, longer):
                    if value == 0 or _nothing_before(series, longer, quarter):
                        continue
                    rates = rates or _Rates(series)
                    wrong.add((_misdated(quarter, longer, value, rates), value))
    if not wrong:
        return series
    kept: Series = {}
    for period, vintages in series.items():
        right = [vintage for vintage in vintages if (period, vintage.value) not in wrong]
        for vintage in vintages:
            if (period, vintage.value) in wrong:
                text = f"{vintage.value:,} is the figure of another period with the same last day"
                refuse("year_in_quarter_context", f"{span(period)} in {vintage.accession}", text)
        if right:
            kept[period] = right
    return kept


def settle_rivals(series: Series, rivals: Rivals, note: Tell) -> Series:
    """The series with a part replaced by the whole, where the first tag of a filing holds only a part.

    Args:
        series: Vintages by period, of the first tag of each filing.
        rivals: What later tags of the same filing say.
        note: Told how often tags disagree, and of every replacement.
    """
    if not rivals:
        return series
    rates = _Rates(series)
    for (period, accession), others in rivals.items():
        vintages = series.get(period, [])
        place = next((at for at, vintage in enumerate(vintages) if vintage.accession == accession), None)
        if place is None:
            continue
        said, expected = vintages[place], rates.beside(period)
        if expected is None or _factor(_rate(period, said.value), expected) < PART:
            continue
        better = min(others, key=lambda other: _factor(_rate(period, other.value), expected))
        if _factor(_rate(period, better.value), expected) * PART <= _factor(_rate(period, said.value), expected):
            text = (
                f"{said.value:,} is {PART:g} times off its neighbours or more; {better.value:,} of another tag is taken"
            )
            note("tags_disagree", f"{span(period)} in {accession}", text)
            vintages[place] = better
    return series


def _values(series: Series, period: Period) -> set[float]:
    return {vintage.value for vintage in series[period]}


def _nothing_before(series: Series, longer: Period, quarter: Period) -> bool:
    """Whether the longer period less the quarter was filed, and as nothing."""
    assert quarter.start is not None
    rest = series.get(Period(longer.start, quarter.start - dt.timedelta(days=1)), [])
    return any(vintage.value == 0 for vintage in rest)


def _misdated(quarter: Period, longer: Period, value: float, rates: _Rates) -> Period:
    usual = rates.beside(quarter)
    if usual is None or _factor(_rate(longer, value), usual) <= _factor(_rate(quarter, value), usual):
        return quarter
    return longer


class _Rates:
    """What a concept amounts to per day, by the last day of its periods."""

    def __init__(self, series: Series) -> None:
        by_end: dict[dt.date, list[float]] = {}
        for period, vintages in series.items():
            rates = [abs(_rate(period, vintage.value)) for vintage in vintages if vintage.value]
            if rates:
                by_end.setdefault(period.end, []).append(median(rates))
        self.ends = sorted(by_end)
        self.rates = [median(by_end[end]) for end in self.ends]

    def surprising(self, period: Period, value: float, may_vanish: bool) -> bool:
        """Whether a value is far from the period before or the one after; cheap, and says nothing final."""
        rate = abs(_rate(period, value))
        if rate == 0 or len(self.ends) < 3:
            return False
        at = bisect_left(self.ends, period.end)
        after = at + 1 if at < len(self.ends) and self.ends[at] == period.end else at
        limit = SCALE / 3
        for place in (at - 1, after):
            if 0 <= place < len(self.ends):
                ratio = rate / self.rates[place]
                if ratio >= limit or (not may_vanish and ratio <= 1 / limit):
                    return True
        return False

    def verdict(self, period: Period, vintage: Vintage, vintages: list[Vintage], may_vanish: bool) -> str | None:
        """``scale`` where both sides or another report confirm it, ``outlier`` where one side alone says so."""
        rate = abs(_rate(period, vintage.value))
        off = [self._off(rate, side, may_vanish) for side in self._sides(period)]
        if all(side is True for side in off):
            return "scale"
        if not any(side is True for side in off):
            return None
        other_report = any(
            other.value
            and _factor(rate, abs(_rate(period, other.value))) >= SCALE
            and not self.surprising(period, other.value, may_vanish)
            for other in vintages
        )
        return "scale" if other_report else "outlier"

    def beside(self, period: Period) -> float | None:
        """The usual rate around a period."""
        near = [rate for side in self._sides(period) for rate in side]
        return median(near) if len(near) >= 3 else None

    def _sides(self, period: Period) -> tuple[list[float], list[float]]:
        at = bisect_left(self.ends, period.end)
        after = at + 1 if at < len(self.ends) and self.ends[at] == period.end else at
        before = [
            self.rates[place]
            for place in range(max(0, at - _NEIGHBOURS), at)
            if period.end - self.ends[place] <= _WINDOW
        ]
        later = [
            self.rates[place]
            for place in range(after, min(len(self.ends), after + _NEIGHBOURS))
            if self.ends[place] - period.end <= _WINDOW
        ]
        return before, later

    def _off(self, rate: float, side: list[float], may_vanish: bool) -> bool | None:
        """Whether a rate is off one side; ``None`` where that side is too short to say."""
        if len(side) < 2:
            return None
        ratio = rate / median(side)
        return ratio >= SCALE or (not may_vanish and ratio <= 1 / SCALE)


def _rate(period: Period, value: float) -> float:
    return value if period.start is None else value / _days(period)


def _days(period: Period) -> int:
    return 0 if period.start is None else (period.end - period.start).days + 1


def _factor(one: float, other: float) -> float:
    if one == 0 or other == 0:
        return math.inf
    ratio = abs(one / other)
    return max(ratio, 1 / ratio)
