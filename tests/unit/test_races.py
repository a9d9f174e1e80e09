"""What the closed forms of races refuse, and their corners; that they are right is for the oracles to say."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from headrace.errors import GameError
from headrace.games.cournot import quantity_over_monopoly, stage_profits
from headrace.games.patent_races import effort_paid_at_the_start, effort_paid_until_won
from headrace.games.richardson import critical_reaction, resting_level
from headrace.games.safety_race import safety_knowing_nothing, safety_knowing_oneself


def test_one_firm_is_the_monopoly() -> None:
    assert quantity_over_monopoly(1) == 1
    assert stage_profits(1) == (1, 1, 1)


def test_a_monopoly_researches_too() -> None:
    # paid at the start: V h' ρ = (h + ρ)², with h = 1 / (2 h') = √x
    effort = effort_paid_at_the_start(1, 10, 0.1)
    assert 10 * 0.5 / math.sqrt(effort) * 0.1 == pytest.approx((math.sqrt(effort) + 0.1) ** 2)


@pytest.mark.parametrize("race", [effort_paid_at_the_start, effort_paid_until_won])
@pytest.mark.parametrize(("prize", "discount_rate"), [(1e-6, 0.1), (1e9, 0.1), (10, 1e-6), (10, 1e3)])
def test_effort_is_found_for_small_and_large_prizes(
    race: Callable[..., float], prize: float, discount_rate: float
) -> None:
    assert 0 < race(3, prize, discount_rate) < math.inf


def test_without_reactions_only_grievance_counts() -> None:
    assert resting_level(4, 0, 2, 1) == 0.5


def test_each_racer_more_lowers_the_reaction_that_is_borne() -> None:
    assert [critical_reaction(racers, 1) for racers in (2, 3, 5)] == [1, 0.5, 0.25]


def test_without_enmity_nobody_skimps() -> None:
    assert safety_knowing_nothing(5, 0, 0.3) == 1
    assert safety_knowing_oneself(5, 0, [0.3, 2]).tolist() == [0.3, 1]


@pytest.mark.parametrize("race", [effort_paid_at_the_start, effort_paid_until_won])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0, 10, 0.1), "firms are 0; wanted 1 or more"),
        ((2, 0, 0.1), "prize is 0, discount rate 0.1; wanted more than 0"),
        ((2, 10, 0), "prize is 10, discount rate 0"),
        ((2, 10, math.nan), "discount rate nan"),
        ((2, 10, 0.1, 1.0), "returns are 1.0; wanted a power inside 0 to 1"),
    ],
)
def test_a_research_race_that_cannot_be_is_refused(race: Callable[..., float], arguments: tuple, said: str) -> None:
    with pytest.raises(GameError, match=said):
        race(*arguments)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: quantity_over_monopoly(0), "firms are 0"),
        (lambda: stage_profits(0), "firms are 0"),
        (lambda: critical_reaction(1, 1), "racers are 1; wanted 2 or more"),
        (lambda: critical_reaction(4, 0), "fatigue is 0; wanted more than 0"),
        (lambda: resting_level(4, -0.1, 1, 0.3), "reaction is -0.1, grievance 0.3; wanted 0 or more"),
        (lambda: resting_level(4, 0.1, 1, math.nan), "grievance nan"),
        (lambda: safety_knowing_nothing(1, 0.8, 1), "teams are 1; wanted 2 or more"),
        (lambda: safety_knowing_nothing(5, 1.2, 1), "enmity is 1.2; wanted 0, .* to 1"),
        (lambda: safety_knowing_nothing(5, 0.8, 0), "largest capability is 0; wanted more than 0"),
        (lambda: safety_knowing_oneself(5, -0.1, 0.5), "enmity is -0.1"),
        (lambda: safety_knowing_oneself(5, 0.8, np.array([0.5, -0.1])), "capability falls to -0.1; wanted 0 or more"),
    ],
)
def test_a_race_that_cannot_be_is_refused(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(GameError, match=said):
        ask()
