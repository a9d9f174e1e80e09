"""What the last hindcasts found, as they ship in ``data/hindcast*.toml``: nobody waits minutes to be told."""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from headrace._types import AloneLine, SkillLine
from headrace.errors import EvidenceError

_SHIPPED = "hindcast.toml"
_SHIPPED_LOOP = "hindcast_loop.toml"
_REMEDY = "`make hindcast` writes the table anew"
_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), "a text"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
}


@dataclass(frozen=True)
class ShippedTotal:
    """What headrace would have said of a total: median and 90 % interval [USD bn]."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class ShippedSkill:
    """The first and the last day forecast from, ISO dates, and the lines of skill in the order of the table."""

    first_origin: str
    last_origin: str
    lines: tuple[SkillLine, ...]


@cache
def totals() -> dict[tuple[dt.date, tuple[str, ...], str, str], ShippedTotal]:
    """By day, members, and first and last quarter."""
    return {
        (row["day"], tuple(row["members"]), row["first_quarter"], row["last_quarter"]): ShippedTotal(
            row["median_usd_bn"], row["low_usd_bn"], row["high_usd_bn"]
        )
        for row in tomllib.loads(_text()).get("total", ())
    }


@cache
def skill() -> ShippedSkill:
    """The skill that ships; see :func:`read_skill`."""
    return read_skill(_text())


@cache
def alone() -> tuple[AloneLine, ...]:
    """What the full loop alone said, as it ships; see :func:`read_alone`."""
    return read_alone(_text(_SHIPPED_LOOP))


def read_skill(text: str) -> ShippedSkill:
    """The skill in a table of hindcasts.

    Args:
        text: TOML with two days and one ``[[skill]]`` for each series and horizon.

    Returns:
        Every line that has a ratio; one without, because too few days were scored, is left out.

    Raises:
        EvidenceError: The text is no TOML, a day or a key is missing or no such thing, an interval does not hold its
            ratio, or a series and horizon come twice.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise EvidenceError(f"{_SHIPPED}: this is not TOML: {fault}; {_REMEDY}") from None
    first, last = _day(table, "first_origin"), _day(table, "last_origin")
    rows = table.get("skill", [])
    if not isinstance(rows, list):
        raise EvidenceError(f"{_SHIPPED}: skill is no list of [[skill]] tables; {_REMEDY}")
    lines: dict[tuple[str, int], SkillLine] = {}
    for number, row in enumerate(rows, start=1):
        line = _line(row, f"{_SHIPPED}, [[skill]] {number}")
        key = (line.series, line.horizon_quarters)
        if key in lines:
            raise EvidenceError(f"{_SHIPPED}, [[skill]] {number}: {key[0]} {key[1]} ahead comes twice; {_REMEDY}")
        lines[key] = line
    return ShippedSkill(first, last, tuple(line for line in lines.values() if math.isfinite(line.crps_ratio)))


def read_alone(text: str) -> tuple[AloneLine, ...]:
    """What the full loop alone said of spending, in a table of its hindcast.

    Args:
        text: TOML, one ``[[alone]]`` for each horizon.

    Raises:
        EvidenceError: The text is no TOML, or a line breaks its form.
    """
    try:
        rows = tomllib.loads(text).get("alone", [])
    except tomllib.TOMLDecodeError as fault:
        raise EvidenceError(f"{_SHIPPED_LOOP}: this is not TOML: {fault}; {_REMEDY}") from None
    lines = []
    for number, row in enumerate(rows, start=1):
        where = f"{_SHIPPED_LOOP}, [[alone]] {number}"
        line = AloneLine(**_typed(row, AloneLine, where))
        if not 0 < line.share_of_filed < math.inf or line.origins < 1 or line.horizon_quarters < 1:
            raise EvidenceError(f"{where}: {line}; a share above 0 and counts from 1 on are wanted. {_REMEDY}")
        lines.append(line)
    return tuple(lines)


def _typed(row: Any, kind_of_line: type[SkillLine | AloneLine], where: str) -> dict[str, Any]:
    """The values of a row that a line has fields for, each of the field's kind."""
    if not isinstance(row, dict):
        raise EvidenceError(f"{where} is {row!r}; a table is wanted. {_REMEDY}")
    values: dict[str, Any] = {}
    for field in fields(kind_of_line):
        kind, words = _KINDS[str(field.type)]
        found = row.get(field.name)
        if not isinstance(found, kind) or isinstance(found, bool):
            said = f"is {found!r}" if field.name in row else "is missing"
            raise EvidenceError(f'{where}: "{field.name}" {said}; {words} is wanted. {_REMEDY}')
        values[field.name] = found
    return values


def _line(row: Any, where: str) -> SkillLine:
    line = SkillLine(**_typed(row, SkillLine, where))
    if math.isnan(line.crps_ratio):
        return line
    if not 0 < line.crps_ratio_low <= line.crps_ratio <= line.crps_ratio_high < math.inf:
        raise EvidenceError(
            f"{where}: the ratio is {line.crps_ratio:g} and its interval {line.crps_ratio_low:g} to "
            f"{line.crps_ratio_high:g}; the interval holds the ratio, and all three are above zero. {_REMEDY}"
        )
    if not 0 <= line.coverage_90 <= 1 or line.origins < 1 or line.horizon_quarters < 1:
        raise EvidenceError(
            f"{where}: coverage_90 is {line.coverage_90:g}, origins {line.origins} and horizon_quarters "
            f"{line.horizon_quarters}; a share of 0 to 1 and counts from 1 on are wanted. {_REMEDY}"
        )
    return line


def _day(table: Mapping[str, Any], name: str) -> str:
    try:
        return dt.date.fromisoformat(table[name]).isoformat()
    except (KeyError, TypeError, ValueError):
        raise EvidenceError(
            f'{_SHIPPED}: "{name}" is {table.get(name)!r}; an ISO date is wanted, such as 2019-12-31. {_REMEDY}'
        ) from None


@cache
def _text(name: str = _SHIPPED) -> str:
    return (files("headrace") / "data" / name).read_text(encoding="utf-8")
