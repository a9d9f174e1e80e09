"""What every chart over time shares: its two sizes, the time axis, value axes, the dated rule and direct labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from headrace.periods import quarter_index
from headrace.report.charts.paint import Spec, colour


@dataclass(frozen=True)
class Size:
    """One drawing width in CSS pixels, with the type size that reads well at it."""

    name: str
    width: int
    font: int


WIDE = Size("wide", 920, 15)
NARROW = Size("narrow", 358, 14)
SIZES = (WIDE, NARROW)


@dataclass(frozen=True)
class ValueAxis:
    """A value axis that ends on round ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def clip(self, value: float) -> float:
        """The value, or the end of the axis that it passes."""
        return min(max(value, self.low), self.high)

    def pixel(self, value: float, height: float) -> float:
        """Distance from the top of a plot of this height."""
        return height * (1 - (self.clip(value) - self.low) / (self.high - self.low))

    def value(self, pixel: float, height: float) -> float:
        """The value at a distance from the top of a plot of this height: the inverse of :meth:`pixel`."""
        return self.low + (1 - pixel / height) * (self.high - self.low)


@dataclass(frozen=True)
class Label:
    """A word at the end of what it names."""

    text: str
    value: float
    colour: str
    bold: bool = True


AS_IT_STANDS: Spec = {"type": "nominal", "scale": None}
"""An encoding that takes the field's value itself, so that one layer holds marks of several kinds."""


def quarter_time(quarter: str) -> float:
    """A quarter as a year with decimals: ``2026Q3`` is 2026.5."""
    return quarter_index(quarter) / 4


def value_axis(values: Sequence[float], *, zero: bool = True, target: int = 5) -> ValueAxis:
    """An axis over the finite ones of ``values`` with about ``target`` round steps; it ends with the data.

    Args:
        values: Everything that must fit.
        zero: Begin at zero where no value is below it.
        target: Steps wanted.
    """
    known = [float(value) for value in values if math.isfinite(value)]
    if not known:
        return ValueAxis(0.0, 1.0, (0.0, 1.0))
    low, high = min(known), max(known)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    step = _round_step((high - low) / target)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = tuple(round(step * n, 10) for n in range(first, last + 1))
    slack = 0.02 * (high - low)
    bottom, top = min(ticks[0], low - slack), max(ticks[-1], high + slack)
    return ValueAxis(bottom if low < ticks[0] else ticks[0], top if high > ticks[-1] else ticks[-1], ticks)


def time_axis(quarters: Sequence[str], size: Size, plot_width: float) -> Spec:
    """The horizontal encoding: years as round numbers, as many as fit."""
    low, high = quarter_time(quarters[0]), quarter_time(quarters[-1])
    fitting = max(1.0, plot_width / (3.6 * size.font))
    step = next((s for s in (1, 2, 5, 10) if (high - low) / s <= fitting), 20)
    years = [y for y in range(math.ceil(low), math.floor(high) + 1) if y % step == 0]
    return {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {"values": years, "format": "d", "labelFontSize": size.font, "labelOverlap": False},
    }


def vertical(axis: ValueAxis, size: Size, field: str = "y", *, labels: bool = True, extent: int = 0) -> Spec:
    """The vertical encoding of ``field`` on an axis."""
    scale: Spec = {"domain": [axis.low, axis.high], "nice": False, "zero": False}
    guide: Spec = {
        "values": list(axis.ticks),
        "format": ",.6~f",
        "labelFontSize": size.font,
        "labels": labels,
        "minExtent": extent if labels else 0,
        "maxExtent": extent if labels else 0,
    }
    return {"field": field, "type": "quantitative", "scale": scale, "axis": guide}


def dated_rule(quarter: str, text: str, size: Size, x: Spec) -> list[Spec]:
    """A thin upright rule just before ``quarter``, with its date on the left.

    Args:
        quarter: First simulated quarter.
        text: The date in words; nothing where it is empty.
        size: Drawing size.
        x: The chart's horizontal encoding.
    """
    place = {"x": at(quarter_time(quarter) - 0.125, x)}
    mark: Spec = {"type": "rule", "color": colour("today"), "strokeWidth": 1, "strokeDash": [2, 3]}
    rule: Spec = {"data": {"values": [{}]}, "mark": mark, "encoding": place}
    if not text:
        return [rule]
    words: Spec = {"type": "text", "align": "right", "baseline": "top", "dx": -6, "y": 0, "text": text}
    words |= {"fontSize": size.font, "color": colour("today")}
    return [rule, {"data": {"values": [{}]}, "mark": words, "encoding": place}]


def at(value: float, channel: Spec) -> Spec:
    """A fixed value on the scale and axis of an encoding."""
    return {"datum": value, **{key: part for key, part in channel.items() if key != "field"}}


def label_room(texts: Sequence[str], size: Size, *, gap: int = 10) -> int:
    """Pixels that the longest of some words takes, with a gap beside it, whatever system font it is set in."""
    return math.ceil(max((len(text) for text in texts), default=0) * 0.62 * size.font) + gap


def tick_room(axis: ValueAxis, size: Size) -> int:
    """Pixels that the labels of a value axis take."""
    return label_room([f"{tick:,.6g}" for tick in axis.ticks], size)


def year_overhang(size: Size) -> int:
    """Pixels by which a year under the right end of a plot sticks out of it."""
    return label_room(["2036"], size, gap=0) // 2


def row_names(names: Sequence[str], middles: Sequence[float], left: float, size: Size, x: Spec, y: Spec) -> Spec:
    """Names to the left of rows.

    Args:
        names: One a row.
        middles: Where each row has its middle, on the vertical scale.
        left: Where the plot begins, on the horizontal scale.
        size: Drawing size.
        x: The chart's horizontal encoding.
        y: The chart's vertical encoding.
    """
    rows = [{"x": left, "y": middle, "words": name} for name, middle in zip(names, middles, strict=True)]
    mark = {"type": "text", "align": "right", "baseline": "middle", "dx": -8, "fontSize": size.font}
    encoding = {"x": x, "y": y, "text": {"field": "words"}}
    return {"data": {"values": rows}, "mark": {**mark, "color": colour("ink")}, "encoding": encoding}


def end_labels(labels: Sequence[Label], axis: ValueAxis, size: Size, height: int, x: Spec, y: Spec) -> list[Spec]:
    """Direct labels to the right of a plot, moved apart where they would touch: one layer for each weight of type."""
    places = spread([axis.pixel(label.value, height) for label in labels], size.font * 1.2, height)
    end = x["scale"]["domain"][1]
    layers = []
    for bold in (True, False):
        rows = [
            {"x": end, "y": axis.value(place, height), "words": label.text, "paint": colour(label.colour)}
            for label, place in zip(labels, places, strict=True)
            if label.bold is bold
        ]
        mark = {"type": "text", "align": "left", "baseline": "middle", "dx": 8, "fontSize": size.font}
        mark["fontWeight"] = 600 if bold else 400
        encoding = {"x": x, "y": y, "text": {"field": "words"}, "color": {"field": "paint", **AS_IT_STANDS}}
        layers += [{"data": {"values": rows}, "mark": mark, "encoding": encoding}] if rows else []
    return layers


def spread(places: Sequence[float], gap: float, height: float) -> list[float]:
    """Places moved as little as possible so that each is ``gap`` from the next and inside ``0 … height``.

    Args:
        places: Wanted pixel positions from the top.
        gap: Least distance between two.
        height: Room; where there is too little, the last ones run below it.
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    out = list(places)
    previous = -math.inf
    for i in order:
        out[i] = max(places[i], previous + gap)
        previous = out[i]
    ceiling = height
    for i in reversed(order):
        out[i] = min(out[i], ceiling)
        ceiling = out[i] - gap
    floor = 0.0
    for i in order:
        out[i] = max(out[i], floor)
        floor = out[i] + gap
    return out


def _round_step(rough: float) -> float:
    power: float = 10 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if rough <= m * power * 1.0001)
