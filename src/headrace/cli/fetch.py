"""The command that brings the local store up to date: each item's outcome on stdout, how far it is on stderr."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headrace.cli.group import if_stopped
from headrace.cli.printing import FORMAT, as_csv, as_json, as_table
from headrace.cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.service.facts import Outcome

_COLUMNS = ("source", "item", "result", "rows", "findings", "text")
_RESULTS = ("added", "unchanged", "refused", "failed")


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--source", metavar="SOURCE", default="edgar", help="Whom to ask: edgar, prices, macro or epoch.")
@click.option("--store", metavar="PATH", help="Folder of the store.  [default: HEADRACE_STORE, else your own]")
@click.option("--offline", is_flag=True, help="Ask nobody; read again the documents that are in the store's cache.")
@click.option(
    "--from",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take prices from this CSV or Parquet file, or epoch from this folder of CSVs; ask nobody.",
)
@click.option(
    "--closes",
    type=click.Choice(["adjusted", "plain"]),
    help="What the closes of a price file are, where the file does not say: adjusted for splits and dividends, or not.",
)
@FORMAT
@click.pass_context
def fetch(
    ctx: click.Context,
    names: tuple[str, ...],
    source: str,
    store: str | None,
    offline: bool,
    file: Path | None,
    closes: str | None,
    form: str,
) -> None:
    """Bring the local store up to date from one source.

    NAME is a ticker or slug (edgar, prices), a series (macro) or a table (epoch); everything the source has when none
    is named. What did not change since the last fetch is asked about and not fetched again; stopping loses nothing.

    Exit 0 if every item was added or is unchanged, 1 if any failed or was refused.
    """
    done = [0, 0]
    if_stopped(ctx, lambda: _what_stays(*done), "Name fewer items at once")
    from headrace import service

    with progress(source) as report:

        def tell(item: str, number: int, count: int) -> None:
            done[:] = number, count
            report(f"{item} ({number} of {count})", number / count)

        adjusted = None if closes is None else closes == "adjusted"
        outcomes = service.fetch_facts(
            names, source=source, store=store, offline=offline, file=file, adjusted=adjusted, progress=tell
        )
    _print_outcomes(outcomes, form)
    _print_sums(outcomes)
    if any(outcome.result in ("refused", "failed") for outcome in outcomes):
        ctx.exit(1)


def _print_outcomes(outcomes: Sequence[Outcome], form: str) -> None:
    if form == "json":
        click.echo(as_json([asdict(outcome) for outcome in outcomes]))
        return
    rows = [
        [outcome.source, outcome.item, outcome.result, f"{outcome.rows}", f"{len(outcome.findings)}", outcome.text]
        for outcome in outcomes
    ]
    if form == "csv":
        click.echo(as_csv(_COLUMNS, rows), nl=False)
    else:
        click.echo(as_table(_COLUMNS, rows, right=["rows", "findings"]), nl=False)


def _print_sums(outcomes: Sequence[Outcome]) -> None:
    counts = Counter[str](outcome.result for outcome in outcomes)
    said = ", ".join(f"{counts[result]} {result}" for result in _RESULTS if counts[result])
    rows = sum(outcome.rows for outcome in outcomes)
    findings = sum(len(outcome.findings) for outcome in outcomes)
    see = "; `headrace facts check` lists them" if findings else ""
    click.echo(f"{len(outcomes)} items: {said}; {rows:,} rows, {findings:,} findings{see}", err=True)


def _what_stays(done: int, count: int) -> str:
    if not count:
        return "the store is as it was"
    return f"{done} of {count} items are done and stay; the next fetch asks only for what has changed since"
