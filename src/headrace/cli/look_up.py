"""Commands that look one thing up and change nothing: what a name means, how to cite."""

from __future__ import annotations

import click

from headrace.cli.printing import FORMAT, print_records


@click.command()
@click.argument("name")
@FORMAT
def explain(name: str, form: str) -> None:
    """Say what the parameter or variable NAME is: value or range, basis, source."""
    from headrace import service

    explanation = service.explain(name)
    if form == "table":
        click.echo("\n".join(explanation.lines))
    else:
        print_records([explanation.record], form)


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "bibtex", "cff"]), default="text", help="How to print it.")
def cite(form: str) -> None:
    """Print how to cite this version."""
    from headrace.citation import citation

    click.echo(citation(form))
