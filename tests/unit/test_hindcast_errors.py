"""What is learnt from past errors, on errors made up for it."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.analyses.hindcast.errors import learnt
from headrace.errors import EvidenceError

ORIGINS, HORIZONS, PLAYERS = 400, 8, 5


def made_up(drift: float, walk: float, passing: float, correlation: float, scale: np.ndarray) -> np.ndarray:
    """Errors of overlapping forecasts of one path: the walk since the origin, and noise at both ends."""
    generator = np.random.default_rng(3)
    quarters = ORIGINS + HORIZONS
    together = np.linalg.cholesky((1 - correlation) * np.eye(PLAYERS) + correlation)
    level = np.cumsum(walk * scale * (generator.standard_normal((quarters, PLAYERS)) @ together.T) + drift, axis=0)
    seen = level + passing * scale * generator.standard_normal((quarters, PLAYERS))
    return np.array([seen[at + 1 : at + 1 + HORIZONS] - seen[at] for at in range(ORIGINS)])


def test_planted_drift_and_variances_are_found() -> None:
    scale = np.array([1.0, 1.0, 1.0, 1.0, 2.0])
    errors = made_up(0.04, 0.05, 0.03, 0.6, scale)
    model = learnt(errors, np.zeros_like(errors))
    np.testing.assert_allclose(model.drift, 0.04, atol=0.006)
    size = scale / np.sqrt(np.mean(scale**2))
    np.testing.assert_allclose(model.scale, size, rtol=0.15)
    assert model.walk_variance == pytest.approx(0.05**2 * np.mean(scale**2), rel=0.2)
    assert model.passing_variance == pytest.approx(0.03**2 * np.mean(scale**2), rel=0.5)
    assert 0.35 < model.correlation < 0.7
    assert model.origins == ORIGINS


def test_draws_have_the_variance_that_was_learnt() -> None:
    errors = made_up(0.0, 0.05, 0.03, 0.5, np.ones(PLAYERS))
    model = learnt(errors, np.zeros_like(errors))
    drawn = model.draws(HORIZONS, 20_000, np.random.default_rng(1))
    np.testing.assert_allclose(drawn.var(axis=0).mean(axis=1), errors.var(axis=0).mean(axis=1), rtol=0.25)
    pairs = np.corrcoef(drawn[:, 3].T)
    assert abs(pairs[0, 1] - np.corrcoef(errors[:, 3].T)[0, 1]) < 0.15


def test_what_the_core_explains_itself_is_not_learnt_twice() -> None:
    errors = made_up(0.0, 0.05, 0.0, 0.0, np.ones(PLAYERS))
    explained = np.broadcast_to(0.05**2 * np.arange(1, HORIZONS + 1)[:, np.newaxis], errors.shape)
    model = learnt(errors, np.asarray(explained))
    assert model.walk_variance < 0.2 * 0.05**2


def test_few_errors_leave_wider_bands_than_many() -> None:
    errors = made_up(0.0, 0.05, 0.0, 0.0, np.ones(PLAYERS))
    few, many = (learnt(errors[:count], np.zeros_like(errors[:count])) for count in (8, 400))
    assert np.trace(few.drift_covariance) > 4 * np.trace(many.drift_covariance)
    assert few.degrees_of_freedom < many.degrees_of_freedom


def test_a_horizon_nobody_has_seen_yet_takes_its_variance_from_those_seen() -> None:
    errors = made_up(0.0, 0.05, 0.0, 0.0, np.ones(PLAYERS))[:30]
    errors[:, 5:] = np.nan
    model = learnt(errors, np.zeros_like(errors))
    assert np.isfinite(model.draws(HORIZONS, 100, np.random.default_rng(1))).all()


def test_too_few_errors_are_refused() -> None:
    errors = np.zeros((6, HORIZONS, PLAYERS))
    errors[3:, 3:] = np.nan
    with pytest.raises(EvidenceError, match="3 errors a year ahead are known; wanted 4"):
        learnt(errors, np.zeros_like(errors))
