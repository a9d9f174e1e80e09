"""A folder of results that is replaced whole or not at all.

Everything is written aside, in the same folder so that a rename suffices, and takes its place only when all of it is
there. What a killed run left behind is removed by the next one.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headrace.errors import OutputError

_ASIDE = ".unfinished-"
_FULL = (errno.ENOSPC, errno.EDQUOT)


def require_writable(folder: Path) -> None:
    """Find out now, not after the computing, that a result cannot be written.

    Raises:
        OutputError: ``folder`` cannot be made, or nothing can be made in it.
    """
    made = _make(folder)
    try:
        _make_aside(folder).rmdir()
    finally:
        _remove_if_empty(made)


@contextmanager
def replaced_whole(folder: Path) -> Iterator[Path]:
    """A place to write files that then replace those of the same name in ``folder``, all together.

    If the body fails or is interrupted, what it wrote is removed and ``folder`` is as it was.

    Args:
        folder: Where the files shall end up; made if it is not there.

    Yields:
        The empty folder to write to.

    Raises:
        OutputError: ``folder`` cannot be written, or its disk is full.
    """
    made = _make(folder)
    try:
        _remove_leftovers(folder)
        aside = _make_aside(folder)
        try:
            yield aside
            with _interrupts_held():
                for finished in sorted(aside.iterdir()):
                    os.replace(finished, folder / finished.name)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except (OSError, OutputError) as fault:
        if not _is_full_disk(fault):
            raise
        raise OutputError(
            f"{folder}: the disk is full; nothing was written and the old result is untouched. "
            "Free some space, or choose another folder with --out"
        ) from None
    finally:
        _remove_if_empty(made)


def _make(folder: Path) -> list[Path]:
    """Make ``folder`` with its parents, and return those that were not there, innermost first."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        _remove_if_empty([place for place in missing if place.is_dir()])
        raise _not_writable(folder, fault) from None
    return missing


def _make_aside(folder: Path) -> Path:
    aside = folder / f"{_ASIDE}{os.getpid()}"
    try:
        aside.mkdir()
    except OSError as fault:
        raise _not_writable(folder, fault) from None
    return aside


def _not_writable(folder: Path, fault: OSError) -> OutputError:
    reason = "the disk is full" if fault.errno in _FULL else (fault.strerror or str(fault)).lower()
    return OutputError(f"{folder}: cannot write there ({reason}); choose another folder with --out")


def _is_full_disk(fault: BaseException | None) -> bool:
    """Whether ``fault``, or what it was raised on account of, is that the disk is full."""
    if isinstance(fault, OSError):
        return fault.errno in _FULL
    return fault is not None and _is_full_disk(fault.__context__)


def _remove_leftovers(folder: Path) -> None:
    for left in folder.glob(f"{_ASIDE}*"):
        process = left.name.removeprefix(_ASIDE)
        if process.isdecimal() and not _is_running(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return process != os.getpid()


def _remove_if_empty(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C from falling between two renames."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
