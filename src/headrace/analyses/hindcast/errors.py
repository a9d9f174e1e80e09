"""How the spending core has erred so far, as a distribution of how it will err next.

The error of the logarithm is a drift, a random walk common to players in part, and what is passing in the last quarter
filed and in the one forecast:

.. math:: e_{i,h} = h b_i + a_i + w_{i,h} + u_{i,h}

with a of the last quarter filed and u of the one forecast, both of one variance. Everything is learnt on errors that
were known by then; few of them are independent, because forecasts of neighbouring days share quarters, and the sizes
below say how few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from headrace.errors import EvidenceError

Array = NDArray[np.float64]

DRIFT_HORIZON = 4
"""Quarters ahead on whose errors the drift is measured: a year, so that seasons cancel."""

PRIOR_DEVIATION = 0.02
"""Standard deviation of a player's drift around the common one before any error is known [1/quarter]: 8 % a year."""

FEWEST_ORIGINS = 4
"""Origins whose error at the drift's horizon must be known; less is no distribution."""

PRIOR_DEGREES_OF_FREEDOM = 4.0
"""Of the Student distribution before any error is known; each independent origin adds one."""

SCALE_PSEUDO_ORIGINS = 2.0
"""Independent origins on which a player erred as all do together, beside those seen."""

CORRELATION_PSEUDO_ORIGINS = 2.0
"""Independent origins without common errors that stand beside those seen; a correlation of few is mostly noise."""


@dataclass(frozen=True)
class ErrorModel:
    """What is known of the next error.

    Attributes:
        drift: :math:`b_i`, posterior mean [1/quarter], (player,).
        drift_covariance: Of it, (player, player).
        passing_variance: Of :math:`a` and of :math:`u`, before the scale of the player.
        walk_variance: Of a step of :math:`w`, before it.
        scale: Of the errors of each player, 1 for one that errs as all do together, (player,).
        correlation: Between the walks of two players.
        degrees_of_freedom: Of the Student distribution whose scale these variances are.
        origins: Past origins it was learnt on.
    """

    drift: Array
    drift_covariance: Array
    passing_variance: float
    walk_variance: float
    scale: Array
    correlation: float
    degrees_of_freedom: float
    origins: int

    def draws(self, horizons: int, count: int, generator: np.random.Generator) -> Array:
        """Errors to come, (draw, horizon, player)."""
        players = len(self.drift)
        ahead = np.arange(1, horizons + 1)
        together = np.outer(self.scale, self.scale) * ((1 - self.correlation) * np.eye(players) + self.correlation)
        walk = np.kron(self.walk_variance * np.minimum.outer(ahead, ahead), together)
        passing = np.kron(self.passing_variance * (np.eye(horizons) + 1), np.diag(self.scale**2))
        drifting = np.kron(np.outer(ahead, ahead), self.drift_covariance)
        shape = (count, horizons, players)
        normal = generator.multivariate_normal(np.zeros(horizons * players), walk + passing + drifting, size=count)
        # One scale a draw: a time that errs more than the past did errs more everywhere.
        scale = np.sqrt(self.degrees_of_freedom / generator.chisquare(self.degrees_of_freedom, size=(count, 1, 1)))
        return ahead[:, np.newaxis] * self.drift + scale * normal.reshape(shape)


def learnt(errors: Array, variances: Array) -> ErrorModel:
    """The model after past errors.

    Args:
        errors: Logarithm of filed over forecast, (origin, horizon, player), one quarter apart; NaN where the quarter
            had not been filed.
        variances: Of the core's own draws of the logarithm, same shape: what they explain already is not learnt twice.

    Raises:
        EvidenceError: Fewer than :data:`FEWEST_ORIGINS` origins have an error at the drift's horizon.
    """
    horizons = np.arange(1, errors.shape[1] + 1)
    yearly = errors[:, DRIFT_HORIZON - 1]
    yearly = yearly[~np.isnan(yearly).any(axis=1)]
    if len(yearly) < FEWEST_ORIGINS:
        raise EvidenceError(
            f"{len(yearly)} errors a year ahead are known; wanted {FEWEST_ORIGINS}: choose a later day, or let errors "
            "be collected from an earlier one"
        )
    independent = len(yearly) / DRIFT_HORIZON
    drift, drift_covariance = _drift(yearly / DRIFT_HORIZON, independent)
    centred = errors - horizons[:, np.newaxis] * drift
    passing, walk = _variances(centred, variances)
    scale = _scale(centred, 2 * passing + walk * horizons[:, np.newaxis] + variances)
    correlation = _correlation(centred[:, DRIFT_HORIZON - 1], independent)
    freedom = PRIOR_DEGREES_OF_FREEDOM + independent
    return ErrorModel(drift, drift_covariance, passing, walk, scale, correlation, freedom, len(yearly))


def _drift(observed: Array, independent: float) -> tuple[Array, Array]:
    """Posterior of drifts that are a common one, of which nothing is known before, and deviations from it."""
    players = observed.shape[1]
    noise = np.cov(observed.T) / independent
    own = PRIOR_DEVIATION**2 * np.eye(players)
    precision = np.linalg.inv(noise + own)
    mean = observed.mean(axis=0)
    weight = precision.sum(axis=0) / precision.sum()
    common = weight @ mean
    gain = own @ precision
    toward_own = np.eye(players) - gain
    covariance = own - gain @ own + np.outer(toward_own.sum(axis=1), toward_own.sum(axis=1)) / precision.sum()
    return common + gain @ (mean - common), covariance


def _variances(centred: Array, explained: Array) -> tuple[float, float]:
    """Of what passes and of a step of the walk, from mean squares that rise with the horizon."""
    known = ~np.isnan(centred)
    seen = np.flatnonzero(known.any(axis=(0, 2)))
    beyond = [np.mean(centred[:, h][known[:, h]] ** 2 - explained[:, h][known[:, h]]) for h in seen]
    weight = 1 / (seen + 1)
    design = np.column_stack([2 * weight, np.ones(len(seen))])
    (passing, walk), _ = nnls(design, np.maximum(beyond, 0) * weight)
    return float(passing), float(walk)


def _scale(centred: Array, expected: Array) -> Array:
    """How much more than the variance common to all each player errs, as a factor of the standard deviation."""
    known = ~np.isnan(centred)
    relative = np.where(known, centred, 0) ** 2 / expected
    # Errors of one origin, and of origins within a year, are one piece of news.
    independent = known[:, DRIFT_HORIZON - 1].sum(axis=0) / DRIFT_HORIZON
    observed = relative.sum(axis=(0, 1)) / known.sum(axis=(0, 1))
    scale: Array = np.sqrt((independent * observed + SCALE_PSEUDO_ORIGINS) / (independent + SCALE_PSEUDO_ORIGINS))
    return scale


def _correlation(centred: Array, independent: float) -> float:
    """Mean correlation between players, shrunk towards none."""
    known = centred[~np.isnan(centred).any(axis=1)]
    pairs = np.atleast_2d(np.corrcoef(known.T))
    players = len(pairs)
    mean = (pairs.sum() - players) / (players * (players - 1))
    return float(np.clip(mean, 0, 1) * independent / (independent + CORRELATION_PSEUDO_ORIGINS))
