"""Parameters whose value was another on an earlier day, each with the day from which it was known and its source."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Any

from headrace.errors import EvidenceError, near_matches
from headrace.parameters.registry import registry

FILE = "dated_values.toml"

SHARES = ("share_now", "share_next")
"""Entries that make a generation part of a mix: of what ships at the start, and once the next ones have ramped."""


@dataclass(frozen=True)
class DatedValues:
    """What was known from a day on.

    Attributes:
        known: First day on which it could be known.
        values: By dotted name, in the unit of the parameter. A mix of accelerators is named whole: generations that
            are not named have no share in it.
        quality: A filing or statute, B reputable, C press or judgement.
        source_url: Where it can be read.
        reason: Why these numbers.
    """

    known: dt.date
    values: Mapping[str, float]
    quality: str
    source_url: str
    reason: str


def values_on(day: dt.date) -> dict[str, float]:
    """The last value known by ``day`` of every parameter that the table dates, by dotted name."""
    found: dict[str, float] = {}
    for row in load():
        if row.known <= day:
            for share in SHARES:
                if any(name.endswith(f".{share}") for name in row.values):
                    found = {name: value for name, value in found.items() if not name.endswith(f".{share}")}
            found |= row.values
    return found


@cache
def load() -> tuple[DatedValues, ...]:
    """The shipped table, in the order of days."""
    return read_dated_values((files("headrace") / "data" / FILE).read_text(encoding="utf-8"))


def read_dated_values(text: str) -> tuple[DatedValues, ...]:
    """The rows in ``text``, in the order of the days from which they were known.

    Args:
        text: TOML, one ``[[dated]]`` each.

    Raises:
        EvidenceError: A row has an unknown or missing key, or a value that its parameter cannot take.
    """
    rows = [_row(row, place) for place, row in enumerate(tomllib.loads(text).get("dated", ()), start=1)]
    return tuple(sorted(rows, key=lambda row: row.known))


def _row(row: Mapping[str, Any], place: int) -> DatedValues:
    where = f"{FILE}, row {place} ({row.get('known', 'no day')})"
    known = {field.name: field for field in fields(DatedValues)}
    for key in sorted(row.keys() - known.keys()):
        raise EvidenceError(f"{where}: unknown key {key!r}; near: {', '.join(near_matches(key, known)) or 'none'}")
    for key, field in known.items():
        if key not in row and field.default is MISSING:
            raise EvidenceError(f"{where}: {key!r} is missing")
    found = DatedValues(**row)
    if type(found.known) is not dt.date:
        raise EvidenceError(f"{where}: known is {found.known!r}; wanted a date, such as 2024-03-18")
    if found.quality not in ("A", "B", "C"):
        raise EvidenceError(f"{where}: unknown quality {found.quality!r}; wanted A, B or C")
    if not found.source_url.startswith(("https://", "http://")):
        raise EvidenceError(f"{where}: source_url is {found.source_url!r}; wanted a page that a reader can open")
    for name, value in found.values.items():
        _require_allowed(where, name, value)
    return found


def _require_allowed(where: str, name: str, value: object) -> None:
    table = registry()
    generation, _, field = name.rpartition(".")
    is_share = field in SHARES and f"{generation}.it_power_kw" in table
    if name not in table and not is_share:
        raise EvidenceError(
            f"{where}: unknown parameter {name!r}; near: {', '.join(near_matches(name, table)) or 'none'}"
        )
    floor, ceiling = table[name].range if name in table else (0.0, 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise EvidenceError(f"{where}: {name} is {value!r}; wanted a finite number")
    if not floor <= value <= ceiling:
        raise EvidenceError(f"{where}: {name} is {value:g}; wanted {floor:g} to {ceiling:g}")
