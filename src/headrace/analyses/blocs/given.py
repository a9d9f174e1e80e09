"""What accounts of blocs take beyond the loop: parameters of their own, drawn like those of the loop and beside them.

They are no parameters of the loop, because no output of a run depends on them; a draw of one moves no draw of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from headrace.errors import ParameterError, unknown_name
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import read_parameters
from headrace.parameters.schema import Parameter

PREFIX = "bloc."
"""What their names begin with."""

SHARES = ("demand_share", "owner_share", "designer_share", "maker_share")
"""What each bloc has; what blocs leave belongs to everyone else."""

Array = NDArray[np.float64]


@cache
def given() -> Mapping[str, Parameter]:
    """Every parameter of the accounts by its dotted name, in the order of the file."""
    return read_parameters((files("headrace") / "data" / "bloc_accounts.toml").read_text(encoding="utf-8"), "bloc.toml")


def checked(settings: Mapping[str, float]) -> dict[str, float]:
    """Settings of these parameters if they may have them.

    Raises:
        UnknownNameError: No such parameter.
        ParameterError: A number outside its range.
    """
    for name, value in settings.items():
        if name not in given():
            raise unknown_name("parameter", name, given(), "settings")
        floor, ceiling = given()[name].range
        if not floor <= value <= ceiling:
            raise ParameterError(
                f'settings: "{name}" = {value:g} is outside its range {floor:g} to {ceiling:g} [{given()[name].unit}]; '
                f"the shipped value is {given()[name].value_text}, because: {given()[name].reason}"
            )
    return {name: float(value) for name, value in settings.items()}


def drawn(seed: int, draws: int, settings: Mapping[str, float]) -> dict[str, Array]:
    """Draws of them by name without the prefix, (draw,)."""
    found = draw_parameters(given().values(), seed, 0, draws, checked(settings))
    return {name.removeprefix(PREFIX): values for name, values in found.items()}


def shares(values: Mapping[str, Array], blocs: Sequence[str], share: str) -> Array:
    """Shares of the blocs and of everyone else, who have what is left: (party, draw) [1].

    Raises:
        ParameterError: A bloc without the share, or together they have more than all.
    """
    missing = [bloc for bloc in blocs if f"{bloc}.{share}" not in values]
    if missing:
        raise ParameterError(
            f'bloc_accounts.toml: "{missing[0]}.{share}" is missing; wanted it for every bloc: name a bloc of one\'s '
            f"own as one of {', '.join(name.split('.')[0] for name in values if name.endswith(f'.{share}'))}"
        )
    own = np.stack([values[f"{bloc}.{share}"] for bloc in blocs])
    rest = 1 - own.sum(axis=0)
    if (rest < -1e-9).any():
        raise ParameterError(
            f'settings: "{PREFIX}*.{share}" of {", ".join(blocs)} add up to {1 - float(rest.min()):.3g}; wanted 1 or '
            "less, for the rest belongs to everyone else"
        )
    return np.concatenate([own, np.maximum(rest, 0)[np.newaxis]])
