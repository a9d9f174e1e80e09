"""Rows as tables of TOML: one key a line, dates as dates, nothing where nothing is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping


def toml_row(table: str, row: Mapping[str, object]) -> str:
    """One ``[[table]]`` with its keys in order; empty lists are left out."""
    return "\n".join([f"[[{table}]]", *(f"{key} = {_value(value)}" for key, value in row.items() if value != []), ""])


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        text = f"{value:.10g}"
        return text if "." in text else f"{text}.0"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
