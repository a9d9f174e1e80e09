"""Charts: valid for Altair, painted by the page's colours, told apart by the colour-blind, in light and dark."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import altair
import numpy as np
import pytest
import xarray as xr

from headrace.report.charts.dots import Dot, Rows, dot_chart
from headrace.report.charts.fans import Fan, Look, Reference, fan_chart, fan_panels
from headrace.report.charts.frame import NARROW, SIZES, WIDE, Size
from headrace.report.charts.heat import CHANCE, Heat, heat_chart
from headrace.report.charts.paint import Spec, svg
from headrace.report.charts.split import Split, split_chart
from headrace.report.series import Array, Pair, worlds
from headrace.report.tokens import COLOURS, stand_in, stylesheet
from headrace.variables import PLAYERS

Make = Callable[..., xr.Dataset]

SCALES = (
    ("slack3", "slack2", "slack1", "even"),
    ("even", "short1", "short2", "short3", "short4"),
    tuple(f"chance{i}" for i in range(6)),
)

SIGHTS: dict[str, Array] = {
    "full": np.eye(3),
    "no red": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "no green": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "no blue": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
"""What an eye without one cone sees of linear sRGB (Machado, Oliveira and Fernandes 2009, severity 1)."""


DOTS = [
    Rows("Loses", (Dot("Oracle", "oracle", 1.92, 1.48, 2.31, ("1.92", "27")),)),
    Rows("Not known", (Dot("Meta", "muted", np.nan, np.nan, np.nan),)),
]


@pytest.fixture(scope="module")
def fans(made_future: Make, made_history: Make) -> list[Fan]:
    pair = Pair(made_future(), made_history())
    members = [worlds(pair, "capital_expenditure_usd_bn", builder=builder) for builder in PLAYERS]
    return [Fan(b, b, member.series(pair), member.future[:2]) for b, member in zip(PLAYERS, members, strict=True)]


def specs(fans: list[Fan], size: Size) -> list[Spec]:
    look = Look("2019Q1", (Reference("level", (30.0,)), Reference("path", tuple(range(40)))))
    heat = Heat("title", ("Logic", "Memory"), np.array([[0.0, 0.3, 0.9], [0.9, 0.6, np.nan]]), (0,), marked=True)
    rows = [
        Split("Memory", "compute", (0.7, -0.2), 0.5, 0.1, 0.9),
        Split("Models", "money", (np.nan, 0.1), np.nan, np.nan, np.nan),
    ]
    with_line = [Fan(fan.label, fan.colour, fan.series, references=(Reference("", (9.0,)),)) for fan in fans]
    return [
        fan_chart(fans[:2], size, look),
        fan_panels(fans, size, Look("2019Q1")),
        fan_panels(with_line[:3], size, Look("2019Q1", own_axes=True, columns={"wide": 3, "narrow": 1})),
        split_chart(rows, size, [0]),
        dot_chart(DOTS, 1.0, ("better", "worse"), ("ratio", "days"), size),
        heat_chart([heat, heat], ["2026Q3", "2026Q4", "2027Q1"], CHANCE, size),
    ]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_every_specification_is_valid_for_altair(fans: list[Fan], size: Size) -> None:
    for spec in specs(fans, size):
        kind = altair.LayerChart if "layer" in spec else altair.ConcatChart
        assert kind.from_dict(spec).to_dict()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_a_drawing_takes_every_colour_from_the_page_and_is_named_for_those_who_do_not_see_it(
    fans: list[Fan], size: Size
) -> None:
    for spec in specs(fans, size):
        drawn = str(svg(spec, "k", "A <title>", "Says & means"))
        assert 'role="img"' in drawn
        assert "<title>A &lt;title&gt;</title><desc>Says &amp; means</desc>" in drawn
        assert not re.search(r'(?:fill|stroke)="(?!none|transparent)[^"]', drawn)
        assert "style=" not in drawn
        used = set(re.findall(r"\b[fs]-([a-z_]+\d?)", " ".join(re.findall(r'class="([^"]*)"', drawn))))
        assert used <= set(COLOURS)
        assert used


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_a_drawing_is_as_wide_as_it_was_asked_to_be(fans: list[Fan], size: Size) -> None:
    for spec in specs(fans, size):
        width = float(re.search(r'viewBox="0 0 ([\d.]+)', str(svg(spec, "k", "t", "d")))[1])  # type: ignore[index]
        assert size.width - 24 <= width <= size.width + 24


def test_history_is_drawn_solid_and_the_rule_is_dated(fans: list[Fan]) -> None:
    drawn = str(svg(fan_chart(fans[:1], WIDE, Look("2019Q1")), "k", "t", "d"))
    assert "filed to 2026Q2" in drawn
    assert 'stroke-width="2.5"' in drawn
    assert drawn.count('class="s-world"') == 2


def test_maps_side_by_side_paint_the_same_value_alike() -> None:
    certain = Heat("a", ("Logic",), np.array([[0.9, 0.9]]), ())
    others = Heat("b", ("Logic",), np.array([[0.02, 0.3]]), ())
    drawn = str(svg(heat_chart([certain, others], ["2026Q3", "2026Q4"], CHANCE, NARROW), "k", "t", "d"))
    assert re.findall(r"f-(chance\d)", drawn) == ["chance5", "chance1", "chance3"]


def test_panels_with_their_own_axes_each_end_with_their_own_data(fans: list[Fan]) -> None:
    look = Look("2019Q1", own_axes=True)
    tops = [
        panel["layer"][0]["encoding"]["y"]["scale"]["domain"][1] for panel in fan_panels(fans, WIDE, look)["concat"]
    ]
    assert len(set(tops)) > 1
    shared = fan_panels(fans, WIDE, Look("2019Q1"))["concat"]
    assert len({panel["layer"][0]["encoding"]["y"]["scale"]["domain"][1] for panel in shared}) == 1


def test_a_reference_of_one_panel_is_drawn_in_no_other(fans: list[Fan]) -> None:
    first = Fan(fans[0].label, fans[0].colour, fans[0].series, references=(Reference("", (30.0,)),))
    panels = fan_panels([first, fans[1]], WIDE, Look("2019Q1", own_axes=True))["concat"]
    dashed = [
        sum("strokeDash" in layer["mark"] and layer["mark"]["type"] == "line" for layer in p["layer"]) for p in panels
    ]
    assert dashed == [1, 0]


def test_split_bars_begin_at_one_and_add_up_to_the_dot_along_the_axis() -> None:
    drawn = split_chart([Split("Memory", "compute", (np.log(8.0), -np.log(2.0)), np.log(4.0), 0.0, 2.0)], WIDE, [])
    bars, _, _, dot, _ = drawn["layer"]
    rows = bars["data"]["values"]
    assert [row["x"] for row in rows] == [0, 0]
    assert [row["z"] for row in rows] == [3.0, -1.0]
    assert dot["data"]["values"][0]["x"] == sum(row["z"] for row in rows)
    assert "×1/2" in str(svg(drawn, "k", "t", "d"))
    assert "×8" in str(svg(drawn, "k", "t", "d"))


def test_a_dot_and_its_interval_stand_where_they_are_and_what_is_not_known_has_its_name_alone() -> None:
    lines, intervals, dots, texts, *_, names = dot_chart(DOTS, 1.0, ("better", "worse"), ("ratio",), WIDE)["layer"]
    assert [row["x"] for row in lines["data"]["values"]][-1] == 1.0
    (interval,), (dot,) = intervals["data"]["values"], dots["data"]["values"]
    assert (interval["x"], dot["x"], interval["z"]) == (1.48, 1.92, 2.31)
    assert interval["y"] == dot["y"]
    assert [row["words"] for row in texts["data"]["values"]] == ["better", "ratio", "1.92"]
    assert [row["words"] for row in names["data"]["values"]] == ["Oracle", "Meta"]


def test_a_chart_of_nothing_known_is_still_drawn() -> None:
    drawn = str(svg(dot_chart(DOTS[1:], 1.0, ("better", "worse"), ("ratio",), NARROW), "k", "t", "d"))
    assert "Not known" in drawn
    assert "NaN" not in drawn


def test_each_colour_has_a_stand_in_of_its_own_and_a_value_in_both_lights() -> None:
    assert len({stand_in(name) for name in COLOURS}) == len(COLOURS)
    sheet = stylesheet()
    for name, (light, dark) in COLOURS.items():
        assert f"--{name}:{light};" in sheet
        assert f"--{name}:{dark};" in sheet


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_words_stand_out_from_what_they_are_written_on(mode: int) -> None:
    words = ["ink", "muted", "link", "today", "compute", "physical", "money", *PLAYERS, "rest_of_world",
             "reported", "derived", "estimated", "scenario", "unresolved"]  # fmt: skip
    for name, ground in itertools.product(words, ["paper", "panel"]):
        assert contrast(COLOURS[name][mode], COLOURS[ground][mode]) >= 4.5, (name, ground)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("scale", SCALES, ids=["slack", "short", "chance"])
def test_a_scale_goes_one_way_in_lightness_so_that_it_survives_grey(mode: int, scale: tuple[str, ...]) -> None:
    steps = np.diff([luminance(COLOURS[name][mode]) for name in scale])
    assert (steps > 0).all() or (steps < 0).all()


def test_status_is_never_told_by_colour_alone() -> None:
    from headrace.report.tokens import STATUS_SHAPES
    from headrace.variables import STATUSES

    assert set(STATUS_SHAPES) == set(STATUSES)
    assert len(set(STATUS_SHAPES.values())) == len(STATUSES)
    assert len({status[0] for status in STATUSES}) == len(STATUSES)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("sight", [*SIGHTS], ids=SIGHTS)
def test_builders_are_told_apart_by_every_eye(mode: int, sight: str) -> None:
    seen = {builder: lab(SIGHTS[sight] @ linear(COLOURS[builder][mode])) for builder in PLAYERS}
    for one, other in itertools.combinations(PLAYERS, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 20, (one, other)


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    return float(np.dot([0.2126, 0.7152, 0.0722], linear(colour)))


def linear(colour: str) -> Array:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: Array) -> Array:
    """CIE L*a*b* of linear sRGB under D65."""
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(matrix @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
