"""What can be forecast: flows that companies file, and the measures of ``data/forecast_measures.toml``.

A measure has one unit, and says what a forecast of it is held against: filings, the count of a chip, or nothing and
why.
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
from headrace.evidence import concepts

FILED_UNIT = "USD bn"
"""Unit of every flow that companies file."""

KINDS = ("flow", "stock")


@dataclass(frozen=True)
class Measure:
    """One measure; see ``forecast_measures.toml`` for what each field says. A filed one has neither chip nor reason."""

    name: str
    label: str
    unit: str
    kind: str
    chip: str = ""
    counted: dt.date | None = None
    because: str = ""


@cache
def load() -> Mapping[str, Measure]:
    """Every measure by name.

    Raises:
        EvidenceError: A row breaks the schema.
    """
    filed = {
        row.name: Measure(row.name, row.label, FILED_UNIT, row.kind)
        for row in concepts.load().values()
        if row.kind == "flow"
    }
    return filed | read_measures((files("headrace") / "data" / "forecast_measures.toml").read_text(encoding="utf-8"))


def read_measures(text: str) -> dict[str, Measure]:
    """The measures in ``text``.

    Args:
        text: TOML, one table a measure.

    Raises:
        EvidenceError: A key is unknown or missing, or a row says neither what it is held against nor why not, or both.
    """
    return {name: _measure(name, row) for name, row in tomllib.loads(text).items()}


def _measure(name: str, row: Mapping[str, Any]) -> Measure:
    where = f"forecast_measures.toml, [{name}]"
    known = {one.name: one for one in fields(Measure) if one.name != "name"}
    for key in sorted(row.keys() - known.keys()):
        raise EvidenceError(f"{where}: unknown key {key!r}; near: {', '.join(near_matches(key, known)) or 'none'}")
    for key, one in known.items():
        if key not in row and one.default is MISSING:
            raise EvidenceError(f"{where}: {key!r} is missing")
    measure = Measure(name, **row)
    if measure.kind not in KINDS:
        raise EvidenceError(f"{where}: kind is {measure.kind!r}; wanted {' or '.join(KINDS)}")
    if bool(measure.chip) == bool(measure.because) or bool(measure.chip) != (measure.counted is not None):
        raise EvidenceError(f"{where}: wanted chip and the day on which it was counted, or because; one of both")
    return measure
