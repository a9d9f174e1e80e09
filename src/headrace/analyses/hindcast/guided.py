"""A forecast after what companies have announced: statements as observations with the error that they have had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from headrace.evidence.announced import GuidanceError, Statement
from headrace.variables import PLAYERS

Array = NDArray[np.float64]


def conditioned(
    log_spending: Array,
    quarters: Sequence[str],
    said: Sequence[Statement],
    filed: Mapping[str, pd.Series],
    error: GuidanceError,
    generator: np.random.Generator,
) -> Array:
    """Draws of spending after the statements: the ensemble Kalman update (Evensen 1994) with perturbed observations.

    Args:
        log_spending: Logarithm of spending, (draw, horizon, player).
        quarters: The quarters of the horizons.
        said: Statements; those on quarters beyond the horizons are left out.
        filed: By player, what had been filed by quarter [USD bn/quarter].
        error: What statements are worth.
        generator: Of the perturbations.

    Returns:
        Draws in the shape of ``log_spending``.
    """
    predicted, wanted, variance = [], [], []
    for one in said:
        known = filed[one.player]
        still = [quarter for quarter in one.quarters if np.isnan(known.get(quarter, np.nan))]
        if not set(still) <= set(quarters):
            continue
        ahead = log_spending[:, [quarters.index(quarter) for quarter in still], PLAYERS.index(one.player)]
        settled = sum(known[quarter] for quarter in one.quarters if quarter not in still)
        share = len(still) / len(one.quarters)
        predicted.append(np.log(settled + np.exp(ahead).sum(axis=1)))
        wanted.append(np.log(one.cash_usd_bn) + share * error.bias)
        variance.append(share * error.variance)
    if not predicted:
        return log_spending
    flat = log_spending.reshape(len(log_spending), -1)
    seen, noise = np.column_stack(predicted), np.sqrt(variance)
    deviations = seen - seen.mean(axis=0)
    count = len(flat) - 1
    between = (flat - flat.mean(axis=0)).T @ deviations / count
    within = deviations.T @ deviations / count + np.diag(variance)
    perturbed = np.array(wanted) + noise * generator.standard_normal(seen.shape)
    updated: Array = flat + (perturbed - seen) @ np.linalg.solve(within, between.T)
    return updated.reshape(log_spending.shape)
