"""The page on rents: whether capacity and demand alone order them as reported, and why where they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from headrace.evidence import rents
from headrace.service import rent_order

Table = Callable[[Sequence[str], Iterable[Sequence[str]]], str]

LEAD = (
    "Reported rents of an H100 fell from 2023 to October 2025 and had risen by March 2026. Here the price equation of "
    "the loop is put on accelerators as they shipped (Epoch AI's counts, `data/shipped_accelerators.toml`) and on "
    "adopters as Bass has them, with no term for time: the price of an H100 equivalent is demand over fleet to the "
    "power of one over the price elasticity. 4,000 worlds; `hr.rent_order()` says the same. Rents of different kinds "
    "of contract are not chained, and no correlation is computed: of one kind there are two points."
)


def rents_page(table: Table) -> str:
    """What holds, the path with its reasons, and what was reported."""
    found = rent_order()
    holds = found["holds"]
    growth = ("fleet_growth", "adoption_growth", "model_revenue_growth")
    return "\n".join([
        "## Does the order hold?", "",
        table(("the order that was reported", *(str(name) for name in holds["knowledge"].values)), (
            (str(claim), *(f"{float(share):.0%} of worlds" for share in holds.sel(claim=claim)))
            for claim in holds["claim"].values
        )), "",
        _verdict(float(holds[-1, -1])), "",
        "## Rent over that of 2025Q4, and what moves it", "",
        table(("quarter", "rent", "fleet grew", "adopters grew", "model makers' revenue grew"), (
            (
                str(quarter),
                "{1:.2f} [{0:.2f} - {2:.2f}]".format(*found["rent"].sel(quarter=quarter).values),
                *(_percent(float(found[name].sel(quarter=quarter))) for name in growth),
            )
            for quarter in found["quarter"].values
        )), "",
        "Growth is logarithmic, by quarter, of medians. Revenue of model makers is the last reported yearly rate at "
        "the end of the quarter, bases mixed (`data/run_rates.toml`). No count of the fleet reaches 2026Q1: what "
        "shipped then is that of the quarter before times the growth of NVIDIA's data-centre revenue.", "",
        "## What was reported", "",
        table(("when", "kind", "USD an hour", "quality", "source"), (
            (rent.what, rent.kind.replace("_", " "), _range(rent), rent.quality, f"<{rent.source_url}>")
            for rent in rents.load()
        )), "",
    ])  # fmt: skip


def _verdict(last: float) -> str:
    if last > 0.5:
        return "Capacity and demand alone order all of them."
    return (
        "Capacity and demand alone order the fall and do not order the rise: in the equation the fleet outgrows "
        "adopters in every quarter from 2023Q3 on. What model makers were reported to earn grew faster than either at "
        "the turn of 2026; adopters alone do not, so the demand of each adopter grew too, and the loop has no term for "
        "that. It is the first candidate for its next equation."
    )


def _percent(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.0%}"


def _range(rent: rents.Rent) -> str:
    low, high = rent.low_usd_per_hour, rent.high_usd_per_hour
    return f"{low:.2f}" if low == high else f"{low:.2f} - {high:.2f}"
