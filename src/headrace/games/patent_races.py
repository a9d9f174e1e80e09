r"""Research races for one prize that goes to whoever is first, with chances that rise as a power of effort.

Effort x finds at a rate of :math:`h(x) = x^a`. Two rival ways of paying for it: once at the start (Loury 1979), where
more rivals make each do less, and until somebody is first (Lee and Wilde 1980), where they make each do more.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.optimize import brentq

from headrace.errors import GameError


def effort_paid_at_the_start(firms: int, prize: float, discount_rate: float, returns: float = 0.5) -> float:
    r"""Effort of each firm in the symmetric equilibrium of Loury's race.

    .. math:: V h'(x) \, \frac{(n - 1) h(x) + \rho}{(n h(x) + \rho)^2} = 1

    It is the first-order condition of :math:`V h / (h + H + \rho) - x`, H being the rate of all rivals. The left side
    falls from infinity to nothing, so there is one root.

    Args:
        firms: :math:`n`, >= 1.
        prize: :math:`V`, in any unit, > 0.
        discount_rate: :math:`\rho` [1/period], > 0.
        returns: :math:`a` of the rate [1], inside 0 to 1.

    Returns:
        :math:`x`, in the unit of the prize.

    Raises:
        GameError: An argument out of range.

    Source:
        Loury (1979), Quarterly Journal of Economics 93(3), 395-410.
    """
    _in_range(firms, prize, discount_rate, returns)

    def worth_more(effort: float) -> float:
        rate = math.pow(effort, returns)
        slope = returns * rate / effort
        return prize * slope * ((firms - 1) * rate + discount_rate) / (firms * rate + discount_rate) ** 2 - 1

    return _root(worth_more, prize)


def effort_paid_until_won(firms: int, prize: float, discount_rate: float, returns: float = 0.5) -> float:
    r"""Effort a period of each firm in the symmetric equilibrium of Lee and Wilde's race.

    .. math:: (V h'(x) - 1)(n h(x) + \rho) = (V h(x) - x) \, h'(x)

    It is the first-order condition of :math:`(V h - x) / (h + H + \rho)`, H being the rate of all rivals. The left side
    is the greater one for little effort and the smaller one where a further unit no longer adds its cost to the chance
    of the prize, :math:`V h' = 1`; between them there is one root.

    Args:
        firms: :math:`n`, >= 1.
        prize: :math:`V`, in any unit, > 0.
        discount_rate: :math:`\rho` [1/period], > 0.
        returns: :math:`a` of the rate [1], inside 0 to 1.

    Returns:
        :math:`x`, in the unit of the prize a period.

    Raises:
        GameError: An argument out of range.

    Source:
        Lee and Wilde (1980), Quarterly Journal of Economics 94(2), 429-436.
    """
    _in_range(firms, prize, discount_rate, returns)

    def worth_more(effort: float) -> float:
        rate = math.pow(effort, returns)
        slope = returns * rate / effort
        return (prize * slope - 1) * (firms * rate + discount_rate) - (prize * rate - effort) * slope

    return _root(worth_more, math.pow(returns * prize, 1 / (1 - returns)))


def _root(worth_more: Callable[[float], float], high: float) -> float:
    """Where more effort stops paying; above ``high``, or a multiple of it, it never pays."""
    while worth_more(high) > 0:
        high *= 2
    low = high
    while worth_more(low) <= 0:
        low /= 2
    return float(brentq(worth_more, low, high, xtol=1e-14 * high, rtol=1e-14))


def _in_range(firms: int, prize: float, discount_rate: float, returns: float) -> None:
    if firms < 1:
        raise GameError(f"firms are {firms}; wanted 1 or more")
    if not (prize > 0 and discount_rate > 0):
        raise GameError(f"prize is {prize}, discount rate {discount_rate}; wanted more than 0 of both")
    if not 0 < returns < 1:
        raise GameError(f"returns are {returns}; wanted a power inside 0 to 1: chances rise ever more slowly")
