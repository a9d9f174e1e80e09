"""P5: the CES bottleneck at a large exponent is a linear programme (Leontief), solved by HiGHS.

The programme: most flow S with S at most desired flow and each capacity; on sites power is grid plus generation,
so S is at most their sum. Where members differ by 5 % or more, ρ = 2000 leaves (1.05)^-2000, nothing in double
precision, and flow and shadow prices must be those of the programme.

First HiGHS itself is held to the Wyndor example (Hillier and Lieberman): max 3 x1 + 5 x2 with x1 ≤ 4, 2 x2 ≤ 12,
3 x1 + 2 x2 ≤ 18 has x = (2, 6), Z = 36 and shadow prices (0, 3/2, 1). Signs of duals are read as tested there.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linprog

from headrace.equations.bottleneck import branch_flow_gw, static_shadow_price

EXPONENT = 2000.0

BRANCHES = {
    "memory binds": (5.5, [6.5, 4.3, 4.6, 5.5, 5.0]),
    "demand binds": (3.0, [6.5, 4.3, 4.6, 5.5, 5.0]),
    "systems bind": (9.0, [9.0, 8.0, 7.0, 4.0, 4.2]),
}


def programme(desired: float, members: list[float]) -> tuple[float, np.ndarray]:
    """Flow and shadow price of each member."""
    rows = np.ones((1 + len(members), 1))
    found = linprog([-1.0], A_ub=rows, b_ub=[desired, *members], bounds=[(0, None)], method="highs")
    return float(-found.fun), -np.asarray(found.ineqlin.marginals)[1:]


def test_the_solver_gives_the_textbooks_answer() -> None:
    found = linprog([-3, -5], A_ub=[[1, 0], [0, 2], [3, 2]], b_ub=[4, 12, 18], method="highs")
    assert found.x == pytest.approx([2, 6])
    assert -found.fun == pytest.approx(36)
    assert -found.ineqlin.marginals == pytest.approx([0, 1.5, 1])


@pytest.mark.parametrize("which", BRANCHES)
def test_flow_and_shadow_prices_are_those_of_the_programme(which: str) -> None:
    desired, members = BRANCHES[which]
    ordered = sorted([desired, *members])
    assert ordered[1] / ordered[0] >= 1.05 - 1e-9
    exponent = jnp.asarray(EXPONENT)
    flow = branch_flow_gw(jnp.asarray([desired, *members]), exponent)
    prices = static_shadow_price(jnp.full(len(members), flow), jnp.asarray(members), exponent)
    wanted_flow, wanted_prices = programme(desired, members)
    assert float(flow) == pytest.approx(wanted_flow, rel=1e-12)
    assert np.asarray(prices) == pytest.approx(wanted_prices, abs=1e-9)


@pytest.mark.parametrize(("grid", "generation"), [(3.2, 1.6), (0.5, 0.4)])
def test_power_enters_once_as_in_the_programme(grid: float, generation: float) -> None:
    # variables S, from the grid, from generation: S - from grid - from generation ≤ 0
    others = [4.2, 6.0, 4.0]
    rows = [[1, 0, 0]] * 4 + [[1, -1, -1], [0, 1, 0], [0, 0, 1]]
    found = linprog([-1, 0, 0], A_ub=rows, b_ub=[5.0, *others, 0, grid, generation], method="highs")
    members = jnp.asarray([*others, grid + generation])
    flow = branch_flow_gw(jnp.asarray([5.0, *members]), jnp.asarray(EXPONENT))
    prices = static_shadow_price(jnp.full(4, flow), members, jnp.asarray(EXPONENT))
    assert float(flow) == pytest.approx(-found.fun, rel=1e-12)
    # one GW more of either is worth what one GW more of their sum is
    assert float(prices[-1]) == pytest.approx(-found.ineqlin.marginals[5], abs=1e-9)
    assert float(prices[-1]) == pytest.approx(-found.ineqlin.marginals[6], abs=1e-9)


def test_where_two_members_tie_prices_lie_in_the_optimal_face() -> None:
    # duals of a tie are any split of one; the CES splits evenly and keeps a little less than one for coordination
    members = jnp.asarray([4.0, 4.0, 6.0])
    flow = branch_flow_gw(jnp.asarray([9.0, *members]), jnp.asarray(EXPONENT))
    prices = np.asarray(static_shadow_price(jnp.full(3, flow), members, jnp.asarray(EXPONENT)))
    assert prices.sum() == pytest.approx(1, abs=1e-3)
    assert prices[0] == prices[1] > 0 == prices[2]
