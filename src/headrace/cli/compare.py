"""``headrace compare``: two scenarios on the same random numbers, and what differs between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, print_aligned
from headrace.cli.simulating import Simulating, answered, simulating

if TYPE_CHECKING:
    import xarray as xr

    from headrace._types import Headline

_DRAWN = ("base", "other", "difference", "relative")
_SHARES = ("share_higher", "share_lower", "pairing")
_LINK = ("link_scale", "link_first", "link_first_size", "link_largest", "link_largest_size")


@click.command()
@click.argument("base")
@click.argument("other")
@simulating(1000, "Worlds to simulate under each.")
@FORMAT
@click.pass_context
def compare(ctx: click.Context, base: str, other: str, worlds: Simulating, form: str) -> None:
    """Say what the scenario OTHER changes against BASE, draw by draw, and along which links of the loop.

    BASE and OTHER are names that `headrace scenarios` lists, .toml files, or several of either with + between them. The
    table shows each output with its median and 90 % interval; CSV has the outputs alone, JSON everything.
    """
    from headrace import service

    found = answered(
        ctx,
        [base, other],
        worlds,
        lambda **how: service.compare(base, other, **how),
        unanswered="nothing was compared",
    )
    if form == "json":
        click.echo(as_json(_everything(found.figures, found.headlines)))
    elif form == "csv":
        rows = _figures(found.figures)
        click.echo(as_csv(list(rows[0]), [list(row.values()) for row in rows]), nl=False)
    else:
        _print_tables(found.figures, found.headlines)


def _figures(figures: xr.Dataset) -> list[dict[str, Any]]:
    """One flat record an output; what is not known is ``None``."""
    rows = []
    for key in figures["figure"].values:
        row = figures.sel(figure=key)
        record: dict[str, Any] = {"figure": str(key)}
        record |= {name: str(row[name].values) for name in ("label", "unit", "variable")}
        for name in _DRAWN:
            for statistic, value in zip(figures["statistic"].values, row[name].values, strict=True):
                record[f"{name}_{statistic}"] = _plain(value)
        rows.append(record | {name: _plain(row[name].values) for name in _SHARES})
    return rows


def _links(figures: xr.Dataset) -> list[dict[str, Any]]:
    columns = {name: figures[name].values for name in ("link", *_LINK)}
    return [{name: _plain(values[at]) for name, values in columns.items()} for at in range(figures.sizes["link"])]


def _everything(figures: xr.Dataset, headlines: Sequence[Headline]) -> dict[str, Any]:
    import json

    said = dict(figures.attrs)
    for name in ("base_world", "other_world", "endings"):
        said[name] = json.loads(said[name])
    return {
        **said,
        "headlines": {headline.key: headline.sentence for headline in headlines},
        "figures": _figures(figures),
        "links": _links(figures),
    }


def _print_tables(figures: xr.Dataset, headlines: Sequence[Headline]) -> None:
    print_aligned([("base", figures.attrs["base"]), ("other", figures.attrs["other"])])
    click.echo()
    print_aligned([(headline.label, headline.sentence) for headline in headlines])
    click.echo()
    rows = [
        [
            row["label"],
            row["unit"],
            _span(row, "base"),
            _span(row, "difference"),
            f"{row['share_higher']:.0%}",
            f"{row['share_lower']:.0%}",
            "" if row["pairing"] is None else f"{row['pairing']:.0%}",
        ]
        for row in _figures(figures)
    ]
    columns = ["output", "unit", "base", "difference", "higher", "lower", "paired width"]
    click.echo(as_table(columns, rows, right={"higher", "lower", "paired width"}))
    moved = sorted((row for row in _links(figures) if row["link_first"]), key=lambda row: str(row["link_first"]))
    columns = ["link", "differs from", "first size", "most in", "largest size"]
    sizes = {row["link"]: [_size(row[f"link_{when}_size"]) for when in ("first", "largest")] for row in moved}
    cells = [
        [name, row["link_first"], first, row["link_largest"], largest]
        for row, (name, (first, largest)) in zip(moved, sizes.items(), strict=True)
    ]
    click.echo(as_table(columns, cells, right={"first size", "largest size"}), nl=False)


def _span(row: dict[str, Any], name: str) -> str:
    values = [row[f"{name}_{statistic}"] for statistic in ("median", "low", "high")]
    largest = max(abs(value) for value in values)
    digits = 0 if largest >= 100 else 1 if largest >= 10 else 3
    comma = "" if row["unit"] == "year" else ","
    median, low, high = (f"{value + 0.0:{comma}.{digits}f}" for value in values)
    return f"{median} [{low} to {high}]"


def _size(value: float | None) -> str:
    """In standard deviations of the base over its draws."""
    return "" if value is None else f"{value:+.2f} sd"


def _plain(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and plain != plain else plain
