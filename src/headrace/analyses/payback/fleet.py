"""The fleet by year: what compute earns, what its assets cost, and the revenue that the year's spending asks for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from headrace.analyses.coverage import year_of_coverage
from headrace.analyses.payback.reading import Array, Reading, known
from headrace.analyses.payback.vintages import lives
from headrace.investment.required_revenue import required_revenue
from headrace.units import QUARTERS_PER_YEAR


def by_year(reading: Reading) -> xr.Dataset:
    """Revenue, margin, capital charge and required revenue of all builders in every calendar year the run has whole.

    Args:
        reading: The run.

    Returns:
        (draw, year), in USD bn a year: ``fleet_spending``, ``fleet_revenue``, ``fleet_margin``, ``capital_charge`` and
        ``required_revenue``, that which the year's spending on IT and on sites asks for over their lives at the cost of
        capital; ``capital_cover`` and ``revenue_over_required`` [1]. ``first_year_covered`` (draw), one past the last
        year of the run where there is none.
    """
    years = whole_years(reading)
    summed = yearly(reading)
    it, site, margin, revenue, charge = (
        summed(reading.output(name).reshape(len(reading.quarters), -1, reading.run.sizes["draw"]).sum(axis=1))
        for name in (
            "it_payment_usd_bn",
            "site_payment_usd_bn",
            "compute_margin_usd_bn",
            "compute_revenue_usd_bn",
            "capital_charge_usd_bn",
        )
    )
    drawn = reading.drawn
    life = summed(lives(reading)) / QUARTERS_PER_YEAR**2
    facility_life = drawn["finance.facility_economic_life_quarters"] / QUARTERS_PER_YEAR
    share = np.where(revenue > 0, margin / np.where(revenue > 0, revenue, 1), 1)
    required = sum(
        required_revenue(cost, lasts, drawn["finance.wacc"], share)
        for cost, lasts in ((it, life), (site, facility_life))
    )
    per_year = {
        "fleet_spending": (it + site, "USD bn/year", "AI capital expenditure of all builders"),
        "fleet_revenue": (revenue, "USD bn/year", "Compute revenue"),
        "fleet_margin": (margin, "USD bn/year", "Margin on compute"),
        "capital_charge": (charge, "USD bn/year", "Capital charge of the AI assets in service"),
        "required_revenue": (required, "USD bn/year", "Revenue that the year's spending asks for"),
        "capital_cover": (margin / charge, "1", "Margin over capital charge"),
        "revenue_over_required": (revenue / required, "1", "Compute revenue over required revenue"),
    }
    values = {
        name: known(np.asarray(flows).T, ("draw", "year"), unit, label)
        for name, (flows, unit, label) in per_year.items()
    }
    first = year_of_coverage(reading.run)
    values["first_year_covered"] = known(first, ("draw",), "year", "First year in which margin covers capital charge")
    return xr.Dataset(values, {"draw": reading.run["draw"].values, "year": years})


def whole_years(reading: Reading) -> list[int]:
    """Calendar years of which the run has all four quarters."""
    years = [int(quarter[:4]) for quarter in reading.quarters]
    return [year for year in dict.fromkeys(years) if years.count(year) == QUARTERS_PER_YEAR]


def yearly(reading: Reading) -> Callable[[Array], Array]:
    """The sum over the quarters of every whole year: from (quarter, ...) to (year, ...)."""
    years = np.array([int(quarter[:4]) for quarter in reading.quarters])
    whole = whole_years(reading)

    def summed(flows: Array) -> Array:
        each = [flows[years == year].sum(axis=0) for year in whole]
        return np.stack(each) if each else np.empty((0, *flows.shape[1:]))

    return summed
