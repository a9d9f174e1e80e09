"""The outputs by which two futures are told apart: one number a draw each, by year, at the end of years, and in all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.coverage import year_of_coverage
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS

FLOWS = {"ai_capital_expenditure_usd_bn": "AI capital expenditure", "compute_revenue_usd_bn": "Compute revenue"}
"""Compared by year and over the whole run."""

LEVELS = {
    "active_compute_gw": "Energised compute",
    "compute_price_usd_bn_per_gw_quarter": "Price of compute",
    "net_debt_usd_bn": "Net debt of the five",
}
"""Compared at the end of each year."""


@dataclass(frozen=True)
class Output:
    """One output of every draw.

    Attributes:
        key: Variable and period, such as ``ai_capital_expenditure_usd_bn.2028``.
        label: What a person calls it.
        unit: Of the values.
        variable: Name in the table.
        draws: (draw,).
    """

    key: str
    label: str
    unit: str
    variable: str
    draws: NDArray[np.float64]


def main_outputs(future: xr.Dataset) -> list[Output]:
    """Flows by year and in all, levels at the end of each year, and the year in which AI revenue covers its cost.

    Args:
        future: A simulated Dataset; every draw reaches the end.
    """
    return [*_flows(future), *_levels(future), _coverage(future)]


def _flows(future: xr.Dataset) -> Iterator[Output]:
    quarters = [str(quarter) for quarter in future["quarter"].values]
    years = np.array([int(quarter[:4]) for quarter in quarters])
    for name, label in FLOWS.items():
        values, unit = _summed(future, name), str(future[name].attrs.get("units", "USD bn"))
        for year in np.unique(years):
            among = years == year
            part = "" if among.sum() == QUARTERS_PER_YEAR else f", {among.sum()} of its quarters"
            yield Output(f"{name}.{year}", f"{label} in {year}{part}", unit, name, values[:, among].sum(axis=1))
        whole = f"{label}, {quarters[0]} to {quarters[-1]}"
        yield Output(f"{name}.all", whole, unit, name, values.sum(axis=1))


def _levels(future: xr.Dataset) -> Iterator[Output]:
    units = {"active_compute_gw": "GW", "compute_price_usd_bn_per_gw_quarter": "USD bn/(GW quarter)"}
    for name, label in LEVELS.items():
        values = _summed(future, name)
        for at, quarter in enumerate(str(quarter) for quarter in future["quarter"].values):
            if quarter.endswith("Q4"):
                year = quarter[:4]
                yield Output(
                    f"{name}.{year}", f"{label} at the end of {year}", units.get(name, "USD bn"), name, values[:, at]
                )


def _coverage(future: xr.Dataset) -> Output:
    years = year_of_coverage(future).astype(np.float64)
    last = str(future["quarter"].values[-1])[:4]
    label = f"Year in which AI revenue covers its cost of capital (not by {last}: {int(last) + 1})"
    return Output("coverage_year", label, "year", "capital_charge_usd_bn", years)


def _summed(future: xr.Dataset, name: str) -> NDArray[np.float64]:
    """Values over all builders, or over the five where the rest of the world has none, (draw, quarter)."""
    values = future[name]
    if "builder" in values.dims:
        chosen = values.sel(builder=list(PLAYERS)) if name == "net_debt_usd_bn" else values
        values = chosen.sum("builder", skipna=False)
    return np.asarray(values.values, dtype=np.float64)
