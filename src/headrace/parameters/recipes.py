"""From one GW of IT to the native units of each layer, by accelerator generation and by mix of generations.

Facts of a generation are for one accelerator; a GW holds as many as its IT power allows. A mix is shares of the IT
power shipped, so units for a GW of a mix are the mean of its generations' units, weighted by share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from headrace.errors import ParameterError
from headrace.units import KW_PER_GW
from headrace.variables import IT_LAYERS, LAYERS

Draws = NDArray[np.float64]
Values = Mapping[str, Draws]
Mix = Mapping[str, Draws]
"""Share of IT power shipped by generation, each (world,); they sum to one."""

PREFIX = "recipe."


def recipes_now_and_next(draws: Values) -> tuple[Draws, Draws]:
    """Native units for one GW of IT, with what ships at the start and once the next generations have ramped.

    What a site needs does not depend on the accelerators in it, so site layers have one recipe.

    Args:
        draws: By dotted name, shape (world,).

    Returns:
        Both (layer, world), in the unit of each layer per GW.

    Raises:
        ParameterError: A layer has no recipe, or no generation has a share in a mix.
    """
    now, following = mix_of(draws, "share_now"), mix_of(draws, "share_next")
    stack = stacking(draws)
    return (
        stack([_of_layer(draws, now, layer) for layer in LAYERS]),
        stack([_of_layer(draws, following, layer) for layer in LAYERS]),
    )


def stacking(draws: Values) -> Callable[[Sequence[Draws]], Draws]:
    """``stack`` of the library whose arrays ``draws`` are: NumPy's, or that of a library that differentiates."""
    stack: Callable[[Sequence[Draws]], Draws] = next(iter(draws.values())).__array_namespace__().stack
    return stack


def per_gw(draws: Values, generation: str, layer: str) -> Draws:
    """Native units of an IT ``layer`` for one GW of IT of a ``generation``, shape (world,)."""
    accelerators = KW_PER_GW / _fact(draws, generation, "it_power_kw")
    if layer == "logic":
        return accelerators / _fact(draws, generation, "accelerators_per_logic_wafer")
    if layer == "memory":
        return accelerators * _fact(draws, generation, "hbm_stacks")
    if layer == "packaging":
        return accelerators / _fact(draws, generation, "packages_per_cowos_wafer")
    if layer == "systems":
        return accelerators
    if layer == "optics":
        return accelerators * _fact(draws, generation, "transceivers")
    raise ParameterError(f"layer {layer!r} does not depend on the generation; wanted one of {', '.join(IT_LAYERS)}")


def mixed(draws: Values, mix: Mix, layer: str) -> Draws:
    """Native units of an IT ``layer`` for one GW of IT of a ``mix``, shape (world,)."""
    return _sum([share * per_gw(draws, generation, layer) for generation, share in mix.items()])


def mix_of(draws: Values, field: str) -> Mix:
    """The mix whose shares are the entries called ``field``, made to sum to one.

    Raises:
        ParameterError: No generation has a share above zero.
    """
    shares = {
        generation: draws[f"{PREFIX}{generation}.{field}"]
        for generation in generations(draws)
        if f"{PREFIX}{generation}.{field}" in draws
    }
    whole = _sum(shares.values())
    if isinstance(whole, np.ndarray) and not np.all(whole > 0):
        raise ParameterError(
            f"recipe.toml, {field}: the shares of {', '.join(shares) or 'no generation'} sum to 0 in some draws; "
            "wanted a sum above 0. Give at least one generation a share"
        )
    return {generation: share / whole for generation, share in shares.items()}


def generations(names: Iterable[str]) -> tuple[str, ...]:
    """Accelerator generations among dotted names of parameters, in their order."""
    power = ".it_power_kw"
    return tuple(name[len(PREFIX) : -len(power)] for name in names if name.startswith(PREFIX) and name.endswith(power))


def native_entry(draws: Values, layer: str, prefix: str) -> Draws:
    """The one entry of ``layer`` that begins with ``prefix``, whose name ends with the layer's unit.

    Raises:
        ParameterError: There is none, or more than one.
    """
    start = f"{layer}.{prefix}"
    names = [name for name in draws if name.startswith(start)]
    if len(names) != 1:
        raise ParameterError(
            f"{layer}.toml: found {len(names)} entries that begin with {prefix!r}; wanted one: a layer has one "
            "native capacity, and a site layer one recipe in the same unit"
        )
    return draws[names[0]]


def _sum(parts: Iterable[Draws]) -> Draws:
    """The sum of ``parts``, added in their order; an array of no value where there are none."""
    return reduce(add, parts, np.zeros(()))


def _of_layer(draws: Values, mix: Mix, layer: str) -> Draws:
    return mixed(draws, mix, layer) if layer in IT_LAYERS else native_entry(draws, layer, "recipe_")


def _fact(draws: Values, generation: str, field: str) -> Draws:
    name = f"{PREFIX}{generation}.{field}"
    if name not in draws:
        known = ", ".join(other for other in generations(draws) if f"{PREFIX}{other}.{field}" in draws)
        raise ParameterError(
            f"recipe.toml, {name!r} is missing; wanted it for a generation that is asked for its {field}. "
            f"Generations that have it: {known or 'none'}"
        )
    return draws[name]
