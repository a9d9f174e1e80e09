"""Linear Cournot: n firms of equal cost choose quantities on a falling line of demand. All follows from n alone."""

from __future__ import annotations

from headrace.errors import GameError


def quantity_over_monopoly(firms: int) -> float:
    r"""Quantity of all firms at equilibrium over that of a monopoly, which is what they would choose together.

    .. math:: Q_N / Q_M = 2 n / (n + 1)

    Args:
        firms: :math:`n`, >= 1.

    Returns:
        The ratio [1], 1 to 2.

    Raises:
        GameError: No firm.

    Source:
        Cournot (1838), Recherches sur les principes mathématiques de la théorie des richesses, chapter 7.
    """
    _some(firms)
    return 2 * firms / (firms + 1)


def stage_profits(firms: int) -> tuple[float, float, float]:
    r"""Temptation, reward and punishment of one firm, of one period, over the profit of a monopoly.

    .. math:: \pi_D = \left(\frac{n + 1}{2 n}\right)^2, \quad \pi_C = \frac{1}{n}, \quad \pi_N = \frac{4}{(n + 1)^2}

    The reward is an equal part of the monopoly's profit, the temptation the best reply to others who keep to theirs.

    Args:
        firms: :math:`n`, >= 1.

    Returns:
        The three [1], for :func:`headrace.games.repeated.critical_discount_factor`.

    Raises:
        GameError: No firm.

    Source:
        Friedman (1971), Review of Economic Studies 38(1), 1-12.
    """
    _some(firms)
    return ((firms + 1) / (2 * firms)) ** 2, 1 / firms, 4 / (firms + 1) ** 2


def _some(firms: int) -> None:
    if firms < 1:
        raise GameError(f"firms are {firms}; wanted 1 or more")
