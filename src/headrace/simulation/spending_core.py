"""Expectation, race and funding alone: what players spend when cash flow and revenue are given from outside.

The part of the loop that filings of before 2022 can be held against: no supply, no delivery, no price of compute.
Spending is all cash capital expenditure, since nobody said then which part of it was AI; shares are those of the last
four quarters' spending, since nobody counted compute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations import demand, funding, rivalry
from headrace.units import QUARTERS_PER_YEAR

World = Mapping[str, Array]
"""Parameters by name, players leading where they have a row each, worlds last."""

PARAMETERS = (
    "demand.compute_margin",
    "demand.model_revenue_ratio_now",
    "expectation.highest_growth",
    "expectation.horizon_quarters",
    "expectation.initial_growth",
    "expectation.learning_weight",
    "expectation.lowest_growth",
    "funding.debt_adjustment_quarters",
    "funding.debt_limit_headroom",
    "funding.debt_room_factor",
    "funding.reinvestment_share",
    "rivalry.adjustment_speed",
    "rivalry.decisiveness",
    "rivalry.fastest_cut",
    "rivalry.fastest_rise",
    "rivalry.franchise_at_stake",
    "rivalry.loss_aversion",
    "rivalry.pool_elasticity",
)
"""Parameters that the core reads; those of a player besides are in :data:`PLAYER_PARAMETERS`."""

PLAYER_PARAMETERS = ("debt_limit_years", "franchise_growth", "payout_share")
"""Read for each player, as ``builder.<field>``."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class SpendingRecord:
    """What was known of the players, quarters in order; the last one is where a forecast begins.

    NaN where nobody filed. A quarter in which anything but net debt is missing predicts nothing.

    Attributes:
        spending_usd_bn: Cash capital expenditure, (player, past).
        share: Share of the players' mean spending over the last four quarters, (player, past).
        cash_flow_usd_bn: Operating cash flow, four-quarter average, (player, past).
        net_debt_usd_bn: (player, past); a player without one is not limited by its funding.
        model_revenue_usd_bn: What model makers were known to earn [USD bn/quarter], (past,).
    """

    spending_usd_bn: Float[Array, "player past"]
    share: Float[Array, "player past"]
    cash_flow_usd_bn: Float[Array, "player past"]
    net_debt_usd_bn: Float[Array, "player past"]
    model_revenue_usd_bn: Float[Array, "past"]


@jax.jit
def one_quarter_ahead(record: SpendingRecord, world: World) -> Float[Array, "player past world"]:
    """Spending in the quarter after each past one, as the core would have it [USD bn/quarter]; NaN where not known."""
    revenue = _compute_revenue(record, world)
    growth = _expected_growth(revenue, world)

    def following(filed: tuple[Array, ...], revenue: Array, growth: Array) -> Array:
        spending, share, cash_flow, net_debt = (values[:, jnp.newaxis] + jnp.zeros_like(growth) for values in filed)
        limit_years = _debt_limit_years(net_debt, cash_flow, world)
        return _next_spending(spending, share, cash_flow, net_debt, limit_years, revenue, growth, world)

    filed = (record.spending_usd_bn, record.share, record.cash_flow_usd_bn, record.net_debt_usd_bn)
    return jax.vmap(following, in_axes=(1, 0, 0), out_axes=1)(filed, revenue, growth)


@partial(jax.jit, static_argnames="quarters")
def ahead(record: SpendingRecord, world: World, quarters: int) -> Float[Array, "quarter player world"]:
    """Spending in the coming quarters [USD bn/quarter].

    Cash flow grows as franchises do and revenue as players expect it to: inside the core expectations are fulfilled.
    Debt pays for what cash flow after payouts does not.

    Args:
        record: What was known; its last quarter must be complete.
        world: Parameters.
        quarters: How many, >= 1.
    """
    revenue = _compute_revenue(record, world)
    growth = _expected_growth(revenue, world)[-1]
    filed = (record.spending_usd_bn, record.share, record.cash_flow_usd_bn, record.net_debt_usd_bn)
    spending, share, first_cash_flow, net_debt = (values[:, -1:] + jnp.zeros_like(growth) for values in filed)
    limit_years = _debt_limit_years(net_debt, first_cash_flow, world)

    def quarter_of(carried: tuple[Array, Array, Array], quarter: Array) -> tuple[tuple[Array, Array, Array], Array]:
        spending, net_debt, earned = carried
        cash_flow = funding.grown_from_start(first_cash_flow, world["builder.franchise_growth"], quarter)
        following = _next_spending(spending, share, cash_flow, net_debt, limit_years, earned, growth, world)
        retained = (1 - world["builder.payout_share"]) * cash_flow
        return (following, net_debt + following - retained, earned * (1 + growth)), following

    clock = jnp.arange(quarters, dtype=growth.dtype)
    return jax.lax.scan(quarter_of, (spending, net_debt, revenue[-1]), clock)[1]


def _next_spending(
    spending: Array,
    share: Array,
    cash_flow: Array,
    net_debt: Array,
    limit_years: Array,
    revenue: Array,
    growth: Array,
    world: World,
) -> Array:
    """One quarter of steps 3 to 5, (player, *trailing)."""
    pool = rivalry.expected_pool_usd_bn(
        demand.compute_margin_usd_bn(revenue, world["demand.compute_margin"]),
        growth,
        world["expectation.horizon_quarters"],
        world["rivalry.franchise_at_stake"],
        cash_flow,
    )
    lower, upper = rivalry.deviation_bounds(
        share, world["rivalry.loss_aversion"], world["rivalry.decisiveness"], world["rivalry.pool_elasticity"]
    )
    wanted = rivalry.target_spending_usd_bn(jnp.sum(spending, axis=0), pool, share, lower, upper)
    limit = funding.funding_limit_usd_bn(
        cash_flow,
        net_debt,
        jnp.zeros_like(cash_flow),
        world["builder.payout_share"],
        world["funding.reinvestment_share"],
        limit_years,
        world["funding.debt_adjustment_quarters"],
        world["funding.debt_room_factor"],
    )
    return rivalry.planned_spending_usd_bn(
        spending,
        jnp.minimum(wanted, jnp.where(jnp.isnan(limit), jnp.inf, limit)),
        world["rivalry.adjustment_speed"],
        world["rivalry.fastest_cut"],
        world["rivalry.fastest_rise"],
        jnp.zeros_like(share),
    )


def _debt_limit_years(net_debt: Array, cash_flow: Array, world: World) -> Array:
    """The common limit, or what lenders are seen to allow already and a little more."""
    revealed = net_debt / (QUARTERS_PER_YEAR * cash_flow) * (1 + world["funding.debt_limit_headroom"])
    return jnp.maximum(world["builder.debt_limit_years"], revealed)


def _compute_revenue(record: SpendingRecord, world: World) -> Float[Array, "past world"]:
    """Compute revenue of which model makers' is a given multiple [USD bn/quarter]."""
    return record.model_revenue_usd_bn[:, jnp.newaxis] / world["demand.model_revenue_ratio_now"]


def _expected_growth(revenue: Float[Array, "past world"], world: World) -> Float[Array, "past world"]:
    """Growth that players expect at the end of each past quarter; what they begin with until there is revenue."""

    def quarter_of(growth: Array, pair: tuple[Array, Array]) -> tuple[Array, Array]:
        previous, now = pair
        learnt = rivalry.expected_growth(
            growth,
            now,
            jnp.where(previous > 0, previous, 1),
            world["expectation.learning_weight"],
            world["expectation.lowest_growth"],
            world["expectation.highest_growth"],
        )
        growth = jnp.where(previous > 0, learnt, growth)
        return growth, growth

    before = jnp.concatenate([jnp.zeros_like(revenue[:1]), revenue[:-1]])
    return jax.lax.scan(quarter_of, world["expectation.initial_growth"], (before, revenue))[1]
