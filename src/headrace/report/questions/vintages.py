"""What was paid for AI in one quarter: what it returns, when it comes back, and what must be true for that.

Shown where the question was asked of the World; every figure opens the receipt of that answer.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np
import xarray as xr

from headrace.report.answers import Answers
from headrace.report.asked_receipts import ASKED
from headrace.report.charts.fans import Fan, Look, Reference, fan_chart
from headrace.report.figures import Part, Sentence, Shown, over_worlds, share
from headrace.report.numbers import NOT_KNOWN, interval, plain
from headrace.report.section import (
    MEDIAN_AND_BANDS,
    Chart,
    Footing,
    Section,
    Table,
    against,
    csv_address,
    draw,
    footing,
    plain_words,
)
from headrace.report.series import LEVELS, Array, Pair, Series
from headrace.units import QUARTERS_PER_YEAR

_NAME = "payback"
_KEY = ASKED + _NAME
_STATUS, _QUALITY = "scenario", "C"
_PER_CENT = "\N{NO-BREAK SPACE}%"


def returns(pair: Pair, answers: Answers) -> Section | None:
    """Return of every vintage, and the share of worlds in which the stated one pays back; None where nobody asked."""
    if _NAME not in answers.asked:
        return None
    answer = answers.asked[_NAME]
    stated = str(answer.attrs["vintage"])
    own = answer.sel(vintage=stated)
    series = _series(answer)
    rates = own["rate_of_return"].values
    rates_asked = own["cost_of_capital"].mean("player").values
    required = float(np.median(rates_asked))
    place = series.quarters.index(stated)
    side = {
        "above": "more than",
        "below": "less than",
    }.get(against(float(series.low[place]), float(series.high[place]), required), "more or less than")
    rests = _rests(answer, own, answers, pair)
    sentence: Sentence = (
        f"What {answer.attrs['owners']} pay for AI in {stated}, ",
        over_worlds(own["cost_usd_bn"].values, _KEY, "USD bn", f"Cost of the vintage of {stated}", series),
        ", returns ",
        _rate(rates[np.isfinite(rates)], f"Internal rate of return, vintage of {stated}"),
        f" a year, {side} its cost of capital of ",
        _rate(rates_asked, f"Cost of capital, mean of the five, {stated}"),
        ". It pays back within its economic life in ",
        share(float(own["share_within_life"]), _KEY, f"Worlds in which the vintage of {stated} pays back in life", "C"),
        " of worlds, and ever in ",
        share(float(own["share_paid_back"]), _KEY, f"Worlds in which the vintage of {stated} ever pays back", "C"),
        ".",
        *rests.words,
    )
    finding = _finding(series, required)
    look = Look(series.quarters[0], (Reference("cost of capital", (100 * required,), "muted"),))
    in_percent = Series(series.quarters, 0, 100 * series.quantiles, series.status, series.quality)
    fan = Fan("return", "money", in_percent)
    chart = Chart(
        finding=(finding,),
        subtitle=(
            "Internal rate of return after tax of what is paid for AI in a quarter, per cent a year. "
            f"{MEDIAN_AND_BANDS}",
        ),
        drawings=draw("vintages", finding, plain_words(sentence), lambda size: fan_chart([fan], size, look)),
        receipt=_KEY,
    )
    return Section(
        "vintages", "Does what is paid now come back?", sentence, chart, _by_vintage(answer), (_KEY,), _STATUS,
        _QUALITY, "vintages.csv", _download(answer), rests,
    )  # fmt: skip


def must_be_true(pair: Pair, answers: Answers) -> Section | None:
    """The value of each driver at which the vintage would pay back in the stated time; None where nobody asked."""
    if _NAME not in answers.asked:
        return None
    answer = answers.asked[_NAME]
    target = f"{answer.attrs['target_years']:g} years"
    parts: list[Part] = [
        f"To pay back in {target}, what is paid for AI in {answer.attrs['vintage']} would need, in the median world, "
    ]
    names = [str(name) for name in answer["driver"].values]
    can = [name for name in names if np.isfinite(float(answer["required_value"].sel(driver=name)))]
    for number, name in enumerate(can):
        own = answer.sel(driver=name)
        label = str(own["driver_label"].values)
        parts += [
            " or " if number else "",
            f"{label[0].lower()}{label[1:]} of ",
            _value(own, "required_value", _bounds(own)),
            " against ",
            _value(own, "value_now", (np.nan, np.nan)),
        ]
    cannot = len(names) - len(can)
    if not can:
        parts += ["more than any one of the drivers in the table can give within its range."]
    elif cannot:
        others = "the other one cannot" if cannot == 1 else f"the other {cannot} cannot"
        parts += [f"; of the {len(names)} drivers asked, {others} do it alone."]
    else:
        parts += ["."]
    head = ("Driver", "Median world", f"Needed for {target}", "Share of worlds that can")
    rows = []
    for name in names:
        own = answer.sel(driver=name)
        able = share(float(own["share_with_value"]), _KEY, f"{own['driver_label'].values}, worlds that can", _QUALITY)
        rows.append(
            (
                _labelled(own),
                (
                    _value(own, "value_now", (np.nan, np.nan), bare=True),
                    _value(own, "required_value", _bounds(own), bare=True),
                    able,
                ),
            )
        )
    return Section(
        "must", "What must be true for that?", tuple(parts), None,
        Table(f"Value of one driver alone at which it pays back in {target}", head, tuple(rows)), (_KEY,), _STATUS,
        _QUALITY, "must_be_true.csv", _must_download(answer), Footing((), "", ()),
        note=(f"Intervals: 90{_PER_CENT} of the first {answer.attrs['draws_inverted']} worlds that can.",),
    )  # fmt: skip


def _rests(answer: xr.Dataset, own: xr.Dataset, answers: Answers, pair: Pair) -> Footing:
    """What the return stands on; nothing where the answer is of other worlds than the report."""
    if answer.sizes["draw"] != pair.future.sizes["draw"]:
        return Footing((), "", ())
    figure = f"net present value over cost of the vintage of {answer.attrs['vintage']}"
    return footing(["compute_margin_usd_bn"], answers, figure, own["profitability"].values)


def _series(answer: xr.Dataset) -> Series:
    """The rate of return by vintage over the worlds that have one."""
    rates = answer["rate_of_return"].values
    known = np.isfinite(rates).any(axis=0)
    quantiles = np.full((len(LEVELS), rates.shape[1]), np.nan)
    quantiles[:, known] = np.nanquantile(rates[:, known], LEVELS, axis=0)
    count = rates.shape[1]
    return Series(tuple(map(str, answer["vintage"].values)), 0, quantiles, (_STATUS,) * count, (_QUALITY,) * count)


def _rate(values: Array, of: str) -> Shown:
    """Median and 90 % interval of a rate, in per cent a year."""
    low, median, high = 100 * np.quantile(values, (0.05, 0.5, 0.95)) if values.size else np.full(3, np.nan)
    spread = interval(float(low), float(high), 0)
    return _shown(f"{plain(float(median), 0)}{_PER_CENT}", float(median) / 100, spread and f"{spread}{_PER_CENT}", of)


def _value(own: xr.Dataset, name: str, bounds: tuple[float, float], *, bare: bool = False) -> Shown:
    """A value of a driver with three digits that count."""
    value, unit = float(own[name]), str(own["driver_unit"].values)
    low, high = (f"{end:.3g}" if np.isfinite(end) else "" for end in bounds)
    after = "" if bare or unit == "1" else unit
    text = f"{value:.3g}" if np.isfinite(value) else NOT_KNOWN
    return _shown(text, value, f"{low}–{high}" if low and low != high else "", str(own["driver_label"].values), after)


def _labelled(own: xr.Dataset) -> str:
    label, unit = (str(own[f"driver_{word}"].values) for word in ("label", "unit"))
    return label if unit == "1" else f"{label}, {unit}"


def _bounds(own: xr.Dataset) -> tuple[float, float]:
    low, high = (float(own["required_value_by_draw"].sel(statistic=end)) for end in ("low", "high"))
    return low, high


def _shown(text: str, value: float, spread: str, of: str, after: str = "") -> Shown:
    known = bool(np.isfinite(value))
    status, quality = (_STATUS, _QUALITY) if known else ("unresolved", "")
    return Shown(text, f"{value:.6g}" if known else "", spread, "", after, status, quality, _KEY, of)


def _finding(series: Series, required: float) -> str:
    known = np.isfinite(series.median)
    if not known.any():
        return "No vintage has a rate of return"
    enough = (series.median >= required) & known
    if enough[known].all():
        return "In the median, every vintage returns its cost of capital"
    if not enough.any():
        return f"In the median, no vintage up to {series.quarters[-1]} returns its cost of capital"
    return f"In the median, {series.quarters[int(enough.argmax())]} is the first vintage to return its cost of capital"


def _by_vintage(answer: xr.Dataset) -> Table:
    rows = []
    for vintage in answer["vintage"].values[:: QUARTERS_PER_YEAR // 2].tolist():
        own = answer.sel(vintage=vintage)
        rates = own["rate_of_return"].values
        cells: tuple[Part, ...] = (
            over_worlds(own["cost_usd_bn"].values, _KEY, "", f"Cost, {vintage}", _series(answer)),
            _rate(rates[np.isfinite(rates)], f"Return a year, {vintage}"),
            *(
                share(float(own[name]), _KEY, f"{label}, {vintage}", _QUALITY)
                for name, label in (
                    ("share_within_life", "Pays back in its life"),
                    ("share_paid_back", "Ever pays back"),
                    ("share_discounted", "Pays back with interest"),
                )
            ),
            _rate(own["share_beyond_run"].values, f"Value after the run, {vintage}"),
        )
        rows.append((vintage, cells))
    head = (
        "Paid in",
        "Cost, USD bn",
        "Return a year",
        "Back in its life",
        "Ever back",
        "With interest",
        "After the run",
    )
    return Table("Cost, return and payback of what is paid for AI in a quarter", head, tuple(rows))


def _download(answer: xr.Dataset) -> str:
    """Every vintage as CSV in a data address."""
    names = ("cost_usd_bn", "payback_quarters", "rate_of_return", "profitability", "share_beyond_run")
    lines: list[Sequence[object]] = []
    for vintage in answer["vintage"].values.tolist():
        own = answer.sel(vintage=vintage)
        for name in names:
            levels = np.nanquantile(own[name].values, LEVELS, method="inverted_cdf")
            said = [f"{level:.6g}" for level in levels]
            lines.append([name, vintage, *said, own[name].attrs["units"], _STATUS, _QUALITY])
    return _csv(["figure", "vintage", "p05", "p25", "median", "p75", "p95", "unit", "status", "quality"], lines)


def _must_download(answer: xr.Dataset) -> str:
    names = ("value_now", "required_value", "share_with_value", "nearest_value", "nearest_payback_years")
    lines = [
        [str(name), str(answer["driver_unit"].sel(driver=name).values)]
        + [f"{float(answer[key].sel(driver=name)):.6g}" for key in names]
        for name in answer["driver"].values
    ]
    return _csv(["driver", "unit", *names], lines)


def _csv(head: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(lines)
    return csv_address(out.getvalue())
