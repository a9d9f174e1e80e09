"""A future beside the IT power that Epoch AI counts on frontier sites, quarter by quarter.

The count holds some fifty large sites, the future all AI compute; so levels differ by what is not counted, and growth
can be compared. Milestones after the present of the count are plans: they thin out the further they lie ahead.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import xarray as xr

from headrace.analyses.beside import Beside
from headrace.analyses.endings import running
from headrace.analyses.figures import drawn_figure
from headrace.analyses.shapes import at, require, total
from headrace.periods import quarter_index, quarter_label, quarter_range
from headrace.units import KW_PER_GW, KW_PER_MW

SITES_VARIABLES = ("energised_gw", "active_compute_gw", "it_retired_gw")

_MW_PER_GW = KW_PER_GW / KW_PER_MW


@dataclass(frozen=True)
class CountedSites:
    """IT power energised on counted sites.

    Attributes:
        sites: How many sites have a milestone of any date.
        present: First and last day that the count can have been made on.
        present_gw: On those days.
        gw: At the end of each quarter.
        planned_gw: The part of it dated after the present; 0 in quarters that had ended.
        energised: Sites with power at the end of each quarter.
    """

    sites: int
    present: tuple[dt.date, dt.date]
    present_gw: float
    gw: dict[str, float]
    planned_gw: dict[str, float]
    energised: dict[str, int]

    def added_gw(self, first: str, last: str) -> float:
        """Mean addition per quarter over the quarters from ``first`` to ``last`` [GW/quarter]."""
        before = quarter_label(quarter_index(first) - 1)
        return (self.gw[last] - self.gw[before]) / (quarter_index(last) - quarter_index(before))


@cache
def counted_sites() -> CountedSites:
    """The count of ``data/frontier_sites.toml``."""
    read = tomllib.loads((files("headrace") / "data" / "frontier_sites.toml").read_text(encoding="utf-8"))
    quarters = quarter_range(read["first_quarter"], len(read["it_power_mw"]))
    return CountedSites(
        sites=read["sites"],
        present=(read["present_first"], read["present_last"]),
        present_gw=read["present_mw"] / _MW_PER_GW,
        gw={quarter: mw / _MW_PER_GW for quarter, mw in zip(quarters, read["it_power_mw"], strict=True)},
        planned_gw={quarter: mw / _MW_PER_GW for quarter, mw in zip(quarters, read["planned_mw"], strict=True)},
        energised=dict(zip(quarters, read["energised_sites"], strict=True)),
    )


def against_sites(future: xr.Dataset) -> list[Beside]:
    """Level at the start, additions and growth of a future beside those of the counted sites.

    Args:
        future: Simulated from 2026Q3 to 2031Q4 at least, with :data:`SITES_VARIABLES`.

    Raises:
        RequestError: A variable or a quarter is missing.
        EndedError: No world runs to the end.
    """
    require(future, SITES_VARIABLES)
    whole, count = running(future), counted_sites()
    energised, active, retired = (total(whole, name) for name in SITES_VARIABLES)
    net = energised - retired
    start = active[:, 0] - net[:, 0]
    before = quarter_label(quarter_index(str(whole["quarter"].values[0])) - 1)
    measures = {
        "stock_at_start": (f"GW energised at the end of {before}", start, "GW", count.gw[before]),
        "added_2026": (
            "GW added per quarter in the second half of 2026, net of what retires",
            net[:, :2].mean(axis=1),
            "GW/quarter",
            count.added_gw("2026Q3", "2026Q4"),
        ),
        "added_2027": (
            "GW added per quarter in 2027, net of what retires",
            net[:, 2:6].mean(axis=1),
            "GW/quarter",
            count.added_gw("2027Q1", "2027Q4"),
        ),
    }
    for year in (2026, 2027):
        end = f"{year}Q4"
        growth = at(whole, "active_compute_gw", end) / start
        measures[f"growth_{year}"] = (
            f"GW energised at the end of {year} over {before}", growth, "1", count.gw[end] / count.gw[before]
        )  # fmt: skip
    return [
        Beside(drawn_figure(key, label, draws, unit, "active_compute_gw"), other)
        for key, (label, draws, unit, other) in measures.items()
    ]
