"""Which series of money, prices and power can be fetched, and what each means: ``data/series.toml``, read and checked.

Nothing is asked of anybody here; ``fred`` and ``eia`` beside this file read what is declared.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from headrace.errors import EvidenceError, near_matches
from headrace.evidence import concepts, places, sources

FREQUENCIES = {"fred": ("daily", "monthly", "quarterly"), "eia": ("monthly", "annual")}
"""What each reader can read."""

T = TypeVar("T")


@dataclass(frozen=True)
class FredSeries:
    """One series of FRED; ``scale`` times what it gives is in ``unit``."""

    slug: str
    series: str
    entity: str
    concept: str
    frequency: str
    unit: str
    lag_days: int
    source_id: str
    scale: float = 1.0
    revised: bool = False


@dataclass(frozen=True)
class Column:
    """One column of an answer: the units it must say it is in, and what it becomes."""

    name: str
    units: str
    concept: str
    unit: str
    scale: float = 1.0
    zero_is_missing: bool = False


@dataclass(frozen=True)
class EiaSeries:
    """Rows of one route of the energy statistics, for every place; ``place`` is the field that names it."""

    slug: str
    route: str
    place: str
    frequency: str
    first: str
    lag_days: int
    source_id: str
    revised: bool = False
    facets: Mapping[str, str] = field(default_factory=dict)
    column: tuple[Column, ...] = ()


def load() -> dict[str, FredSeries | EiaSeries]:
    """Every series by slug.

    Raises:
        EvidenceError: A declaration breaks the schema, or names a concept, place or source that nobody declared.
    """
    return dict(_load())


def read_series(text: str) -> dict[str, FredSeries | EiaSeries]:
    """The series declared in ``text``.

    Args:
        text: TOML, one table a series.

    Raises:
        EvidenceError: As :func:`load`.
    """
    found: dict[str, FredSeries | EiaSeries] = {}
    for slug, row in tomllib.loads(text).items():
        where = f"series.toml, [{slug}]"
        reader = row.pop("reader", "")
        if reader not in FREQUENCIES:
            raise EvidenceError(f"{where}: reader is {reader!r}; wanted one of {', '.join(FREQUENCIES)}")
        if row.get("frequency") not in FREQUENCIES[reader]:
            wanted = ", ".join(FREQUENCIES[reader])
            raise EvidenceError(f"{where}: frequency is {row.get('frequency')!r}; {reader} reads {wanted}")
        if reader == "fred":
            series: FredSeries | EiaSeries = _made(FredSeries, {"slug": slug, **row}, where)
        else:
            columns = tuple(_made(Column, column, f"{where}, column") for column in row.pop("column", []))
            series = _made(EiaSeries, {"slug": slug, **row, "column": columns}, where)
        _check_names(series, where)
        found[slug] = series
    return found


def _check_names(series: FredSeries | EiaSeries, where: str) -> None:
    named: list[tuple[str, str, Mapping[str, object]]] = [("source", series.source_id, sources.load())]
    if isinstance(series, FredSeries):
        named += [("concept", series.concept, concepts.load()), ("entity", series.entity, places.load())]
    else:
        named += [("concept", column.concept, concepts.load()) for column in series.column]
        if not series.column:
            raise EvidenceError(f"{where}: no column; declare at least one [[{series.slug}.column]]")
    for what, name, known in named:
        if name not in known:
            close = ", ".join(near_matches(name, known)) or "none"
            raise EvidenceError(f"{where}: unknown {what} {name!r}; near: {close}")


def _made(kind: type[T], row: Mapping[str, Any], where: str) -> T:
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]  # always a dataclass of this file
    for key in sorted(row.keys() - known.keys()):
        raise EvidenceError(f"{where}: unknown key {key!r}; near: {', '.join(near_matches(key, known)) or 'none'}")
    for key, one in known.items():
        if key not in row and one.default is MISSING and one.default_factory is MISSING:
            raise EvidenceError(f"{where}: {key!r} is missing")
    return kind(**row)


@cache
def _load() -> Mapping[str, FredSeries | EiaSeries]:
    return read_series((files("headrace") / "data" / "series.toml").read_text(encoding="utf-8"))
