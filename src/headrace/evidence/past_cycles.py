"""Capital cycles of the past, quarter by quarter: what others spent, and what their operations brought in.

The figures stand apart from the facts: most of these companies are no part of the chain, and many rows hold the value
that was reported last, not first, which ``first_vintage`` says.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from headrace.errors import PeriodError, unknown_name
from headrace.evidence.storage.schema import LATE_DAYS
from headrace.evidence.storage.store import whole_table
from headrace.periods import parse_date, quarter_index, quarter_range
from headrace.units import USD_PER_USD_BN

if TYPE_CHECKING:
    import pandas as pd

PANEL = {
    "capital_expenditure": "Cash paid for property and equipment",
    "operating_cash_flow": "Cash that operations brought in",
    "revenue": "Revenue",
}
"""What a panel holds, each a flow of the quarter."""


@dataclass(frozen=True)
class Filer:
    """One company of one cycle; one that does not ship has too few quarters of spending or of cash flow."""

    slug: str
    name: str
    ticker: str
    cycle: str
    ships: bool


@dataclass(frozen=True)
class Remark:
    """A figure that was left out, or that is surprising and stays, and why."""

    cycle: str
    entity: str
    concept: str
    period_end: dt.date
    value: float
    reason: str
    locator: str


@dataclass(frozen=True)
class Ledger:
    """Who is in the table, and what a reader must know of what is not.

    ``others`` are cycles of which figures were collected for too few companies. Of ``compared`` quarters whose first
    value is known, ``restated`` have another one today.
    """

    cycles: dict[str, str]
    filers: tuple[Filer, ...]
    left_out: tuple[Remark, ...]
    surprising: tuple[Remark, ...]
    others: dict[str, tuple[str, ...]]
    compared: int
    restated: int


@cache
def ledger() -> Ledger:
    """The cycles and their filers, and what was left out, from ``past_cycles.toml``."""
    table: dict[str, Any] = tomllib.loads((files("headrace") / "data" / "past_cycles.toml").read_text(encoding="utf-8"))
    return Ledger(
        cycles={row["slug"]: row["name"] for row in table["cycle"]},
        filers=tuple(Filer(**row) for row in table["entity"]),
        left_out=tuple(Remark(**row) for row in table.get("left_out", ())),
        surprising=tuple(Remark(**row) for row in table.get("surprising", ())),
        others={row["name"]: tuple(row["entities"]) for row in table.get("other_cycle", ())},
        **table["first_vintages"],
    )


def load(cycle: str | None = None, *, as_of: str | None = None) -> pd.DataFrame:
    """Quarters of past cycles, one row per entity, concept and quarter.

    Args:
        cycle: One of them, such as ``"telecom"``; all when left out.
        as_of: ISO date: only quarters on which a tagged report had been filed by then. Where ``first_vintage`` is
            false the value is that of a later report, in one quarter of twenty-five another than the first.

    Returns:
        Columns cycle, entity, concept, period_start, period_end, calendar_quarter, value [USD], unit, status, quality,
        source_id, locator, filed, first_vintage, tag, late. ``filed`` is the day of the first tagged report; tagging
        began in 2009, and of a late quarter there was a report on paper before.

    Raises:
        UnknownNameError: There is no such cycle.
        PeriodError: ``as_of`` is no date, or lies before the first filing.
    """
    table = whole_table("past_cycles")
    table["late"] = (table["filed"] - table["period_end"]).dt.days > LATE_DAYS
    if cycle is not None:
        if cycle not in ledger().cycles:
            raise unknown_name("cycle", cycle, ledger().cycles)
        table = table[table["cycle"] == cycle]
    if as_of is not None:
        day = parse_date(as_of, "as_of")
        if day < table["filed"].min().date():
            raise PeriodError(f"as_of: {as_of} is before the first filing, {table['filed'].min().date()}")
        table = table[table["filed"].dt.date <= day]
    return table.reset_index(drop=True)


def panel(cycle: str, *, as_of: str | None = None) -> xr.Dataset:
    """One cycle as a balanced panel: every entity in every quarter from the first to the last, missing where unknown.

    Args:
        cycle: Such as ``"telecom"``.
        as_of: ISO date, as in :func:`load`.

    Returns:
        ``capital_expenditure``, ``operating_cash_flow`` and ``revenue`` by entity and quarter [USD bn per quarter], as
        first filed where that is known; ``first_vintage`` by variable, entity and quarter says where it is. Attribute
        ``title`` names the cycle.

    Raises:
        UnknownNameError: There is no such cycle.
        PeriodError: ``as_of`` is no date, or lies before the first filing.
    """
    table = load(cycle, as_of=as_of)
    table = table[table["concept"].isin(PANEL)]
    first, last = table["calendar_quarter"].min(), table["calendar_quarter"].max()
    quarters = quarter_range(first, quarter_index(last) - quarter_index(first) + 1)
    entities = [filer.slug for filer in ledger().filers if filer.cycle == cycle and filer.ships]
    shape = (len(PANEL), len(entities), len(quarters))
    values, known = np.full(shape, np.nan), np.zeros(shape, np.bool_)
    place = (
        [list(PANEL).index(concept) for concept in table["concept"]],
        [entities.index(entity) for entity in table["entity"]],
        [quarter_index(quarter) - quarter_index(first) for quarter in table["calendar_quarter"]],
    )
    values[place] = table["value"].to_numpy() / USD_PER_USD_BN
    known[place] = table["first_vintage"].to_numpy()
    return xr.Dataset(
        {
            **{
                name: (("entity", "quarter"), values[row], {"units": "USD bn", "long_name": label})
                for row, (name, label) in enumerate(PANEL.items())
            },
            "first_vintage": (("variable", "entity", "quarter"), known),
        },
        coords={"variable": list(PANEL), "entity": entities, "quarter": quarters},
        attrs={"title": ledger().cycles[cycle]},
    )
