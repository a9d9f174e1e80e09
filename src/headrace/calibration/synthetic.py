"""Records that the core itself makes: what a calibration must find again where the truth is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from headrace.simulation.spending_core import SpendingRecord, World, one_quarter_ahead
from headrace.units import QUARTERS_PER_YEAR

Array = NDArray[np.float64]


def synthetic_record(
    record: SpendingRecord, world: World, spread: float, generator: np.random.Generator
) -> SpendingRecord:
    """A record whose spending the core has made, everything that it takes from outside being as filed.

    Args:
        record: Gives cash flow, debt and revenue, and the first quarter of spending that is complete.
        world: One world.
        spread: Standard deviation of the logarithm of the error that all players share in a quarter.
        generator: Of the errors.
    """
    filed = np.asarray(record.spending_usd_bn)
    complete = np.flatnonzero(
        np.isfinite(filed).all(axis=0) & np.isfinite(np.asarray(record.cash_flow_usd_bn)).all(axis=0)
    )
    first = int(complete[0])
    spending = np.full_like(filed, np.nan)
    spending[:, first] = filed[:, first]
    made = _with_spending(record, spending)
    with jax.enable_x64(True):
        for quarter in range(first, filed.shape[1] - 1):
            following = np.asarray(one_quarter_ahead(made, world))[:, quarter, 0]
            spending[:, quarter + 1] = following * np.exp(spread * generator.standard_normal())
            made = _with_spending(made, spending)
    return made


def _with_spending(record: SpendingRecord, spending: Array) -> SpendingRecord:
    arrays: Any = (spending, _shares(spending))  # NumPy goes in as it is
    return replace(record, spending_usd_bn=arrays[0], share=arrays[1])


def _shares(spending: Array) -> Array:
    """Of the mean over the last four quarters that are there, as a record has it."""
    mean = np.full_like(spending, np.nan)
    for quarter in range(spending.shape[1]):
        window = spending[:, max(0, quarter - QUARTERS_PER_YEAR + 1) : quarter + 1]
        known = window[:, np.isfinite(window).all(axis=0)]
        if known.shape[1]:
            mean[:, quarter] = known.mean(axis=1)
    share: Array = mean / mean.sum(axis=0)
    return share
