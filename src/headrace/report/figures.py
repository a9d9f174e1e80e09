"""One figure as a page shows it, and sentences made of words and figures.

A figure always knows its status and the receipt it opens; a page has no other way to show a number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from headrace._types import Assumption, ChangeNote, Figure, Interval
from headrace.report.numbers import MINUS, decimals_for, interval, percent, percent_interval, plain
from headrace.report.series import Series
from headrace.variables import table

RECEIPT_OF_RUN = "run"
FILED = "filed_"
"""In front of a variable's name: the receipt of its filed cells."""


@dataclass(frozen=True)
class Shown:
    """A figure on the page.

    Attributes:
        text: The number as written, or a word where it is none.
        value: The same for a program; empty where it is not known.
        interval: Its 90 % interval as written; empty where it has none.
        before: Unit in front, such as ``USD``.
        after: Unit behind, such as ``bn``.
        status: How it is known.
        quality: A, B, C or nothing.
        receipt: Key of the receipt it opens.
        of: What exactly it is: builder, layer, quarter.
    """

    text: str
    value: str
    interval: str
    before: str
    after: str
    status: str
    quality: str
    receipt: str
    of: str


@dataclass(frozen=True)
class Resting:
    """The weakest assumption behind an answer, named in its sentence and linked to its row."""

    name: str
    label: str
    basis: str
    value: Shown


@dataclass(frozen=True)
class Pointer:
    """Words that lead to another place of the page."""

    words: str
    address: str


Part = str | Shown | Resting | Pointer
Sentence = tuple[Part, ...]


def at(series: Series, place: int, receipt: str, unit: str, of: str) -> Shown:
    """The figure of one quarter of a series.

    Args:
        series: The series.
        place: Position of the quarter.
        receipt: Key of its receipt.
        unit: Of the table.
        of: Whose figure it is; the quarter is added.
    """
    median, low, high = _three(series, place)
    status, quality = series.status[place], series.quality[place]
    words = ", ".join(text for text in (of, series.quarters[place]) if text)
    return _shown(median, low, high, unit, status, quality, _opened(series, place, receipt), words)


def column(series: Series, places: Sequence[int], receipt: str, of: str) -> list[Shown]:
    """The figures of several quarters of a series under one heading: no unit, and the same digits in each.

    The digits are those that the most certain of the simulated ones deserves, two at the most.
    """
    simulated = [i for i in places if i >= series.past] or list(places)
    digits = max((decimals_for(*_three(series, i)) for i in simulated), default=0)
    shown = []
    for i in places:
        median, low, high = _three(series, i)
        words = f"{of}, {series.quarters[i]}"
        status, quality = series.status[i], series.quality[i]
        opened = _opened(series, i, receipt)
        shown.append(_shown(median, low, high, "", status, quality, opened, words, decimals=min(digits, 2)))
    return shown


def over_worlds(values: npt.NDArray[np.float64], receipt: str, unit: str, of: str, like: Shown | Series) -> Shown:
    """Median and 90 % interval of one value a world; status and quality are those of what it was read from."""
    low, median, high = (float(level) for level in np.quantile(values, (0.05, 0.5, 0.95)))
    status, quality = (like.status, like.quality) if isinstance(like, Shown) else (like.status[-1], like.quality[-1])
    return _shown(median, low, high, unit, str(status), str(quality), receipt, of)


def share(condition: npt.NDArray[np.bool_] | float, receipt: str, of: str, quality: str) -> Shown:
    """The share of worlds in which something holds, as per cent."""
    value = float(np.mean(condition))
    text = percent(value)
    status = "scenario" if np.isfinite(value) else "unresolved"
    return Shown(text, _machine(value), "", "", "", status, quality, receipt, of)


def portion(series: Series, place: int, receipt: str, of: str) -> Shown:
    """The share that a series holds in one quarter, as per cent with its interval.

    Args:
        series: A share of 0 to 1.
        place: Position of the quarter.
        receipt: Key of its receipt.
        of: Whose share it is; the quarter is added.
    """
    median, low, high = _three(series, place)
    status, quality = series.status[place], series.quality[place]
    words = f"{of}, {series.quarters[place]}"
    return Shown(
        percent(median), _machine(median), percent_interval(low, high), "", "", status, quality, receipt, words
    )


def factor(logarithms: npt.NDArray[np.float64], receipt: str, of: str, quality: str) -> Shown:
    """A factor from its logarithm in every world: the geometric mean over worlds and the 90 % interval."""
    low, high = (float(level) for level in np.exp(np.quantile(logarithms, (0.05, 0.95))))
    return _shown(float(np.exp(logarithms.mean())), low, high, "1", "scenario", quality, receipt, of)


def of_figure(figure: Figure) -> Shown:
    """A figure of the service."""
    if figure.text:
        text, _, span = figure.text.partition(" [")
        low, _, high = span.rstrip("]").partition(" - ")
        interval_text = f"{low} – {high}" if low != high else ""
        text = text.replace("%", "\N{NO-BREAK SPACE}%")
        return Shown(
            text, _machine(figure.median), interval_text, "", "", figure.status, figure.quality, figure.variable,
            figure.label,
        )  # fmt: skip
    if figure.unit == "1" and figure.key in _SHARES:
        return share(figure.median, figure.variable, figure.label, figure.quality)
    return _shown(
        figure.median,
        figure.low,
        figure.high,
        figure.unit,
        figure.status,
        figure.quality,
        figure.variable,
        figure.label,
    )


def of_assumption(row: Assumption) -> Shown:
    """The value of a parameter, as its table has it."""
    status = STATUS_OF_BASIS.get(row.basis, "estimated")
    text, span, unit = _read(row.value)
    return Shown(text, _machine(row.median), span, "", unit, status, row.quality, row.name, row.label)


def change_of(note: ChangeNote) -> Shown:
    """By how much a run changes a parameter: held at a value, multiplied or added to."""
    sign = MINUS if note.amount < 0 else "+" if note.action == "added" else ""
    before = {"held": "held at", "multiplied": "×", "added": ""}[note.action]
    unit = "" if note.action == "multiplied" else _unit(note.unit)
    text = f"{sign}{abs(note.amount):g}"
    return Shown(text, _machine(note.amount), "", before, unit, "scenario", "", note.names[0], note.label)


def usually(note: ChangeNote) -> str:
    """What a changed parameter is otherwise, in words; nothing where several differ in it."""
    text, span, unit = _read(note.usual)
    return " ".join(part for part in (text, f"[{span}]" if span else "", unit) if part)


def resting(row: Assumption) -> Resting:
    """An assumption as a sentence names it."""
    group = row.name.split(".")[0].replace("_", " ")
    return Resting(row.name, f"{row.label} ({group})", row.basis, of_assumption(row))


def between(held: Interval, decimals: int, status: str, quality: str, receipt: str, of: str) -> Shown:
    """A number with its interval in a column that names the unit once."""
    return _shown(held.median, held.low, held.high, "", status, quality, receipt, of, decimals=decimals)


STATUS_OF_BASIS = {
    "filing": "reported",
    "statute": "reported",
    "published": "reported",
    "derived": "derived",
    "fitted": "derived",
    "judgement": "estimated",
}
"""The badge of a parameter, by how it is known."""

_NUMBER = r"(-?\d[\d.]*(?:,\d{3})*(?:e[-+]?\d+)?)"
_VALUE = re.compile(rf"{_NUMBER}(?: \[{_NUMBER} - {_NUMBER}\])?(?: ([^\[\]]*))?")

_PLURALS = {"quarter": "quarters", "year": "years", "1/quarter": "a quarter", "1/year": "a year", "1": ""}

_SHARES = {"covered_already", "never_covered"}

_UNITS = {"USD bn": ("USD", "bn"), "GW": ("", "GW"), "1": ("", ""), "GW/quarter": ("", "GW a quarter")}


def _read(text: str) -> tuple[str, str, str]:
    """Number, interval and unit of a value as a table of parameters writes it."""
    match = _VALUE.fullmatch(text)
    number, low, high, rest = match.groups(default="") if match else (text, "", "", "")
    number, low, high = (re.sub("^-", MINUS, part) for part in (number, low, high))
    span = f"{low}{' to ' if MINUS in low + high else '–'}{high}" if high else ""
    return number, span, _unit(rest)


def _unit(name: str) -> str:
    return _PLURALS.get(name, name.replace("/quarter", " a quarter"))


def _opened(series: Series, place: int, receipt: str) -> str:
    """A filed cell opens the receipt of the filings; everything derived keeps its own."""
    filed = place < series.past and receipt in table() and not np.isnan(series.median[place])
    return FILED + receipt if filed else receipt


def _three(series: Series, place: int) -> tuple[float, float, float]:
    return float(series.median[place]), float(series.low[place]), float(series.high[place])


def _shown(
    median: float,
    low: float,
    high: float,
    unit: str,
    status: str,
    quality: str,
    receipt: str,
    of: str,
    *,
    decimals: int | None = None,
) -> Shown:
    if decimals is None:
        decimals = max(2 if unit == "1" else 0, decimals_for(median, low, high))
    before, after = _UNITS.get(unit, ("", unit))
    known = not np.isnan(median)
    return Shown(
        text=plain(median, decimals),
        value=_machine(median),
        interval=interval(low, high, decimals),
        before=before,
        after=after,
        status=status if known else "unresolved",
        quality=quality if known else "",
        receipt=receipt,
        of=of,
    )


def _machine(value: float) -> str:
    return f"{value:.6g}" if np.isfinite(value) else ""
