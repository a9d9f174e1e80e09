"""What the facts measure: every concept once, and which figures may be added to which.

A sum that means nothing is refused with its reason: percentiles, rates, levels of several dates, and several measures
of one thing. The table is ``data/concepts.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from headrace.errors import EvidenceError, near_matches, unknown_name

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("flow", "stock", "rate")
"""Flow: passed in its period. Stock: stood at the end of it. Rate: a price, index, yield or share."""

_PERCENTILES = ("_median", "_p5", "_p95")


@dataclass(frozen=True)
class Concept:
    """One row of the table.

    ``additive`` says whether figures of several entities may be summed. Concepts of one ``family`` measure one thing in
    several ways, or one holds the others: they are never added to each other.
    """

    name: str
    label: str
    kind: str
    definition: str
    additive: bool = True
    family: str = ""


def load() -> dict[str, Concept]:
    """Every concept by name, in the order of the table.

    Raises:
        EvidenceError: An entry breaks the schema.
    """
    return dict(_load())


def read_concepts(text: str) -> dict[str, Concept]:
    """The concepts in ``text``.

    Args:
        text: TOML, one table a concept.

    Raises:
        EvidenceError: A key is unknown or missing, a value has the wrong type, or a rate is said to be additive.
    """
    return {name: _concept(name, row) for name, row in tomllib.loads(text).items()}


def check_additive(names: Collection[str], over: str, known: Mapping[str, Concept] | None = None) -> None:
    """Refuse a sum that means nothing.

    Args:
        names: Concepts whose figures are to be added.
        over: ``"entities"``, or ``"quarters"`` for any sum over time.
        known: The table; that of :func:`load` when left out.

    Raises:
        EvidenceError: The sum means nothing; the message says why.
        UnknownNameError: No such concept, or ``over`` is neither.
    """
    table = load() if known is None else known
    if over not in ("entities", "quarters"):
        raise unknown_name("direction of a sum", over, ("entities", "quarters"))
    families: dict[str, str] = {}
    for name in sorted(set(names)):
        if name not in table:
            raise unknown_name("concept", name, table)
        concept = table[name]
        if not concept.additive:
            raise EvidenceError(f"{name} may not be summed: {_why_not(concept)}. {concept.definition}")
        if over == "quarters" and concept.kind == "stock":
            raise EvidenceError(f"{name} may not be summed over time: it is a level, and each date holds the last one")
        other = families.setdefault(concept.family, name) if concept.family else name
        if other != name:
            raise EvidenceError(
                f"{other} and {name} may not be added: both measure {concept.family}, in different ways; choose one"
            )


def total(rows: pd.DataFrame, over: str) -> float:
    """The sum of facts, refused where it means nothing.

    Args:
        rows: Rows of the facts: at least the columns concept, unit and value.
        over: What the rows differ in: ``"entities"`` or ``"quarters"``.

    Returns:
        The sum in the one unit of the rows; NaN without rows, which are no zero.

    Raises:
        EvidenceError: The sum means nothing, or the rows are in several units.
    """
    check_additive(set(rows["concept"]), over)
    units = sorted(set(rows["unit"]))
    if len(units) > 1:
        raise EvidenceError(f"figures in {' and '.join(units)} may not be added; choose one unit")
    return float(rows["value"].sum(min_count=1, skipna=False))


def _why_not(concept: Concept) -> str:
    if concept.name.endswith(_PERCENTILES):
        return "the percentile of a sum is not the sum of percentiles"
    if concept.kind == "rate":
        return "a price, index, yield, share or yearly rate has no sum"
    return "its figures overlap, or are not there yet"


@cache
def _load() -> Mapping[str, Concept]:
    return read_concepts((files("headrace") / "data" / "concepts.toml").read_text(encoding="utf-8"))


def _concept(name: str, row: Mapping[str, object]) -> Concept:
    where = f"concepts.toml, [{name}]"
    known = [field.name for field in fields(Concept) if field.name != "name"]
    for key in sorted(row.keys() - set(known)):
        raise EvidenceError(f"{where}: unknown key {key!r}; near: {', '.join(near_matches(key, known)) or 'none'}")
    for key in ("label", "kind", "definition"):
        if not str(row.get(key, "")).strip():
            raise EvidenceError(f"{where}: {key!r} is missing")
    kind, additive = str(row["kind"]), row.get("additive", row["kind"] != "rate")
    if kind not in KINDS:
        raise EvidenceError(f"{where}: kind is {kind!r}; wanted one of {', '.join(KINDS)}")
    if not isinstance(additive, bool) or (additive and kind == "rate"):
        raise EvidenceError(f"{where}: additive is {additive!r}; wanted true or false, and false for a rate")
    return Concept(
        name, str(row["label"]), kind, str(row["definition"]), additive=additive, family=str(row.get("family", ""))
    )
