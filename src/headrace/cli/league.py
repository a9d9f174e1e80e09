"""``headrace league``: published forecasts, how they came out, and whether they beat what the filings said anyway."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from headrace.cli.printing import FORMAT, as_csv, as_json, as_table

_SHOWN = ("rank", "who", "announced", "of", "period", "unit", "forecast", "naive", "outcome", "gain")
_NUMBERS = {"rank", "forecast", "naive", "outcome", "gain"}


@click.command()
@click.option("--as-of", metavar="DATE", help="Only what had been announced and published by then, such as 2026-08-31.")
@click.option(
    "--with",
    "with_rows",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Rank the [[forecast]] tables of this TOML file too; they have the form of those that ship.",
)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A ledger of `headrace record` in place of the one that ships.",
)
@FORMAT
def league(as_of: str | None, with_rows: Path | None, ledger: Path | None, form: str) -> None:
    """Rank published forecasts by how much they beat the year before, grown as it had been growing.

    Gains are logarithms: 0.10 is an error ten percent smaller than that of the naive forecast. What cannot be scored is
    counted with the reason; JSON and CSV list it.
    """
    from headrace import service

    table = service.league(as_of=as_of, with_rows=with_rows, ledger=ledger)
    records = [_record(table.isel(forecast=place)) for place in range(table.sizes["forecast"])]
    if form == "json":
        click.echo(as_json(records))
    elif form == "csv":
        click.echo(as_csv(list(records[0]), [list(record.values()) for record in records]), nl=False)
    else:
        _print(records)


def level(value: float) -> str:
    """A figure in whatever unit, to a tenth, and to a hundredth where that is no small part of it."""
    return f"{value:,.{2 if value < 10 else 1}f}"


def _record(row: Any) -> dict[str, Any]:
    texts = {str(name): str(row[name].item()) for name in row.coords}
    numbers = {str(name): float(row[name]) for name in row.data_vars}
    return texts | {name: None if math.isnan(value) else value for name, value in numbers.items()}


def _print(records: list[dict[str, Any]]) -> None:
    scored = [record for record in records if record["status"] == "scored"]
    rows = [
        [
            f"{record['rank']:.0f}",
            record["who"],
            record["announced"],
            f"{record['measure'].replace('_', ' ')} of {record['members']}",
            record["period"],
            record["unit"],
            *(level(record[f"{name}_value"]) for name in ("forecast", "naive", "outcome")),
            f"{record['gain']:+.2f}",
        ]
        for record in scored
    ]
    click.echo(as_table(_SHOWN, rows, right=_NUMBERS), nl=False)
    reasons: dict[str, int] = {}
    for record in records:
        if record["status"] != "scored":
            reasons[record["status"]] = reasons.get(record["status"], 0) + 1
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
        click.echo(f"{count} {reason}", err=True)
