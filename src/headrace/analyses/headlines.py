"""The five answers on top of a run: a computed sentence each, with the figures in it.

When a result changes sign or leaves the horizon, the sentence changes with it.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from headrace._types import Figure, Headline
from headrace.analyses.binding import Likeliest, succession
from headrace.analyses.coverage import last_quarter_of_year, peak_funding, year_of_coverage
from headrace.analyses.endings import endings_headline, running
from headrace.analyses.figures import BAND, drawn_figure, span
from headrace.analyses.since import since_headline
from headrace.results import SIMULATED_QUALITY

_YEAR_OF_COMPUTE = 2028


def headlines(future: xr.Dataset, history: xr.Dataset) -> list[Headline]:
    """The five headlines of a future that follows a history; what came or ended early, where there is something to say.

    Worlds that ended are left out of all but the last and counted there.

    Args:
        future: A simulated Dataset.
        history: The filings it starts from.

    Returns:
        Spend over the pool; what binds; energised compute; coverage of the cost of capital; peak of capital
        expenditure over operating cash flow; what came, where the run starts on a past day; worlds that end early, if
        any do.

    Raises:
        EndedError: No world runs to the end.
    """
    whole = running(future)
    five = [_spend_to_pool(whole), _binding(whole), _compute(whole), _coverage(whole), _funding(whole, history)]
    more = (since_headline(whole), endings_headline(future))
    return [*five, *(line for line in more if line is not None)]


def _spend_to_pool(future: xr.Dataset) -> Headline:
    quarter = str(future["quarter"].values[0])
    now = future.isel(quarter=0)
    ratio = now["spend_to_pool_ratio"].values
    above_top = float((ratio > now["band_top_ratio"].values).mean())
    names = {
        "spend_to_pool_ratio": "AI spend over expected pool",
        "cooperative_ratio": "Cooperative (β)",
        "nash_ratio": "Nash",
        "band_top_ratio": "Band top",
        "overspend_factor": "Nash spending over cooperative spending",
    }
    figures = [drawn_figure(name, label, now[name].values, "1", name) for name, label in names.items()]
    figures.insert(
        3, Figure("pool_exhausted", "Pool exhausted", 1.0, 1.0, 1.0, "1", "spend_to_pool_ratio", "derived", "A")
    )
    spend, cooperative, nash, _, top, overspend = figures
    side = "above" if spend.median > nash.median else "below"
    sentence = (
        f"At the start of {quarter} AI spend is {span(spend, 2)} times the pool that builders expect: {side} Nash "
        f"({nash.median:.2f}) and {'above' if spend.median > 1 else 'below'} 1, where the pool is spent; cooperation "
        f"would be {cooperative.median:.2f}, the band ends at {span(top, 2)}, and in {above_top:.0%} of draws spend "
        f"is above it. In levels, Nash spends {span(overspend, 1)} times what cooperation would."
    )
    return Headline("spend_to_pool", "AI spend over the expected pool", sentence, tuple(figures))


def _binding(future: xr.Dataset) -> Headline:
    found = succession(future)
    figures = [
        _share("binding_now", f"Binding in {found.quarter}", found.binding, "binding_layer"),
        _share("tightest_it", f"Tightest IT layer in {found.quarter}", found.tightest_it, "tightest_it_layer"),
        _share("tightest_site", f"Tightest site layer in {found.quarter}", found.tightest_site, "tightest_site_layer"),
    ]
    sentence = (
        f"In {found.quarter} {found.binding.name} binds in {found.binding.probability:.0%} of draws; the tightest "
        f"layers are {found.tightest_it.name} ({found.tightest_it.probability:.0%}) in IT and "
        f"{found.tightest_site.name} "
        f"({found.tightest_site.probability:.0%}) on sites. "
    )
    if found.following is None:
        sentence += f"Nothing takes over from {found.binding.name} before the end."
    else:
        figures.append(_share("binding_next", "Binding next", found.following, "binding_layer"))
        sentence += (
            f"After {found.binding.name} comes {found.following.name} in {found.following.probability:.0%} of the "
            f"draws that leave it, by {found.following_quarter} in the median."
        )
    return Headline("binding", "What binds", sentence, tuple(figures))


def _compute(future: xr.Dataset) -> Headline:
    label = f"Energised AI compute at the end of {_YEAR_OF_COMPUTE}"
    quarter = last_quarter_of_year(_YEAR_OF_COMPUTE)
    known = [str(q) for q in future["quarter"].values]
    if quarter not in known:
        sentence = f"{label}: not in this run, which ends with {known[-1]}."
        return Headline("compute", label, sentence, ())
    figure = drawn_figure(
        "compute",
        label,
        future["active_compute_gw"].sel(quarter=quarter).sum("builder").values,
        "GW",
        "active_compute_gw",
    )
    sentence = f"{span(figure, 0)} GW of AI compute are energised at the end of {_YEAR_OF_COMPUTE}."
    return Headline("compute", label, sentence, (figure,))


def _coverage(future: xr.Dataset) -> Headline:
    label = "AI revenue covers its cost of capital"
    years = year_of_coverage(future)
    first, last = int(str(future["quarter"].values[0])[:4]), int(str(future["quarter"].values[-1])[:4])
    already, never = float((years == first).mean()), float((years > last).mean())
    low, median, high = (int(np.quantile(years, q, method="inverted_cdf")) for q in (BAND[0], 0.5, BAND[1]))

    def named(year: int) -> str:
        return "already" if year == first else f"not by {last}" if year > last else str(year)

    text = f"{named(median)} [{named(low)} - {named(high)}]"
    figure = Figure(
        "coverage_year", label, median, low, high, "year", "capital_charge_usd_bn", "scenario", SIMULATED_QUALITY, text
    )
    shares = [
        drawn_figure("covered_already", f"Covered in {first}", np.array([already]), "1", "capital_charge_usd_bn"),
        drawn_figure("never_covered", f"Not by {last}", np.array([never]), "1", "capital_charge_usd_bn"),
    ]
    assets = "the capital charge of AI assets"
    if median > last:
        verdict = f"the margin on compute does not cover {assets} by {last}"
    elif median == first:
        verdict = f"the margin on compute already covers {assets} in {first}"
    else:
        verdict = f"the margin on compute first covers {assets} in {median}"
    sentence = (
        f"In the median draw {verdict}; {already:.0%} of draws have it covered in {first}, {never:.0%} not by {last}."
    )
    return Headline("coverage", label, sentence, (figure, *shares))


def _funding(future: xr.Dataset, history: xr.Dataset) -> Headline:
    peak = peak_funding(history, future)
    ratio = drawn_figure(
        "capex_over_cash_flow", "Peak of capex over operating cash flow", peak.ratio, "1", "capital_expenditure_usd_bn"
    )
    gap = drawn_figure(
        "funding_gap", "Funding gap over those four quarters", peak.gap_usd_bn, "USD bn", "borrowing_usd_bn"
    )
    covers = "leaves" if gap.median > 0 else "leaves a surplus rather than a gap:"
    sentence = (
        f"Capital expenditure of the five peaks at {span(ratio, 2)} times operating cash flow, in the four quarters "
        f"to {peak.quarter} in the median, and {covers} {span(gap, 0)} USD bn to be financed after payouts."
    )
    return Headline("funding", "Capex over operating cash flow", sentence, (ratio, gap))


def _share(key: str, label: str, found: Likeliest, variable: str) -> Figure:
    share = found.probability
    text = f"{found.name} ({share:.0%})"
    return Figure(key, label, share, share, share, "1", variable, "scenario", SIMULATED_QUALITY, text)
