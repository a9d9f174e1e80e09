"""The start of one world: what filings fix, what seeds say, and the gap between them closed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from . import chain, market, places
from .parameters import IT_LAYERS, Parameters, capacities_gw
from .quarter import quarter

State = dict[str, Any]

QUARTERS_SINCE_LAUNCH = 15
"""2022Q4, before which nobody had adopted, to 2026Q2."""


def opened(p: Parameters, capex: np.ndarray, cash_flow: np.ndarray) -> tuple[State, SimpleNamespace]:
    """State before the first quarter, and what stays fixed: ``capex`` (past, player), ``cash_flow`` (4, player)."""
    w, s = SimpleNamespace(), {}
    rest = p["builder.rest_of_world.ai_capital_expenditure_usd_bn"] + p["national.sovereign_demand_usd_bn"]
    s["ai_capex"] = np.append(p.players("ai_share") * capex[-1], rest)
    s["share"] = s["ai_capex"] / np.sum(s["ai_capex"])
    _open_demand(s, w, p)
    _open_money(s, w, p, capex, cash_flow)
    regions, w.regions = places.opened(p)
    s.update(regions)
    _open_chain(s, w, p)
    return s, w


def _open_demand(s: State, w: SimpleNamespace, p: Parameters) -> None:
    adopted = [0.0]
    for _ in range(QUARTERS_SINCE_LAUNCH + 1):
        f = adopted[-1]
        adopted.append(f + (p["adoption.innovation"] + p["adoption.imitation"] * f) * (1 - f))
    s["adoption"], w.adoption = adopted[-2], adopted[-1]
    s["compute"] = s["share"] * p["start.active_compute_gw"]
    s["quality"] = np.ones(6)
    s["frontier"] = p["energise.initial_frontier_quality"]
    w.demand = w.adoption * (1 + p["national.procurement_share"])
    w.revenue = p["demand.reference_revenue_usd_bn"]
    utilisation = p["demand.reference_utilisation"] * p["demand.utilisation"]
    w.used = utilisation * p["demand.efficiency"] * p["start.active_compute_gw"]
    w.price = w.revenue / w.used
    s["revenue"] = w.revenue / (1 + p["expectation.initial_growth"])
    s["expected_growth"] = p["expectation.initial_growth"]


def _open_money(s: State, w: SimpleNamespace, p: Parameters, capex: np.ndarray, cash_flow: np.ndarray) -> None:
    s["recent_cash_flow"] = cash_flow.copy()
    s["net_debt"] = w.net_debt = p.players("net_debt_usd_bn")
    s["undeducted"] = np.zeros(5)
    earned = cash_flow.mean(axis=0)
    w.franchise = earned - s["share"][:5] * p["demand.compute_margin"] * s["revenue"]
    w.debt_limit_years = np.maximum(
        p.players("debt_limit_years"), (1 + p["funding.debt_limit_headroom"]) * w.net_debt / (4 * earned)
    )
    w.other_capex = (1 - p.players("ai_share")) * capex[-1] * (1 + p["funding.other_capex_growth"])
    w.announced = s["ai_capex"] * np.append(1 + p.players("guided_growth"), 1.0)
    w.log_multiple = np.log(p.groups("start_multiple"))
    s["log_multiple"] = w.log_multiple.copy()
    nothing = np.zeros(len(w.log_multiple))
    s.update(price_growth=nothing, earnings=nothing, log_earning_power=nothing)


def _open_chain(s: State, w: SimpleNamespace, p: Parameters) -> None:
    """Backlogs, advances, capacities and prices as judged, then scaled so that the first quarter pays its plan."""
    capacity = capacities_gw(p)
    s["capacity"] = capacity
    w.output = s["output"] = np.full(10, p["start.cumulative_output_gw"])
    s["line"] = chain.under_way(p.layers("growth_under_way") * capacity, p.layers("lead_time_quarters"))
    s["waiting"], s["shells"] = p["start.unpowered_it_gw"] * s["share"], np.zeros(6)
    flows = _open_backlogs(s, p, capacity)
    _open_prices(s, w, p, capacity, flows)
    first = quarter(s, w, p, 0)[1]
    plan = first["planned_ai_capital_expenditure_usd_bn"]
    gap = np.sum(plan) / np.sum(first["ai_capital_expenditure_usd_bn"])
    _open_market(s, p, first, gap * np.sum(s["ai_capex"]) / np.sum(plan))
    w.cost_factor = gap ** p["start.cost_share_of_gap"]
    w.capacity_factor = gap / w.cost_factor
    w.balance_cost = w.balance_cost * w.cost_factor
    s["cost"] = s["cost"] * w.cost_factor
    s["capacity"], s["line"] = s["capacity"] * w.capacity_factor, s["line"] * w.capacity_factor
    for branch in ("it", "site"):
        s[f"{branch}_backlog"] = w.capacity_factor * np.sum(s[f"{branch}_backlog"]) * plan / np.sum(plan)
        s[f"{branch}_advances"] = gap * np.sum(s[f"{branch}_advances"]) * plan / np.sum(plan)


def _open_backlogs(s: State, p: Parameters, capacity: np.ndarray) -> tuple[float, float]:
    """Backlogs of so many quarters of the deliveries to which they lead, and those deliveries."""
    rho = p["bottleneck.substitution_exponent"]
    flows = []
    for branch, members in (("it", capacity[:IT_LAYERS]), ("site", chain.site_members(capacity))):
        normal = p[f"orders.{branch}_normal_lead_time_quarters"]
        ratio = min(normal / p[f"start.{branch}_backlog_quarters"], 1 - 1 / rho)
        flow = chain.bottleneck(members, rho) * (1 - ratio**rho) ** (1 / rho)
        s[f"{branch}_backlog"] = s["share"] * flow * normal / ratio
        flows.append(flow)
    return flows[0], flows[1]


def _open_prices(s: State, w: SimpleNamespace, p: Parameters, capacity: np.ndarray, flows: tuple[float, float]) -> None:
    """Prices that add up to the branch costs seen today; in balance they would be lower by the price of scarcity."""
    share = p.layers("cost_share")
    s["use"] = chain.power_use(flows[1], capacity, share)
    of_it, of_site = chain.branch_prices(share, s["use"])
    s["cost"] = share * chain.by_layer(p["cost.it_usd_bn_per_gw"] / of_it, p["cost.site_usd_bn_per_gw"] / of_site)
    wanted = [
        np.sum(s[f"{branch}_backlog"]) / p[f"orders.{branch}_normal_lead_time_quarters"] for branch in ("it", "site")
    ]
    w.balance_cost = s["cost"] / chain.tightness(flows, wanted, capacity, p) ** p.layers("scarcity_elasticity")
    for branch, price in zip(("it", "site"), chain.branch_prices(s["cost"], s["use"]), strict=True):
        s[f"{branch}_advances"] = p["start.advances_share"] * price * s[f"{branch}_backlog"]


def _open_market(s: State, p: Parameters, first: dict[str, Any], supplied: float) -> None:
    """Sales of the quarter of the start: those of the first quarter of the seeds, as far as was spent and earned."""
    earned = s["revenue"] / first["compute_revenue_usd_bn"]
    revenue = {name: supplied * first[name] for name in ("delivered_usd_bn", "installed_capacity_usd_bn")}
    for name in ("compute_revenue", "compute_margin", "model_revenue", "application_revenue"):
        revenue[f"{name}_usd_bn"] = earned * first[f"{name}_usd_bn"]
    sales, kept = market.sales(revenue, p)
    s["earnings"] = p.groups("earnings_margin") * kept
    s["log_earning_power"] = market.log_earning_power(s["earnings"], sales, p)
    s["price_growth"] = np.full(len(s["earnings"]), p["market.expected_earnings_growth"])
