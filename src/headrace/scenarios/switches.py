"""The four fears that drive the build-out, each a switch: what carries it in the loop, and its value when it is off."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from headrace.errors import ParameterError, unknown_name
from headrace.scenarios.changes import FIRST, Change, Scenario
from headrace.scenarios.combination import require_agreement
from headrace.scenarios.limits import require_inside_ranges


@dataclass(frozen=True)
class Fear:
    """One fear.

    Attributes:
        name: As ``--without`` takes it.
        label: What a person calls it.
        meaning: One sentence.
        off: Parameters that carry it, with their values when it is off.
    """

    name: str
    label: str
    meaning: str
    off: Mapping[str, float]


@cache
def fears() -> dict[str, Fear]:
    """The four fears by name, in the order of the file."""
    return {name: Fear(name=name, **row) for name, row in _document().items() if isinstance(row, dict)}


def without(names: Iterable[str]) -> Scenario:
    """A scenario that switches fears off from the first quarter of a run on; the start is left as it is.

    Args:
        names: Of fears; each counts once.

    Raises:
        UnknownNameError: There is no such fear.
    """
    chosen = list(dict.fromkeys(names))
    known = _known(chosen)
    titled = " and ".join(chosen)
    made = Scenario(
        name=f"without {titled}",
        title=f"Without {titled} fear",
        dated=dt.date.fromisoformat(str(_document()["dated"])),
        summary=" ".join(f"{known[name].label} is off." for name in chosen),
        changes=tuple(
            Change(
                parameter=parameter,
                value=float(value),
                start=FIRST,
                reason=f"Off value of the {name} fear: {known[name].meaning}",
                origin=f"without {name}",
            )
            for name in chosen
            for parameter, value in known[name].off.items()
        ),
    )
    return _checked(made)


def weakened(strengths: Mapping[str, float]) -> Scenario:
    """A scenario that weakens fears from the first quarter of a run on; the start is left as it is.

    In every draw a parameter that carries a fear is strength × its value + (1 - strength) × its off value: 1 leaves the
    fear alone, 0 is :func:`without`.

    Args:
        strengths: Of fears by name [1], 0 .. 1.

    Raises:
        UnknownNameError: There is no such fear.
        ParameterError: A strength is outside its range.
    """
    known = _known(strengths)
    for name, strength in strengths.items():
        if not 0 <= strength <= 1:
            raise ParameterError(
                f"strength of the {name} fear is {strength!r}; wanted a number from 0, where it is off, to 1, as drawn"
            )
    titled = " and ".join(f"{name} at {strength:g}" for name, strength in strengths.items())
    made = Scenario(
        name=f"with {titled}",
        title=f"With {titled} of its strength",
        dated=dt.date.fromisoformat(str(_document()["dated"])),
        summary=" ".join(f"{known[name].label} is at {strength:g}." for name, strength in strengths.items()),
        changes=tuple(
            Change(
                parameter=parameter,
                multiply=factor,
                add=shift,
                start=FIRST,
                reason=f"The {name} fear at {strength:g} of its strength: {known[name].meaning}",
                origin=f"{name} at {strength:g}",
            )
            for name, strength in strengths.items()
            for parameter, value in known[name].off.items()
            for factor, shift in ((float(strength), None), (None, (1 - float(strength)) * float(value)))
        ),
    )
    return _checked(made)


def _known(names: Iterable[str]) -> dict[str, Fear]:
    """The fears, every name found among them."""
    known = fears()
    for name in names:
        if name not in known:
            raise unknown_name("fear", name, known)
    return known


def _checked(made: Scenario) -> Scenario:
    require_agreement(made.changes)
    require_inside_ranges(made)
    return made


@cache
def _document() -> dict[str, object]:
    return tomllib.loads((files("headrace") / "data" / "fears.toml").read_text(encoding="utf-8"))
