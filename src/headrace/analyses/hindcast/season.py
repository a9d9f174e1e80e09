"""The season of cash spending, as filings of the day show it, drawn to none by what chance alone would show."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from headrace.periods import quarter_index
from headrace.units import QUARTERS_PER_YEAR

Array = NDArray[np.float64]

FEWEST_YEARS = 2
"""Growths of each quarter of the year without which nothing is known of its spread."""


def season_ahead(filed: pd.DataFrame, last_filed: str, horizons: int) -> Array:
    """Season of the coming quarters less that of the last one filed, of logarithms, (horizon, player).

    Args:
        filed: Spending by quarter, consecutive, and player [USD bn/quarter]; NaN where nobody filed.
        last_filed: The quarter before the first horizon.
        horizons: How many quarters ahead.
    """
    of_year = np.array([quarter_index(quarter) % QUARTERS_PER_YEAR for quarter in filed.index])
    ahead = (quarter_index(last_filed) + 1 + np.arange(horizons)) % QUARTERS_PER_YEAR
    growth = np.log(filed).diff().to_numpy()
    return np.column_stack([np.cumsum(_growth(column, of_year)[ahead]) for column in growth.T])


def _growth(growth: Array, of_year: NDArray[np.int_]) -> Array:
    """Growth of each quarter of the year beyond the mean of the four, (quarter of the year,)."""
    known = ~np.isnan(growth)
    groups = [growth[known & (of_year == quarter)] for quarter in range(QUARTERS_PER_YEAR)]
    if min(map(len, groups)) < FEWEST_YEARS:
        return np.zeros(QUARTERS_PER_YEAR)
    means = np.array([group.mean() for group in groups])
    overall = growth[known].mean()
    between = sum(len(group) * (mean - overall) ** 2 for group, mean in zip(groups, means, strict=True))
    within = sum(np.sum((group - mean) ** 2) for group, mean in zip(groups, means, strict=True))
    chance = within / (known.sum() - QUARTERS_PER_YEAR)
    seen = between / (QUARTERS_PER_YEAR - 1)
    weight = 1 - chance / seen if seen > chance else 0.0
    shrunk: Array = weight * (means - means.mean())
    return shrunk
