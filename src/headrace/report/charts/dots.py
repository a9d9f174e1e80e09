"""Dots with their intervals around one line: each row is a number, and the line is where it makes no difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from headrace.report.charts.frame import AS_IT_STANDS, Size, at, label_room, row_names, value_axis
from headrace.report.charts.paint import Spec, colour


@dataclass(frozen=True)
class Dot:
    """One row: a number and its interval, and what else is written to its right; one not known has its name alone."""

    name: str
    colour: str
    value: float
    low: float
    high: float
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """Rows under a heading."""

    heading: str
    dots: tuple[Dot, ...]


_ROW = 27
_GAP = 8
_ABOVE = 26
"""Pixels above the first row, for the words on both sides of the line."""


def dot_chart(groups: Sequence[Rows], line: float, sides: tuple[str, str], heads: Sequence[str], size: Size) -> Spec:
    """Groups of rows under each other.

    Args:
        groups: What to draw.
        line: Where the upright line stands.
        sides: What lies to its left and to its right.
        heads: Of the columns of text to the right of the plot; as many are written as there are heads.
        size: Drawing size.
    """
    placed, headings, height = _placed(groups)
    known = [(dot, middle) for dot, middle in placed if math.isfinite(dot.value)]
    ends = [value for dot, _ in known for value in (dot.low, dot.high)]
    axis = value_axis([line, *ends], zero=False)
    names = label_room([dot.name for dot, _ in placed], size)
    column = label_room([*heads, "0.00"], size)
    x: Spec = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [axis.low, axis.high], "nice": False, "zero": False},
        "axis": {
            "values": list(axis.ticks),
            "format": ".6~f",
            "grid": True,
            "domain": False,
            "labelFontSize": size.font,
        },
    }
    y: Spec = {"field": "y", "type": "quantitative", "scale": {"domain": [height, 0], "nice": False}, "axis": None}
    middles = [middle for _, middle in placed]
    return {
        "width": round(size.width - names - column * len(heads), 1),
        "height": height,
        "padding": {"left": 0, "right": 4, "top": 4, "bottom": 2},
        "layer": [
            _upright(axis.ticks, "grid", height, x),
            _upright([line], "muted", height, x),
            *_sides(sides, line, x, size),
            *_marks(known, x, y),
            *_columns(known, heads, column, axis.high, size, x, y),
            _headings(headings, axis.low, size, x, y),
            row_names([dot.name for dot, _ in placed], middles, axis.low, size, x, y),
        ],
    }


def _placed(groups: Sequence[Rows]) -> tuple[list[tuple[Dot, float]], list[tuple[str, float]], int]:
    """Every dot and every heading with its middle, and the height of all."""
    placed: list[tuple[Dot, float]] = []
    headings: list[tuple[str, float]] = []
    top = _ABOVE
    for group in groups:
        headings.append((group.heading, top + _ROW / 2))
        top += _ROW
        for dot in group.dots:
            placed.append((dot, top + _ROW / 2))
            top += _ROW
        top += _GAP
    return placed, headings, top


def _upright(values: Sequence[float], paint: str, height: int, x: Spec) -> Spec:
    """Upright lines below the words on top."""
    mark = {"type": "rule", "color": colour(paint), "strokeWidth": 1.2, "y": _ABOVE - 6, "y2": height}
    return {"data": {"values": [{"x": value} for value in values]}, "mark": mark, "encoding": {"x": x}}


def _sides(sides: tuple[str, str], line: float, x: Spec, size: Size) -> list[Spec]:
    return [
        {
            "data": {"values": [{}]},
            "mark": {"type": "text", "align": align, "baseline": "top", "dx": shift, "y": 0, "text": words,
                     "fontSize": size.font, "color": colour("muted")},
            "encoding": {"x": at(line, x)},
        }
        for words, align, shift in zip(sides, ("right", "left"), (-8, 8), strict=True)
    ]  # fmt: skip


def _marks(known: Sequence[tuple[Dot, float]], x: Spec, y: Spec) -> list[Spec]:
    paint = {"field": "paint", **AS_IT_STANDS}
    lines = [{"x": dot.low, "z": dot.high, "y": middle, "paint": colour(dot.colour)} for dot, middle in known]
    dots = [{"x": dot.value, "y": middle, "paint": colour(dot.colour)} for dot, middle in known]
    return [
        {
            "data": {"values": lines},
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {"x": x, "x2": {"field": "z"}, "y": y, "color": paint},
        },
        {
            "data": {"values": dots},
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": paint},
        },
    ]


def _columns(
    known: Sequence[tuple[Dot, float]],
    heads: Sequence[str],
    width: int,
    right: float,
    size: Size,
    x: Spec,
    y: Spec,
) -> list[Spec]:
    """Columns of text to the right of the plot, each under its head."""
    layers = []
    for place, head in enumerate(heads):
        rows = [{"x": right, "y": _ABOVE + _ROW / 2, "words": head, "paint": colour("muted")}]
        rows += [{"x": right, "y": middle, "words": dot.beside[place], "paint": colour("ink")} for dot, middle in known]
        mark = {
            "type": "text",
            "align": "right",
            "baseline": "middle",
            "dx": width * (place + 1),
            "fontSize": size.font,
        }
        paint = {"field": "paint", **AS_IT_STANDS}
        layers.append(
            {
                "data": {"values": rows},
                "mark": mark,
                "encoding": {"x": x, "y": y, "text": {"field": "words"}, "color": paint},
            }
        )
    return layers


def _headings(headings: Sequence[tuple[str, float]], left: float, size: Size, x: Spec, y: Spec) -> Spec:
    rows = [{"x": left, "y": middle, "words": words} for words, middle in headings]
    mark = {"type": "text", "align": "right", "baseline": "middle", "dx": -8, "fontSize": size.font, "fontWeight": 600}
    encoding = {"x": x, "y": y, "text": {"field": "words"}}
    return {"data": {"values": rows}, "mark": {**mark, "color": colour("ink")}, "encoding": encoding}
