"""How the capacities of a branch combine into one flow, and what a little more of each is worth this quarter.

A smooth minimum: several members tight at once cost something, one loose member costs nothing. Power enters the site
branch once, as grid plus generation.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax.nn import logsumexp
from jaxtyping import Array, Bool, Float

from headrace.equations.powers import power


def branch_flow_gw(
    member_flow_gw: Float[Array, "member *world"], substitution_exponent: Float[Array, "*world"]
) -> Float[Array, "*world"]:
    r"""Flow through a branch: a CES of what is wanted and what each member can do, never above the smallest.

    .. math:: S = \left(D^{-\rho} + \sum_k K_k^{-\rho}\right)^{-1/\rho}

    :math:`\rho \to \infty` is the Leontief minimum; :math:`m` equal members give :math:`m^{-1/\rho}` of one.
    Computed as a log-sum-exp.

    Args:
        member_flow_gw: :math:`D`, what is wanted, and :math:`K_k`, the capacity of each member; what is wanted may be
            left out for the flow that capacities alone allow [GW/quarter], > 0.
        substitution_exponent: :math:`\rho` [1], > 0.

    Returns:
        :math:`S` [GW/quarter].

    Source:
        Arrow, Chenery, Minhas and Solow (1961); key ``arrow1961``.
    """
    logs = jnp.log(member_flow_gw)
    return jnp.exp(-logsumexp(-substitution_exponent * logs, axis=0) / substitution_exponent)


def static_shadow_price(
    flow_gw: Float[Array, "member *world"],
    capacity_gw: Float[Array, "member *world"],
    substitution_exponent: Float[Array, "*world"],
) -> Float[Array, "member *world"]:
    r"""Flow gained this quarter by one more unit of a member.

    .. math:: \partial S / \partial K_k = (S / K_k)^{\rho + 1}

    Args:
        flow_gw: :math:`S` of the branch of each member [GW/quarter].
        capacity_gw: :math:`K_k`; for grid or generation, their sum [GW/quarter].
        substitution_exponent: :math:`\rho` [1].

    Returns:
        The derivative [1], 0..1.

    Source:
        Derivative of the CES; key ``arrow1961``.
    """
    return power(flow_gw / capacity_gw, substitution_exponent + 1)


def power_use_shares(
    flow_gw: Float[Array, "*world"],
    grid_capacity_gw: Float[Array, "*world"],
    generation_capacity_gw: Float[Array, "*world"],
    grid_is_cheaper: Bool[Array, "*world"],
) -> tuple[Float[Array, "*world"], Float[Array, "*world"]]:
    r"""Shares of new power from the grid and from generation on site: cheapest first, up to capacity.

    .. math:: w_1 = \min(1, K_1 / S), \quad w_2 = 1 - w_1

    Exactly 1 and 0 where the cheaper one can serve all.

    Args:
        flow_gw: :math:`S`, new powered shells [GW/quarter], > 0 and at most the sum of both capacities.
        grid_capacity_gw: New interconnection [GW/quarter].
        generation_capacity_gw: New generation on site [GW/quarter].
        grid_is_cheaper: Whether the grid is taken first [1].

    Returns:
        Shares of grid and of generation [1]; they sum to 1.

    Source:
        Merit order; key ``headrace_model``, docs/decisions/004.
    """
    grid_first = jnp.minimum(1, grid_capacity_gw / flow_gw)
    grid_last = 1 - jnp.minimum(1, generation_capacity_gw / flow_gw)
    grid = jnp.where(grid_is_cheaper, grid_first, grid_last)
    return grid, 1 - grid
