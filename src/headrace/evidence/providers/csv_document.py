"""A CSV document from outside, checked before anything is read from it: it may be empty, a web page or an attack.

Cells stay text; a number or a day is what a cell says in full, or an error that names the line. Nothing is guessed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from headrace.errors import EvidenceError, near_matches

LONGEST_NUMBER = 40
"""Characters; a longer one is no figure that anybody publishes."""

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FORMULA = ("=", "@")
_SHOWN = 60


@dataclass(frozen=True)
class Line:
    """One row: its cells by column, and where it stands."""

    cells: Mapping[str, str]
    where: str

    def number(self, column: str) -> float | None:
        """The number in a cell; ``None`` where the cell is empty.

        Raises:
            EvidenceError: The cell holds a formula, no number, NaN or infinity.
        """
        return number(self.cells[column], f"{self.where}, {column}")

    def day(self, column: str) -> dt.date | None:
        """The day in a cell; ``None`` where the cell is empty.

        Raises:
            EvidenceError: The cell is neither YYYY-MM-DD nor month/day/year.
        """
        return day(self.cells[column], f"{self.where}, {column}")


def read_lines(content: bytes, where: str, wanted: Sequence[str] = ()) -> tuple[list[str], Iterator[Line]]:
    """The columns of a CSV document, and its rows one by one.

    Args:
        content: The document.
        where: Address or file, named in errors.
        wanted: Columns that must be there; others may be.

    Returns:
        Column names in order, and the rows. Columns without a name are left out, and so are empty lines.

    Raises:
        EvidenceError: The document is empty, a web page, JSON, binary or not UTF-8, or lacks a column; while rows are
            read: a row is longer or shorter than the header, or a cell is enormous.
    """
    reader = csv.reader(io.StringIO(_decoded(content, where), newline=""), strict=True)
    header = [name.strip() for name in _next_row(reader, where) or []]
    named = [name for name in header if name]
    for name in wanted:
        if name not in named:
            close = ", ".join(near_matches(name, named)) or "none"
            raise EvidenceError(
                f"{where}: column {name!r} is missing; near: {close}; columns: {shown(', '.join(named))}"
            )
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise EvidenceError(f"{where}: column {shown(twice)} stands twice; remove one of them")
    return named, _lines(reader, header, where)


def number(text: str, where: str) -> float | None:
    """The number that ``text`` is in full; ``None`` where it is empty.

    Raises:
        EvidenceError: It is a formula, no number, too long, NaN or infinity.
    """
    cell = text.strip()
    if not cell:
        return None
    if cell.startswith(_FORMULA):
        raise EvidenceError(f"{where}: {shown(cell)} is a formula; wanted a number")
    if len(cell) > LONGEST_NUMBER or _NUMBER.fullmatch(cell) is None or not math.isfinite(float(cell)):
        raise EvidenceError(
            f"{where}: {shown(cell)} is no finite number; wanted one such as 1234.5, without separators"
        )
    return float(cell)


def day(text: str, where: str) -> dt.date | None:
    """The day that ``text`` is, as YYYY-MM-DD or month/day/year; ``None`` where it is empty.

    Raises:
        EvidenceError: It is neither.
    """
    cell = text.strip()
    if not cell:
        return None
    try:
        if _ISO_DAY.fullmatch(cell):
            return dt.date.fromisoformat(cell)
        if match := _US_DAY.fullmatch(cell):
            year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
            return dt.date(year, int(match[1]), int(match[2]))
    except ValueError:
        pass
    raise EvidenceError(f"{where}: {shown(cell)} is no day; wanted YYYY-MM-DD or month/day/year")


def shown(text: str) -> str:
    """Text from outside, fit for an error: quoted, without control characters, cut where it is long."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _decoded(content: bytes, where: str) -> str:
    if not content.strip():
        raise EvidenceError(f"{where}: the document is empty; ask again, or check the address")
    if b"\0" in content:
        raise EvidenceError(f"{where}: the document is binary; wanted CSV text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise EvidenceError(f"{where}: byte {fault.start} is no UTF-8; wanted CSV text in UTF-8") from None
    start = text.lstrip()[:1]
    if start == "<":
        raise EvidenceError(f"{where}: a web page came, {shown(' '.join(text.split())[:_SHOWN])}; wanted CSV")
    if start in ("{", "["):
        raise EvidenceError(f"{where}: JSON came, {shown(text.strip())}; wanted CSV")
    return text


def _lines(reader: Iterator[list[str]], header: list[str], where: str) -> Iterator[Line]:
    while (row := _next_row(reader, where)) is not None:
        place = f"{where}, line {reader.line_num}"  # type: ignore[attr-defined]  # of csv.reader
        if not any(row):
            continue
        if len(row) != len(header):
            raise EvidenceError(f"{place}: {len(row)} cells under {len(header)} columns; quote cells that hold a comma")
        yield Line({name: cell for name, cell in zip(header, row, strict=True) if name}, place)


def _next_row(reader: Iterator[list[str]], where: str) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as fault:
        line = reader.line_num  # type: ignore[attr-defined]  # of csv.reader
        raise EvidenceError(f"{where}, line {line}: {fault}; wanted CSV with quoted text") from None
