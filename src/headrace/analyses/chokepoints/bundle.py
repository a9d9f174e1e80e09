"""The cheapest expansions that put one more GW into service by a date, if they are decided in the first quarter.

A convex programme: what a CES of capacities makes of more of them bends down, and the cost is linear. Compute gained
and its slope come from the whole loop, so that a layer that is relieved hands the rent on to the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jax
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.optimize import minimize

from headrace.simulation.relief import NUMBERS, relief
from headrace.variables import LAYERS
from headrace.world import World

Array = NDArray[np.float64]

READS = tuple(f"{layer}.capital_quarters" for layer in LAYERS)
"""Parameters that only this question reads."""

MOST_RAISED = 1.0
"""Share by which a layer can be raised at the most: the double of what it has."""

DRAWS = 125
"""Of the World, the first ones: mean compute gained is looked at over these."""

_STEPS = 60
_CLOSE_ENOUGH = 1e-3


@dataclass(frozen=True)
class Bundle:
    """What is expanded.

    Attributes:
        raised: Share by which capacity is raised once it can come [1], (layer,); NaN where no bundle gains the target.
        in_time: Share of draws in which what is decided in the first quarter comes before the date [1], (layer,).
        added_gw: Capacity added at the date, (draw, layer) [GW/quarter].
        cost_usd_bn: Capital it takes, (draw, layer) [USD bn].
        gained_gw: Compute in service at the date, less what there would have been, (draw,) [GW].
        most_gw: Mean gained if every layer is raised as far as it can be [GW].
    """

    raised: Array
    in_time: Array
    added_gw: Array
    cost_usd_bn: Array
    gained_gw: Array
    most_gw: float


def bundle(world: World, future: xr.Dataset, drawn: Mapping[str, Array], date: int, target_gw: float = 1.0) -> Bundle:
    """The bundle of least median capital whose mean gain over draws is the target.

    Args:
        world: Of the run.
        future: Its run, draws that reach the end, with ``capacity_gw_per_quarter``, ``unit_cost_usd_bn_per_gw`` and
            ``scarcity_price``.
        drawn: Every parameter by dotted name, of the same draws, (draw,).
        date: Quarters since the first simulated at whose end compute is counted.
        target_gw: To be gained [GW], > 0.
    """
    count = min(DRAWS, world.draws)
    arguments = world.loop_arguments(0, count)
    kind = np.float64 if world.precision == 64 else np.float32
    lead = np.asarray(arguments[0]["layer.lead_time_quarters"], np.float64)
    comes = np.arange(world.quarters)[:, np.newaxis, np.newaxis] >= lead
    there = (np.arange(world.quarters) == date).astype(kind)
    weight = np.array([name == "compute" for name in NUMBERS], dtype=kind)

    def compute(raised: Array) -> tuple[Array, Array]:
        """Compute at the date and its slope by layer, (draw,) and (draw, layer)."""
        with jax.enable_x64(world.precision == 64):
            more = (raised[:, np.newaxis] * comes).astype(kind)
            found = relief(*arguments, more, there, weight, kind(1), quarters=world.quarters)
            slope = np.asarray(found.slope, np.float64)
            return np.asarray(found.number, np.float64), np.where(comes, slope, 0).sum(axis=0).T

    before = compute(np.zeros(len(LAYERS)))[0]
    known = np.isfinite(before)
    balance = future["unit_cost_usd_bn_per_gw"].values[:, 0] / future["scarcity_price"].values[:, 0]
    capital = np.stack([drawn[name] for name in READS], axis=1) * balance
    at_date = np.asarray(future["capacity_gw_per_quarter"].values[:, date], np.float64)
    price = np.median(capital * at_date, axis=0)  # of doubling a layer

    def gain(raised: Array) -> tuple[float, Array]:
        after, slope = compute(raised)
        both = known & np.isfinite(after)
        return float((after - before)[both].mean()), slope[both].mean(axis=0)

    most = gain(np.full(len(LAYERS), MOST_RAISED))[0]
    raised = np.full(len(LAYERS), np.nan)
    if most >= target_gw:
        raised = _cheapest(gain, price, target_gw)
    after = compute(raised)[0] if np.isfinite(raised).all() else np.full(count, np.nan)
    return Bundle(
        raised=raised,
        in_time=(lead <= date).mean(axis=1),
        added_gw=raised * at_date,
        cost_usd_bn=raised * at_date * capital,
        gained_gw=(after - before)[known],
        most_gw=most,
    )


def _cheapest(gain: Callable[[Array], tuple[float, Array]], price: Array, target_gw: float) -> Array:
    """Least cost with the gain on target: sequential quadratic programmes on the exact slope."""
    last: dict[bytes, tuple[float, Array]] = {}

    def at(raised: Array) -> tuple[float, Array]:
        key = raised.tobytes()
        if key not in last:
            last.clear()
            last[key] = gain(raised)
        return last[key]

    scale = price.sum()
    found = minimize(
        lambda raised: float(price @ raised) / scale,
        np.full(len(price), 0.1),
        jac=lambda _raised: price / scale,
        bounds=[(0, MOST_RAISED)] * len(price),
        constraints={
            "type": "ineq",
            "fun": lambda raised: at(raised)[0] / target_gw - 1,
            "jac": lambda raised: at(raised)[1] / target_gw,
        },
        method="SLSQP",
        options={"maxiter": _STEPS, "ftol": 1e-7},
    )
    raised = np.clip(found.x, 0, MOST_RAISED)
    if at(raised)[0] < (1 - _CLOSE_ENOUGH) * target_gw:
        return np.full(len(price), np.nan)
    return np.asarray(np.where(raised < _CLOSE_ENOUGH, 0, raised))
