"""Work that goes on beside the main thread, so that Ctrl-C is heard while it lasts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from headrace.cli.group import WORKER

if TYPE_CHECKING:
    from concurrent.futures import Future

_Result = TypeVar("_Result")


def started(work: Callable[[], _Result]) -> Future[_Result]:
    """What ``work`` will return; it goes on in a thread, for the main one hears Ctrl-C only between its own steps."""
    from concurrent.futures import Future

    outcome: Future[_Result] = Future()

    def do() -> None:
        try:
            outcome.set_result(work())
        except BaseException as fault:
            outcome.set_exception(fault)

    threading.Thread(target=do, name=WORKER, daemon=True).start()
    return outcome
