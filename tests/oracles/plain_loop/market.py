"""The market of one world: what groups sell and earn, and what is paid for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace.variables import GROUPS, LAYERS

from .parameters import Parameters

Outputs = dict[str, Any]


def sales(o: Outputs, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Revenue of each group, and what it keeps after paying the layer of revenue below."""
    value = dict(zip(LAYERS, o["delivered_usd_bn"], strict=True))
    built = dict(zip(LAYERS, o["installed_capacity_usd_bn"], strict=True))
    packaging = p["market.foundry_share_of_packaging"] * value["packaging"]
    designers = p["market.designer_share_of_systems"] * value["systems"]
    transceivers = p["market.optics_share_of_optics"] * value["optics"]
    turbines = p["market.equipment_share_of_generation"] * value["generation"]
    compute, models, applications = (o[f"{name}_revenue_usd_bn"] for name in ("compute", "model", "application"))
    revenue = {
        "foundry": value["logic"] + packaging,
        "wafer_equipment": sum(
            p[f"market.{layer}_equipment_quarters"] * built[layer] for layer in ("logic", "memory", "packaging")
        ),
        "memory": value["memory"],
        "osat": value["packaging"] - packaging,
        "accelerator_designers": designers,
        "server_makers": value["systems"] - designers,
        "optics": transceivers,
        "networking": value["optics"] - transceivers,
        "engineering_and_construction": value["construction"],
        "thermal": value["cooling"],
        "electrical_equipment": value["electrical"],
        "power_equipment": turbines,
        "independent_power": value["generation"] - turbines,
        "utilities": value["grid"],
        "compute": compute,
        "models": models,
        "applications": applications,
    }
    kept = revenue | {
        "compute": o["compute_margin_usd_bn"],
        "models": models - p["market.compute_bought_by_models"] * compute,
        "applications": applications - p["market.models_bought_by_applications"] * models,
    }
    return np.array([revenue[group] for group in GROUPS]), np.array([kept[group] for group in GROUPS])


def log_earning_power(earnings: np.ndarray, revenue: np.ndarray, p: Parameters) -> np.ndarray:
    """Logarithm of what a multiple is put on; the loss of digits of a deep loss is avoided by the conjugate."""
    share = p["market.earning_power_share"] * revenue + p["market.smallest_earnings_usd_bn"]
    root = np.sqrt(earnings**2 + 4 * share**2)
    power = [(e + q) / 2 if e >= 0 else 2 * f**2 / (q - e) for e, q, f in zip(earnings, root, share, strict=True)]
    return np.log(power)


def answered(s: dict[str, Any], o: Outputs, p: Parameters) -> Outputs:
    """Earnings, multiples, prices and who carries the rise."""
    revenue, kept = sales(o, p)
    earnings = p.groups("earnings_margin") * kept
    power = log_earning_power(earnings, revenue, p)
    growth = power - s["log_earning_power"]
    expected = p["market.expected_earnings_growth"]
    multiple = (
        p["market.reversion"] * (np.log(p.groups("long_run_multiple")) - s["log_multiple"])
        + p["market.surprise_response"] * (growth - expected)
        + p["market.extrapolation"] * (s["price_growth"] - expected)
        + p["market.log_multiple_shift"]
    )
    rises = np.maximum(0.0, earnings - s["earnings"])
    return {
        "group_revenue_usd_bn": revenue,
        "group_earnings_usd_bn": earnings,
        "log_earning_power": power,
        "earnings_growth": growth,
        "multiple_growth": multiple,
        "log_multiple": s["log_multiple"] + multiple,
        "price_growth": growth + multiple,
        "earnings_breadth": float(np.mean(earnings > s["earnings"])),
        "contributors": float(np.sum(rises) ** 2 / np.sum(rises**2)) if np.sum(rises) > 0 else 0.0,
    }
