r"""The race to the precipice: who skimps on safety is ahead, and the winner's safety is the chance that all goes well.

Each of n teams has a capability c, uniform from 0 to :math:`\mu`, and chooses a safety s from 0 to 1; the highest c - s
wins. A team gets 1 if it wins and all goes well, 1 - e if another does, 0 if it goes wrong: e is enmity.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import GameError


def safety_knowing_nothing(teams: int, enmity: float, largest_capability: float) -> float:
    r"""Safety that each team chooses if nobody knows a capability, its own included.

    .. math:: s = \min\left(1, \frac{\mu}{n e}\right)

    Args:
        teams: :math:`n`, >= 2.
        enmity: :math:`e` [1], 0..1.
        largest_capability: :math:`\mu` [1], what capability weighs against safety, > 0.

    Returns:
        :math:`s` [1], 0..1.

    Raises:
        GameError: An argument out of range.

    Source:
        Armstrong, Bostrom and Shulman (2016), AI & Society 31, 201-206.
    """
    _in_range(teams, enmity)
    if not largest_capability > 0:
        raise GameError(f"largest capability is {largest_capability}; wanted more than 0")
    return 1.0 if teams * enmity <= largest_capability else largest_capability / (teams * enmity)


def safety_knowing_oneself(teams: int, enmity: float, capability: ArrayLike) -> NDArray[np.float64]:
    r"""Safety that a team chooses if it knows its own capability alone.

    .. math:: s(c) = \min\left(1, \frac{c}{1 + e (n - 1)}\right)

    Args:
        teams: :math:`n`, >= 2.
        enmity: :math:`e` [1], 0..1.
        capability: :math:`c` [1], >= 0.

    Returns:
        :math:`s` [1], 0..1, with the axes of ``capability``.

    Raises:
        GameError: An argument out of range.

    Source:
        Armstrong, Bostrom and Shulman (2016), AI & Society 31, 201-206.
    """
    _in_range(teams, enmity)
    own = np.asarray(capability, dtype=np.float64)
    if not (own >= 0).all():
        raise GameError(f"capability falls to {own.min()}; wanted 0 or more")
    return np.minimum(1, own / (1 + enmity * (teams - 1)))


def chance_knowing_oneself(teams: int, enmity: float, largest_capability: float) -> float:
    r"""Chance that all goes well if each team knows its own capability alone: the expected safety of the ablest.

    .. math:: E\left[\min\left(1, \frac{\max_i c_i}{a}\right)\right], \quad a = 1 + e (n - 1)

    The ablest of n has :math:`\mu n / (n + 1)` in the mean, so it is :math:`\mu n / [(n + 1) a]` where nobody can
    afford full safety, :math:`\mu \le a`, and :math:`1 - (a / \mu)^n / (n + 1)` otherwise.

    Args:
        teams: :math:`n`, >= 2.
        enmity: :math:`e` [1], 0..1.
        largest_capability: :math:`\mu` [1], > 0.

    Returns:
        The chance [1].

    Raises:
        GameError: An argument out of range.

    Source:
        Armstrong, Bostrom and Shulman (2016), AI & Society 31, 201-206, from their s(c).
    """
    _in_range(teams, enmity)
    if not largest_capability > 0:
        raise GameError(f"largest capability is {largest_capability}; wanted more than 0")
    enough = (1 + enmity * (teams - 1)) / largest_capability
    return teams / (teams + 1) / enough if enough >= 1 else 1 - enough**teams / (teams + 1)


def _in_range(teams: int, enmity: float) -> None:
    if teams < 2:
        raise GameError(f"teams are {teams}; wanted 2 or more: one alone has nobody to race")
    if not 0 <= enmity <= 1:
        raise GameError(f"enmity is {enmity}; wanted 0, as glad if another wins, to 1, as bad as ruin")
