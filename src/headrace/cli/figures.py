"""Filed figures for a reader: a block for each series, in a unit that can be read, with what must not be overlooked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from headrace.cli.printing import as_table, printable

if TYPE_CHECKING:
    import pandas as pd

BILLION_FROM = 1e10
"""A series that reaches this is shown in billions, with three decimals: as filed in millions, and nothing is lost."""

_DAYS_OF_A_YEAR = 350
_DAYS_OF_A_MONTH = range(28, 32)
_COLUMNS = ("period", "ends", "value", "status", "quality", "filed", "locator")


def as_blocks(known: pd.DataFrame) -> str:
    """Figures as text, one block for each entity, concept and unit.

    Args:
        known: Facts, as the service gives them.
    """
    blocks = []
    for (entity, concept, unit), rows in known.groupby(["entity", "concept", "unit"], sort=False):
        scale, scaled_unit = scale_of(unit, rows["value"].abs().max())
        records = rows.to_dict("records")
        values = _values([row["value"] / scale for row in records], scale)
        cells = [_cells(row, value) for row, value in zip(records, values, strict=True)]
        heading = printable(f"{entity}  {concept}  [{scaled_unit}]")
        blocks.append(f"{heading}\n{as_table(_COLUMNS, cells, right=['value'])}")
    return "\n".join(blocks)


def explanations(known: pd.DataFrame) -> Iterator[str]:
    """What the marks in the blocks mean, where there are any."""
    if known["filed_estimated"].any():
        yield "~ the day of filing is not recorded and was estimated"
    if known["late"].any():
        yield "late: first filed more than 120 days after the end of the period"


def scale_of(unit: str, largest: float) -> tuple[float, str]:
    """By what to divide figures so that they can be read, and the unit they are then in.

    Args:
        unit: As filed. Amounts of money and numbers of shares are scaled, nothing else is.
        largest: The largest figure, without its sign.
    """
    if not (unit == "shares" or (len(unit) == 3 and unit.isalpha() and unit.isupper())):
        return 1.0, unit
    if largest >= BILLION_FROM:
        scale, prefix = 1e9, "bn"
    elif largest >= 1e6:
        scale, prefix = 1e6, "mn"
    else:
        return 1.0, unit
    return scale, f"{prefix} shares" if unit == "shares" else f"{unit} {prefix}"


def _values(values: list[float], scale: float) -> list[str]:
    """With separators, and with as many decimals as the series needs, up to three where it was scaled."""
    if scale == 1.0:
        return [f"{value:,.10g}" if abs(value) < 1e9 else f"{value:,.0f}" for value in values]
    decimals = next((n for n in range(3) if all(abs(round(value, n) - value) < 5e-7 for value in values)), 3)
    return [f"{value:,.{decimals}f}" for value in values]


def _period(start: dt.datetime, end: dt.datetime) -> str:
    """What is no quarter: a year, a month by its name, or how many days; nothing for what stood on a day."""
    if start != start:  # missing
        return ""
    days = (end - start).days + 1
    if days >= _DAYS_OF_A_YEAR:
        return "year"
    if days in _DAYS_OF_A_MONTH:
        return f"{end:%Y-%m}"
    return "day" if days == 1 else f"{days} days"


def _cells(row: dict[Any, Any], value: str) -> list[str]:
    estimated = "~" if row["filed_estimated"] else ""
    late = " late" if row["late"] else ""
    return [
        row["calendar_quarter"] or _period(row["period_start"], row["period_end"]),
        f"{row['period_end']:%Y-%m-%d}",
        value,
        row["status"],
        row["quality"],
        f"{estimated}{row['filed']:%Y-%m-%d}{late}",
        row["locator"],
    ]
