"""One figure on its way into the facts, and the rule that settles two claims about the same figure.

A figure is what one input row says; it has one vintage, or two where the filer restated it.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from headrace.errors import EvidenceError, near_matches
from headrace.evidence.universe import Entity
from headrace.periods import quarter_of_flow, quarter_of_stock

T = TypeVar("T")

QUARTER_DELAY = dt.timedelta(days=45)
YEAR_DELAY = dt.timedelta(days=75)
YEAR_END_SLACK = dt.timedelta(days=10)
"""How far the end of a year of 52 or 53 weeks may lie from its nominal date."""


@dataclass(frozen=True)
class Vintage:
    """What a figure was said to be from one filing date on."""

    value: float
    filed: dt.date
    filed_estimated: bool
    locator: str


@dataclass(frozen=True)
class Figure:
    """One entity's figure for one concept and period, with every vintage of it."""

    entity: str
    concept: str
    start: dt.date | None
    end: dt.date
    status: str
    quality: str
    source_id: str
    first_value: float | None
    vintages: tuple[Vintage, ...]
    unit: str = "USD"
    derivation: str = ""
    tag: str = ""

    @property
    def key(self) -> tuple[str, str, dt.date]:
        """What the figure is about; two figures with one key are two claims about the same thing."""
        return self.entity, self.concept, self.end

    @property
    def calendar_quarter(self) -> str:
        """The quarter of the period's midpoint, or of the date less 45 days for a stock."""
        return quarter_of_stock(self.end) if self.start is None else quarter_of_flow(self.start, self.end)


def estimated_filing_date(end: dt.date, entity: Entity) -> dt.date:
    """When a report of ``entity`` on a period that ended on ``end`` is out, where nothing says when it was filed."""
    return end + (YEAR_DELAY if ends_fiscal_year(end, entity) else QUARTER_DELAY)


def ends_fiscal_year(end: dt.date, entity: Entity) -> bool:
    """Whether a fiscal year of ``entity`` ended on ``end``, give or take the days of a year of 52 or 53 weeks."""
    month, day = (int(part) for part in entity.fiscal_year_end.split("-"))
    return any(
        abs(dt.date(year, month, day) - end) <= YEAR_END_SLACK for year in (end.year - 1, end.year, end.year + 1)
    )


def looked_up(table: Mapping[str, T], key: str, what: str, where: str, remedy: str) -> T:
    """The entry of ``table`` for ``key``.

    Args:
        table: What is known.
        key: What the input says.
        what: What the key is, such as ``"ticker"``.
        where: File and row, for the error.
        remedy: What a maintainer does about a new one.

    Raises:
        EvidenceError: The table has no such entry.
    """
    if key not in table:
        close = ", ".join(near_matches(key, table)) or "none is near"
        raise EvidenceError(f"{where}: unknown {what} {key!r}; near: {close}; {remedy}")
    return table[key]


def settle_claims(figures: Iterable[Figure], report: Counter[str]) -> list[Figure]:
    """Keep one figure per key: the best quality, and of equals the one that came first.

    Args:
        figures: In the order in which inputs are trusted among equals.
        report: Counts of what was left out and why; added to.
    """
    kept: dict[tuple[str, str, dt.date], Figure] = {}
    for figure in figures:
        rival = kept.get(figure.key)
        if rival is None:
            kept[figure.key] = figure
            continue
        better, worse = (figure, rival) if figure.quality < rival.quality else (rival, figure)
        kept[figure.key] = better
        agree = abs(better.vintages[-1].value - worse.vintages[-1].value) <= 0.005 * abs(better.vintages[-1].value)
        verdict = "agrees within 0.5 %" if agree else "DIFFERS"
        report[f"left out: {worse.source_id} repeats {better.source_id} ({better.concept}), {verdict}"] += 1
    return list(kept.values())


def facts_frame(figures: Iterable[Figure]) -> pd.DataFrame:
    """One row per vintage, in the columns of the facts table."""
    rows: list[dict[str, Any]] = [
        {
            "entity": figure.entity,
            "concept": figure.concept,
            "period_start": figure.start,
            "period_end": figure.end,
            "calendar_quarter": figure.calendar_quarter,
            "value": vintage.value,
            "unit": figure.unit,
            "status": figure.status,
            "quality": figure.quality,
            "source_id": figure.source_id,
            "locator": vintage.locator,
            "filed": vintage.filed,
            "filed_estimated": vintage.filed_estimated,
            "first_value": figure.first_value,
            "derivation": figure.derivation,
            "tag": figure.tag,
        }
        for figure in figures
        for vintage in figure.vintages
    ]
    return pd.DataFrame(rows)


def concept_kinds(data: Path) -> dict[str, str]:
    """Flow or stock, by concept, from ``concepts.toml`` in the folder ``data``."""
    table = tomllib.loads((data / "concepts.toml").read_text(encoding="utf-8"))
    return {name: row["kind"] for name, row in table.items()}
