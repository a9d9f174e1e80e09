"""Which figures somebody asked for: by entity and concept, as known on a day, as a tidy frame or on axes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from headrace.errors import EvidenceError, unknown_name
from headrace.evidence import concepts, facts, places, universe
from headrace.evidence.filings.differences import SHORTEST_YEAR_DAYS
from headrace.evidence.storage import local_store

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SHIPPED = "shipped"
"""In place of a store: the tables that come with headrace, and nothing that was fetched since."""


@overload
def evidence(
    entity: str | Sequence[str] = ...,
    concept: str | Sequence[str] = ...,
    *,
    as_of: str | None = ...,
    store: str | Path | None = ...,
    vintages: bool = ...,
    years: bool = ...,
    form: Literal["frame"] = ...,
) -> pd.DataFrame: ...


@overload
def evidence(
    entity: str | Sequence[str] = ...,
    concept: str | Sequence[str] = ...,
    *,
    as_of: str | None = ...,
    store: str | Path | None = ...,
    form: Literal["dataset"],
) -> xr.Dataset: ...


def evidence(
    entity: str | Sequence[str] = (),
    concept: str | Sequence[str] = (),
    *,
    as_of: str | None = None,
    store: str | Path | None = None,
    vintages: bool = False,
    years: bool = False,
    form: Literal["frame", "dataset"] = "frame",
) -> pd.DataFrame | xr.Dataset:
    """Filed figures as known on a date.

    Args:
        entity: Slugs or tickers, such as ``"microsoft"`` or ``"MSFT"``; everyone when left out.
        concept: Such as ``"capital_expenditure"``; every concept when left out.
        as_of: ISO date: of every figure the vintage filed last by then. Everything filed so far when left out.
        store: Folder of a local store; this user's when left out, ``"shipped"`` for the tables of headrace alone.
        vintages: Every vintage filed by then; only in a frame.
        years: Also figures of whole years where there are quarters too; only in a frame. Months, single days and what
            comes by the year alone are always in it, with an empty ``calendar_quarter``.
        form: ``"frame"``: tidy, one row a figure. ``"dataset"``: one variable a concept on the axes entity and quarter.

    Returns:
        The frame of :func:`headrace.evidence.facts.load` with ``attrs`` as_of and store; or a Dataset whose variables
        carry unit, label and definition, with coordinates ``status_<concept>`` and ``quality_<concept>``. What nobody
        filed is NaN. A concept without quarters, such as a monthly price, has no place on the axis: attribute
        ``left_out`` names it.

    Raises:
        UnknownNameError: An entity or concept that no table holds.
        PeriodError: ``as_of`` is no date, or lies before the first filing.
        EvidenceError: The store is of another version or damaged, or a Dataset was asked for with vintages or years.
    """
    if form not in ("frame", "dataset"):
        raise unknown_name("form of evidence", form, ("frame", "dataset"))
    if form == "dataset" and (vintages or years):
        raise EvidenceError("a Dataset has one value a quarter: ask for vintages or years in a frame")
    folder = store_folder(store)
    known = facts.load(as_of, store=folder, vintages=vintages, years=True)
    wanted, what = slugs(entity, set(known["entity"])), _concepts(concept)
    if wanted:
        known = known[known["entity"].isin(wanted)]
    if what:
        known = known[known["concept"].isin(what)]
    if not years:
        known = known[~_years_with_quarters(known)]
    known = known.reset_index(drop=True)
    attributes = {"as_of": as_of or "", "store": str(folder or SHIPPED)}
    if form == "dataset":
        return _on_axes(known, attributes)
    known.attrs = attributes
    return known


def store_folder(store: str | Path | None) -> Path | None:
    """The folder to read beside the shipped tables: ``None`` for none.

    Args:
        store: As in :func:`evidence`.
    """
    if store == SHIPPED:
        return None
    return local_store.default_path() if store is None else Path(store)


def slugs(names: str | Sequence[str], others: set[str]) -> list[str]:
    """The entities that were named, by slug.

    Args:
        names: Slugs or tickers in any case.
        others: Entities that the facts hold beside those of the universe, such as states.

    Raises:
        UnknownNameError: Nobody has that slug or ticker.
    """
    entities = universe.load()
    known = {slug: slug for slug in (*others, *places.load(), *entities)}
    tickers = {entity.ticker.lower(): slug for slug, entity in entities.items()}
    found = []
    for name in [names] if isinstance(names, str) else names:
        plain = name.strip().lower()
        slug = known.get(plain) or tickers.get(plain)
        if slug is None:
            raise unknown_name("entity", name, [*known, *(entity.ticker for entity in entities.values())])
        found.append(slug)
    return found


def _concepts(names: str | Sequence[str]) -> list[str]:
    table = concepts.load()
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in table:
            raise unknown_name("concept", name, table)
    return wanted


def _years_with_quarters(known: pd.DataFrame) -> pd.Series[bool]:
    """Which rows are a whole year of a series that has quarters."""
    days = (known["period_end"] - known["period_start"]).dt.days
    series = known["entity"] + " " + known["concept"]
    quarterly = set(series[known["calendar_quarter"] != ""])
    return (known["calendar_quarter"] == "") & (days >= SHORTEST_YEAR_DAYS - 1) & series.isin(quarterly)


def _on_axes(known: pd.DataFrame, attributes: dict[str, str]) -> xr.Dataset:
    import numpy as np
    import xarray as xr

    from headrace.periods import quarter_index, quarter_label

    table = concepts.load()
    where = ["entity", "concept", "calendar_quarter"]
    without = (known["calendar_quarter"] == "") | known.duplicated(where, keep=False)
    left_out = set(known.loc[without, "concept"])
    fit = known[~known["concept"].isin(left_out)]
    entities = sorted(set(fit["entity"]))
    numbers = sorted({quarter_index(quarter) for quarter in fit["calendar_quarter"]})
    quarters = [quarter_label(number) for number in range(numbers[0], numbers[-1] + 1)] if numbers else []
    dims, shape = ("entity", "quarter"), (len(entities), len(quarters))
    place = {
        "entity": {name: at for at, name in enumerate(entities)},
        "quarter": {q: at for at, q in enumerate(quarters)},
    }
    values: dict[str, Any] = {}
    coordinates: dict[str, Any] = {"entity": entities, "quarter": quarters}
    for name, rows in fit.groupby("concept", sort=True):
        at = rows["entity"].map(place["entity"]), rows["calendar_quarter"].map(place["quarter"])
        value = np.full(shape, np.nan)
        value[at] = rows["value"]
        status, quality = np.full(shape, "unresolved", "<U10"), np.full(shape, "", "<U1")
        status[at], quality[at] = rows["status"], rows["quality"]
        units = ", ".join(sorted(set(rows["unit"])))
        notes = {"units": units, "long_name": table[name].label, "definition": table[name].definition}
        values[name] = (dims, value, notes)
        coordinates |= {f"status_{name}": (dims, status), f"quality_{name}": (dims, quality)}
    return xr.Dataset(values, coordinates, {**attributes, "left_out": sorted(left_out)})
