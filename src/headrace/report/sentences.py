"""Ties the numbers inside a sentence of the service to the figures that came with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from headrace._types import Figure, Headline
from headrace.report.figures import RECEIPT_OF_RUN, Part, Sentence, Shown, of_figure

_NOT_A_FIGURE = r"\b(?:19|20)\d\d(?:Q[1-4])?\b"
_NUMBER = r"(?<![\w.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:\s?%)?"
_TOKEN = re.compile(rf"(?P<skip>{_NOT_A_FIGURE})|(?P<number>{_NUMBER})(?: \[(?P<span>[^\]]*)\])?")


def linked(headline: Headline) -> Sentence:
    """The sentence of a headline with each number as a figure that opens a receipt.

    A number belongs to the first figure whose median, low or high it shows; a number that none shows opens the receipt
    of the headline's first figure.
    """
    parts: list[Part] = []
    place = 0
    for match in _TOKEN.finditer(headline.sentence):
        if match["skip"]:
            continue
        parts.append(headline.sentence[place : match.start()])
        parts.append(_shown(match["number"], match["span"] or "", headline.figures))
        place = match.end()
    parts.append(headline.sentence[place:])
    return tuple(part for part in parts if part != "")


def _shown(text: str, span: str, figures: Sequence[Figure]) -> Shown:
    owner = next((figure for figure in figures if _shows(text, figure)), figures[0] if figures else None)
    interval = span.replace(" - ", " to " if "-" in span.replace(" - ", "") else "–")
    neat = spaced(text)
    if owner is None:
        return Shown(neat, "", interval, "", "", "scenario", "", RECEIPT_OF_RUN, "This run")
    return Shown(neat, _value(text), interval, "", "", owner.status, owner.quality, owner.variable, owner.label)


def spaced(text: str) -> str:
    """Per cent with a space that does not break, and a true minus sign."""
    return re.sub(r"\s?%", "\N{NO-BREAK SPACE}%", re.sub(r"^-", "\N{MINUS SIGN}", text))


def lead(headline: Headline) -> Shown | None:
    """The figure on top of a headline, with the digits that its sentence gives it."""
    if not headline.figures:
        return None
    first = of_figure(headline.figures[0])
    if headline.figures[0].text:
        return first
    same = (p for p in linked(headline) if isinstance(p, Shown) and p.of == first.of)
    found = next((p for p in same if _shows(p.text, headline.figures[0])), None)
    return replace(first, text=found.text, interval=found.interval) if found else first


def _shows(text: str, figure: Figure) -> bool:
    number = float(_value(text))
    digits = len(_value(text).partition(".")[2])
    scale = 100.0 if text.endswith("%") else 1.0
    return any(abs(round(scale * value, digits) - number) < 1e-9 for value in (figure.median, figure.low, figure.high))


def _value(text: str) -> str:
    return text.rstrip("% \N{NO-BREAK SPACE}").replace(",", "").replace("\N{MINUS SIGN}", "-")
