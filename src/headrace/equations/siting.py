"""Where new compute goes: what draws it to a region, and how the stock of each region follows.

Retired IT is replaced where it stood; only what comes on top is sited.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations.powers import power


def attraction(
    room: Float[Array, "region *world"],
    policy_weight: Float[Array, "region *world"],
    electricity_price_usd_per_mwh: Float[Array, "region *world"],
    price_elasticity: Float[Array, "*world"],
) -> Float[Array, "region *world"]:
    r"""What draws new compute to a region: room, policy and price.

    .. math:: v_r = b_r \, m_r \, (P_r / \min_q P_q)^{-\epsilon}

    A logit in the logarithm of price. The cheapest region sets the scale, which falls out of the shares.

    Args:
        room: :math:`b_r`, what the region can take relative to others [1], >= 0.
        policy_weight: :math:`m_r`, preference from incentives or mandates [1], >= 0.
        electricity_price_usd_per_mwh: :math:`P_r` [USD/MWh], > 0.
        price_elasticity: :math:`\epsilon` [1], >= 0.

    Returns:
        :math:`v_r` [1].

    Source:
        Conditional logit, McFadden (1974); key ``mcfadden1974``.
    """
    cheapest = jnp.min(electricity_price_usd_per_mwh, axis=0)
    return room * policy_weight * power(electricity_price_usd_per_mwh / cheapest, -price_elasticity)


def regional_share(
    weight: Float[Array, "region *world"], otherwise: Float[Array, "region *world"]
) -> Float[Array, "region *world"]:
    r"""Share of each region in a sum over regions.

    .. math:: w_r = v_r / \textstyle\sum_q v_q

    Args:
        weight: :math:`v_r`, in any unit [1], >= 0.
        otherwise: Shares where no region has any weight [1]; sum to 1.

    Returns:
        :math:`w_r` [1]; sum to 1.

    Source:
        Identity; key ``identity``.
    """
    total = jnp.sum(weight, axis=0)
    some = total > 0
    return jnp.where(some, weight / jnp.where(some, total, 1), otherwise)


def siting_weight(
    grid_share: Float[Array, "region *world"],
    on_site_share: Float[Array, "region *world"],
    grid_use_share: Float[Array, "*world"],
) -> Float[Array, "region *world"]:
    r"""Share of net additions that goes to a region.

    .. math:: w_r = \gamma \, w_r^{grid} + (1 - \gamma) \, w_r^{site}

    Args:
        grid_share: :math:`w_r^{grid}`, share in what the grid feeds [1].
        on_site_share: :math:`w_r^{site}`, share in what generation on site feeds [1].
        grid_use_share: :math:`\gamma`, share of new power that comes from the grid [1], 0..1.

    Returns:
        :math:`w_r` [1]; sum to 1.

    Source:
        Identity; key ``identity``.
    """
    return grid_use_share * grid_share + (1 - grid_use_share) * on_site_share


def regional_energised_gw(
    regional_compute_gw: Float[Array, "region *world"],
    siting: Float[Array, "region *world"],
    energised: Float[Array, "*world"],
    retired: Float[Array, "*world"],
) -> Float[Array, "region *world"]:
    r"""GW energised in a region: replaced in place, and its share of what comes on top.

    .. math:: A_r = \frac{K_r}{\sum_q K_q} \min(A, R) + w_r \max(0, A - R)

    Args:
        regional_compute_gw: :math:`K_r` [GW]; their sum is > 0.
        siting: :math:`w_r` [1]; sum to 1.
        energised: :math:`A`, in the world [GW/quarter].
        retired: :math:`R`, in the world [GW/quarter].

    Returns:
        :math:`A_r` [GW/quarter]; sum to :math:`A`.

    Source:
        Mass balance; key ``identity``.
    """
    in_place = regional_compute_gw / jnp.sum(regional_compute_gw, axis=0)
    return in_place * jnp.minimum(energised, retired) + siting * jnp.maximum(0, energised - retired)


def regional_compute_gw(
    compute_gw: Float[Array, "region *world"],
    world_compute_gw: Float[Array, "*world"],
    siting: Float[Array, "region *world"],
    energised: Float[Array, "*world"],
    retired: Float[Array, "*world"],
) -> Float[Array, "region *world"]:
    r"""Compute of a region at the end of the quarter, or the part of it that the grid feeds.

    .. math:: K_r' = K_r - \frac{K_r}{K} \max(0, R - A) + w_r \max(0, A - R)

    With :math:`R = K/N` this is :math:`K_r - K_r/N + (K_r/N) \min(1, A/R) + w_r \max(0, A - R)`: a decline of the
    world falls on each region in proportion to what it retires.

    Args:
        compute_gw: :math:`K_r`, all of it or a part [GW].
        world_compute_gw: :math:`K`, all of it, in the world [GW], > 0.
        siting: :math:`w_r`, of all net additions or of that part [1].
        energised: :math:`A`, in the world [GW/quarter].
        retired: :math:`R`, in the world [GW/quarter], at most :math:`K`.

    Returns:
        :math:`K_r'` [GW], >= 0.

    Source:
        Mass balance; key ``identity``.
    """
    kept = 1 - jnp.maximum(0, retired - energised) / world_compute_gw
    return kept * compute_gw + siting * jnp.maximum(0, energised - retired)
