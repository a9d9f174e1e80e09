"""The page on track records: every forecast that can be scored, what it lost or gained, and why others cannot be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import xarray as xr

from headrace.cli.league import level
from headrace.service import league

Table = Callable[[Sequence[str], Iterable[Sequence[str]]], str]

LEAD = (
    "Forecasts that others published, from `src/headrace/data/forecasts.toml`, and what headrace forecast itself, "
    "from `own_forecasts.jsonl` beside it, against how it came out; `headrace league` and `hr.league()` say the same. "
    "Beside each stands a naive one that costs nothing and was known on the same day: each quarter of the period is "
    "the same quarter of the year before, grown as the last four quarters had over the four before them. *Gain* is how "
    "much smaller the forecast's logarithmic error is than that of the naive one. Outcomes are cash paid for property "
    "and equipment and revenue, as first filed; a forecast of capital expenditure seldom says on which definition it "
    "stands, and some count leases. Chips are held against the count of Epoch AI, made on one day looking back: no "
    "earlier vintage of it is kept, so the naive forecast beside them stands on figures that nobody had on the day, "
    "and in the first years of a chip it extrapolates a launch. Few of these rows are independent: one surprise is in "
    "many. *headrace* is what a hindcast says of the same total on the same day, from what was known by then and made "
    "after the fact (`make hindcast`); it is not ranked. What was recorded in time is in the list of our own."
)
OPEN = (
    "Medians [5 % - 95 %] of headrace's worlds, recorded by `headrace record` before the first quarter ended. A "
    "quarter is scored above, its median as the number, once it is filed. Each line of the ledger is sealed over the "
    "line before it."
)


def track_record_page(table: Table) -> str:
    """By forecaster and measure, losing ones first; then every row; ours that are open; what is not scored."""
    found = league()
    scored = found.isel(forecast=(found["status"] == "scored").values)
    return "\n".join([
        "## By forecaster and measure, losing ones first", "", _summary(scored, table), "",
        "## Every forecast that is scored", "", _rows(scored, table), "",
        "*Next rank at* is what it would have had to say to reach the place above it; empty where even a perfect "
        "forecast could not have.", "",
        "## Our own, still open", "", OPEN, "", _open(found, table), "",
        "## Not scored, because", "", _unscored(found, table), "",
    ])  # fmt: skip


def _summary(scored: xr.Dataset, table: Table) -> str:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, key in enumerate(zip(scored["who"].values, scored["measure"].values, strict=True)):
        groups[key].append(place)
    ordered = sorted(groups.items(), key=lambda item: float(scored["gain"].values[item[1]].mean()))
    return table(
        (
            "who",
            "measure",
            "n",
            "mean gain",
            "beat the naive one",
            "mean error",
            "mean size of error",
            "that of the naive one",
        ),
        (
            (
                who,
                measure.replace("_", " "),
                str(len(places)),
                f"{scored['gain'].values[places].mean():+.2f}",
                f"{int((scored['gain'].values[places] > 0).sum())} of {len(places)}",
                f"{scored['error'].values[places].mean():+.2f}",
                f"{np.abs(scored['error'].values[places]).mean():.2f}",
                f"{np.abs(scored['naive_error'].values[places]).mean():.2f}",
            )
            for (who, measure), places in ordered
        ),
    )


def _rows(scored: xr.Dataset, table: Table) -> str:
    return table(
        (
            "rank",
            "who",
            "day",
            "of",
            "period",
            "unit",
            "forecast",
            "naive",
            "outcome",
            "gain",
            "headrace",
            "its gain",
            "next rank at",
            "quality",
        ),
        (
            (
                f"{float(row['rank']):.0f}",
                _linked(row),
                _day(row),
                f"{row['measure'].item().replace('_', ' ')}, {row['members'].item()}",
                row["period"].item(),
                row["unit"].item(),
                *(level(float(row[f"{name}_value"])) for name in ("forecast", "naive", "outcome")),
                f"{float(row['gain']):+.2f}",
                _ours(row),
                "" if np.isnan(row["ours_gain"]) else f"{float(row['ours_gain']):+.2f}",
                _or_empty(float(row["forecast_for_next_rank"])),
                row["quality"].item(),
            )
            for row in (scored.isel(forecast=place) for place in range(scored.sizes["forecast"]))
        ),
    )


def _ours(row: xr.Dataset) -> str:
    median, low, high = (float(row[f"ours_{end}"]) for end in ("value", "low", "high"))
    return "" if np.isnan(median) else f"{level(median)} [{level(low)} - {level(high)}]"


def _unscored(found: xr.Dataset, table: Table) -> str:
    others = found.isel(forecast=found["status"].str.startswith("not scored").values)
    return table(
        ("who", "day", "of", "period", "forecast", "because"),
        (
            (
                _linked(row),
                _day(row),
                f"{row['measure'].item().replace('_', ' ')}, {row['members'].item()}",
                row["period"].item(),
                _said(row),
                row["status"].item().removeprefix("not scored, because "),
            )
            for row in (others.isel(forecast=place) for place in range(others.sizes["forecast"]))
        ),
    )


def _open(found: xr.Dataset, table: Table) -> str:
    """One line a quarter: the sum, then each member."""
    rows = found.isel(forecast=found["status"].str.startswith("open until").values)
    cells: dict[tuple[str, str, str, str], dict[str, str]] = defaultdict(dict)
    for place in range(rows.sizes["forecast"]):
        row = rows.isel(forecast=place)
        members = row["members"].item()
        key = tuple(row[name].item() for name in ("who", "announced", "measure", "period"))
        cells[key]["sum" if ", " in members else members] = f"{level(float(row['forecast_value']))} {_range(row)}"
    columns = list(dict.fromkeys(name for line in cells.values() for name in line))
    return table(
        ("who", "day", "of", "open until it is filed", *columns),
        (
            (who, day, measure.replace("_", " "), period, *(line.get(name, "") for name in columns))
            for (who, day, measure, period), line in cells.items()
        ),
    )


def _linked(row: xr.Dataset) -> str:
    who, url = row["who"].item(), row["source_url"].item()
    return f"[{who}]({url})" if url else who


def _day(row: xr.Dataset) -> str:
    return f"{'about ' if row['day'].item() == 'approximate' else ''}{row['announced'].item()}"


def _said(row: xr.Dataset) -> str:
    derivation = f"({row['derivation'].item()})" if row["derivation"].item() else ""
    return " ".join([level(float(row["forecast_value"])), _range(row), row["unit"].item(), derivation])


def _range(row: xr.Dataset) -> str:
    low, high = float(row["forecast_low"]), float(row["forecast_high"])
    return "" if np.isnan(low) or np.isnan(high) else f"[{level(low)} - {level(high)}]"


def _or_empty(value: float) -> str:
    return "" if np.isnan(value) else level(value)
