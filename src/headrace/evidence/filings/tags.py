"""How a filer's concepts are read out of tagged filings: tags in order, units, signs, and what a quarter is to him.

The table is ``data/tags.toml``; a new filer with habits of his own is a few lines there.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from headrace.errors import EvidenceError, near_matches
from headrace.evidence.universe import Entity

UNITS = ("currency", "shares")
SIGNS = ("positive", "nonnegative", "any")


@dataclass(frozen=True)
class ConceptTags:
    """Where one concept may stand in a filing, and which values it can have.

    ``other_basis`` are those of the tags under which a filer gives the concept on a basis of its own,
    ``new_perimeter`` the days from which its reports are about another set of businesses.
    """

    concept: str
    tags: tuple[str, ...]
    unit: str
    sign: str
    additive: bool = True
    may_vanish: bool = False
    other_basis: tuple[str, ...] = ()
    new_perimeter: tuple[dt.date, ...] = ()


@dataclass(frozen=True)
class Reading:
    """How one filer is read. Lengths of a quarter are in days, both ends included."""

    concepts: tuple[ConceptTags, ...]
    forms: frozenset[str]
    annual_forms: frozenset[str]
    shortest_days: int
    longest_days: int
    first_filed: dt.date | None


def reading_of(entity: Entity) -> Reading:
    """How the filings of ``entity`` are read.

    Raises:
        EvidenceError: ``tags.toml`` has an unknown key, concept, unit or sign.
    """
    return _reading(_table(), entity)


def read_table(text: str) -> Mapping[str, Any]:
    """The table in ``text``, checked.

    Args:
        text: TOML in the shape of ``data/tags.toml``.

    Raises:
        EvidenceError: A key, concept, unit or sign that the table does not know.
    """
    table = tomllib.loads(text)
    _known(table, ("forms", "annual_forms", "quarter", "concept", "group", "filer"), "the top")
    concepts = table["concept"]
    for concept, row in concepts.items():
        where = f"[concept.{concept}]"
        _known(row, ("tags", "unit", "sign", "additive", "may_vanish"), where)
        for key, allowed in (("unit", UNITS), ("sign", SIGNS)):
            if row[key] not in allowed:
                raise EvidenceError(f"tags.toml, {where}: {key} is {row[key]!r}; wanted one of {', '.join(allowed)}")
    for level in ("group", "filer"):
        for name, row in table.get(level, {}).items():
            where = f"[{level}.{name}]"
            _known(row, (*concepts, "first_filed", "shortest_days", "longest_days"), where)
            for concept in row.keys() & concepts.keys():
                where = f"[{level}.{name}.{concept}]"
                _known(row[concept], ("tags", "other_basis", "new_perimeter"), where)
                known = row[concept].get("tags", concepts[concept]["tags"])
                for tag in set(row[concept].get("other_basis", ())) - set(known):
                    raise EvidenceError(f"tags.toml, {where}: other_basis has {tag!r}, which is not among its tags")
    return table


def _reading(table: Mapping[str, Any], entity: Entity) -> Reading:
    group = table.get("group", {}).get(entity.group, {})
    own = {**group, **table.get("filer", {}).get(entity.slug, {})}
    days = {**table["quarter"], **own}
    return Reading(
        concepts=tuple(_concept(concept, {**row, **own.get(concept, {})}) for concept, row in table["concept"].items()),
        forms=frozenset(table["forms"]),
        annual_forms=frozenset(table["annual_forms"]),
        shortest_days=days["shortest_days"],
        longest_days=days["longest_days"],
        first_filed=own.get("first_filed"),
    )


def _concept(concept: str, row: Mapping[str, Any]) -> ConceptTags:
    return ConceptTags(
        concept=concept,
        tags=tuple(row["tags"]),
        unit=row["unit"],
        sign=row["sign"],
        additive=row.get("additive", True),
        may_vanish=row["sign"] == "any" or row.get("may_vanish", False),
        other_basis=tuple(row.get("other_basis", ())),
        new_perimeter=tuple(row.get("new_perimeter", ())),
    )


def _known(row: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in row.keys() - set(keys):
        close = ", ".join(near_matches(key, keys)) or "none"
        raise EvidenceError(f"tags.toml, {where}: unknown key {key!r}; near: {close}")


@cache
def _table() -> Mapping[str, Any]:
    return read_table((files("headrace") / "data" / "tags.toml").read_text(encoding="utf-8"))
