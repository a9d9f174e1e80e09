"""The season of spending: a planted one is found, noise is drawn to none, and too few years say nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from headrace.analyses.hindcast.season import season_ahead
from headrace.periods import quarter_range

SEASON = np.array([-0.2, 0.0, 0.05, 0.15])


def spending(years: int, size: float, noise: float, seed: int = 1) -> pd.DataFrame:
    """One player that grows by a fifth a year around the season; the noise is a walk."""
    generator = np.random.default_rng(seed)
    walk = np.cumsum(0.05 + noise * generator.standard_normal(4 * years))
    return pd.DataFrame({"one": np.exp(np.tile(size * SEASON, years) + walk)}, index=quarter_range("2014Q1", 4 * years))


def test_a_planted_season_is_found_and_cancels_after_a_year() -> None:
    ahead = season_ahead(spending(40, 1.0, 0.02), "2053Q4", 8)[:, 0]
    np.testing.assert_allclose(ahead[:4], [-0.35, -0.15, -0.1, 0], atol=0.02)
    np.testing.assert_allclose(ahead[4:], ahead[:4], atol=1e-12)


def test_the_season_is_that_of_the_last_filed_quarter_s_successors() -> None:
    filed = spending(40, 1.0, 0.02)
    np.testing.assert_allclose(season_ahead(filed, "2053Q2", 4)[:, 0], SEASON[[2, 3, 0, 1]] - SEASON[1], atol=0.02)


def test_noise_is_drawn_to_none() -> None:
    found = np.array([season_ahead(spending(8, 0.0, 0.1, seed), "2021Q4", 3)[:, 0] for seed in range(200)])
    raw = 0.1 * np.sqrt(np.array([3, 4, 3]) / 4 / 8)  # of the deviations of group means, summed over one to three
    assert (found == 0).mean() > 0.4
    assert np.all(found.std(axis=0) < 0.6 * raw)
    assert np.all(np.abs(found.mean(axis=0)) < 0.01)


def test_a_gap_is_passed_over_and_a_single_year_says_nothing() -> None:
    filed = spending(40, 1.0, 0.02)
    filed.iloc[10:13] = np.nan
    np.testing.assert_allclose(season_ahead(filed, "2053Q4", 3)[:, 0], [-0.35, -0.15, -0.1], atol=0.02)
    assert not season_ahead(spending(2, 1.0, 0.02), "2015Q4", 8).any()
