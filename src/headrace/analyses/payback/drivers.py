"""What a payback depends on: each driver as one number that a person knows, and the parameters that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace.errors import unknown_name
from headrace.parameters.registry import registry
from headrace.units import QUARTERS_PER_YEAR

Array = NDArray[np.float64]
Draws = Mapping[str, Any]
"""Parameters by dotted name, (world,)."""

Limits = tuple[Array, Array]


@dataclass(frozen=True)
class Driver:
    """One number that moves a payback.

    Attributes:
        label: What a person calls it.
        unit: Of its values.
        parameters: That it moves.
        value: Of a world, from its parameters, (world,).
        put: The parameters that give a world another value of it; analytic, for its slope is taken.
        limits: The values between which every one of the parameters stays inside its range.
        needs_interest: Whether it counts only where cash is discounted.
    """

    label: str
    unit: str
    parameters: tuple[str, ...]
    value: Callable[[Draws], Any]
    put: Callable[[Draws, Any], dict[str, Any]]
    limits: Callable[[Draws], Limits]
    needs_interest: bool = False


def driver(name: str) -> Driver:
    """The driver called ``name``.

    Raises:
        UnknownNameError: There is none; the message lists near matches.
    """
    if name not in DRIVERS:
        raise unknown_name("driver", name, DRIVERS, "driver")
    return DRIVERS[name]


def _alone(label: str, name: str, *, needs_interest: bool = False) -> Driver:
    def limits(draws: Draws) -> Limits:
        low, high = registry()[name].range
        return np.full(len(draws[name]), low), np.full(len(draws[name]), high)

    return Driver(
        label,
        registry()[name].unit,
        (name,),
        lambda draws: draws[name],
        lambda _, value: {name: value},
        limits,
        needs_interest,
    )


def _together(label: str, unit: str, names: tuple[str, ...]) -> Driver:
    """The sum of several parameters, moved in proportion."""

    def value(draws: Draws) -> Any:
        return sum(draws[name] for name in names)

    def put(draws: Draws, wanted: Any) -> dict[str, Any]:
        return {name: draws[name] * (wanted / value(draws)) for name in names}

    def limits(draws: Draws) -> Limits:
        least, most = (np.stack([registry()[name].range[end] / draws[name] for name in names]) for end in (0, 1))
        return least.max(axis=0) * value(draws), most.min(axis=0) * value(draws)

    return Driver(label, unit, names, value, put, limits)


def _price() -> Driver:
    revenue, fleet = "demand.reference_revenue_usd_bn", "start.active_compute_gw"

    def limits(draws: Draws) -> Limits:
        low, high = (end * QUARTERS_PER_YEAR / draws[fleet] for end in registry()[revenue].range)
        return low, high

    return Driver(
        "Price of compute in service at the start",
        "USD bn/(GW year)",
        (revenue,),
        lambda draws: QUARTERS_PER_YEAR * draws[revenue] / draws[fleet],
        lambda draws, value: {revenue: value * draws[fleet] / QUARTERS_PER_YEAR},
        limits,
    )


def _utilisation() -> Driver:
    """Of the run, that of the reference quarter staying what it is: there, revenue is observed and fixes the price."""
    now, ratio = "demand.utilisation", "demand.reference_utilisation"

    def limits(draws: Draws) -> Limits:
        at_reference = draws[now] * draws[ratio]
        (least, most), (low, high) = registry()[ratio].range, registry()[now].range
        return np.maximum(low, at_reference / most), np.minimum(high, at_reference / least)

    return Driver(
        "Utilisation after the first quarter",
        "1",
        (now, ratio),
        lambda draws: draws[now],
        lambda draws, value: {now: value, ratio: draws[now] * draws[ratio] / value},
        limits,
    )


DRIVERS: Mapping[str, Driver] = {
    "utilisation": _utilisation(),
    "price": _price(),
    "adoption": _alone("Adoption by imitation", "adoption.imitation"),
    "it_life": _alone("Economic life of IT", "finance.it_economic_life_quarters"),
    "cost_of_capital": _alone("Cost of capital", "finance.wacc", needs_interest=True),
    "unit_cost": _together(
        "Cost of one GW, before the start is solved", "USD bn/GW", ("cost.it_usd_bn_per_gw", "cost.site_usd_bn_per_gw")
    ),
    "elasticity": _alone("Price elasticity of demand", "demand.price_elasticity"),
    "margin": _alone("Margin on compute", "demand.compute_margin"),
    "progress": _alone("Growth of compute per GW", "energise.frontier_quality_growth"),
    "power": _together(
        "Power connected and generated on site",
        "MW/quarter",
        ("grid.capacity_mw_per_quarter", "generation.capacity_mw_per_quarter"),
    ),
    "fear": _alone("Loss aversion", "rivalry.loss_aversion"),
    "facility_life": _alone("Economic life of facilities", "finance.facility_economic_life_quarters"),
    "tax": _alone("Tax rate", "funding.cash_tax_rate"),
}
"""Every driver by name; what must be true is asked of the first six unless someone names others."""

ASKED = tuple(DRIVERS)[:6]
