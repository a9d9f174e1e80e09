"""The shipped tables, and the only file that speaks SQL.

Parquet files are the truth; DuckDB reads them in memory, so any number of readers can look at once and no server runs.
Tables are written whole, in a stated order, so the same rows always give the same file.
"""

from __future__ import annotations

import datetime as dt
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    import pandas as pd

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
}
"""Columns of every shipped table, in order, with their types."""

_ORDER = {"facts": ("entity", "concept", "period_end", "period_start", "filed"), "prices": ("ticker", "month")}


def facts_as_of(day: dt.date | None) -> pd.DataFrame:
    """The facts as known on ``day``: of every figure the vintage filed last, on or before that day.

    Args:
        day: The day to look from; ``None`` sees everything filed so far.

    Returns:
        One row per figure, columns as in :data:`TABLES`, ordered by entity, concept and period.
    """
    query = f"""
        SELECT {", ".join(TABLES["facts"])} FROM read_parquet($path)
        WHERE $day IS NULL OR filed <= $day
        QUALIFY row_number() OVER (PARTITION BY {", ".join(FACT_KEY)} ORDER BY filed DESC) = 1
        ORDER BY {", ".join(_ORDER["facts"])}
    """
    return _read("facts", query, day=day)


def filed_range(entities: tuple[str, ...] = (), first_quarter: str = "") -> tuple[dt.date, dt.date]:
    """First and last filing date that is known, not estimated.

    Args:
        entities: Whose filings; everyone's when empty.
        first_quarter: Only filings on this calendar quarter or a later one.
    """
    query = """
        SELECT min(filed), max(filed) FROM read_parquet($path)
        WHERE NOT filed_estimated AND calendar_quarter >= $quarter
            AND (len($names) = 0 OR list_contains($names, entity))
    """
    with as_file(files("headrace") / "data" / "facts.parquet") as path, duckdb.connect() as connection:
        row = connection.execute(
            query, {"path": str(path), "names": list(entities), "quarter": first_quarter}
        ).fetchone()
    assert row is not None  # an aggregate always returns one row
    return row[0], row[1]


def whole_table(name: str) -> pd.DataFrame:
    """Every row of a shipped table, vintages included."""
    return _read(name, f"SELECT {', '.join(TABLES[name])} FROM read_parquet($path) ORDER BY {', '.join(_ORDER[name])}")


def write_table(name: str, rows: pd.DataFrame, folder: Path) -> Path:
    """Write a table in its schema and order; the same rows give the same bytes.

    Args:
        name: A key of :data:`TABLES`.
        rows: At least the columns of the schema, in any order.
        folder: Where ``<name>.parquet`` goes; it replaces the old file only when it is whole.

    Returns:
        The file written.
    """
    columns = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in TABLES[name].items())
    target = folder / f"{name}.parquet"
    aside = target.with_suffix(".parquet.part")
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.register("rows", rows)
        select = f"SELECT {columns} FROM rows ORDER BY {', '.join(_ORDER[name])}"
        connection.execute(f"COPY ({select}) TO '{aside}' (FORMAT parquet, COMPRESSION zstd)")
    aside.replace(target)
    return target


def _read(name: str, query: str, **values: object) -> pd.DataFrame:
    with as_file(files("headrace") / "data" / f"{name}.parquet") as path, duckdb.connect() as connection:
        return connection.execute(query, {"path": str(path), **values}).df()
