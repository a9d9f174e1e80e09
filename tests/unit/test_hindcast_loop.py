"""The full loop on past days: series read off a future, errors learnt on few days, and nothing seen too early."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from headrace import service
from headrace.analyses.hindcast import loop, loop_errors, loop_series
from headrace.analyses.hindcast.loop_series import DATA_CENTRE_REVENUE, LOOP_SERIES, Looked, LoopSeries, log_path
from headrace.analyses.hindcast.series import Series
from headrace.errors import EvidenceError, UnknownNameError
from headrace.evidence import archive
from headrace.evidence.archive import Archive
from headrace.past_start.known import Known
from headrace.periods import quarter_range
from headrace.variables import BUILDERS, GROUPS, LAYERS, PLAYERS

DRAWS, QUARTERS = 3, 4
KNOWN_QUARTERS = quarter_range("2022Q1", 9)
START = Known(
    day=dt.date(2024, 6, 30),
    quarter="2024Q1",
    capital_expenditure_usd_bn=(10.0,) * 5,
    guided_growth={},
    guided_quarters=0,
    net_debt_usd_bn={},
    accelerator_sales_usd_bn=(2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0),
    model_revenue_usd_bn=1.0,
    model_revenue_growth=0.1,
    log_tightness={},
    values={},
)


def looked(revenue: tuple[float, ...], sales: tuple[float, ...] = (11.0, 12.1, 13.31, 14.641)) -> Looked:
    """A future in which AI spending and group sales grow by a tenth a quarter from 10, and a filer's past."""
    growth = np.tile(np.array(sales) / 10, (DRAWS, 1))
    dims = ("draw", "quarter")
    builders = np.zeros((DRAWS, QUARTERS, len(BUILDERS)))
    builders[:, :, : len(PLAYERS)] = 2 * 1.1 ** np.arange(1, QUARTERS + 1)[:, np.newaxis]
    share = np.zeros((DRAWS, len(BUILDERS)))
    share[:, : len(PLAYERS)] = 0.2
    filed = np.zeros((DRAWS, len(BUILDERS)))
    filed[:, : len(PLAYERS)] = 10.0
    future = xr.Dataset(
        {
            "ai_capital_expenditure_usd_bn": ((*dims, "builder"), builders),
            "planned_ai_capital_expenditure_usd_bn": ((*dims, "builder"), builders),
            "capital_expenditure_usd_bn": ((*dims, "builder"), builders + 8),
            "group_revenue_usd_bn": ((*dims, "group"), np.repeat(growth[..., np.newaxis], len(GROUPS), axis=2)),
        },
        {
            "builder": list(BUILDERS),
            "group": list(GROUPS),
            "start_ai_share": (("draw", "builder"), share),
            "start_filed_capex_usd_bn": (("draw", "builder"), filed),
        },
    )
    figures = pd.DataFrame({
        "entity": "filer", "concept": "revenue", "calendar_quarter": KNOWN_QUARTERS, "value": revenue,
        "filed": pd.Timestamp("2024-06-01"), "unit": "USD",
    })  # fmt: skip
    return Looked(future, START, Archive(figures, (), ()))


FILER = LoopSeries(Series("revenue_filer", "Revenue of a filer", "revenue", ("filer",)), "thermal")


def test_sales_that_are_all_ai_grow_as_the_loop_has_its_group_grow() -> None:
    path = log_path(DATA_CENTRE_REVENUE, looked((1.0,) * 9))
    assert np.exp(path[0]) == pytest.approx([11, 12.1, 13.31, 14.641])


def test_spending_is_that_of_the_players() -> None:
    path = log_path(LOOP_SERIES[0], looked((1.0,) * 9))
    assert np.exp(path[0]) == pytest.approx(5 * (8 + 2 * 1.1 ** np.arange(1, 5)))


def test_sales_follow_spending_that_is_given_in_place_of_the_loops_own() -> None:
    here = looked((1.0,) * 9)
    twice = here.player_spending_usd_bn + here.player_ai_spending_usd_bn
    path = log_path(DATA_CENTRE_REVENUE, here, twice)
    assert np.exp(path - log_path(DATA_CENTRE_REVENUE, here)) == pytest.approx(2.0)
    none = log_path(DATA_CENTRE_REVENUE, here, here.player_spending_usd_bn - 2 * here.player_ai_spending_usd_bn)
    assert np.exp(none[0, 0]) == pytest.approx(11 * loop_series.LEAST_AI)


def test_only_the_part_of_revenue_that_moved_with_accelerators_moves() -> None:
    """Revenue 30 + 2 × sales: 40 % of 50 in the last quarter is AI; nine quarters count against four of no share."""
    here = looked(tuple(30 + 2 * sales for sales in START.accelerator_sales_usd_bn))
    share = 20 / 50 * 9 / 13
    assert np.exp(log_path(FILER, here)[0, 0]) == pytest.approx(50 * (1 - share + share * 1.1))


def test_revenue_that_falls_as_accelerators_rise_has_no_ai_in_it() -> None:
    here = looked(tuple(50 - 2 * sales for sales in START.accelerator_sales_usd_bn))
    assert np.exp(log_path(FILER, here)) == pytest.approx(30.0)


def test_a_group_that_sells_nothing_at_the_start_is_not_forecast() -> None:
    with pytest.raises(EvidenceError, match="next to nothing to AI at the start"):
        log_path(FILER, looked((1.0,) * 9, sales=(0.0, 0.0, 5.0, 9.0)))


def test_a_series_that_nobody_files_is_not_forecast() -> None:
    other = LoopSeries(Series("revenue_other", "Revenue of another", "revenue", ("other",)), "thermal")
    with pytest.raises(EvidenceError, match="nothing was filed by 2024-06-30"):
        log_path(other, looked((1.0,) * 9))


def test_before_any_error_is_known_the_past_of_the_series_stands_in() -> None:
    nothing = np.empty((0, 8))
    model = loop_errors.learnt(nothing, nothing, growth_variance=0.04, now=np.zeros(8))
    assert (model.drift, model.step_variance) == (0.0, pytest.approx(0.04))
    assert model.drift_variance == pytest.approx(0.04 / loop_errors.PRIOR_QUARTERS)


def test_a_planted_drift_is_found_and_shrunk() -> None:
    ahead = np.arange(1, 9)
    errors = np.tile(0.1 * ahead, (12, 1))
    model = loop_errors.learnt(errors, np.zeros_like(errors), growth_variance=0.01, now=np.zeros(8))
    assert model.drift == pytest.approx(0.1 * 12 / 16)
    draws = model.draws(8, 20_000, np.random.default_rng(7))
    assert np.median(draws, axis=0) == pytest.approx(model.drift * ahead, abs=0.02)
    assert (np.diff(draws.std(axis=0)) > 0).all()


def test_errors_that_are_not_filed_yet_teach_nothing() -> None:
    errors = np.full((5, 8), np.nan)
    errors[0, 0] = 0.3
    model = loop_errors.learnt(errors, np.zeros_like(errors), growth_variance=0.04, now=np.zeros(8))
    assert model.drift == pytest.approx(0.3 / 5)


def test_a_forecast_that_is_wide_already_is_widened_less() -> None:
    nothing = np.empty((0, 8))
    sure, wide = (
        loop_errors.learnt(nothing, nothing, growth_variance=0.04, now=np.full(8, size) * np.arange(1, 9))
        for size in (0.0, 0.02)
    )
    assert wide.step_variance == pytest.approx(sure.step_variance - 0.02)
    most = loop_errors.learnt(nothing, nothing, growth_variance=0.04, now=np.full(8, 9.0))
    assert most.step_variance == pytest.approx(0.04 * loop_errors.LEAST_UNEXPLAINED)


def test_an_unknown_series_of_the_loop_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="revenue_nvidia"):
        service.hindcast(loop=True, series="revenue_nvidea")


def test_a_day_before_the_first_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "FIRST_TRAINING_ORIGIN", "2022-09-30")
    found = loop.hindcast_loop(archive.load(), first="2022-09-30", last="2022-12-31", series=LOOP_SERIES[:2])
    assert set(found["status"].values.ravel().tolist()) == {
        "not scored, because the full loop starts on past days from 2023-03-31 on; the spending core was earlier"
    }
    assert np.isnan(found["tightest_probability"]).all()


@pytest.mark.slow
def test_what_is_filed_after_the_day_changes_no_forecast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A leak would show: everything filed after the last day is tripled, and so is every later report."""
    day = dt.date(2024, 12, 31)
    monkeypatch.setattr(loop, "FIRST_TRAINING_ORIGIN", "2022-03-31")
    everything = archive.load()
    figures = everything.figures.copy()
    figures.loc[figures["filed"] > pd.Timestamp(day), "value"] *= 3
    planted = replace(everything, figures=figures)
    series = LOOP_SERIES[:3]
    plain, changed = (
        loop.hindcast_loop(known, first=day.isoformat(), last=day.isoformat(), series=series, draws=64)
        for known in (everything, planted)
    )
    assert np.array_equal(plain["forecast_usd_bn"], changed["forecast_usd_bn"], equal_nan=True)
    assert not np.array_equal(plain["outcome_usd_bn"], changed["outcome_usd_bn"], equal_nan=True)
    assert np.isfinite(plain["forecast_usd_bn"].sel(forecaster=["loop", "headrace"])).all()
    probability = plain["tightest_probability"].sum("layer").values
    assert probability == pytest.approx(np.ones((1, 2)))
    assert plain["layer"].values.tolist() == list(LAYERS)
