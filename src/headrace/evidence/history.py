"""The filings as one Dataset in the schema of the futures: 2014Q1 on, one draw.

A cell that nobody filed is NaN with status ``unresolved``: never filled, never zero. Sums name who is in them and are
NaN unless everyone is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from headrace import __version__
from headrace.errors import unknown_name
from headrace.evidence import facts
from headrace.evidence.net_debt import net_debt
from headrace.periods import quarter_index, quarter_range
from headrace.units import QUARTERS_PER_YEAR, USD_PER_USD_BN
from headrace.variables import BUILDERS, PLAYERS, UNRESOLVED_CODE, Variable, table

if TYPE_CHECKING:
    import pandas as pd

FIRST_QUARTER = "2014Q1"
NET_DEBT = "net_debt_usd_bn"
COMPLETENESS = "capital_expenditure_usd_bn"
"""A quarter is complete when every player has filed this."""


HISTORY = "history"
"""Where the name of a scenario stands in the recipe of a future."""


def history(as_of: str | None = None, *, store: Path | None = None) -> xr.Dataset:
    """The past as filed.

    Args:
        as_of: ISO date; only what was filed by then, in the vintage of that day. ``None`` sees every filing, and a date
            after the last filing sees the same. Attributes ``as_of`` and ``last_filed`` say which days those are.
        store: Folder of a local store whose figures replace the shipped ones. The shipped ones alone when left out, so
            that the same call gives the same past everywhere.

    Returns:
        Every output of the table with dims ``(draw, quarter, *dims)``, one draw, from 2014Q1 to the last quarter in
        which a player filed anything, with coordinates ``status_<variable>`` and ``quality_<variable>``.

    Raises:
        PeriodError: ``as_of`` is no date, or lies before the first filing of a player on 2014Q1 or later.
    """
    day = facts.as_of_date(as_of, PLAYERS, FIRST_QUARTER, store=store)
    known = facts.load(as_of, store=store)
    known = known[known["entity"].isin(PLAYERS) & (known["calendar_quarter"] >= FIRST_QUARTER)]
    first = quarter_index(FIRST_QUARTER)
    quarters = quarter_range(FIRST_QUARTER, quarter_index(str(known["calendar_quarter"].max())) - first + 1)
    last_filed = known.loc[~known["filed_estimated"], "filed"].max().date().isoformat()
    seen_on = last_filed if day is None else day.isoformat()
    coordinates: dict[str, Any] = {"draw": [0], "quarter": quarters}
    values: dict[str, Any] = {}
    for variable in table().values():
        dims = ("quarter", *variable.dims)
        value, status, quality = _filled(variable, _cells(variable, known), quarters)
        values[variable.name] = (("draw", *dims), value[np.newaxis], _attributes(variable))
        coordinates |= {dim: list(labels) for dim, labels in variable.coordinate_of.items()}
        coordinates |= {f"status_{variable.name}": (dims, status), f"quality_{variable.name}": (dims, quality)}
    dataset = xr.Dataset(values, coordinates)
    dataset.attrs = {
        "title": f"AI infrastructure build-out as filed by {seen_on}",
        "as_of": seen_on,
        "last_filed": last_filed,
        "world": json.dumps(
            {
                "as_of": seen_on,
                "scenario": HISTORY,
                "settings": {},
                "seed": None,
                "draws": 1,
                "quarters": len(quarters),
                "start_quarter": quarters[0],
                "version": __version__,
            }
        ),
    }
    return dataset


def builder_sum(dataset: xr.Dataset, variable: str, builders: Sequence[str] = PLAYERS) -> xr.DataArray:
    """A variable summed over builders; NaN wherever one of them is unresolved.

    Args:
        dataset: A history or a future.
        variable: Name of a variable with the axis ``builder``.
        builders: Who is summed.

    Returns:
        Dims ``(draw, quarter)``. Attribute ``members`` lists the builders and ``subtitle`` names them for a reader.

    Raises:
        UnknownNameError: The variable or a builder does not exist; a variable without builders counts as unknown.
    """
    summable = [str(name) for name in dataset.data_vars if "builder" in dataset.variables[name].dims]
    if variable not in summable:
        raise unknown_name("variable with builders", variable, summable)
    for builder in builders:
        if builder not in BUILDERS:
            raise unknown_name("builder", builder, BUILDERS)
    total = dataset[variable].sel(builder=list(builders)).sum("builder", skipna=False)
    total = total.drop_vars([str(name) for name in total.coords if name not in ("draw", "quarter")])
    names = ", ".join(_title(builder) for builder in builders)
    subtitle = f"Sum of {names}; empty where one of them has not filed"
    return total.assign_attrs({**dataset[variable].attrs, "members": list(builders), "subtitle": subtitle})


def four_quarter_sum(series: xr.DataArray) -> xr.DataArray:
    """Each quarter with the three before it; NaN unless all four are there, so the first three quarters are NaN.

    Args:
        series: A flow with the axis ``quarter``, consecutive quarters.
    """
    shifted = (series.shift(quarter=step) for step in range(QUARTERS_PER_YEAR))
    total = sum(shifted, start=xr.zeros_like(series))
    return total.assign_attrs({**series.attrs, "window": f"sum of {QUARTERS_PER_YEAR} quarters"})


def complete_quarters(dataset: xr.Dataset) -> list[str]:
    """Quarters for which all five players have filed cash capital expenditure, in order."""
    complete = builder_sum(dataset, COMPLETENESS).notnull().all("draw")
    return [str(quarter) for quarter in dataset["quarter"].values[complete.values]]


def _cells(variable: Variable, known: pd.DataFrame) -> pd.DataFrame:
    """Filed cells of a variable: entity, calendar_quarter, value [USD], status, quality."""
    if variable.name == NET_DEBT:
        return net_debt(known)
    return known[known["concept"] == variable.history] if variable.history else known.iloc[:0]


def _filled(
    variable: Variable, cells: pd.DataFrame, quarters: list[str]
) -> tuple[npt.NDArray[Any], npt.NDArray[np.str_], npt.NDArray[np.str_]]:
    """Value, status and quality, each with the axes of the variable after ``quarter``."""
    shape = (len(quarters), *(len(labels) for labels in variable.coordinate_of.values()))
    value = np.full(shape, UNRESOLVED_CODE) if variable.kind == "code" else np.full(shape, np.nan)
    status = np.full(shape, "unresolved", dtype="<U10")
    quality = np.full(shape, "", dtype="<U1")
    if len(cells):
        at = (
            [quarters.index(quarter) for quarter in cells["calendar_quarter"]],
            [BUILDERS.index(builder) for builder in cells["entity"]],
        )
        value[at] = cells["value"] / USD_PER_USD_BN
        status[at] = cells["status"]
        quality[at] = cells["quality"]
    return value, status, quality


def _attributes(variable: Variable) -> dict[str, object]:
    if not variable.history:
        return variable.attributes
    return {**variable.attributes, "notes": list(_notes(variable.history))}


def _notes(concept: str) -> Iterator[str]:
    for note in facts.notes():
        if note.concept == concept and note.entity in PLAYERS:
            span = _span(note.first_quarter, note.last_quarter)
            yield f"{_title(note.entity)}{span}: {note.text}"


def _span(first: str, last: str) -> str:
    if first and last:
        return f", {first}" if first == last else f", {first} to {last}"
    if first:
        return f", from {first}"
    return f", to {last}" if last else ""


def _title(builder: str) -> str:
    return builder.replace("_", " ").title() if builder != "rest_of_world" else "rest of the world"
