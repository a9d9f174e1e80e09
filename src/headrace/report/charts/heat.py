"""Heat maps over time: one row a layer in the order of the chain, one column a quarter, a few steps of colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headrace.report.charts.frame import Size, label_room, quarter_time, row_names, time_axis, year_overhang
from headrace.report.charts.paint import Spec, colour
from headrace.report.series import Array


@dataclass(frozen=True)
class Scale:
    """Steps of colour: ``colours`` has one more than ``edges``."""

    edges: tuple[float, ...]
    colours: tuple[str, ...]

    def name(self, value: float) -> str:
        """The colour of a value; grid where it is not known."""
        if not math.isfinite(value):
            return "grid"
        return self.colours[int(np.searchsorted(self.edges, value, side="right"))]


@dataclass(frozen=True)
class Heat:
    """One heat map: rows by name, values of shape (row, quarter), rows after which a gap separates branches.

    ``marked`` puts a dot on the largest value of each column.
    """

    title: str
    rows: tuple[str, ...]
    values: Array
    gaps_after: tuple[int, ...]
    marked: bool = False


TIGHTNESS = Scale(
    (0.5, 0.75, 0.95, 1.05, 1.25, 1.6, 2.2),
    ("slack3", "slack2", "slack1", "even", "short1", "short2", "short3", "short4"),
)
FILLING = Scale((0.02, 0.05, 0.1, 0.2, 0.4), ("chance0", "chance1", "chance2", "chance3", "chance4", "chance5"))
CHANCE = Scale((0.01, 0.1, 0.25, 0.5, 0.75), ("chance0", "chance1", "chance2", "chance3", "chance4", "chance5"))

_GAP = 9


def heat_chart(maps: Sequence[Heat], quarters: Sequence[str], scale: Scale, size: Size) -> Spec:
    """Heat maps side by side on a wide page, one above the other on a narrow one, on one time axis.

    Args:
        maps: What to draw.
        quarters: Label of each column.
        scale: Steps of colour.
        size: Drawing size.
    """
    columns = len(maps) if size.name == "wide" else 1
    between = 28
    names = label_room([row for heat in maps for row in heat.rows], size)
    width = (size.width - columns * names - between * (columns - 1) - year_overhang(size)) / columns
    row_height = 26 if size.name == "wide" else 22
    panels = [_panel(heat, quarters, scale, size, width, row_height, titled=len(maps) > 1) for heat in maps]
    return {
        "padding": {"left": 0, "right": 4, "top": 4, "bottom": 2},
        "columns": columns,
        "bounds": "flush",
        "spacing": {"row": 70, "column": names + between},
        "concat": panels,
        "resolve": {"axis": {"x": "independent", "y": "independent"}},
    }


def _panel(
    heat: Heat, quarters: Sequence[str], scale: Scale, size: Size, width: float, row_height: int, *, titled: bool
) -> Spec:
    tops = [i * row_height + _GAP * sum(i > after for after in heat.gaps_after) for i in range(len(heat.rows))]
    height = tops[-1] + row_height
    step = 0.25
    times = [quarter_time(quarter) for quarter in quarters]
    x = time_axis(quarters, size, width)
    x["scale"] = {"domain": [times[0], times[-1] + step], "nice": False, "zero": False}
    y = {"field": "y", "type": "quantitative", "scale": {"domain": [height, 0], "nice": False}, "axis": None}
    rows = [
        {"x": times[start], "z": times[end] + step, "y": top, "b": top + row_height - 1.5, "c": colour(name)}
        for top, values in zip(tops, heat.values, strict=True)
        for start, end, name in _runs([scale.name(value) for value in values.tolist()])
    ]
    paint = {"field": "c", "type": "nominal", "scale": None}  # the stand-in itself: maps side by side share no scale
    cells: Spec = {
        "data": {"values": rows},
        "mark": {"type": "rect"},
        "encoding": {"x": x, "x2": {"field": "z"}, "y": y, "y2": {"field": "b"}, "color": paint},
    }
    middles = [top + row_height / 2 for top in tops]
    layers = [cells, row_names(heat.rows, middles, times[0], size, x, y)]
    if titled:
        words = {"type": "text", "align": "left", "baseline": "bottom", "x": 0, "y": -8, "text": heat.title}
        words |= {"fontSize": size.font, "fontWeight": 600, "color": colour("ink")}
        layers.append({"data": {"values": [{}]}, "mark": words})
    if heat.marked:
        layers.append(_dots(heat, times, tops, row_height, size, x, y))
    return {"width": round(width, 1), "height": height, "layer": layers}


def _runs(names: Sequence[str]) -> list[tuple[int, int, str]]:
    """First and last position of each run of equal names: one rectangle a run leaves no seams."""
    starts = [i for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
    ends = [*(start - 1 for start in starts[1:]), len(names) - 1]
    return [(start, end, names[start]) for start, end in zip(starts, ends, strict=True)]


def _dots(
    heat: Heat, times: Sequence[float], tops: Sequence[float], row_height: int, size: Size, x: Spec, y: Spec
) -> Spec:
    places = []
    for column, t in enumerate(times):
        values = heat.values[:, column]
        if np.isfinite(values).any():
            places.append({"x": t + 0.125, "y": tops[int(np.nanargmax(values))] + row_height / 2 - 0.75})
    area = 14 if size.name == "wide" else 7
    mark = {"type": "point", "filled": True, "size": area, "color": colour("today"), "opacity": 1}
    return {"data": {"values": places}, "mark": mark, "encoding": {"x": x, "y": y}}
