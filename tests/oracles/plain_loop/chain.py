"""The chain of one world: what layers let through, what it costs, how capacity grows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .parameters import GENERATION, GRID, IT_LAYERS, POWER, Parameters, recipes

LINE = 24
"""Quarters that the longest expansion takes."""


def bottleneck(members: np.ndarray, exponent: float) -> float:
    """A CES of members, scaled by the smallest so that no power overflows."""
    least = members.min()
    if least <= 0:
        return 0.0
    return least * float(np.sum((members / least) ** -exponent)) ** (-1 / exponent)


def usable(capacity: np.ndarray, p: Parameters, quarter: int) -> np.ndarray:
    """What layers can deliver in GW of the generations that ship in the quarter, grid let-through apart."""
    now, following = recipes(p)
    ramp = min(max((quarter + 1) / p["recipe.transition_quarters"], 0.0), 1.0)
    return p.layers("availability") * capacity / (1 + (following / now - 1) * ramp)


def site_members(capacity: np.ndarray) -> np.ndarray:
    """Members of the site branch: power enters once."""
    return np.append(capacity[IT_LAYERS:GENERATION], capacity[GENERATION] + capacity[GRID])


def by_layer(it: float, site: float) -> np.ndarray:
    return np.array([it] * IT_LAYERS + [site] * IT_LAYERS)


def with_power_once(capacity: np.ndarray) -> np.ndarray:
    """Capacities by layer, with that of power in both rows of power."""
    once = capacity.copy()
    once[POWER] = capacity[GENERATION] + capacity[GRID]
    return once


def tightness(flows: Sequence[float], wanted: Sequence[float], capacity: np.ndarray, p: Parameters) -> np.ndarray:
    """What flows and what is wanted by branch, over what each layer can deliver."""
    weight = p.layers("demand_weight")
    return by_layer(*flows) ** (1 - weight) * by_layer(*wanted) ** weight / with_power_once(capacity)


def power_use(flow: float, capacity: np.ndarray, prices: np.ndarray) -> np.ndarray:
    """Share of a GW that each layer supplies: 1, but for power, where the cheaper is used first."""
    use = np.ones(len(capacity))
    if prices[GRID] <= prices[GENERATION]:
        use[GRID] = min(1.0, capacity[GRID] / flow)
        use[GENERATION] = 1 - use[GRID]
    else:
        use[GENERATION] = min(1.0, capacity[GENERATION] / flow)
        use[GRID] = 1 - use[GENERATION]
    return use


def branch_prices(prices: np.ndarray, use: np.ndarray) -> tuple[float, float]:
    """USD bn for one GW of IT and of a powered shell."""
    return float(np.sum(prices[:IT_LAYERS])), float(np.sum(prices[IT_LAYERS:] * use[IT_LAYERS:]))


def paid(
    shipped: np.ndarray, backlog: np.ndarray, advances: np.ndarray, price: float, lead: float, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Payment by builder for one branch, and advances afterwards."""
    payment, after = np.zeros_like(shipped), np.zeros_like(shipped)
    for i in range(len(shipped)):
        drawn = min(advances[i] * shipped[i] / backlog[i], price * shipped[i]) if backlog[i] > 0 else 0.0
        progress = rate * max(0.0, price * (backlog[i] - shipped[i]) - (advances[i] - drawn)) / lead
        payment[i] = price * shipped[i] - drawn + progress
        after[i] = advances[i] + progress - drawn
    return payment, after


def orders(
    plan: np.ndarray,
    prices: tuple[float, float],
    waiting: tuple[np.ndarray, np.ndarray],
    backlog: tuple[np.ndarray, np.ndarray],
    retired: np.ndarray,
    p: Parameters,
) -> tuple[np.ndarray, np.ndarray]:
    """Orders of IT and of shells: in balance, corrected for what waits and what is on order."""
    it_price, site_price = prices
    both = it_price + site_price
    it_lead, site_lead = p["orders.it_normal_lead_time_quarters"], p["orders.site_normal_lead_time_quarters"]
    weight = p["orders.supply_line_weight"]
    it, site = np.zeros_like(plan), np.zeros_like(plan)
    for i in range(len(plan)):
        it_balance = (plan[i] + site_price * retired[i]) / both
        site_balance = it_balance - retired[i]
        it_stock = waiting[0][i] + weight * (backlog[0][i] - it_lead * it_balance)
        site_stock = waiting[1][i] + weight * (backlog[1][i] - site_lead * site_balance)
        excess = p["orders.stock_correction"] * (it_stock - site_stock) - retired[i]
        excess = min(max(excess, -plan[i] / it_price), plan[i] / site_price)
        it[i] = (plan[i] / site_price - excess) * site_price / both
        site[i] = (plan[i] / it_price + excess) * it_price / both
    return it, site


def decided(tightness: np.ndarray, capacity: np.ndarray, pipeline: np.ndarray, p: Parameters) -> np.ndarray:
    """Capacity that each layer decides to add."""
    wish = (
        p.layers("expansion_response") * (tightness - 1) * capacity
        + p.layers("trend_growth") * capacity
        - p["scarcity.pipeline_weight"] * pipeline / p.layers("lead_time_quarters")
    )
    return np.minimum(np.maximum(wish, 0.0), p.layers("fastest_growth") * capacity)


def under_way(per_quarter: np.ndarray, lead: np.ndarray) -> np.ndarray:
    """A line of what is due in 1, 2, ... quarters, by layer, when as much was decided in every quarter before."""
    line = np.zeros((LINE + 1, len(lead)))
    for k in range(len(lead)):
        for due in range(1, LINE + 1):
            line[due, k] = per_quarter[k] * min(max(lead[k] - (due - 1), 0.0), 1.0)
    return line


def moved_on(line: np.ndarray, added: np.ndarray, lead: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What arrives now, and the line at the end of the quarter with what was decided in it."""
    arrived = line[1].copy()
    after = np.zeros_like(line)
    after[1:-1] = line[2:]
    for k in range(len(lead)):
        whole = math.floor(lead[k])
        part = lead[k] - whole
        after[min(whole, LINE), k] += (1 - part) * added[k]
        if part > 0:
            after[min(whole + 1, LINE), k] += part * added[k]
    return arrived, after
