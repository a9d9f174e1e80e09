"""Which tables of Epoch AI are read, and what their columns mean: ``data/epoch.toml``, read and checked.

Nothing is fetched here; :mod:`headrace.evidence.providers.epoch` reads what is declared.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from headrace.errors import EvidenceError, near_matches
from headrace.evidence import concepts, sources

T = TypeVar("T")


@dataclass(frozen=True)
class Measure:
    """One figure of a row: the names its column has or had, and what it becomes.

    ``planned`` is the concept of a figure whose period ends after the day of its report.
    """

    column: tuple[str, ...]
    concept: str
    unit: str
    scale: float = 1.0
    planned: str = ""
    zero_is_missing: bool = False


@dataclass(frozen=True)
class Filed:
    """Where the day of the report stands: in a column, in a note on the making of the estimate, or nowhere."""

    column: str = ""
    generated: str = ""
    seen: bool = False


@dataclass(frozen=True)
class Reported:
    """Values of a column that make a row reported; all other rows are estimated."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table; see ``epoch.toml`` for what each field says."""

    slug: str
    url: str
    files: tuple[str, ...]
    page: str
    entity: tuple[str, ...]
    end: str
    filed: Filed
    quality: str
    source_id: str
    measure: tuple[Measure, ...]
    start: str = ""
    span: str = ""
    prefix: str = ""
    chip: str = ""
    reported: Reported | None = None
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class PerUnit:
    """H100 equivalents of one chip, by operations of 8 and of 16 bits."""

    by_8_bit: float
    by_16_bit: float


@dataclass(frozen=True)
class Tables:
    """All that ``epoch.toml`` declares."""

    table: Mapping[str, Table]
    names: Mapping[str, str]
    per_unit: Mapping[str, PerUnit]


@cache
def load() -> Tables:
    """What is declared.

    Raises:
        EvidenceError: A declaration breaks the schema, or names a concept or source that nobody declared.
    """
    return read_tables((files("headrace") / "data" / "epoch.toml").read_text(encoding="utf-8"))


def read_tables(text: str) -> Tables:
    """The tables declared in ``text``.

    Args:
        text: TOML with tables ``names``, ``per_unit`` and ``table``.

    Raises:
        EvidenceError: As :func:`load`.
    """
    declared = tomllib.loads(text)
    tables = {slug: _table(slug, row) for slug, row in declared["table"].items()}
    per_unit = {chip: _made(PerUnit, row, f"epoch.toml, {chip}") for chip, row in declared["per_unit"].items()}
    return Tables(tables, declared["names"], per_unit)


def _table(slug: str, row: dict[str, Any]) -> Table:
    where = f"epoch.toml, [table.{slug}]"
    measures = tuple(
        _made(Measure, {**one, "column": tuple(one.get("column", ()))}, f"{where}, measure") for one in row["measure"]
    )
    parts: dict[str, Any] = {
        "slug": slug,
        "measure": measures,
        "filed": _made(Filed, row.get("filed", {}), f"{where}, filed"),
        "files": tuple(row.get("files", ())),
        "entity": tuple(row.get("entity", ())),
        "keep": {column: tuple(values) for column, values in row.get("keep", {}).items()},
    }
    if "reported" in row:
        reported = {**row["reported"], "values": tuple(row["reported"]["values"])}
        parts["reported"] = _made(Reported, reported, f"{where}, reported")
    table = _made(Table, {**row, **parts}, where)
    if table.span not in ("", "year"):
        raise EvidenceError(f"{where}: span is {table.span!r}; wanted 'year' or nothing")
    named: list[tuple[str, str, Mapping[str, object]]] = [("source", table.source_id, sources.load())]
    for one in measures:
        named += [("concept", name, concepts.load()) for name in (one.concept, one.planned) if name]
    for what, name, known in named:
        if name not in known:
            raise EvidenceError(f"{where}: unknown {what} {name!r}; near: {', '.join(near_matches(name, known))}")
    return table


def _made(kind: type[T], row: Mapping[str, Any], where: str) -> T:
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]  # always a dataclass of this file
    for key in sorted(row.keys() - known.keys()):
        raise EvidenceError(f"{where}: unknown key {key!r}; near: {', '.join(near_matches(key, known)) or 'none'}")
    for key, one in known.items():
        if key not in row and one.default is MISSING and one.default_factory is MISSING:
            raise EvidenceError(f"{where}: {key!r} is missing")
    return kind(**row)
