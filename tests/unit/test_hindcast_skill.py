"""Scores, ratios and tests by closed form, and by what they do on planted differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from scipy.special import ndtri

from headrace.analyses.hindcast.rolling import BASELINES, FORECASTERS, OWN
from headrace.analyses.hindcast.scores import PROBABILITIES, scored
from headrace.analyses.hindcast.skill import diebold_mariano, ratio, skill
from headrace.cli import main

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


def test_fewer_than_two_blocks_leave_the_ratio_without_interval_and_test() -> None:
    generator = np.random.default_rng(6)
    own, rival = generator.gamma(2, size=(2, 15))
    middle, low, high = ratio(own, rival, 8)
    assert middle == pytest.approx(own.mean() / rival.mean())
    assert math.isnan(low)
    assert math.isnan(high)
    assert np.isnan(diebold_mariano(own - rival, 8)).all()
    own, rival = generator.gamma(2, size=(2, 16))
    assert np.isfinite(ratio(own, rival, 8)).all()


def said(origins: int) -> xr.Dataset:
    """Scores at four horizons, of so many origins and one that is not scored."""
    generator = np.random.default_rng(7)
    shape = (1, origins + 1, 4, len(FORECASTERS))
    dims = ("series", "origin", "horizon", "forecaster")
    status = np.full(shape[:3], "scored", object)
    status[:, 0] = "not scored, because nobody looked"
    scores = {name: (dims, generator.gamma(2, size=shape)) for name in ("crps", "crps_of_logarithm")}
    forecast = np.sort(generator.gamma(2, size=(*shape, len(PROBABILITIES))))
    outcome = generator.gamma(2, size=shape[:3])
    return xr.Dataset(
        scores
        | {
            "forecast_usd_bn": ((*dims, "probability"), forecast),
            "outcome_usd_bn": (dims[:3], outcome),
            "status": (dims[:3], status),
        },
        {"series": ["sum"], "label": ("series", ["The sum"]), "horizon": [1, 2, 4, 8], "forecaster": list(FORECASTERS)},
        {"own": list(OWN), "baselines": list(BASELINES)},
    )


@pytest.mark.parametrize(
    ("origins", "at_eight"),
    [
        (7, "not given, because 7 origins are scored; wanted 8"),
        (15, "not given, because 15 origins fill fewer than 2 blocks of 8 quarters"),
        (16, "given"),
    ],
)
def test_an_interval_that_is_missing_says_why(origins: int, at_eight: str) -> None:
    measured = skill(said(origins)).isel(series=0)
    assert measured["interval_status"].sel(horizon=8).item() == at_eight
    given = measured["interval_status"] == "given"
    for name in ("crps_ratio_low", "crps_ratio_high", "crps_of_logarithm_ratio_low", "crps_of_logarithm_ratio_high"):
        assert (measured[name].notnull() == given).all(), name
    assert not (measured["dm_p_value"].notnull() & ~given).any()
    assert (measured["crps_ratio"].notnull() == (origins >= 8)).all()


def test_the_command_leaves_a_missing_interval_blank_and_prints_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.service.hindcast", lambda **_: said(15))
    shown = CliRunner().invoke(main, ["hindcast"])
    assert shown.exit_code == 0, shown.output
    lines = {line.split()[1]: line for line in shown.stdout.splitlines()[1:]}
    assert " to " not in lines["8"]
    assert " to " in lines["4"]
    assert "1 interval and p not given, because 15 origins fill fewer than 2 blocks of 8 quarters" in shown.stderr
