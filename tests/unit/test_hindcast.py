"""Forecasts on past days: what came later is not seen, what was not filed is said, and a planted leak is caught."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from headrace.analyses.hindcast import rolling, totals
from headrace.analyses.hindcast.series import CAPITAL_EXPENDITURE, quarter_ends, target_quarters
from headrace.errors import PeriodError
from headrace.evidence import archive as archives
from headrace.evidence.archive import Archive
from headrace.periods import quarter_range

DAY = dt.date(2024, 3, 31)
META = tuple(one for one in CAPITAL_EXPENDITURE if one.name == "capital_expenditure_meta")

Hindcast = Callable[[Archive], xr.Dataset]


@pytest.fixture(scope="module")
def everything() -> Archive:
    return archives.load()


@pytest.fixture
def hindcast(monkeypatch: pytest.MonkeyPatch) -> Hindcast:
    """One day and one series, its errors learnt on two years."""
    monkeypatch.setattr(rolling, "FIRST_TRAINING_ORIGIN", "2022-03-31")
    return lambda archive: rolling.hindcast(archive, first=DAY.isoformat(), last=DAY.isoformat(), series=META)


def changed_after(archive: Archive, day: dt.date) -> Archive:
    """The same until the day; after it everybody spends three times as much, and announces and earns as much more."""
    figures = archive.figures.copy()
    figures.loc[figures["filed"] > pd.Timestamp(day), "value"] *= 3
    guides = tuple(
        guide
        if guide.announced <= day or guide.point_usd_bn is None
        else replace(guide, point_usd_bn=3 * guide.point_usd_bn)
        for guide in archive.guides
    )
    rates = tuple(
        rate if rate.known <= day else replace(rate, revenue_usd_bn_per_year=3 * rate.revenue_usd_bn_per_year)
        for rate in archive.run_rates
    )
    return Archive(figures, guides, rates)


def sees_the_future(hindcast: Hindcast, archive: Archive) -> bool:
    """Whether what is said on the day depends on what came after it."""
    said, other = hindcast(archive), hindcast(changed_after(archive, DAY))
    assert not np.array_equal(said["outcome_usd_bn"], other["outcome_usd_bn"], equal_nan=True)
    return not np.array_equal(said["forecast_usd_bn"], other["forecast_usd_bn"])


def test_nothing_later_than_the_day_is_seen(hindcast: Hindcast, everything: Archive) -> None:
    assert not sees_the_future(hindcast, everything)


def test_a_planted_leak_is_caught(hindcast: Hindcast, everything: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = Archive.as_of
    monkeypatch.setattr(Archive, "as_of", lambda self, day: cut(self, day + dt.timedelta(days=60)))
    assert sees_the_future(hindcast, everything)


def test_every_method_says_something_of_every_quarter_and_scores_are_of_the_first_figure(
    hindcast: Hindcast, everything: Archive
) -> None:
    said = hindcast(everything)
    assert list(said["forecaster"].values) == list(rolling.FORECASTERS)
    assert np.isfinite(said["forecast_usd_bn"]).all()
    assert (np.diff(said["forecast_usd_bn"], axis=-1) > 0).all()
    assert (said["status"] == "scored").all()
    assert list(said["target_quarter"].values[0]) == target_quarters("2023Q4")
    filed = everything.first_filed("capital_expenditure", ["meta"])
    np.testing.assert_array_equal(said["outcome_usd_bn"].values[0, 0], filed.loc[target_quarters("2023Q4"), "meta"])
    inside = (said["pit"] >= 0) & (said["pit"] <= 1)
    assert inside.all()
    assert (said["crps"] > 0).all()


def test_one_builder_missing_leaves_the_sum_unscored_and_says_who(hindcast: Hindcast, everything: Archive) -> None:
    figures = everything.figures
    gone = (figures["entity"] == "meta") & (figures["calendar_quarter"] == "2024Q2")
    said = hindcast(replace(everything, figures=figures[~gone]))
    assert str(said["status"].sel(horizon=2).item()) == "not scored, because 2024Q2 of meta is not filed"
    assert said["crps"].sel(horizon=2).isnull().all()
    assert (said["status"].sel(horizon=[1, 3]) == "scored").all()


def test_a_series_that_has_ended_is_not_scored(hindcast: Hindcast, everything: Archive) -> None:
    figures = everything.figures
    ended = (figures["entity"] == "meta") & (figures["calendar_quarter"] >= "2021Q1")
    said = hindcast(replace(everything, figures=figures[~ended]))
    assert (said["last_filed"] != "2023Q4").all()
    assert all("not scored, because" in str(status) for status in said["status"].values.ravel())
    assert said["crps"].isnull().all()


def test_a_day_before_the_figures_is_not_scored(everything: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "FIRST_TRAINING_ORIGIN", "2014-03-31")
    said = rolling.hindcast(everything, first="2014-03-31", last="2014-03-31", series=META)
    assert all("not scored, because" in str(status) for status in said["status"].values.ravel())


def test_days_are_ends_of_quarters_inside_the_span() -> None:
    assert quarter_ends("2023-12-31", "2024-06-29") == [dt.date(2023, 12, 31), dt.date(2024, 3, 31)]
    with pytest.raises(PeriodError, match="no end of a quarter"):
        quarter_ends("2024-04-01", "2024-06-29")
    with pytest.raises(PeriodError, match="from: 'soon' is not a date"):
        quarter_ends("soon", "2024-06-29")


def test_a_total_counts_what_is_filed_and_forecasts_the_rest(
    everything: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "FIRST_TRAINING_ORIGIN", "2022-03-31")
    day = dt.date(2024, 2, 20)
    year, past = quarter_range("2024Q1", 4), quarter_range("2023Q1", 4)
    wanted = [
        totals.Total(day, ("meta",), tuple(past)),
        totals.Total(day, ("meta",), tuple(year)),
        totals.Total(day, ("meta", "alphabet"), tuple(year)),
        totals.Total(day, ("meta",), tuple(quarter_range("2027Q1", 4))),
    ]
    said = totals.totals(everything, wanted)
    filed = everything.as_of(day).panel("capital_expenditure", ["meta"])["meta"]
    np.testing.assert_allclose(said[wanted[0]], filed[past].sum())
    assert 0.5 * filed[past].sum() < np.median(said[wanted[1]]) < 2 * filed[past].sum()
    assert said[wanted[1]].std() > 0
    assert np.median(said[wanted[2]]) > np.median(said[wanted[1]])
    assert wanted[3] not in said


def test_the_shipped_totals_are_those_that_the_league_shows() -> None:
    from headrace.analyses.league import league

    found = league()
    shown = found["ours_value"].notnull() & (found["status"] == "scored")
    assert int(shown.sum()) >= 10
    assert found["ours_gain"].where(shown, drop=True).notnull().all()
    assert (found["ours_low"] <= found["ours_value"]).where(shown, other=True).all()
    assert found["ours_value"].where(found["measure"] != "capital_expenditure", drop=True).isnull().all()
