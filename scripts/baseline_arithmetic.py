"""What the page on the baseline works out besides: paired effects, money of those who do not file, IT that shipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from headrace.analyses import recipes as history
from headrace.analyses.beside import Beside
from headrace.analyses.counted_sites import counted_sites
from headrace.analyses.figures import drawn_figure, span
from headrace.analyses.shapes import Draws, at, in_year, total, up_to_last
from headrace.parameters import recipes
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import registry
from headrace.units import KW_PER_GW, QUARTERS_PER_YEAR

REST_VARIABLES = ("market_share", "compute_margin_usd_bn")


def effects(runs: dict[str, xr.Dataset]) -> Iterator[Sequence[str]]:
    """What the prototype said of three changes, and what the same changes do here, draw by draw."""
    fear, none = runs["fear"], runs["no_fear"]
    spending = "ai_capital_expenditure_usd_bn"
    early = [
        in_year(one, total(one, spending), 2026) + 2 * in_year(one, total(one, spending), 2027) for one in (fear, none)
    ]
    yield "Loss aversion 1.75 to 1: spending in 2026-27", "about -10 %", _change(early[0], early[1])
    compute = [at(one, "active_compute_gw", "2030Q4") for one in (fear, none)]
    yield "Loss aversion 1.75 to 1: compute at the end of 2030", "-3 %", _change(compute[0], compute[1])
    revenue = [at(runs[one], "compute_revenue_usd_bn", "2030Q4") for one in ("fast_users", "slow_users")]
    yield "Imitation 0.14 to 0.07: revenue at the end of 2030", "-25 %", _change(revenue[0], revenue[1])
    lead = [at(runs[one], "active_compute_gw", "2030Q4") for one in ("baseline", "long_site_lead")]
    yield "Site layers that take 24 quarters to expand: compute at the end of 2030", "does not matter", _change(*lead)


def worked_out(baseline: xr.Dataset, debt: Beside, seed: int, draws: int) -> dict[str, str]:
    """What reasons name in braces, in words.

    Args:
        baseline: With :data:`REST_VARIABLES`.
        debt: Change of net debt beside the prototype's.
        seed: Of the run.
        draws: Of the run.
    """
    spent = baseline["ai_capital_expenditure_usd_bn"].sel(builder="rest_of_world").values
    earned = baseline["market_share"].sel(builder="rest_of_world").values * baseline["compute_margin_usd_bn"].values
    gap = drawn_figure("gap", "", up_to_last(baseline, spent - earned).sum(axis=1), "USD bn", "net_debt_usd_bn")
    count = counted_sites()
    covered = QUARTERS_PER_YEAR * count.added_gw("2025Q1", "2025Q4") / float(np.median(shipped_gw(seed, draws)[2025]))
    energised = in_year(baseline, total(baseline, "energised_gw"), 2026)
    return {
        "rest_gap": span(gap, 0),
        "rest_share": f"{gap.median / (debt.other - debt.figure.median):.0%}",
        "sites": str(count.sites),
        **{f"sites_{quarter[:4]}": str(count.energised[quarter]) for quarter in ("2025Q2", "2026Q2", "2027Q4")},
        "added_year": f"{count.added_gw('2025Q3', '2026Q2'):.1f}",
        "added_half": f"{count.added_gw('2026Q1', '2026Q2'):.1f}",
        "covered": f"{covered:.0%}",
        "scaled": f"{count.added_gw('2026Q3', '2026Q4') / covered:.1f}",
        "energised": f"{np.median(energised):.1f}",
    }


def shipped_gw(seed: int, draws: int) -> dict[int, Draws]:
    """IT power of the accelerators that shipped in each year, by our recipes [GW], (draw,)."""
    values = draw_parameters(registry().values(), seed, 0, draws)
    units = history.shipped_units(seed, draws)
    power = np.sum([n * values[f"{recipes.PREFIX}{g}.it_power_kw"] for g, n in units.items()], axis=0) / KW_PER_GW
    return dict(zip(history.YEARS, power, strict=True))


def quarter_rows(future: xr.Dataset) -> Iterator[Sequence[str]]:
    """Counted sites and the baseline by quarter, 2024Q1 to 2027Q4."""
    count = counted_sites()
    quarters = list(count.gw)
    known = [str(quarter) for quarter in future["quarter"].values]
    active, energised = total(future, "active_compute_gw"), total(future, "energised_gw")
    for at_row, quarter in enumerate(quarters):
        if quarter < "2024Q1":
            continue
        added = count.gw[quarter] - count.gw[quarters[at_row - 1]]
        row = known.index(quarter) if quarter in known else None
        ours = [_span(active[:, row]), _span(energised[:, row])] if row is not None else ["-", "-"]
        planned = f"{count.planned_gw[quarter]:.1f}" if count.planned_gw[quarter] else "-"
        yield quarter, f"{count.gw[quarter]:.1f}", planned, str(count.energised[quarter]), f"{added:.1f}", *ours


def _change(base: Draws, other: Draws) -> str:
    low, median, high = 100 * np.quantile(other / base - 1, (0.05, 0.5, 0.95))
    return f"{median:+.0f} % [{low:+.0f} to {high:+.0f}]"


def _span(draws: Draws) -> str:
    return span(drawn_figure("", "", draws, "GW", "active_compute_gw"), 1)
