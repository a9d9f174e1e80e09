"""One writer at a time: whoever holds a store or a ledger says in its lock file who it is.

The lock is the system's own, so a killed writer holds nothing. Readers never come here.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

from headrace.errors import FetchError
from headrace.evidence.storage.generations import faults_named

WAIT_SECONDS = 60.0
"""How long a writer waits for another one."""


@contextmanager
def held(store: Path, wait: float = WAIT_SECONDS, ledger: str = "") -> Iterator[None]:
    """Hold a store for writing, or one ledger in a folder.

    Args:
        store: Folder of the store; it exists.
        wait: How long to wait for another writer [s].
        ledger: Name of a file in the folder that is held in place of all of it; no lock file stays beside it.

    Raises:
        FetchError: Another writer holds it for longer, named; or the lock file cannot be written.
    """
    path = store / (f".{ledger}.lock" if ledger else "lock")
    holding = filelock.FileLock(path, timeout=wait, poll_interval=0.02, on_acquired=_sign)
    with faults_named(path):
        try:
            holding.acquire()
        except filelock.Timeout:
            what = "ledger" if ledger else "store"
            raise FetchError(
                f"{store / ledger}: another writer holds the {what}: {_holder(path)}. Waited {wait:g} s; let it end, "
                "or stop it, and try again"
            ) from None
    try:
        yield
    finally:
        if ledger:
            # While it is held: whoever waits for this file finds that it has no name any more, and starts over.
            with suppress(OSError):
                path.unlink()
        holding.release()


def _sign(descriptor: int) -> None:
    since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    text = json.dumps({"pid": os.getpid(), "since": since, "command": _command()})
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text.encode())


def _command() -> str:
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200]


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        return f"process {int(holder['pid'])} since {str(holder['since'])!r}, {str(holder['command'])!r}"
    except (OSError, ValueError, KeyError, TypeError):
        return "one that does not say who it is"
