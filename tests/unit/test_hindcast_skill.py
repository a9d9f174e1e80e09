"""Scores, ratios and tests by closed form, and by what they do on planted differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtri

from headrace.analyses.hindcast.scores import scored
from headrace.analyses.hindcast.skill import diebold_mariano, ratio

GRID = ndtri((np.arange(999) + 0.5) / 999)


def test_scores_of_a_lognormal_at_its_median() -> None:
    draws = np.exp(GRID)
    said = scored(draws, 1.0)
    assert said["crps_of_logarithm"] == pytest.approx((math.sqrt(2) - 1) / math.sqrt(math.pi), abs=2e-3)
    assert said["log_score"] == pytest.approx(math.log(math.sqrt(2 * math.pi)), abs=5e-3)
    assert said["pit"] == pytest.approx(0.5, abs=1e-3)


def test_money_units_scale_the_score_of_levels_alone() -> None:
    draws = 10 * np.exp(0.2 * GRID)
    one, other = scored(draws, 12.0), scored(1000 * draws, 12_000.0)
    assert other["crps"] == pytest.approx(1000 * one["crps"])
    assert other["crps_of_logarithm"] == pytest.approx(one["crps_of_logarithm"])


def test_a_method_against_itself_has_ratio_one_without_doubt() -> None:
    own = np.random.default_rng(1).gamma(2, size=24)
    assert ratio(own, own, 4) == (1.0, 1.0, 1.0)
    middle, low, high = ratio(0.5 * own, own, 4)
    assert (middle, low, high) == pytest.approx((0.5, 0.5, 0.5))


def test_longer_blocks_widen_the_interval_of_correlated_scores() -> None:
    generator = np.random.default_rng(2)
    runs = np.repeat(generator.gamma(2, size=30), 8)
    rival = np.ones(240)
    _, low, high = ratio(runs, rival, 1)
    _, lower, higher = ratio(runs, rival, 8)
    assert higher - lower > 1.3 * (high - low)


def test_diebold_mariano_by_hand() -> None:
    # n = 4, h = 1: mean 1, variance (1 + 1 + 1 + 1) / 4 / 4 = 1/4; correction sqrt(3/4); 1 / 0.5 x 0.866 = 1.732
    statistic, p_value = diebold_mariano(np.array([0.0, 2.0, 0.0, 2.0]), 1)
    assert statistic == pytest.approx(math.sqrt(3))
    assert p_value == pytest.approx(0.1817, abs=1e-4)


def test_diebold_mariano_rejects_as_often_as_it_says_where_there_is_nothing() -> None:
    generator = np.random.default_rng(4)
    steps = generator.standard_normal((2000, 27))
    overlapping = steps[:, 3:] + steps[:, 2:-1] + steps[:, 1:-2] + steps[:, :-3]
    p_values = np.array([diebold_mariano(one, 4)[1] for one in overlapping])
    assert 0.02 < np.nanmean(p_values < 0.05) < 0.15


def test_diebold_mariano_sees_a_planted_difference() -> None:
    generator = np.random.default_rng(5)
    _, p_value = diebold_mariano(-1 + 0.3 * generator.standard_normal(24), 1)
    assert p_value < 0.001


def test_where_the_variance_is_not_positive_there_is_no_test() -> None:
    statistic, p_value = diebold_mariano(np.array([1.0, -1.0] * 6), 2)
    assert math.isnan(statistic)
    assert math.isnan(p_value)
