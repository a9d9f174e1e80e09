"""What holds the spending up: what each fear adds, what is left when one goes, and whether a weaker one halves it.

Shown where the question was asked of the World; every figure opens the receipt of that answer.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import xarray as xr

from headrace import service
from headrace.report.answers import Answers
from headrace.report.asked_receipts import ASKED
from headrace.report.charts.dots import Dot, Rows, dot_chart
from headrace.report.figures import Part, Sentence, Shown
from headrace.report.numbers import interval, plain
from headrace.report.section import Chart, Footing, Section, Table, csv_address, draw, footing, plain_words
from headrace.report.sentences import linked
from headrace.report.series import LEVELS, Array, Pair
from headrace.units import QUARTERS_PER_YEAR

_NAME = "fears"
_KEY = ASKED + _NAME
_STATUS, _QUALITY = "scenario", "C"
_SPENDING = "capital_expenditure_usd_bn"
_SIDES = ("lowers", "raises")
_HEADS = {"wide": ("USD bn", "left"), "narrow": ("USD bn",)}
"""Above the columns to the right of the plot."""


def fears(pair: Pair, answers: Answers) -> Section | None:
    """Shapley values of the fears over the run; None where nobody asked."""
    if _NAME not in answers.asked:
        return None
    found = answers.asked[_NAME]
    said = {line.key: line for line in service.fear_headlines(found)}
    total = found["contribution_usd_bn"].sum("year")
    rests = _rests(total.sum("fear").values, answers, pair)
    sentence = (*linked(said["held_up"]), *rests.words)
    span = f"{found.attrs['first_quarter']} to {found.attrs['last_quarter']}"
    finding = _finding(total)
    rows = [Rows("Adds to spending", tuple(_dot(found, name) for name in found["fear"].values.tolist()))]
    chart = Chart(
        finding=(finding,),
        subtitle=(
            f"Shapley value in capital expenditure of the five, {span}, USD bn. Dot: median; line: "
            "90\N{NO-BREAK SPACE}% of worlds; left: spending without this fear alone",
        ),
        drawings=draw(
            _NAME, finding, plain_words(sentence), lambda size: dot_chart(rows, 0.0, _SIDES, _HEADS[size.name], size)
        ),
        receipt=_KEY,
    )
    note: Sentence = (
        *linked(said["left"]),
        " ",
        *linked(said["halved"]),
        " ",
        *linked(said["runs"]),
        " A fear is off from the first quarter on; what past fear has built, and the pace it has set, stay.",
    )
    return Section(
        _NAME, "What holds the spending up?", sentence, chart, _table(found, span), (_KEY, _SPENDING), _STATUS,
        _QUALITY, "fears.csv", _download(found), rests, note=note,
    )  # fmt: skip


def _rests(values: Array, answers: Answers, pair: Pair) -> Footing:
    """The weakest assumption; what moves the answer most only where it is of the same worlds as the report."""
    same = len(values) == pair.future.sizes["draw"]
    known = answers if same else replace(answers, movers=lambda _values, _among: ())
    return footing([_SPENDING], known, "what the fears add to spending over the run", values)


def _finding(total: xr.DataArray) -> str:
    told = [name for name in total["fear"].values.tolist() if _is_told(total.sel(fear=name).values)]
    words = {name: "raises" if float(total.sel(fear=name).median()) > 0 else "lowers" for name in told}
    if not told:
        return "What fears add to spending cannot be told from zero"
    said = " and ".join(f"{name} fear {words[name]}" for name in told)
    only = "Only " if len(told) < total.sizes["fear"] else ""
    return f"{only}{said} spending by an amount that can be told from zero"


def _is_told(values: Array) -> bool:
    low, high = (float(level) for level in np.quantile(values, (0.05, 0.95)))
    return service.is_told_from_zero(low, high)


def _dot(found: xr.Dataset, name: str) -> Dot:
    values = found["contribution_usd_bn"].sel(fear=name).sum("year").values
    low, median, high = (float(level) for level in np.quantile(values, (0.05, 0.5, 0.95)))
    left = float(found["left_share"].sel(fear=name).median())
    return Dot(name.capitalize(), "ink", median, low, high, (plain(median, 0), f"{100 * left:.1f}%"))


def _table(found: xr.Dataset, span: str) -> Table:
    rows = []
    for name in found["fear"].values.tolist():
        own = found.sel(fear=name)
        label = str(own["label"].values)
        total = own["contribution_usd_bn"].sum("year").values
        cells: list[Part] = [
            _amount(total, f"{label} adds, {span}"),
            _shown("yes" if _is_told(total) else "no", "", "", f"{label}, told from zero"),
            _percent(own["left_share"].values, f"Spending left without {name} fear alone"),
        ]
        cells += [
            _amount(own["contribution_usd_bn"].sel(year=year).values, f"{label} adds in {year}")
            for year in found["year"].values.tolist()
        ]
        rows.append((label, tuple(cells)))
    years = [
        str(year) if int(count) == QUARTERS_PER_YEAR else f"{year} in part"
        for year, count in zip(found["year"].values, found["quarters"].values, strict=True)
    ]
    head = ("Fear", "Whole run", "Told from zero", "Left without it", *years)
    return Table(f"What each fear adds to capital expenditure of the five, {span}, USD bn", head, tuple(rows))


def _amount(values: Array, of: str) -> Shown:
    low, median, high = (float(level) for level in np.quantile(values, (0.05, 0.5, 0.95)))
    digits = 0 if max(abs(low), abs(high)) >= 10 else 1
    return _shown(plain(median, digits), f"{median:.6g}", interval(low, high, digits), of)


def _percent(values: Array, of: str) -> Shown:
    low, median, high = (float(level) for level in np.quantile(values, (0.05, 0.5, 0.95)))
    per_cent = "\N{NO-BREAK SPACE}%"
    spread = interval(100 * low, 100 * high, 1)
    return _shown(f"{plain(100 * median, 1)}{per_cent}", f"{median:.6g}", spread and f"{spread}{per_cent}", of)


def _shown(text: str, value: str, spread: str, of: str) -> Shown:
    return Shown(text, value, spread, "", "", _STATUS, _QUALITY, _KEY, of)


def _download(found: xr.Dataset) -> str:
    """Every fear and year, and the run as a whole, as CSV in a data address."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["fear", "year", "quarters", "p05", "p25", "median", "p75", "p95", "unit", "status", "quality"])
    for name in found["fear"].values.tolist():
        own = found["contribution_usd_bn"].sel(fear=name)
        years = [(str(int(one["year"])), int(one["quarters"]), one.values) for one in own.transpose("year", "draw")]
        for year, quarters, values in [*years, ("total", int(found["quarters"].sum()), own.sum("year").values)]:
            levels = [f"{level:.6g}" for level in np.quantile(values, LEVELS)]
            writer.writerow([name, year, quarters, *levels, "USD bn", _STATUS, _QUALITY])
    return csv_address(out.getvalue())
