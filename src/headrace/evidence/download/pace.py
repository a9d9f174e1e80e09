"""How often a host may be asked: requests to one host stand in a line, a step apart, whichever process makes them.

The line is a small file for each host, so two fetches at the same time do not ask twice as often.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import filelock

from headrace.evidence.storage.generations import faults_named

LONGEST_HOLD = 120.0
"""No host makes us wait longer than this at a time [s]; a moment further away was written under another clock."""

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9.-]")


class Pace:
    """The line before each host."""

    def __init__(
        self,
        folder: Path,
        per_second: float,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Nobody is asked yet.

        Args:
            folder: Where the lines are kept; made when it is needed.
            per_second: Requests a second to one host at the most.
            clock: Seconds since 1970, the same in every process.
            sleep: Waits so many seconds.
        """
        self._folder, self._step = folder, 1 / per_second
        self._clock, self._sleep = clock, sleep

    def wait(self, host: str) -> None:
        """Return when it is this request's turn."""
        while (left := self._turn(host, 0.0)) > 0:
            self._sleep(left)

    def hold(self, host: str, seconds: float) -> None:
        """Let nobody ask ``host`` for so many seconds from now; who waits already waits on."""
        self._turn(host, min(seconds, LONGEST_HOLD))

    def _turn(self, host: str, hold: float) -> float:
        """Take the next turn and return 0, or the seconds until it comes; with ``hold`` push it away instead."""
        line = self._folder / _NOT_IN_A_NAME.sub("_", host.lower())
        with faults_named(line):
            self._folder.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(f"{line}.lock", poll_interval=0.005):
                now, free_at = self._clock(), _moment_in(line)
                if free_at > now + LONGEST_HOLD:
                    free_at = now
                if hold:
                    line.write_text(repr(max(free_at, now + hold)), encoding="ascii")
                elif free_at <= now:
                    line.write_text(repr(now + self._step), encoding="ascii")
                return max(free_at - now, 0.0)


def _moment_in(line: Path) -> float:
    try:
        return float(line.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return 0.0
