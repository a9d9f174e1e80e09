r"""When to stop waiting: the value at which an investment that cannot be undone is made, alone and among rivals.

Value follows a geometric Brownian motion; who waits gives up what it pays out and keeps the choice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import InvestmentError

Array = NDArray[np.float64]


def option_power(discount_rate: ArrayLike, payout_rate: ArrayLike, volatility: ArrayLike) -> Array:
    r"""Power with which the value of waiting rises in the value of the project.

    .. math:: b = \frac{1}{2} - \frac{r - \delta}{\sigma^2} +
        \sqrt{\left(\frac{r - \delta}{\sigma^2} - \frac{1}{2}\right)^2 + \frac{2 r}{\sigma^2}}

    Args:
        discount_rate: :math:`r` [1/year], > 0.
        payout_rate: :math:`\delta`, what the project pays out of its value [1/year], > 0.
        volatility: :math:`\sigma` of the value [1/year^(1/2)], > 0.

    Returns:
        :math:`b` [1], > 1.

    Raises:
        InvestmentError: A rate or a volatility that is not above 0.

    Source:
        Dixit and Pindyck (1994), Investment under Uncertainty, chapter 5.
    """
    rate, payout, spread = (np.asarray(x, float) for x in (discount_rate, payout_rate, volatility))
    if not (rate > 0).all():
        raise InvestmentError(
            f"discount rate falls to {rate.min()}; wanted more than 0: without it nobody minds waiting"
        )
    if not (payout > 0).all():
        raise InvestmentError(
            f"payout rate falls to {payout.min()}; wanted more than 0: where waiting gives nothing up it never ends"
        )
    if not (spread > 0).all():
        raise InvestmentError(
            f"volatility falls to {spread.min()}; wanted more than 0: without risk compare present values instead"
        )
    drift = (rate - payout) / spread**2
    return np.asarray(1 / 2 - drift + np.sqrt((drift - 1 / 2) ** 2 + 2 * rate / spread**2))


def trigger_over_cost(discount_rate: ArrayLike, payout_rate: ArrayLike, volatility: ArrayLike) -> Array:
    r"""Value over cost at which one who has no rival invests.

    .. math:: V^* / I = \frac{b}{b - 1}

    Args:
        discount_rate: :math:`r` [1/year], > 0.
        payout_rate: :math:`\delta` [1/year], > 0.
        volatility: :math:`\sigma` [1/year^(1/2)], > 0.

    Returns:
        The multiple [1], > 1; one is the rule of net present value.

    Raises:
        InvestmentError: As :func:`option_power`.

    Source:
        McDonald and Siegel (1986), Quarterly Journal of Economics 101(4), 707-727.
    """
    power = option_power(discount_rate, payout_rate, volatility)
    return power / (power - 1)


def option_premium(firms: int, demand_elasticity: ArrayLike) -> Array:
    r"""Net present value over cost at the moment that each of several firms adds capacity.

    .. math:: \frac{1}{n \gamma - 1}

    The price is :math:`P = Y Q^{-1/\gamma}`. A firm waits until what its next unit adds, its own other units losing
    price, is worth :math:`b / (b - 1)` of its cost, so the value of the price, were it never to meet more supply, is
    then :math:`\frac{b}{b - 1} \frac{n \gamma}{n \gamma - 1}` of it. But supply caps the price there, which takes the
    part of waiting out of the value of a unit: what is left above cost is this premium, and it no longer depends on
    volatility. Rivals take it to nothing; they do not take the trigger to the rule of net present value.

    Args:
        firms: :math:`n`, >= 1.
        demand_elasticity: :math:`\gamma` [1], above :math:`1 / n`.

    Returns:
        The premium [1], > 0.

    Raises:
        InvestmentError: No firm, or demand that reacts too little for a price at which to stop.

    Source:
        Grenadier (2002), Review of Financial Studies 15(3), 691-721.
    """
    elasticity = np.asarray(demand_elasticity, dtype=np.float64)
    if firms < 1:
        raise InvestmentError(f"firms are {firms}; wanted 1 or more")
    if not (firms * elasticity > 1).all():
        raise InvestmentError(
            f"demand elasticity falls to {elasticity.min()}; wanted more than {1 / firms:.6g}, one over the number of "
            "firms: below it less capacity always earns more"
        )
    return np.asarray(1 / (firms * elasticity - 1))
