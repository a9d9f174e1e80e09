"""One small model in three tools: the loop's own equations, PySD (system dynamics) and Mesa (agents), timed in one run.

The model is what the three have in common: adoption after Bass, one chain of layers whose capacities make a smooth
minimum, decisions to expand that arrive after a delay, no builders. PySD reads it from ``compute_chain.mdl``, where its
numbers are too; in Mesa each layer is an agent; headrace joins the functions of ``headrace.equations`` in a scan. PySD
and Mesa run one world at a time, as they are made to; headrace runs one, and many in one call. Run it in an environment
that has both::

    pip install pysd mesa
    python benchmarks/other_tools.py [--quick]
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import future_start as begin
import jax
import jax.numpy as jnp
import mesa
import numpy as np
import pysd

from headrace.equations import adoption, bottleneck, energise, orders, scarcity
from headrace.simulation import delay_line
from headrace.variables import IT_LAYERS

MODEL = Path(__file__).with_name("compute_chain.mdl")
QUARTERS = 40
BLOCKS = (60, 125, 250, 500)
"""Worlds that headrace may run together: the fastest of these counts."""

FIELDS = (
    "start capacity", "lead time", "demand weight", "expansion response", "trend growth", "fastest growth", "decay",
)  # fmt: skip
OUTPUTS = ("adoption", "active_compute_gw", "flow_gw")
TOLERANCE = {32: 1e-4, 64: 1e-12}

Numbers = Mapping[str, float]


def main() -> int:
    """Print how closely the tools agree, time for a world, and ratios; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=200_000, help="worlds that headrace runs together")
    parser.add_argument("--repeats", type=int, default=7, help="runs of each tool; medians count")
    parser.add_argument("--quick", action="store_true", help="20,000 worlds, three repeats")
    options = parser.parse_args()
    if options.quick:
        options.worlds, options.repeats = 20_000, 3
    numbers = written_numbers(MODEL.read_text(encoding="utf-8"))
    by_pysd, by_mesa = _in_pysd(), partial(_in_mesa, numbers)
    reference = by_pysd()
    contenders: dict[str, tuple[int, Callable[[], Any]]] = {
        f"PySD {version('pysd')}": (1, by_pysd),
        f"Mesa {version('mesa')}": (1, by_mesa),
    }
    found = {f"Mesa {version('mesa')}": (by_mesa(), TOLERANCE[64])}
    for bits in (64, 32):
        found[f"headrace, {bits} bits"] = _one_world(numbers, bits), TOLERANCE[bits]
        contenders[f"headrace, one world, {bits} bits"] = 1, partial(_one_world, numbers, bits)
        many = {size: partial(_many_worlds, numbers, bits, options.worlds, size) for size in BLOCKS}
        size = min(many, key=lambda size: min(begin.seconds(many[size])[0] for _ in range(3)))
        contenders[f"headrace, {options.worlds:,} worlds, {bits} bits"] = options.worlds, many[size]
        print(f"{bits} bits: {size} worlds a block")
    if not _agree(reference, found):
        return 1
    for _, work in contenders.values():
        work()
    times = {
        name: seconds for name, seconds in begin.in_turn({n: w for n, (_, w) in contenders.items()}, options.repeats)
    }
    each = {name: float(np.median(times[name][:, 0])) / worlds for name, (worlds, _) in contenders.items()}
    print(f"\n{QUARTERS} quarters, {begin.cores()} cores, median of {options.repeats}, tools in turn")
    print(f"{'':<36} µs a world     PySD over it     Mesa over it")
    pysd_time, mesa_time = list(each.values())[:2]
    for name, taken in each.items():
        print(f"{name:<36} {taken * 1e6:>10,.2f} {pysd_time / taken:>15,.1f}x {mesa_time / taken:>15,.1f}x")
    return 0


def written_numbers(text: str) -> dict[str, float]:
    """Constants of the model file by name."""
    return {name: float(value) for name, value in re.findall(r"^([a-z][a-z ]*) = ([0-9.]+)$", text, re.MULTILINE)}


def _agree(reference: Mapping[str, np.ndarray], found: Mapping[str, tuple[Mapping[str, np.ndarray], float]]) -> bool:
    good = True
    print("largest relative difference from PySD over all quarters")
    for name, (outputs, most) in found.items():
        worst = max(float(np.max(np.abs(outputs[key] / reference[key] - 1))) for key in OUTPUTS)
        good &= worst <= most
        print(f"  {name:<24} {worst:.1e} (allowed {most:g}){'' if worst <= most else '   TOO LARGE'}")
    return good


def _in_pysd() -> Callable[[], dict[str, np.ndarray]]:
    with tempfile.TemporaryDirectory() as folder:  # PySD writes its translation beside what it reads
        model = pysd.read_vensim(shutil.copy(MODEL, folder))
    columns = ["adoption", "active compute", "flow"]

    def run() -> dict[str, np.ndarray]:
        table = model.run(return_columns=columns, cache_output=False)
        # Vensim reports a stock as a quarter begins and a flow during it; here each is what the quarter leaves behind.
        after = {key: table[column].to_numpy() for key, column in zip(OUTPUTS, columns, strict=True)}
        return {key: values[:-1] if key == "flow_gw" else values[1:] for key, values in after.items()}

    return run


class _Layer(mesa.Agent):
    """A layer of the chain: sees how tight it is and decides how much to add."""

    def __init__(self, model: _Chain, numbers: Numbers, name: str) -> None:
        super().__init__(model)
        self.capacity, lead, self.weight, self.response, self.trend, self.fastest, self.decay = (
            numbers[f"{name} {field}"] for field in FIELDS
        )
        self.lead = int(lead)
        self.due = deque([self.trend * self.capacity] * self.lead)
        self.pipeline = sum(self.due)

    def expand(self) -> None:
        """Add what arrives and decide what follows."""
        model = self.model
        tight = model.flow ** (1 - self.weight) * model.desired**self.weight / self.capacity
        wish = (self.response * (tight - 1) + self.trend) * self.capacity
        wish -= model.pipeline_weight * self.pipeline / self.lead
        decided = min(max(wish, 0.0), self.fastest * self.capacity)
        arrived = self.due.popleft()
        self.due.append(decided)
        self.pipeline += decided - arrived
        self.capacity += arrived - self.decay * self.capacity


class _Chain(mesa.Model):
    """The chain of layers and the buyers in front of it."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__(rng=0)
        self.numbers = numbers
        self.adopted, self.active, self.backlog = (
            numbers[f"start {name}"] for name in ("adoption", "compute", "backlog")
        )
        self.pipeline_weight = numbers["pipeline weight"]
        self.exponent = numbers["substitution exponent"]
        self.flow = self.desired = 0.0
        for name in IT_LAYERS:
            _Layer(self, numbers, name)

    def step(self) -> None:
        """One quarter."""
        known = self.numbers
        retired = self.active / known["life"]
        missing = known["compute per adoption"] * self.adopted - self.active - self.backlog
        ordered = retired + known["order adjustment"] * max(0.0, missing)
        self.desired = self.backlog / known["normal lead time"]
        total = self.desired**-self.exponent + sum(layer.capacity**-self.exponent for layer in self.agents)
        self.flow = total ** (-1 / self.exponent)
        self.agents.do("expand")
        self.active += self.flow - retired
        self.backlog += ordered - self.flow
        self.adopted += (known["innovation"] + known["imitation"] * self.adopted) * (1 - self.adopted)


def _in_mesa(numbers: Numbers) -> dict[str, np.ndarray]:
    model = _Chain(numbers)
    rows = []
    for _ in range(QUARTERS):
        model.step()
        rows.append((model.adopted, model.active, model.flow))
    return dict(zip(OUTPUTS, np.array(rows).T, strict=True))


@partial(jax.jit, static_argnames=("quarters",))
def _chain(world: Mapping[str, Any], quarters: int) -> dict[str, Any]:
    start, lead = world["layers.start capacity"], world["layers.lead time"]
    line = delay_line.filled(world["layers.trend growth"] * start, lead)

    def quarter(state: tuple[Any, ...], _: None) -> tuple[tuple[Any, ...], dict[str, Any]]:
        adopted, active, backlog, capacity, line = state
        retired = energise.retired_gw(active, world["life"])
        missing = world["compute per adoption"] * adopted - active - backlog
        ordered = retired + world["order adjustment"] * jnp.maximum(0, missing)
        desired = orders.desired_flow_gw(backlog[jnp.newaxis], world["normal lead time"])
        members = jnp.concatenate([desired[jnp.newaxis], capacity])
        flow = bottleneck.branch_flow_gw(members, world["substitution exponent"])
        tight = scarcity.tightness(flow, desired, capacity, world["layers.demand weight"])
        decided = scarcity.expansion_gw_per_quarter(
            tight,
            capacity,
            delay_line.under_way(line),
            lead,
            world["layers.expansion response"],
            world["layers.trend growth"],
            world["pipeline weight"],
            world["layers.fastest growth"],
        )
        arrived, line = delay_line.joined(line, decided, lead)
        after = (
            adoption.adoption_fraction(adopted, world["innovation"], world["imitation"]),
            active - retired + flow,
            orders.backlog_gw(backlog, ordered, flow),
            scarcity.capacity_gw_per_quarter(capacity, arrived, world["layers.decay"]),
            line,
        )
        return after, dict(zip(OUTPUTS, (*after[:2], flow), strict=True))

    opened = (world["start adoption"], world["start compute"], world["start backlog"], start, line)
    return jax.lax.scan(quarter, opened, None, length=quarters)[1]


def _worlds(numbers: Numbers, bits: int, count: int) -> dict[str, np.ndarray]:
    """The model's numbers for ``count`` worlds, the first as written and the others 1 % apart from it at most."""
    kind = begin.KINDS[bits]
    near = 1 + 0.01 * np.linspace(0, 1, count)
    flat = {name: value for name, value in numbers.items() if not name.startswith(IT_LAYERS)}
    world = {name: np.asarray(value * near, kind) for name, value in flat.items()}
    for field in FIELDS:
        rows = np.array([numbers[f"{layer} {field}"] for layer in IT_LAYERS])
        world[f"layers.{field}"] = np.asarray(rows[:, np.newaxis] * near, kind)
    return world


def _one_world(numbers: Numbers, bits: int) -> dict[str, np.ndarray]:
    with jax.enable_x64(bits == 64):
        outputs = _chain(_worlds(numbers, bits, 1), QUARTERS)
        return {name: np.asarray(values, np.float64)[:, 0] for name, values in outputs.items()}


def _many_worlds(numbers: Numbers, bits: int, count: int, size: int) -> None:
    worlds = _worlds(numbers, bits, count)

    def block(first: int) -> None:
        with jax.enable_x64(bits == 64):
            part = {name: values[..., first : first + size] for name, values in worlds.items()}
            jax.tree.map(np.asarray, _chain(part, QUARTERS))

    begin.in_threads(block, list(range(0, count - size + 1, size)))


if __name__ == "__main__":
    sys.exit(main())
