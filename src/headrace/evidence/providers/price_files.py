"""Closes from a file that a person has: CSV or Parquet, long, of one ticker, or wide with a column a ticker.

Returns jump at every split where closes are not adjusted, so a file that does not say that its closes are is refused
unless its reader says which they are.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headrace.errors import EvidenceError, unknown_name
from headrace.evidence import universe
from headrace.evidence.batch import Batch, Document
from headrace.evidence.findings import Finding
from headrace.evidence.providers.closes import rows_of_closes
from headrace.evidence.providers.csv_document import number, read_lines, shown
from headrace.evidence.storage.store import rows_of_file

MOST_BYTES = 512 * 2**20
MOST_ROWS = 20_000_000

DATES = ("date", "day", "timestamp", "datetime")
TICKERS = ("ticker", "symbol", "tic")
ADJUSTED = ("adjclose", "adjustedclose", "closeadj", "closeadjusted", "adjclosingprice")
PLAIN = ("close", "price", "closingprice", "last")

SOURCE_ID = "imported_closes"
QUALITY = "C"

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})([T ].{1,40})?", re.ASCII)
_TICKER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,9}", re.ASCII)

Row = tuple[Mapping[str, Any], str]
"""Cells by column, and where they stand."""


@dataclass(frozen=True)
class _Layout:
    """Which column holds what. A wide file has no ``close``: every other column is a ticker."""

    date: str
    ticker: str
    close: str
    adjusted: bool


def read_file(path: Path, seen: dt.datetime, *, ticker: str = "", adjusted: bool | None = None) -> list[Batch]:
    """The closes in a file, one batch a ticker.

    Args:
        path: ``.csv`` or ``.parquet``.
        seen: Now [UTC].
        ticker: Whose closes a file without a column of tickers holds; the name of the file when left out.
        adjusted: Whether the closes are adjusted for splits and dividends, where the file does not say so itself.

    Raises:
        EvidenceError: The file cannot be read, does not say whether its closes are adjusted, or holds what cannot be a
            close; or none of its tickers is in the universe.
        UnknownNameError: It is about one ticker, and that one is not in the universe.
    """
    if not path.is_file():
        raise EvidenceError(f"{path}: no such file")
    if path.stat().st_size > MOST_BYTES:
        raise EvidenceError(f"{path}: {path.stat().st_size:,} bytes; at most {MOST_BYTES:,} are read from one file")
    content = path.read_bytes()
    columns, rows = _rows(path, content)
    layout = _layout(columns, path.name, adjusted)
    closes = _wide(rows, layout, columns) if not layout.close else _long(rows, layout, ticker or path.stem)
    document = Document(content, path.name, hashlib.sha256(content).hexdigest(), seen)
    return _batches(closes, layout, document)


def _rows(path: Path, content: bytes) -> tuple[list[str], Iterable[Row]]:
    if path.suffix.lower() == ".csv":
        columns, lines = read_lines(content, path.name)
        return columns, ((line.cells, line.where) for line in lines)
    if path.suffix.lower() not in (".parquet", ".pq"):
        raise EvidenceError(f"{path.name}: neither CSV nor Parquet by its name; wanted .csv or .parquet")
    table = rows_of_file(path, MOST_ROWS)
    columns = [str(name) for name in table.columns]
    cells = zip(*(table[name].tolist() for name in table.columns), strict=True)
    return columns, (
        (dict(zip(columns, row, strict=True)), f"{path.name}, row {place + 1}") for place, row in enumerate(cells)
    )


def _layout(columns: Sequence[str], where: str, adjusted: bool | None) -> _Layout:
    plain = {re.sub(r"[^a-z]", "", name.lower()): name for name in columns}
    date = next((plain[name] for name in DATES if name in plain), "")
    if not date:
        raise EvidenceError(f"{where}: no column of dates; wanted one named Date; columns: {shown(', '.join(columns))}")
    ticker = next((plain[name] for name in TICKERS if name in plain), "")
    says_adjusted = next((plain[name] for name in ADJUSTED if name in plain), "")
    close = says_adjusted or next((plain[name] for name in PLAIN if name in plain), "")
    if says_adjusted and adjusted is not False:
        return _Layout(date, ticker, close, True)
    if not close and ticker:
        raise EvidenceError(f"{where}: no column of closes; wanted Adj Close; columns: {shown(', '.join(columns))}")
    if adjusted is None:
        what = f"{close!r} alone" if close else "a column a ticker"
        raise EvidenceError(
            f"{where}: {what} does not say whether closes are adjusted for splits and dividends, and returns would "
            "jump at every split if they are not; import a file with Adj Close, or say which they are (--closes)"
        )
    if adjusted is False and says_adjusted:
        close = next((plain[name] for name in PLAIN if name in plain), "")
        if not close:
            raise EvidenceError(f"{where}: {says_adjusted!r} is adjusted; there is no other column of closes")
    return _Layout(date, ticker, close, adjusted)


def _long(rows: Iterable[Row], layout: _Layout, ticker: str) -> dict[str, list[tuple[dt.date, float | None]]]:
    found: dict[str, list[tuple[dt.date, float | None]]] = {}
    for cells, where in rows:
        name = str(cells[layout.ticker]) if layout.ticker else ticker
        found.setdefault(_ticker(name, where), []).append(
            (_day(cells[layout.date], where), _close(cells[layout.close], f"{where}, {layout.close}"))
        )
    return found


def _wide(
    rows: Iterable[Row], layout: _Layout, columns: Sequence[str]
) -> dict[str, list[tuple[dt.date, float | None]]]:
    names = {column: _ticker(column, "the header") for column in columns if column != layout.date}
    found: dict[str, list[tuple[dt.date, float | None]]] = {name: [] for name in names.values()}
    for cells, where in rows:
        day = _day(cells[layout.date], where)
        for column, name in names.items():
            found[name].append((day, _close(cells[column], f"{where}, {column}")))
    return found


def _batches(
    closes: Mapping[str, list[tuple[dt.date, float | None]]], layout: _Layout, document: Document
) -> list[Batch]:
    where = document.url
    known = {entity.ticker for entity in universe.load().values()}
    if not closes:
        raise EvidenceError(f"{where}: no row in it")
    if len(closes) == 1 and not closes.keys() & known:
        raise unknown_name("ticker", next(iter(closes)), known, where)
    strangers = tuple(_strangers(closes.keys() - known, where))
    batches: list[Batch] = []
    for ticker in sorted(closes.keys() & known):
        there = [(day, close) for day, close in closes[ticker] if close is not None]
        if not there and not layout.close:
            continue  # a column of a wide file that begins later than the file ends
        rows, findings = rows_of_closes(
            there,
            ticker,
            adjusted=layout.adjusted,
            quality=QUALITY,
            source_id=SOURCE_ID,
            locator=where,
            seen=document.retrieved.date(),
            where=where,
        )
        gaps = len(closes[ticker]) - len(there)
        if gaps and layout.close:
            findings.append(Finding("left_out", ticker, "close", where, f"{gaps:,} days without a close", refused=True))
        batches.append(Batch("closes", "prices", ticker.lower(), rows, (*findings, *strangers), document))
        strangers = ()
    if not batches:
        raise EvidenceError(f"{where}: none of its {len(closes):,} tickers is in universe.toml; add them there first")
    return batches


def _strangers(tickers: Iterable[str], where: str) -> Iterator[Finding]:
    for ticker in sorted(tickers):
        text = f"{ticker} is not in universe.toml; its closes are left out"
        yield Finding("left_out", ticker, "close", where, text, refused=True)


def _ticker(text: str, where: str) -> str:
    name = text.strip()
    if _TICKER.fullmatch(name) is None:
        raise EvidenceError(f"{where}: {shown(text)} is no ticker; wanted up to ten letters, digits, dots and hyphens")
    return name.upper()


def _day(cell: object, where: str) -> dt.date:
    if isinstance(cell, dt.date) and cell == cell:  # a missing day of a Parquet file is not itself
        return cell.date() if isinstance(cell, dt.datetime) else cell
    match = _DAY.fullmatch(str(cell).strip())
    try:
        if match is not None:
            return dt.date.fromisoformat(match[1])
    except ValueError:
        pass
    raise EvidenceError(
        f"{where}: {shown(str(cell))} is no day; wanted YYYY-MM-DD (day/month/year can be read two ways)"
    )


def _close(cell: object, where: str) -> float | None:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    return number(str(cell), where)
