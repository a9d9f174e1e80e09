"""A table of cells over two beliefs: the deeper a cell, the more of a third belief it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headrace.report.charts.frame import AS_IT_STANDS, Size, label_room
from headrace.report.charts.heat import Scale
from headrace.report.charts.paint import Spec, colour
from headrace.report.series import Array


@dataclass(frozen=True)
class Cells:
    """Cells by row and column.

    Attributes:
        rows: Names, from the top.
        columns: Names, from the left.
        column_title: What the columns are, written below them.
        values: (row, column); one that is not finite stays blank.
        words: What is written in each cell, (row, column).
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    column_title: str
    values: Array
    words: tuple[tuple[str, ...], ...]


_ROW = 30
_BELOW = 48


def cells_chart(cells: Cells, scale: Scale, deep: Sequence[str], size: Size) -> Spec:
    """One rectangle a cell with its number on it.

    Args:
        cells: What to draw.
        scale: Steps of colour.
        deep: Colours of the scale on which words are written in the colour of the page.
        size: Drawing size.
    """
    whole = size.width - label_room(cells.rows, size)
    width = whole / len(cells.columns)
    rows, texts = [], []
    for i, across in enumerate(cells.values.tolist()):
        for j, value in enumerate(across):
            name = scale.name(value)
            place = {"x": j * width, "y": i * _ROW, "z": (j + 1) * width - 1.5, "b": (i + 1) * _ROW - 1.5}
            rows.append({**place, "paint": colour(name)})
            ink = colour("paper" if name in deep else "ink")
            texts.append({"x": (j + 0.5) * width, "y": (i + 0.5) * _ROW, "words": cells.words[i][j], "paint": ink})
    height = len(cells.rows) * _ROW + _BELOW
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [0, whole], "nice": False},
        "axis": None,
    }
    y = {"field": "y", "type": "quantitative", "scale": {"domain": [height, 0], "nice": False}, "axis": None}
    painted = {"field": "paint", **AS_IT_STANDS}
    below = len(cells.rows) * _ROW
    heads = [
        {"x": (j + 0.5) * width, "y": below + 12, "words": name, "paint": colour("muted")}
        for j, name in enumerate(cells.columns)
    ]
    heads.append({"x": whole / 2, "y": below + 34, "words": cells.column_title, "paint": colour("muted")})
    left = [{"x": 0, "y": (i + 0.5) * _ROW, "words": name} for i, name in enumerate(cells.rows)]
    text = {"type": "text", "baseline": "middle", "fontSize": size.font}
    words = {"text": {"field": "words"}}
    return {
        "width": round(whole, 1),
        "height": height,
        "padding": {"left": 0, "right": 4, "top": 4, "bottom": 2},
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "rect"},
                "encoding": {"x": x, "x2": {"field": "z"}, "y": y, "y2": {"field": "b"}, "color": painted},
            },
            {
                "data": {"values": [*texts, *heads]},
                "mark": {**text, "align": "center"},
                "encoding": {"x": x, "y": y, "color": painted, **words},
            },
            {
                "data": {"values": left},
                "mark": {**text, "align": "right", "dx": -8, "color": colour("ink")},
                "encoding": {"x": x, "y": y, **words},
            },
        ],
    }
