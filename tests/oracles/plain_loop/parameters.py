"""The parameters of one world: a number by dotted name, and rows of an axis as a one-dimensional array."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from headrace.variables import GROUPS, LAYERS, PLAYERS, REGIONS

Path = tuple[np.ndarray, np.ndarray]
"""Factor and shift by quarter."""

IT_LAYERS = 5
POWER = slice(8, 10)
"""Rows of generation and grid."""

GENERATION, GRID = 8, 9


class Parameters:
    """Values of one world in one quarter."""

    def __init__(self, values: Mapping[str, float]) -> None:
        self.values = dict(values)

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def at(self, quarter: int, paths: Mapping[str, Path]) -> Parameters:
        """What holds in a quarter in which dated changes are at work."""
        moved = {name: self.values[name] * factor[quarter] + shift[quarter] for name, (factor, shift) in paths.items()}
        return Parameters({**self.values, **moved})

    def layers(self, field: str) -> np.ndarray:
        return np.array([self.values[f"{layer}.{field}"] for layer in LAYERS])

    def players(self, field: str) -> np.ndarray:
        return np.array([self.values[f"builder.{player}.{field}"] for player in PLAYERS])

    def regions(self, field: str) -> np.ndarray:
        return np.array([self.values[f"region.{region}.{field}"] for region in REGIONS])

    def groups(self, field: str) -> np.ndarray:
        return np.array([self.values[f"group.{group}.{field}"] for group in GROUPS])


def recipes(p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Native units of each layer for one GW of IT: of the present mix of accelerators, and of the next."""
    return _of_mix(p, "share_now"), _of_mix(p, "share_next")


def _of_mix(p: Parameters, field: str) -> np.ndarray:
    kilowatts_per_gw = 1e6
    shares = {
        name.split(".")[1]: value
        for name, value in p.values.items()
        if name.startswith("recipe.") and name.endswith(f".{field}")
    }
    units = np.zeros(len(LAYERS))
    for generation, share in shares.items():
        fact = {name: p.values.get(f"recipe.{generation}.{name}", np.nan) for name in _FACTS}
        accelerators = kilowatts_per_gw / fact["it_power_kw"]
        units[:IT_LAYERS] += (share / sum(shares.values())) * np.array(
            [
                accelerators / fact["accelerators_per_logic_wafer"],
                accelerators * fact["hbm_stacks"],
                accelerators / fact["packages_per_cowos_wafer"],
                accelerators,
                accelerators * fact["transceivers"],
            ]
        )
    for row, layer in list(enumerate(LAYERS))[IT_LAYERS:]:
        units[row] = _only(p, f"{layer}.recipe_")
    return units


_FACTS = ("it_power_kw", "accelerators_per_logic_wafer", "hbm_stacks", "packages_per_cowos_wafer", "transceivers")


def capacities_gw(p: Parameters) -> np.ndarray:
    """GW that each layer can deliver in a quarter with the present mix, from native units."""
    native = np.array([_only(p, f"{layer}.capacity_") for layer in LAYERS])
    return native * p.layers("usable_share") / recipes(p)[0]


def _only(p: Parameters, prefix: str) -> float:
    (value,) = [value for name, value in p.values.items() if name.startswith(prefix)]
    return value
