"""``headrace reactions``: whether builders have spent more where their rivals did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headrace.cli.numbers import count
from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, print_aligned

if TYPE_CHECKING:
    import xarray as xr

_SHOWN = {
    "specifications": ("specifications", ".0f"),
    "positive": ("positive", ".0%"),
    "median slope": ("median_slope", "+.2f"),
    "p < 0.05": ("significant_classical", ".0%"),
    "Newey-West": ("significant_newey_west", ".0%"),
    "shuffled": ("placebo_significant_classical", ".0%"),
    "p, permuted": ("p_value_permuted", ".3f"),
    "p, shifted": ("p_value_shifted", ".3f"),
}


@click.command()
@click.option("--as-of", metavar="DATE", help="Use only what had been filed by then, such as 2026-08-31.")
@click.option("--permutations", type=count, metavar="INTEGER", default=99, help="Shuffles of each placebo.")
@click.option("--seed", type=count, metavar="INTEGER", default=7, help="Of the shuffles.")
@FORMAT
def reactions(as_of: str | None, permutations: int, seed: int, form: str) -> None:
    """Say whether builders have spent more where their rivals did, in every specification there is.

    Capital expenditure as filed, four and five builders, by year and by quarter: growth on growth of the rivals' sum,
    and level on its lagged level. "shuffled" is the share with p below 0.05 when each builder's growth is put in an
    order of its own; the last two columns are the p of the median by its rank among such curves. It is not an
    identified best response. CSV has a row for each specification, JSON everything.
    """
    from headrace import service

    found = service.reactions(as_of=as_of, permutations=permutations, seed=seed)
    if form == "csv":
        rows = _specifications(found)
        click.echo(as_csv(list(rows[0]), [list(row.values()) for row in rows]), nl=False)
    elif form == "json":
        click.echo(
            as_json(
                {
                    **{name: found.attrs[name] for name in ("title", "what", "formula", "as_of", "command", "call")},
                    "headlines": {line.key: line.sentence for line in service.reaction_headlines(found)},
                    "curve": _curve(found),
                    "specifications": _specifications(found),
                }
            )
        )
    else:
        print_aligned([(line.label, line.sentence) for line in service.reaction_headlines(found)])
        click.echo()
        cells = [[row["question"], *(f"{row[key]:{form}}" for key, form in _SHOWN.values())] for row in _curve(found)]
        click.echo(as_table(["question", *_SHOWN], cells, right=set(_SHOWN)), nl=False)


def _curve(found: xr.Dataset) -> list[dict[str, Any]]:
    curve = found["curve"].to_pandas()
    return [{"question": str(name), **row.to_dict()} for name, row in curve.iterrows()]


def _specifications(found: xr.Dataset) -> list[dict[str, Any]]:
    """One flat record a specification."""
    table = found.drop_dims(["question", "statistic"])
    records = []
    for place in range(table.sizes["specification"]):
        row = table.isel(specification=place)
        record = {str(name): row[name].item() for name in row.coords if row[name].ndim == 0}
        for name in map(str, row.data_vars):
            if row[name].ndim == 0:
                record[name] = row[name].item()
            else:
                (dim,) = row[name].dims
                record |= {f"{name}_{key}": float(row[name].sel({dim: key})) for key in row[dim].values.tolist()}
        records.append(record)
    return records
