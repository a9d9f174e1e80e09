"""Capital expenditure over cash flow, and AI revenue against its cost of capital."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from headrace.analyses import coverage
from headrace.periods import quarter_range
from headrace.variables import BUILDERS, PLAYERS

pytestmark = pytest.mark.xdist_group("future")


def margins(*draws: list[float]) -> xr.Dataset:
    """A future from 2026Q3 on whose margin is as given and whose capital charge is 10 a quarter."""
    values = np.array(draws)
    coords = {"quarter": quarter_range("2026Q3", values.shape[1])}
    charge = np.full_like(values, 10.0)
    return xr.Dataset(
        {
            "compute_margin_usd_bn": (("draw", "quarter"), values),
            "capital_charge_usd_bn": (("draw", "quarter"), charge),
        },
        coords,
    )


def test_what_is_covered_in_the_first_year_is_covered_already() -> None:
    assert coverage.year_of_coverage(margins([11.0, 10.0, 0.0, 0.0, 0.0, 0.0])).tolist() == [2026]


def test_exactly_covered_is_covered() -> None:
    assert coverage.year_of_coverage(margins([10.0, 10.0])).tolist() == [2026]


def test_a_year_counts_as_a_whole() -> None:
    # 2027: 4 × 10 charged, 7 + 9 + 11 + 13 earned
    assert coverage.year_of_coverage(margins([0.0, 0.0, 7.0, 9.0, 11.0, 13.0])).tolist() == [2027]


def test_what_is_never_covered_is_one_past_the_last_year() -> None:
    assert coverage.year_of_coverage(margins([9.0] * 6)).tolist() == [2028]


def test_the_first_year_counts_even_where_it_does_not_last() -> None:
    found = coverage.year_of_coverage(margins([0.0, 0.0, *[12.0] * 4, *[0.0] * 4], [0.0] * 6 + [12.0] * 4))
    assert found.tolist() == [2027, 2028]


def test_the_last_quarter_of_a_year_is_its_fourth() -> None:
    assert coverage.last_quarter_of_year(2028) == "2028Q4"


def test_filed_quarters_enter_the_sums_of_the_first_simulated_ones(past: xr.Dataset, future: xr.Dataset) -> None:
    ratio = coverage.capex_over_cash_flow(past, future)
    known = past.isel(draw=0).sel(builder=list(PLAYERS), quarter=["2025Q4", "2026Q1", "2026Q2"])
    run = future.sel(builder=list(PLAYERS)).isel(quarter=0)
    sums = {
        name: float(known[name].sum()) + run[name].sum("builder").values
        for name in (coverage.CAPEX, coverage.CASH_FLOW)
    }
    wanted = sums[coverage.CAPEX] / sums[coverage.CASH_FLOW]
    assert ratio.sel(quarter="2026Q3").values == pytest.approx(wanted)


def test_the_ratio_before_the_start_is_filed_and_the_same_in_every_draw(past: xr.Dataset, future: xr.Dataset) -> None:
    before = coverage.capex_over_cash_flow(past, future).sel(quarter="2026Q2")
    known = past.isel(draw=0).sel(builder=list(PLAYERS), quarter=quarter_range("2025Q3", 4))
    filed = float(known[coverage.CAPEX].sum() / known[coverage.CASH_FLOW].sum())
    assert before.values == pytest.approx(filed)


def test_the_peak_is_the_highest_ratio_from_the_last_filed_quarter_on(past: xr.Dataset, future: xr.Dataset) -> None:
    peak = coverage.peak_funding(past, future)
    ratio = coverage.capex_over_cash_flow(past, future).sel(quarter=quarter_range("2026Q2", 41))
    assert peak.ratio == pytest.approx(ratio.max("quarter").values)
    assert peak.in_the_past == pytest.approx(float((ratio.argmax("quarter") == 0).mean()))


def test_the_gap_at_the_peak_is_what_was_borrowed_or_raised_over_its_four_quarters(
    past: xr.Dataset, future: xr.Dataset
) -> None:
    peak = coverage.peak_funding(past, future)
    ratio = coverage.capex_over_cash_flow(past, future).sel(quarter=quarter_range("2026Q2", 41))
    raised = (future["borrowing_usd_bn"] + future["external_funding_usd_bn"]).sel(builder=list(PLAYERS)).sum("builder")
    late = np.flatnonzero(ratio.argmax("quarter").values >= 4)
    assert late.size
    for draw in late:
        last = int(ratio.isel(draw=draw).values.argmax())  # quarter 0 is the last filed one
        four = raised.isel(draw=draw, quarter=slice(last - 4, last))
        assert peak.gap_usd_bn[draw] == pytest.approx(float(four.sum()))


def test_builders_without_filings_are_left_out(future: xr.Dataset) -> None:
    assert np.isnan(future[coverage.CAPEX].sel(builder=BUILDERS[-1]).values).all()
