"""Tables as Parquet files, shipped and local, and the only file that speaks SQL.

Parquet files are the truth; DuckDB reads them in memory, so any number of readers can look at once and no server runs.
Tables are written whole, in a stated order, so the same rows always give the same file.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from headrace.errors import EvidenceError
from headrace.evidence.storage.schema import BROKEN, FACT_KEY, LATE_DAYS, MAY_BE_MISSING, ONCE, ORDER, SAME_PERIOD_DAYS
from headrace.evidence.storage.schema import TABLES as TABLES

if TYPE_CHECKING:
    import pandas as pd


def read_facts(
    day: dt.date | None, local: Sequence[Path] = (), *, vintages: bool = False, years: bool = False
) -> pd.DataFrame:
    """The facts as known on ``day``: of every figure the vintage filed last, on or before that day.

    Args:
        day: The day to look from; ``None`` sees everything filed so far.
        local: Generations of a local store. A figure that they hold replaces the shipped vintages of that figure;
            figures are the same when entity, concept and kind (year, or quarter and stock) are, and their periods end
            within :data:`SAME_PERIOD_DAYS`.
        vintages: Every vintage filed by then instead of the last one.
        years: Also figures of whole years, which have no calendar quarter.

    Returns:
        Columns as in :data:`TABLES` and ``late``, ordered by entity, concept, period and filing.

    Raises:
        EvidenceError: A file of ``local`` cannot be read; it is named.
    """
    columns = ", ".join(TABLES["facts"])
    key = ", ".join(FACT_KEY)
    newest = f"row_number() OVER (PARTITION BY {key} ORDER BY filed DESC, locator DESC, value DESC) = 1"
    query = f"""
        WITH everything AS ({_shipped_and_local(columns, local)})
        SELECT {columns}, late FROM (
            SELECT *, min(filed) OVER (PARTITION BY {key}) > period_end + {LATE_DAYS} AS late FROM everything
            WHERE $years OR calendar_quarter <> ''
        )
        WHERE $day IS NULL OR filed <= $day
        QUALIFY $vintages OR {newest}
        ORDER BY {", ".join(ORDER["facts"])}
    """
    return _read("facts", query, local, day=day, vintages=vintages, years=years)


def filed_range(
    entities: tuple[str, ...] = (), first_quarter: str = "", local: Sequence[Path] = ()
) -> tuple[dt.date, dt.date]:
    """First and last filing date that is known, not estimated.

    Args:
        entities: Whose filings; everyone's when empty.
        first_quarter: Only filings on this calendar quarter or a later one.
        local: Generations of a local store, as in :func:`read_facts`.
    """
    query = f"""
        WITH everything AS ({_shipped_and_local(", ".join(TABLES["facts"]), local)})
        SELECT min(filed) AS first, max(filed) AS last FROM everything
        WHERE NOT filed_estimated AND calendar_quarter >= $quarter
            AND (len($names) = 0 OR list_contains($names, entity))
    """
    row = _read("facts", query, local, names=list(entities), quarter=first_quarter).iloc[0]
    return row["first"].date(), row["last"].date()


def whole_table(name: str) -> pd.DataFrame:
    """Every row of a shipped table, vintages included."""
    columns, order = ", ".join(TABLES[name]), ", ".join(ORDER[name])
    return _read(name, f"SELECT {columns} FROM read_parquet($shipped) ORDER BY {order}")


def read_closes(local: Sequence[Path], tickers: Sequence[str] = ()) -> pd.DataFrame:
    """Daily closes of a local store, by ticker and day.

    Args:
        local: Generations of a local store; where two hold one ticker and day, the one retrieved last counts.
        tickers: Whose; everyone's when empty.

    Returns:
        Columns as in :data:`TABLES`.

    Raises:
        EvidenceError: A file of ``local`` cannot be read; it is named.
    """
    columns, order = ", ".join(TABLES["closes"]), ", ".join(ORDER["closes"])
    stored = "FROM read_parquet($local)" if local else f"FROM ({_no_rows('closes')})"
    query = f"""
        SELECT {columns} {stored} WHERE len($tickers) = 0 OR list_contains($tickers, ticker)
        QUALIFY row_number() OVER (PARTITION BY ticker, day ORDER BY retrieved DESC, source_id) = 1 ORDER BY {order}
    """
    with duckdb.connect() as connection:
        try:
            given = {"local": [_exactly(path) for path in local]} if local else {}
            return connection.execute(query, {"tickers": list(tickers), **given}).df()
        except duckdb.Error:
            for file in local:
                _refuse_unreadable(connection, "closes", file)
            raise


def rows_of_file(path: Path, most: int) -> pd.DataFrame:
    """Every row of a Parquet file that somebody made, as it is.

    Args:
        path: The file.
        most: Rows it may have.

    Raises:
        EvidenceError: It is no Parquet file, or has more rows.
    """
    with duckdb.connect() as connection:
        try:
            row = connection.execute("SELECT count(*) FROM read_parquet($path)", {"path": _exactly(path)}).fetchone()
            if row is not None and row[0] > most:
                raise EvidenceError(f"{path}: {row[0]:,} rows; at most {most:,} are read from one file")
            return connection.execute("SELECT * FROM read_parquet($path)", {"path": _exactly(path)}).df()
        except duckdb.Error as fault:
            raise EvidenceError(f"{path}: no Parquet file: {_first_line(fault)}") from None


def write_table(name: str, rows: pd.DataFrame, folder: Path) -> Path:
    """Write a shipped table in its schema and order; the same rows give the same bytes.

    Args:
        name: A key of :data:`TABLES`.
        rows: At least the columns of the schema, in any order.
        folder: Where ``<name>.parquet`` goes; it replaces the old file only when it is whole.

    Returns:
        The file written.
    """
    target = folder / f"{name}.parquet"
    aside = target.with_suffix(".parquet.part")
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.register("given", rows)
        connection.execute(
            f"COPY ({_in_schema(name)}) TO $path (FORMAT parquet, COMPRESSION zstd)", {"path": str(aside)}
        )
    aside.replace(target)
    return target


def write_frame(rows: pd.DataFrame, path: Path, form: str) -> Path:
    """Write a frame as it is to a file of somebody's own, whole or not at all.

    Args:
        rows: Any frame of plain columns.
        path: The file; it is replaced only when the new one is whole.
        form: ``parquet`` or ``csv``.

    Returns:
        The file written.

    Raises:
        OSError: The folder is not there or may not be written, or its disk is full.
    """
    options = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER"}[form]
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    aside.touch()
    try:
        with duckdb.connect() as connection:
            connection.register("given", rows)
            try:
                connection.execute(f"COPY (SELECT * FROM given) TO $path ({options})", {"path": str(aside)})
            except duckdb.IOException as fault:
                raise _of_the_system(fault) from None
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def write_generation(name: str, rows: pd.DataFrame, target: Path, record: str, where: str) -> None:
    """Write rows of a local table, checked, with a record of where they came from inside the same file.

    Args:
        name: "facts" or "closes".
        rows: At least the columns of the schema, in any order.
        target: The file to write.
        record: Text that :func:`record_of` gives back.
        where: What the rows are, named in errors.

    Raises:
        EvidenceError: A column is missing or of another type, a row breaks the schema, or two rows are one.
    """
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.register("given", rows)
        try:
            connection.execute(f"CREATE TABLE checked AS {_in_schema(name)}")
        except (duckdb.ProgrammingError, duckdb.DataError) as fault:
            raise EvidenceError(f"{where}: the rows do not fit the table {name}: {_first_line(fault)}") from None
        _refuse_broken_rows(connection, name, where)
        copy = "COPY checked TO $path (FORMAT parquet, COMPRESSION zstd, KV_METADATA {headrace: $record})"
        try:
            connection.execute(copy, {"path": str(target), "record": record})
        except duckdb.IOException as fault:
            raise _of_the_system(fault) from None


def record_of(path: Path) -> str:
    """The record that :func:`write_generation` put into a file.

    Raises:
        EvidenceError: The file cannot be read, or nobody wrote a record into it.
    """
    query = "SELECT value FROM parquet_kv_metadata($path) WHERE key = 'headrace'"
    try:
        with duckdb.connect() as connection:
            row = connection.execute(query, {"path": _exactly(path)}).fetchone()
    except duckdb.Error as fault:
        raise _unreadable(path, fault) from None
    if row is None:
        raise EvidenceError(f"{path}: holds no record of where its rows came from; move it out of the store")
    return bytes(row[0]).decode("utf-8")


def holds_same_rows(name: str, rows: pd.DataFrame, path: Path) -> bool:
    """Whether a generation holds exactly ``rows``.

    Raises:
        EvidenceError: The generation cannot be read.
    """
    held = f"SELECT {', '.join(TABLES[name])} FROM read_parquet($path)"
    given = _in_schema(name)
    query = f"SELECT count(*) FROM (({held} EXCEPT ALL ({given})) UNION ALL (({given}) EXCEPT ALL {held}))"
    with duckdb.connect() as connection:
        connection.register("given", rows)
        try:
            row = connection.execute(query, {"path": _exactly(path)}).fetchone()
        except duckdb.Error as fault:
            raise _unreadable(path, fault) from None
    return row == (0,)


def add_columns(path: Path, target: Path, values: Mapping[str, str], record: str) -> None:
    """Write the rows of a generation to ``target`` with more columns of text, each the same in every row.

    Raises:
        EvidenceError: The file cannot be read.
    """
    added = ", ".join(f"${name} AS {name}" for name in values)
    copy = (
        f"COPY (SELECT *, {added} FROM read_parquet($path)) "
        "TO $target (FORMAT parquet, COMPRESSION zstd, KV_METADATA {headrace: $record})"
    )
    with duckdb.connect(config={"threads": "1"}) as connection:
        try:
            connection.execute(copy, {"path": _exactly(path), "target": str(target), "record": record, **values})
        except duckdb.Error as fault:
            raise _unreadable(path, fault) from None


def _shipped_and_local(columns: str, local: Sequence[Path]) -> str:
    if not local:
        return f"SELECT {columns} FROM read_parquet($shipped)"
    return f"""
        WITH fetched AS (SELECT {columns} FROM read_parquet($local)),
        figures AS (SELECT DISTINCT entity, concept, period_end, calendar_quarter = '' AS whole_year FROM fetched)
        SELECT {columns} FROM read_parquet($shipped) AS shipped
        WHERE NOT EXISTS (
            SELECT 1 FROM figures
            WHERE figures.entity = shipped.entity AND figures.concept = shipped.concept
                AND figures.whole_year = (shipped.calendar_quarter = '')
                AND abs(figures.period_end - shipped.period_end) <= {SAME_PERIOD_DAYS}
        )
        UNION ALL SELECT {columns} FROM fetched
    """


def _no_rows(name: str) -> str:
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {column}" for column, kind in TABLES[name].items())
    return f"SELECT {columns} LIMIT 0"


def _in_schema(name: str) -> str:
    columns = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in TABLES[name].items())
    return f"SELECT {columns} FROM given ORDER BY {', '.join(ORDER[name])}"


def _refuse_broken_rows(connection: duckdb.DuckDBPyConnection, name: str, where: str) -> None:
    once = ", ".join(ONCE[name])
    missing = {f"no {column}": f"{column} IS NULL" for column in TABLES[name] if column not in MAY_BE_MISSING}
    faults = {**missing, **BROKEN[name]}
    cases = " ".join(f"WHEN {condition} THEN $fault_{number}" for number, condition in enumerate(faults.values()))
    texts = {f"fault_{number}": text for number, text in enumerate(faults)}
    row = connection.execute(
        f"SELECT CASE {cases} END AS fault, {once} FROM checked WHERE fault IS NOT NULL LIMIT 1", texts
    ).fetchone()
    if row is not None:
        raise EvidenceError(f"{where}: a row has {row[0]}: {_shown(row[1:])}")
    row = connection.execute(f"SELECT {once} FROM checked GROUP BY {once} HAVING count(*) > 1 LIMIT 1").fetchone()
    if row is not None:
        raise EvidenceError(f"{where}: two rows are one and the same: {_shown(row)}")


def _shown(row: tuple[object, ...]) -> str:
    return ", ".join("none" if cell is None else str(cell) for cell in row)


def _read(name: str, query: str, local: Sequence[Path] = (), **values: object) -> pd.DataFrame:
    if local:
        values["local"] = [_exactly(path) for path in local]
    with as_file(files("headrace") / "data" / f"{name}.parquet") as path, duckdb.connect() as connection:
        try:
            return connection.execute(query, {"shipped": str(path), **values}).df()
        except duckdb.Error:
            for file in local:
                _refuse_unreadable(connection, name, file)
            raise


def _refuse_unreadable(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    try:
        connection.execute(f"SELECT {', '.join(TABLES[name])} FROM read_parquet($path)", {"path": _exactly(path)}).df()
    except duckdb.Error as fault:
        raise _unreadable(path, fault) from None


def _unreadable(path: Path, fault: Exception) -> EvidenceError:
    return EvidenceError(
        f"{path}: cannot be read: {_first_line(fault)}; move the file away, and what is in it is fetched again"
    )


def _of_the_system(fault: duckdb.IOException) -> OSError:
    """What the system said, without the words of whoever passed it on."""
    number = re.search(r'"errno":"(\d+)"', str(fault))
    return OSError(int(number[1]), os.strerror(int(number[1]))) if number else OSError(_first_line(fault))


def _first_line(fault: Exception) -> str:
    return str(fault).partition("\n")[0]


def _exactly(path: Path) -> str:
    """The path as DuckDB must be told it: a star, a question mark or a bracket in it stands for itself."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))
