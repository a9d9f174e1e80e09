"""One quarter of one world, in the order of the documents."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from . import builders, chain, market, places
from .parameters import GENERATION, GRID, IT_LAYERS, POWER, Parameters

State = dict[str, Any]
Outputs = dict[str, Any]

KEPT = {
    "adoption": "adoption_fraction",
    "revenue": "compute_revenue_usd_bn",
    "expected_growth": "expected_growth",
    "share": "market_share",
    "ai_capex": "ai_capital_expenditure_usd_bn",
    "net_debt": "net_debt_usd_bn",
    "undeducted": "undeducted",
    "it_backlog": "it_backlog_gw",
    "site_backlog": "site_backlog_gw",
    "it_advances": "it_advances_usd_bn",
    "site_advances": "site_advances_usd_bn",
    "waiting": "unpowered_it_gw",
    "shells": "empty_shells_gw",
    "compute": "active_compute_gw",
    "quality": "compute_quality_index",
    "use": "power_use_share",
    "log_multiple": "log_multiple",
    "log_earning_power": "log_earning_power",
    "earnings": "group_earnings_usd_bn",
    "price_growth": "price_growth",
}
"""What the state remembers of a quarter's outputs."""


def quarter(s: State, w: SimpleNamespace, p: Parameters, t: int) -> tuple[State, Outputs]:
    """The state at the end of quarter ``t``, and what happened in it."""
    o: Outputs = builders.market_for_compute(s, w, p)
    o |= builders.funds(s, w, p, t)
    o |= builders.race(s, w, p, t, o)
    o["it_economic_life"] = p["finance.it_economic_life_quarters"]
    o["it_retired_gw"] = s["compute"] / o["it_economic_life"]
    landed = s["cost"] * (1 + p.layers("import_duty"))
    prices = chain.branch_prices(landed, s["use"])
    o["it_unit_cost_usd_bn_per_gw"], o["site_unit_cost_usd_bn_per_gw"] = prices
    o["it_orders_gw"], o["site_orders_gw"] = chain.orders(
        o["planned_ai_capital_expenditure_usd_bn"],
        prices,
        (s["waiting"], s["shells"]),
        (s["it_backlog"], s["site_backlog"]),
        o["it_retired_gw"],
        p,
    )
    _ship(s, w, p, t, o, landed)
    _pay(s, p, o, prices)
    o |= builders.accounts(s, p, o)
    chained = _answer_scarcity(s, w, p, o)
    _energise(s, p, o)
    regions = _settle_regions(s, w, p, o)
    o |= market.answered(s, o, p)
    after = {
        **chained,
        **regions,
        **{name: o[output] for name, output in KEPT.items()},
        "recent_cash_flow": np.vstack([s["recent_cash_flow"][1:], o["operating_cash_flow_usd_bn"]]),
        "frontier": s["frontier"] * (1 + p["energise.frontier_quality_growth"]),
    }
    return after, o


def _ship(s: State, w: SimpleNamespace, p: Parameters, t: int, o: Outputs, landed: np.ndarray) -> None:
    capacity = chain.usable(s["capacity"], p, t)
    o["interconnection_factor"] = places.factor(s, w.regions, p)
    capacity[GRID] *= o["interconnection_factor"]
    rho = p["bottleneck.substitution_exponent"]
    for branch, members in (("it", capacity[:IT_LAYERS]), ("site", chain.site_members(capacity))):
        backlog = s[f"{branch}_backlog"]
        wanted = float(np.sum(backlog)) / p[f"orders.{branch}_normal_lead_time_quarters"]
        flow = chain.bottleneck(np.append(members, wanted), rho)
        o[f"{branch}_desired_flow_gw"] = wanted
        o[f"{branch}_flow"] = flow
        o[f"{branch}_shipments_gw"] = flow * backlog / np.sum(backlog)
        o[f"{branch}_lead_time_quarters"] = np.sum(backlog) / flow
        o[f"{branch}_backlog_gw"] = backlog + o[f"{branch}_orders_gw"] - o[f"{branch}_shipments_gw"]
    flows = chain.by_layer(o["it_flow"], o["site_flow"])
    o["capacity_gw_per_quarter"] = capacity
    o["power_use_share"] = chain.power_use(o["site_flow"], capacity, landed)
    o["static_shadow_price"] = (flows / chain.with_power_once(capacity)) ** (rho + 1)
    o["unit_cost_usd_bn_per_gw"] = s["cost"]
    o["delivered_usd_bn"] = flows * o["power_use_share"] * s["cost"]


def _pay(s: State, p: Parameters, o: Outputs, prices: tuple[float, float]) -> None:
    for branch, price in zip(("it", "site"), prices, strict=True):
        o[f"{branch}_payment_usd_bn"], o[f"{branch}_advances_usd_bn"] = chain.paid(
            o[f"{branch}_shipments_gw"],
            s[f"{branch}_backlog"],
            s[f"{branch}_advances"],
            price,
            p[f"orders.{branch}_normal_lead_time_quarters"],
            p["orders.progress_rate"],
        )
    o["ai_capital_expenditure_usd_bn"] = o["it_payment_usd_bn"] + o["site_payment_usd_bn"]


def _answer_scarcity(s: State, w: SimpleNamespace, p: Parameters, o: Outputs) -> State:
    capacity, lead = o["capacity_gw_per_quarter"], p.layers("lead_time_quarters")
    flows = (o["it_flow"], o["site_flow"])
    tight = chain.tightness(flows, (o["it_desired_flow_gw"], o["site_desired_flow_gw"]), capacity, p)
    price = tight ** p.layers("scarcity_elasticity")
    output = s["output"] + chain.by_layer(*flows) * o["power_use_share"]
    balance = w.balance_cost * (output / w.output) ** np.log2(1 - p.layers("learning_rate"))
    pipeline = np.sum(s["line"], axis=0)
    added = chain.decided(tight, s["capacity"], pipeline, p)
    arrived, line = chain.moved_on(s["line"], added, lead)
    site = np.append(tight[IT_LAYERS:GENERATION], tight[POWER].max())
    power = GRID if capacity[GRID] < capacity[GENERATION] else GENERATION
    o["tightness"] = tight
    o["scarcity_price"] = price
    o["expansion_gw_per_quarter"] = added
    o["pipeline_gw_per_quarter"] = pipeline
    o["installed_capacity_usd_bn"] = balance * pipeline / lead
    o["tightest_it_layer"] = int(np.argmax(tight[:IT_LAYERS]))
    o["tightest_site_layer"] = [*range(IT_LAYERS, GENERATION), power][int(np.argmax(site))]
    return {
        "capacity": (1 - p.layers("decay")) * s["capacity"] + arrived,
        "line": line,
        "output": output,
        "cost": balance * price,
    }


def _energise(s: State, p: Parameters, o: Outputs) -> None:
    retired = o["it_retired_gw"]
    it = s["waiting"] + o["it_shipments_gw"]
    shells = (1 - p["energise.shell_decay"]) * s["shells"] + o["site_shipments_gw"] + retired
    energised, stays = np.minimum(it, shells), s["compute"] - retired
    o["energised_gw"] = energised
    o["unpowered_it_gw"], o["empty_shells_gw"] = it - energised, shells - energised
    o["active_compute_gw"] = stays + energised
    o["frontier_quality_index"] = s["frontier"]
    new = p["energise.frontier_quality_factor"] * s["frontier"]
    o["compute_quality_index"] = (stays * s["quality"] + energised * new) / o["active_compute_gw"]


def _settle_regions(s: State, w: SimpleNamespace, p: Parameters, o: Outputs) -> State:
    energised, retired = float(np.sum(o["energised_gw"])), float(np.sum(o["it_retired_gw"]))
    regions = places.sited(s, w.regions, p, o["power_use_share"], energised, retired)
    o["regional_energised_gw"] = regions.pop("regional_energised_gw")
    o["regional_compute_gw"] = regions["regional_compute"]
    o["regional_load_gw"], o["data_centre_share_of_load"] = places.load(regions, w.regions, p)
    o["grid_headroom"] = places.headroom(regions, w.regions, p)
    return regions
