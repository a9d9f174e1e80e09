"""Signed orders as a sign of what the core will miss: planted ones are found, noise and absence say nothing."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from headrace.analyses.hindcast import orders
from headrace.evidence.archive import Archive
from headrace.periods import quarter_range
from headrace.variables import PLAYERS

HORIZONS = 8
NVIDIA, BACKLOG = range(2)


def archive(stocks: dict[tuple[str, str], dict[str, float]], spending_growth: float = 0.1) -> Archive:
    """Every player spends 10 in 2023Q1 and more by the given logarithm each quarter; filed forty days after the end."""
    paid = {quarter: 10 * np.exp(spending_growth * n) for n, quarter in enumerate(quarter_range("2023Q1", 12))}
    figures = stocks | {(player, "capital_expenditure"): paid for player in PLAYERS}
    rows = [
        (who, concept, quarter, value, pd.Period(quarter, freq="Q").end_time.normalize() + pd.Timedelta(days=40))
        for (who, concept), values in figures.items()
        for quarter, value in values.items()
    ]
    return Archive(pd.DataFrame(rows, columns=["entity", "concept", "calendar_quarter", "value", "filed"]), (), ())


def growing(first: float, rate: float, start: str = "2023Q1", count: int = 12) -> dict[str, float]:
    return {quarter: first * np.exp(rate * n) for n, quarter in enumerate(quarter_range(start, count))}


def test_a_sign_is_the_growth_of_orders_beyond_that_of_spending_over_a_year() -> None:
    view = archive({("nvidia", "purchase_obligations"): growing(5, 0.3)})
    sign = orders.signs(view, "2025Q1")
    assert sign[NVIDIA] == pytest.approx(4 * (0.3 - 0.1))
    assert np.isnan(sign[BACKLOG])


def test_backlog_is_that_of_those_who_filed_the_whole_year() -> None:
    view = archive({
        ("microsoft", "remaining_performance_obligation"): growing(100, 0.05),
        ("alphabet", "remaining_performance_obligation"): growing(50, 0.20),
        ("oracle", "remaining_performance_obligation"): growing(400, 0.90, "2024Q3", 6),
    })  # fmt: skip
    two = (100 * np.exp(0.05 * 8) + 50 * np.exp(0.2 * 8)) / (100 * np.exp(0.05 * 4) + 50 * np.exp(0.2 * 4))
    assert orders.signs(view, "2025Q1")[BACKLOG] == pytest.approx(np.log(two) - 0.4)


def test_where_a_quarter_is_missing_or_old_there_is_no_sign() -> None:
    whole = growing(5, 0.3)
    gap = {quarter: value for quarter, value in whole.items() if quarter != "2024Q3"}
    view = archive({("nvidia", "purchase_obligations"): gap})
    assert np.isnan(orders.signs(view, "2025Q1")).all()
    ended = archive({("nvidia", "purchase_obligations"): growing(5, 0.3, count=8)})
    assert np.isfinite(orders.signs(ended, "2025Q1")[NVIDIA])
    assert np.isnan(orders.signs(ended, "2025Q2")).all()


def test_orders_filed_after_the_day_are_not_seen() -> None:
    view = archive({("nvidia", "purchase_obligations"): growing(5, 0.3)}).as_of(dt.date(2024, 6, 30))
    assert orders.signs(view, "2024Q1")[NVIDIA] == pytest.approx(0.8)
    assert np.isnan(orders.signs(view, "2024Q3")).all()


def errors_after(sign: np.ndarray, effect: float, noise: float) -> np.ndarray:
    """Errors that rise to the effect of the sign within a year and stay, around a drift, (origin, horizon, player)."""
    generator = np.random.default_rng(11)
    ahead = np.arange(1, HORIZONS + 1)
    shown = effect * np.nan_to_num(sign)[:, np.newaxis] * np.minimum(ahead / 4, 1) + 0.02 * ahead
    return shown[..., np.newaxis] + noise * generator.standard_normal((len(sign), HORIZONS, len(PLAYERS)))


def signs_of(count: int) -> np.ndarray:
    """NVIDIA's alone, on the later half of the days."""
    sign = np.full((count, 2), np.nan)
    sign[count // 2 :, NVIDIA] = np.random.default_rng(12).standard_normal(count - count // 2)
    return sign


def test_a_planted_leading_indicator_is_found() -> None:
    sign = signs_of(400)
    effect = orders.learnt(errors_after(sign[:, NVIDIA], 0.3, 0.1), sign)
    assert effect.mean[NVIDIA] == pytest.approx(0.3 * 50 / 54, abs=0.02)
    now = np.array([1.0, np.nan])
    drawn = effect.draws(now, HORIZONS, 4000, np.random.default_rng(1))
    np.testing.assert_allclose(drawn.mean(axis=0), effect.expected(now, HORIZONS), atol=0.01)
    np.testing.assert_allclose(effect.expected(now, HORIZONS)[[0, 3, 7]], effect.mean[NVIDIA] * np.array([0.25, 1, 1]))
    assert drawn[:, 3].std() < 0.02


def test_noise_teaches_no_effect() -> None:
    found = []
    for seed in range(200):
        sign = signs_of(24)
        wrong = errors_after(sign[:, NVIDIA], 0, 0)
        wrong += 0.2 * np.random.default_rng(seed).standard_normal((24, 1, 1))
        effect = orders.learnt(wrong, sign)
        found.append((effect.mean[NVIDIA], effect.covariance[NVIDIA, NVIDIA]))
    mean, variance = np.array(found).T
    assert abs(mean.mean()) < 0.01
    # Three independent origins beside four of the prior: three sevenths of what least squares would find.
    assert (np.abs(mean) < 2 * np.sqrt(variance)).mean() > 0.95


def test_few_known_errors_teach_nothing_and_leave_the_draws_alone() -> None:
    sign = signs_of(8)
    sign[4, NVIDIA] = np.nan
    effect = orders.learnt(errors_after(sign[:, NVIDIA], 0.3, 0.1), sign)
    generator, untouched = np.random.default_rng(1), np.random.default_rng(1)
    assert not effect.draws(np.array([1.0, 1.0]), HORIZONS, 100, generator).any()
    assert generator.random() == untouched.random()


def test_the_effect_is_zero_where_the_series_does_not_exist() -> None:
    sign = signs_of(400)
    effect = orders.learnt(errors_after(sign[:, NVIDIA], 0.3, 0.1), sign)
    nothing = np.array([np.nan, np.nan])
    assert not effect.expected(nothing, HORIZONS).any()
    assert not effect.draws(nothing, HORIZONS, 100, np.random.default_rng(1)).any()
    assert not effect.expected(np.array([np.nan, 2.0]), HORIZONS).any()
