"""Tables of facts and closes, shipped and local: their columns, their order, and what no row of them may be.

Conditions are those of DuckDB; :mod:`headrace.evidence.storage.store` alone puts them to use.
"""

from __future__ import annotations

FACT_KEY = ("entity", "concept", "period_start", "period_end")
"""What one figure is about; rows that share it are vintages of the same figure."""

TABLES = {
    "facts": {
        "entity": "VARCHAR",
        "concept": "VARCHAR",
        "period_start": "DATE",
        "period_end": "DATE",
        "calendar_quarter": "VARCHAR",
        "value": "DOUBLE",
        "unit": "VARCHAR",
        "status": "VARCHAR",
        "quality": "VARCHAR",
        "source_id": "VARCHAR",
        "locator": "VARCHAR",
        "filed": "DATE",
        "filed_estimated": "BOOLEAN",
        "first_value": "DOUBLE",
        "derivation": "VARCHAR",
        "tag": "VARCHAR",
    },
    "prices": {
        "ticker": "VARCHAR",
        "month": "VARCHAR",
        "close": "DOUBLE",
        "unit": "VARCHAR",
        "complete": "BOOLEAN",
        "quality": "VARCHAR",
        "source_id": "VARCHAR",
    },
    "past_cycles": {
        "cycle": "VARCHAR",
        "entity": "VARCHAR",
        "concept": "VARCHAR",
        "period_start": "DATE",
        "period_end": "DATE",
        "calendar_quarter": "VARCHAR",
        "value": "DOUBLE",
        "unit": "VARCHAR",
        "status": "VARCHAR",
        "quality": "VARCHAR",
        "source_id": "VARCHAR",
        "locator": "VARCHAR",
        "filed": "DATE",
        "first_vintage": "BOOLEAN",
        "tag": "VARCHAR",
    },
    "closes": {
        "ticker": "VARCHAR",
        "day": "DATE",
        "close": "DOUBLE",
        "unit": "VARCHAR",
        "adjusted": "BOOLEAN",
        "quality": "VARCHAR",
        "source_id": "VARCHAR",
        "locator": "VARCHAR",
        "retrieved": "DATE",
    },
}
"""Columns of every table, in order, with their types. Facts, prices and past cycles are shipped; a local store has
facts, closes."""

LATE_DAYS = 120
"""A figure first filed more than this many days after its period is late, whatever the day one looks from."""

SAME_PERIOD_DAYS = 7
"""Ends of a period this close are one period: years of 52 and 53 weeks, and sources that round to the month."""

ORDER = {
    "facts": ("entity", "concept", "period_end", "period_start", "filed", "locator", "unit", "value"),
    "prices": ("ticker", "month"),
    "past_cycles": ("cycle", "entity", "concept", "period_end"),
    "closes": ("ticker", "day"),
}
"""By what the rows of a file are sorted, so that the same rows give the same file."""

BROKEN = {
    "facts": {
        "no entity, concept, unit or source": "'' IN (entity, concept, unit, source_id)",
        "no finite value": "NOT isfinite(value)",
        "a period that ends before it starts": "period_end < period_start",
        "an unknown quality": "quality NOT IN ('A', 'B', 'C')",
    },
    "closes": {
        "no ticker, unit or source": "'' IN (ticker, unit, source_id)",
        "no finite close above 0": "NOT (isfinite(close) AND close > 0)",
        "a day after it was retrieved": "day > retrieved",
        "an unknown quality": "quality NOT IN ('A', 'B', 'C')",
    },
}
"""What no row of a generation may be, by what is wrong with it."""

MAY_BE_MISSING = {"period_start", "first_value"}
"""Columns in which a generation may say nothing."""

ONCE = {"facts": (*FACT_KEY, "unit", "filed", "locator"), "closes": ("ticker", "day")}
"""What no two rows of a generation share."""
