"""``headrace facts closes``, ``events`` and ``guidance``: what was traded at, what happened, what was announced."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headrace.cli.frames import plain_rows
from headrace.cli.output import deliver
from headrace.cli.printing import FORMAT, as_csv, as_json, as_table

if TYPE_CHECKING:
    import pandas as pd

_AS_OF = click.option("--as-of", metavar="DATE", help="Look from that day: only what was known by then.")
_OUT = click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to this file, not to stdout.")
_EVENT_COLUMNS = ("date", "kind", "parties", "segment", "amount_usd_bn", "capacity_gw", "quality", "group", "counts")
_GUIDE_COLUMNS = (
    "announced",
    "entity",
    "concept",
    "period",
    "low_usd_bn",
    "high_usd_bn",
    "point_usd_bn",
    "direction",
    "quality",
)


@click.command()
@click.argument("ticker", nargs=-1)
@click.option("--daily", is_flag=True, help="The daily closes of your store, not the month-ends of headrace.")
@click.option("--store", metavar="PATH", help="Folder of a store.  [default: HEADRACE_STORE, else your own]")
@FORMAT
@_OUT
def closes(ticker: tuple[str, ...], daily: bool, store: str | None, form: str, out: Path | None) -> None:
    """Print closes, adjusted for splits and dividends.

    Month-ends come with headrace; daily closes are those that you fetched or imported.
    """
    from headrace import service

    _print(service.closes(ticker, daily=daily, store=store), form, out)


@click.command()
@click.option("--kind", metavar="NAME", multiple=True, help="Such as debt or campus; repeatable.")
@_AS_OF
@FORMAT
@_OUT
def events(kind: tuple[str, ...], as_of: str | None, form: str, out: Path | None) -> None:
    """Print dated financings, contracts, campuses and policy.

    Amounts are in USD bn and overlap: of the rows of one group only the one that counts stands for the money.
    """
    from headrace import service

    _print(service.events(kind, as_of=as_of), form, out, _EVENT_COLUMNS)


@click.command()
@click.option("--entity", metavar="NAME", multiple=True, help="Slug or ticker, such as meta or META; repeatable.")
@_AS_OF
@FORMAT
@_OUT
def guidance(entity: tuple[str, ...], as_of: str | None, form: str, out: Path | None) -> None:
    """Print what companies had guided for, as known on a day.

    Numbers are in USD bn. A guide that sources dispute has none.
    """
    from headrace import service

    _print(service.guidance(entity, as_of=as_of), form, out, _GUIDE_COLUMNS)


def _print(frame: pd.DataFrame, form: str, out: Path | None, shown: tuple[str, ...] = ()) -> None:
    """All columns for a program, those ``shown`` for a person."""
    columns, rows = plain_rows(frame)
    if form == "json":
        deliver(as_json([dict(zip(columns, row, strict=True)) for row in rows]) + "\n", out)
    elif form == "csv":
        deliver(as_csv(columns, rows), out)
    else:
        chosen = [columns.index(name) for name in shown or columns]
        names = [columns[at] for at in chosen]
        numbers = {name for name in names if frame[name].dtype.kind == "f"}
        deliver(as_table(names, [[_cell(row[at]) for at in chosen] for row in rows], right=numbers), out)
    if frame.empty:
        click.echo("nothing of that kind was known by then", err=True)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(str(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:,.6g}" if isinstance(value, float) else str(value)
