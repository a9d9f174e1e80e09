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
_WORDS = 8
"""Where these have their middle."""
_PAINT: Spec = {"field": "paint", **AS_IT_STANDS}


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
    names = label_room([*(dot.name for dot, _ in placed), *(words for words, _ in headings), sides[0]], size)
    column = label_room([*heads, "0.00"], size)
    x: Spec = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [axis.low, axis.high], "nice": False, "zero": False},
        "axis": {
            "values": list(axis.ticks),
            "format": ".6~f",
            "grid": False,
            "domain": False,
            "labelFontSize": size.font,
        },
    }
    y: Spec = {"field": "y", "type": "quantitative", "scale": {"domain": [height, 0], "nice": False}, "axis": None}
    middles = [middle for _, middle in placed]
    width = size.width - names - column * len(heads)
    pixel = (axis.high - axis.low) / width
    written = _columns(known, heads, [axis.high + pixel * column * (place + 1) for place in range(len(heads))])
    return {
        "width": width,
        "height": height,
        "padding": {"left": 0, "right": 4, "top": 4, "bottom": 2},
        "layer": [
            _upright([*((tick, "grid") for tick in axis.ticks), (line, "muted")], height, x),
            *_marks(known, x, y),
            _ending([(line - 8 * pixel, _WORDS, sides[0], "muted"), *written], size, x, y),
            _beginning(line, sides[1], size, x),
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


def _upright(lines: Sequence[tuple[float, str]], height: int, x: Spec) -> Spec:
    """Upright lines with their colours, below the words on top."""
    rows = [{"x": value, "paint": colour(paint)} for value, paint in lines]
    mark = {"type": "rule", "strokeWidth": 1.2, "y": _ABOVE - 6, "y2": height}
    return {"data": {"values": rows}, "mark": mark, "encoding": {"x": x, "color": _PAINT}}


def _marks(known: Sequence[tuple[Dot, float]], x: Spec, y: Spec) -> list[Spec]:
    lines = [{"x": dot.low, "z": dot.high, "y": middle, "paint": colour(dot.colour)} for dot, middle in known]
    dots = [{"x": dot.value, "y": middle, "paint": colour(dot.colour)} for dot, middle in known]
    return [
        {
            "data": {"values": lines},
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {"x": x, "x2": {"field": "z"}, "y": y, "color": _PAINT},
        },
        {
            "data": {"values": dots},
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": _PAINT},
        },
    ]


def _columns(
    known: Sequence[tuple[Dot, float]], heads: Sequence[str], ends: Sequence[float]
) -> list[tuple[float, float, str, str]]:
    """Columns of text, each under its head: where each text ends, its middle, its words and its colour."""
    written = [(end, _ABOVE + _ROW / 2, head, "muted") for head, end in zip(heads, ends, strict=True)]
    return written + [
        (end, middle, dot.beside[place], "ink") for place, end in enumerate(ends) for dot, middle in known
    ]


def _ending(texts: Sequence[tuple[float, float, str, str]], size: Size, x: Spec, y: Spec) -> Spec:
    """Words that end where they are told to."""
    rows = [{"x": end, "y": middle, "words": words, "paint": colour(paint)} for end, middle, words, paint in texts]
    mark = {"type": "text", "align": "right", "baseline": "middle", "fontSize": size.font}
    return {
        "data": {"values": rows},
        "mark": mark,
        "encoding": {"x": x, "y": y, "text": {"field": "words"}, "color": _PAINT},
    }


def _beginning(line: float, words: str, size: Size, x: Spec) -> Spec:
    """Words to the right of the line, above the rows."""
    mark = {"type": "text", "align": "left", "baseline": "middle", "dx": 8, "y": _WORDS, "text": words}
    mark |= {"fontSize": size.font, "color": colour("muted")}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": {"x": at(line, x)}}


def _headings(headings: Sequence[tuple[str, float]], left: float, size: Size, x: Spec, y: Spec) -> Spec:
    rows = [{"x": left, "y": middle, "words": words} for words, middle in headings]
    mark = {"type": "text", "align": "right", "baseline": "middle", "dx": -8, "fontSize": size.font, "fontWeight": 600}
    encoding = {"x": x, "y": y, "text": {"field": "words"}}
    return {"data": {"values": rows}, "mark": {**mark, "color": colour("ink")}, "encoding": encoding}
