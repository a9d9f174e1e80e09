"""What each of several causes adds to a whole, whichever way they come: Shapley's shares, and the whole without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import GameError, unknown_name

Array = NDArray[np.float64]


def coalitions(members: Sequence[str]) -> tuple[frozenset[str], ...]:
    """Every set of members from none to all, smallest first.

    Args:
        members: Names, one or more.

    Raises:
        GameError: No member, or one twice.
    """
    if not members:
        raise GameError("there are no members; wanted one or more to share a whole between")
    if len(set(members)) < len(members):
        raise GameError(f"members are {list(members)}; wanted each name once")
    return tuple(frozenset(group) for size in range(len(members) + 1) for group in combinations(members, size))


def shapley_values(members: Sequence[str], worth: Mapping[frozenset[str], ArrayLike]) -> dict[str, Array]:
    r"""Mean of what a member adds over all orders in which members may come.

    .. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|! \, (n - |S| - 1)!}{n!} \left[v(S \cup i) - v(S)\right]

    They sum to what all are worth less what none is, in every draw, to rounding.

    Args:
        members: Names, one or more.
        worth: :math:`v`, of every coalition that :func:`coalitions` lists, finite, in one unit; axes of any meaning,
            draws and years for example, the same in all.

    Returns:
        By member, in the unit and with the axes of ``worth``.

    Raises:
        GameError: A coalition is missing, differs in its axes, or is worth no finite number.
        UnknownNameError: A coalition has somebody who is no member.

    Source:
        Shapley (1953), Contributions to the Theory of Games II, 307-317.
    """
    known = _checked(members, worth)
    size = len(members)
    values = {}
    for member in members:
        without = [group for group in known if member not in group]
        weights = [factorial(len(group)) * factorial(size - len(group) - 1) / factorial(size) for group in without]
        added = [known[group | {member}] - known[group] for group in without]
        values[member] = np.asarray(sum(weight * part for weight, part in zip(weights, added, strict=True)))
    return values


def leave_one_out(members: Sequence[str], worth: Mapping[frozenset[str], ArrayLike]) -> dict[str, Array]:
    """What the whole loses without one member, the others staying: by member, in the unit of ``worth``.

    These do not sum to the whole: what only two bring together is lost with either.

    Args:
        members: Names, one or more.
        worth: As :func:`shapley_values`.

    Raises:
        GameError: As :func:`shapley_values`.
        UnknownNameError: As :func:`shapley_values`.
    """
    known = _checked(members, worth)
    whole = frozenset(members)
    return {member: known[whole] - known[whole - {member}] for member in members}


def _checked(members: Sequence[str], worth: Mapping[frozenset[str], ArrayLike]) -> dict[frozenset[str], Array]:
    wanted = coalitions(members)
    for group in worth:
        for name in sorted(group - set(members)):
            raise unknown_name("member", name, members, f"coalition {_spelt(group)}")
    missing = [_spelt(group) for group in wanted if group not in worth]
    if missing:
        raise GameError(
            f"worth lacks {len(missing)} of {len(wanted)} coalitions, {missing[0]} first; wanted all, none included"
        )
    known = {group: np.asarray(worth[group], dtype=np.float64) for group in wanted}
    shape = known[wanted[0]].shape
    for group, values in known.items():
        if values.shape != shape:
            raise GameError(f"worth of {_spelt(group)} has the shape {values.shape}; wanted {shape}, that of the first")
        if not np.isfinite(values).all():
            raise GameError(f"worth of {_spelt(group)} is not a finite number throughout; leave out draws that ended")
    return known


def _spelt(group: frozenset[str]) -> str:
    return "{" + ", ".join(sorted(group)) + "}"
