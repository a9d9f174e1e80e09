"""Every fault a caller can act on, as one small tree.

::

    HeadraceError
    ├── UnknownNameError     a scenario, parameter, builder, layer or variable that does not exist
    ├── ParameterError       a parameter entry or a value that its range refuses
    ├── ScenarioError        a scenario file that cannot mean anything
    ├── PeriodError          a date or quarter that is malformed or outside the data
    ├── PosteriorError       a posterior that is none, belongs to another model or cannot be relied upon
    ├── RequestError         a number of draws, quarters or a seed that cannot be run
    ├── GameError            a game, a profile or a coalition that no answer follows from
    ├── InvestmentError      cash flows, rates or lives that no return, payback or value follows from
    ├── EndedError           a run in which no world reaches the end
    ├── EvidenceError        facts, sources or prices that break their schema
    │   └── FetchError       something that could not be fetched
    └── OutputError          a result that cannot be written or read

``exit_code`` is what the command line returns: 2 where the request was wrong, 1 where the world was.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HeadraceError(Exception):
    """Base of every error that headrace raises on purpose."""

    exit_code = 2


class UnknownNameError(HeadraceError):
    """A name that no table holds; the message lists the nearest ones."""


class ParameterError(HeadraceError):
    """A parameter entry, or a value for one, that breaks its schema or range."""


class ScenarioError(HeadraceError):
    """A scenario file with an unknown key, a bad date or a value outside its range."""


class PeriodError(HeadraceError):
    """A date or quarter that is malformed or outside the data."""


class RequestError(HeadraceError):
    """A count of draws or quarters, or a seed, that cannot be run."""


class PosteriorError(HeadraceError):
    """A posterior that is malformed, was made for another model, or comes from chains that cannot be relied upon."""


class GameError(HeadraceError):
    """A game, a profile, a race or a set of coalitions from which no answer follows."""


class InvestmentError(HeadraceError):
    """Cash flows, rates or lives from which no return, payback or value follows."""


class EndedError(HeadraceError):
    """A run in which every world left the domain of the loop before the end."""

    exit_code = 1


class EvidenceError(HeadraceError):
    """Facts, sources or prices that break their schema."""

    exit_code = 1


class FetchError(EvidenceError):
    """Something that could not be fetched: a network fault, a refusal, a limit, or work offline without a copy."""


class OutputError(HeadraceError):
    """A result that cannot be written or read."""

    exit_code = 1


def near_matches(name: str, known: Iterable[str], most: int = 4) -> list[str]:
    """Names of ``known`` that a person who typed ``name`` may have meant, in whatever case, best first.

    Args:
        name: What was typed.
        known: The names that exist.
        most: How many to return at the most.
    """
    pool = sorted(known)
    plain: dict[str, list[str]] = {}
    for candidate in pool:
        plain.setdefault(candidate.lower(), []).append(candidate)
    close = [k for low in difflib.get_close_matches(name.lower(), plain, n=most, cutoff=0.5) for k in plain[low]]
    within = [k for k in pool if name and name.lower() in k.lower() and k not in close]
    return (close + within)[:most]


def unknown_name(kind: str, name: str, known: Iterable[str], where: str = "") -> UnknownNameError:
    """The error for a name that no table holds, with near matches or the whole short list.

    Args:
        kind: What was asked for, such as ``"scenario"``.
        name: What was typed.
        known: The names that exist.
        where: File, key or option in which it stood; left out when empty.
    """
    pool = sorted(known)
    close = near_matches(name, pool)
    if close:
        hint = f"did you mean {', '.join(close)}?"
    elif len(pool) <= 12:
        hint = f"known: {', '.join(pool)}"
    else:
        hint = f"none of the {len(pool)} known names is near"
    place = f"{where}: " if where else ""
    return UnknownNameError(f"{place}unknown {kind} {name!r}; {hint}")
