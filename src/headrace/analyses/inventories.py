"""Suppliers' inventories over revenue, by layer, against their own past: few goods on hand are a sign of scarcity.

They stand beside the outcome of :mod:`headrace.analyses.tightest` and do not vote on it: makers build stocks in a boom
as well as in a glut, and three layers have no filer whose inventory is here. Orders cannot be read the same way: of the
suppliers NVIDIA alone tags obligations that remain, and those are services; what it has ordered itself speaks of
several layers above it at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from headrace.analyses.tightest import QUARTERS
from headrace.evidence import facts, universe
from headrace.periods import quarter_index
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import LAYERS

PAST_QUARTERS = 20
PAST_WANTED = 12
"""What is usual is the mean of the five years before, where at least three of them were filed."""


def scarce_inventory(*, as_of: str | None = None, quarters: Sequence[str] = QUARTERS) -> xr.Dataset:
    """How far inventories are below what was usual, by layer.

    Args:
        as_of: ISO date: only what had been filed by then.
        quarters: Which quarters.

    Returns:
        ``scarcity`` by layer and quarter: the logarithm of inventory over revenue of four quarters, less its mean over
        the quarters before, in their standard deviations, with the sign turned so that above 0 is scarcer, as a mean
        over the layer's suppliers; missing where none has filed enough. ``suppliers`` counts whose figures are in it.

    Raises:
        PeriodError: ``as_of`` is no date, or lies before the first filing.
    """
    table = facts.load(as_of)
    shape = (len(LAYERS), len(quarters))
    total, count = np.zeros(shape), np.zeros(shape)
    for entity in universe.load().values():
        own = table[table["entity"] == entity.slug]
        if not entity.layer or "inventory" not in set(own["concept"]):
            continue
        deviation = _deviation(_over_revenue(own)).reindex([quarter_index(quarter) for quarter in quarters]).to_numpy()
        known = np.isfinite(deviation)
        total[LAYERS.index(entity.layer)] -= np.where(known, deviation, 0)
        count[LAYERS.index(entity.layer)] += known
    mean = np.divide(total, count, out=np.full(shape, np.nan), where=count > 0)
    return xr.Dataset(
        {"scarcity": (("layer", "quarter"), mean, {"units": "1"}), "suppliers": (("layer", "quarter"), count)},
        coords={"layer": list(LAYERS), "quarter": list(quarters)},
    )


def _over_revenue(own: pd.DataFrame) -> pd.Series:
    """Logarithm of inventory over revenue of the four quarters to it, by quarter; missing where one is not filed."""
    revenue = _by_quarter(own, "revenue")
    if revenue.empty:
        return revenue
    whole = revenue.reindex(range(int(revenue.index.min()), int(revenue.index.max()) + 1))
    year = whole.rolling(QUARTERS_PER_YEAR).sum()
    held = _by_quarter(own, "inventory").reindex(whole.index)
    return np.log(held.where(held > 0) / year.where(year > 0))


def _by_quarter(own: pd.DataFrame, concept: str) -> pd.Series:
    once = own[own["concept"] == concept].drop_duplicates("calendar_quarter", keep="last")
    return pd.Series(once["value"].to_numpy(), index=[quarter_index(one) for one in once["calendar_quarter"]])


def _deviation(ratio: pd.Series) -> pd.Series:
    """How far each quarter is from the quarters before it, in their standard deviations."""
    before = ratio.shift(1).rolling(PAST_QUARTERS, min_periods=PAST_WANTED)
    spread = before.std()
    return (ratio - before.mean()) / spread.where(spread > 0)
