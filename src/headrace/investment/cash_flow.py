"""Cash flows by period as every measure of them takes them: the first one now, each later one a period after."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import InvestmentError


def cash_flow_by_period(cash_flow: ArrayLike) -> NDArray[np.float64]:
    """Cash flows as an array (period, ...), in their unit a period.

    Args:
        cash_flow: Of two periods or more, finite; costs below 0. Whatever trails the axis of periods stays, draws for
            example.

    Raises:
        InvestmentError: Fewer periods, or a flow that is no finite number.
    """
    flows = np.asarray(cash_flow, dtype=np.float64)
    if flows.ndim < 1 or len(flows) < 2:
        raise InvestmentError(
            f"cash flow has the shape {flows.shape}; wanted two periods or more, a cost and what follows"
        )
    if not np.isfinite(flows).all():
        period = int(np.argwhere(~np.isfinite(flows))[0][0])
        raise InvestmentError(
            f"cash flow of period {period} is no finite number; wanted one: leave out draws that ended"
        )
    return flows
