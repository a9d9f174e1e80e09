"""Split bars: for each row two parts of a logarithm as bars from one, and their sum as a dot with its interval.

The axis is of factors and logarithmic, so that the parts add up to the sum along it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headrace.report.charts.frame import AS_IT_STANDS, Size, at, label_room, row_names
from headrace.report.charts.paint import Spec, colour


@dataclass(frozen=True)
class Split:
    """One row: two parts and their sum in natural logarithms, and the interval of the sum."""

    name: str
    colour: str
    parts: tuple[float, float]
    total: float
    low: float
    high: float


PART = "world"
"""Colour of the second part in every row; the first has the row's own."""

_GAP = 10


def split_chart(rows: Sequence[Split], size: Size, gaps_after: Sequence[int]) -> Spec:
    """Rows under each other, with a gap between some of them.

    Args:
        rows: What to draw; one that is not known has its name alone.
        size: Drawing size.
        gaps_after: Positions of rows after which a gap separates.
    """
    names = label_room([row.name for row in rows], size)
    known = [row for row in rows if all(map(math.isfinite, (*row.parts, row.total, row.low, row.high)))]
    x = _factors([value for row in known for value in (*row.parts, row.total, row.low, row.high)], size)
    height_of_row = 31
    tops = [i * height_of_row + _GAP * sum(i > after for after in gaps_after) for i in range(len(rows))]
    height = tops[-1] + height_of_row
    y: Spec = {"field": "y", "type": "quantitative", "scale": {"domain": [height, 0], "nice": False}, "axis": None}
    drawn = [(row, top) for row, top in zip(rows, tops, strict=True) if row in known]
    width = size.width - names - label_room(["×1/16"], size, gap=0)
    layers = [
        _bars(drawn, x, y),
        _one(x, height),
        *_sums(drawn, x, y),
        row_names([row.name for row in rows], [top + 13 for top in tops], x["scale"]["domain"][0], size, x, y),
    ]
    return {
        "width": round(width, 1),
        "height": height,
        "padding": {"left": 0, "right": label_room(["×1/16"], size, gap=0) // 2, "top": 4, "bottom": 2},
        "layer": layers,
    }


def _factors(values: Iterable[float], size: Size) -> Spec:
    """The horizontal encoding: powers of two of the factor as round numbers."""
    doublings = [0.0, *(value / math.log(2) for value in values)]
    low, high = math.floor(min(doublings)), math.ceil(max(doublings))
    high = max(high, low + 1)
    most = 8 if size.name == "wide" else 5
    step = next((step for step in (1, 2, 3, 4, 5, 10, 20) if (high - low) / step <= most), 100)
    ticks = [tick for tick in range(low, high + 1) if tick % step == 0]
    return {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {
            "values": ticks,
            "grid": True,
            "domain": False,
            "labelExpr": "(datum.value < 0 ? '×1/' : '×') + format(pow(2, abs(datum.value)), ',')",
            "labelFontSize": size.font,
            "labelOverlap": False,
        },
    }


def _bars(drawn: Sequence[tuple[Split, int]], x: Spec, y: Spec) -> Spec:
    rows = [
        {"x": 0, "z": _doublings(part), "y": top + place, "b": top + place + 7, "paint": colour(paint)}
        for row, top in drawn
        for part, place, paint in zip(row.parts, (2, 9), (row.colour, PART), strict=True)
    ]
    encoding = {"x": x, "x2": {"field": "z"}, "y": y, "y2": {"field": "b"}, "color": {"field": "paint", **AS_IT_STANDS}}
    return {"data": {"values": rows}, "mark": {"type": "rect"}, "encoding": encoding}


def _one(x: Spec, height: int) -> Spec:
    """An upright line where nothing has changed."""
    mark = {"type": "rule", "color": colour("edge"), "strokeWidth": 1.2, "y": 0, "y2": height}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": {"x": at(0, x)}}


def _sums(drawn: Sequence[tuple[Split, int]], x: Spec, y: Spec) -> list[Spec]:
    lines = [{"x": _doublings(row.low), "z": _doublings(row.high), "y": top + 22} for row, top in drawn]
    dots = [{"x": _doublings(row.total), "y": top + 22} for row, top in drawn]
    line = {"type": "rule", "color": colour("ink"), "strokeWidth": 1.2}
    dot = {"type": "point", "filled": True, "size": 38, "color": colour("ink"), "opacity": 1}
    return [
        {"data": {"values": lines}, "mark": line, "encoding": {"x": x, "x2": {"field": "z"}, "y": y}},
        {"data": {"values": dots}, "mark": dot, "encoding": {"x": x, "y": y}},
    ]


def _doublings(logarithm: float) -> float:
    return float(f"{logarithm / math.log(2):.5g}")
