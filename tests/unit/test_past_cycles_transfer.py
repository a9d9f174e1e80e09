"""The core on past cycles: planted truths, gaps, what a day hides, priors of players nobody knows, and overlaps."""

from __future__ import annotations

import datetime as dt

import jax
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from headrace.analyses.past_cycles.players import (
    Cycle,
    cycles,
    origin_quarters,
    predicted_quarters,
    prior_worlds,
    spending_record,
)
from headrace.analyses.past_cycles.rolling import rolling
from headrace.analyses.past_cycles.skill import WALK, skill
from headrace.analyses.past_cycles.taught import overlap, taught
from headrace.errors import EvidenceError
from headrace.parameters.registry import registry
from headrace.periods import quarter_range
from headrace.simulation.spending_core import SpendingRecord, one_quarter_ahead
from headrace.variables import PLAYERS

QUARTERS = 48
FIRST = "2010Q1"
NAMES = ["one", "two", "three"]

TRUTH = {
    "rivalry.adjustment_speed": 0.45,
    "rivalry.franchise_at_stake": 0.6,
    "rivalry.loss_aversion": 1.3,
    "rivalry.decisiveness": 1.0,
    "rivalry.pool_elasticity": 0.5,
}
"""Little loss aversion: a narrow band, so that spending follows the pool."""


def planted(spending: np.ndarray, cash_flow: np.ndarray, name: str = "planted") -> Cycle:
    """A cycle in which every quarter is filed thirty days after its end; arrays (quarter, player) in USD bn."""
    quarters = quarter_range(FIRST, len(spending))
    ends = pd.PeriodIndex(quarters, freq="Q").end_time.normalize() + pd.Timedelta(days=30)
    filed = pd.DataFrame({player: ends for player in NAMES}, index=quarters)
    frames = (pd.DataFrame(values, quarters, NAMES) for values in (spending, cash_flow))
    of_spending, of_cash_flow = frames
    return Cycle(name, name, of_spending, filed, of_cash_flow, filed.copy(), 1.0)


def by_the_core(seed: int = 1) -> Cycle:
    """Cash flow that swings over six years; spending is what the core says each quarter, and a little noise."""
    generator = np.random.default_rng(seed)
    level = np.array([5.0, 4.0, 3.0])
    swing = np.exp(0.5 * np.sin(2 * np.pi * np.arange(QUARTERS) / 24))
    cash_flow = swing[:, np.newaxis] * level * np.exp(0.02 * generator.standard_normal((QUARTERS, 3)))
    mean = pd.DataFrame(cash_flow).rolling(4, min_periods=1).mean().to_numpy()
    world = {name: np.array([registry()[name].value]) for name in prior_worlds(1, 1, 1) if "builder" not in name}
    world |= {name: np.array([value]) for name, value in TRUTH.items()}
    world |= {f"builder.{field}": np.full((3, 1), 1.0) for field in ("debt_limit_years", "franchise_growth")}
    world["builder.payout_share"] = np.zeros((3, 1))
    spending = np.empty_like(cash_flow)
    spending[0] = 0.4 * level
    for now in range(QUARTERS - 1):
        share = spending[max(0, now - 3) : now + 1].mean(axis=0)
        record = SpendingRecord(*_column(spending[now], share / share.sum(), mean[now]), np.zeros(1))
        with jax.enable_x64(True):
            following = np.asarray(one_quarter_ahead(record, world))[:, 0, 0]
        spending[now + 1] = following * np.exp(0.06 * generator.standard_normal(3))
    return planted(spending, cash_flow)


def _column(spending: np.ndarray, share: np.ndarray, cash_flow: np.ndarray) -> list[np.ndarray]:
    return [values[:, np.newaxis] for values in (spending, share, cash_flow, np.full(3, np.nan))]


def by_chance(seed: int = 1) -> Cycle:
    """Spending and cash flow walk at random and know nothing of each other."""
    generator = np.random.default_rng(seed)
    walks = np.exp(np.cumsum(0.1 * generator.standard_normal((2, QUARTERS, 3)), axis=1))
    return planted(2 * walks[0], 4 * walks[1], "chance")


@pytest.fixture(scope="module")
def scores() -> xr.Dataset:
    """Of the planted cycle, beside the random walk alone: the others take their time."""
    return rolling(by_the_core(), methods=[WALK])


def test_a_cycle_made_by_the_core_is_forecast_better_than_by_the_random_walk(scores: xr.Dataset) -> None:
    measured = skill(scores).sel(forecaster="core", rival=WALK)
    for horizon in (1, 2):
        assert float(measured["crps_ratio_high"].sel(horizon=horizon)) < 0.95, horizon
    assert float(measured["crps_ratio"].sel(horizon=4)) < 0.95


def test_too_few_origins_for_two_blocks_leave_the_ratio_without_interval_and_say_why(scores: xr.Dataset) -> None:
    scored = np.flatnonzero((scores["status"] == "scored").all("horizon").values)
    measured = skill(scores.isel(origin=scored[-15:]))
    assert measured["interval_status"].sel(horizon=[4, 8]).values.tolist() == [
        "given",
        "not given, because 15 origins fill fewer than 2 blocks of 8 quarters",
    ]
    of_core = measured.sel(forecaster="core", rival=WALK)
    assert np.isfinite(of_core["crps_ratio"]).all()
    for name in ("crps_ratio_low", "crps_ratio_high", "crps_of_logarithm_ratio_low", "dm_p_value"):
        assert np.isnan(of_core[name].sel(horizon=8)), name
    assert np.isfinite(of_core["crps_ratio_low"].sel(horizon=4))


def test_what_makes_it_better_is_the_core_and_not_its_error_model(scores: xr.Dataset) -> None:
    measured = skill(scores).sel(forecaster="core", rival="unchanged")
    assert float(measured["crps_ratio_high"].sel(horizon=2)) < 0.9


def test_what_a_cycle_made_by_the_core_teaches_holds_the_truth() -> None:
    found = taught([by_the_core()]).sel(cycle="planted")
    for name in ("rivalry.adjustment_speed", "rivalry.franchise_at_stake", "rivalry.loss_aversion"):
        low, _, high = found["posterior"].sel(parameter=name).values
        assert low <= TRUTH[name] <= high, name
    assert float(found["overlap"].sel(parameter="rivalry.franchise_at_stake")) < 0.6


def test_a_cycle_of_chance_is_not_forecast_better_than_by_the_random_walk() -> None:
    measured = skill(rolling(by_chance(), methods=[WALK])).sel(forecaster="core", rival=WALK)
    for horizon in (1, 2, 4, 8):
        better = float(measured["crps_ratio_high"].sel(horizon=horizon)) < 1
        assert not (better and float(measured["dm_p_value"].sel(horizon=horizon)) < 0.05), horizon


def test_a_forecast_does_not_change_with_what_came_later() -> None:
    """The leak is planted: from 2018 on everything is ten times as large."""
    cycle = by_the_core()
    later = cycle.spending_usd_bn.index >= "2018Q1"
    factor = pd.DataFrame(np.where(later, 10.0, 1.0)[:, np.newaxis] * np.ones(3), cycle.spending_usd_bn.index, NAMES)
    changed = planted((cycle.spending_usd_bn * factor).to_numpy(), (cycle.cash_flow_usd_bn * factor).to_numpy())
    one, other = (rolling(_until(each, "2018Q1"), methods=[WALK]) for each in (cycle, changed))
    known = {"origin": "2018Q1"}
    np.testing.assert_array_equal(one["forecast_usd_bn"].sel(known), other["forecast_usd_bn"].sel(known))
    assert np.isfinite(one["forecast_usd_bn"].sel(known)).all()


def _until(cycle: Cycle, last: str) -> Cycle:
    """With the figures of one quarter more than what is known at the end of it: fewer origins, sooner done."""
    parts = (cycle.spending_usd_bn, cycle.spending_filed, cycle.cash_flow_usd_bn, cycle.cash_flow_filed)
    spending, spending_filed, cash_flow, cash_flow_filed = (frame.loc[:last] for frame in parts)
    return Cycle(cycle.name, cycle.label, spending, spending_filed, cash_flow, cash_flow_filed, 1.0)


def test_an_origin_whose_last_quarter_has_a_gap_is_not_scored_and_says_whose() -> None:
    cycle = _until(by_the_core(), "2017Q4")
    cycle.spending_usd_bn.loc["2016Q2", "two"] = np.nan
    found = rolling(cycle, methods=[WALK])
    reason = "not scored, because 2016Q2 is not complete: spending of two was not known"
    assert set(found["status"].sel(origin="2016Q3").values) == {reason}
    assert found["status"].sel(origin="2016Q2", horizon=1).item() == (
        "not scored, because spending of two in 2016Q2 is not known"
    )
    assert found["status"].sel(origin="2016Q2", horizon=2).item() == "scored"
    # After the gap the baselines have too short a past; nothing is filled in.
    assert found["status"].sel(origin="2017Q4", horizon=1).item() == (
        "not scored, because 5 quarters without a gap were known; the baselines want 8"
    )


def test_a_quarter_of_cash_flow_that_is_missing_is_missing_for_a_year() -> None:
    cycle = by_the_core()
    cycle.cash_flow_usd_bn.loc["2016Q2", "three"] = np.nan
    for origin in ((2016, 9, 30), (2017, 6, 30)):  # the origins of 2016Q2 and 2017Q1
        with pytest.raises(EvidenceError, match=r"not complete: cash flow of the four quarters .* of three"):
            spending_record(cycle, dt.date(*origin))
    spending_record(cycle, dt.date(2017, 9, 30))


def test_what_was_filed_after_the_day_is_not_in_the_record() -> None:
    cycle = by_the_core()
    cycle.spending_filed.loc["2016Q2", "one"] = pd.Timestamp("2017-08-01")
    with pytest.raises(EvidenceError, match="2016Q2 is not complete: spending of one"):
        spending_record(cycle, dt.date(2016, 9, 30))
    before, after = (spending_record(cycle, dt.date(*day)) for day in ((2017, 6, 30), (2017, 9, 30)))
    known = [int(np.isfinite(record.spending_usd_bn[0]).sum()) for record in (before, after)]
    assert known == [29 - 1, 30]  # 2010Q1 to 2017Q1 without the late quarter, then to 2017Q2 with it


def test_a_day_outside_the_panel_and_a_cycle_without_two_quarters_are_refused() -> None:
    cycle = by_the_core()
    with pytest.raises(EvidenceError, match="outside the panel"):
        spending_record(cycle, dt.date(2031, 3, 31))
    cycle.spending_usd_bn.loc[:, "one"] = np.nan
    with pytest.raises(EvidenceError, match="no two quarters in a row"):
        taught([cycle])
    statuses = set(rolling(cycle, methods=[WALK])["status"].values.ravel())
    assert all(status.startswith("not scored, because") for status in statuses)


def test_shipped_cycles_are_there_whole_and_without_those_that_end_early() -> None:
    known = cycles()
    assert list(known) == [
        "oil_and_gas",
        "oil_and_gas_without_conocophillips",
        "telecom",
        "telecom_without_verizon",
        "memory_and_storage",
        "railroads",
    ]
    assert list(known["telecom_without_verizon"].spending_usd_bn) == ["att", "t_mobile_us"]
    for cycle in known.values():
        assert 0 < cycle.first_vintages < 1
        assert len(origin_quarters(cycle)) == len(cycle.spending_usd_bn)


def test_a_shipped_record_has_the_panel_s_figures_and_knows_no_debt() -> None:
    """Union Pacific paid 1.2 billion dollars in 2015Q2; cash flow is a mean over four quarters."""
    cycle = cycles()["railroads"]
    record = spending_record(cycle, dt.date(2015, 9, 30))
    spending = cycle.spending_usd_bn.loc["2015Q2"]
    np.testing.assert_array_equal(record.spending_usd_bn[:, -1], spending)
    expected = cycle.cash_flow_usd_bn.loc["2014Q3":"2015Q2"].mean()
    np.testing.assert_allclose(record.cash_flow_usd_bn[:, -1], expected, rtol=1e-12)
    assert float(np.sum(record.share[:, -1])) == pytest.approx(1)
    assert np.isnan(record.net_debt_usd_bn).all()
    assert not np.any(record.model_revenue_usd_bn)
    assert 8 <= predicted_quarters(record) < 30


def test_the_prior_of_an_unknown_player_is_the_builders_in_equal_parts() -> None:
    worlds = prior_worlds(7, 4000, 7)
    pooled = worlds["builder.payout_share"]
    assert pooled.shape == (7, 4000)
    entries = [registry()[f"builder.{builder}.payout_share"] for builder in PLAYERS]
    mean = np.mean([(entry.low + entry.value + entry.high) / 3 for entry in entries])
    np.testing.assert_allclose(pooled.mean(axis=1), mean, rtol=0.03)
    correlation = np.corrcoef(pooled) - np.eye(7)
    assert np.abs(correlation).max() < 0.05


def test_samples_that_agree_overlap_whole_and_samples_apart_not_at_all() -> None:
    grid = (np.arange(1000) + 0.5) / 1000
    assert overlap(grid, grid) == pytest.approx(1)
    assert overlap(grid, grid + 2) == pytest.approx(0.1)  # what lies outside the prior falls into its last bin
    assert overlap(grid, grid / 2) == pytest.approx(0.5)
