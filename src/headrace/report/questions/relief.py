"""What relief is worth, and where the money must go: shown where the chokepoints of the World were asked for."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from headrace import service
from headrace._types import Headline
from headrace.report.answers import Answers
from headrace.report.asked_receipts import ASKED
from headrace.report.charts.dots import Dot, Rows, dot_chart
from headrace.report.figures import Part, Sentence, Shown
from headrace.report.numbers import interval, plain
from headrace.report.section import Chart, Footing, Section, Table, csv_address, draw, footing, plain_words
from headrace.report.sentences import linked
from headrace.report.series import LEVELS, Array, Pair
from headrace.units import QUARTERS_PER_YEAR

_NAME = "chokepoints"
_KEY = ASKED + _NAME
_STATUS, _QUALITY = "scenario", "C"
_SIDES = ("does harm", "helps")
_GROUPS = {
    "use_value_over_price": "Makers answer",
    "unanswered_over_price": "Makers do not",
}
_FIRST_YEAR = {"quarter": slice(0, QUARTERS_PER_YEAR)}


def worth(pair: Pair, answers: Answers) -> Section | None:
    """What a dollar more of each layer adds to the use of compute; None where nobody asked."""
    if _NAME not in answers.asked:
        return None
    found = answers.asked[_NAME]
    said = _said(found)
    use = found["use_value_over_price"].isel(_FIRST_YEAR).mean("quarter")
    best = str(use["layer"].values[int(use.median("draw").values.argmax())])
    rests = _rests("use_value_over_price", use.sel(layer=best).values, answers, pair)
    sentence = (*linked(said["worth"]), *rests.words)
    finding = _finding(use)
    rows = [Rows(heading, tuple(_dots(found, name))) for name, heading in _GROUPS.items()]
    chart = Chart(
        finding=(finding,),
        subtitle=(
            "Present value of compute in use gained by a dollar more of a layer in one quarter of the first year, USD. "
            "Makers who answer see less scarcity and expand less. Dot: median; line: 90\N{NO-BREAK SPACE}% of worlds, "
            "cut where it leaves the plot",
        ),
        drawings=draw(
            "relief", finding, plain_words(sentence), lambda size: dot_chart(rows, 0.0, _SIDES, ("USD",), size)
        ),
        receipt=_KEY,
    )
    note: Sentence = (*linked(said["bundle"]), " ", *linked(said["rent"]), " ", *linked(said["follows"]))
    return Section(
        "relief", "What is relief worth?", sentence, chart, _units(found), (_KEY, "capacity_gw_per_quarter"), _STATUS,
        _QUALITY, "relief.csv", _download(found), rests, note=note,
    )  # fmt: skip


def forced(pair: Pair, answers: Answers) -> Section | None:
    """What reaches each layer and group by year; None where nobody asked."""
    if _NAME not in answers.asked:
        return None
    found = answers.asked[_NAME]
    spend = found["layer_spend_usd_bn"]
    rests = _rests("delivered_usd_bn", spend.sum(("layer", "year")).values, answers, pair)
    sentence = (*linked(_said(found)["forced"]), *rests.words)
    years = [
        (place, str(year) if int(count) == QUARTERS_PER_YEAR else f"{year} in part")
        for place, (year, count) in enumerate(zip(found["year"].values, found["quarters"].values, strict=True))
    ]
    rows: list[tuple[str, tuple[Part, ...]]] = []
    for name, row in (("layer_spend_usd_bn", "layer"), ("group_spend_usd_bn", "group")):
        for label in found[row].values.tolist():
            own = found[name].sel({row: label})
            words = label.replace("_", " ").capitalize() + ("" if row == "layer" else ", as a group")
            rows.append(
                (words, tuple(_amount(own.isel(year=place).values, f"{words} in {head}") for place, head in years))
            )
    table = Table(
        "Delivered by each layer at its price, then sold to AI by each group, USD bn",
        ("Layer or group", *(head for _, head in years)),
        tuple(rows),
    )
    return Section(
        "forced-spend", "Where must the money go?", sentence, None, table, (_KEY, "delivered_usd_bn"), _STATUS,
        _QUALITY, "forced-spend.csv", _spend_download(found), rests,
    )  # fmt: skip


def _said(found: xr.Dataset) -> dict[str, Headline]:
    return {line.key: line for line in service.chokepoint_headlines(found)}


def _rests(variable: str, values: Array, answers: Answers, pair: Pair) -> Footing:
    """The weakest assumption; what moves the answer most only where it is of the same worlds as the report."""
    same = len(values) == pair.future.sizes["draw"]
    known = answers if same else replace(answers, movers=lambda _values, _among: ())
    words = "what reaches the layers over the run" if variable == "delivered_usd_bn" else "what relief adds to use"
    of = "delivered_usd_bn" if variable == "delivered_usd_bn" else "capacity_gw_per_quarter"
    return footing([of], known, words, values)


def _finding(use: xr.DataArray) -> str:
    layers = [str(layer) for layer in use["layer"].values]
    helps = [layer for layer in layers if float(use.sel(layer=layer).quantile(0.05)) > 0]
    if not helps:
        return "Of no layer can it be told that a quarter of relief helps"
    return f"Only of {', '.join(helps)} can it be told that a quarter of relief helps"


def _dots(found: xr.Dataset, name: str) -> list[Dot]:
    """One a layer, by median; the longest lines are cut at the widest quartile range, or they would hide the rest."""
    values = found[name].isel(_FIRST_YEAR).mean("quarter")
    ends = np.quantile(values.values, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    room = 2 * max(float(np.abs(ends[[1, 3]]).max()), 1.0)
    rows = []
    for place in np.argsort(-ends[2]):
        low, median, high = (float(np.clip(ends[row, place], -room, room)) for row in (0, 2, 4))
        rows.append(Dot(str(found["layer"].values[place]).capitalize(), "ink", median, low, high, (plain(median, 1),)))
    return rows


def _units(found: xr.Dataset) -> Table:
    first = found.isel(quarter=0)
    rows = []
    for layer in found["layer"].values.tolist():
        own = first.sel(layer=layer)
        unit = str(own["unit"].values)
        cells: tuple[Part, ...] = (
            _shown(unit, "", "", f"Unit of {layer}"),
            _percent(float(first["binding_probability"].sel(limit=layer)), f"{layer} binds"),
            _amount(own["tightness"].values, f"Tightness of {layer}"),
            _amount(own["unit_price_usd"].values, f"Price of one {unit}"),
            _amount(own["static_value_usd"].values, f"One {unit} more if nothing else moved"),
            _amount(own["use_value_usd"].values, f"Use gained by one {unit} more"),
            _amount(own["gross_profit_usd"].values, f"Margin gained by one {unit} more"),
            _amount(own["compute_w"].values, f"Compute in service by one {unit} more"),
        )
        rows.append((layer.capitalize(), cells))
    date = found.attrs["date"]
    head = (
        "Layer", "Unit", "Binds", "Tightness", "Price, USD", "Worth at once, USD", "To users, USD", "To builders, USD",
        f"In service at the end of {date}, W",
    )  # fmt: skip
    return Table(f"One unit more in {found['quarter'].values[0]}, over the whole loop", head, tuple(rows))


def _amount(values: Array, of: str) -> Shown:
    low, median, high = (float(level) for level in np.quantile(values, (0.05, 0.5, 0.95)))
    largest = max(abs(low), abs(high))
    digits = 0 if largest >= 100 else 1 if largest >= 10 else 2
    return _shown(plain(median, digits), f"{median:.6g}", interval(low, high, digits), of)


def _percent(value: float, of: str) -> Shown:
    return _shown(f"{plain(100 * value, 0)}\N{NO-BREAK SPACE}%", f"{value:.6g}", "", of)


def _shown(text: str, value: str, spread: str, of: str) -> Shown:
    return Shown(text, value, spread, "", "", _STATUS, _QUALITY, _KEY, of)


def _download(found: xr.Dataset) -> str:
    """Every layer and quarter as CSV in a data address."""
    names = ("static_value_usd", "use_value_usd", "gross_profit_usd", "compute_w", *_GROUPS)
    rows = [
        [quarter, layer, name, *_levels(found[name].isel(quarter=i, layer=k).values), found[name].attrs["units"]]
        for name in names
        for i, quarter in enumerate(found["quarter"].values.tolist())
        for k, layer in enumerate(found["layer"].values.tolist())
    ]
    return _csv(["quarter", "layer", "what"], rows)


def _spend_download(found: xr.Dataset) -> str:
    """Every layer, group and year as CSV in a data address."""
    rows = [
        [year, label, name, *_levels(found[name].sel({"year": year, row: label}).values), "USD bn"]
        for name, row in (("layer_spend_usd_bn", "layer"), ("group_spend_usd_bn", "group"))
        for year in found["year"].values.tolist()
        for label in found[row].values.tolist()
    ]
    return _csv(["year", "layer or group", "what"], rows)


def _levels(values: Array) -> list[str]:
    return [f"{level:.6g}" for level in np.quantile(values, LEVELS)]


def _csv(keys: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*keys, "p05", "p25", "median", "p75", "p95", "unit", "status", "quality"])
    writer.writerows([[*row, _STATUS, _QUALITY] for row in rows])
    return csv_address(out.getvalue())
