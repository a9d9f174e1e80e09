"""What one world has bought, by quarter of purchase: depreciation of what is new, capital charge of what is in use."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import chain
from .parameters import Parameters


def in_use(age: int, life: float) -> float:
    """Part of a quarter in which a vintage of an age is in use."""
    return min(max(life - age, 0.0), 1.0) if age >= 0 else 0.0


def depreciation(outputs: dict[str, np.ndarray], p: Parameters) -> np.ndarray:
    """By quarter and player, straight line, from the quarter of payment on."""
    quarters = len(outputs["it_payment_usd_bn"])
    lives = p.players("accounting_life_quarters")
    site_life = p["funding.facility_accounting_life_quarters"]
    charge = np.zeros((quarters, 5))
    for now in range(quarters):
        for bought in range(now + 1):
            for i in range(5):
                charge[now, i] += outputs["it_payment_usd_bn"][bought, i] / lives[i] * in_use(now - bought, lives[i])
                charge[now, i] += (
                    outputs["site_payment_usd_bn"][bought, i] / site_life * in_use(now - bought, site_life)
                )
    return charge


def annuity(rate: float, life: float) -> float:
    quarterly = (1 + rate) ** 0.25 - 1
    return quarterly / (1 - (1 + quarterly) ** -life)


def capital_charge(outputs: dict[str, np.ndarray], past: tuple[np.ndarray, np.ndarray], p: Parameters) -> np.ndarray:
    """By quarter: a level payment on every vintage in service, ``past`` ones of IT and shells included."""
    quarters = len(outputs["energised_gw"])
    lives = (outputs["it_economic_life"], np.full(quarters, p["finance.facility_economic_life_quarters"]))
    new = (
        outputs["energised_gw"].sum(axis=1) * outputs["it_unit_cost_usd_bn_per_gw"],
        outputs["site_shipments_gw"].sum(axis=1) * outputs["site_unit_cost_usd_bn_per_gw"],
    )
    charge = np.zeros(quarters)
    for life, before, since in zip(lives, past, new, strict=True):
        bought = np.append(before, since)
        for now in range(quarters):
            rate = annuity(p["finance.wacc"], life[now])
            for vintage, cost in enumerate(bought):
                charge[now] += rate * cost * in_use(now + len(before) - vintage, life[now])
    return charge


def before_the_start(s: dict[str, Any], p: Parameters, capex: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cost of IT and of shells put into service in each quarter before the start."""
    past = len(capex)
    way = np.linspace(0, 1, past)[:, None]
    share = p["finance.ai_share_2021"] + way * (p.players("ai_share") - p["finance.ai_share_2021"])
    spent = np.sum(share * capex, axis=1)
    spent = spent * np.sum(s["ai_capex"]) / np.sum(s["ai_capex"][:5])
    it_price, site_price = chain.branch_prices(s["cost"], s["use"])
    vintages = []
    for price, idle in (
        (it_price, np.sum(s["it_advances"]) + it_price * np.sum(s["waiting"])),
        (site_price, np.sum(s["site_advances"])),
    ):
        part = spent * price / (it_price + site_price)
        left = idle
        for quarter in reversed(range(past)):
            taken = min(left, part[quarter])
            part[quarter] -= taken
            left -= taken
        vintages.append(part)
    return vintages[0], vintages[1]
