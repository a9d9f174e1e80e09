"""The world at the start: filed where filings say it, drawn where they do not, solved so that the first quarter closes.

The first quarter pays exactly what was planned. Money planned is filed and reasoned; the GW it buys are judged. What
seeds would pay differs from the plan by a gap, and the gap is taken by unit cost and by the scale of capacities and
backlogs together, each in proportion to how uncertain it is. Every flow is linear in that scale, so the solution is
exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations import adoption, demand, orders, scarcity
from headrace.periods import quarter_index
from headrace.simulation import branches, markets, regions
from headrace.simulation.delay_line import filled
from headrace.simulation.state import State
from headrace.simulation.step import N_PLAYERS, step
from headrace.units import QUARTERS_PER_YEAR

START_QUARTER = "2026Q2"
"""Last quarter as filed of the baseline; the seeds of the start are of this date."""

LAUNCH_QUARTER = "2022Q4"
"""First quarter with adopters: a general assistant was opened to the public on 30 November 2022."""

MOST_QUARTERS_SINCE_LAUNCH = 60
"""Quarters that adoption is followed before a start."""


def quarters_since_launch(quarter: str) -> int:
    """Quarters with adopters up to ``quarter``, 1 in that of the launch."""
    return quarter_index(quarter) - quarter_index(LAUNCH_QUARTER) + 1


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class FiledStart:
    """What filings say of the players at the start.

    Attributes:
        capital_expenditure_usd_bn: Cash capital expenditure of every quarter from the first vintage to the start,
        (past, player).
        operating_cash_flow_usd_bn: Of the quarter of the start and the three before, (4, player).
        quarters_since_launch: Quarters with adopters up to that of the start, 1 .. MOST_QUARTERS_SINCE_LAUNCH.
    """

    capital_expenditure_usd_bn: Float[Array, "past player"]
    operating_cash_flow_usd_bn: Float[Array, "recent player"]
    quarters_since_launch: Float[Array, ""] | float = float(quarters_since_launch(START_QUARTER))


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Closure:
    """How the start was closed, by world.

    Attributes:
        filed_capex_usd_bn: Capital expenditure at the start: filed by players, judged for the rest of the world,
        (builder, world).
        ai_share: Share of it that is AI, (builder, world).
        seeds_pay_usd_bn: What the seeds would have paid, (builder, world).
        cost_factor: What unit costs were multiplied by, (world,).
        capacity_factor: What capacities and backlogs were multiplied by, (world,).
    """

    filed_capex_usd_bn: Float[Array, "builder world"]
    ai_share: Float[Array, "builder world"]
    seeds_pay_usd_bn: Float[Array, "builder world"]
    cost_factor: Float[Array, "world"]
    capacity_factor: Float[Array, "world"]


def opening(arrays: Mapping[str, Array], filed: FiledStart) -> tuple[State, dict[str, Array], Closure]:
    """State before the first quarter, the world's parameters with what the start fixes, and how it was closed.

    Args:
        arrays: Parameters on their axes, from :func:`headrace.simulation.worlds.stacked`.
        filed: What filings say.

    Returns:
        State, world and closure.
    """
    world = dict(arrays)
    seeds = _seeds(world, filed)
    outputs = step(seeds, world, jnp.zeros_like(seeds.adoption[0]))[1]
    planned = outputs["planned_ai_capital_expenditure_usd_bn"]
    # Who holds which part of a backlog changes who pays, not what is paid: advances are a like share of each backlog.
    total = jnp.sum(outputs["ai_capital_expenditure_usd_bn"], axis=0)
    paid = total * planned / jnp.sum(planned, axis=0)
    seeds = _backlogs_shared_by(seeds, planned)
    gap = jnp.log(jnp.sum(planned, axis=0) / total)
    cost_factor = jnp.exp(world["start.cost_share_of_gap"] * gap)
    capacity_factor = jnp.exp((1 - world["start.cost_share_of_gap"]) * gap)
    world["start.unit_cost_at_balance_usd_bn_per_gw"] = world["start.unit_cost_at_balance_usd_bn_per_gw"] * cost_factor
    rest = seeds.ai_capital_expenditure_usd_bn[N_PLAYERS:]
    capex = filed.capital_expenditure_usd_bn[-1][:, jnp.newaxis] + jnp.zeros_like(world["builder.ai_share"])
    closure = Closure(
        filed_capex_usd_bn=jnp.concatenate([capex, rest]),
        ai_share=jnp.concatenate([world["builder.ai_share"], jnp.ones_like(rest)]),
        seeds_pay_usd_bn=paid,
        cost_factor=cost_factor,
        capacity_factor=capacity_factor,
    )
    opened, fixed = markets.opened(world, _sales(outputs, seeds, cost_factor * capacity_factor))
    world |= fixed
    scaled = _scaled(seeds, cost_factor, capacity_factor)
    return _with_market(scaled, opened), world, closure


def _market_before_trade(world: dict[str, Array]) -> dict[str, Array]:
    """Multiples of the start, and nothing remembered; fills what the first look at investors reads."""
    log_multiple = jnp.log(world["group.start_multiple"])
    nothing = jnp.zeros_like(log_multiple)
    world["start.log_long_run_multiple"] = nothing
    world["start.builder_log_multiple"] = log_multiple[markets.COMPUTE]
    memory = ("log_earning_power", "group_earnings_usd_bn", "price_growth")
    return {"log_multiple": log_multiple, **dict.fromkeys(memory, nothing)}


def _sales(outputs: Mapping[str, Array], seeds: State, factor: Array) -> markets.Sales:
    """Sales of the quarter of the start: those of the first quarter, in proportion to what was spent and earned then.

    Args:
        outputs: Of the first quarter from judged seeds.
        seeds: What it began with.
        factor: From judged seeds to the solved start.
    """
    spent = jnp.sum(seeds.ai_capital_expenditure_usd_bn, axis=0)
    supplied = factor * spent / jnp.sum(outputs["planned_ai_capital_expenditure_usd_bn"], axis=0)
    earned = seeds.previous_revenue_usd_bn / outputs["compute_revenue_usd_bn"]
    names = ("compute_revenue_usd_bn", "compute_margin_usd_bn", "model_revenue_usd_bn", "application_revenue_usd_bn")
    return markets.Sales(
        supplied * outputs["delivered_usd_bn"],
        supplied * outputs["installed_capacity_usd_bn"],
        *(earned * outputs[name] for name in names),
    )


def _with_market(state: State, opened: markets.Market) -> State:
    return replace(
        state,
        log_multiple=opened.log_multiple,
        log_earning_power=opened.log_earning_power,
        group_earnings_usd_bn=opened.earnings_usd_bn,
        price_growth=opened.price_growth,
    )


def _seeds(world: dict[str, Array], filed: FiledStart) -> State:
    """State at judged capacities; fills the ``start.*`` entries of ``world``."""
    worlds = world["adoption.imitation"].shape[-1]
    dtype = world["adoption.imitation"].dtype
    capex = filed.capital_expenditure_usd_bn[-1][:, jnp.newaxis]
    rest_of_world = (
        world["builder.rest_of_world.ai_capital_expenditure_usd_bn"] + world["national.sovereign_demand_usd_bn"]
    )
    world["start.rest_of_world_spending_usd_bn"] = rest_of_world
    ai_spending = jnp.concatenate([capex * world["builder.ai_share"], rest_of_world[jnp.newaxis]])
    guided_growth = jnp.concatenate([world["builder.guided_growth"], jnp.zeros((1, worlds), dtype)])
    world["start.announced_spending_usd_bn"] = ai_spending * (1 + guided_growth)
    share = ai_spending / jnp.sum(ai_spending, axis=0)
    active = share * world["start.active_compute_gw"]

    adopted, reference_adoption = _adoption_at_start_and_reference(world, filed.quarters_since_launch)
    utilisation = world["demand.reference_utilisation"] * world["demand.utilisation"]
    reference_gw = utilisation * world["demand.efficiency"] * world["start.active_compute_gw"]
    revenue = world["demand.reference_revenue_usd_bn"]
    world["start.reference_adoption"] = reference_adoption
    world["start.reference_demand"] = demand.demand_index(reference_adoption, world["national.procurement_share"])
    world["start.reference_effective_compute_gw"] = reference_gw
    world["start.reference_price_usd_bn_per_gw_quarter"] = revenue / reference_gw

    cash_flow = filed.operating_cash_flow_usd_bn[:, :, jnp.newaxis] + jnp.zeros(worlds, dtype)
    mean_cash_flow = jnp.mean(cash_flow, axis=0)
    margin = world["demand.compute_margin"] * revenue / (1 + world["expectation.initial_growth"])
    debt_years = world["builder.net_debt_usd_bn"] / (QUARTERS_PER_YEAR * mean_cash_flow)
    world["start.net_debt_usd_bn"] = world["builder.net_debt_usd_bn"]
    world["start.franchise_cash_flow_usd_bn"] = mean_cash_flow - share[:N_PLAYERS] * margin
    world["start.debt_limit_years"] = jnp.maximum(
        world["builder.debt_limit_years"], debt_years * (1 + world["funding.debt_limit_headroom"])
    )
    world["start.other_capital_expenditure_usd_bn"] = (capex - ai_spending[:N_PLAYERS]) * (
        1 + world["funding.other_capex_growth"]
    )
    world["start.cumulative_output_gw"] = jnp.broadcast_to(
        world["start.cumulative_output_gw"], world["layer.decay"].shape
    )

    capacity = world["layer.capacity_gw"]
    it_backlog, site_backlog, it_flow, site_flow = _backlogs_of_given_length(world, capacity)
    unit_cost, use_share = _unit_costs(world, capacity, it_backlog, site_backlog, it_flow, site_flow)
    it_cost, site_cost = branches.unit_costs_usd_bn_per_gw(unit_cost, use_share)
    it_by_builder, site_by_builder = share * it_backlog, share * site_backlog
    regional, fixed = regions.opened(world)
    world |= fixed
    line = filled(world["layer.growth_under_way"] * capacity, world["layer.lead_time_quarters"])
    return State(
        adoption=adopted,
        previous_revenue_usd_bn=revenue / (1 + world["expectation.initial_growth"]),
        expected_growth=world["expectation.initial_growth"],
        market_share=share,
        ai_capital_expenditure_usd_bn=ai_spending,
        recent_operating_cash_flow_usd_bn=cash_flow,
        net_debt_usd_bn=world["builder.net_debt_usd_bn"],
        undeducted_usd_bn=jnp.zeros_like(mean_cash_flow),
        it_backlog_gw=it_by_builder,
        site_backlog_gw=site_by_builder,
        it_advances_usd_bn=world["start.advances_share"] * it_cost * it_by_builder,
        site_advances_usd_bn=world["start.advances_share"] * site_cost * site_by_builder,
        unpowered_it_gw=share * world["start.unpowered_it_gw"],
        empty_shells_gw=jnp.zeros_like(share),
        active_compute_gw=active,
        compute_quality_index=jnp.ones_like(share),
        frontier_quality_index=world["energise.initial_frontier_quality"],
        capacity_gw_per_quarter=capacity,
        expansion_line_gw=line,
        cumulative_output_gw=world["start.cumulative_output_gw"],
        unit_cost_usd_bn_per_gw=unit_cost,
        power_use_share=use_share,
        **regional,
        **_market_before_trade(world),
    )


def _adoption_at_start_and_reference(
    world: Mapping[str, Array], quarters: Float[Array, ""] | float
) -> tuple[Array, Array]:
    """Adoption after ``quarters`` quarters, and in the first one simulated, where the price of compute is anchored."""

    def following(adopted: Array) -> Array:
        return adoption.adoption_fraction(adopted, world["adoption.innovation"], world["adoption.imitation"])

    def quarter_of(adopted: Array, quarter: Array) -> tuple[Array, None]:
        return jnp.where(quarter < quarters, following(adopted), adopted), None

    nobody = jnp.zeros_like(world["adoption.imitation"])
    adopted = jax.lax.scan(quarter_of, nobody, jnp.arange(MOST_QUARTERS_SINCE_LAUNCH))[0]
    return adopted, following(adopted)


def _backlogs_of_given_length(world: Mapping[str, Array], capacity: Array) -> tuple[Array, Array, Array, Array]:
    """Backlogs that are a given number of quarters of their own deliveries, and those deliveries.

    With backlog = length × flow, desired flow is (length / normal lead time) × flow, and the CES in flow and
    capacities alone is flow = (1 - (normal / length)^ρ)^(1/ρ) × what capacities allow.
    """
    exponent = world["bottleneck.substitution_exponent"]
    allowed = branches.allowed_flows_gw(capacity, exponent)
    results = []
    for branch, most in zip(("it", "site"), allowed, strict=True):
        length = world[f"start.{branch}_backlog_quarters"]
        normal = world[f"orders.{branch}_normal_lead_time_quarters"]
        # A backlog shorter than the normal lead time is demand-limited: no flow solves it, so the shortest is
        # a little above it.
        ratio = jnp.minimum(normal / length, 1 - 1 / exponent)
        flow = most * (1 - ratio**exponent) ** (1 / exponent)
        results.append((flow * normal / ratio, flow))
    (it_backlog, it_flow), (site_backlog, site_flow) = results
    return it_backlog, site_backlog, it_flow, site_flow


def _unit_costs(
    world: dict[str, Array], capacity: Array, it_backlog: Array, site_backlog: Array, it_flow: Array, site_flow: Array
) -> tuple[Array, Array]:
    """Prices now, which add up to the branch costs observed, and use shares; fills the cost at balance of ``world``."""
    raw = world["layer.cost_share"] * world["layer.branch_cost"]
    use_share = branches.power_use_share(site_flow, capacity, raw)
    it_raw, site_raw = branches.unit_costs_usd_bn_per_gw(raw, use_share)
    unit_cost = raw * world["layer.branch_cost"] / branches.by_layer(it_raw, site_raw)
    desired = branches.by_layer(
        orders.desired_flow_gw(it_backlog[jnp.newaxis], world["orders.it_normal_lead_time_quarters"]),
        orders.desired_flow_gw(site_backlog[jnp.newaxis], world["orders.site_normal_lead_time_quarters"]),
    )
    tight = scarcity.tightness(
        branches.by_layer(it_flow, site_flow),
        desired,
        branches.effective_capacity_gw(capacity),
        world["layer.demand_weight"],
    )
    premium = scarcity.scarcity_price(tight, world["layer.scarcity_elasticity"])
    world["start.unit_cost_at_balance_usd_bn_per_gw"] = unit_cost / premium
    return unit_cost, use_share


def _backlogs_shared_by(state: State, planned: Array) -> State:
    """The same backlogs and advances, shared as plans are, so that rationing serves each plan alike."""
    share = planned / jnp.sum(planned, axis=0)
    return replace(
        state,
        it_backlog_gw=share * jnp.sum(state.it_backlog_gw, axis=0),
        site_backlog_gw=share * jnp.sum(state.site_backlog_gw, axis=0),
        it_advances_usd_bn=share * jnp.sum(state.it_advances_usd_bn, axis=0),
        site_advances_usd_bn=share * jnp.sum(state.site_advances_usd_bn, axis=0),
    )


def _scaled(state: State, cost_factor: Array, capacity_factor: Array) -> State:
    both = cost_factor * capacity_factor
    return replace(
        state,
        it_backlog_gw=state.it_backlog_gw * capacity_factor,
        site_backlog_gw=state.site_backlog_gw * capacity_factor,
        it_advances_usd_bn=state.it_advances_usd_bn * both,
        site_advances_usd_bn=state.site_advances_usd_bn * both,
        capacity_gw_per_quarter=state.capacity_gw_per_quarter * capacity_factor,
        expansion_line_gw=state.expansion_line_gw * capacity_factor,
        unit_cost_usd_bn_per_gw=state.unit_cost_usd_bn_per_gw * cost_factor,
    )
