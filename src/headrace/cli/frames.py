"""A frame as rows of plain values, for other programs: days are ISO texts, and what is missing is no number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def plain_rows(frame: pd.DataFrame) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows.

    Returns:
        Texts, numbers, truth values, ISO days, and ``None`` for what is missing.
    """
    columns = [_plain_column(frame[name]) for name in frame.columns]
    return [str(name) for name in frame.columns], [list(row) for row in zip(*columns, strict=True)]


def _plain_column(column: pd.Series) -> list[Any]:
    if column.dtype.kind == "M":
        return [day.date().isoformat() if day == day else None for day in column]
    return [None if missing else value for value, missing in zip(column.tolist(), column.isna(), strict=True)]
