"""Where the money has no choice but to go: dollars that reach each layer and group by year, against filed revenue.

What a group must receive is not divided among its companies: most of a group files elsewhere or nothing at all, so a
share in it would be a guess. A company's own revenue stands beside what its whole group receives.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.evidence import universe
from headrace.evidence.archive import Archive
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import GROUPS

Array = NDArray[np.float64]

SUPPLIERS = tuple(group for group in GROUPS if group not in ("compute", "models", "applications"))
"""Groups that the money of builders reaches; the other three earn what users pay."""

OLDEST_DAYS = 300
"""Of a company's last quarter on the day asked about; an older one is no revenue of today."""


def by_year(future: xr.Dataset) -> xr.Dataset:
    """What is delivered by each layer and sold by each group of suppliers, by calendar year.

    Args:
        future: With ``delivered_usd_bn`` and ``group_revenue_usd_bn``.

    Returns:
        ``layer_spend_usd_bn`` (draw, year, layer) and ``group_spend_usd_bn`` (draw, year, group) [USD bn], with the
        number of quarters of each year as coordinate ``quarters``.
    """
    years = np.array([int(str(quarter)[:4]) for quarter in future["quarter"].values])
    every = np.unique(years)

    def summed(name: str) -> Array:
        values = np.asarray(future[name].values, np.float64)
        return np.stack([values[:, years == year].sum(axis=1) for year in every], axis=1)

    groups = [GROUPS.index(group) for group in SUPPLIERS]
    unit = {"units": "USD bn"}
    return xr.Dataset(
        {
            "layer_spend_usd_bn": (
                ("draw", "year", "layer"),
                summed("delivered_usd_bn"),
                unit | {"long_name": "Delivered by a layer at its price"},
            ),
            "group_spend_usd_bn": (
                ("draw", "year", "group"),
                summed("group_revenue_usd_bn")[..., groups],
                unit | {"long_name": "Sold to AI by a group"},
            ),
        },
        {
            "year": every,
            "quarters": ("year", [int((years == year).sum()) for year in every]),
            "layer": future["layer"].values,
            "group": list(SUPPLIERS),
        },
    )


def by_company(future: xr.Dataset, then: Archive, day: dt.date) -> xr.Dataset:
    """Revenue of each supplier that files, and what its whole group receives in the first four quarters over it.

    Args:
        future: With ``group_revenue_usd_bn``.
        then: What was known on the day.
        day: A company whose last quarter ended long before it is left out.

    Returns:
        ``revenue_usd_bn`` (company): of the last four quarters filed [USD bn]; ``group_spend_over_revenue`` (draw,
        company) [1]; coordinates ``group_of_company`` and ``last_quarter``.
    """
    first_year = np.asarray(
        future["group_revenue_usd_bn"].isel(quarter=slice(0, QUARTERS_PER_YEAR)).sum("quarter").values, np.float64
    )
    rows = []
    for group in SUPPLIERS:
        members = [slug for slug, one in universe.load().items() if _named(one.group) == group]
        panel = then.panel("revenue", members)
        for slug in members:
            filed = panel[slug].dropna() if slug in panel else panel.iloc[:0, :0].squeeze()
            last = filed.iloc[-QUARTERS_PER_YEAR:]
            if len(last) == QUARTERS_PER_YEAR and _is_recent(str(last.index[-1]), day):
                rows.append((slug, group, str(last.index[-1]), float(last.sum())))
    revenue = np.array([row[3] for row in rows])
    spend = np.stack([first_year[:, GROUPS.index(row[1])] for row in rows], axis=1) if rows else np.empty((0, 0))
    return xr.Dataset(
        {
            "revenue_usd_bn": ("company", revenue, {"units": "USD bn", "long_name": "Revenue of four quarters filed"}),
            "group_spend_over_revenue": (
                ("draw", "company"),
                spend / revenue if rows else np.empty((future.sizes["draw"], 0)),
                {"units": "1", "long_name": "Sold to AI by the whole group in a year over the company's revenue"},
            ),
        },
        {
            "company": [row[0] for row in rows],
            "group_of_company": ("company", [row[1] for row in rows]),
            "last_quarter": ("company", [row[2] for row in rows]),
        },
    )


def _named(group: str) -> str:
    """A group of the universe as the loop calls it."""
    return group.lower().replace(" ", "_")


def _is_recent(quarter: str, day: dt.date) -> bool:
    ended = dt.date(int(quarter[:4]), 3 * int(quarter[-1]), 28)
    return (day - ended).days <= OLDEST_DAYS
