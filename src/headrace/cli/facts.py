"""Commands that look into the facts: figures as known on a day, what does not add up, what there is, a copy of it."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headrace.cli.fetch import fetch
from headrace.cli.figures import as_blocks, explanations
from headrace.cli.frames import plain_rows
from headrace.cli.ledgers import closes, events, guidance
from headrace.cli.output import deliver
from headrace.cli.printing import FORMAT, as_csv, as_json, as_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from headrace.service.facts import Contents, Finding

_ENTITY = click.option(
    "--entity", metavar="NAME", multiple=True, help="Slug or ticker, such as microsoft or MSFT; repeatable."
)
_CONCEPT = click.option("--concept", metavar="NAME", multiple=True, help="Such as capital_expenditure; repeatable.")
_AS_OF = click.option("--as-of", metavar="DATE", help="Look from that day: only what had been filed by then.")
_STORE = click.option(
    "--store",
    metavar="PATH",
    help="Folder of a store, or shipped for the tables of headrace alone.  [default: HEADRACE_STORE, else your own]",
)
_EXPORT_FORMS = {".parquet": "parquet", ".csv": "csv"}
_STATUS_COLUMNS = {
    "figures": "figures",
    "concepts": "concepts",
    "first_quarter": "from",
    "last_quarter": "to",
    "last_filed": "filed",
    "days_since": "days",
    "quality_a": "A",
    "quality_b": "B",
    "quality_c": "C",
    "derived": "derived",
    "late": "late",
    "badge": "badge",
}


@click.group()
def facts() -> None:
    """Look up filed figures, fetch newer ones, and see what is thin.

    Facts are the tables that come with headrace and, in their place where it holds newer ones, your local store.
    """


@facts.command()
@_ENTITY
@_CONCEPT
@_AS_OF
@click.option("--vintages", is_flag=True, help="Every vintage filed by then, not the last one alone.")
@click.option("--years", is_flag=True, help="Also whole years of what has quarters too.")
@_STORE
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "parquet"]),
    default="table",
    help="How to print it; all but table give raw values.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to this file, not to stdout.")
def query(
    entity: tuple[str, ...],
    concept: tuple[str, ...],
    as_of: str | None,
    vintages: bool,
    years: bool,
    store: str | None,
    form: str,
    out: Path | None,
) -> None:
    """Print figures as known on a day, with where each of them stands.

    Quality: A filing, B reputable, C press. ~ before a day of filing: estimated. late: first filed more than 120 days
    after its period. The locator is the number of the filing (of two where a figure is their difference) or an address.
    """
    from headrace import service

    if form == "parquet" and out is None and sys.stdout.isatty():
        raise click.UsageError("--format parquet is bytes; name a file with --out, or send stdout into one")
    which: dict[str, Any] = {"as_of": as_of, "store": store, "vintages": vintages, "years": years}
    if form == "parquet":
        _deliver_parquet(entity, concept, which, out)
        return
    known = service.evidence(entity, concept, **which)
    if form == "table":
        deliver(as_blocks(known), out)
        for line in explanations(known):
            click.echo(line, err=True)
    else:
        _deliver_frame(known, form, out)
    if known.empty:
        click.echo("no figures: nothing of that kind had been filed by then, or it was never filed", err=True)


@facts.command()
@_ENTITY
@click.option("--kind", metavar="KIND", multiple=True, help="Such as sum_mismatch; repeatable.")
@_AS_OF
@_STORE
@click.option("--strict", is_flag=True, help="Exit 1 if a row was refused or figures contradict each other.")
@FORMAT
@click.pass_context
def check(
    ctx: click.Context,
    entity: tuple[str, ...],
    kind: tuple[str, ...],
    as_of: str | None,
    store: str | None,
    strict: bool,
    form: str,
) -> None:
    """Report what does not add up in the facts, and what was refused.

    A report, so exit 0 whatever it says. With --strict exit 1 for refused rows and for the kinds conflict,
    identity_mismatch, scale, sign and sum_mismatch; the table says what each kind means.
    """
    from dataclasses import astuple

    from headrace import service

    found = service.check_facts(entity, kind, as_of=as_of, store=store)
    rows = [list(astuple(finding)) for finding in found]
    columns = ["kind", "entity", "concept", "where", "text", "refused"]
    if form == "json":
        click.echo(as_json([dict(zip(columns, row, strict=True)) for row in rows]))
    elif form == "csv":
        click.echo(as_csv(columns, rows), nl=False)
    else:
        click.echo(_findings_table(found, service.finding_kinds()), nl=False)
    against = len(service.contradictions(found))
    click.echo(f"{len(found):,} findings, {against:,} of them refused rows or contradictions", err=True)
    if strict and against:
        ctx.exit(1)


@facts.command()
@click.option("--by", metavar="KEY", default="entity", help="One row each: entity, group, concept or source.")
@_AS_OF
@_STORE
@FORMAT
def status(by: str, as_of: str | None, store: str | None, form: str) -> None:
    """Say what the facts hold, how good and how old, and where the store is.

    A, B, C: figures of each quality. days: since the last filing whose day is recorded.
    """
    from dataclasses import asdict

    from headrace import service

    inside = service.store_contents(store)
    table = service.facts_status(by, as_of=as_of, store=store)
    table["days_since"] = table["days_since"].astype("Int64")
    columns, rows = plain_rows(table)
    if form == "json":
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        click.echo(as_json({"store": None if inside is None else asdict(inside), "facts": records}))
        return
    if form == "csv":
        click.echo(as_csv(columns, rows), nl=False)
    else:
        click.echo(_status_table(by, columns, rows))
    click.echo(_said_of_store(inside), err=form == "csv")


@facts.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The file to write.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "csv", "iamc"]),
    help="iamc: the long format that pyam opens.  [default: by the ending of FILE]",
)
@_ENTITY
@_CONCEPT
@_AS_OF
@_STORE
def export(
    out: Path,
    form: str | None,
    entity: tuple[str, ...],
    concept: tuple[str, ...],
    as_of: str | None,
    store: str | None,
) -> None:
    """Write facts to a file for other programs, whole or not at all."""
    from headrace import service

    chosen = form or _EXPORT_FORMS.get(out.suffix.lower())
    if chosen is None:
        raise click.UsageError(f"{out}: its ending does not say what to write; name a .parquet or .csv, or --format")
    click.echo(service.export_facts(out, chosen, entity, concept, as_of=as_of, store=store))


for command in (fetch, closes, events, guidance):
    facts.add_command(command)


def _deliver_frame(known: pd.DataFrame, form: str, out: Path | None) -> None:
    columns, rows = plain_rows(known)
    if form == "csv":
        deliver(as_csv(columns, rows), out)
    else:
        deliver(as_json([dict(zip(columns, row, strict=True)) for row in rows]) + "\n", out)


def _deliver_parquet(
    entity: tuple[str, ...], concept: tuple[str, ...], which: dict[str, Any], out: Path | None
) -> None:
    from tempfile import TemporaryDirectory

    from headrace import service

    if out is not None:
        service.export_facts(out, "parquet", entity, concept, **which)
        return
    with TemporaryDirectory() as folder:
        path = service.export_facts(Path(folder) / "facts.parquet", "parquet", entity, concept, **which)
        deliver(path.read_bytes(), None)


def _findings_table(found: Sequence[Finding], kinds: dict[str, str]) -> str:
    """Kinds with their number, most first, then every finding."""
    if not found:
        return "nothing found\n"
    counted = Counter(finding.kind for finding in found).most_common()
    sums = as_table(["kind", "findings", "meaning"], [[k, f"{n:,}", kinds[k]] for k, n in counted], right=["findings"])
    rows = [
        [
            finding.kind,
            finding.entity,
            finding.concept,
            finding.where,
            "refused" if finding.refused else "",
            finding.text,
        ]
        for finding in found
    ]
    return f"{sums}\n{as_table(['kind', 'entity', 'concept', 'where', '', 'what'], rows)}"


def _status_table(by: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    chosen = [columns.index(name) for name in (by, *_STATUS_COLUMNS)]
    cells = [
        ["" if row[at] is None else f"{row[at]:,}" if isinstance(row[at], int) else str(row[at]) for at in chosen]
        for row in rows
    ]
    numbers = {"figures", "concepts", "days", "A", "B", "C", "derived", "late"}
    return as_table([by, *_STATUS_COLUMNS.values()], cells, right=numbers)


def _said_of_store(inside: Contents | None) -> str:
    if inside is None:
        return "store: none, the tables that come with headrace alone"
    if not inside.generations:
        return f"store: {inside.path}, nothing fetched yet"
    return (
        f"store: {inside.path}, schema {inside.schema}, {inside.generations:,} generations of {inside.items:,} items, "
        f"{inside.size / 1e6:,.1f} MB, last added {inside.last_added:%Y-%m-%d %H:%M} UTC; "
        f"cache of {inside.cached_documents:,} documents, {inside.cache_size / 1e6:,.1f} MB"
    )
