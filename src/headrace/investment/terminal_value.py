"""What is worth now what grows evenly for ever."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import InvestmentError


def growing_perpetuity(cash_flow: ArrayLike, discount_rate: ArrayLike, growth: ArrayLike) -> NDArray[np.float64]:
    r"""Value at the end of a period of all that comes after it.

    .. math:: \frac{C (1 + g)}{r - g}

    Args:
        cash_flow: :math:`C` of the period, in any unit.
        discount_rate: :math:`r` [1/period].
        growth: :math:`g` [1/period], > -1 and below :math:`r`.

    Returns:
        The value, in the unit of the cash flow.

    Raises:
        InvestmentError: A rate that is not above growth: the sum of what is to come has no end.

    Source:
        Gordon and Shapiro (1956), Management Science 3(1), 102-110.
    """
    flow, rate, rise = np.broadcast_arrays(*(np.asarray(x, float) for x in (cash_flow, discount_rate, growth)))
    endless = ~(rate > rise)
    if endless.any():
        where = f" in {np.count_nonzero(endless)} of {endless.size} cases" if endless.size > 1 else ""
        raise InvestmentError(
            f"discount rate {rate[endless].ravel()[0]:.6g} is not above growth {rise[endless].ravel()[0]:.6g}{where}: "
            "what grows as fast as it is discounted has no value that ends; wanted less growth for ever, or a last year"
        )
    if not (rise > -1).all():
        raise InvestmentError(f"growth falls to {rise.min()}; wanted more than -1")
    return np.asarray(flow * (1 + rise) / (rate - rise))
