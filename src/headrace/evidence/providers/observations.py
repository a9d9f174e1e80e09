"""Observed figures of series and tables on their way into the facts: one row each, in the schema of the facts.

A series has no filing. The day from which a figure counts is its period plus the usual delay of publication, badged as
estimated, and never later than the day on which the figure was seen.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.errors import EvidenceError
from headrace.evidence.storage.store import TABLES
from headrace.periods import quarter_of_flow, quarter_of_stock

if TYPE_CHECKING:
    import pandas as pd

QUARTER_DAYS = range(80, 101)
"""First to last day of what is a quarter; a month, a year or a day is none and carries no quarter's name."""

_SIGNIFICANT_DIGITS = 12


@dataclass(frozen=True)
class Observation:
    """One figure of one entity for one period.

    ``start`` is ``None`` for what stood on ``end``; a reading of one day has ``start`` and ``end`` on that day.
    """

    entity: str
    concept: str
    start: dt.date | None
    end: dt.date
    value: float
    unit: str
    status: str
    quality: str
    source_id: str
    locator: str
    filed: dt.date
    filed_estimated: bool = True

    @property
    def calendar_quarter(self) -> str:
        """The quarter of a quarter's flow, and of what stood on its last day; empty for all else.

        So a view by quarters holds one row a figure, and a series by month or year does not crowd into it.
        """
        if self.start is not None:
            is_quarter = (self.end - self.start).days in QUARTER_DAYS
            return quarter_of_flow(self.start, self.end) if is_quarter else ""
        day_after = self.end + dt.timedelta(days=1)
        return quarter_of_stock(self.end) if day_after.day == 1 and day_after.month % 3 == 1 else ""


def published_by(end: dt.date, lag_days: int, seen: dt.date) -> dt.date:
    """The day from which a figure of a period that ended on ``end`` counts.

    Args:
        end: Last day of the period.
        lag_days: Usual delay of publication [day].
        seen: The day on which the figure was there: it was published by then.
    """
    return min(end + dt.timedelta(days=lag_days), seen)


def scaled(value: float, scale: float) -> float:
    """``value`` in another unit, without the binary noise of the product: 4.25 percent is 0.0425 and nothing beside."""
    return float(f"{value * scale:.{_SIGNIFICANT_DIGITS}g}")


def facts_rows(observations: Iterable[Observation], where: str) -> pd.DataFrame:
    """The observations as rows of the facts table, in their order.

    Args:
        observations: At least one.
        where: The document, named in errors.

    Raises:
        EvidenceError: There is none, a value is not finite, or two stand for one figure on one day of filing.
    """
    import pandas as pd

    rows = list(observations)
    if not rows:
        raise EvidenceError(f"{where}: no figure in it; it may be an answer to another question")
    seen: dict[tuple[object, ...], float] = {}
    for row in rows:
        key = (row.entity, row.concept, row.start, row.end, row.filed)
        if not math.isfinite(row.value):
            raise EvidenceError(f"{where}: {row.entity}, {row.concept}, {row.end}: {row.value} is not finite")
        if key in seen:
            raise EvidenceError(
                f"{where}: {row.entity}, {row.concept}, {row.end} stands twice, as {seen[key]:g} and {row.value:g}; "
                "one figure has one value a day"
            )
        seen[key] = row.value
    table = pd.DataFrame([_cells(row) for row in rows], columns=list(TABLES["facts"]))
    for column, kind in TABLES["facts"].items():
        if kind == "DATE":
            table[column] = pd.to_datetime(table[column])
    return table


def _cells(row: Observation) -> dict[str, object]:
    """One row; columns that only filings fill stay empty text, and nobody recorded what was reported first."""
    empty: dict[str, object] = {column: "" for column, kind in TABLES["facts"].items() if kind == "VARCHAR"}
    return empty | {
        "entity": row.entity,
        "concept": row.concept,
        "period_start": row.start,
        "period_end": row.end,
        "calendar_quarter": row.calendar_quarter,
        "value": row.value,
        "unit": row.unit,
        "status": row.status,
        "quality": row.quality,
        "source_id": row.source_id,
        "locator": row.locator,
        "filed": row.filed,
        "filed_estimated": row.filed_estimated,
        "first_value": float("nan"),
    }
