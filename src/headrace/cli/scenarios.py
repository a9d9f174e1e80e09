"""``headrace scenarios``: which scenarios there are, and what each of them changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from headrace.cli.printing import FORMAT, as_csv, as_json, as_table, print_aligned, print_records

_COLUMNS = ("parameter", "what", "when", "reason", "history", "source")


@click.command()
@click.argument("name", required=False)
@FORMAT
def scenarios(name: str | None, form: str) -> None:
    """List the scenarios that `headrace run` takes, or what the scenario NAME changes, when and why.

    NAME may also be a .toml file, or several of either with + between them: they are checked as a run would check them.
    """
    from dataclasses import asdict

    from headrace import service
    from headrace.service import library

    if name is not None:
        _print_page(library.scenario_page(name), form)
    elif form == "table":
        click.echo(as_table(["name", "title"], [[card.name, card.title] for card in service.scenarios()]), nl=False)
    else:
        print_records([asdict(card) for card in service.scenarios()], form)


def _print_page(page: Mapping[str, Any], form: str) -> None:
    changes = page["changes"]
    if form == "json":
        click.echo(as_json(page))
    elif form == "csv":
        click.echo(as_csv(_COLUMNS, [[change[key] for key in _COLUMNS] for change in changes]), nl=False)
    else:
        print_aligned([(key, str(page[key])) for key in ("name", "title", "dated", "summary")])
        for change in changes:
            click.echo()
            print_aligned([(key, change[key]) for key in _COLUMNS if change[key]])
