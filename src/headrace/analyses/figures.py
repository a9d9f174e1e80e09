"""From draws to a figure: median, 90 % interval, status, and the same in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from headrace._types import Figure
from headrace.results import SIMULATED_QUALITY

BAND = (0.05, 0.95)
"""The interval of every simulated figure: 90 % of draws."""


def interval(draws: ArrayLike) -> tuple[float, float, float]:
    """Median, low and high of the draws."""
    low, median, high = (float(value) for value in np.quantile(np.asarray(draws), (BAND[0], 0.5, BAND[1])))
    return median, low, high


def drawn_figure(key: str, label: str, draws: ArrayLike, unit: str, variable: str) -> Figure:
    """The figure of a simulated quantity.

    Args:
        key: Its own name on a page.
        label: What a person calls it.
        draws: (draw,).
        unit: Of the draws.
        variable: Name in the table, which its receipt explains.
    """
    median, low, high = interval(draws)
    return Figure(key, label, median, low, high, unit, variable, "scenario", SIMULATED_QUALITY)


def span(figure: Figure, digits: int) -> str:
    """Median and interval in words: ``1.36 [0.91 - 2.40]``."""
    median, low, high = (f"{value:,.{digits}f}" for value in (figure.median, figure.low, figure.high))
    return f"{median} [{low} - {high}]"


def percent_span(figure: Figure) -> str:
    """Median and interval of a share in words: ``12% [4% - 20%]``."""
    return f"{figure.median:.0%} [{figure.low:.0%} - {figure.high:.0%}]"
