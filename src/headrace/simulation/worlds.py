"""Parameters as arrays on the axes of the loop, worlds last.

Entries that every layer, player, region or group has become one array ``layer.<field>``, ``builder.<field>``,
``region.<field>`` or ``group.<field>`` with rows in the order of the axis; the others keep their name and have shape
(world,). Native capacities become GW here, at the mix of accelerators that ships at the start. Arrays of a library
that differentiates go through as they are, so that a slope reaches native units.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from headrace.errors import ParameterError
from headrace.parameters import recipes
from headrace.variables import BRANCH_OF, GROUPS, LAYERS, PLAYERS, REGIONS

Values = Mapping[str, NDArray[np.float64]]

_AXES = {
    "layer": ("", LAYERS),
    "builder": ("builder.", PLAYERS),
    "region": ("region.", REGIONS),
    "group": ("group.", GROUPS),
}
"""What an array begins with, what its entries begin with before their row, and the rows."""

_ON_AN_AXIS = tuple(f"{prefix}{row}." for prefix, rows in _AXES.values() for row in rows)

_READ_LATER = "recipe.transition_quarters"
"""The one entry of the recipes that the loop reads: the others are in capacities and their growth."""


def stacked(draws: Values) -> dict[str, NDArray[np.float64]]:
    """Arrays by axis of the draws of every parameter.

    Args:
        draws: By dotted name, shape (world,).

    Returns:
        ``layer.<field>`` (layer, world), ``builder.<field>`` (player, world), ``region.<field>`` (region, world),
        ``group.<field>`` (group, world), everything else (world,). ``layer.recipe_growth`` is native units for a GW
        once the next generations have ramped over those at the start.

    Raises:
        ParameterError: A row of an axis lacks an entry that the first row has.
    """
    arrays = {name: values for name, values in draws.items() if _stays(name)}
    for array, (prefix, rows) in _AXES.items():
        for field in _shared_fields(draws, f"{prefix}{rows[0]}."):
            arrays[f"{array}.{field}"] = _rows(draws, rows, field, prefix)
    now, following = recipes.recipes_now_and_next(draws)
    capacity = recipes.stacking(draws)([recipes.native_entry(draws, layer, "capacity_") for layer in LAYERS])
    arrays["layer.capacity_gw"] = capacity * arrays["layer.usable_share"] / now
    arrays["layer.recipe_growth"] = following / now
    arrays["layer.branch_cost"] = _branch_costs(draws)
    return arrays


def _stays(name: str) -> bool:
    """Whether an entry keeps its name: it belongs to no row of an axis and is no fact of a recipe."""
    return name == _READ_LATER or not name.startswith((recipes.PREFIX, *_ON_AN_AXIS))


def _shared_fields(draws: Values, first: str) -> list[str]:
    fields = [name.removeprefix(first) for name in draws if name.startswith(first)]
    return [field for field in fields if not field.startswith(("capacity_", "recipe_"))]


def _rows(draws: Values, rows: tuple[str, ...], field: str, prefix: str) -> NDArray[np.float64]:
    names = [f"{prefix}{row}.{field}" for row in rows]
    missing = [name for name in names if name not in draws]
    if missing:
        raise ParameterError(
            f"data/parameters: {missing[0]!r} is missing while {names[0]!r} is there; give every row the entry"
        )
    return recipes.stacking(draws)([draws[name] for name in names])


def _branch_costs(draws: Values) -> NDArray[np.float64]:
    branches = {"it": draws["cost.it_usd_bn_per_gw"], "site": draws["cost.site_usd_bn_per_gw"]}
    return recipes.stacking(draws)([branches[BRANCH_OF[layer]] for layer in LAYERS])
