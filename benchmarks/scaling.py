"""What the loop costs as work grows: draws, quarters, builders, layers; memory of a draw; gradients; 2,000 draws warm.

Each size has a process of its own, so that its peak of memory is its own. Slopes are those of the logarithm of
processor seconds on that of size: 1 where work grows in proportion. Run it as::

    python benchmarks/scaling.py [--quick] [draws] [quarters] [builders] [layers] [gradient] [warm]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import future_start as begin
import jax
import jax.numpy as jnp
import numpy as np

from headrace import ensemble
from headrace.changes import Changes, drawn_values
from headrace.derivatives import BLOCK as GRADIENT_BLOCK
from headrace.simulation.gradients import slopes
from headrace.simulation.simulate import run, simulate
from headrace.simulation.start import opening
from headrace.simulation.worlds import stacked
from headrace.variables import BUILDERS

WANTED = ("active_compute_gw", "ai_capital_expenditure_usd_bn", "compute_revenue_usd_bn", "world_status")
KEPT_WITH_MANY_DRAWS = frozenset({"compute_revenue_usd_bn"})
HERE = Path(__file__).parent
BLOCK = 500
WIDER_BLOCK = 100
"""Worlds together where axes are longer: a block of the widest has to fit the same caches."""


def main() -> int:
    """Print the tables; the exit status."""
    jobs: dict[str, Callable[[bool], None]] = {
        "draws": _draws, "quarters": _quarters, "builders": _builders, "layers": _layers, "gradient": _gradient,
        "warm": _warm,
    }  # fmt: skip
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jobs", nargs="*", help=f"of {', '.join(jobs)}; all of them when left out")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, fewer repeats")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(_one(json.loads(options.one))))
        return 0
    unknown = set(options.jobs) - jobs.keys()
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: wanted {', '.join(jobs)}")
    for name in options.jobs or jobs:
        jobs[name](options.quick)
        print()
    return 0


def _draws(quick: bool) -> None:
    sizes = (100, 1_000, 10_000) if quick else (100, 1_000, 10_000, 100_000, 1_000_000)
    print(f"draws: 40 quarters, 32 bits, blocks of {BLOCK}, compute revenue kept")
    print(f"{'draws':>10} {'s':>9} {'processor s':>12} {'worlds/s':>9} {'peak MB':>8} {'of it result MB':>16}")
    rows = []
    for draws in sizes:
        found = _in_own_process({"draws": draws, "quarters": 40, "repeats": 3 if draws <= 100_000 else 1})
        rows.append((draws, found["processor"]))
        rate = draws / found["wall"]
        print(
            f"{draws:>10,} {found['wall']:>9.3f} {found['processor']:>12.3f} {rate:>9,.0f} {found['peak_mb']:>8,.0f} "
            f"{found['result_mb']:>16,.1f}"
        )
    _say_slope(rows)
    print(f"state of one draw: {_state_bytes(32):,} bytes in 32 bits, {_state_bytes(64):,} in 64")


def _quarters(quick: bool) -> None:
    worlds = 2_000
    print(f"quarters: {worlds:,} worlds, 32 bits, blocks of {BLOCK}, drawing left out")
    filed = begin.known(32)
    pieces = begin.blocks(begin.drawn(worlds, 32), worlds, BLOCK)
    rows = []
    for quarters in (20, 40, 80) if quick else (20, 40, 80, 120, 160, 200):

        def block(arrays: Any, quarters: int = quarters) -> None:
            jax.tree.map(np.asarray, simulate(arrays, filed, {}, quarters=quarters, wanted=frozenset(WANTED))[0])

        block(pieces[0])
        wall, processor = _least([begin.seconds(partial(begin.in_threads, block, pieces)) for _ in range(9)])
        rows.append((quarters, processor))
        print(f"{quarters:>10,} {wall:>9.3f} s {processor:>9.3f} s of processor")
    _say_slope(rows)


def _builders(quick: bool) -> None:
    _wider("builders", (6, 12, 24) if quick else (6, 12, 24, 36, 48, 60), quick)


def _layers(quick: bool) -> None:
    _wider("layers", (10, 20, 40) if quick else (10, 20, 40, 60, 80, 100), quick)


def _wider(axis: str, sizes: Sequence[int], quick: bool) -> None:
    worlds = 1_000 if quick else 2_000
    print(f"{axis}: {worlds:,} worlds, 40 quarters, 32 bits, blocks of {WIDER_BLOCK}")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arrays.npz"
        capex, cash_flow = begin.filed_start()
        filed = {"filed.capex": capex.astype(np.float32), "filed.cash_flow": cash_flow.astype(np.float32)}
        np.savez(path, **begin.drawn(worlds, 32), **filed)  # type: ignore[arg-type]
        for size in sizes:
            given = {
                axis: size, "arrays": str(path), "quarters": 40, "block": WIDER_BLOCK, "repeats": 3 if quick else 5,
                "wanted": WANTED,
            }  # fmt: skip
            found = _output_of([sys.executable, str(HERE / "wider_axes.py"), json.dumps(given)])
            wall, processor = _least(found["times"])
            rows.append((size, processor))
            print(
                f"{size:>10,} {wall:>9.3f} s {processor:>9.3f} s of processor, {found['state_bytes']:>7,} bytes of "
                f"state, {found['ended']} of {found['worlds']} worlds ended"
            )
    _say_slope(rows)


def _gradient(quick: bool) -> None:
    quarters, repeats = 40, 3 if quick else 7
    print(f"active compute in quarter {quarters} by every parameter and stock of the start, {GRADIENT_BLOCK} worlds")
    for bits in (32, 64):
        with jax.enable_x64(bits == 64):
            contenders = _with_and_without_gradient(bits, quarters)
            for work in contenders.values():
                work()
            times = {name: np.median(found, axis=0) for name, found in begin.in_turn(contenders, repeats)}
        first = times["forward"]
        for name, (wall, processor) in times.items():
            print(
                f"  {bits} bits, {name:<20} {wall * 1e3:>8.1f} ms {processor * 1e3:>8.1f} ms of processor: "
                f"{wall / first[0]:.2f}x, {processor / first[1]:.2f}x the forward run"
            )


def _with_and_without_gradient(bits: int, quarters: int) -> dict[str, Callable[[], object]]:
    """One output of the last quarter from parameters by name: alone, and with every slope of it."""
    target, filed = "active_compute_gw", begin.known(bits)
    values = drawn_values(begin.SEED, 0, GRADIENT_BLOCK, Changes())
    draws = {name: jnp.asarray(array, begin.KINDS[bits]) for name, array in values.items()}
    weight = np.zeros((quarters, len(BUILDERS)), begin.KINDS[bits])
    weight[-1] = 1

    @partial(jax.jit, compiler_options={"xla_llvm_disable_expensive_passes": True})
    def forward(draws: Mapping[str, Any]) -> Any:
        state, world, _ = opening(stacked(draws), filed)  # type: ignore[arg-type]
        outputs = run(state, world, filed, {}, quarters, frozenset({target, "world_status"}))
        return jnp.sum(outputs[target][-1], axis=0), outputs["world_status"]

    return {
        "forward": lambda: jax.block_until_ready(forward(draws)),
        "value and gradient": lambda: jax.block_until_ready(
            slopes(draws, filed, {}, {target: weight}, quarters=quarters)  # type: ignore[arg-type]
        ),
    }


def _warm(quick: bool) -> None:
    print("2,000 draws, 40 quarters, warm, drawing included")
    for bits in (32, 64):
        for label, wanted in (("four outputs", frozenset(WANTED)), ("all outputs", ensemble.ALL_OUTPUTS)):
            work = partial(
                ensemble.run, begin.filed_start(), draws=2_000, seed=begin.SEED, quarters=40, wanted=wanted,
                precision=bits,
            )  # fmt: skip
            work()
            times = np.array([begin.seconds(work) for _ in range(3 if quick else 9)])
            wall, processor = np.median(times, axis=0)
            print(f"  {bits} bits, {label:<13} {wall * 1e3:>8.0f} ms, {processor * 1e3:>8.0f} ms of processor")


def _one(given: Mapping[str, Any]) -> dict[str, float]:
    """One size of the ensemble: least seconds of a warm run, and the peak of memory."""
    work = partial(
        ensemble.run, begin.filed_start(), draws=given["draws"], seed=begin.SEED, quarters=given["quarters"],
        wanted=KEPT_WITH_MANY_DRAWS, precision=32,
    )  # fmt: skip
    small = partial(work, draws=min(BLOCK, given["draws"]))
    small()
    result: list[Any] = []
    taken = []
    for _ in range(given["repeats"]):
        result.clear()
        taken.append(begin.seconds(lambda: result.append(work())))
    size = sum(values.nbytes for arrays in result[0] for values in arrays.values())
    wall, processor = _least(taken)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"wall": wall, "processor": processor, "peak_mb": peak / 1e6, "result_mb": size / 1e6}


def _least(times: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Least wall-clock and least processor seconds: what a busy machine disturbs least."""
    wall, processor = np.min(times, axis=0)
    return float(wall), float(processor)


def _in_own_process(given: Mapping[str, Any]) -> dict[str, float]:
    found: dict[str, float] = _output_of([sys.executable, __file__, "--one", json.dumps(given)])
    return found


def _output_of(command: list[str]) -> Any:
    finished = subprocess.run(command, capture_output=True, text=True, cwd=HERE)
    if finished.returncode:
        sys.exit(finished.stderr)
    return json.loads(finished.stdout)


def _state_bytes(bits: int) -> int:
    arrays = begin.drawn(1, bits)
    with jax.enable_x64(bits == 64):
        state = jax.eval_shape(opening, arrays, begin.known(bits))[0]
    return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(state))


def _say_slope(rows: Sequence[tuple[float, float]]) -> None:
    size, seconds = np.log(np.array(rows)).T
    ends = (seconds[-1] - seconds[-2]) / (size[-1] - size[-2])
    print(f"{'slope':>10} {np.polyfit(size, seconds, 1)[0]:.2f} over all sizes, {ends:.2f} between the two largest")


if __name__ == "__main__":
    sys.exit(main())
