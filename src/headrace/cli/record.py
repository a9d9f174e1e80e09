"""``headrace record``: what headrace forecasts today, into a ledger that only grows."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from headrace.cli.background import started
from headrace.cli.frames import plain_rows
from headrace.cli.group import if_stopped
from headrace.cli.numbers import count
from headrace.cli.printing import FORMAT, as_csv, as_json, as_table
from headrace.cli.progress import progress

_QUANTILES = ("0.05", "0.5", "0.95")
_SHOWN = ("period", "members", "unit", *_QUANTILES)


@click.command()
@click.argument("scenario", default="baseline")
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="File to append to; made if it is not there.",
)
@click.option("--draws", type=count, metavar="INTEGER", default=2000, help="Worlds to simulate.")
@click.option("--seed", type=count, metavar="INTEGER", default=7, help="Seed of the draws.")
@click.option("--quarters", type=count, metavar="INTEGER", default=8, help="Quarters to record.")
@FORMAT
@click.pass_context
def record(ctx: click.Context, scenario: str, ledger: Path, draws: int, seed: int, quarters: int, form: str) -> None:
    """Simulate SCENARIO and append today's forecast of capital expenditure to a ledger.

    The first quarter recorded is the first that none of the five has ended, so that nobody can have filed it. A line
    holds quantiles and the recipe of the world, and is sealed over the line before it: nothing can be changed or taken
    out later without breaking every seal after it. One forecast of a quarter under a scenario a day. `headrace league
    --ledger FILE` shows how they came out.
    """
    from headrace.compilation_cache import keep_compiled_programs

    if_stopped(ctx, lambda: "nothing was recorded", "Ask for fewer --draws or --quarters")
    keep_compiled_programs()
    from headrace import service

    with progress(scenario) as report:
        work = partial(
            service.record, scenario, ledger=ledger, draws=draws, seed=seed, quarters=quarters, progress=report
        )
        frame = started(work).result()
    columns, rows = plain_rows(frame)
    if form == "json":
        click.echo(as_json([dict(zip(columns, row, strict=True)) for row in rows]))
    elif form == "csv":
        click.echo(as_csv(columns, rows), nl=False)
    else:
        shown = [[row[columns.index(name)] for name in _SHOWN] for row in rows]
        cells = [[value if isinstance(value, str) else f"{value:,.1f}" for value in row] for row in shown]
        click.echo(as_table(_SHOWN, cells, right=_QUANTILES), nl=False)
    click.echo(f"{len(rows)} lines appended to {ledger}, the last seal {frame['sha256'].iloc[-1]}", err=True)
