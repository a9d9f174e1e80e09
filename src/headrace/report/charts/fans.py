"""Fan charts: filed history as a line, then a median with 50 % and 90 % bands; alone, with references, in panels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from headrace.report.charts.frame import (
    AS_IT_STANDS,
    Label,
    Size,
    ValueAxis,
    dated_rule,
    end_labels,
    label_room,
    quarter_time,
    tick_room,
    time_axis,
    value_axis,
    vertical,
    year_overhang,
)
from headrace.report.charts.paint import Spec, colour
from headrace.report.series import Array, Series


@dataclass(frozen=True)
class Reference:
    """A dashed line with its name: one value a simulated quarter, or one for all time."""

    label: str
    values: tuple[float, ...]
    colour: str = "ink"

    @property
    def end(self) -> float:
        """Where its name goes."""
        return self.values[-1]


@dataclass(frozen=True)
class Fan:
    """One series to draw: its name, its colour, single worlds shown on demand, references in its panel alone."""

    label: str
    colour: str
    series: Series
    worlds: Array | None = None
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Look:
    """What varies between fan charts: where time begins, height, references, and whether panels share their axis."""

    first_quarter: str
    references: tuple[Reference, ...] = ()
    zero: bool = True
    own_axes: bool = False
    height: Mapping[str, int] = field(default_factory=lambda: {"wide": 340, "narrow": 280})
    columns: Mapping[str, int] = field(default_factory=lambda: {"wide": 5, "narrow": 2})


_STROKE: Spec = {"type": "line", "strokeJoin": "round"}


def fan_chart(fans: Sequence[Fan], size: Size, look: Look) -> Spec:
    """One plot with one or more fans on one axis, each named at its end."""
    height = look.height[size.name]
    axis = shared_axis(fans, look)
    extent = tick_room(axis, size)
    margin = label_room([fan.label for fan in fans] + [line.label for line in look.references], size)
    width = size.width - extent - max(margin, year_overhang(size))
    quarters = _window(fans[0].series, look)
    names = [Label(fan.label, _end(fan.series), fan.colour) for fan in fans if math.isfinite(_end(fan.series))]
    lines = [Label(line.label, line.end, line.colour, bold=False) for line in look.references]
    x, y = time_axis(quarters, size, width), vertical(axis, size, extent=extent)
    layers = [
        *_references(look.references, quarters, axis, x, y),
        *(_on(layer, x, y) for fan in fans for layer in fan_layers(fan, look, axis)),
        *_rule(fans[0].series, look, size, x),
        *end_labels([*names, *(ln for ln in lines if math.isfinite(ln.value))], axis, size, height, x, y),
    ]
    return {
        "width": width,
        "height": height,
        "padding": {"left": 0, "right": 0, "top": 4, "bottom": 2},
        "autosize": {"type": "pad"},
        "layer": [_canvas(size.width - extent, height), *layers],
    }


def fan_panels(fans: Sequence[Fan], size: Size, look: Look) -> Spec:
    """Panels side by side, one a fan with its name above it, on one axis or each on its own."""
    columns = min(look.columns[size.name], len(fans))
    gap = 16
    axes = [shared_axis([fan] if look.own_axes else fans, look) for fan in fans]
    extent = max(tick_room(axis, size) for axis in axes)
    beside = gap + (extent if look.own_axes else 0)
    width = (size.width - extent - beside * (columns - 1) - year_overhang(size)) / columns
    height = look.height[size.name]
    panels = []
    for place, (fan, axis) in enumerate(zip(fans, axes, strict=True)):
        labelled = look.own_axes or place % columns == 0
        quarters = _window(fan.series, look)
        x = time_axis(quarters, size, width)
        text = {"type": "text", "align": "left", "baseline": "bottom", "x": 0, "y": -8, "text": fan.label}
        name: Spec = {
            "data": {"values": [{}]},
            "mark": {**text, "fontSize": size.font, "fontWeight": 600, "color": colour(fan.colour)},
        }
        y = vertical(axis, size, labels=labelled, extent=extent)
        layers = _references(fan.references, quarters, axis, x, y)
        layers += [_on(layer, x, y) for layer in fan_layers(fan, look, axis)]
        layers += [*_rule(fan.series, look, size, x, words=False), name]
        panels.append({"width": round(width, 1), "height": height, "layer": layers})
    return {
        "padding": {"left": 0, "right": 2, "top": 4, "bottom": 2},
        "columns": columns,
        "bounds": "flush",
        "spacing": {"row": 62, "column": beside},
        "concat": panels,
        "resolve": {"axis": {"x": "independent", "y": "independent"}},
    }


def shared_axis(fans: Sequence[Fan], look: Look) -> ValueAxis:
    """The value axis that holds every fan's 90 % band and every reference."""
    lines = [*look.references, *(line for fan in fans for line in fan.references)]
    values: list[float] = [value for line in lines for value in line.values]
    for fan in fans:
        begin = _first(fan.series, look)
        values += [*fan.series.low[begin:].tolist(), *fan.series.high[begin:].tolist()]
    return value_axis(values, zero=look.zero)


def fan_layers(fan: Fan, look: Look, axis: ValueAxis) -> list[Spec]:
    """Bands, single worlds, history and median of one fan."""
    series, begin = fan.series, _first(fan.series, look)
    times = [quarter_time(quarter) for quarter in series.quarters]
    join = series.past - 1 if series.past and np.isfinite(series.median[series.past - 1]) else series.past
    ahead = [i for i in range(max(join, begin), len(times)) if np.isfinite(series.quantiles[:, i]).all()]
    behind = [i for i in range(begin, series.past) if np.isfinite(series.median[i])]
    bands = [
        {"x": times[i], "y": _tidy(low[i]), "z": _tidy(high[i]), "opacity": opacity}
        for low, high, opacity in ((series.low, series.high, 0.16), (series.low50, series.high50, 0.3))
        for i in ahead
    ]
    lines = [
        {"x": times[i], "y": _tidy(series.median[i]), "thickness": thickness}
        for places, thickness in ((behind, 2.5), (ahead, 2))
        for i in places
    ]
    area: Spec = {"data": {"values": bands}, "mark": {"type": "area", "color": colour(fan.colour)}}
    area["encoding"] = {"y2": {"field": "z"}, "opacity": {"field": "opacity", **AS_IT_STANDS}}
    line: Spec = {"data": {"values": lines}, "mark": {**_STROKE, "color": colour(fan.colour)}}
    line["encoding"] = {"strokeWidth": {"field": "thickness", **AS_IT_STANDS}}
    single = [] if fan.worlds is None else _single_worlds(fan.worlds, times[series.past :], axis)
    return [layer for layer in (area, *single, line) if layer["data"]["values"]]


def _single_worlds(worlds: Array, times: Sequence[float], axis: ValueAxis) -> list[Spec]:
    rows = [
        {"x": t, "y": _tidy(axis.clip(value)), "world": place}
        for place, world in enumerate(worlds)
        for t, value in zip(times, world.tolist(), strict=True)
        if math.isfinite(value)
    ]
    mark = {**_STROKE, "color": colour("world"), "strokeWidth": 1.2}
    return [{"data": {"values": rows}, "mark": mark, "encoding": {"detail": {"field": "world", "type": "nominal"}}}]


def _on(layer: Spec, x: Spec, y: Spec) -> Spec:
    return {**layer, "encoding": {"x": x, "y": y, **layer.get("encoding", {})}}


def _references(lines: Sequence[Reference], quarters: Sequence[str], axis: ValueAxis, x: Spec, y: Spec) -> list[Spec]:
    rows = []
    for line in lines:
        span = (quarters[0], quarters[-1]) if len(line.values) == 1 else quarters[-len(line.values) :]
        values = line.values * 2 if len(line.values) == 1 else line.values
        rows += [
            {"x": quarter_time(quarter), "y": _tidy(axis.clip(value)), "line": line.label, "paint": colour(line.colour)}
            for quarter, value in zip(span, values, strict=True)
            if math.isfinite(value)
        ]
    if not rows:
        return []
    mark = {"type": "line", "strokeWidth": 1.2, "strokeDash": [6, 4]}
    apart = {"detail": {"field": "line", "type": "nominal"}, "color": {"field": "paint", **AS_IT_STANDS}}
    return [_on({"data": {"values": rows}, "mark": mark, "encoding": apart}, x, y)]


def _rule(series: Series, look: Look, size: Size, x: Spec, *, words: bool = True) -> list[Spec]:
    begin = _first(series, look)
    if not np.isfinite(series.median[begin : series.past]).any():
        return []
    last = series.quarters[series.past - 1]
    return dated_rule(series.quarters[series.past], f"filed to {last}" if words else "", size, x)


def _canvas(width: float, height: int) -> Spec:
    """An invisible box that fixes the drawing's width whatever the labels are."""
    mark = {"type": "rect", "x": 0, "x2": width, "y": 0, "y2": height, "opacity": 0, "color": colour("paper")}
    return {"data": {"values": [{}]}, "mark": mark}


def _window(series: Series, look: Look) -> Sequence[str]:
    return series.quarters[_first(series, look) :]


def _first(series: Series, look: Look) -> int:
    return series.quarters.index(look.first_quarter) if look.first_quarter in series.quarters else 0


def _end(series: Series) -> float:
    return float(series.median[-1])


def _tidy(value: float) -> float:
    return float(f"{value:.5g}")
