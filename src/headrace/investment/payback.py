"""How long until a stream of cash has returned what it cost, if it ever does."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import InvestmentError
from headrace.investment.cash_flow import cash_flow_by_period


def paybacks(cash_flow: ArrayLike) -> NDArray[np.float64]:
    """Periods until what came in has covered what went out for good.

    Cash of a period comes evenly within it. A later cost that takes the sum below nothing again moves the payback
    behind it. Discount the flows first for a payback with interest.

    Args:
        cash_flow: By period, the first one now, in any unit; draws may trail.

    Returns:
        [period] with the axes that trail: 0 where nothing was ever out, NaN where it never comes back within the flows.

    Raises:
        InvestmentError: A stream of fewer than two periods or with no number in it.
    """
    flows = cash_flow_by_period(cash_flow)
    total = np.cumsum(flows, axis=0)
    out = total < 0
    # the last period at whose end something is still out; the next one brings it back
    last = len(flows) - 1 - np.argmax(out[::-1], axis=0)
    back = np.minimum(last + 1, len(flows) - 1)
    owed = -np.take_along_axis(total, last[np.newaxis], axis=0)[0]
    income = np.take_along_axis(flows, back[np.newaxis], axis=0)[0]
    ever_out, returned = out.any(axis=0), ~out[-1]
    part = np.divide(owed, income, out=np.zeros(owed.shape), where=ever_out & returned)
    return np.where(~ever_out, 0.0, np.where(returned, last + part, np.nan))


def payback(cash_flow: ArrayLike) -> float:
    """Periods until one stream has returned what it cost [period].

    Args:
        cash_flow: As :func:`paybacks`.

    Raises:
        InvestmentError: It never does within the flows; more than one stream, fewer than two periods, or a flow that
            is no number.
    """
    flows = cash_flow_by_period(cash_flow)
    if flows.ndim > 1:
        raise InvestmentError(f"cash flow has the shape {flows.shape}; wanted one stream, or paybacks for many")
    found = float(paybacks(flows))
    if np.isnan(found):
        cost, income = -flows[flows < 0].sum(), flows[flows > 0].sum()
        raise InvestmentError(
            f"it never pays back: after {len(flows) - 1} periods {income:.6g} of {cost:.6g} has come in; wanted more "
            "income, less cost or a longer life"
        )
    return found
