"""P5: the CES bottleneck at a large exponent as a linear programme, and that programme's solver on the Wyndor example.

Expected: x = (2, 6), Z = 36 and shadow prices (0, 3/2, 1) of Wyndor; for the bottleneck what the programme has.
Source: Hillier and Lieberman, Introduction to Operations Research; HiGHS, <https://highs.dev>.

The programme: most flow S with S at most desired flow and each capacity; on sites power is grid plus generation,
so S is at most their sum. Where members differ by 5 % or more, ρ = 2000 leaves (1.05)^-2000, nothing in double
precision, and flow and shadow prices must be those of the programme.

Wyndor is max 3 x1 + 5 x2 with x1 ≤ 4, 2 x2 ≤ 12, 3 x1 + 2 x2 ≤ 18. Signs of duals are read as tested there.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
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


def with_power(
    desired: float, others: np.ndarray, grid: float, generation: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """Flow, shadow price of what is desired and of each member, and of grid and generation.

    Variables S, from the grid, from generation: S - from grid - from generation ≤ 0.
    """
    rows = [[1, 0, 0]] * (1 + len(others)) + [[1, -1, -1], [0, 1, 0], [0, 0, 1]]
    limits = [desired, *others, 0, grid, generation]
    found = linprog([-1, 0, 0], A_ub=rows, b_ub=limits, bounds=[(0, None)] * 3, method="highs")
    prices = -np.asarray(found.ineqlin.marginals)
    return float(-found.fun), prices[: 1 + len(others)], prices[-2:]


def smooth_with_power(
    desired: float, others: np.ndarray, grid: float, generation: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """The same by the CES with power as one member, and by its derivative with respect to each number."""

    def flow(desired: jax.Array, others: jax.Array, grid: jax.Array, generation: jax.Array) -> jax.Array:
        members = jnp.concatenate([jnp.stack([desired]), others, jnp.stack([grid + generation])])
        return branch_flow_gw(members, jnp.asarray(EXPONENT))

    values = [jnp.asarray(value) for value in (desired, others, grid, generation)]
    by_desired, by_others, by_grid, by_generation = jax.grad(flow, argnums=(0, 1, 2, 3))(*values)
    return float(flow(*values)), np.array([by_desired, *by_others]), np.array([by_grid, by_generation])


def apart(members: np.ndarray) -> bool:
    """Whether every two members differ by 5 % or more."""
    ordered = np.sort(members)
    return bool(np.all(ordered[1:] / ordered[:-1] >= 1.05))


SIZES = st.floats(0.2, 20.0, allow_subnormal=False)


@settings(max_examples=60)
@given(SIZES, arrays(np.float64, 4, elements=SIZES), SIZES, SIZES)
def test_a_branch_with_power_is_its_programme_wherever_members_differ(
    desired: float, others: np.ndarray, grid: float, generation: float
) -> None:
    assume(apart(np.array([desired, *others, grid + generation])))
    wanted, smooth = (solve(desired, others, grid, generation) for solve in (with_power, smooth_with_power))
    assert smooth[0] == pytest.approx(wanted[0], rel=1e-12)
    assert smooth[1] == pytest.approx(wanted[1], abs=1e-9)
    # one GW more of grid or of generation is worth what one GW more of their sum is
    assert smooth[2] == pytest.approx(wanted[2], abs=1e-9)


@settings(max_examples=40)
@given(
    st.floats(0.5, 9.0),
    st.lists(st.booleans(), min_size=5, max_size=5).filter(any),
    st.floats(0.1, 0.9),
    st.floats(1.05, 3.0),
)
def test_where_members_tie_prices_lie_in_the_optimal_face(
    least: float, tied: list[bool], share: float, looser: float
) -> None:
    """A tie has many duals, any split of one over whoever ties: feasible, slack where loose, and worth the optimum."""
    members = np.where(tied, least, looser * least)
    desired, others, power = members[0], members[1:4], members[4]
    values = (desired, others, share * power, power - share * power)
    wanted = with_power(*values)[0]
    flow, prices, of_power = smooth_with_power(*values)
    count = sum(tied)
    assert wanted == pytest.approx(least)
    # m equal members flow m^(-1/ρ) of one
    assert flow == pytest.approx(least * count ** (-1 / EXPONENT), rel=1e-12)
    assert of_power[0] == pytest.approx(of_power[1], abs=1e-15)
    every = np.append(prices, of_power[0])
    # dual feasibility of the limit: prices are not negative and sum to one, but for what coordination costs
    assert np.all(every >= 0)
    assert every.sum() == pytest.approx(1, abs=2 * np.log(5) / EXPONENT)
    # complementary slackness: who is loose has no price
    assert every[~np.array(tied)] == pytest.approx(0, abs=1e-9)
    # and the value of all limits at these prices is the flow: scaled to sum to one it is the optimum itself
    assert every @ members / every.sum() == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(("desired", "grid", "generation"), [(5.0, 3.2, 1.6), (5.0, 0.5, 0.4), (1.0, 0.5, 0.4)])
def test_prices_of_the_loop_are_the_derivatives(desired: float, grid: float, generation: float) -> None:
    others = np.array([4.2, 6.0, 3.9])
    flow, prices, of_power = smooth_with_power(desired, others, grid, generation)
    members = jnp.asarray([desired, *others, grid + generation])
    stated = np.asarray(static_shadow_price(jnp.full(5, flow), members, jnp.asarray(EXPONENT)))
    assert stated == pytest.approx(np.append(prices, of_power[0]), abs=1e-12)
