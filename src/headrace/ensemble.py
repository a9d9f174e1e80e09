"""Many draws of one scenario, in blocks of fixed size, so that memory stays bounded and one compilation serves all.

Draw ``i`` does not depend on the block it falls in: parameters are drawn by counter, and worlds never meet. Blocks run
on all cores, each in a thread of its own.
"""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from headrace.changes import Changes, drawn_values
from headrace.errors import EvidenceError, RequestError
from headrace.simulation.simulate import ALL_OUTPUTS, simulate
from headrace.simulation.start import START_QUARTER, FiledStart, quarters_since_launch
from headrace.simulation.worlds import stacked
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS, UNRESOLVED_CODE, table

BLOCK = 500
"""Draws run together: the working set of a block fits the caches of a small machine."""

PRECISION: Literal[32, 64] = 64
"""Bits of the loop's arithmetic unless someone asks for the other."""

MOST_DRAWS = 1_000_000
MOST_QUARTERS = 400
MOST_SEED = 2**63 - 1

_COUNTS = {
    "draws": (1, MOST_DRAWS, "a million draws know every quantile that is shown to a thousandth"),
    "quarters": (1, MOST_QUARTERS, "rates judged for a decade say nothing after a century"),
    "seed": (0, MOST_SEED, "a seed is a number of 63 bits"),
}
"""Least and most of each count, and why."""

MOST_CELLS = 2_500_000_000
"""Numbers that a result may hold: 20 GB of them in 64 bits."""

Arrays = dict[str, NDArray[np.float64]]
Filed = tuple[NDArray[np.float64], NDArray[np.float64]]
Progress = Callable[[str, float], None]


def run(
    filed: Filed,
    *,
    draws: int,
    seed: int,
    quarters: int,
    changes: Changes | None = None,
    wanted: frozenset[str] = ALL_OUTPUTS,
    precision: Literal[32, 64] = PRECISION,
    progress: Progress | None = None,
) -> tuple[Arrays, Arrays]:
    """Outputs of every draw.

    Args:
        filed: Cash capital expenditure (past, player) and operating cash flow (4, player) as filed [USD bn/quarter].
        draws: How many worlds, 1 .. MOST_DRAWS.
        seed: 0 .. MOST_SEED.
        quarters: How many quarters, 1 .. MOST_QUARTERS.
        changes: What the scenario does to the parameters; nothing when left out.
        wanted: Outputs to keep; how each world stands is always kept.
        precision: Bits of the arithmetic of the loop; draws are always made in 64.
        progress: Called with what is going on and the share done, 0..1.

    Returns:
        Outputs by name, (draw, quarter, *axes), NaN (codes: -1) from the quarter in which a world has ended; and the
        closure of the start by name, (draw, ...).

    Raises:
        RequestError: A count or the seed is outside its range, or the result would be too large.
        EvidenceError: What is filed lacks a player or a quarter, or holds something that is no amount.
    """
    check_filed(filed)
    kept = wanted | {"world_status"}
    check_request(draws=draws, seed=seed, quarters=quarters, precision=precision, wanted=kept)
    done = changes or Changes()
    report = progress or (lambda _text, _share: None)
    kind = np.float32 if precision == 32 else np.float64
    size = min(BLOCK, draws)
    start_quarter = START_QUARTER if done.start is None else done.start.quarter

    def block(first: int) -> tuple[Arrays, Arrays]:
        # The precision of a computation belongs to the thread that asks for it.
        with jax.enable_x64(precision == 64):
            # NumPy arrays go in as they are: putting them on the device one by one costs as much as the loop.
            drawn = stacked(drawn_values(seed, first, size, done))
            capex, cash_flow = (jnp.asarray(values, kind) for values in filed)
            known = FiledStart(capex, cash_flow, quarters_since_launch(start_quarter))
            arguments = jax.tree.map(lambda values: np.asarray(values, kind), (drawn, known, dict(done.paths)))
            outputs, closure = simulate(*arguments, quarters=quarters, wanted=kept)
            count = min(size, draws - first)
            return _without_ended(_draw_first(outputs, count)), _draw_first(vars(closure), count)

    report("compiling the loop", 0.0)
    program = (quarters, kept, precision, size, frozenset(done.paths))
    results: tuple[Arrays, Arrays] | None = None
    for number, parts in enumerate(_in_threads(block, range(0, draws, size), program in _compiled)):
        _compiled.add(program)
        if results is None:
            results = tuple({name: _room(values, draws) for name, values in part.items()} for part in parts)  # type: ignore[assignment]
        assert results is not None
        for whole, part in zip(results, parts, strict=True):
            for name, values in part.items():
                whole[name][number * size : number * size + len(values)] = values
        so_far = min((number + 1) * size, draws)
        report(f"simulated {so_far:,} of {draws:,} worlds", so_far / draws)
    assert results is not None
    return results


def check_request(
    *, draws: int, seed: int, quarters: int, precision: int = PRECISION, wanted: frozenset[str] = ALL_OUTPUTS
) -> None:
    """Refuse counts that cannot be run.

    Raises:
        RequestError: Naming the option, what was found, and the range.
    """
    for name, value in (("draws", draws), ("quarters", quarters), ("seed", seed)):
        check_count(name, value)
    if precision not in (32, 64):
        raise RequestError(f"precision is {precision}; wanted 32 or 64 bits")
    found = draws * quarters * cells(wanted)
    if found > MOST_CELLS:
        raise RequestError(
            f"draws × quarters × values of a quarter is {draws:,} × {quarters:,} × {cells(wanted):,} = {found:,}; "
            f"wanted at most {MOST_CELLS:,}: ask for fewer draws or quarters, or name the variables that are needed"
        )


def check_count(name: str, value: int) -> None:
    """Refuse a count that is no whole number or outside its range.

    Args:
        name: ``draws``, ``quarters`` or ``seed``.
        value: What was asked for.

    Raises:
        RequestError: Naming the option, what was found, the range and its reason.
    """
    low, high, reason = _COUNTS[name]
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_whole or not low <= value <= high:
        found = f"{value:,}" if isinstance(value, numbers.Real) and not isinstance(value, bool) else repr(value)
        raise RequestError(f"{name} is {found}; wanted a whole number from {low:,} to {high:,}: {reason}")


def check_filed(filed: Filed) -> None:
    """Refuse filed figures with which no world can start.

    Raises:
        EvidenceError: Naming the figure, player and quarter, what was found and what was wanted.
    """
    capex, cash_flow = filed
    for name, values, quarters in (
        ("capital expenditure", capex, None),
        ("operating cash flow", cash_flow, QUARTERS_PER_YEAR),
    ):
        past = values.shape[0] if values.ndim == 2 else 0
        if values.ndim != 2 or values.shape[1] != len(PLAYERS) or past < 1 or past != (quarters or past):
            raise EvidenceError(
                f"filed {name}: found an array of shape {values.shape}; wanted ({quarters or 'quarters'}, "
                f"{len(PLAYERS)}), a column each for {', '.join(PLAYERS)}. To see what fewer builders do, set "
                "builder.<name>.pause_share to 1 for the others"
            )
        bad = np.argwhere(~np.isfinite(values) | ((values < 0) & (values is capex)))
        if len(bad):
            quarter, player = bad[0]
            raise EvidenceError(
                f"filed {name} of {PLAYERS[player]} in quarter {quarter + 1} of {past}: found "
                f"{values[quarter, player]:g}; wanted a finite amount in USD bn{', 0 or more' * (values is capex)}. "
                "Choose a day on which all five had filed the quarter"
            )


def cells(wanted: frozenset[str] = ALL_OUTPUTS) -> int:
    """Numbers that one world has in one quarter."""
    rows = [row for name, row in table().items() if name in wanted]
    return sum(math.prod(len(labels) for labels in row.coordinate_of.values()) for row in rows)


_compiled: set[tuple[object, ...]] = set()
"""Programs that this process has compiled; the first block of any other one runs alone, for it compiles for all."""


def _in_threads(
    block: Callable[[int], tuple[Arrays, Arrays]], firsts: range, is_compiled: bool
) -> Iterator[tuple[Arrays, Arrays]]:
    """Blocks in order, a few at a time on all cores."""
    if not is_compiled:
        yield block(firsts[0])
        firsts = firsts[1:]
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as pool:
        waiting: list[Future[tuple[Arrays, Arrays]]] = []
        for first in firsts:
            waiting.append(pool.submit(block, first))
            if len(waiting) > workers:
                yield waiting.pop(0).result()
        for later in waiting:
            yield later.result()


def _room(values: NDArray[np.float64], draws: int) -> NDArray[np.float64]:
    return np.empty((draws, *values.shape[1:]), values.dtype)


def _without_ended(outputs: Arrays) -> Arrays:
    """Outputs with nothing in them from the quarter in which a world has ended."""
    ended = outputs["world_status"] > 0
    if ended.any():
        for name, values in outputs.items():
            if name != "world_status":
                values[ended] = UNRESOLVED_CODE if values.dtype.kind == "i" else np.nan
    return outputs


def _draw_first(arrays: Mapping[str, jax.Array], wanted: int) -> Arrays:
    return {name: np.array(np.moveaxis(np.asarray(values), -1, 0)[:wanted]) for name, values in arrays.items()}
