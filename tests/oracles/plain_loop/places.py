"""The regions of one world: what a grid can still take, and where new compute goes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from .parameters import GRID, Parameters

State = dict[str, Any]


def opened(p: Parameters) -> tuple[State, SimpleNamespace]:
    """Regions before the first quarter."""
    compute = p["start.active_compute_gw"] * _part(p.regions("compute_share"))
    ai = _ai_load(compute, p)
    centres = np.maximum(0.0, p.regions("data_centre_load_gw") - ai)
    other = np.maximum(centres, p.regions("load_gw") - ai)
    ordinary = np.array([a / b if b > 0 else 0.0 for a, b in zip(centres, other, strict=True)])
    state = {"regional_compute": compute, "connected": compute.copy(), "other_load": other}
    w = SimpleNamespace(ordinary_share=ordinary)
    w.headroom = _headroom_gw(*load(state, w, p), p)
    return state, w


def _part(values: np.ndarray) -> np.ndarray:
    whole = np.sum(values)
    return values / whole if whole > 0 else np.full(len(values), 1 / len(values))


def _ai_load(connected: np.ndarray, p: Parameters) -> np.ndarray:
    return p["siting.power_usage_effectiveness"] * p["siting.load_factor"] * connected


def load(s: State, w: SimpleNamespace, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Load on the grid of each region, and the share of data centres in it."""
    ai = _ai_load(s["connected"], p)
    whole = s["other_load"] + ai
    return whole, (w.ordinary_share * s["other_load"] + ai) / whole


def _headroom_gw(whole: np.ndarray, share: np.ndarray, p: Parameters) -> np.ndarray:
    limit = p.regions("data_centre_share_limit")
    return np.maximum(0.0, (limit - share) * whole / (1 - limit))


def headroom(s: State, w: SimpleNamespace, p: Parameters) -> np.ndarray:
    """Headroom of each grid against the start."""
    now = _headroom_gw(*load(s, w, p), p)
    return np.array([min(1.0, a / b) if b > 0 else 0.0 for a, b in zip(now, w.headroom, strict=True)])


def factor(s: State, w: SimpleNamespace, p: Parameters) -> float:
    """Share of interconnection that regions let through."""
    return float(np.sum(_part(p.regions("interconnection_share")) * p.regions("openness") * headroom(s, w, p)))


def sited(s: State, w: SimpleNamespace, p: Parameters, use: np.ndarray, energised: float, retired: float) -> State:
    """Regions at the end of the quarter, and what was energised in each."""
    price = p.regions("electricity_price_usd_per_mwh")
    pull = p.regions("policy_weight") * (price / price.min()) ** -p["siting.price_elasticity"]
    home = _part(p.regions("compute_share")) * pull
    on_site = _part(home)
    room = _part(p.regions("interconnection_share")) * p.regions("openness") * headroom(s, w, p)
    on_grid = on_site
    for weights in (room * pull, room):
        if np.sum(weights) > 0:
            on_grid = _part(weights)
            break
    grid = use[GRID]
    siting = grid * on_grid + (1 - grid) * on_site
    more, less = max(0.0, energised - retired), max(0.0, retired - energised)
    compute = s["regional_compute"]
    world = float(np.sum(compute))
    return {
        "regional_energised_gw": compute / world * min(energised, retired) + siting * more,
        "regional_compute": compute - compute / world * less + siting * more,
        "connected": s["connected"] - s["connected"] / world * less + grid * on_grid * more,
        "other_load": s["other_load"] * (1 + p.regions("load_growth")),
    }
