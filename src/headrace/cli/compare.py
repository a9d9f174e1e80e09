"""``headrace compare``: two scenarios on the same random numbers, and what differs between them."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.background import started
from headrace.cli.group import if_stopped
from headrace.cli.numbers import count, setting, settings_by_name
from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, print_aligned
from headrace.cli.progress import progress

if TYPE_CHECKING:
    import xarray as xr

    from headrace._types import Headline

_DRAWN = ("base", "other", "difference", "relative")
_SHARES = ("share_higher", "share_lower", "pairing")
_LINK = ("link_scale", "link_first", "link_first_size", "link_largest", "link_largest_size")


@click.command()
@click.argument("base")
@click.argument("other")
@click.option("--draws", type=count, metavar="INTEGER", default=1000, help="Worlds to simulate under each.")
@click.option("--seed", type=count, metavar="INTEGER", default=7, help="Seed of the draws, the same for both.")
@click.option("--quarters", type=count, metavar="INTEGER", default=40, help="Quarters to simulate.")
@click.option("--as-of", metavar="DATE", help="Use only what had been filed by then, such as 2026-08-31.")
@click.option(
    "--set",
    "settings",
    type=setting,
    metavar="NAME=VALUE",
    multiple=True,
    help="Put a parameter on a number in both; repeatable.",
)
@click.option("--without", metavar="FEAR", multiple=True, help="Switch a fear off in both; repeatable.")
@FORMAT
@click.pass_context
def compare(
    ctx: click.Context,
    base: str,
    other: str,
    draws: int,
    seed: int,
    quarters: int,
    as_of: str | None,
    settings: tuple[tuple[str, float], ...],
    without: tuple[str, ...],
    form: str,
) -> None:
    """Say what the scenario OTHER changes against BASE, draw by draw, and along which links of the loop.

    BASE and OTHER are names that `headrace scenarios` lists, .toml files, or several of either with + between them. The
    table shows each output with its median and 90 % interval; CSV has the outputs alone, JSON everything.
    """
    from headrace.compilation_cache import keep_compiled_programs

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if_stopped(ctx, lambda: "nothing was compared", "Ask for fewer --draws or --quarters")
    chosen = settings_by_name(settings)
    keep_compiled_programs()
    from headrace import service
    from headrace.service import comparisons

    service.check_request(draws=draws, seed=seed, quarters=quarters)
    service.check_scenarios([base, other], without)
    with progress(f"{base}, {other}") as report:
        work = partial(
            comparisons.compare,
            base,
            other,
            draws=draws,
            seed=seed,
            quarters=quarters,
            as_of=as_of,
            settings=chosen,
            without=without,
            progress=report,
        )
        found = started(work).result()
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
