"""What a world holds from one quarter to the next. Nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass

import jax
from jaxtyping import Array, Float


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class State:
    """Stocks and memories at the end of a quarter; builders, players, layers, regions or groups first, worlds last."""

    adoption: Float[Array, "world"]
    previous_revenue_usd_bn: Float[Array, "world"]
    expected_growth: Float[Array, "world"]
    market_share: Float[Array, "builder world"]
    ai_capital_expenditure_usd_bn: Float[Array, "builder world"]
    recent_operating_cash_flow_usd_bn: Float[Array, "recent player world"]
    net_debt_usd_bn: Float[Array, "player world"]
    undeducted_usd_bn: Float[Array, "player world"]
    it_backlog_gw: Float[Array, "builder world"]
    site_backlog_gw: Float[Array, "builder world"]
    it_advances_usd_bn: Float[Array, "builder world"]
    site_advances_usd_bn: Float[Array, "builder world"]
    unpowered_it_gw: Float[Array, "builder world"]
    empty_shells_gw: Float[Array, "builder world"]
    active_compute_gw: Float[Array, "builder world"]
    compute_quality_index: Float[Array, "builder world"]
    frontier_quality_index: Float[Array, "world"]
    capacity_gw_per_quarter: Float[Array, "layer world"]
    expansion_line_gw: Float[Array, "slot layer world"]
    cumulative_output_gw: Float[Array, "layer world"]
    unit_cost_usd_bn_per_gw: Float[Array, "layer world"]
    power_use_share: Float[Array, "layer world"]
    regional_compute_gw: Float[Array, "region world"]
    regional_connected_gw: Float[Array, "region world"]
    regional_other_load_gw: Float[Array, "region world"]
    log_multiple: Float[Array, "group world"]
    log_earning_power: Float[Array, "group world"]
    group_earnings_usd_bn: Float[Array, "group world"]
    price_growth: Float[Array, "group world"]
