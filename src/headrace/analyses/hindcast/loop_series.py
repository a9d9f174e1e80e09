"""What a future of the full loop says of figures that companies file: spending, sales of accelerators, group revenues.

A filer sells to others than AI. The part of its revenue that has moved with sales of accelerators until the day goes on
as the loop has its group's sales go; the rest stays where it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.optimize import nnls

from headrace.analyses.hindcast.series import CAPITAL_EXPENDITURE, Series
from headrace.errors import EvidenceError
from headrace.evidence.archive import Archive
from headrace.past_start.known import FIRST_KNOWN_SALES, Known
from headrace.periods import quarter_range
from headrace.variables import PLAYERS

Array = NDArray[np.float64]

WANTED = (
    "ai_capital_expenditure_usd_bn",
    "capital_expenditure_usd_bn",
    "group_revenue_usd_bn",
    "planned_ai_capital_expenditure_usd_bn",
)
"""Variables of the table that these series are read from."""

LEAST_SALES = 0.01
"""A group that sells less to AI at the start has no growth to speak of [USD bn/quarter]."""

PRIOR_QUARTERS = 4
"""Quarters in which revenue did not move with sales of accelerators, beside those seen."""

LEAST_AI = 0.05
"""AI spending, and sales to it, do not fall below this share of what the loop has: a logarithm needs something."""


@dataclass(frozen=True)
class LoopSeries:
    """A series, and the group of the loop that sells it.

    Attributes:
        series: What is filed.
        group: Of the loop; empty for spending, which the loop has by player.
        is_all_ai: Whether all of it goes into AI.
    """

    series: Series
    group: str = ""
    is_all_ai: bool = False


def _revenue(group: str, label: str, *members: str) -> LoopSeries:
    return LoopSeries(Series(f"revenue_{group}", label, "revenue", members), group)


DATA_CENTRE_REVENUE = LoopSeries(
    Series("data_centre_revenue_nvidia", "Data-centre revenue of NVIDIA", "data_centre_revenue", ("nvidia",)),
    "accelerator_designers",
    is_all_ai=True,
)

LOOP_SERIES = (
    LoopSeries(CAPITAL_EXPENDITURE[0]),
    DATA_CENTRE_REVENUE,
    LoopSeries(Series("revenue_nvidia", "Revenue of NVIDIA", "revenue", ("nvidia",)), "accelerator_designers"),
    _revenue("accelerator_designers", "Revenue of NVIDIA, AMD and Broadcom", "nvidia", "amd", "broadcom"),
    _revenue("wafer_equipment", "Revenue of four makers of wafer equipment", "applied_materials", "lam_research", "kla",
             "teradyne"),
    _revenue("memory", "Revenue of Micron", "micron"),
    _revenue("server_makers", "Revenue of Super Micro", "super_micro"),
    _revenue("networking", "Revenue of Arista", "arista"),
    _revenue("engineering_and_construction", "Revenue of Quanta and EMCOR", "quanta_services", "emcor"),
    _revenue("thermal", "Revenue of Vertiv", "vertiv"),
    _revenue("electrical_equipment", "Revenue of Eaton", "eaton"),
    _revenue("power_equipment", "Revenue of Caterpillar", "caterpillar"),
    _revenue("independent_power", "Revenue of Vistra and NRG", "vistra", "nrg_energy"),
)  # fmt: skip
"""Groups of which somebody has filed revenue in every quarter since 2019; one name is called by it."""


@dataclass(frozen=True)
class Looked:
    """The loop from a past day, and what one needs to read series off it.

    Attributes:
        future: A run from ``start`` with :data:`WANTED`; worlds that ended are left out.
        start: What was known on the day.
        view: The archive as of the day.
    """

    future: xr.Dataset
    start: Known
    view: Archive

    @property
    def player_spending_usd_bn(self) -> Array:
        """Cash capital expenditure of all players, (draw, quarter)."""
        return self._players("capital_expenditure_usd_bn")

    @property
    def player_ai_spending_usd_bn(self) -> Array:
        """Its AI part, (draw, quarter)."""
        return self._players("ai_capital_expenditure_usd_bn")

    @property
    def ai_start_over_first(self) -> Array:
        """AI spending of everybody in the quarter of the start over that of the first one simulated, (draw, 1)."""
        first = self.future["planned_ai_capital_expenditure_usd_bn"].isel(quarter=0).sum("builder")
        now = (self.future["start_filed_capex_usd_bn"] * self.future["start_ai_share"]).sum("builder")
        ratio: Array = (now / first).values[:, np.newaxis]
        return ratio

    def _players(self, variable: str) -> Array:
        values: Array = self.future[variable].sel(builder=list(PLAYERS)).sum("builder").values
        return values


def log_path(one: LoopSeries, looked: Looked, spending_usd_bn: Array | None = None) -> Array:
    """Logarithm of the series in the quarters of a future, (draw, quarter), of USD bn/quarter.

    Args:
        one: What to read.
        looked: The loop from a day.
        spending_usd_bn: What players spend in place of what the loop has them spend, (draw, quarter): sales follow AI
            spending in the ratio that the loop has between them. The loop's own when left out.

    Raises:
        EvidenceError: No member had filed the series by then.
    """
    own = looked.player_spending_usd_bn
    spending = own if spending_usd_bn is None else spending_usd_bn
    if not one.group:
        return np.log(spending)
    ai = looked.player_ai_spending_usd_bn
    scale = np.maximum(ai + spending - own, LEAST_AI * ai) / ai
    sales = looked.future["group_revenue_usd_bn"].sel(group=one.group).values
    at_start = sales[:, :1] * looked.ai_start_over_first
    if not np.median(at_start) > LEAST_SALES:
        raise EvidenceError(f"{one.series.label}: the loop has its group sell next to nothing to AI at the start")
    growth = np.maximum(scale * sales / np.maximum(at_start, LEAST_SALES), LEAST_AI)
    if one.is_all_ai:
        path: Array = np.log(looked.start.accelerator_sales_usd_bn[-1] * growth)
        return path
    share = _ai_share(one.series, looked)
    path = np.log(_last_filed(one.series, looked) * (1 - share + share * growth))
    return path


def _ai_share(series: Series, looked: Looked) -> float:
    """Share of the last revenue that has moved with sales of accelerators, as filings until then tell.

    Revenue is a constant and a multiple of those sales, neither below none (non-negative least squares); quarters of
    which nothing is known stand for no share.
    """
    quarters = quarter_range(FIRST_KNOWN_SALES, len(looked.start.accelerator_sales_usd_bn))
    revenue = series.as_known(looked.view).reindex(quarters).to_numpy()
    sales = np.array(looked.start.accelerator_sales_usd_bn)
    known = ~np.isnan(revenue)
    if not known.any():
        return 0.0
    (constant, slope), _ = nnls(np.column_stack([np.ones(known.sum()), sales[known]]), revenue[known])
    share = slope * sales[-1] / (constant + slope * sales[-1])
    return float(share * known.sum() / (known.sum() + PRIOR_QUARTERS))


def _last_filed(series: Series, looked: Looked) -> float:
    """The last figure up to the quarter of the start; a fiscal year that ends later is filed later."""
    known = series.as_known(looked.view).loc[: looked.start.quarter].dropna()
    if known.empty:
        raise EvidenceError(f"{series.label}: nothing was filed by {looked.start.day}")
    return float(known.iloc[-1])
