"""One vintage run again under other parameters: many worlds in one call, of a size that one compiled program serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from headrace.analyses.payback.drivers import DRIVERS, Driver
from headrace.analyses.payback.reading import Array, Reading
from headrace.simulation.paths import Path
from headrace.simulation.start import FiledStart, quarters_since_launch
from headrace.simulation.vintage_response import Response, responses

WORLDS = 32
"""Worlds of a call: the median one, and draws beside it."""


_MOVED = sorted({name for one in DRIVERS.values() for name in one.parameters})
"""Parameters of which some driver moves; the same in every call, so that one compiled program serves them all."""


_STEP = 1e-30
"""Of the derivative of a driver's parameters; so small that its square is lost."""


@dataclass(frozen=True)
class Followed:
    """A vintage of a World, to be run again.

    Attributes:
        reading: The run.
        place: Of the vintage, quarters since the first simulated.
        target_quarters: Payback looked for [quarter].
    """

    reading: Reading
    place: int
    target_quarters: float

    @property
    def worlds(self) -> dict[str, Array]:
        """Parameters of WORLDS worlds: every parameter at its median over the draws, then the draws from the first.

        Where there are fewer draws the median world fills up the rest.
        """
        drawn = self.reading.drawn
        most = min(WORLDS - 1, len(next(iter(drawn.values()))))
        made = {}
        for name, values in drawn.items():
            middle = np.median(values)
            made[name] = np.concatenate([[middle], values[:most], np.full(WORLDS - 1 - most, middle)])
        return made

    @property
    def draws(self) -> int:
        """How many of the worlds are draws."""
        return min(WORLDS - 1, self.reading.run.sizes["draw"])

    def median_world(self) -> dict[str, Array]:
        """Every parameter at its median over the draws, in all WORLDS worlds."""
        return {name: np.full(WORLDS, np.median(values)) for name, values in self.reading.drawn.items()}

    def response(
        self,
        draws: Mapping[str, Array],
        moved: Driver | None = None,
        at: Array | None = None,
        *,
        interest: bool = False,
    ) -> Response:
        """Run the loop and follow the vintage, as arrays of NumPy.

        Args:
            draws: Parameters of WORLDS worlds.
            moved: A driver to put at values, and along which slopes are taken.
            at: The values, (world,).
            interest: Whether cash is counted with interest at the cost of capital.
        """
        world = self.reading.world
        growth, count = self.reading.margin_growth, len(self.reading.quarters)
        with jax.enable_x64(True):
            capex, cash_flow = (jnp.asarray(values, np.float64) for values in world.filed)
            filed = FiledStart(capex, cash_flow, float(quarters_since_launch(world.start_quarter)))
            direction: dict[str, Any] = {name: np.zeros(WORLDS) for name in _MOVED}
            chosen: dict[str, Any] = dict(draws)
            if moved is not None and at is not None:
                put = moved.put(draws, at + 1j * _STEP)  # as NumPy has it, a complex step gives the slope exactly
                chosen |= {name: np.real(values) for name, values in put.items()}
                direction |= {name: np.imag(values) / _STEP for name, values in put.items()}
            found = responses(
                chosen,
                direction,
                filed,
                {name: Path(path.factor[:count], path.shift[:count]) for name, path in world.changes.paths.items()},
                np.int32(self.place),
                np.float64(self.target_quarters),
                np.float64(interest),
                np.float64(np.nan if growth is None else growth),
                quarters=count,
                owners=self.reading.owners,
            )
            of_numpy: Response = jax.tree.map(np.asarray, found)
            return of_numpy
