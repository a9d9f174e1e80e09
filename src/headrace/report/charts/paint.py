"""Turns a Vega-Lite specification into one accessible inline SVG that takes its colours from the page.

vl-convert draws with the stand-in colours of :mod:`headrace.report.tokens`; each becomes a class that the stylesheet
fills or strokes with a CSS variable. No style attribute is left, so the page needs no ``unsafe-inline``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from headrace.report.tokens import COLOURS, stand_in, stand_ins

Spec = dict[str, Any]

_PAINT = re.compile(r' (fill|stroke)="(#fe[0-9a-f]{2}f0)"')
_TAG = re.compile(r"<(?:path|line|rect|text|g|circle)\b[^>]*>")
_NOISE = (
    re.compile(r' (?:aria-[a-z]+|role|pointer-events|font-family|xmlns:xlink|version)="[^"]*"'),
    re.compile(r'<path class="(?:background|foreground)"[^>]*/>'),
    re.compile(r' class="(?:mark-|marks|root|background|foreground)[^"]*"'),
    re.compile(r' (?:opacity="1"|stroke-dasharray=""|stroke-miterlimit="10"|font-weight="normal")'),
)
_LONG = re.compile(r"(\d+\.\d{2})\d+")
_EMPTY_GROUP = re.compile(r"<g>\s*</g>")


def svg(spec: Spec, key: str, title: str, description: str) -> Markup:
    """One drawing as inline SVG.

    Args:
        spec: Vega-Lite specification with stand-in colours.
        key: Makes the ids in this SVG unique on the page.
        title: What the chart shows, for a reader who does not see it.
        description: What it says.
    """
    import vl_convert  # here, because it starts a JavaScript engine

    drawn = vl_convert.vegalite_to_svg(json.dumps({**_SETTINGS, **spec}), show_warnings=False)
    drawn = drawn.replace('<rect width="', '<rect data-back="', 1)
    drawn = re.sub(r"<rect data-back=[^>]*/>", "", drawn, count=1)
    for noise in _NOISE:
        drawn = noise.sub("", drawn)
    drawn = _TAG.sub(_paint_tag, drawn)
    drawn = _LONG.sub(r"\1", drawn)
    while _EMPTY_GROUP.search(drawn):
        drawn = _EMPTY_GROUP.sub("", drawn)
    drawn = re.sub(r'(id="|url\(#)(clip|gradient)', rf"\1{key}-\2", drawn)
    head = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    opening = re.match(r'<svg xmlns="[^"]*"([^>]*)>', drawn)
    if opening is None:
        raise ValueError(f"chart {key}: vl-convert returned no SVG but {drawn[:60]!r}")
    labelled = f'<svg role="img" aria-label="{escape(title)}"{opening[1]}>{head}'
    return Markup(labelled + drawn[opening.end() :])


def prepare_drawing() -> None:
    """Start the JavaScript engine that draws: it takes a second, which may pass while something else is waited for."""
    svg({"data": {"values": [{}]}, "mark": "point"}, "first", "First", "Nothing")


def colour(name: str) -> str:
    """The stand-in for a colour of the table, to be used in a specification."""
    return stand_in(name)


def _paint_tag(match: re.Match[str]) -> str:
    tag = match[0]
    names = _names()
    classes = [f"{kind[0]}-{names[code]}" for kind, code in _PAINT.findall(tag) if code in names]
    if not classes:
        return tag
    tag = _PAINT.sub("", tag)
    cut = len(tag) - (2 if tag.endswith("/>") else 1)
    return f'{tag[:cut]} class="{" ".join(classes)}"{tag[cut:]}'


@cache
def _names() -> Mapping[str, str]:
    return stand_ins()


_QUIET_AXIS = {
    "domain": False,
    "ticks": False,
    "tickSize": 0,
    "grid": True,
    "gridColor": stand_in("grid"),
    "labelColor": stand_in("muted"),
    "titleColor": stand_in("muted"),
    "labelPadding": 6,
    "title": None,
}

_SETTINGS: Spec = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "background": None,
    "config": {
        "aria": False,
        "font": "system-ui",
        "view": {"stroke": None},
        "axis": _QUIET_AXIS,
        "axisX": {"grid": False, "domain": True, "domainColor": stand_in("edge"), "labelFlush": False},
        "text": {"color": stand_in("ink")},
    },
}

assert len(COLOURS) < 256  # one byte names a stand-in
