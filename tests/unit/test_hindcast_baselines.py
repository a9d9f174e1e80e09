"""Baselines on series whose future is plain."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.analyses.hindcast.baselines import METHODS, SHORTEST, after_the_last_gap, log_forecast

GENERATOR = np.random.default_rng(5)
GROWTH = 0.03 + 0.04 * GENERATOR.standard_normal(40)
WALK = 10 * np.exp(np.cumsum(GROWTH))


def test_the_random_walk_continues_the_mean_growth_with_a_spread_that_widens_as_the_root() -> None:
    mean, deviation = log_forecast("random_walk_with_drift", WALK, 8)
    drift = (np.log(WALK[-1]) - np.log(WALK[0])) / (len(WALK) - 1)
    np.testing.assert_allclose(mean, np.log(WALK[-1]) + drift * np.arange(1, 9), rtol=1e-4)
    np.testing.assert_allclose(deviation, deviation[0] * np.sqrt(np.arange(1, 9)), rtol=1e-3)


def test_the_seasonal_naive_repeats_the_last_year() -> None:
    mean, deviation = log_forecast("seasonal_naive", WALK, 8)
    np.testing.assert_allclose(mean, np.log(np.tile(WALK[-4:], 2)), rtol=1e-6)
    np.testing.assert_allclose(deviation[4:], deviation[:4] * np.sqrt(2), rtol=1e-3)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("length", [SHORTEST, 20])
def test_every_method_speaks_of_short_series_too(method: str, length: int) -> None:
    mean, deviation = log_forecast(method, WALK[:length], 8)
    assert mean.shape == deviation.shape == (8,)
    assert np.isfinite(mean).all()
    assert (deviation > 0).all()
    assert np.abs(mean - np.log(WALK[length - 1])).max() < 1.5


@pytest.mark.parametrize("method", METHODS)
def test_money_units_change_nothing_but_the_level(method: str) -> None:
    mean, deviation = log_forecast(method, WALK[:20], 4)
    scaled, same = log_forecast(method, 1000 * WALK[:20], 4)
    np.testing.assert_allclose(scaled - np.log(1000), mean, atol=0.02)
    np.testing.assert_allclose(same, deviation, rtol=0.1)


def test_what_follows_the_last_gap_is_used_and_what_is_not_filed_yet_is_no_gap() -> None:
    nan = np.nan
    np.testing.assert_array_equal(after_the_last_gap(np.array([1, nan, 2, 3, nan])), [2, 3])
    np.testing.assert_array_equal(after_the_last_gap(np.array([1.0, 2.0])), [1, 2])
    assert len(after_the_last_gap(np.array([nan, nan]))) == 0
