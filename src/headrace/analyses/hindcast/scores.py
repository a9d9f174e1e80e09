"""What a forecast distribution is worth once the quarter has been filed."""

from __future__ import annotations

import numpy as np
import scoringrules
from numpy.typing import NDArray
from scipy.stats import norm

Array = NDArray[np.float64]

PROBABILITIES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Quantiles that are kept of a forecast, and whose pinball losses are averaged."""

UNITS = {"crps": "USD bn", "crps_of_logarithm": "1", "log_score": "1", "pinball": "USD bn", "pit": "1"}


def scored(draws: Array, outcome: float) -> dict[str, float]:
    """Scores of one forecast.

    Args:
        draws: Of the forecast [USD bn], all positive.
        outcome: What was filed [USD bn].

    Returns:
        ``crps`` and ``crps_of_logarithm``, the continuous ranked probability score of levels and of logarithms;
        ``log_score``, minus the logarithm of the density, the draws taken as lognormal, NaN where they do not
        differ; ``pinball``, mean over
        :data:`PROBABILITIES`; ``pit``, the probability that the forecast gave to less than what came.
    """
    logs, log_outcome = np.log(draws), np.log(outcome)
    spread = logs.std(ddof=1)
    quantiles = np.quantile(draws, PROBABILITIES)
    return {
        "crps": float(scoringrules.crps_ensemble(outcome, draws)),
        "crps_of_logarithm": float(scoringrules.crps_ensemble(log_outcome, logs)),
        # Not scoringrules' own: it takes the logarithm of a density that is 0 a few deviations out.
        "log_score": float(log_outcome - norm.logpdf(log_outcome, logs.mean(), spread)) if spread > 0 else np.nan,
        "pinball": float(np.mean(scoringrules.quantile_score(outcome, quantiles, np.array(PROBABILITIES)))),
        "pit": float(np.mean(draws <= outcome)),
    }
