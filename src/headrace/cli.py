"""The command line: results on stdout, progress and messages on stderr, exit 0 done, 1 failed, 2 usage.

Only click is imported at the top, so that ``--help`` is there at once; every command imports what it needs. Nothing is
computed here.
"""

from __future__ import annotations

import errno
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar

import click

from headrace import __version__
from headrace.errors import HeadraceError, RequestError, unknown_name

if TYPE_CHECKING:
    from concurrent.futures import Future

    from headrace._types import Headline

_Result = TypeVar("_Result")

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells expect it."""

_WRITTEN = "headrace.written"
_WORKER = "headrace-worker"
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True}


class _OneSentence(click.Group):
    """A group whose faults end in one sentence on stderr and an exit code, never in a traceback."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().main(*arguments, **options)
        except SystemExit as end:
            if any(thread.name == _WORKER for thread in threading.enumerate()):
                # The compiler hears no signal and would hold up the exit, or crash in it; what it makes is not wanted.
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(end.code if isinstance(end.code, int) else 1)
            raise

    def invoke(self, ctx: click.Context) -> Any:
        written: list[str] = ctx.meta.setdefault(_WRITTEN, [])
        try:
            return super().invoke(ctx)
        except HeadraceError as fault:
            _fail(ctx, str(fault), fault.exit_code)
        except (KeyboardInterrupt, click.Abort):
            _fail(ctx, f"stopped; {_what_was_written(written)}", INTERRUPTED)
        except BrokenPipeError:
            _leave_quietly()
        except MemoryError:
            _fail(ctx, f"out of memory; {_what_was_written(written)}. Ask for fewer --draws or --quarters", 1)
        except OSError as fault:
            _fail(ctx, _sentence(fault), 1)


@click.group(cls=_OneSentence, context_settings=_SETTINGS)
@click.version_option(__version__, prog_name="headrace")
def main() -> None:
    """The AI infrastructure build-out, from real filings to probabilities.

    Not investment advice; no price targets.
    """


def _count(text: str | int) -> int:
    """A whole number, also as 2e3; whether it can be run is the service's to say."""
    try:
        return int(text)
    except ValueError:
        number = _number(str(text))
    if not number.is_integer():
        raise click.BadParameter(f"{text!r} is not a whole number.")
    return int(number)


def _setting(text: str) -> tuple[str, float]:
    """``name=value``: one parameter put on a number."""
    name, equals, value = text.partition("=")
    if not (name.strip() and equals):
        raise click.BadParameter(f"{text!r} is not of the form name=value, such as demand.compute_margin=0.5.")
    number = _number(value)
    if not math.isfinite(number):
        raise click.BadParameter(f"{name.strip()}: {value.strip()!r} is not a finite number.")
    return name.strip(), number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


@main.command()
@click.argument("scenario", nargs=-1)
@click.option("--draws", type=_count, metavar="INTEGER", default=2000, help="Worlds to simulate.")
@click.option("--seed", type=_count, metavar="INTEGER", default=7, help="Seed of the draws.")
@click.option("--quarters", type=_count, metavar="INTEGER", default=40, help="Quarters to simulate.")
@click.option("--as-of", metavar="DATE", help="Use only what had been filed by then, such as 2026-08-31.")
@click.option(
    "--set",
    "settings",
    type=_setting,
    metavar="NAME=VALUE",
    multiple=True,
    help="Put a parameter on a number; repeatable.",
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("out"), help="Folder for the results.")
@click.option("--precision", type=click.Choice(["32", "64"]), default="64", help="Bits of a number.")
@click.pass_context
def run(
    ctx: click.Context,
    scenario: tuple[str, ...],
    draws: int,
    seed: int,
    quarters: int,
    as_of: str | None,
    settings: tuple[tuple[str, float], ...],
    out: Path,
    precision: str,
) -> None:
    """Simulate each SCENARIO (baseline if none is named) and write its report.

    Writes OUT/SCENARIO/report.html and OUT/SCENARIO/results.zarr, and prints the five headlines.
    """
    from headrace.compilation_cache import keep_compiled_programs
    from headrace.result_folder import replaced_whole, require_writable

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    chosen = _no_repeats(settings)
    folders = _folders(scenario or ("baseline",), out)
    keep_compiled_programs()
    from headrace import service
    from headrace.report import prepare_drawing, write_report

    bits: Literal[32, 64] = 32 if precision == "32" else 64
    _check_counts(draws, seed, quarters)
    _check_names(folders)
    for folder in folders.values():
        require_writable(folder)
    history = service.history(as_of)
    for name, folder in folders.items():
        with replaced_whole(folder) as aside, _progress(name) as progress:
            simulate = partial(
                service.simulate,
                name,
                draws=draws,
                seed=seed,
                quarters=quarters,
                as_of=as_of,
                settings=chosen,
                precision=bits,
                progress=progress,
            )
            simulating = _started(simulate)
            prepare_drawing()
            future = simulating.result()
            progress("write results and report", 0.9)
            saving = _started(partial(service.save, future, aside / "results.zarr"))
            try:
                headlines = service.headlines(future, history)
                write_report(future, history, aside / "report.html", headlines)
            finally:
                saving.exception()  # its folder may not go while it writes
            saving.result()
        ctx.meta[_WRITTEN].append(name)
        _print_result(folder, headlines)


@main.command()
@click.argument("name")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", help="How to print it.")
def explain(name: str, form: str) -> None:
    """Say what the parameter or variable NAME is: value or range, basis, source."""
    from headrace import service

    explanation = service.explain(name)
    if form == "table":
        click.echo("\n".join(explanation.lines))
    else:
        _print_records([explanation.record], form)


@main.command()
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", help="How to print it.")
def scenarios(form: str) -> None:
    """List the scenarios that `headrace run` takes."""
    from dataclasses import asdict

    from headrace import service

    _print_records([asdict(card) for card in service.scenarios()], form)


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "bibtex", "cff"]), default="text", help="How to print it.")
def cite(form: str) -> None:
    """Print how to cite this version."""
    from headrace.citation import citation

    click.echo(citation(form))


def _folders(names: Sequence[str], out: Path) -> dict[str, Path]:
    """Where the result of each scenario goes; a scenario from a file is named by the stem of the file."""
    folders = {name: out / (Path(name).stem if name.endswith(".toml") else name) for name in names}
    for name, folder in folders.items():
        rivals = [other for other, place in folders.items() if place == folder]
        if len(rivals) > 1:
            raise click.UsageError(f"{' and '.join(rivals)} would both be written to {folders[name]}")
    return folders


def _check_counts(draws: int, seed: int, quarters: int) -> None:
    from headrace import service

    try:
        service.check_request(draws=draws, seed=seed, quarters=quarters)
    except RequestError as fault:
        if draws < 1 or quarters < 1:
            raise
        size_gb = _bytes_of_result(draws, quarters) / 1e9
        raise RequestError(
            f"{fault}; {draws:,} draws of {quarters:,} quarters would fill {size_gb:,.1f} GB of memory"
        ) from None


def _bytes_of_result(draws: int, quarters: int) -> int:
    """Memory that every variable of the table takes in 64-bit, over all draws and quarters."""
    from headrace.variables import table

    cells = sum(math.prod(len(labels) for labels in row.coordinate_of.values()) for row in table().values())
    return 8 * draws * quarters * cells


def _check_names(names: Iterable[str]) -> None:
    """Refuse a scenario that does not exist now, not after those before it have been computed."""
    from headrace import service

    known = [card.name for card in service.scenarios()]
    for name in names:
        if name not in known and not name.endswith(".toml"):
            raise unknown_name("scenario", name, known)


def _no_repeats(settings: Sequence[tuple[str, float]]) -> dict[str, float]:
    chosen = dict(settings)
    if len(chosen) < len(settings):
        names = [name for name, _ in settings]
        repeated = sorted({name for name in names if names.count(name) > 1})
        raise click.UsageError(f"--set names {', '.join(repeated)} more than once")
    return chosen


def _started(work: Callable[[], _Result]) -> Future[_Result]:
    """What ``work`` will return; it goes on in a thread, for the main one hears Ctrl-C only between its own steps."""
    from concurrent.futures import Future

    outcome: Future[_Result] = Future()

    def do() -> None:
        try:
            outcome.set_result(work())
        except BaseException as fault:
            outcome.set_exception(fault)

    threading.Thread(target=do, name=_WORKER, daemon=True).start()
    return outcome


@contextmanager
def _progress(scenario: str) -> Iterator[Callable[[str, float], None]]:
    """A bar on stderr where someone is looking, else one line a stage."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        seen: set[str] = set()

        def report_line(stage: str, fraction: float) -> None:
            if stage not in seen:
                seen.add(stage)
                click.echo(f"{scenario}: {stage}", err=True)

        yield report_line
        return

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(scenario, total=1.0)

        def move_bar(stage: str, fraction: float) -> None:
            bar.update(task, description=f"{scenario}: {stage}", completed=fraction)

        yield move_bar
        bar.update(task, completed=1.0)


def _print_result(folder: Path, headlines: Sequence[Headline]) -> None:
    _print_aligned([("report", str(folder / "report.html")), ("results", str(folder / "results.zarr"))])
    click.echo()
    _print_aligned([(headline.label, headline.sentence) for headline in headlines])


def _print_records(records: Sequence[Mapping[str, Any]], form: str) -> None:
    if form == "json":
        import json

        click.echo(json.dumps(records, indent=2, ensure_ascii=False, default=str))
    elif form == "csv":
        import csv
        import io

        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
        click.echo(text.getvalue(), nl=False)
    else:
        for record in records:
            _print_aligned([(key, str(value)) for key, value in record.items()])
            click.echo()


def _print_aligned(rows: Sequence[tuple[str, str]]) -> None:
    """Labels in one column, texts in the next, wrapped there."""
    import shutil
    import textwrap

    label_width = max(len(label) for label, _ in rows)
    text_width = max(40, min(shutil.get_terminal_size((100, 24)).columns, 110) - label_width - 2)
    for label, text in rows:
        first, *rest = textwrap.wrap(text, text_width, break_long_words=False, break_on_hyphens=False) or [""]
        click.echo(f"{label:<{label_width}}  {first}")
        for line in rest:
            click.echo(" " * (label_width + 2) + line)


def _fail(ctx: click.Context, sentence: str, code: int) -> NoReturn:
    click.echo(f"headrace: {sentence}", err=True)
    ctx.exit(code)


def _what_was_written(written: Sequence[str]) -> str:
    if not written:
        return "nothing was written, the old result is untouched"
    return f"{', '.join(written)} was written; what came after was not, its old result is untouched"


def _sentence(fault: OSError) -> str:
    reason = (fault.strerror or str(fault)).lower()
    if fault.errno == errno.ENOSPC:
        reason = "the disk is full"
    return f"{fault.filename}: {reason}" if fault.filename else reason


def _leave_quietly() -> None:
    """Whoever read our output has gone; what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
