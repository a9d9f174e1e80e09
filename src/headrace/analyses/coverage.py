"""Money against money: capital expenditure over operating cash flow, and AI revenue against its cost of capital."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.evidence.history import builder_sum, four_quarter_sum
from headrace.periods import quarter_index, quarter_label
from headrace.units import QUARTERS_PER_YEAR

CAPEX = "capital_expenditure_usd_bn"
CASH_FLOW = "operating_cash_flow_usd_bn"


@dataclass(frozen=True)
class Peak:
    """The highest capital expenditure over operating cash flow of each draw, four-quarter sums of the five players.

    Attributes:
        ratio: (draw,) [1].
        quarter: Median quarter of the peak.
        gap_usd_bn: What operating cash flow after payouts left uncovered over those four quarters, (draw,) [USD bn].
        in_the_past: Share of draws whose peak is a filed quarter.
    """

    ratio: NDArray[np.float64]
    quarter: str
    gap_usd_bn: NDArray[np.float64]
    in_the_past: float


def capex_over_cash_flow(history: xr.Dataset, future: xr.Dataset) -> xr.DataArray:
    """Capital expenditure over operating cash flow of the five players, four-quarter sums, (draw, quarter).

    Filed quarters come first and enter the sums of the first simulated ones.
    """
    capex, cash_flow = (_joined(history, future, name) for name in (CAPEX, CASH_FLOW))
    ratio: xr.DataArray = four_quarter_sum(capex) / four_quarter_sum(cash_flow)
    return ratio.assign_attrs(
        units="1", long_name="Capital expenditure over operating cash flow", subtitle="Five players, four-quarter sums"
    )


def peak_funding(history: xr.Dataset, future: xr.Dataset) -> Peak:
    """When capital expenditure is highest against cash flow, from the last four filed quarters on, and the gap then.

    The gap is capital expenditure less operating cash flow after payouts: what borrowing, shares sold and
    prepayments must cover. In filed quarters payouts are taken at the share of the draw.
    """
    ratio = capex_over_cash_flow(history, future)
    last_filed = quarter_index(str(future["quarter"].values[0])) - 1
    from_now = ratio.sel(quarter=[q for q in ratio["quarter"].values if quarter_index(str(q)) >= last_filed])
    where = from_now.values.argmax(axis=1)
    draws = np.arange(from_now.sizes["draw"])
    gaps = _gaps(history, future).sel(quarter=from_now["quarter"])
    median = int(np.median(where))
    return Peak(
        ratio=from_now.values[draws, where],
        quarter=str(from_now["quarter"].values[median]),
        gap_usd_bn=gaps.values[draws, where],
        in_the_past=float((where == 0).mean()),
    )


def year_of_coverage(future: xr.Dataset) -> NDArray[np.int64]:
    """First calendar year in which the margin on compute covers the capital charge, (draw,).

    One past the last year where none does. The first and the last year count with the quarters that the future has of
    them.
    """
    years = np.array([int(str(quarter)[:4]) for quarter in future["quarter"].values])
    margin, charge = future["compute_margin_usd_bn"].values, future["capital_charge_usd_bn"].values
    every = np.unique(years)
    covered = np.stack([(margin - charge)[:, years == year].sum(axis=1) >= 0 for year in every], axis=1)
    first: NDArray[np.int64] = np.where(covered.any(axis=1), every[covered.argmax(axis=1)], every[-1] + 1)
    return first


def _joined(history: xr.Dataset, future: xr.Dataset, name: str) -> xr.DataArray:
    filed = builder_sum(history, name)
    simulated = builder_sum(future, name)
    first = quarter_index(str(simulated["quarter"].values[0]))
    filed = filed.sel(quarter=[q for q in filed["quarter"].values if quarter_index(str(q)) < first])
    repeated = xr.DataArray(
        np.broadcast_to(filed.values, (simulated.sizes["draw"], filed.sizes["quarter"])),
        dims=("draw", "quarter"),
        coords={"draw": simulated["draw"], "quarter": filed["quarter"]},
    )
    return xr.concat([repeated, simulated], "quarter")


def _gaps(history: xr.Dataset, future: xr.Dataset) -> xr.DataArray:
    """Capital expenditure less operating cash flow after payouts, four-quarter sums, (draw, quarter)."""
    uncovered = builder_sum(future, "borrowing_usd_bn") + builder_sum(future, "external_funding_usd_bn")
    capex, cash_flow = builder_sum(future, CAPEX), builder_sum(future, CASH_FLOW)
    payouts = (uncovered - capex + cash_flow).isel(quarter=0) / cash_flow.isel(quarter=0)
    before = _joined(history, future, CAPEX) - (1 - payouts) * _joined(history, future, CASH_FLOW)
    first = quarter_index(str(future["quarter"].values[0]))
    past = before.sel(quarter=[q for q in before["quarter"].values if quarter_index(str(q)) < first])
    return four_quarter_sum(xr.concat([past, uncovered], "quarter"))


def last_quarter_of_year(year: int) -> str:
    """Label of the fourth quarter of a year."""
    return quarter_label(year * QUARTERS_PER_YEAR + QUARTERS_PER_YEAR - 1)
