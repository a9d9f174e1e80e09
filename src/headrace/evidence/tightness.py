"""How tight each layer was, as it could be read on each date, from ``data/tightness.toml``.

An observation is a figure beside what balance looks like; a statement is somebody who names what limits a branch. What
follows from them is for the analyses to say.
"""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from headrace.errors import EvidenceError, PeriodError, near_matches
from headrace.periods import parse_date, quarter_index, quarter_of_date, quarter_range
from headrace.variables import BRANCH_OF, LAYERS

MEASURES = {
    "wait": "Wait for an order",
    "booked": "How far ahead capacity is sold",
    "shortfall": "Orders that supply does not meet",
    "price": "Price",
}
"""Measure, and the words a reader sees. Figures of two measures are never compared with each other."""

NORMAL_BASES = ("published", "judgement")

_BRANCHES = tuple(dict.fromkeys(BRANCH_OF.values()))
_UNITS = {"wait": "month", "booked": "month", "shortfall": "1"}
_DAYS_OF_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Observation:
    """One figure of one layer, or of a branch as a whole.

    ``value`` is a single number, ``low`` and ``high`` the ends of a range, ``until`` the day to which capacity is sold:
    one of the three, in ``unit``. ``normal`` is the same quantity in balance. ``observed`` is the first day on which a
    reader could know it, the quarters are those it speaks of.
    """

    layer: str
    item: str
    measure: str
    observed: dt.date
    unit: str
    normal: float
    normal_basis: str
    normal_reason: str
    quality: str
    source_url: str
    first_quarter: str = ""
    last_quarter: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    until: dt.date | None = None
    day_approximate: bool = False

    @property
    def quarters(self) -> tuple[str, ...]:
        """The quarters it speaks of."""
        return _quarters(self.first_quarter, self.last_quarter, self.observed)

    @property
    def middle(self) -> float:
        """The figure: the number, the geometric middle of the range, or the time until the day [``unit``]."""
        if self.until is not None:
            return (self.until - self.observed).days / _DAYS_OF_A_MONTH
        if self.low is not None and self.high is not None:
            return math.sqrt(self.low * self.high)
        return math.nan if self.value is None else self.value

    @property
    def log_tightness(self) -> float:
        r"""Logarithm of demand over supply that the figure stands for [1]; 0 in balance.

        A wait over its normal is backlog over what balance would hold (Little), and so is demand over supply:
        :math:`\\ln(L/L^*)`. A share :math:`g` that is not met gives :math:`-\\ln(1-g)`.
        """
        if self.measure == "shortfall":
            return -math.log1p(-self.middle)
        return math.log(self.middle / self.normal)


@dataclass(frozen=True)
class Statement:
    """Somebody names what limits a branch: one layer, or several as equals."""

    layers: tuple[str, ...]
    by: str
    observed: dt.date
    quality: str
    source_url: str
    first_quarter: str = ""
    last_quarter: str = ""
    day_approximate: bool = False

    @property
    def quarters(self) -> tuple[str, ...]:
        """The quarters it speaks of."""
        return _quarters(self.first_quarter, self.last_quarter, self.observed)


@dataclass(frozen=True)
class Ledger:
    """What was known of tightness: figures and statements, each in order of the day it could be known."""

    observations: tuple[Observation, ...]
    statements: tuple[Statement, ...]


def load(as_of: str | None = None) -> Ledger:
    """What could be known up to a day.

    Args:
        as_of: ISO date; ``None`` sees all.

    Raises:
        PeriodError: ``as_of`` is no date.
        EvidenceError: A row of ``tightness.toml`` breaks the schema.
    """
    day = dt.date.max if as_of is None else parse_date(as_of, "as_of")
    known = _load()
    return Ledger(
        tuple(row for row in known.observations if row.observed <= day),
        tuple(row for row in known.statements if row.observed <= day),
    )


def read_ledger(text: str) -> Ledger:
    """The observations and statements in ``text``.

    Args:
        text: TOML, one ``[[observation]]`` or ``[[statement]]`` each.

    Raises:
        EvidenceError: A row has an unknown or missing key or a value that is not allowed, or two say the same of the
            same item on one day.
    """
    tables = tomllib.loads(text)
    observations = [_observation(row, place) for place, row in enumerate(tables.get("observation", ()), start=1)]
    statements = [_statement(row, place) for place, row in enumerate(tables.get("statement", ()), start=1)]
    seen: set[tuple[object, ...]] = set()
    for row in observations:
        key = (row.layer, row.item, row.measure, row.observed, row.quarters)
        if key in seen:
            raise EvidenceError(f"tightness.toml: {row.item} has two figures of {row.measure} on {row.observed}")
        seen.add(key)
    return Ledger(
        tuple(sorted(observations, key=lambda row: row.observed)),
        tuple(sorted(statements, key=lambda row: row.observed)),
    )


@cache
def _load() -> Ledger:
    return read_ledger((files("headrace") / "data" / "tightness.toml").read_text(encoding="utf-8"))


def _quarters(first: str, last: str, observed: dt.date) -> tuple[str, ...]:
    if not first:
        return (quarter_of_date(observed),)
    return tuple(quarter_range(first, quarter_index(last) - quarter_index(first) + 1))


def _observation(row: Mapping[str, Any], place: int) -> Observation:
    where = f"tightness.toml, observation {place} ({row.get('item', 'of nothing')}, {row.get('observed', 'no day')})"
    found = _checked(row, Observation, where)
    _check_allowed(
        where,
        ("layer", found.layer, (*LAYERS, *_BRANCHES)),
        ("measure", found.measure, MEASURES),
        ("normal_basis", found.normal_basis, NORMAL_BASES),
    )
    if found.unit != _UNITS.get(found.measure, found.unit):
        raise EvidenceError(f"{where}: unit is {found.unit!r}; a {found.measure} is in {_UNITS[found.measure]!r}")
    forms = [found.value is not None, found.low is not None or found.high is not None, found.until is not None]
    if sum(forms) != 1 or (found.measure == "booked") != forms[2]:
        raise EvidenceError(
            f"{where}: wanted until where capacity is booked, else a value, or low and high; one of them"
        )
    if forms[1] and (found.low is None or found.high is None or not found.low < found.high):
        raise EvidenceError(f"{where}: low and high are {found.low} and {found.high}; wanted both, in order")
    if found.measure == "shortfall":
        if not 0 <= found.middle < 1 or found.normal != 0:
            raise EvidenceError(f"{where}: a shortfall is a fraction in 0 to 1, and 0 in balance")
    elif not (0 < found.middle < math.inf and 0 < found.normal < math.inf):
        raise EvidenceError(f"{where}: value {found.middle:g} and normal {found.normal:g}; wanted both above 0")
    if not found.normal_reason:
        raise EvidenceError(f"{where}: normal_reason is empty; say why {found.normal:g} is balance")
    return found


def _statement(row: Mapping[str, Any], place: int) -> Statement:
    where = f"tightness.toml, statement {place} ({row.get('by', 'by nobody')}, {row.get('observed', 'no day')})"
    found = _checked({**row, "layers": tuple(row.get("layers", ()))}, Statement, where)
    _check_allowed(where, *(("layer", layer, LAYERS) for layer in found.layers))
    if len({BRANCH_OF[layer] for layer in found.layers}) != 1 or len(set(found.layers)) != len(found.layers):
        raise EvidenceError(f"{where}: layers are {found.layers}; wanted one or more of one branch, each once")
    return found


_Row = TypeVar("_Row", Observation, Statement)


def _checked(row: Mapping[str, Any], kind: type[_Row], where: str) -> _Row:
    """The row as its class, with the checks that both classes share."""
    known = {field.name: field for field in fields(kind)}
    for key in sorted(row.keys() - known.keys()):
        raise EvidenceError(f"{where}: unknown key {key!r}; near: {', '.join(near_matches(key, known)) or 'none'}")
    for key, field in known.items():
        if key not in row and field.default is MISSING:
            raise EvidenceError(f"{where}: {key!r} is missing")
    for key in ("observed", "until"):
        if key in row and type(row[key]) is not dt.date:
            raise EvidenceError(f"{where}: {key} is {row[key]!r}; wanted a date, such as 2026-08-31")
    found = kind(**row)
    _check_allowed(where, ("quality", found.quality, ("A", "B", "C")))
    if bool(found.first_quarter) != bool(found.last_quarter):
        raise EvidenceError(f"{where}: wanted first_quarter and last_quarter, or neither")
    try:
        quarters = found.quarters
    except PeriodError as fault:
        raise EvidenceError(f"{where}: {fault}") from None
    if not quarters:
        raise EvidenceError(f"{where}: {found.first_quarter} to {found.last_quarter} ends before it starts")
    if quarter_index(quarters[0]) > quarter_index(quarter_of_date(found.observed)):
        raise EvidenceError(f"{where}: it speaks of {quarters[0]}, which had not begun on {found.observed}")
    if not found.source_url.startswith(("https://", "http://")):
        raise EvidenceError(f"{where}: source_url is {found.source_url!r}; wanted a page that a reader can open")
    return found


def _check_allowed(where: str, *given: tuple[str, str, Sequence[str] | Mapping[str, Any]]) -> None:
    for key, value, values in given:
        if value not in values:
            close = ", ".join(near_matches(str(value), values)) or "none"
            raise EvidenceError(f"{where}: unknown {key} {value!r}; near: {close}")
