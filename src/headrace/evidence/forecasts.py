"""What others forecast, as they said it on each date: ``data/forecasts.toml``, and files of the same form.

A forecast is the sum of the companies it names. Where it names none it says in a word whom or what it means, and no sum
of ours is set against it.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from headrace.errors import EvidenceError, near_matches
from headrace.evidence import forecast_measures, universe
from headrace.evidence.handed_over import text_of
from headrace.periods import parse_date, quarter_index, quarter_of_flow, quarter_range

MOST_BYTES = 1_000_000
"""Of a file of forecasts: some four thousand of them."""

_SHIPPED = "forecasts.toml"
_DAYS_OF_A_QUARTER = dt.timedelta(days=91)
_YEARS = range(1950, 2151)
_MOST, _LEAST = 1e12, 1e-9
_SHOWN_LETTERS = 80
_EXAMPLES: Mapping[type, str] = {str: "a line of text", bool: "true or false", dt.date: "a date, such as 2026-08-31"}


@dataclass(frozen=True)
class Forecast:
    """One forecast as known from the day it was announced.

    ``low`` and ``high`` are the ends of a range, ``point`` a single number, in ``unit``, which is that of the measure.
    ``members`` are slugs of ``universe.toml``; ``coverage`` says whom or what a forecast without members means.
    ``derivation`` says how the number follows where the page does not show it; ``ledger`` where the row stands.
    """

    who: str
    announced: dt.date
    measure: str
    unit: str
    period: str
    target_start: dt.date
    target_end: dt.date
    quality: str
    source_url: str
    members: tuple[str, ...] = ()
    coverage: str = ""
    low: float | None = None
    point: float | None = None
    high: float | None = None
    day_approximate: bool = False
    derivation: str = ""
    ledger: str = _SHIPPED

    @property
    def value(self) -> float:
        """The point, or the middle of the range, or its one end."""
        if self.point is not None:
            return self.point
        ends = [end for end in (self.low, self.high) if end is not None]
        return sum(ends) / len(ends)

    @property
    def quarters(self) -> tuple[str, ...]:
        """Calendar quarters of the period, by the rule that gives a filed quarter its own."""
        first = quarter_of_flow(self.target_start, self.target_start + _DAYS_OF_A_QUARTER)
        last = quarter_of_flow(self.target_end - _DAYS_OF_A_QUARTER, self.target_end)
        return tuple(quarter_range(first, quarter_index(last) - quarter_index(first) + 1))


_FIELDS = {field.name: field for field in fields(Forecast) if field.name != "ledger"}
_TEXTS = ("who", "measure", "unit", "period", "quality", "source_url", "coverage", "derivation")
_DATES = ("announced", "target_start", "target_end")
_NUMBERS = ("low", "point", "high")


def load(as_of: str | None = None, added: Path | None = None) -> tuple[Forecast, ...]:
    """Every forecast, in order of the day it was announced.

    Args:
        as_of: ISO date: only what had been announced by then; everything when left out.
        added: A file of the same form whose rows stand beside those that ship.

    Raises:
        PeriodError: ``as_of`` is no date.
        EvidenceError: A row breaks the schema or says what another one says, or ``added`` cannot be read.
    """
    day = dt.date.max if as_of is None else parse_date(as_of, "as_of")
    rows = _load() if added is None else _in_order([*_load(), *_handed_over(added)])
    return tuple(forecast for forecast in rows if forecast.announced <= day)


def read_forecasts(text: str, ledger: str = _SHIPPED) -> tuple[Forecast, ...]:
    """The forecasts in ``text``, in order of the day they were announced.

    Args:
        text: TOML, one ``[[forecast]]`` each.
        ledger: Name of the file, for errors.

    Raises:
        EvidenceError: The text is no TOML or holds something else, a row has an unknown or missing key or a value that
            is not allowed, or two say the same of the same period on one day.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise EvidenceError(f"{ledger}: this is not TOML: {fault}") from None
    except (RecursionError, ValueError):
        raise EvidenceError(
            f"{ledger}: this is not TOML that can be read: nested too deep or a number too long"
        ) from None
    rows = document.get("forecast")
    if set(document) != {"forecast"} or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        found = ", ".join(repr(key) for key in sorted(document)) or "nothing"
        raise EvidenceError(f"{ledger}: wanted [[forecast]] tables and nothing else; found {found[:200]}")
    return _in_order(_forecast(row, place, ledger) for place, row in enumerate(rows, start=1))


@cache
def _load() -> tuple[Forecast, ...]:
    return read_forecasts((files("headrace") / "data" / _SHIPPED).read_text(encoding="utf-8"))


def _handed_over(path: Path) -> tuple[Forecast, ...]:
    return read_forecasts(text_of(path, MOST_BYTES, "TOML with [[forecast]] tables"), path.name)


def _in_order(forecasts: Iterable[Forecast]) -> tuple[Forecast, ...]:
    found = sorted(forecasts, key=lambda one: (one.announced, one.who, one.target_end, one.measure, one.members))
    seen: set[tuple[object, ...]] = set()
    for one in found:
        key = (one.who, one.announced, one.measure, one.target_start, one.target_end, one.members, one.coverage)
        if key in seen:
            raise EvidenceError(f"{one.ledger}: {one.who} forecasts {one.period} twice on {one.announced}")
        seen.add(key)
    return tuple(found)


def _forecast(row: Mapping[str, Any], place: int, ledger: str) -> Forecast:
    named = " of ".join(_shown(row[key]) for key in ("who", "announced") if key in row)
    where = f"{ledger}, forecast {place} ({named or 'nobody'})"
    for key in sorted(row.keys() - _FIELDS.keys()):
        near = ", ".join(near_matches(key[:_SHOWN_LETTERS], _FIELDS)) or "none"
        raise EvidenceError(f"{where}: unknown key {_shown(key)}; near: {near}")
    for key, field in _FIELDS.items():
        if key not in row and field.default is MISSING:
            wanted = _EXAMPLES[dt.date if key in _DATES else str]
            raise EvidenceError(f"{where}: {key!r} is missing; wanted {wanted}")
    _check_types(row, where)
    _check_names(row, where)
    numbers = {key: _number(row[key], key, where) for key in _NUMBERS if key in row}
    if not numbers or list(numbers.values()) != sorted(numbers.values()):
        raise EvidenceError(f"{where}: low, point and high are {list(numbers.values())}; wanted one at least, in order")
    forecast = Forecast(**{**row, **numbers, "members": tuple(row.get("members", ())), "ledger": ledger})
    if bool(forecast.members) == bool(forecast.coverage):
        raise EvidenceError(f"{where}: wanted members, or in coverage a word for who or what is meant; one of both")
    if not forecast.target_start < forecast.target_end:
        raise EvidenceError(
            f"{where}: the period {forecast.target_start} to {forecast.target_end} ends before it starts"
        )
    if not forecast.quarters:
        raise EvidenceError(f"{where}: the period is shorter than a quarter; the shortest that is filed is one")
    if not forecast.source_url.startswith(("https://", "http://")):
        raise EvidenceError(f"{where}: source_url is {forecast.source_url!r}; wanted a page that a reader can open")
    return forecast


def _check_types(row: Mapping[str, Any], where: str) -> None:
    kinds = {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_DATES, dt.date), "day_approximate": bool}
    for key, kind in kinds.items():
        if key in row and (type(row[key]) is not kind or (kind is str and not row[key].isprintable())):
            raise EvidenceError(f"{where}: {key} is {_shown(row[key])}; wanted {_EXAMPLES[kind]}")
    for key in _DATES:
        if row[key].year not in _YEARS:
            raise EvidenceError(f"{where}: {key} is {row[key]}; wanted a year from {_YEARS[0]} to {_YEARS[-1]}")
    members = row.get("members", [])
    if type(members) is not list or not all(type(member) is str for member in members):
        raise EvidenceError(f"{where}: members is {_shown(members)}; wanted a list of slugs of the universe")
    if len(set(members)) < len(members):
        raise EvidenceError(f"{where}: members names somebody twice, which would count twice")


def _check_names(row: Mapping[str, Any], where: str) -> None:
    measures = forecast_measures.load()
    allowed: list[tuple[str, str, Iterable[str]]] = [
        ("measure", row["measure"], measures),
        ("quality", row["quality"], ("A", "B", "C")),
        *(("member", member, universe.load()) for member in row.get("members", ())),
    ]
    for key, value, values in allowed:
        if value not in values:
            near = ", ".join(near_matches(value[:_SHOWN_LETTERS], values)) or "none"
            raise EvidenceError(f"{where}: unknown {key} {_shown(value)}; near: {near}")
    unit = measures[row["measure"]].unit
    if row["unit"] != unit:
        raise EvidenceError(
            f"{where}: unit is {_shown(row['unit'])}; {row['measure']} is in {unit!r}, convert the numbers"
        )


def _number(value: Any, key: str, where: str) -> float:
    """A number as TOML has it; a truth value is none, though Python counts with it."""
    if type(value) not in (int, float) or not _LEAST <= value <= _MOST:
        raise EvidenceError(f"{where}: {key} is {_shown(value)}; wanted positive numbers from {_LEAST:g} to {_MOST:g}")
    return float(value)


def _shown(value: Any) -> str:
    """A value as an error quotes it: one line, not long; a whole number may be longer than Python would write out."""
    try:
        text = str(value) if isinstance(value, dt.date) else repr(value)
    except ValueError:
        return "a number too long to show"
    return text if len(text) <= _SHOWN_LETTERS else f"{text[:_SHOWN_LETTERS]}..."
