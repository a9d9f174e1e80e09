"""The last five sentences: what is scarce and what binds, compute, revenue, who earns, and where compute stands."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace._types import Figure, Headline
from headrace.analyses.figures import drawn_figure, percent_span, span
from headrace.analyses.shapes import Draws, at, in_year, position, total
from headrace.results import SIMULATED_QUALITY
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import BRANCH_OF, GROUPS, LAYERS, LIMITS, REGIONS

VARIABLES = (
    "tightness",
    "binding_layer",
    "energised_gw",
    "active_compute_gw",
    "compute_revenue_usd_bn",
    "compute_price_usd_bn_per_gw_quarter",
    "adoption_fraction",
    "earnings_breadth",
    "group_earnings_usd_bn",
    "log_multiple",
    "regional_compute_gw",
    "data_centre_share_of_load",
)

YEARS = (2026, 2027, 2028, 2029, 2030)
"""Told one by one."""

WAVES = {
    "chips and systems": GROUPS[: GROUPS.index("networking") + 1],
    "sites and power": GROUPS[GROUPS.index("networking") + 1 : GROUPS.index("compute")],
    "compute, models and applications": GROUPS[GROUPS.index("compute") :],
}
"""Groups by wave, in order."""

_PLACES = {"us_other": "the rest of the US", "gulf": "the Gulf", "asia_pacific": "Asia and the Pacific"}


def sentences(future: xr.Dataset) -> list[Headline]:
    """Succession, compute, revenue, market, regions."""
    return [_succession(future), _compute(future), _revenue(future), _market(future), _regions(future)]


def tightest_by_year(future: xr.Dataset) -> dict[int, dict[str, float]]:
    """Share of draws and quarters in which each layer is the tightest of all ten, by year."""
    return {year: _shares(future, future["tightness"].values.argmax(axis=2), LAYERS, year) for year in YEARS}


def binding_by_year(future: xr.Dataset) -> dict[int, dict[str, float]]:
    """Share of draws and quarters in which each limit binds, by year."""
    return {year: _shares(future, future["binding_layer"].values, LIMITS, year) for year in YEARS}


def _succession(future: xr.Dataset) -> Headline:
    told, figures = [], []
    for what, variable, by_year in (
        ("the tightest layer", "tightness", tightest_by_year(future)),
        ("the binding limit", "binding_layer", binding_by_year(future)),
    ):
        likeliest = {year: max(shares, key=lambda name: shares[name]) for year, shares in by_year.items()}
        runs = [year for at, year in enumerate(YEARS) if not at or likeliest[year] != likeliest[YEARS[at - 1]]]
        steps = [f"{likeliest[year]} from {year} ({by_year[year][likeliest[year]]:.0%})" for year in runs]
        stays = " throughout" if len(steps) == 1 else ""
        told.append(f"{what} is likeliest {', then '.join(steps)}{stays}")
        figures += [_named(variable, year, likeliest[year], by_year[year][likeliest[year]]) for year in YEARS]
    site = [sum(share for name, share in tightest_by_year(future)[year].items() if BRANCH_OF[name] == "site")
            for year in (YEARS[0], YEARS[-1])]  # fmt: skip
    moved = "from sites to IT" if site[0] > 1 / 2 > site[1] else "from IT to sites" if site[0] < 1 / 2 < site[1] else ""
    ends = f"scarcity moves {moved}" if moved else f"scarcity stays with {'sites' if site[0] > 1 / 2 else 'IT'}"
    sentence = (
        f"{told[0][0].upper()}{told[0][1:]}; {told[1]}; {ends} (a site layer is tightest in {site[0]:.0%} of "
        f"{YEARS[0]} and {site[1]:.0%} of {YEARS[-1]})."
    )
    return Headline("succession", "What is scarce, what binds", sentence, tuple(figures))


def _compute(future: xr.Dataset) -> Headline:
    name = "energised_gw"
    energised = {year: in_year(future, total(future, name), year) for year in (2026, 2027, 2030)}
    rates = [
        drawn_figure(f"energised_{year}", f"Energised per quarter in {year}", draws, "GW/quarter", name)
        for year, draws in energised.items()
    ]
    active = {year: at(future, "active_compute_gw", f"{year}Q4") for year in (2027, 2030)}
    stocks = [
        drawn_figure(f"compute_{year}", f"Active compute at the end of {year}", draws, "GW", "active_compute_gw")
        for year, draws in active.items()
    ]
    speed = "faster every year" if rates[0].median < rates[1].median < rates[2].median else "not faster every year"
    sentence = (
        f"{span(rates[0], 1)} GW a quarter are energised in the second half of 2026, {span(rates[1], 1)} in 2027 and "
        f"{span(rates[2], 1)} in 2030, {speed}; {span(stocks[0], 0)} GW are active at the end of 2027 and "
        f"{span(stocks[1], 0)} at the end of 2030."
    )
    return Headline("compute", "Energised and active compute", sentence, (*rates, *stocks))


def _revenue(future: xr.Dataset) -> Headline:
    name, price = "compute_revenue_usd_bn", "compute_price_usd_bn_per_gw_quarter"
    yearly = [
        drawn_figure(f"revenue_{year}", f"Compute revenue, run rate at the end of {year}",
                     QUARTERS_PER_YEAR * at(future, name, f"{year}Q4"), "USD bn/year", name)
        for year in (2026, 2027, 2030)
    ]  # fmt: skip
    change = drawn_figure(
        "price_change", "Change of the price of compute, 2026Q4 to 2030Q4",
        at(future, price, "2030Q4") / at(future, price, "2026Q4") - 1, "1", price,
    )  # fmt: skip
    users = [
        drawn_figure(f"adoption_{year}", f"Adoption at the end of {year}", at(future, "adoption_fraction", f"{year}Q4"),
                     "1", "adoption_fraction")
        for year in (2026, 2030)
    ]  # fmt: skip
    grows = yearly[2].median > yearly[0].median
    cheaper = change.median < 0
    link = "although" if grows == cheaper else "as"
    sentence = (
        f"Compute revenue {'grows' if grows else 'shrinks'} from {span(yearly[0], 0)} USD bn a year at the end of 2026 "
        f"to {span(yearly[1], 0)} a year later and {span(yearly[2], 0)} at the end of 2030, {link} the price of "
        f"compute {'falls' if cheaper else 'rises'} (by {abs(change.median):.0%} in the median to the end of "
        f"2030), with adoption going from {percent_span(users[0])} to {percent_span(users[1])}."
    )
    return Headline("revenue", "Price, revenue and adoption", sentence, (*yearly, change, *users))


def _market(future: xr.Dataset) -> Headline:
    breadth = [
        drawn_figure(f"breadth_{year}", f"Breadth of earnings in {year}",
                     in_year(future, future["earnings_breadth"].values, year), "1", "earnings_breadth")
        for year in (2027, 2030)
    ]  # fmt: skip
    earnings = {wave: future["group_earnings_usd_bn"].sel(group=list(groups)).sum("group").values
                for wave, groups in WAVES.items()}  # fmt: skip
    medians = [{wave: float(np.median(in_year(future, values, year))) for wave, values in earnings.items()}
               for year in (2027, 2030)]  # fmt: skip
    first, then = (max(median, key=lambda wave: median[wave]) for median in medians)
    change = future["log_multiple"].isel(quarter=position(future, "2030Q4")) - future["log_multiple"].isel(quarter=0)
    fallen = [str(group) for group in GROUPS if float(change.sel(group=group).median()) < 0]
    who = f"{first} earn most in 2027 ({medians[0][first]:,.0f} USD bn a quarter)"
    who += f" and {'still do' if first == then else f'{then} do'} in 2030 ({medians[1][then]:,.0f})"
    sentence = (
        f"Breadth {'narrows' if breadth[1].median < breadth[0].median else 'does not narrow'}: earnings rise in "
        f"{percent_span(breadth[0])} of groups in 2027 and in {percent_span(breadth[1])} in 2030; multiples fall to "
        f"the end of 2030 in {len(fallen)} of {len(GROUPS)} groups; {who}."
    )
    return Headline("market", "Breadth, multiples and who earns", sentence, tuple(breadth))


def _regions(future: xr.Dataset) -> Headline:
    compute = future["regional_compute_gw"].values
    shares = compute / compute.sum(axis=2, keepdims=True)
    ends = [position(future, "2026Q4"), position(future, "2030Q4")]
    moves = {name: [float(np.median(shares[:, end, row])) for end in ends] for row, name in enumerate(REGIONS)}
    gains = sorted(moves, key=lambda name: moves[name][1] - moves[name][0])
    gainer, loser = gains[-1], gains[0]
    load = [
        drawn_figure(f"virginia_load_{quarter}", f"Data-centre share of load in Virginia, {quarter}",
                     _of_virginia(future, quarter), "1", "data_centre_share_of_load")
        for quarter in ("2026Q4", "2030Q4")
    ]  # fmt: skip
    told = {name: f"{_PLACES.get(name, name.title())} ({now:.1%} to {then:.1%})" for name, (now, then) in moves.items()}
    sentence = (
        f"From the end of 2026 to the end of 2030 the share of compute grows most in {told[gainer]} and falls most in "
        f"{told[loser]}; data centres {'rise' if load[1].median > load[0].median else 'fall'} from "
        f"{percent_span(load[0])} of load in Virginia to {percent_span(load[1])}."
    )
    return Headline("regions", "Where compute stands", sentence, tuple(load))


def _of_virginia(future: xr.Dataset, quarter: str) -> Draws:
    share = future["data_centre_share_of_load"].sel(region="virginia").values
    of_quarter: Draws = share[:, position(future, quarter)]
    return of_quarter


def _shares(future: xr.Dataset, codes: NDArray[np.int64], names: tuple[str, ...], year: int) -> dict[str, float]:
    among = np.array([str(quarter).startswith(str(year)) for quarter in future["quarter"].values])
    chosen = codes[:, among]
    return {name: float((chosen == code).sum() / max((chosen >= 0).sum(), 1)) for code, name in enumerate(names)}


def _named(variable: str, year: int, name: str, share: float) -> Figure:
    text = f"{name} ({share:.0%})"
    label = f"{'Tightest' if variable == 'tightness' else 'Binding'} in {year}"
    return Figure(f"{variable}_{year}", label, share, share, share, "1", variable, "scenario", SIMULATED_QUALITY, text)
