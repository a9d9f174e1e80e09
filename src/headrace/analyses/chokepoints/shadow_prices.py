"""What one more unit of a layer is worth: at once if nothing else moved, and over the whole loop.

The first is a closed form, the slope of a CES; the second the exact gradient of the simulator. Both are of capacity
that comes in one quarter and stays for that quarter: a wafer more, a transformer more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.simulation.relief import NUMBERS, relief
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import LAYERS
from headrace.world import World

Array = NDArray[np.float64]
Report = Callable[[str, float], None]

TOGETHER = 125
"""Draws of one reverse pass: it keeps every state of the run."""


UNANSWERED = "use_value_unanswered"
"""The use of compute, were makers to build all that they would have built without the relief."""

_ASKED = {**{name: (name, 1.0) for name in NUMBERS}, UNANSWERED: ("use_value", 0.0)}
"""What is asked of the loop: a number, and how far makers answer."""


def dynamic(world: World, date: int, progress: Report | None = None) -> dict[str, Array]:
    """Slopes of each of the numbers of :mod:`headrace.simulation.relief` over the loop, and :data:`UNANSWERED`.

    Args:
        world: Its draws and quarters.
        date: Quarters since the first simulated at whose end compute is counted.
        progress: Called with what is going on and the share done.

    Returns:
        By number, (draw, quarter, layer): per GW of usable capacity that comes in a quarter alone [USD bn/GW, GW/GW];
        NaN in a draw that ends.
    """
    report = progress or (lambda _text, _share: None)
    size = min(TOGETHER, world.draws)
    firsts = list(range(0, world.draws, size))
    by_draws = [world.loop_arguments(first, size) for first in firsts]
    kind = np.float64 if world.precision == 64 else np.float32
    nothing = np.zeros((world.quarters, len(LAYERS), size), kind)
    there = (np.arange(world.quarters) == date).astype(kind)

    def block(job: tuple[str, int]) -> Array:
        (number, answer), place = _ASKED[job[0]], job[1]
        weight = np.array([name == number for name in NUMBERS], dtype=kind)
        with jax.enable_x64(world.precision == 64):
            found = relief(*by_draws[place], nothing, there, weight, kind(answer), quarters=world.quarters)
            slope = np.asarray(found.slope, np.float64) / np.asarray(found.capacity_gw, np.float64)
        return np.moveaxis(slope, -1, 0)

    jobs = [(name, place) for name in _ASKED for place in range(len(firsts))]
    report("compiling the slopes of the loop", 0.0)
    parts = [block(jobs[0])]  # compiles for all
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        parts += pool.map(block, jobs[1:])
    report("took the slopes of the loop", 1.0)
    return {
        name: np.concatenate(parts[number * len(firsts) : (number + 1) * len(firsts)])[: world.draws]
        for number, name in enumerate(_ASKED)
    }


def static(future: xr.Dataset, drawn: Mapping[str, Array]) -> tuple[Array, Array]:
    """What a GW more of a layer adds to the flow of its quarter, and what that earns if nothing else moves.

    A GW in service is taken to earn what the mean GW earns in the quarter until it has retired.

    Args:
        future: With ``static_shadow_price``, ``compute_margin_usd_bn`` and ``active_compute_gw``.
        drawn: Every parameter by dotted name, of the same draws, (draw,).

    Returns:
        ``static_shadow_price`` [GW/GW] and its worth [USD bn/GW], both (draw, quarter, layer).
    """
    slope = np.asarray(future["static_shadow_price"].values, np.float64)
    rate = (1 + drawn["finance.wacc"]) ** (1 / QUARTERS_PER_YEAR) - 1
    earned = future["compute_margin_usd_bn"].values / future["active_compute_gw"].sum("builder").values
    lasting = 1 / (rate + 1 / drawn["finance.it_economic_life_quarters"])
    return slope, slope * (earned * lasting[:, np.newaxis])[..., np.newaxis]
