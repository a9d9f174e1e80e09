"""``headrace dilemma``: which game the race for compute is, and what would break it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, print_aligned
from headrace.cli.safety import print_safety
from headrace.cli.simulating import Simulating, answered, simulating

if TYPE_CHECKING:
    import xarray as xr

    from headrace._types import Headline

_STATISTICS = ("median", "low", "high")
_QUANTILES = (0.5, 0.05, 0.95)


@click.command()
@click.argument("scenario", default="baseline")
@click.option(
    "--strategy",
    "strategies",
    metavar="NAME",
    multiple=True,
    help="What builders can do: restrain, follow, race; name two or three. All three if none is named.",
)
@simulating(256, "Worlds, each under every profile.")
@click.option(
    "--terminal-growth",
    type=float,
    metavar="RATE",
    help="Let cash flow grow for ever by this a year after the run, instead of compute that runs off.",
)
@click.option("--quick", is_flag=True, help="Leave out other levels of the strategies and best replies.")
@click.option(
    "--safety", is_flag=True, help="Say instead what is left of safety if trust is an input of all: a what-if."
)
@FORMAT
@click.pass_context
def dilemma(
    ctx: click.Context,
    scenario: str,
    strategies: tuple[str, ...],
    worlds: Simulating,
    terminal_growth: float | None,
    quick: bool,
    safety: bool,
    form: str,
) -> None:
    """Say which game the builders play under SCENARIO, where it settles and what would keep restraint.

    Every profile of strategies is simulated on the same draws; payoffs are present values of free cash flow. The table
    shows five sentences and each builder against the rest; CSV has a line a builder, JSON everything but the draws.

    With --safety builders also choose how much of it to keep, in the share contest and where the winner takes all;
    nothing filed says what that costs or what a rival's win is to them, so it is a what-if over both.
    """
    if safety and (strategies or quick or terminal_growth is not None):
        raise click.UsageError(
            "--safety solves a contest and simulates no strategy; leave out --strategy, --quick and --terminal-growth"
        )
    from headrace import service

    def answer(**how: Any) -> xr.Dataset:
        if safety:
            return service.safety(scenario, **how)
        return service.dilemma(
            scenario, strategies=strategies, terminal_growth=terminal_growth, other_levels=not quick, **how
        )

    found = answered(ctx, [scenario], worlds, answer, unanswered="nothing was played")
    if safety:
        print_safety(found, service.safety_headlines(found), form)
        return
    said = service.dilemma_headlines(found)
    rows = _by_builder(found)
    if form == "json":
        click.echo(as_json(_everything(found, said, rows)))
    elif form == "csv":
        click.echo(as_csv(list(rows[0]), [list(row.values()) for row in rows]), nl=False)
    else:
        _print_tables(found, said, rows)


def _by_builder(found: xr.Dataset) -> list[dict[str, Any]]:
    """One flat record a builder; what is not known is ``None``."""
    names = [str(name) for name in found["own_strategy"].values]
    matrix = found["matrix_usd_bn"].sel(party="builder").median("draw")
    rows = []
    for builder in found["builder"].values:
        record: dict[str, Any] = {"builder": str(builder)}
        for own in names:
            for rest in names:
                cell = matrix.sel(builder=builder, own_strategy=own, rest_strategy=rest)
                record[f"value_{own}_rest_{rest}_usd_bn"] = _plain(cell)
        for pair in found["pair"].values:
            shares = found["class_share"].sel(pair=pair, builder=builder)
            key = str(pair).replace(" ", "_")
            record |= {f"{key}_{name}": _plain(shares.sel({"class": name})) for name in found["class"].values}
        for name in names:
            record[f"{name}_dominant"] = _plain(found["dominant_share"].sel(builder=builder, own_strategy=name))
        for name in ("temptation_usd_bn", "restraint_tax"):
            if name in found:
                values = found[name].sel(builder=builder).quantile(_QUANTILES)
                record |= {f"{name}_{key}": _plain(value) for key, value in zip(_STATISTICS, values, strict=True)}
        rows.append(record)
    return rows


def _everything(found: xr.Dataset, said: Sequence[Headline], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    import json

    attributes = dict(found.attrs)
    for name in ("world", "mixed_equilibria"):
        attributes[name] = json.loads(attributes[name])
    stacked = found["equilibrium_share"].stack(profile=list(found["equilibrium_share"].dims)).to_series()
    likeliest = stacked[stacked > 0].sort_values(ascending=False)
    levels = found.get("class_share_by_level")
    return {
        **attributes,
        "headlines": {headline.key: headline.sentence for headline in said},
        "builders": list(rows),
        "equilibria": [
            {"profile": dict(zip(likeliest.index.names, profile, strict=True)), "share": float(share)}
            for profile, share in likeliest.items()
        ],
        "class_share_by_level": [] if levels is None else _levels(levels),
    }


def _levels(shares: xr.DataArray) -> list[dict[str, Any]]:
    flat = shares.mean("builder").to_series()
    names = list(flat.index.names)
    return [{**dict(zip(names, key, strict=True)), "share": float(value)} for key, value in flat.items()]


def _print_tables(found: xr.Dataset, said: Sequence[Headline], rows: Sequence[dict[str, Any]]) -> None:
    print_aligned([(headline.label, headline.sentence) for headline in said])
    click.echo()
    names = [str(name) for name in found["own_strategy"].values]
    columns = ["builder", "it plays", *(f"rest {name}" for name in names), "dominant"]
    cells = [
        [
            row["builder"] if own == names[0] else "",
            own,
            *(f"{row[f'value_{own}_rest_{rest}_usd_bn']:,.0f}" for rest in names),
            f"{row[f'{own}_dominant']:.0%}",
        ]
        for row in rows
        for own in names
    ]
    click.echo("Value to it, USD bn, median; dominant: share of draws in which it is best whatever others do")
    click.echo(as_table(columns, cells, right={column for column in columns if column not in {"builder", "it plays"}}))
    pairs = [str(pair) for pair in found["pair"].values]
    shown = [name for name in found["class"].values if float(found["class_share"].sel({"class": name}).max()) > 0]
    games = [
        [pair if row is rows[0] else "", row["builder"], *(f"{row[f'{key}_{name}']:.0%}" for name in shown)]
        for pair, key in ((pair, pair.replace(" ", "_")) for pair in pairs)
        for row in rows
    ]
    heads = [str(name).replace("_", " ") for name in shown]
    click.echo("Which game against the rest, share of draws")
    click.echo(as_table(["to", "builder", *heads], games, right=set(heads)), nl="temptation_usd_bn" in found)
    if "temptation_usd_bn" in found:
        click.echo("What keeps a builder restrained when all others are")
        price = [[row["builder"], _span(row, "temptation_usd_bn", 0), _span(row, "restraint_tax", 2)] for row in rows]
        columns = ["builder", "side payment, USD bn", "or tax, USD per USD beyond"]
        click.echo(as_table(columns, price), nl=False)


def _span(row: dict[str, Any], name: str, digits: int) -> str:
    values = [row[f"{name}_{key}"] for key in _STATISTICS]
    if any(value is None for value in values):
        return "not known"
    median, low, high = (f"{value:,.{digits}f}" for value in values)
    return f"{median} [{low} to {high}]"


def _plain(value: Any) -> Any:
    plain = float(value)
    return plain if plain == plain and abs(plain) != float("inf") else None
