"""How the full loop errs on one series: a drift and a random walk, learnt on what it has said before.

The loop has few past days to learn on. What stands in for them is the series' own past: a random walk of its size, and
a drift as uncertain as one that is read off a year of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headrace.units import QUARTERS_PER_YEAR

Array = NDArray[np.float64]

PRIOR_QUARTERS = float(QUARTERS_PER_YEAR)
"""Quarters of a random walk off which a drift of none would be read, before any error is known."""

PRIOR_INDEPENDENT = 2.0
"""Independent errors of the size that the series' past suggests, beside those seen."""

LEAST_UNEXPLAINED = 0.25
"""Of the variance of growth: a forecast that is wide already does not know everything else."""

PRIOR_DEGREES_OF_FREEDOM = 4.0
"""Of the Student distribution before any error is known; each independent error adds one."""


@dataclass(frozen=True)
class LoopError:
    """What is known of the next error of the logarithm.

    Attributes:
        drift: Mean [1/quarter].
        drift_variance: Of the mean.
        step_variance: Of a step of the walk.
        degrees_of_freedom: Of the Student distribution whose scale these variances are.
    """

    drift: float
    drift_variance: float
    step_variance: float
    degrees_of_freedom: float

    def draws(self, horizons: int, count: int, generator: np.random.Generator) -> Array:
        """Errors to come, (draw, horizon)."""
        ahead = np.arange(1, horizons + 1)
        steps = np.sqrt(self.step_variance) * generator.standard_normal((count, horizons))
        drift = np.sqrt(self.drift_variance) * generator.standard_normal((count, 1))
        scale = np.sqrt(self.degrees_of_freedom / generator.chisquare(self.degrees_of_freedom, size=(count, 1)))
        errors: Array = ahead * self.drift + scale * (ahead * drift + np.cumsum(steps, axis=1))
        return errors


def learnt(errors: Array, explained: Array, growth_variance: float, now: Array) -> LoopError:
    """The model after past errors.

    Args:
        errors: Logarithm of filed over forecast, (origin, horizon), one quarter apart; NaN where not filed yet. May
            have no row.
        explained: Variance of the logarithm that those forecasts had of themselves, same shape.
        growth_variance: Of the series' quarterly growth until now.
        now: Variance of the logarithm that the forecast of today has of itself, (horizon,): what it explains of growth
            is not added again.
    """
    ahead = np.arange(1, errors.shape[1] + 1)
    step_variance = max(growth_variance - float(np.mean(now / ahead)), LEAST_UNEXPLAINED * growth_variance)
    known = ~np.isnan(errors)
    # The longest horizon up to a year tells most of a drift; errors that overlap are counted as what they are worth.
    used = max((h for h in range(min(QUARTERS_PER_YEAR, len(ahead))) if known[:, h].any()), default=0)
    count = int(known[:, used].sum())
    mean = float(errors[known[:, used], used].mean()) / ahead[used] if count else 0.0
    drift = mean * count / (count + PRIOR_QUARTERS)
    squares = (errors - ahead * drift) ** 2 / (ahead * step_variance + explained)
    independent = count / ahead[used]
    observed = float(squares[known].mean()) if count else 1.0
    scale = (independent * observed + PRIOR_INDEPENDENT) / (independent + PRIOR_INDEPENDENT)
    return LoopError(
        drift,
        scale * step_variance / (count + PRIOR_QUARTERS),
        scale * step_variance,
        PRIOR_DEGREES_OF_FREEDOM + independent,
    )
