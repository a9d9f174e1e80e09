"""One quarter of the build-out, in the order in which it happens.

Every rule is an equation elsewhere; this file only joins them.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations import adoption, demand, energise, funding, investors, market, orders, rivalry, scarcity
from headrace.equations.bottleneck import static_shadow_price
from headrace.simulation import branches, markets, regions, strategies
from headrace.simulation.delay_line import joined, under_way
from headrace.simulation.state import State
from headrace.variables import BUILDERS, PLAYERS

World = Mapping[str, Array]
"""Parameters by name, and what the start fixed for the run under ``start.*``, worlds last."""

Outputs = dict[str, Array]

N_PLAYERS = len(PLAYERS)

MAKERS_ANSWER = "relief.makers_answer"
"""In a world that is differentiated: how far expansion answers to what is asked about, 0..1, (); all of it without."""


def step(state: State, world: World, quarter: Float[Array, ""]) -> tuple[State, Outputs]:
    """The state after one quarter, and what happened in it.

    Args:
        state: At the end of the quarter before.
        world: Parameters and what the start fixed.
        quarter: Whole quarters since the start: 0 in the first one simulated.

    Returns:
        The next state and the outputs of the quarter by name, axes leading and worlds last: those of the table of
        variables, and a few that later parts of the loop read.
    """
    # 1 Adoption
    adopted = adoption.adoption_fraction(state.adoption, world["adoption.innovation"], world["adoption.imitation"])

    # 2 Compute market clears
    hardware_gw = jnp.sum(state.active_compute_gw * state.compute_quality_index, axis=0)
    used_gw = world["demand.utilisation"] * world["demand.efficiency"] * hardware_gw
    price = demand.compute_price_usd_bn_per_gw_quarter(
        demand.demand_index(adopted, world["national.procurement_share"]),
        used_gw,
        world["start.reference_demand"],
        world["start.reference_effective_compute_gw"],
        world["start.reference_price_usd_bn_per_gw_quarter"],
        world["demand.price_elasticity"],
    )
    revenue = demand.compute_revenue_usd_bn(price, used_gw)
    margin = demand.compute_margin_usd_bn(revenue, world["demand.compute_margin"])
    share = demand.market_share(
        state.market_share,
        state.active_compute_gw,
        state.compute_quality_index,
        world["demand.share_adjustment"],
        world["rivalry.decisiveness"],
        world["rivalry.technology_weight"],
    )

    # 3 Expectation
    growth = rivalry.expected_growth(
        state.expected_growth,
        revenue,
        state.previous_revenue_usd_bn,
        world["expectation.learning_weight"],
        world["expectation.lowest_growth"],
        world["expectation.highest_growth"],
    )
    franchise = funding.grown_from_start(
        world["start.franchise_cash_flow_usd_bn"], world["builder.franchise_growth"], quarter
    )
    pool = rivalry.expected_pool_usd_bn(
        margin, growth, world["expectation.horizon_quarters"], world["rivalry.franchise_at_stake"], franchise
    )

    # 4 and 5 The race, within funding and what investors make of it
    last_market = markets.Market(
        state.log_multiple, state.log_earning_power, state.group_earnings_usd_bn, state.price_growth
    )
    believed = markets.investor_factor(last_market, world)
    payout_share = investors.payout_share(world["builder.payout_share"], believed)
    mean_cash_flow = jnp.mean(state.recent_operating_cash_flow_usd_bn, axis=0)
    programme_quarters = world["funding.external_funding_quarters"]
    shares_sold = believed * funding.announced_programme_usd_bn(
        world["builder.at_the_market_usd_bn"], programme_quarters, quarter
    )
    external = shares_sold + funding.announced_programme_usd_bn(
        world["builder.prepayments_and_leases_usd_bn"], programme_quarters, quarter
    )
    limit = funding.funding_limit_usd_bn(
        mean_cash_flow,
        state.net_debt_usd_bn,
        external,
        payout_share,
        world["funding.reinvestment_share"],
        world["start.debt_limit_years"],
        world["funding.debt_adjustment_quarters"],
        believed * world["funding.debt_room_factor"],
    )
    other = funding.grown_from_start(
        world["start.other_capital_expenditure_usd_bn"], world["funding.other_capex_growth"], quarter
    )
    lower, upper = rivalry.deviation_bounds(
        share[:N_PLAYERS],
        world["rivalry.loss_aversion"],
        world["rivalry.decisiveness"],
        world["rivalry.pool_elasticity"],
    )
    spending = state.ai_capital_expenditure_usd_bn
    watched = rivalry.watched_spending_usd_bn(
        spending, world["start.announced_spending_usd_bn"], world["rivalry.guided_quarters"], quarter
    )
    wanted = rivalry.target_spending_usd_bn(watched, pool, share[:N_PLAYERS], lower, upper)
    if strategies.PLAYED in world:
        wanted = strategies.wanted_spending_usd_bn(wanted, spending, pool, upper, world)
    affordable = jnp.maximum(0, limit - other)
    planned = jnp.concatenate(
        [
            rivalry.planned_spending_usd_bn(
                spending[:N_PLAYERS],
                jnp.minimum(wanted, affordable),
                world["rivalry.adjustment_speed"],
                world["rivalry.fastest_cut"],
                world["rivalry.fastest_rise"],
                world["builder.pause_share"],
            ),
            rivalry.rest_of_world_spending_usd_bn(
                world["builder.rest_of_world.ai_capital_expenditure_usd_bn"],
                world["national.sovereign_demand_usd_bn"],
                world["builder.rest_of_world.growth"],
                quarter,
            )[jnp.newaxis],
        ]
    )
    held = jnp.sum(jnp.where(wanted > affordable, planned[:N_PLAYERS], 0), axis=0)
    all_planned = jnp.sum(planned, axis=0)
    held_by_funding = held / jnp.where(all_planned > 0, all_planned, 1)

    # 6 Orders and payment, 7 shipments
    retired = energise.retired_gw(state.active_compute_gw, world["finance.it_economic_life_quarters"])
    landed_cost = (1 + world["layer.import_duty"]) * state.unit_cost_usd_bn_per_gw
    it_cost, site_cost = branches.unit_costs_usd_bn_per_gw(landed_cost, state.power_use_share)
    it_lead, site_lead = world["orders.it_normal_lead_time_quarters"], world["orders.site_normal_lead_time_quarters"]
    it_orders, site_orders = orders.branch_orders_gw(
        planned,
        it_cost,
        site_cost,
        state.unpowered_it_gw,
        state.empty_shells_gw,
        state.it_backlog_gw,
        state.site_backlog_gw,
        retired,
        it_lead,
        site_lead,
        world["orders.stock_correction"],
        world["orders.supply_line_weight"],
    )
    it_desired = orders.desired_flow_gw(state.it_backlog_gw, it_lead)
    site_desired = orders.desired_flow_gw(state.site_backlog_gw, site_lead)
    regional = {name: getattr(state, name) for name in regions.STOCKS}
    interconnection = regions.interconnection_factor(regional, world)
    capacity = scarcity.usable_capacity_gw(
        state.capacity_gw_per_quarter,
        world["layer.availability"],
        world["layer.recipe_growth"],
        world["recipe.transition_quarters"],
        quarter,
    )
    capacity = capacity.at[branches.GRID].multiply(interconnection)
    exponent = world["bottleneck.substitution_exponent"]
    it_flow, site_flow = branches.branch_flows_gw(it_desired, site_desired, capacity, exponent)
    it_shipments = orders.rationed_gw(it_flow, state.it_backlog_gw)
    site_shipments = orders.rationed_gw(site_flow, state.site_backlog_gw)
    progress_rate = world["orders.progress_rate"]
    it_paid, it_advances = orders.payment_usd_bn(
        it_shipments, state.it_backlog_gw, state.it_advances_usd_bn, it_cost, it_lead, progress_rate
    )
    site_paid, site_advances = orders.payment_usd_bn(
        site_shipments, state.site_backlog_gw, state.site_advances_usd_bn, site_cost, site_lead, progress_rate
    )
    paid = it_paid + site_paid

    # 5 Sources and uses of what was paid
    interest = funding.interest_usd_bn(
        state.net_debt_usd_bn,
        world["start.net_debt_usd_bn"],
        mean_cash_flow,
        world["funding.risk_free_rate"],
        world["funding.spread_at_no_debt"],
        world["funding.spread_per_year_of_debt"],
        world["funding.widest_spread"],
    )
    tax_shield, undeducted = funding.tax_shield_usd_bn(
        paid[:N_PLAYERS],
        state.undeducted_usd_bn,
        world["national.bonus_depreciation_share"],
        world["funding.cash_tax_rate"],
        world["funding.tax_depreciation_rate"],
    )
    cash_flow = funding.operating_cash_flow_usd_bn(franchise, share[:N_PLAYERS], margin, interest, tax_shield)
    capex = funding.capital_expenditure_usd_bn(paid[:N_PLAYERS], other)
    borrowing = funding.borrowing_usd_bn(capex, cash_flow, external, payout_share)
    net_debt = state.net_debt_usd_bn + borrowing

    # 8 Scarcity price and expansion
    use_share = branches.power_use_share(site_flow, capacity, landed_cost)
    flow = branches.by_layer(it_flow, site_flow)
    effective = branches.effective_capacity_gw(capacity)
    tight = scarcity.tightness(
        flow, branches.by_layer(it_desired, site_desired), effective, world["layer.demand_weight"]
    )
    premium = scarcity.scarcity_price(tight, world["layer.scarcity_elasticity"])
    cumulative = state.cumulative_output_gw + flow * use_share
    learnt_cost = scarcity.unit_cost_wright1936(
        cumulative,
        world["start.cumulative_output_gw"],
        world["start.unit_cost_at_balance_usd_bn_per_gw"],
        world["layer.learning_rate"],
    )
    pipeline = under_way(state.expansion_line_gw)
    seen = tight
    if MAKERS_ANSWER in world:  # the same value; of its slope, only this part
        seen = jax.lax.stop_gradient(tight) + world[MAKERS_ANSWER] * (tight - jax.lax.stop_gradient(tight))
    expansion = scarcity.expansion_gw_per_quarter(
        seen,
        state.capacity_gw_per_quarter,
        pipeline,
        world["layer.lead_time_quarters"],
        world["layer.expansion_response"],
        world["layer.trend_growth"],
        world["scarcity.pipeline_weight"],
        world["layer.fastest_growth"],
    )
    arrivals, line = joined(state.expansion_line_gw, expansion, world["layer.lead_time_quarters"])
    next_capacity = scarcity.capacity_gw_per_quarter(state.capacity_gw_per_quarter, arrivals, world["layer.decay"])

    # 9 Energise, 10 stocks
    energised, unpowered, empty = energise.energised_gw(
        state.unpowered_it_gw,
        it_shipments,
        state.empty_shells_gw,
        site_shipments,
        retired,
        world["energise.shell_decay"],
    )
    active, quality = energise.fleet_quality_index(
        state.active_compute_gw,
        state.compute_quality_index,
        retired,
        energised,
        world["energise.frontier_quality_factor"] * state.frontier_quality_index,
    )
    regional, by_region = regions.settled(
        regional, world, jnp.sum(energised, axis=0), jnp.sum(retired, axis=0), use_share[branches.GRID]
    )
    it_backlog = orders.backlog_gw(state.it_backlog_gw, it_orders, it_shipments)
    site_backlog = orders.backlog_gw(state.site_backlog_gw, site_orders, site_shipments)

    # 11 Market
    model_revenue = _layer_revenue(revenue, adopted, world, "model")
    application_revenue = _layer_revenue(revenue, adopted, world, "application")
    delivered = market.delivered_usd_bn(flow, use_share, state.unit_cost_usd_bn_per_gw)
    installed = market.installed_capacity_usd_bn(pipeline, world["layer.lead_time_quarters"], learnt_cost)
    sales = markets.Sales(delivered, installed, revenue, margin, model_revenue, application_revenue)
    next_market, by_group = markets.traded(last_market, world, sales)

    following = State(
        adoption=adopted,
        previous_revenue_usd_bn=revenue,
        expected_growth=growth,
        market_share=share,
        ai_capital_expenditure_usd_bn=paid,
        recent_operating_cash_flow_usd_bn=jnp.concatenate(
            [state.recent_operating_cash_flow_usd_bn[1:], cash_flow[jnp.newaxis]]
        ),
        net_debt_usd_bn=net_debt,
        undeducted_usd_bn=undeducted,
        it_backlog_gw=it_backlog,
        site_backlog_gw=site_backlog,
        it_advances_usd_bn=it_advances,
        site_advances_usd_bn=site_advances,
        unpowered_it_gw=unpowered,
        empty_shells_gw=empty,
        active_compute_gw=active,
        compute_quality_index=quality,
        frontier_quality_index=energise.frontier_quality_index(
            state.frontier_quality_index, world["energise.frontier_quality_growth"]
        ),
        capacity_gw_per_quarter=next_capacity,
        expansion_line_gw=line,
        cumulative_output_gw=cumulative,
        unit_cost_usd_bn_per_gw=learnt_cost * premium,
        power_use_share=use_share,
        **regional,
        log_multiple=next_market.log_multiple,
        log_earning_power=next_market.log_earning_power,
        group_earnings_usd_bn=next_market.earnings_usd_bn,
        price_growth=next_market.price_growth,
    )
    outputs = {
        "capital_expenditure_usd_bn": capex,
        "ai_capital_expenditure_usd_bn": paid,
        "it_payment_usd_bn": it_paid,
        "site_payment_usd_bn": site_paid,
        "other_capital_expenditure_usd_bn": other,
        "planned_ai_capital_expenditure_usd_bn": planned,
        "operating_cash_flow_usd_bn": cash_flow,
        "net_debt_usd_bn": net_debt,
        "borrowing_usd_bn": borrowing,
        "shares_sold_usd_bn": shares_sold,
        "external_funding_usd_bn": external,
        "tax_shield_usd_bn": tax_shield,
        "interest_usd_bn": interest,
        "funding_limit_usd_bn": limit,
        "adoption_fraction": adopted,
        "compute_price_usd_bn_per_gw_quarter": price,
        "compute_revenue_usd_bn": revenue,
        "model_revenue_usd_bn": model_revenue,
        "application_revenue_usd_bn": application_revenue,
        "compute_margin_usd_bn": margin,
        "expected_growth": growth,
        "expected_pool_usd_bn": pool,
        "spend_to_pool_ratio": rivalry.spend_to_pool_ratio(spending, pool),
        "cooperative_ratio": rivalry.nash_ratio(1, world["rivalry.decisiveness"], world["rivalry.pool_elasticity"]),
        "nash_ratio": rivalry.nash_ratio(
            len(BUILDERS), world["rivalry.decisiveness"], world["rivalry.pool_elasticity"]
        ),
        "overspend_factor": rivalry.overspend_factor(
            len(BUILDERS), world["rivalry.decisiveness"], world["rivalry.pool_elasticity"]
        ),
        "band_top_ratio": jnp.min(upper, axis=0),
        "band_bottom_ratio": jnp.max(lower, axis=0),
        "market_share": share,
        "it_orders_gw": it_orders,
        "site_orders_gw": site_orders,
        "it_backlog_gw": it_backlog,
        "site_backlog_gw": site_backlog,
        "it_advances_usd_bn": it_advances,
        "site_advances_usd_bn": site_advances,
        "it_desired_flow_gw": it_desired,
        "site_desired_flow_gw": site_desired,
        "it_shipments_gw": it_shipments,
        "site_shipments_gw": site_shipments,
        "it_lead_time_quarters": orders.lead_time_quarters(jnp.sum(state.it_backlog_gw, axis=0), it_flow),
        "site_lead_time_quarters": orders.lead_time_quarters(jnp.sum(state.site_backlog_gw, axis=0), site_flow),
        "it_unit_cost_usd_bn_per_gw": it_cost,
        "site_unit_cost_usd_bn_per_gw": site_cost,
        "unpowered_it_gw": unpowered,
        "empty_shells_gw": empty,
        "energised_gw": energised,
        "active_compute_gw": active,
        "it_retired_gw": retired,
        "compute_quality_index": quality,
        "frontier_quality_index": state.frontier_quality_index,
        "capacity_gw_per_quarter": capacity,
        "expansion_gw_per_quarter": expansion,
        "pipeline_gw_per_quarter": pipeline,
        "tightness": tight,
        "scarcity_price": premium,
        "unit_cost_usd_bn_per_gw": state.unit_cost_usd_bn_per_gw,
        "static_shadow_price": static_shadow_price(flow, effective, exponent),
        "power_use_share": use_share,
        "delivered_usd_bn": delivered,
        "installed_capacity_usd_bn": installed,
        **by_region,
        "investor_factor": believed,
        "payout_share": payout_share,
        **by_group,
    }
    unnamed = {
        "held_by_funding": held_by_funding,
        "mean_operating_cash_flow_usd_bn": mean_cash_flow,
        "it_economic_life_quarters": world["finance.it_economic_life_quarters"],
    }
    return following, outputs | unnamed


def _layer_revenue(revenue: Array, adopted: Array, world: World, layer: str) -> Array:
    return demand.layer_revenue_usd_bn(
        revenue,
        adopted,
        world["start.reference_adoption"],
        world[f"demand.{layer}_revenue_ratio_now"],
        world[f"demand.{layer}_revenue_ratio_long_run"],
    )
