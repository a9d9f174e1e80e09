"""What the timings of the loop begin with: draws of the baseline, the filed start, and both as the loop takes them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np

from headrace.changes import Changes, drawn_values
from headrace.service.worlds import history
from headrace.simulation.start import FiledStart, opening
from headrace.simulation.worlds import stacked
from headrace.variables import PLAYERS
from headrace.world import filed_at_start

SEED = 7
KINDS = {32: np.float32, 64: np.float64}

Arrays = dict[str, np.ndarray]


def filed_start() -> tuple[np.ndarray, np.ndarray]:
    """Cash capital expenditure of every quarter up to the start and operating cash flow of the last four, as filed."""
    capex, cash_flow = filed_at_start(history())
    assert capex.shape[1] == len(PLAYERS)
    return capex, cash_flow


def known(bits: int) -> FiledStart:
    return FiledStart(*(np.asarray(values, KINDS[bits]) for values in filed_start()))  # type: ignore[arg-type]


def drawn(worlds: int, bits: int, first: int = 0, changes: Changes | None = None) -> Arrays:
    """Parameters on their axes, worlds last."""
    values = stacked(drawn_values(SEED, first, worlds, changes or Changes()))
    return {name: np.asarray(array, KINDS[bits]) for name, array in values.items()}


def opened(arrays: Arrays, bits: int) -> tuple[Any, dict[str, Any]]:
    """State and world after the start has been solved."""
    with jax.enable_x64(bits == 64):
        state, world, _ = jax.jit(opening)(arrays, known(bits))
    return state, world


def blocks(tree: Any, worlds: int, size: int) -> list[Any]:
    """``tree`` cut along its last axis into pieces of ``size`` worlds; a rest is left out."""
    starts = range(0, worlds - size + 1, size)
    return [jax.tree.map(lambda a, i=i: np.ascontiguousarray(np.asarray(a)[..., i : i + size]), tree) for i in starts]


def in_threads(work: Callable[[Any], Any], pieces: list[Any]) -> None:
    """``work`` on every piece, a thread for each core, as the ensemble does it."""
    with ThreadPoolExecutor(cores()) as pool:
        for _ in pool.map(work, pieces):
            pass


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock and processor seconds of one call."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def in_turn(contenders: dict[str, Callable[[], object]], repeats: int) -> Iterator[tuple[str, np.ndarray]]:
    """Seconds of each contender, (repeat, wall and processor), all run in turn so that a busy moment falls on all."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, work in contenders.items():
            found[name].append(seconds(work))
    for name, times in found.items():
        yield name, np.array(times)
