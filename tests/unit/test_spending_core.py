"""The spending core by hand, and its limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest

from headrace.calibration.spending import prior_worlds
from headrace.simulation.spending_core import SpendingRecord, ahead, one_quarter_ahead

PLAYERS, PAST = 5, 6


@pytest.fixture
def world() -> dict[str, Any]:
    """One world with round numbers: half the franchise at stake, equal shares, no loss aversion."""
    drawn = {name: np.array(values[..., :1]) for name, values in prior_worlds(1, 7).items()}
    settings = {
        "rivalry.franchise_at_stake": 0.5,
        "rivalry.loss_aversion": 1.0,
        "rivalry.decisiveness": 1.0,
        "rivalry.pool_elasticity": 0.5,
        "rivalry.adjustment_speed": 0.5,
        "rivalry.fastest_rise": 1.0,
        "rivalry.fastest_cut": -1.0,
        "builder.payout_share": 0.0,
        "builder.debt_limit_years": 4.0,
        "funding.reinvestment_share": 1.0,
    }
    for name, value in settings.items():
        drawn[name] = np.full_like(drawn[name], value)
    return drawn


@pytest.fixture
def record() -> SpendingRecord:
    """Five alike, each spending 4 of a cash flow of 10, without debt and before anybody earns from AI."""
    ones = np.ones((PLAYERS, PAST))
    arrays: Any = (4 * ones, ones / PLAYERS, 10 * ones, 0 * ones, np.zeros(PAST))
    return SpendingRecord(*arrays)


def computed(function: Any, *arguments: Any) -> np.ndarray[Any, Any]:
    with jax.enable_x64(True):
        return np.asarray(function(*arguments))


def test_spending_closes_half_the_gap_to_the_nash_share_of_the_pool(world: Any, record: SpendingRecord) -> None:
    # pool = 0.5 x 50 = 25; every bound is (1 - 0.2) + 0.5 x 0.2 = 0.9; target = 0.2 x 0.9 x 25 = 4.5; 4 + 0.5 x 0.5
    predicted = computed(one_quarter_ahead, record, world)
    np.testing.assert_allclose(predicted, 4.25, rtol=1e-12)


def test_the_first_quarter_ahead_is_that_of_the_last_quarter_filed(world: Any, record: SpendingRecord) -> None:
    path = computed(ahead, record, world, 3)
    np.testing.assert_allclose(path[0], computed(one_quarter_ahead, record, world)[:, -1], rtol=1e-12)
    assert (np.diff(path[:, 0, 0]) > 0).all()


def test_a_builder_that_lenders_have_left_spends_no_more_than_it_earns(world: Any, record: SpendingRecord) -> None:
    poor = replace(record, cash_flow_usd_bn=np.full((PLAYERS, PAST), 2.0))
    world["rivalry.franchise_at_stake"] = np.array([10.0])
    world["rivalry.adjustment_speed"] = np.array([1.0])
    world["builder.debt_limit_years"] = np.zeros((PLAYERS, 1))
    np.testing.assert_allclose(computed(one_quarter_ahead, poor, world), 2.0, rtol=1e-12)


def test_who_has_not_filed_its_debt_is_not_limited_by_it(world: Any, record: SpendingRecord) -> None:
    unknown = replace(
        record, net_debt_usd_bn=np.full((PLAYERS, PAST), np.nan), cash_flow_usd_bn=np.ones((PLAYERS, PAST))
    )
    world["rivalry.franchise_at_stake"] = np.array([10.0])
    world["rivalry.adjustment_speed"] = np.array([1.0])
    np.testing.assert_allclose(computed(one_quarter_ahead, unknown, world), 8.0, rtol=1e-12)  # its fastest rise


def test_expected_revenue_enlarges_the_pool(world: Any, record: SpendingRecord) -> None:
    earning = replace(record, model_revenue_usd_bn=np.array([0, 0, 0, 1.0, 1.2, 1.5]))
    more = computed(one_quarter_ahead, earning, world)
    np.testing.assert_allclose(more[:, :3], 4.25, rtol=1e-12)
    assert (np.diff(more[0, 2:, 0]) > 0).all()


def test_a_quarter_that_one_player_has_not_filed_predicts_nothing(world: Any, record: SpendingRecord) -> None:
    spending = np.array(record.spending_usd_bn)
    spending[2, 3] = np.nan
    predicted = computed(one_quarter_ahead, replace(record, spending_usd_bn=spending), world)
    assert np.isnan(predicted[:, 3]).any()
    assert np.isfinite(np.delete(predicted, 3, axis=1)).all()


def test_permuting_players_permutes_what_they_spend(world: Any, record: SpendingRecord) -> None:
    uneven = replace(record, share=np.repeat([[0.4], [0.3], [0.15], [0.1], [0.05]], PAST, axis=1))
    order = [3, 0, 4, 2, 1]
    turned = replace(uneven, share=np.asarray(uneven.share)[order])
    rows = {name: values[order] if values.ndim > 1 else values for name, values in world.items()}
    np.testing.assert_allclose(
        computed(ahead, turned, rows, 4), computed(ahead, uneven, world, 4)[:, order], rtol=1e-12
    )
