"""What ``headrace dilemma --safety`` prints: safety by what is assumed, in sentences, tables, CSV or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.printing import as_csv, as_json, as_table, print_aligned

if TYPE_CHECKING:
    import xarray as xr

    from headrace._types import Headline

_STATISTICS = ("median", "low", "high")
_QUANTILES = (0.5, 0.05, 0.95)
_WEIGHT = 1.0
"""Spread of ability that the tables assume; CSV and JSON have others."""


def print_safety(found: xr.Dataset, said: Sequence[Headline], form: str) -> None:
    """Print it.

    Args:
        found: As the service has it.
        said: Its sentences.
        form: ``table``, ``json`` or ``csv``; CSV has a line for each enmity, spread of ability and cost of safety.
    """
    if form == "json":
        click.echo(as_json(_everything(found, said)))
    elif form == "csv":
        rows = _records(found["safety"], "safety")
        click.echo(as_csv(list(rows[0]), [list(row.values()) for row in rows]), nl=False)
    else:
        print_aligned([(headline.label, headline.sentence) for headline in said])
        click.echo()
        _print_tables(found)


def _print_tables(found: xr.Dataset) -> None:
    costs = [float(cost) for cost in found["safety_cost"].values]
    heads = [f"takes {cost:.0%}" if cost < 1 else "winner takes all" for cost in costs]
    safety = found["safety"].sel(capability_weight=_WEIGHT)
    rows = [
        [f"{float(enmity):.1f}", *(_span(safety.sel(enmity=enmity, safety_cost=cost)) for cost in costs)]
        for enmity in found["enmity"].values
    ]
    click.echo("What-if: safety kept, the chance that it goes well, by enmity and by compute that full safety takes")
    click.echo(as_table(["enmity", *heads], rows))
    informed = found["goes_well_informed"]
    rows = [
        [f"{float(enmity):.1f}", *(_known(found, informed, enmity, cost) for cost in costs)]
        for enmity in found["enmity"].values
    ]
    click.echo("The same if each knows its own ability, at the median decisiveness")
    click.echo(as_table(["enmity", *heads], rows))
    by_racers = found["safety_of_racers"]
    rows = [
        [str(int(racers)), *(_span(by_racers.sel(racers=racers, safety_cost=cost)) for cost in costs)]
        for racers in found["racers"].values
    ]
    click.echo("What-if: safety by number of racers, at the enmity that the stakes drawn would have if ruin took all")
    click.echo(as_table(["racers", *heads], rows), nl=False)


def _known(found: xr.Dataset, informed: xr.DataArray, enmity: float, cost: float) -> str:
    gain = float(found["informed_gain"].sel(enmity=enmity, safety_cost=cost))
    return f"{float(informed.sel(enmity=enmity, safety_cost=cost)):.2f}" if gain <= found.attrs["no_gain"] else "none"


def _everything(found: xr.Dataset, said: Sequence[Headline]) -> dict[str, Any]:
    import json

    return {
        **found.attrs,
        "world": json.loads(found.attrs["world"]),
        "headlines": {headline.key: headline.sentence for headline in said},
        **{str(name): _records(values, str(name)) for name, values in found.data_vars.items()},
    }


def _records(values: xr.DataArray, name: str) -> list[dict[str, Any]]:
    """One flat record a cell, with median and 90 % interval of what is drawn; what is not known is ``None``."""
    import numpy as np

    places = [dim for dim in values.dims if dim != "draw"]
    rows = []
    for place in np.ndindex(*(values.sizes[dim] for dim in places)):
        cell = values.isel(dict(zip(places, place, strict=True)))
        known = cell.values[np.isfinite(cell.values)]
        found = np.quantile(known, _QUANTILES).tolist() if known.size else [None] * len(_QUANTILES)
        keys = [f"{name}_{key}" for key in _STATISTICS] if "draw" in values.dims else [name]
        rows.append({str(dim): float(cell[dim]) for dim in places} | dict(zip(keys, found, strict=False)))
    return rows


def _span(values: xr.DataArray) -> str:
    median, low, high = (float(values.quantile(level)) for level in _QUANTILES)
    return f"{median:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"{median:.2f} [{low:.2f} to {high:.2f}]"
