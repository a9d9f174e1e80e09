"""A comparison in sentences that say what the figures say, and the other way round when a sign turns."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import xarray as xr

from headrace._types import Figure, Headline
from headrace.results import SIMULATED_QUALITY
from headrace.variables import ENDINGS

_YEAR = 2030


def comparison_headlines(figures: xr.Dataset) -> list[Headline]:
    """Spending, compute, revenue, price, debt, coverage, what binds, the path, the pairing and what was left out.

    Args:
        figures: As :func:`headrace.analyses.comparison.compare` makes them.
    """
    ends = [str(key) for key in figures["figure"].values if str(key).startswith("active_compute_gw.")]
    year = next((key.split(".")[1] for key in reversed(ends) if int(key.split(".")[1]) <= _YEAR), None)
    said = [_difference(figures, "ai_capital_expenditure_usd_bn.all", "spending")]
    said.append(_difference(figures, "compute_revenue_usd_bn.all", "revenue"))
    if year:
        said.append(_difference(figures, f"active_compute_gw.{year}", "compute"))
        said.append(_difference(figures, f"compute_price_usd_bn_per_gw_quarter.{year}", "price"))
        said.append(_difference(figures, f"net_debt_usd_bn.{year}", "debt"))
    return [*said, _coverage(figures), _binding(figures), _path(figures), _pairing(figures), _left_out(figures)]


def _difference(figures: xr.Dataset, key: str, name: str) -> Headline:
    row = figures.sel(figure=key)
    label, unit = str(row["label"].values), str(row["unit"].values)
    median, low, high = (float(value) for value in row["difference"].values)
    higher, lower = float(row["share_higher"]), float(row["share_lower"])
    digits = _digits(max(abs(median), abs(low), abs(high)))
    if not higher and not lower:
        sentence = f"{label} is the same in every draw."
    else:
        word, share = ("higher", higher) if (median, higher) > (0, lower) else ("lower", lower)
        rest = (
            f", {'lower' if word == 'higher' else 'higher'} in {min(higher, lower):.0%}" if min(higher, lower) else ""
        )
        change = f"{_signed(median, digits)} [{_signed(low, digits)} to {_signed(high, digits)}] {unit}"
        relative = float(row["relative"].values[0])
        change += f", {_signed(100 * relative, 1)} % in the median" if np.isfinite(relative) else ""
        sentence = f"{label} is {word} in {share:.0%} of draws{rest}: {change}."
    figure = Figure(key, label, median, low, high, unit, str(row["variable"].values), "scenario", SIMULATED_QUALITY)
    return Headline(name, label, sentence, (figure,))


def _coverage(figures: xr.Dataset) -> Headline:
    row = figures.sel(figure="coverage_year")
    later, sooner = float(row["share_higher"]), float(row["share_lower"])
    same = 1 - later - sooner
    label = "AI revenue covers its cost of capital"
    last = int(str(figures["quarter"].values[-1])[:4])
    base, other = (int(row[name].values[0]) for name in ("base", "other"))
    named = [f"not by {last}" if year > last else str(year) for year in (base, other)]
    if not later and not sooner:
        sentence = f"{label} in the same year in every draw; the median draw: {named[0]}."
    else:
        median = f"stays at {named[0]}" if base == other else f"goes from {named[0]} to {named[1]}"
        sentence = (
            f"{label} later in {later:.0%} of draws, sooner in {sooner:.0%}, in the same year in {same:.0%}; the "
            f"median draw {median}."
        )
    return Headline("coverage", label, sentence, ())


def _binding(figures: xr.Dataset) -> Headline:
    differs = figures["binding_differs"].values
    label = "What binds"
    if not differs.any():
        return Headline("binding", label, "The same limit binds in every draw and quarter.", ())
    at = int(differs.argmax())
    quarter = str(figures["quarter"].values[at])
    moved = (figures["binding_other"] - figures["binding_base"]).isel(quarter=at)
    changes, limits = moved.values, [str(limit) for limit in moved["limit"].values]
    sentence = (
        f"Another limit binds in {differs[at]:.0%} of draws in {quarter}, the quarter in which most differ: "
        f"{limits[changes.argmax()]} more often ({changes.max():+.0%} of draws), {limits[changes.argmin()]} less "
        f"({changes.min():+.0%})."
    )
    return Headline("binding", label, sentence, ())


def _path(figures: xr.Dataset) -> Headline:
    label = "Path of the difference"
    rows = [figures.sel(link=link) for link in figures["link"].values]
    moved = [row for row in rows if str(row["link_first"].values)]
    if not moved:
        return Headline("path", label, "No link of the loop differs by a thousandth.", ())
    moved.sort(key=lambda row: str(row["link_first"].values))
    start = str(moved[0]["link_first"].values)
    first = [_named(row) for row in moved if str(row["link_first"].values) == start]
    then = [f"{_named(row)} ({row['link_first'].values})" for row in moved[len(first) :]]
    strongest = max(moved, key=lambda row: np.nan_to_num(abs(float(row["link_largest_size"]))))
    sentence = f"The difference begins in {start} with {_listed(first)}"
    sentence += f"; then follow {_listed(then[:5])}" if then else ""
    sentence += (
        f"; it is largest, against what is not known of each link, in {_named(strongest)} "
        f"({float(strongest['link_largest_size']):+.1f} standard deviations in {strongest['link_largest'].values})."
    )
    return Headline("path", label, sentence, ())


def _pairing(figures: xr.Dataset) -> Headline:
    width = float(figures["pairing"].sel(figure="ai_capital_expenditure_usd_bn.all"))
    label = "What pairing buys"
    if not np.isfinite(width):
        return Headline("pairing", label, "One draw has no interval to narrow.", ())
    sentence = (
        f"Comparing like draws gives an interval {width:.0%} as wide as unlike draws would, for AI capital expenditure "
        "in all."
    )
    return Headline("pairing", label, sentence, ())


def _left_out(figures: xr.Dataset) -> Headline:
    compared, lost = int(figures.attrs["draws_compared"]), int(figures.attrs["draws_left_out"])
    label = "Draws compared"
    if not lost:
        return Headline("left_out", label, f"All {compared:,} draws run to the end in both futures.", ())
    titles = {"base": figures.attrs["base"], "other": figures.attrs["other"]}
    causes = [
        f"{count:,} under {titles[which]} because {ENDINGS[name]}"
        for which, counts in json.loads(figures.attrs["endings"]).items()
        for name, count in counts.items()
    ]
    sentence = (
        f"{lost:,} of {compared + lost:,} draws end early and are in no difference above: {_listed(causes)}. What is "
        "compared are the worlds that hold."
    )
    return Headline("left_out", label, sentence, ())


def _named(row: xr.Dataset) -> str:
    return str(row["link"].values)


def _listed(words: Sequence[str]) -> str:
    shown = [*words[:6], f"{len(words) - 6} more"] if len(words) > 7 else list(words)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _signed(value: float, digits: int) -> str:
    """With its sign, but none where it is rounded to nothing."""
    text = f"{value:+,.{digits}f}"
    return text[1:] if float(text.replace(",", "")) == 0 else text


def _digits(largest: float) -> int:
    """Decimals that leave about two figures of the largest number."""
    return next((digits for digits, least in enumerate((10, 1, 0.1)) if largest >= least), 3)
