"""The builders of one world: what compute sells for, what they expect, how much they plan and can pay for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from .parameters import Parameters

State = dict[str, Any]
Outputs = dict[str, Any]
PLAYERS = slice(0, 5)


def market_for_compute(s: State, w: SimpleNamespace, p: Parameters) -> Outputs:
    """Adoption, price, revenue, shares."""
    adoption = s["adoption"]
    adoption = adoption + (p["adoption.innovation"] + p["adoption.imitation"] * adoption) * (1 - adoption)
    used = p["demand.utilisation"] * p["demand.efficiency"] * float(np.sum(s["compute"] * s["quality"]))
    wanted = adoption * (1 + p["national.procurement_share"])
    price = w.price * (wanted / w.demand * w.used / used) ** (1 / p["demand.price_elasticity"])
    revenue = price * used
    above = (adoption - w.adoption) / (1 - w.adoption)
    strength = (s["compute"] * s["quality"] ** p["rivalry.technology_weight"]) ** p["rivalry.decisiveness"]
    inertia = p["demand.share_adjustment"]
    return {
        "adoption_fraction": adoption,
        "compute_price_usd_bn_per_gw_quarter": price,
        "compute_revenue_usd_bn": revenue,
        "compute_margin_usd_bn": p["demand.compute_margin"] * revenue,
        "market_share": (1 - inertia) * s["share"] + inertia * strength / np.sum(strength),
        **{
            f"{layer}_revenue_usd_bn": revenue
            * (
                p[f"demand.{layer}_revenue_ratio_now"]
                + (p[f"demand.{layer}_revenue_ratio_long_run"] - p[f"demand.{layer}_revenue_ratio_now"]) * above
            )
            for layer in ("model", "application")
        },
    }


def funds(s: State, w: SimpleNamespace, p: Parameters, quarter: int) -> Outputs:
    """What is there to spend, what it costs, and what is spent on everything but AI."""
    earned = np.mean(s["recent_cash_flow"], axis=0)
    mood = 1 + np.tanh(p["funding.investor_sensitivity"] * (s["log_multiple"][_COMPUTE] - w.log_multiple[_COMPUTE]))
    lasts = min(max(p["funding.external_funding_quarters"] - quarter, 0.0), 1.0)
    sold = mood * p.players("at_the_market_usd_bn") * lasts
    external = sold + p.players("prepayments_and_leases_usd_bn") * lasts
    usual = p.players("payout_share")
    payout = usual * (1 + (1 - mood) * (1 - usual))
    room = p["funding.debt_room_factor"] * mood * np.maximum(0.0, w.debt_limit_years * 4 * earned - s["net_debt"])
    limit = (
        p["funding.reinvestment_share"] * (1 - payout) * earned
        + room / p["funding.debt_adjustment_quarters"]
        + external
    )
    interest = np.zeros_like(earned)
    for i in range(len(earned)):
        widest = p["funding.widest_spread"]
        if earned[i] > 0:
            leverage = max(0.0, s["net_debt"][i] / (4 * earned[i]))
            spread = p["funding.spread_at_no_debt"] + p["funding.spread_per_year_of_debt"] * leverage
            spread = min(widest, spread)
        else:
            spread = widest
        interest[i] = (p["funding.risk_free_rate"] + spread) / 4 * max(0.0, s["net_debt"][i] - w.net_debt[i])
    return {
        "investor_factor": mood,
        "shares_sold_usd_bn": sold,
        "external_funding_usd_bn": external,
        "payout_share": payout,
        "funding_limit_usd_bn": limit,
        "interest_usd_bn": interest,
        "other_capital_expenditure_usd_bn": w.other_capex * (1 + p["funding.other_capex_growth"]) ** quarter,
        "franchise_cash_flow": w.franchise * (1 + p.players("franchise_growth")) ** quarter,
    }


_COMPUTE = 14
"""Row of compute among the groups."""


def race(s: State, w: SimpleNamespace, p: Parameters, quarter: int, o: Outputs) -> Outputs:
    """Expectation, the band within which nobody deviates, and plans."""
    weight = p["expectation.learning_weight"]
    growth = weight * (o["compute_revenue_usd_bn"] / s["revenue"] - 1) + (1 - weight) * s["expected_growth"]
    growth = min(max(growth, p["expectation.lowest_growth"]), p["expectation.highest_growth"])
    pool = o["compute_margin_usd_bn"] * (1 + growth) ** p["expectation.horizon_quarters"] + p[
        "rivalry.franchise_at_stake"
    ] * float(np.sum(o["franchise_cash_flow"]))
    share = o["market_share"][PLAYERS]
    r, beta, fear = p["rivalry.decisiveness"], p["rivalry.pool_elasticity"], p["rivalry.loss_aversion"]
    lower = r * (1 - share) + beta * share
    upper = fear * r * (1 - share) + beta * share
    bottom, top = lower.max(), upper.min()
    rest = (p["builder.rest_of_world.ai_capital_expenditure_usd_bn"] + p["national.sovereign_demand_usd_bn"]) * (
        1 + p["builder.rest_of_world.growth"]
    ) ** (quarter + 1)
    last = s["ai_capex"]
    guided = min(max(p["rivalry.guided_quarters"] - quarter, 0.0), 1.0)
    watched = guided * float(np.sum(w.announced)) + (1 - guided) * float(np.sum(last))
    free = np.maximum(0.0, o["funding_limit_usd_bn"] - o["other_capital_expenditure_usd_bn"])
    paused = p.players("pause_share")
    plan = np.append(np.zeros(5), rest)
    held_by_funding = np.zeros(6, bool)
    for i in range(5):
        low, high = (bottom, top) if bottom <= top else (lower[i], upper[i])
        wish = share[i] * min(max(watched, low * pool), high * pool)
        held_by_funding[i] = wish > free[i]
        target = min(wish, free[i])
        if last[i] > 0:
            move = p["rivalry.adjustment_speed"] * (target / last[i] - 1)
            move = min(max(move, p["rivalry.fastest_cut"]), p["rivalry.fastest_rise"])
            plan[i] = (1 - paused[i]) * last[i] * (1 + move)
    n = 6
    nash = (r * (n - 1) + beta) / n
    return {
        "expected_growth": growth,
        "expected_pool_usd_bn": pool,
        "spend_to_pool_ratio": float(np.sum(last)) / pool,
        "cooperative_ratio": beta,
        "nash_ratio": nash,
        "overspend_factor": (nash / beta) ** (1 / (1 - beta)),
        "band_bottom_ratio": bottom,
        "band_top_ratio": top,
        "planned_ai_capital_expenditure_usd_bn": plan,
        "held_share": float(np.sum(plan[held_by_funding])) / float(np.sum(plan)) if np.any(plan > 0) else 0.0,
    }


def accounts(s: State, p: Parameters, o: Outputs) -> Outputs:
    """Operating cash flow, tax, borrowing: sources equal uses."""
    spent = o["ai_capital_expenditure_usd_bn"][PLAYERS]
    later = (1 - p["national.bonus_depreciation_share"]) * spent
    caught_up = p["funding.tax_depreciation_rate"] * s["undeducted"]
    shield = p["funding.cash_tax_rate"] * (caught_up - later)
    cash_flow = (
        o["franchise_cash_flow"]
        + o["market_share"][PLAYERS] * o["compute_margin_usd_bn"]
        - o["interest_usd_bn"]
        + shield
    )
    capex = spent + o["other_capital_expenditure_usd_bn"]
    borrowed = capex + o["payout_share"] * cash_flow - cash_flow - o["external_funding_usd_bn"]
    return {
        "tax_shield_usd_bn": shield,
        "operating_cash_flow_usd_bn": cash_flow,
        "capital_expenditure_usd_bn": capex,
        "borrowing_usd_bn": borrowed,
        "net_debt_usd_bn": s["net_debt"] + borrowed,
        "undeducted": s["undeducted"] + later - caught_up,
    }
