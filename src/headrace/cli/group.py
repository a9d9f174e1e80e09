"""The group of all commands: a fault ends in one sentence on stderr and an exit code, never in a traceback.

A command that writes says here what a stop leaves behind, so that the sentence can tell.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

import click

from headrace import __version__
from headrace.cli.printing import printable
from headrace.errors import HeadraceError, near_matches

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells expect it."""

WORKER = "headrace-worker"
"""Name of a thread that nobody needs to wait for when the command ends."""

_LEFT = "headrace.left"
_ASK_FOR_LESS = "headrace.ask_for_less"
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True}


class _OneSentence(click.Group):
    """A group whose faults end in one sentence on stderr and an exit code, never in a traceback.

    Its commands are imported when they are asked for; the list of them is there without.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._later: dict[str, tuple[str, str]] = {}

    def add_later(self, name: str, module: str, purpose: str) -> None:
        """Add the command that ``module`` has under ``name``; ``purpose`` is what the list of commands says of it."""
        self._later[name] = module, purpose

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._later)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._later:
            return None
        command: click.Command = getattr(import_module(self._later[cmd_name][0]), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self._later and not args[0].startswith("-"):
            near = near_matches(args[0], self._later)
            ctx.fail(f"No such command {args[0]!r}{f'; did you mean {near[0]}' if near else ''}.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in sorted(self._later.items())])

    def main(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().main(*arguments, **options)
        except SystemExit as end:
            if any(thread.name == WORKER for thread in threading.enumerate()):
                # The compiler hears no signal and would hold up the exit, or crash in it; what it makes is not wanted.
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(end.code if isinstance(end.code, int) else 1)
            raise

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HeadraceError as fault:
            _fail(ctx, str(fault), fault.exit_code)
        except (KeyboardInterrupt, click.Abort):
            _fail(ctx, _with_what_is_left(ctx, "stopped"), INTERRUPTED)
        except BrokenPipeError:
            _leave_quietly()
        except MemoryError:
            _fail(ctx, f"{_with_what_is_left(ctx, 'out of memory')}. {ctx.meta.get(_ASK_FOR_LESS, 'Ask for less')}", 1)
        except OSError as fault:
            _fail(ctx, _sentence(fault), 1)


@click.group(cls=_OneSentence, context_settings=_SETTINGS)
@click.version_option(__version__, prog_name="headrace")
def main() -> None:
    """The AI infrastructure build-out, from real filings to probabilities.

    Not investment advice; no price targets.
    """


def if_stopped(ctx: click.Context, what_is_left: Callable[[], str], ask_for_less: str) -> None:
    """Say what a command leaves behind when it is stopped half way; a request to end unwinds it as Ctrl-C does.

    Args:
        ctx: Of the command.
        what_is_left: Called when it has been stopped.
        ask_for_less: What to do when memory does not suffice.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    ctx.meta[_LEFT] = what_is_left
    ctx.meta[_ASK_FOR_LESS] = ask_for_less


def _with_what_is_left(ctx: click.Context, stop: str) -> str:
    left: Callable[[], str] | None = ctx.meta.get(_LEFT)
    return stop if left is None else f"{stop}; {left()}"


def _fail(ctx: click.Context, sentence: str, code: int) -> NoReturn:
    click.echo(f"headrace: {printable(sentence)}", err=True)
    ctx.exit(code)


def _sentence(fault: OSError) -> str:
    reason = (fault.strerror or str(fault)).lower()
    if fault.errno == errno.ENOSPC:
        reason = "the disk is full"
    return f"{fault.filename}: {reason}" if fault.filename else reason


def _leave_quietly() -> None:
    """Whoever read our output has gone; what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
