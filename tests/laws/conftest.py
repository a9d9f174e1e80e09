"""Three runs that every law is held against: the baseline in both precisions, and one with settings far from it.

A run keeps what the loop was given and what it gave, worlds first, so that a law is one line of arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest

DRAWS, QUARTERS = 64, 40

EXTREME = {
    "adoption.imitation": 0.6,
    "bottleneck.substitution_exponent": 4.0,
    "energise.shell_decay": 0.1,
    "finance.it_economic_life_quarters": 6.0,
    "memory.lead_time_quarters": 23.5,
    "orders.progress_rate": 0.9,
    "orders.stock_correction": 0.9,
    "orders.supply_line_weight": 0.0,
    "rivalry.adjustment_speed": 0.9,
    "rivalry.fastest_cut": -0.6,
    "rivalry.fastest_rise": 0.6,
    "rivalry.loss_aversion": 4.0,
    "systems.scarcity_elasticity": 0.5,
}
"""Booms, busts, forgotten orders and short lives at once."""

COLLAPSE = EXTREME | {"systems.scarcity_elasticity": 2.0}
"""And prices that fall by half and more while what was advanced on them was dear."""


@pytest.fixture(scope="module", autouse=True)
def strict_numerics() -> Iterator[None]:
    """64 bits. The loop puts worlds last and lets leading axes broadcast over them, so ranks may differ here."""
    import jax

    with jax.enable_x64(True):
        yield


@dataclass(frozen=True)
class Run:
    """One call of the loop.

    Attributes:
        outputs: By variable name, (draw, quarter, *axes), in 64 bits whatever the loop computed in.
        opening: State before the first quarter by field, (draw, *axes).
        world: Parameters and what the start fixed, (draw, *axes).
        eps: Spacing of numbers near one in the precision of the loop.
    """

    outputs: Mapping[str, np.ndarray]
    opening: Mapping[str, np.ndarray]
    world: Mapping[str, np.ndarray]
    eps: float

    def before(self, name: str) -> np.ndarray:
        """A stock of ``outputs`` at the start of each quarter."""
        return np.concatenate([self.opening[name][:, None], self.outputs[name][:, :-1]], axis=1)

    def parameter(self, name: str, axes: int = 0) -> np.ndarray:
        """A parameter of each draw, ready to meet (draw, quarter) and ``axes`` more axes."""
        values = self.world[name]
        return values[:, None] if values.ndim > 1 else values.reshape(-1, 1, *[1] * axes)


@pytest.fixture(scope="session")
def filed() -> tuple[np.ndarray, np.ndarray]:
    from headrace.service import worlds

    capex, cash_flow = worlds._filed_at_start(worlds.history())
    return capex, cash_flow


@pytest.fixture(scope="session", params=["baseline", "baseline in 32 bits", "extreme"])
def run(request: pytest.FixtureRequest, filed: tuple[np.ndarray, np.ndarray]) -> Run:
    """Each of the three runs in turn."""
    settings = EXTREME if request.param == "extreme" else {}
    return run_of(filed, settings, 32 if "32" in request.param else 64)


@pytest.fixture(scope="session")
def baseline(filed: tuple[np.ndarray, np.ndarray]) -> Run:
    return run_of(filed, {}, 64)


@pytest.fixture(scope="session")
def collapse(filed: tuple[np.ndarray, np.ndarray]) -> Run:
    return run_of(filed, COLLAPSE, 64)


def run_of(filed: tuple[np.ndarray, np.ndarray], settings: Mapping[str, float], precision: Literal[32, 64]) -> Run:
    """The loop on draws 0 .. 63 of seed 7."""
    import jax

    from headrace.parameters.priors import draw_parameters
    from headrace.parameters.registry import registry
    from headrace.simulation.simulate import simulate
    from headrace.simulation.start import FiledStart, opening
    from headrace.simulation.worlds import stacked

    kind = np.float32 if precision == 32 else np.float64
    with jax.enable_x64(precision == 64):
        drawn = stacked(draw_parameters(registry().values(), 7, 0, DRAWS, settings))
        arrays = {name: jax.numpy.asarray(values, kind) for name, values in drawn.items()}
        known = FiledStart(*(jax.numpy.asarray(values, kind) for values in filed))
        outputs, _ = simulate(arrays, known, quarters=QUARTERS)
        state, world, _ = jax.jit(opening)(arrays, known)
        return Run(
            {name: world_first(values) for name, values in outputs.items()},
            {name: world_first(values) for name, values in vars(state).items()},
            {name: world_first(values) for name, values in world.items()},
            float(np.finfo(kind).eps),
        )


def world_first(values: Any) -> np.ndarray:
    return np.moveaxis(np.asarray(values, np.float64), -1, 0)
