"""One world, quarter by quarter, until it ends or the quarters do."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from headrace.variables import ENDINGS

from . import vintages
from .parameters import Parameters, Path
from .quarter import quarter
from .start import opened

State = dict[str, Any]
Outputs = dict[str, Any]

AHEAD = 4
"""Quarters over which the binding layer is judged."""


def world(
    values: Mapping[str, float],
    capex: np.ndarray,
    cash_flow: np.ndarray,
    quarters: int,
    paths: Mapping[str, Path] | None = None,
    judged: tuple[int, ...] = (),
) -> dict[str, np.ndarray]:
    """Outputs of one world.

    Args:
        values: Parameters by dotted name.
        capex: Filed capital expenditure of the players, (past, player).
        cash_flow: Filed operating cash flow of the last four quarters, (4, player).
        quarters: How many to run.
        paths: Factor and shift by quarter of parameters that move.
        judged: Quarters in which elasticities are taken.

    Returns:
        By name, (quarter, *axes); NaN from the quarter in which the world ends, but for its status.
    """
    with np.errstate(all="ignore"):
        return _world(Parameters(values), capex, cash_flow, quarters, paths or {}, judged)


def _world(
    rest: Parameters,
    capex: np.ndarray,
    cash_flow: np.ndarray,
    quarters: int,
    paths: Mapping[str, Path],
    judged: tuple[int, ...],
) -> dict[str, np.ndarray]:
    s, w = opened(rest, capex, cash_flow)
    past = vintages.before_the_start(s, rest, capex)
    rows: list[Outputs] = []
    status = 0
    while not status and len(rows) < quarters:
        t = len(rows)
        p = rest.at(t, paths)
        after, o = quarter(s, w, p, t)
        if t in judged:
            o |= elasticities(s, w, p, t, o["held_share"])
        status = how_it_stands(s, w, p, o)
        rows.append(o)
        s = after
    outputs = {name: np.array([row[name] for row in rows], float) for name in rows[0] if name not in ELASTICITIES}
    outputs["new_vintage_depreciation_usd_bn"] = vintages.depreciation(outputs, rest)
    outputs["capital_charge_usd_bn"] = vintages.capital_charge(outputs, past, rest)
    alive = len(rows) - (status > 0)
    for name, values in outputs.items():
        outputs[name] = np.full((quarters, *values.shape[1:]), np.nan)
        outputs[name][:alive] = values[:alive]
    outputs["world_status"] = np.where(np.arange(quarters) < alive, 0, status)
    return outputs | {name: np.array([rows[t][name] for t in judged if t < alive]) for name in ELASTICITIES}


ELASTICITIES = ("layer_elasticity", "demand_elasticity", "funding_elasticity")


def how_it_stands(s: State, w: SimpleNamespace, p: Parameters, o: Outputs) -> int:
    """Code of the cause for which the world ends in the quarter, 0 if there is none."""
    earned = 4 * np.mean(s["recent_cash_flow"], axis=0)
    owes_too_much = o["net_debt_usd_bn"] > p["funding.insolvency_years"] * np.maximum(0.0, earned)
    flows = [o[f"{branch}_{name}"] for branch in ("it", "site") for name in ("flow", "desired_flow_gw")]
    causes = {
        "supply_stopped": min(flows) <= 0,
        "demand_collapsed": o["compute_revenue_usd_bn"] < p["demand.smallest_revenue_share"] * w.revenue,
        "unfunded": np.any(owes_too_much & (o["borrowing_usd_bn"] > 0)),
        "out_of_numbers": not all(np.all(np.isfinite(value)) for value in o.values()),
    }
    return next((list(ENDINGS).index(name) for name, holds in causes.items() if holds), 0)


def elasticities(s: State, w: SimpleNamespace, p: Parameters, t: int, held: float) -> Outputs:
    """Per cent more energised over the coming quarters for one per cent more of each limit, by central differences."""
    step = 1e-5

    def log_energised(changed: State) -> float:
        total, now = 0.0, s | changed
        for later in range(t, t + AHEAD):
            now, seen = quarter(now, w, p, later)
            total += float(np.sum(seen["energised_gw"]))
        return float(np.log(total))

    def slope(raised: State, lowered: State) -> float:
        return (log_energised(raised) - log_energised(lowered)) / (2 * step)

    def asked(side: int) -> State:
        names = ("it_backlog", "site_backlog", "it_advances", "site_advances")
        return {name: s[name] * np.exp(side * step) for name in names}

    layers = np.eye(len(s["capacity"])) * step
    demand = slope(asked(1), asked(-1))
    return {
        "layer_elasticity": [
            slope({"capacity": s["capacity"] * np.exp(one)}, {"capacity": s["capacity"] * np.exp(-one)})
            for one in layers
        ],
        "demand_elasticity": demand * (1 - held),
        "funding_elasticity": demand * held,
    }
