r"""Richardson's arms race: n alike add to their stock as rivals' stocks stand, and tire of their own.

.. math:: \dot x_i = k \sum_{j \ne i} x_j - a x_i + g
"""

from __future__ import annotations

from headrace.errors import GameError


def critical_reaction(racers: int, fatigue: float) -> float:
    r"""Reaction to each rival from which on the race has no rest.

    .. math:: k_c = a / (n - 1)

    Below it the slowest of the eigenvalues, :math:`-a + (n - 1) k`, is negative; each racer more lowers it.

    Args:
        racers: :math:`n`, >= 2.
        fatigue: :math:`a` [1/period], > 0.

    Returns:
        :math:`k_c` [1/period].

    Raises:
        GameError: A racer alone, or no fatigue.

    Source:
        Richardson (1960), Arms and Insecurity.
    """
    if racers < 2:
        raise GameError(f"racers are {racers}; wanted 2 or more")
    if not fatigue > 0:
        raise GameError(f"fatigue is {fatigue}; wanted more than 0: without it no stock ever comes to rest")
    return fatigue / (racers - 1)


def resting_level(racers: int, reaction: float, fatigue: float, grievance: float) -> float:
    r"""Stock of each racer at which all rest.

    .. math:: x^* = \frac{g}{a - (n - 1) k}

    Args:
        racers: :math:`n`, >= 2.
        reaction: :math:`k` to each rival's stock [1/period], >= 0.
        fatigue: :math:`a` [1/period], > 0.
        grievance: :math:`g`, added whatever others do, in the unit of the stock a period, >= 0.

    Returns:
        :math:`x^*`, in the unit of the stock.

    Raises:
        GameError: The race has no rest: the reaction is at or above the critical one; or an argument out of range.

    Source:
        Richardson (1960), Arms and Insecurity.
    """
    limit = critical_reaction(racers, fatigue)
    if not (reaction >= 0 and grievance >= 0):
        raise GameError(f"reaction is {reaction}, grievance {grievance}; wanted 0 or more of both")
    if reaction >= limit:
        raise GameError(
            f"the race has no rest: a reaction of {reaction} is not below {limit:.6g}, which is fatigue over rivals; "
            "wanted a lower reaction, more fatigue or fewer racers"
        )
    return grievance / (fatigue - (racers - 1) * reaction)
