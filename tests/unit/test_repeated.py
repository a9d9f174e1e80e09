"""Restraint in a repeated game: how patient, how soon seen."""

from __future__ import annotations

import math

import numpy as np
import pytest

from headrace.errors import GameError
from headrace.games.repeated import critical_discount_factor, longest_detection_lag


def test_the_dilemma_asks_for_half() -> None:
    # (5 - 3) / (5 - 1)
    assert critical_discount_factor(5, 3, 1) == 0.5


@pytest.mark.parametrize("factor", [0.45, 0.55])
def test_above_it_a_stream_of_rewards_is_worth_more_than_one_temptation(factor: float) -> None:
    restrain = 3 / (1 - factor)
    leave = 5 + factor * 1 / (1 - factor)
    assert (restrain > leave) == (factor > critical_discount_factor(5, 3, 1))


def test_where_nothing_tempts_no_patience_is_needed() -> None:
    assert critical_discount_factor([3, 2], 3, [1, 5]).tolist() == [0, 0]


@pytest.mark.parametrize("punishment", [3, 4, 5, 6])
def test_a_punishment_no_worse_than_restraint_deters_nobody(punishment: float) -> None:
    assert critical_discount_factor(5, 3, punishment) == math.inf


def test_draws_are_answered_apart() -> None:
    assert critical_discount_factor(np.array([5, 3, 5]), 3, np.array([1, 1, 4])).tolist() == [0.5, 0, math.inf]


def test_a_lag_multiplies_the_gain_before_it_is_punished() -> None:
    # 0.9^6 = 0.531 and 0.9^7 = 0.478: six periods unseen are borne, seven are not
    lag = float(longest_detection_lag(0.9, 0.5))
    assert lag == pytest.approx(math.log(0.5) / math.log(0.9))
    assert 6 < lag < 7
    for unseen in (6, 7):
        leave = 5 * (1 - 0.9**unseen) + 1 * 0.9**unseen
        assert (leave <= 3) == (unseen < lag)


def test_a_published_lag_at_a_quarterly_cost_of_capital_of_nine_percent() -> None:
    assert float(longest_detection_lag(1.09**-0.25, 0.699)) == pytest.approx(16.6, abs=0.05)


def test_a_lag_is_below_one_where_even_seen_at_once_it_pays_to_leave() -> None:
    assert 0 < float(longest_detection_lag(0.4, 0.5)) < 1
    assert longest_detection_lag(0.9, [math.inf, 1, 0]).tolist() == [0, 0, math.inf]


@pytest.mark.parametrize("factor", [0, 1, -0.5, 1.2, math.nan])
def test_a_discount_factor_out_of_range_is_refused(factor: float) -> None:
    with pytest.raises(GameError, match=r"discount factor is .*; wanted one inside 0 to 1, such as 1 / \(1 \+ rate"):
        longest_detection_lag([0.9, factor], 0.5)


@pytest.mark.parametrize("critical", [-0.1, math.nan])
def test_a_critical_factor_out_of_range_is_refused(critical: float) -> None:
    with pytest.raises(GameError, match=r"critical discount factor is .*; wanted 0 or more"):
        longest_detection_lag(0.9, critical)


@pytest.mark.parametrize("name", ["temptation", "reward", "punishment"])
def test_a_payoff_that_is_no_number_is_named(name: str) -> None:
    payoffs = {"temptation": 5.0, "reward": 3.0, "punishment": 1.0, name: math.nan}
    with pytest.raises(GameError, match=f"{name} is nan; wanted a finite number"):
        critical_discount_factor(**payoffs)
