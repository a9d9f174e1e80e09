"""F2: what waiting is still worth to each of n rivals who add capacity, demand elasticity 1.5.

Expected: net present value over cost when capacity is added is 2.00 for n = 1 and 0.1538 for n = 5.
Source: Grenadier (2002), Review of Financial Studies 15(3), 691-721, <https://doi.org/10.1093/rfs/15.3.691>.

1 / (n γ - 1) = 1 / 0.5 = 2 and 1 / 6.5 = 0.1538. Behind it: P = Y Q^(-1/γ); a unit more earns its owner
P (n γ - 1)/(n γ) and is added when that, for ever, is worth b / (b - 1) of its cost. A price that supply holds below
that trigger P* makes a unit worth v with ½ σ² P² v'' + (r - δ) P v' - r v + P = 0, v(0) = 0 and v'(P*) = 0; the test
solves this on a grid.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import solve_banded

from headrace.investment.real_options import option_premium, trigger_over_cost

ELASTICITY = 1.5


@pytest.mark.parametrize(("firms", "premium", "digits"), [(1, 2.00, 0.005), (5, 0.1538, 5e-5)])
def test_rivals_take_the_premium(firms: int, premium: float, digits: float) -> None:
    assert float(option_premium(firms, ELASTICITY)) == pytest.approx(premium, abs=digits)


def value_below_a_cap(rate: float, payout: float, volatility: float, cap: float) -> float:
    """Worth at the cap of a price that is turned back there: finite differences in its logarithm."""
    size, depth = 20_001, 12.0
    logs = np.linspace(np.log(cap) - depth, np.log(cap), size)
    cell = depth / (size - 1)
    spread, drift = volatility**2 / 2, rate - payout - volatility**2 / 2
    below, above = spread / cell**2 - drift / (2 * cell), spread / cell**2 + drift / (2 * cell)
    middle = -below - above - rate
    bands = np.zeros((3, size))
    bands[0, 2:], bands[1, 1:-1], bands[2, :-2] = above, middle, below
    wanted = -np.exp(logs)
    # far below the cap the price is as good as free: P / δ; at the cap nothing changes, with the point beyond mirrored
    bands[1, 0], wanted[0] = 1.0, np.exp(logs[0]) / payout
    bands[1, -1], bands[2, -2] = middle, below + above
    return float(solve_banded((1, 1), bands, wanted)[-1])


@pytest.mark.parametrize("firms", [1, 2, 5, 20])
@pytest.mark.parametrize(("rate", "payout", "volatility"), [(0.04, 0.04, 0.2), (0.06, 0.02, 0.3), (0.05, 0.07, 0.15)])
def test_a_solved_price_below_the_trigger_leaves_the_same_premium_whatever_the_risk(
    firms: int, rate: float, payout: float, volatility: float
) -> None:
    multiple = float(trigger_over_cost(rate, payout, volatility))
    # cost is one: value of the price for ever, P* / δ, is the multiple over what a unit adds of it
    cap = multiple * firms * ELASTICITY / (firms * ELASTICITY - 1) * payout
    premium = value_below_a_cap(rate, payout, volatility, cap) - 1
    assert premium == pytest.approx(float(option_premium(firms, ELASTICITY)), rel=2e-3, abs=2e-4)
