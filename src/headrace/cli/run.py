"""The command that simulates: it checks everything it can before it computes, and writes aside what it has computed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headrace.cli.background import started
from headrace.cli.group import if_stopped
from headrace.cli.printing import print_aligned
from headrace.cli.progress import progress
from headrace.cli.simulating import ASK_FOR_LESS, Simulating, simulating
from headrace.service.questions import QUESTIONS

if TYPE_CHECKING:
    from headrace._types import Headline


@click.command()
@click.argument("scenario", nargs=-1)
@simulating(2000, "Worlds to simulate.")
@click.option(
    "--ask",
    type=click.Choice(list(QUESTIONS)),
    multiple=True,
    help="Answer this of the same worlds too, with a section of its own in the report; repeatable.",
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("out"), help="Folder for the results.")
@click.pass_context
def run(
    ctx: click.Context,
    scenario: tuple[str, ...],
    worlds: Simulating,
    ask: tuple[str, ...],
    out: Path,
) -> None:
    """Simulate each SCENARIO (baseline if none is named) and write its report.

    A SCENARIO is a name that `headrace scenarios` lists, a .toml file, or several of either with + between them.

    Writes OUT/SCENARIO/report.html and OUT/SCENARIO/results.zarr, and prints its headlines.
    """
    from headrace.compilation_cache import keep_compiled_programs
    from headrace.result_folder import replaced_whole, require_writable

    written: list[str] = []
    if_stopped(ctx, lambda: _what_was_written(written), ASK_FOR_LESS)
    folders = _folders(scenario or ("baseline",), out)
    keep_compiled_programs()
    from headrace import service
    from headrace.report import prepare_drawing, write_report

    how = worlds.checked(list(folders))
    for folder in folders.values():
        require_writable(folder)
    history = service.history(worlds.as_of)
    for name, folder in folders.items():
        with replaced_whole(folder) as aside, progress(name) as report:
            simulate = partial(service.simulate, name, **how, progress=report)
            simulating = started(simulate)
            prepare_drawing()
            service.trust()  # read once for every report, while the worlds are made
            future = simulating.result()
            answering = partial(service.answers, ask, future, posterior=how["posterior"], progress=report)
            asked = started(answering).result() if ask else {}
            report("write results and report", 0.9)
            saving = started(partial(service.save, future, aside / "results.zarr"))
            try:
                headlines = service.headlines(future, history)
                write_report(future, history, aside / "report.html", headlines, asked)
            finally:
                saving.exception()  # its folder may not go while it writes
            saving.result()
        written.append(name)
        _print_result(folder, headlines)


def _folders(names: Sequence[str], out: Path) -> dict[str, Path]:
    """Where the result of each scenario goes."""
    folders = {name: out / _folder_name(name) for name in names}
    for name, folder in folders.items():
        rivals = [other for other, place in folders.items() if place == folder]
        if len(rivals) > 1:
            raise click.UsageError(f"{' and '.join(rivals)} would both be written to {folders[name]}")
    return folders


def _folder_name(scenario: str) -> str:
    """Name of a scenario as a folder; one from a file is named by the stem of the file."""
    return "+".join(Path(part).stem if part.endswith(".toml") else part for part in scenario.split("+"))


def _print_result(folder: Path, headlines: Sequence[Headline]) -> None:
    print_aligned([("report", str(folder / "report.html")), ("results", str(folder / "results.zarr"))])
    click.echo()
    print_aligned([(headline.label, headline.sentence) for headline in headlines])


def _what_was_written(written: Sequence[str]) -> str:
    if not written:
        return "nothing was written, the old result is untouched"
    return f"{', '.join(written)} was written; what came after was not, its old result is untouched"
