"""The four fears that drive the build-out, each a switch: what carries it in the loop, and its value when it is off."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from headrace.errors import unknown_name
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
    known = fears()
    for name in chosen:
        if name not in known:
            raise unknown_name("fear", name, known)
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
    require_agreement(made.changes)
    require_inside_ranges(made)
    return made


@cache
def _document() -> dict[str, object]:
    return tomllib.loads((files("headrace") / "data" / "fears.toml").read_text(encoding="utf-8"))
