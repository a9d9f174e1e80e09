"""From plans to orders, from orders to deliveries, from deliveries to payments.

What is ordered and not delivered is backlog; what is paid and not delivered is an advance. Orders of a quarter can
be delivered from the next quarter on.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def branch_orders_gw(
    planned_usd_bn: Float[Array, "builder *world"],
    it_unit_cost_usd_bn_per_gw: Float[Array, "*world"],
    site_unit_cost_usd_bn_per_gw: Float[Array, "*world"],
    unpowered_it_gw: Float[Array, "builder *world"],
    empty_shells_gw: Float[Array, "builder *world"],
    it_backlog_gw: Float[Array, "builder *world"],
    site_backlog_gw: Float[Array, "builder *world"],
    retired_gw: Float[Array, "builder *world"],
    it_normal_lead_time_quarters: Float[Array, "*world"],
    site_normal_lead_time_quarters: Float[Array, "*world"],
    stock_correction: Float[Array, "*world"],
    supply_line_weight: Float[Array, "*world"],
) -> tuple[Float[Array, "builder *world"], Float[Array, "builder *world"]]:
    r"""GW of IT and of powered shells that the planned money orders.

    .. math::
        d_{it} = \frac{x' + c_{site} K/N}{c_{it} + c_{site}}, \; d_{site} = d_{it} - K/N, \quad
        e = \alpha_s \left[W + b (B_{it} - L^*_{it} d_{it}) - Z - b (B_{site} - L^*_{site} d_{site})\right], \quad
        O_{it} = d_{it} - e \frac{c_{site}}{c_{it} + c_{site}}, \quad
        O_{site} = d_{site} + e \frac{c_{it}}{c_{it} + c_{site}}

    IT that retires leaves its shell to the IT that follows, so shells are bought for the rest of the IT alone; stocks
    and supply lines are corrected around that. The correction moves money between branches, never changes its sum, and
    never makes an order negative.

    Args:
        planned_usd_bn: :math:`x'` [USD bn/quarter], >= 0.
        it_unit_cost_usd_bn_per_gw: :math:`c_{it}` [USD bn/GW], > 0.
        site_unit_cost_usd_bn_per_gw: :math:`c_{site}` [USD bn/GW], > 0.
        unpowered_it_gw: :math:`W` [GW].
        empty_shells_gw: :math:`Z` [GW].
        it_backlog_gw: :math:`B_{it}` [GW].
        site_backlog_gw: :math:`B_{site}` [GW].
        retired_gw: :math:`K/N`, IT that retires in a quarter [GW/quarter].
        it_normal_lead_time_quarters: :math:`L^*_{it}` [quarter].
        site_normal_lead_time_quarters: :math:`L^*_{site}` [quarter].
        stock_correction: :math:`\alpha_s` [1], 0..1.
        supply_line_weight: :math:`b` [1], 0..1.

    Returns:
        IT orders and site orders [GW/quarter].

    Source:
        Stock management with a supply line, Sterman (1989), Management Science 35(3), 321-339; key ``sterman1989``.
    """
    both = it_unit_cost_usd_bn_per_gw + site_unit_cost_usd_bn_per_gw
    balanced_it = (planned_usd_bn + site_unit_cost_usd_bn_per_gw * retired_gw) / both
    balanced_site = balanced_it - retired_gw
    it_ahead = unpowered_it_gw + supply_line_weight * (it_backlog_gw - it_normal_lead_time_quarters * balanced_it)
    site_ahead = empty_shells_gw + supply_line_weight * (
        site_backlog_gw - site_normal_lead_time_quarters * balanced_site
    )
    most_to_site = planned_usd_bn / site_unit_cost_usd_bn_per_gw
    most_to_it = planned_usd_bn / it_unit_cost_usd_bn_per_gw
    # Shells to be ordered beyond IT: those that stocks ask for, less those that come back.
    correction = jnp.clip(stock_correction * (it_ahead - site_ahead) - retired_gw, -most_to_it, most_to_site)
    # Written so that an order at the clip is exactly 0: a backlog of less than nothing cannot be shared.
    it_orders = (most_to_site - correction) * site_unit_cost_usd_bn_per_gw / both
    site_orders = (most_to_it + correction) * it_unit_cost_usd_bn_per_gw / both
    return it_orders, site_orders


def desired_flow_gw(
    backlog_gw: Float[Array, "builder *world"], normal_lead_time_quarters: Float[Array, "*world"]
) -> Float[Array, "*world"]:
    r"""Deliveries that would clear the backlog within its normal lead time.

    .. math:: D_b = B_b / L^*_b

    Args:
        backlog_gw: :math:`B_b` by builder [GW], sum > 0.
        normal_lead_time_quarters: :math:`L^*_b` [quarter], >= 1, so that no more is delivered than was ordered.

    Returns:
        :math:`D_b` [GW/quarter].

    Source:
        Little (1961); key ``little1961``.
    """
    return jnp.sum(backlog_gw, axis=0) / normal_lead_time_quarters


def rationed_gw(
    flow_gw: Float[Array, "*world"], backlog_gw: Float[Array, "builder *world"]
) -> Float[Array, "builder *world"]:
    r"""Deliveries by builder: a short supply shared in proportion to backlog.

    .. math:: S_{b,i} = S_b \, B_{b,i} / B_b

    Args:
        flow_gw: :math:`S_b` [GW/quarter].
        backlog_gw: :math:`B_{b,i}` [GW], sum > 0.

    Returns:
        :math:`S_{b,i}` [GW/quarter].

    Source:
        Proportional allocation, Cachon and Lariviere (1999); key ``cachon1999``.
    """
    return flow_gw * backlog_gw / jnp.sum(backlog_gw, axis=0)


def backlog_gw(
    backlog: Float[Array, "builder *world"],
    orders_gw: Float[Array, "builder *world"],
    shipments_gw: Float[Array, "builder *world"],
) -> Float[Array, "builder *world"]:
    r"""Backlog at the end of the quarter.

    .. math:: B' = B + O - S

    Args:
        backlog: :math:`B` [GW].
        orders_gw: :math:`O` [GW/quarter].
        shipments_gw: :math:`S` [GW/quarter], at most B.

    Returns:
        :math:`B'` [GW].

    Source:
        Identity; key ``identity``.
    """
    return backlog + orders_gw - shipments_gw


def lead_time_quarters(backlog: Float[Array, "*world"], flow_gw: Float[Array, "*world"]) -> Float[Array, "*world"]:
    r"""Mean wait of what is on order.

    .. math:: L = B / S

    Args:
        backlog: :math:`B` [GW].
        flow_gw: :math:`S` [GW/quarter], > 0.

    Returns:
        :math:`L` [quarter].

    Source:
        Little (1961), Operations Research 9(3), 383-387; key ``little1961``.
    """
    return backlog / flow_gw


def payment_usd_bn(
    shipments_gw: Float[Array, "builder *world"],
    backlog: Float[Array, "builder *world"],
    advances_usd_bn: Float[Array, "builder *world"],
    unit_cost_usd_bn_per_gw: Float[Array, "*world"],
    normal_lead_time_quarters: Float[Array, "*world"],
    progress_rate: Float[Array, "*world"],
) -> tuple[Float[Array, "builder *world"], Float[Array, "builder *world"]]:
    r"""Cash paid for one branch, and advances at the end of the quarter.

    .. math::
        v = \min(V \frac{S}{B}, c S), \quad y = \psi \frac{\max(0, c (B - S) - (V - v))}{L^*}, \quad
        \mathrm{paid} = c S - v + y, \quad V' = V + y - v

    Progress is paid on what is still on order after the quarter's deliveries. No supplier pays back: where prices have
    fallen below what was advanced, the excess stays a credit. Over the life of an order everything is
    paid once: the sum of payments is deliveries at price plus the change of advances.

    Args:
        shipments_gw: :math:`S` [GW/quarter].
        backlog: :math:`B` before orders of the quarter [GW], >= 0; who has nothing on order draws nothing.
        advances_usd_bn: :math:`V`, paid and not delivered [USD bn].
        unit_cost_usd_bn_per_gw: :math:`c` [USD bn/GW].
        normal_lead_time_quarters: :math:`L^*` [quarter].
        progress_rate: :math:`\psi`, share of the unpaid backlog paid over a normal lead time [1].

    Returns:
        Payment [USD bn/quarter] and :math:`V'` [USD bn].

    Source:
        Percentage-of-completion accounting; key ``headrace_model``, docs/decisions/004.
    """
    delivered = unit_cost_usd_bn_per_gw * shipments_gw
    some = backlog > 0
    drawn = jnp.minimum(advances_usd_bn * (shipments_gw / jnp.where(some, backlog, 1)), delivered)
    kept = advances_usd_bn - drawn
    unpaid = jnp.maximum(0, unit_cost_usd_bn_per_gw * (backlog - shipments_gw) - kept)
    progress = progress_rate * unpaid / normal_lead_time_quarters
    return delivered - drawn + progress, kept + progress
