"""What others forecast, as they said it on each date, from ``data/forecasts.toml``.

A forecast is the sum of the companies it names. Where it names none it says in a word whom it means, and no sum of ours
is set against it.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from headrace.errors import EvidenceError, near_matches
from headrace.evidence import concepts, universe
from headrace.periods import parse_date, quarter_index, quarter_of_flow, quarter_range

UNFILED_MEASURES = {"data_centre_capital_expenditure": "Capital expenditure of data-centre operators"}
"""What is forecast and no filing reports."""

_DAYS_OF_A_QUARTER = dt.timedelta(days=91)


@dataclass(frozen=True)
class Forecast:
    """One forecast as known from the day it was announced.

    ``low`` and ``high`` are the ends of a range, ``point`` a single number [USD bn over the period]. ``members`` are
    slugs of ``universe.toml``; ``coverage`` says whom a forecast without members means.
    """

    who: str
    announced: dt.date
    measure: str
    period: str
    target_start: dt.date
    target_end: dt.date
    quality: str
    source_url: str
    members: tuple[str, ...] = ()
    coverage: str = ""
    low_usd_bn: float | None = None
    point_usd_bn: float | None = None
    high_usd_bn: float | None = None
    day_approximate: bool = False

    @property
    def value_usd_bn(self) -> float:
        """The point, or the middle of the range, or its one end [USD bn]."""
        if self.point_usd_bn is not None:
            return self.point_usd_bn
        ends = [end for end in (self.low_usd_bn, self.high_usd_bn) if end is not None]
        return sum(ends) / len(ends)

    @property
    def quarters(self) -> tuple[str, ...]:
        """Calendar quarters of the period, by the rule that gives a filed quarter its own."""
        first = quarter_of_flow(self.target_start, self.target_start + _DAYS_OF_A_QUARTER)
        last = quarter_of_flow(self.target_end - _DAYS_OF_A_QUARTER, self.target_end)
        return tuple(quarter_range(first, quarter_index(last) - quarter_index(first) + 1))


def load(as_of: str | None = None) -> tuple[Forecast, ...]:
    """The forecasts announced up to a day, in order of that day.

    Args:
        as_of: ISO date; ``None`` sees all.

    Raises:
        PeriodError: ``as_of`` is no date.
        EvidenceError: A row of ``forecasts.toml`` breaks the schema.
    """
    day = dt.date.max if as_of is None else parse_date(as_of, "as_of")
    return tuple(forecast for forecast in _load() if forecast.announced <= day)


def read_forecasts(text: str) -> tuple[Forecast, ...]:
    """The forecasts in ``text``.

    Args:
        text: TOML, one ``[[forecast]]`` each.

    Raises:
        EvidenceError: A row has an unknown or missing key or a value that is not allowed, or two say the same of the
            same period on one day.
    """
    found = [_forecast(row, place) for place, row in enumerate(tomllib.loads(text)["forecast"], start=1)]
    found.sort(key=lambda one: (one.announced, one.who, one.target_end, one.measure, one.members))
    seen: set[tuple[object, ...]] = set()
    for one in found:
        key = (one.who, one.announced, one.measure, one.target_start, one.target_end, one.members, one.coverage)
        if key in seen:
            raise EvidenceError(f"forecasts.toml: {one.who} forecasts {one.period} twice on {one.announced}")
        seen.add(key)
    return tuple(found)


@cache
def _load() -> tuple[Forecast, ...]:
    return read_forecasts((files("headrace") / "data" / "forecasts.toml").read_text(encoding="utf-8"))


def _forecast(row: Mapping[str, Any], place: int) -> Forecast:
    where = f"forecasts.toml, forecast {place} ({row.get('who', 'nobody')}, {row.get('announced', 'no day')})"
    known = {field.name: field for field in fields(Forecast)}
    for key in sorted(row.keys() - known.keys()):
        raise EvidenceError(f"{where}: unknown key {key!r}; near: {', '.join(near_matches(key, known)) or 'none'}")
    for key, field in known.items():
        if key not in row and field.default is MISSING:
            raise EvidenceError(f"{where}: {key!r} is missing")
    for key in ("announced", "target_start", "target_end"):
        if type(row[key]) is not dt.date:
            raise EvidenceError(f"{where}: {key} is {row[key]!r}; wanted a date, such as 2026-08-31")
    allowed: list[tuple[str, Any, Any]] = [
        ("measure", row["measure"], (*concepts.load(), *UNFILED_MEASURES)),
        ("quality", row["quality"], ("A", "B", "C")),
        *(("member", member, universe.load()) for member in row.get("members", ())),
    ]
    for key, value, values in allowed:
        if value not in values:
            raise EvidenceError(f"{where}: unknown {key} {value!r}; near: {', '.join(near_matches(value, values))}")
    forecast = Forecast(**{**row, "members": tuple(row.get("members", ()))})
    numbers = [n for n in (forecast.low_usd_bn, forecast.point_usd_bn, forecast.high_usd_bn) if n is not None]
    if not numbers or numbers != sorted(numbers) or any(not 0 < n < float("inf") for n in numbers):
        raise EvidenceError(f"{where}: low, point and high are {numbers}; wanted positive numbers in order [USD bn]")
    if bool(forecast.members) == bool(forecast.coverage):
        raise EvidenceError(f"{where}: wanted members, or in coverage a word for who is meant; one of both")
    if not forecast.target_start < forecast.target_end:
        raise EvidenceError(
            f"{where}: the period {forecast.target_start} to {forecast.target_end} ends before it starts"
        )
    if not forecast.source_url.startswith(("https://", "http://")):
        raise EvidenceError(f"{where}: source_url is {forecast.source_url!r}; wanted a page that a reader can open")
    return forecast
