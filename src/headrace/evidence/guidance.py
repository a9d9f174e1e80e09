"""What companies said they would spend or earn, as they said it at each date, from ``data/guidance.toml``.

Every row names the definition it uses, and definitions are not mixed. Where sources contradict each other the row says
so and has no number.
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
from headrace.periods import parse_date

DIRECTIONS = ("first", "raised", "lowered", "narrowed", "kept", "higher", "lower", "slower", "similar", "unclear")
"""Against the guide before for the same period; without a number, against the period before."""


@dataclass(frozen=True)
class Guide:
    """One guide as known from the day it was announced.

    ``low`` and ``high`` are the ends of a range, ``point`` a single number [USD]; all are missing where none was given
    or where it is disputed. ``concept`` says on which definition.
    """

    entity: str
    concept: str
    announced: dt.date
    period: str
    target_start: dt.date
    target_end: dt.date
    direction: str
    quality: str
    source_url: str
    low_usd_bn: float | None = None
    high_usd_bn: float | None = None
    point_usd_bn: float | None = None
    disputed: bool = False
    day_approximate: bool = False


def load(as_of: str | None = None) -> tuple[Guide, ...]:
    """The guides announced up to a day, by entity, concept, period and day.

    Args:
        as_of: ISO date; ``None`` sees all.

    Raises:
        PeriodError: ``as_of`` is no date.
        EvidenceError: A row of ``guidance.toml`` breaks the schema.
    """
    day = dt.date.max if as_of is None else parse_date(as_of, "as_of")
    return tuple(guide for guide in _load() if guide.announced <= day)


def read_guides(text: str) -> tuple[Guide, ...]:
    """The guides in ``text``.

    Args:
        text: TOML, one ``[[guide]]`` each.

    Raises:
        EvidenceError: A row has an unknown or missing key or a value that is not allowed, a disputed one has a number,
            or two say the same of the same period on one day.
    """
    found = [_guide(row, place) for place, row in enumerate(tomllib.loads(text)["guide"], start=1)]
    found.sort(key=lambda guide: (guide.entity, guide.concept, guide.target_end, guide.target_start, guide.announced))
    seen: dict[tuple[object, ...], Guide] = {}
    for guide in found:
        key = (guide.entity, guide.concept, guide.target_start, guide.target_end, guide.announced)
        if key in seen:
            raise EvidenceError(f"guidance.toml: {guide.entity} guides {guide.period} twice on {guide.announced}")
        seen[key] = guide
    return tuple(found)


@cache
def _load() -> tuple[Guide, ...]:
    return read_guides((files("headrace") / "data" / "guidance.toml").read_text(encoding="utf-8"))


def _guide(row: Mapping[str, Any], place: int) -> Guide:
    where = f"guidance.toml, guide {place} ({row.get('entity', 'nobody')}, {row.get('announced', 'no day')})"
    known = {field.name: field for field in fields(Guide)}
    for key in sorted(row.keys() - known.keys()):
        raise EvidenceError(f"{where}: unknown key {key!r}; near: {', '.join(near_matches(key, known)) or 'none'}")
    for key, field in known.items():
        if key not in row and field.default is MISSING:
            raise EvidenceError(f"{where}: {key!r} is missing")
    allowed: tuple[tuple[str, Any], ...] = (
        ("entity", universe.load()),
        ("concept", concepts.load()),
        ("direction", DIRECTIONS),
        ("quality", ("A", "B", "C")),
    )
    for key, values in allowed:
        if row[key] not in values:
            raise EvidenceError(
                f"{where}: unknown {key} {row[key]!r}; near: {', '.join(near_matches(row[key], values))}"
            )
    guide = Guide(**row)
    numbers = [number for number in (guide.low_usd_bn, guide.point_usd_bn, guide.high_usd_bn) if number is not None]
    if numbers != sorted(numbers) or any(not 0 < number < float("inf") for number in numbers):
        raise EvidenceError(f"{where}: low, point and high are {numbers}; wanted positive numbers in order [USD bn]")
    if guide.disputed and numbers:
        raise EvidenceError(f"{where}: sources contradict each other, so it has no number; found {numbers}")
    if guide.target_start > guide.target_end:
        raise EvidenceError(f"{where}: the period {guide.target_start} to {guide.target_end} ends before it starts")
    if not guide.source_url.startswith(("https://", "http://")):
        raise EvidenceError(f"{where}: source_url is {guide.source_url!r}; wanted a page that a reader can open")
    return guide
