"""Parameters as arrays on the axes of the loop, worlds last.

Entries that every layer has become one array ``layer.<field>`` of shape (layer, world), entries that every player
has become ``builder.<field>`` of shape (player, world); the others keep their name and have shape (world,). Native
capacities become GW here.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from headrace.errors import ParameterError
from headrace.variables import BRANCH_OF, LAYERS, PLAYERS

Values = Mapping[str, NDArray[np.float64]]


def stacked(draws: Values) -> dict[str, NDArray[np.float64]]:
    """Arrays by axis of the draws of every parameter.

    Args:
        draws: By dotted name, shape (world,).

    Returns:
        ``layer.<field>`` (layer, world), ``builder.<field>`` (player, world), everything else (world,).

    Raises:
        ParameterError: A layer or player lacks an entry that the others have.
    """
    arrays = {name: values for name, values in draws.items() if name.split(".")[0] not in LAYERS}
    arrays |= {f"layer.{field}": _rows(draws, LAYERS, field, "{row}.{field}") for field in _shared_fields(draws)}
    players = {name.rsplit(".", 1)[1] for name in draws if name.startswith(f"builder.{PLAYERS[0]}.")}
    for field in sorted(players):
        arrays[f"builder.{field}"] = _rows(draws, PLAYERS, field, "builder.{row}.{field}")
    arrays["layer.capacity_gw"] = np.stack([capacity_gw(draws, layer) for layer in LAYERS])
    arrays["layer.branch_cost"] = _branch_costs(draws)
    return arrays


def capacity_gw(draws: Values, layer: str) -> NDArray[np.float64]:
    """Capacity of a layer in GW of IT a quarter: native capacity × usable share / recipe, shape (world,)."""
    native = draws[_only(draws, layer, "capacity_")]
    recipe = draws[_only(draws, layer, "recipe_")]
    return native * draws[f"{layer}.usable_share"] / recipe


def _only(draws: Values, layer: str, prefix: str) -> str:
    names = [name for name in draws if name.startswith(f"{layer}.{prefix}")]
    if len(names) != 1:
        raise ParameterError(
            f"{layer}.toml: found {len(names)} entries that begin with {prefix!r}; wanted one: a layer has one "
            "native capacity and one recipe in the same unit"
        )
    return names[0]


def _shared_fields(draws: Values) -> list[str]:
    first = LAYERS[0]
    fields = [name.split(".", 1)[1] for name in draws if name.startswith(f"{first}.")]
    return [field for field in fields if not field.startswith(("capacity_", "recipe_"))]


def _rows(draws: Values, rows: tuple[str, ...], field: str, template: str) -> NDArray[np.float64]:
    names = [template.format(row=row, field=field) for row in rows]
    missing = [name for name in names if name not in draws]
    if missing:
        raise ParameterError(
            f"data/parameters: {missing[0]!r} is missing while {names[0]!r} is there; give every row the entry"
        )
    return np.stack([draws[name] for name in names])


def _branch_costs(draws: Values) -> NDArray[np.float64]:
    branches = {"it": draws["cost.it_usd_bn_per_gw"], "site": draws["cost.site_usd_bn_per_gw"]}
    return np.stack([branches[BRANCH_OF[layer]] for layer in LAYERS])
