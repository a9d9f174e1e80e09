"""IT meets a powered shell: what is energised, what waits, what retires, how good the fleet is.

A shell outlives its IT: retiring IT frees the shell it stood in.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def retired_gw(
    active_compute_gw: Float[Array, "builder *world"], economic_life_quarters: Float[Array, "*world"]
) -> Float[Array, "builder *world"]:
    r"""Active IT that reaches the end of its economic life.

    .. math:: K / N

    Args:
        active_compute_gw: :math:`K` [GW].
        economic_life_quarters: :math:`N` [quarter], >= 1.

    Returns:
        Retired [GW/quarter].

    Source:
        Geometric retirement; key ``headrace_model``, docs/decisions/004.
    """
    return active_compute_gw / economic_life_quarters


def energised_gw(
    unpowered_it_gw: Float[Array, "builder *world"],
    it_shipments_gw: Float[Array, "builder *world"],
    empty_shells_gw: Float[Array, "builder *world"],
    site_shipments_gw: Float[Array, "builder *world"],
    retired: Float[Array, "builder *world"],
    shell_decay: Float[Array, "*world"],
) -> tuple[Float[Array, "builder *world"], Float[Array, "builder *world"], Float[Array, "builder *world"]]:
    r"""IT energised in the quarter, and what is left waiting on either side.

    .. math::
        A = \min(W + S_{it}, \; (1 - \delta) Z + S_{site} + K/N), \quad
        W' = W + S_{it} - A, \quad Z' = (1 - \delta) Z + S_{site} + K/N - A

    One of the two stocks is zero.

    Args:
        unpowered_it_gw: :math:`W` [GW].
        it_shipments_gw: :math:`S_{it}` [GW/quarter].
        empty_shells_gw: :math:`Z` [GW].
        site_shipments_gw: :math:`S_{site}` [GW/quarter].
        retired: :math:`K/N`, IT retired, whose shells are free [GW/quarter].
        shell_decay: :math:`\delta`, empty shells lost in a quarter [1/quarter].

    Returns:
        :math:`A` [GW/quarter], :math:`W'` [GW] and :math:`Z'` [GW].

    Source:
        Leontief (1936) fixed proportions; key ``leontief1936``.
    """
    machines = unpowered_it_gw + it_shipments_gw
    shells = (1 - shell_decay) * empty_shells_gw + site_shipments_gw + retired
    energised = jnp.minimum(machines, shells)
    return energised, machines - energised, shells - energised


def frontier_quality_index(
    frontier_quality: Float[Array, "*world"], frontier_quality_growth: Float[Array, "*world"]
) -> Float[Array, "*world"]:
    r"""Compute per GW of the hardware sold next quarter.

    .. math:: Q_f' = Q_f (1 + q_g)

    Args:
        frontier_quality: :math:`Q_f`, relative to the fleet at the start [1].
        frontier_quality_growth: :math:`q_g` [1/quarter].

    Returns:
        :math:`Q_f'` [1].

    Source:
        Exponential progress, Epoch AI chip data; key ``epoch_chip_counts``.
    """
    return frontier_quality * (1 + frontier_quality_growth)


def fleet_quality_index(
    active_compute_gw: Float[Array, "builder *world"],
    quality_index: Float[Array, "builder *world"],
    retired: Float[Array, "builder *world"],
    energised: Float[Array, "builder *world"],
    frontier_quality: Float[Array, "*world"],
) -> tuple[Float[Array, "builder *world"], Float[Array, "builder *world"]]:
    r"""Active compute and its mean quality at the end of the quarter.

    .. math:: K' = K - K/N + A, \quad Q' = \frac{(K - K/N) Q + A Q_f}{K'}

    Args:
        active_compute_gw: :math:`K` [GW].
        quality_index: :math:`Q` [1].
        retired: :math:`K/N` [GW/quarter].
        energised: :math:`A` [GW/quarter].
        frontier_quality: :math:`Q_f` [1].

    Returns:
        :math:`K'` [GW], > 0 where K > 0, and :math:`Q'` [1].

    Source:
        Mass balance; key ``identity``.
    """
    kept = active_compute_gw - retired
    active = kept + energised
    return active, (kept * quality_index + energised * frontier_quality) / active
