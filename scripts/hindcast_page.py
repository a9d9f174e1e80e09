"""Write ``docs/hindcast.md`` and ``src/headrace/data/hindcast.toml``: what would have been said, losing lines first.

The table of skill ships, so that the report can say how far to trust it without forecasting the past anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

import headrace as hr
from headrace.analyses.hindcast.rolling import BASELINES, OWN
from headrace.analyses.hindcast.skill import FEWEST_ORIGINS
from headrace.analyses.hindcast.totals import Total, totals
from headrace.evidence import archive, forecasts
from headrace.variables import PLAYERS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "hindcast.md"
TABLE = ROOT / "src" / "headrace" / "data" / "hindcast.toml"
SHOWN = (1, 2, 4, 8)
WORST = 12
AIM = (4, 0.80, 0.85, 0.95)
"""Quarters ahead, ratio below which the aim is met, and ends of the coverage of a 90 % band."""

LEAD = (
    "Written by `make hindcast`; `headrace hindcast` and `hr.hindcast()` make the same numbers. On the last day of "
    "every quarter from {first} to {last} each forecaster sees what had been filed, announced and reported by that day "
    "and nothing else, and forecasts cash capital expenditure 1 to 8 quarters after the last one that all five had "
    "filed. Outcomes are the figures as first filed. Scores are continuous ranked probability scores (CRPS, USD bn: "
    "the error of a whole distribution); a *ratio* is a mean score over that of the baseline which turned out best "
    "on the same days, below 1 where headrace is better. Intervals are 5 to 95 % of 2,000 resamples in blocks of days "
    "as long as the horizon; p is the test of Diebold and Mariano with the correction for small samples. Many lines "
    "share the same surprises, so few of them are independent."
)
FORECASTERS = (
    (
        "core",
        "the spending core (expectation, race and funding of the loop) on filings, its posterior resampled on each "
        "day, with the errors it has made until then",
    ),
    (
        "headrace",
        "the same after what companies had announced, as an observation with the error such statements have had",
    ),
    ("combined", "the average of its quantiles with those of the baseline that had erred least by then"),
    (
        "random walk with drift, seasonal naive, exponential smoothing, theta, ARIMA",
        "from statsmodels, on logarithms; forms and orders by the corrected information criterion",
    ),
    (
        "guidance read plainly",
        "what companies had announced, spread evenly over the quarters it speaks of, and no change elsewhere; its "
        "spread is that of its own past errors",
    ),
)
NOTES = (
    "Spending is all cash capital expenditure: nobody said before 2023 which part of it was AI. The rest of the loop "
    "(supply, delivery, prices) plays no part here; [hindcast-loop.md](hindcast-loop.md) has it.",
    "Before 2022Q4 the only pool is the players' cash flow; from then on the margin on what model makers were reported "
    "to earn is added, on mixed bases (`data/run_rates.toml`).",
    "Priors of the parameter tables were judged in 2026. They are wide and the same on every day, and they are the one "
    "thing on this page that nobody had in 2019; the drift and the spread of errors are learnt on past days only.",
    "Amazon's gross purchases of 2017Q2 were never filed, so baselines of the sum and of Amazon begin after it; on the "
    "first day they have nine quarters.",
    "Tried, ratios of the sum four quarters ahead for the core and for headrace: the common drift of past errors "
    "shrunk towards none, 1.00 and 1.03; not shrunk, 0.94 and 0.99; then each player with a spread of its own, which "
    "Oracle needed, and no errors of days whose last complete quarter was three quarters old: the table above. A "
    "linear pool with all baselines, weighted by past scores, had 1.19. These choices were made in sight of the "
    "scores: the first digit of a ratio means something, the second does not.",
    "Tried in forms that were written down before any score ([decision 017](decisions/017-orders-and-seasons.md)), and "
    "left out; ratios of headrace for the sum four quarters ahead, and the mean over all series and horizons in "
    "brackets. Without: 1.034 (1.074). Growth of NVIDIA's purchase obligations and of builders' signed backlog beyond "
    "that of spending, with an effect learnt on past errors: 1.050 (1.083). That growth alone: 1.036 (1.075). A season "
    "of each player: 1.031 (1.077), with 0.84 instead of 0.90 for the sum one quarter ahead and more lost elsewhere. "
    "Another seed moves these by 0.005. Orders could speak on eight days, of which five have outcomes a year ahead. "
    "Leases signed and not yet begun are not among the facts.",
)


def main() -> int:
    """Forecast the past, write page and table; the exit status."""
    scores = hr.hindcast(progress=lambda stage, share: print(f"{share:4.0%} {stage}", file=sys.stderr))
    skill = hr.skill(scores)
    PAGE.write_text("\n".join(page(scores, skill)), encoding="utf-8")
    TABLE.write_text(toml(scores, skill) + beside(), encoding="utf-8")
    return 0


def beside() -> str:
    """What headrace would have said of each total that somebody forecast, on the day on which it was announced."""
    wanted = list(
        dict.fromkeys(
            Total(forecast.announced, forecast.members, forecast.quarters)
            for forecast in forecasts.load()
            if forecast.measure == "capital_expenditure" and forecast.members and set(forecast.members) <= set(PLAYERS)
        )
    )
    lines: list[str] = []
    for total, draws in totals(archive.load(), wanted).items():
        low, median, high = np.quantile(draws, (0.05, 0.5, 0.95))
        lines += [
            "", "[[total]]", f"day = {total.day.isoformat()}", f"members = {json.dumps(total.members)}",
            f'first_quarter = "{total.quarters[0]}"', f'last_quarter = "{total.quarters[-1]}"',
            f"median_usd_bn = {median:.2f}", f"low_usd_bn = {low:.2f}", f"high_usd_bn = {high:.2f}",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


def page(scores: xr.Dataset, skill: xr.Dataset) -> list[str]:
    """Lines of the page."""
    first, last = str(scores["origin"].values[0]), str(scores["origin"].values[-1])
    return [
        "# What headrace would have said", "", LEAD.format(first=first, last=last), "", f"**{verdict(skill)}**", "",
        "## Ratio to the best baseline, losing lines first", "", *skill_table(skill), "",
        "## Mean score of every forecaster [USD bn]", "", *mean_table(scores), "",
        "## How often the band held: the sum of the five", "", *coverage_table(skill), "",
        f"## The {WORST} days on which headrace lost most: the sum, four quarters ahead", "", *worst_table(scores), "",
        "## Who forecasts", "", *(f"- **{name}**: {text}." for name, text in FORECASTERS), "",
        "## What to know before believing it", "", *(f"- {note}" for note in NOTES), "",
    ]  # fmt: skip


def verdict(skill: xr.Dataset) -> str:
    """Whether the aim was met, in one sentence."""
    horizon, wanted, low, high = AIM
    cell = skill.sel(series="capital_expenditure", horizon=horizon, forecaster="headrace")
    ratio, coverage = float(cell["crps_ratio"]), float(cell["coverage_90"])
    reached = "reached" if ratio < wanted else "missed"
    covered = "reached" if low <= coverage <= high else "missed"
    return (
        f"The aim was a ratio below {wanted:.2f} for the sum four quarters ahead, and a 90 % band that holds in "
        f"{low:.0%} to {high:.0%} of quarters. The ratio is {interval(cell, 'crps_ratio')} over {int(cell['origins'])} "
        f"days: {reached}. The band held in {coverage:.0%}: {covered}."
    )


def skill_table(skill: xr.Dataset) -> list[str]:
    """Every series and shown horizon, the worst ratio of headrace first."""
    cells = [
        skill.sel(series=series, horizon=horizon)
        for series in skill["series"].values
        for horizon in SHOWN
        if int(skill["origins"].sel(series=series, horizon=horizon)) >= FEWEST_ORIGINS
    ]
    cells.sort(key=lambda cell: -float(cell["crps_ratio"].sel(forecaster="headrace")))
    head = ("series", "ahead", "days", "best baseline", *OWN, "headrace in logarithms", "p", "in 90 % band")
    return table(head, ((
        str(cell["label"].item()), str(int(cell["horizon"])), str(int(cell["origins"])),
        plain(cell["best_baseline"].item()),
        *(interval(cell.sel(forecaster=name), "crps_ratio") for name in OWN),
        interval(cell.sel(forecaster="headrace"), "crps_of_logarithm_ratio"),
        number(cell["dm_p_value"].sel(forecaster="headrace").item()),
        f"{float(cell['coverage_90'].sel(forecaster='headrace')):.0%}",
    ) for cell in cells))  # fmt: skip


def mean_table(scores: xr.Dataset) -> list[str]:
    """Mean CRPS by series, horizon and forecaster."""
    rows = []
    for series in scores["series"].values:
        for horizon in SHOWN:
            cell = scores.sel(series=series, horizon=horizon)
            means = cell["crps"].mean("origin")
            rows.append((str(cell["label"].item()), str(horizon), *(f"{float(mean):.2f}" for mean in means)))
    return table(("series", "ahead", *(plain(name) for name in (*OWN, *BASELINES))), rows)


def coverage_table(skill: xr.Dataset) -> list[str]:
    """Coverage of the sum by horizon and forecaster of ours."""
    rows = []
    for horizon in skill["horizon"].values:
        cell = skill.sel(series="capital_expenditure", horizon=horizon)
        for name in OWN:
            own = cell.sel(forecaster=name)
            held = (f"{float(own[f'coverage_{band}']):.0%}" for band in (50, 80, 90))
            rows.append((str(int(horizon)), str(int(cell["origins"])), name, *held))
    return table(("ahead", "days", "forecaster", "50 % band", "80 % band", "90 % band"), rows)


def worst_table(scores: xr.Dataset) -> list[str]:
    """Days by how much the best baseline of the horizon was better."""
    cell = scores.sel(series="capital_expenditure", horizon=AIM[0])
    means = cell["crps"].sel(forecaster=list(BASELINES)).mean("origin")
    best = str(means.idxmin("forecaster").item())
    own, rival = cell.sel(forecaster="headrace"), cell["crps"].sel(forecaster=best)
    lost = (own["crps"] - rival).values
    order = [at for at in np.argsort(-np.nan_to_num(lost, nan=-np.inf)) if not np.isnan(lost[at])][:WORST]
    rows = []
    for at in order:
        low, median, high = (
            float(own["forecast_usd_bn"].isel(origin=at).sel(probability=p)) for p in (0.05, 0.5, 0.95)
        )
        rows.append((
            str(cell["origin"].values[at]), str(cell["target_quarter"].values[at]),
            f"{median:.1f} [{low:.1f} - {high:.1f}]",
            f"{float(cell['outcome_usd_bn'].values[at]):.1f}", f"{float(own['crps'].values[at]):.2f}",
            f"{float(rival.values[at]):.2f}",
        ))  # fmt: skip
    return table(("day", "quarter", "headrace [USD bn]", "filed", "CRPS", f"CRPS of {plain(best)}"), rows)


def toml(scores: xr.Dataset, skill: xr.Dataset) -> str:
    """The table that ships: headrace's own line at the shown horizons."""
    lines = [
        "# How headrace's hindcasts compare with the best baseline; written by `make hindcast`, read by the report.",
        "",
        f'first_origin = "{scores["origin"].values[0]}"',
        f'last_origin = "{scores["origin"].values[-1]}"',
        f'version = "{hr.__version__}"',
    ]
    for series in skill["series"].values:
        for horizon in SHOWN:
            cell = skill.sel(series=series, horizon=horizon, forecaster="headrace")
            lines += [
                "", "[[skill]]", f'series = "{series}"', f'label = "{cell["label"].item()}"',
                f"horizon_quarters = {horizon}", f"origins = {int(cell['origins'])}",
                f'best_baseline = "{cell["best_baseline"].item()}"',
                *(f"{name} = {float(cell[name]):.3f}" for name in ("crps_ratio", "crps_ratio_low", "crps_ratio_high")),
                f"coverage_90 = {float(cell['coverage_90']):.3f}",
            ]  # fmt: skip
    return "\n".join(lines) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def interval(cell: xr.Dataset, name: str) -> str:
    """A ratio with its interval, where there is one."""
    low, high = float(cell[f"{name}_low"]), float(cell[f"{name}_high"])
    return number(float(cell[name])) + ("" if np.isnan(low) else f" [{low:.2f} - {high:.2f}]")


def number(value: float) -> str:
    """Two digits, or nothing where there is no number."""
    return "" if np.isnan(value) else f"{value:.2f}"


def plain(name: object) -> str:
    """A name as words."""
    return str(name).replace("_", " ")


if __name__ == "__main__":
    sys.exit(main())
