"""A compiled program that was kept is found again: every process traces the same one, whatever it hashes names to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TRACED = """
import hashlib
import jax, jax.numpy as jnp, numpy as np
from headrace.changes import Changes, changes_of, drawn_values
from headrace import scenarios
from headrace.simulation.gradients import slopes
from headrace.simulation.simulate import ALL_OUTPUTS, simulate
from headrace.simulation.start import FiledStart
from headrace.simulation.worlds import stacked

with jax.enable_x64(True):
    paths = dict(changes_of(scenarios.scenario("baseline"), 8).paths)
    drawn = drawn_values(0, 0, 3, Changes())
    filed = FiledStart(jnp.ones((1, 5)), jnp.ones((4, 5)))
    weight = np.ones((8, 6))
    traced = (
        simulate.trace(stacked(drawn), filed, paths, quarters=8, wanted=ALL_OUTPUTS),
        simulate.trace(stacked(drawn), filed, paths, quarters=8, wanted=ALL_OUTPUTS - {"layer_elasticity"}),
        slopes.trace(drawn, filed, paths, {"active_compute_gw": weight}, quarters=8),
    )
for program in traced:
    print(hashlib.sha256(str(program.jaxpr).encode()).hexdigest())
"""


def test_every_process_traces_the_same_programs(root: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TRACED],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root / "src")},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    first, second = (process.communicate(timeout=240)[0].split() for process in processes)
    assert len(first) == 3
    assert first == second
