"""How far a command has come, on stderr: a bar where someone is looking, else one line a stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from headrace.cli.printing import printable


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, float], None]]:
    """Show how far something has come.

    Args:
        title: What is being done.

    Yields:
        A function of the stage that has begun or ended, and of the fraction that is done by now.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        seen: set[str] = set()

        def report_line(stage: str, fraction: float) -> None:
            if stage not in seen:
                seen.add(stage)
                click.echo(printable(f"{title}: {stage}"), err=True)

        yield report_line
        return

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(escape(printable(title)), total=1.0)

        def move_bar(stage: str, fraction: float) -> None:
            bar.update(task, description=escape(printable(f"{title}: {stage}")), completed=fraction)

        yield move_bar
        bar.update(task, completed=1.0)
