"""What every command that simulates takes, and how it answers: asked for in one form, checked before it computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial, wraps
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from headrace.cli.background import started
from headrace.cli.group import if_stopped
from headrace.cli.numbers import count, setting, settings_by_name
from headrace.cli.progress import progress

ASK_FOR_LESS = "Ask for fewer --draws or --quarters"

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Simulating:
    """How somebody wants worlds to be made.

    Attributes:
        draws: Worlds.
        seed: Of the draws.
        quarters: To simulate.
        as_of: Day by which filings were made; the last one known when None.
        settings: Parameters held at a value, as they were typed.
        without: Fears that are off.
        posterior: File with draws in the place of priors.
        precision: Bits of a number, as typed.
    """

    draws: int
    seed: int
    quarters: int
    as_of: str | None
    settings: tuple[tuple[str, float], ...]
    without: tuple[str, ...]
    posterior: Path | None
    precision: str

    def checked(self, scenarios: Sequence[str]) -> dict[str, Any]:
        """Arguments of a service function that simulates, refused before anything is computed if they cannot be."""
        settings = settings_by_name(self.settings)
        from headrace import service

        service.check_request(draws=self.draws, seed=self.seed, quarters=self.quarters)
        service.check_scenarios(list(scenarios), self.without)
        learnt = service.read_posterior(self.posterior) if self.posterior else None
        bits: Literal[32, 64] = 32 if self.precision == "32" else 64
        return {
            "draws": self.draws,
            "seed": self.seed,
            "quarters": self.quarters,
            "as_of": self.as_of,
            "settings": settings,
            "without": self.without,
            "posterior": learnt,
            "precision": bits,
        }


def simulating(draws: int, worlds: str = "Worlds to simulate.") -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of worlds, and hand them to it as one argument ``worlds`` of :class:`Simulating`.

    Args:
        draws: Worlds, unless someone asks for another number.
        worlds: Help of ``--draws``.
    """
    options = (
        click.option("--draws", type=count, metavar="INTEGER", default=draws, help=worlds),
        click.option("--seed", type=count, metavar="INTEGER", default=7, help="Seed of the draws."),
        click.option("--quarters", type=count, metavar="INTEGER", default=40, help="Quarters to simulate."),
        click.option("--as-of", metavar="DATE", help="Use only what had been filed by then, such as 2026-08-31."),
        click.option(
            "--set",
            "settings",
            type=setting,
            metavar="NAME=VALUE",
            multiple=True,
            help="Put a parameter on a number; repeatable.",
        ),
        click.option(
            "--without",
            metavar="FEAR",
            multiple=True,
            help="Switch a fear off: corporate, national, investor or technological; repeatable.",
        ),
        click.option(
            "--posterior",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Draw what filings have taught from this file, which `headrace calibrate` wrote.",
        ),
        click.option("--precision", type=click.Choice(["32", "64"]), default="64", help="Bits of a number of the run."),
    )

    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def taken(*arguments: Any, **given: Any) -> None:
            how = {field.name: given.pop(field.name) for field in fields(Simulating)}
            command(*arguments, worlds=Simulating(**how), **given)

        for option in reversed(options):
            taken = option(taken)
        return taken

    return with_options


def answered(
    ctx: click.Context,
    scenarios: Sequence[str],
    worlds: Simulating,
    answer: Callable[..., _Answer],
    *,
    unanswered: str,
    check: Callable[[], None] = lambda: None,
) -> _Answer:
    """What is asked of some scenarios, worked out beside the main thread with its progress on stderr.

    Args:
        ctx: Of the command.
        scenarios: As they were typed.
        worlds: How they are made.
        answer: Takes the options of worlds as a service function does, and ``progress``.
        unanswered: What a stop leaves behind, such as "nothing was played".
        check: Refuses what the question itself can have wrong, before anything is computed.
    """
    from headrace.compilation_cache import keep_compiled_programs

    if_stopped(ctx, lambda: unanswered, ASK_FOR_LESS)
    keep_compiled_programs()
    how = worlds.checked(scenarios)
    check()
    with progress(", ".join(scenarios)) as report:
        return started(partial(answer, **how, progress=report)).result()
