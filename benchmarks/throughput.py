"""Worlds per second of the loop, beside the same loop as a Numba kernel, in one process and in turn.

The loop runs in blocks on all cores, each block in a thread, as the ensemble runs it; so does the kernel. Both give
compute, spending, revenue and status of every world and quarter. The kernel takes the start that the loop has solved,
so the ratio that is like for like is that of the loop from the solved start. Before anything is timed both must agree.
Run it in an environment that has numba::

    pip install "numba>=0.63"
    python benchmarks/throughput.py [--quick]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import future_start as begin
import jax
import numba_step
import numpy as np

from headrace import ensemble
from headrace.simulation.simulate import run, simulate

WANTED = frozenset(numba_step.OUTPUTS)
BLOCKS = (125, 250, 500, 1000, 2000)
PIECES = (16, 64, 256, 1000)
AGREE_ON = 512

_run = jax.jit(
    run, static_argnames=("quarters", "wanted"), compiler_options={"xla_llvm_disable_expensive_passes": True}
)


def main() -> int:
    """Print the tables; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=20_000)
    parser.add_argument("--quarters", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=7, help="runs of each contender; medians count")
    parser.add_argument("--quick", action="store_true", help="4,000 worlds, three repeats, blocks of 500 alone")
    options = parser.parse_args()
    if options.quick:
        options.worlds, options.repeats = 4_000, 3
    print(f"{options.worlds:,} worlds, {options.quarters} quarters, {begin.cores()} cores, {options.repeats} repeats")
    for bits in (32, 64):
        if not _agree(bits, options.quarters):
            return 1
        _measure(bits, options)
    return 0


def _agree(bits: int, quarters: int) -> bool:
    arrays = begin.drawn(AGREE_ON, bits)
    state, world = begin.opened(arrays, bits)
    wanted = WANTED | frozenset(numba_step.CHECKED)
    with jax.enable_x64(bits == 64):
        loop, _ = simulate(arrays, begin.known(bits), {}, quarters=quarters, wanted=wanted)
    kernel = numba_step.room(AGREE_ON, quarters, begin.KINDS[bits], checked=True)
    numba_step.futures(*numba_step.handed_over(vars(state), world, begin.KINDS[bits]), kernel)
    found = numba_step.differences(loop, kernel)
    most = numba_step.TOLERANCE[bits]
    print(f"\n{bits} bits: largest relative difference of kernel and loop, {AGREE_ON} worlds (allowed {most:g})")
    for name, difference in found.items():
        print(f"  {name:<32} {difference:.1e}{'' if difference <= most else '   TOO LARGE'}")
    return max(found.values()) <= most


def _measure(bits: int, options: argparse.Namespace) -> None:
    worlds, quarters, kind = options.worlds, options.quarters, begin.KINDS[bits]
    arrays = begin.drawn(worlds, bits)
    state, world = begin.opened(arrays, bits)
    filed = begin.known(bits)
    records = numba_step.handed_over(vars(state), world, kind)
    outputs = numba_step.room(worlds, quarters, kind)

    def whole(block: Any) -> None:
        with jax.enable_x64(bits == 64):
            jax.tree.map(np.asarray, simulate(block, filed, {}, quarters=quarters, wanted=WANTED)[0])

    def from_start(block: Any) -> None:
        with jax.enable_x64(bits == 64):
            jax.tree.map(np.asarray, _run(*block, filed, {}, quarters=quarters, wanted=WANTED))

    def end_to_end(size: int) -> None:
        ensemble.BLOCK = size
        ensemble.run(
            begin.filed_start(), draws=worlds, seed=begin.SEED, quarters=quarters, wanted=WANTED, precision=bits
        )

    sizes = {}
    for name, choices, job in (
        (
            "loop",
            (500,) if options.quick else BLOCKS,
            lambda size: partial(begin.in_threads, from_start, begin.blocks((state, world), worlds, size)),
        ),
        (
            "kernel",
            (64,) if options.quick else PIECES,
            lambda size: partial(numba_step.futures, *records, outputs, size),
        ),
    ):
        found = _by_size(choices, job)
        sizes[name] = min(found, key=found.get)  # type: ignore[arg-type]
        print(f"{bits} bits, {name}: worlds at once and µs of processor for a world and quarter:", end="")
        print(";".join(f" {size} {taken / worlds / quarters * 1e6:.2f}" for size, taken in found.items()))
    contenders: dict[str, Callable[[], object]] = {
        "Numba kernel": partial(numba_step.futures, *records, outputs, sizes["kernel"]),
        "loop from the solved start": partial(
            begin.in_threads, from_start, begin.blocks((state, world), worlds, sizes["loop"])
        ),
        "loop and its start": partial(begin.in_threads, whole, begin.blocks(arrays, worlds, sizes["loop"])),
        "ensemble, draws included": partial(end_to_end, sizes["loop"]),
    }
    for work in contenders.values():
        work()
    print(f"{bits} bits{'':<24} worlds/s   over kernel   processor µs/world/quarter   over kernel")
    kernel = None
    for name, times in begin.in_turn(contenders, options.repeats):
        wall, processor = np.median(times, axis=0)
        kernel = kernel or (wall, processor)
        each = processor / worlds / quarters * 1e6
        print(
            f"  {name:<28} {worlds / wall:>9,.0f} {kernel[0] / wall:>12.2f}x {each:>24.2f} "
            f"{kernel[1] / processor:>14.2f}x"
        )


def _by_size(sizes: tuple[int, ...], job: Callable[[int], Callable[[], object]]) -> dict[int, float]:
    """Least processor seconds of a few runs with each number of worlds at once."""
    found = {}
    for size in sizes:
        work = job(size)
        work()
        found[size] = min(begin.seconds(work)[1] for _ in range(3))
    return found


if __name__ == "__main__":
    sys.exit(main())
