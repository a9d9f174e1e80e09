"""From a GW of IT to what a layer sells: wafers, stacks, transceivers, workers, MVA, MW, by quarter and draw."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from headrace.parameters.recipes import recipes_now_and_next
from headrace.parameters.registry import registry
from headrace.variables import LAYERS

Array = NDArray[np.float64]

_PER_QUARTER = "/quarter"


def names() -> tuple[str, ...]:
    """What one unit of each layer is called; of construction it is a worker for a quarter."""
    found = []
    for layer in LAYERS:
        unit = next(entry.unit for name, entry in registry().items() if name.startswith(f"{layer}.capacity_"))
        found.append(unit.removesuffix(_PER_QUARTER) if unit.endswith(_PER_QUARTER) else f"{unit}-quarter")
    return tuple(found)


def per_gw(drawn: Mapping[str, Array], quarters: int) -> Array:
    """Native units for one GW of what ships in each quarter, as the loop has the next generation come.

    Args:
        drawn: Every parameter by dotted name, (draw,).
        quarters: Of the run.

    Returns:
        (draw, quarter, layer) [native unit/GW].
    """
    now, following = (values.T[:, np.newaxis] for values in recipes_now_and_next(drawn))
    clock = np.arange(1, quarters + 1)
    shipped = np.clip(clock / drawn["recipe.transition_quarters"][:, np.newaxis], 0, 1)[..., np.newaxis]
    return np.asarray(now + (following - now) * shipped)
