"""The revenue a year that assets have to bring in to be worth what they cost."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import InvestmentError


def required_revenue(
    capital_expenditure: ArrayLike, life_years: ArrayLike, cost_of_capital: ArrayLike, gross_margin: ArrayLike
) -> NDArray[np.float64]:
    r"""Revenue a year that pays straight-line depreciation and a return on the whole cost out of gross margin.

    .. math:: \left(\frac{1}{L} + r\right) \frac{I}{m}

    The return is on the cost at first, which is more than on what is left of it: an annuity asks for less.

    Args:
        capital_expenditure: :math:`I`, in any unit, >= 0.
        life_years: :math:`L` [year], > 0.
        cost_of_capital: :math:`r` [1/year], >= 0.
        gross_margin: :math:`m`, before depreciation [1], above 0 and at most 1.

    Returns:
        Revenue, in the unit of the cost a year.

    Raises:
        InvestmentError: A life, a cost of capital or a margin out of range.

    Source:
        Identity.
    """
    cost, life, rate, margin = (
        np.asarray(x, float) for x in (capital_expenditure, life_years, cost_of_capital, gross_margin)
    )
    if not ((cost >= 0).all() and (rate >= 0).all()):
        raise InvestmentError(f"cost falls to {cost.min()}, its rate to {rate.min()}; wanted 0 or more of both")
    if not (life > 0).all():
        raise InvestmentError(f"life falls to {life.min()} years; wanted more than 0")
    if not ((margin > 0) & (margin <= 1)).all():
        raise InvestmentError(
            f"gross margin runs from {margin.min()} to {margin.max()}; wanted a fraction above 0 and at most 1: "
            "without a margin no revenue pays for anything"
        )
    return np.asarray((1 / life + rate) * cost / margin)
