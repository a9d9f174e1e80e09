"""What the grid of a region carries, and how much more of data centres it can take.

Load here is what is drawn from the grid: compute on its own generation neither adds to it nor takes up headroom.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def compute_load_gw(
    connected_compute_gw: Float[Array, "region *world"],
    power_usage_effectiveness: Float[Array, "*world"],
    load_factor: Float[Array, "*world"],
) -> Float[Array, "region *world"]:
    r"""Mean load that AI compute puts on the grid.

    .. math:: \ell = e \, u \, C

    Args:
        connected_compute_gw: :math:`C`, IT power that the grid feeds [GW].
        power_usage_effectiveness: :math:`e`, facility power over IT power [1], >= 1.
        load_factor: :math:`u`, mean draw of IT over its rated power [1], 0..1.

    Returns:
        :math:`\ell` [GW].

    Source:
        Definition of power usage effectiveness; key ``pue_liquid``.
    """
    return connected_compute_gw * power_usage_effectiveness * load_factor


def other_load_gw(
    other_load_gw: Float[Array, "region *world"], load_growth: Float[Array, "region *world"]
) -> Float[Array, "region *world"]:
    r"""Load without AI compute at the end of the quarter.

    .. math:: O' = (1 + g) O

    Args:
        other_load_gw: :math:`O`, homes, industry and ordinary data centres [GW].
        load_growth: :math:`g` [1/quarter], > -1.

    Returns:
        :math:`O'` [GW].

    Source:
        Constant growth; key ``headrace_model``, docs/decisions/007.
    """
    return other_load_gw * (1 + load_growth)


def data_centre_share_of_load(
    compute_load: Float[Array, "region *world"],
    other_load: Float[Array, "region *world"],
    ordinary_share: Float[Array, "region *world"],
) -> tuple[Float[Array, "region *world"], Float[Array, "region *world"]]:
    r"""Load of a region, and the share of it that data centres draw.

    .. math:: L = O + \ell, \quad d = \frac{a O + \ell}{L}

    Args:
        compute_load: :math:`\ell`, load of AI compute [GW].
        other_load: :math:`O`, load without AI compute [GW]; not 0 where :math:`\ell` is.
        ordinary_share: :math:`a`, share of ordinary data centres in :math:`O` [1], 0..1.

    Returns:
        :math:`L` [GW] and :math:`d` [1], 0..1.

    Source:
        Identity; key ``identity``.
    """
    load = other_load + compute_load
    return load, (ordinary_share * other_load + compute_load) / load


def headroom_gw(
    load_gw: Float[Array, "region *world"],
    data_centre_share: Float[Array, "region *world"],
    data_centre_share_limit: Float[Array, "region *world"],
) -> Float[Array, "region *world"]:
    r"""Mean data-centre load that can still be connected before new connections stop.

    Every GW connected raises both data centres and load, so the room is more than the gap in shares times load:

    .. math::
        \frac{d L + H}{L + H} = \bar d \quad \Rightarrow \quad
        H = \max\left(0, \frac{(\bar d - d) L}{1 - \bar d}\right)

    The kink is the economics: a grid beyond its limit connects nothing, it does not disconnect.

    Args:
        load_gw: :math:`L` [GW].
        data_centre_share: :math:`d` [1], 0..1.
        data_centre_share_limit: :math:`\bar d`, share of load at which new connections stop [1], < 1.

    Returns:
        :math:`H` [GW], >= 0.

    Source:
        headrace; key ``headrace_model``, docs/decisions/007.
    """
    return jnp.maximum(0, (data_centre_share_limit - data_centre_share) * load_gw / (1 - data_centre_share_limit))


def grid_headroom(
    headroom: Float[Array, "region *world"], start_headroom: Float[Array, "region *world"]
) -> Float[Array, "region *world"]:
    r"""Headroom relative to the start: how much of its usual rate of connection a grid keeps up.

    .. math:: h = \min(1, H / H_0)

    Growth of other load gives headroom back, and never more than there was: the rate of the start is what the
    crews and lines of the region manage. A grid that was full at the start stays at 0.

    Args:
        headroom: :math:`H` [GW], >= 0.
        start_headroom: :math:`H_0`, at the start [GW], >= 0.

    Returns:
        :math:`h` [1], 0..1.

    Source:
        headrace; key ``headrace_model``, docs/decisions/007.
    """
    had_room = start_headroom > 0
    return jnp.where(had_room, jnp.minimum(1, headroom / jnp.where(had_room, start_headroom, 1)), 0)


def interconnection_factor(
    interconnection_share: Float[Array, "region *world"],
    openness: Float[Array, "region *world"],
    headroom: Float[Array, "region *world"],
) -> Float[Array, "*world"]:
    r"""Share of the world's interconnection that can still be put into service.

    .. math:: \Phi = \sum_r s_r \, o_r \, h_r

    1 where every region is open and none has lost headroom; exactly 0 where every region is closed. What a closed
    region could have connected is not connected elsewhere.

    Args:
        interconnection_share: :math:`s_r`, share of the world's new interconnection at the start [1], sums to 1.
        openness: :math:`o_r` [1], 0..1; 0 is a moratorium.
        headroom: :math:`h_r`, relative to the start [1], 0..1.

    Returns:
        :math:`\Phi` [1], 0..1.

    Source:
        headrace; key ``headrace_model``, docs/decisions/007.
    """
    return jnp.sum(interconnection_share * openness * headroom, axis=0)
