"""Dominance, pure and mixed equilibria, and what they cost: small games whose answers are on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from headrace.errors import GameError, UnknownNameError
from headrace.games.anarchy import overspend, payoff_lost, price_of_anarchy
from headrace.games.dominance import dominant, dominated
from headrace.games.mixed_equilibria import mixed_equilibria
from headrace.games.normal_form import Game, normal_form
from headrace.games.pure_equilibria import deviation_gain, equilibrium_shares, is_equilibrium

CHOICES = ("restrain", "race")
DILEMMA = [[[3, 0], [5, 1]], [[3, 5], [0, 1]]]
PENNIES = [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]
CHICKEN = [[[6, 2], [7, 0]], [[6, 7], [2, 0]]]
EQUAL = np.ones((2, 2, 2))


def two(payoffs: object) -> Game:
    return normal_form("ab", [CHOICES] * 2, payoffs)


def commons(players: int = 3) -> Game:
    """Each racer adds 2 to itself and takes 1 from every player: to race is best for one and worst for all."""
    racing = np.indices([2] * players)
    return normal_form("abcde"[:players], [CHOICES] * players, 2 * racing - racing.sum(axis=0) + 10)


def test_in_the_dilemma_racing_dominates() -> None:
    assert dominant(two(DILEMMA), "a").tolist() == [[False, True]]
    assert dominated(two(DILEMMA), "b").tolist() == [[True, False]]


def test_a_tie_leaves_dominance_weak() -> None:
    tied = two([[[5, 0], [5, 1]], DILEMMA[1]])
    assert not dominant(tied, "a").any()
    assert dominant(tied, "a", strict=False).tolist() == [[False, True]]
    assert dominated(tied, "a", strict=False).tolist() == [[True, False]]


def test_where_all_is_equal_nothing_dominates() -> None:
    for strict in (True, False):
        assert not dominant(two(EQUAL), "a", strict=strict).any()
        assert not dominated(two(EQUAL), "a", strict=strict).any()


def test_a_strategy_may_be_dominated_though_none_dominates_all() -> None:
    game = normal_form("ab", ["xyz", "lr"], [[[3, 0], [0, 3], [-1, 2]], np.zeros((3, 2))])
    assert not dominant(game, "a").any()
    assert dominated(game, "a").tolist() == [[False, False, True]]


def test_the_only_thing_one_can_do_is_dominant() -> None:
    game = normal_form("ab", ["x", "lr"], np.zeros((2, 1, 2)))
    assert dominant(game, "a").tolist() == [[True]]
    assert dominated(game, "a").tolist() == [[False]]


def test_nobody_unknown_dominates() -> None:
    with pytest.raises(UnknownNameError, match="unknown player 'c'"):
        dominant(two(DILEMMA), "c")


def test_the_gain_of_leaving_is_what_would_have_to_be_paid_for_restraint() -> None:
    gain = deviation_gain(two(DILEMMA))
    assert gain[0, :, 0, 0].tolist() == [2, 2]
    assert gain[0, :, 1, 1].tolist() == [0, 0]
    assert gain[0, :, 1, 0].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("payoffs", "profiles"),
    [
        (DILEMMA, {("race", "race")}),
        (CHICKEN, {("race", "restrain"), ("restrain", "race")}),
        (PENNIES, set()),
        (EQUAL, {(mine, theirs) for mine in CHOICES for theirs in CHOICES}),
    ],
)
def test_every_pure_equilibrium_is_found(payoffs: object, profiles: set[tuple[str, str]]) -> None:
    assert set(equilibrium_shares(two(payoffs))) == profiles


def test_shares_of_equilibria_are_of_draws() -> None:
    shares = equilibrium_shares(two([DILEMMA, CHICKEN, CHICKEN, PENNIES]))
    assert shares == {("restrain", "race"): 0.5, ("race", "restrain"): 0.5, ("race", "race"): 0.25}
    assert list(shares)[-1] == ("race", "race")


def test_in_a_commons_of_five_everybody_racing_is_the_one_equilibrium() -> None:
    stable = is_equilibrium(commons(5))
    assert stable.shape == (1, 2, 2, 2, 2, 2)
    assert np.argwhere(stable).tolist() == [[0, 1, 1, 1, 1, 1]]


def test_a_gain_within_the_tolerance_moves_nobody() -> None:
    # leaving restraint gains 2 of a spread of 5
    assert not is_equilibrium(two(DILEMMA), 0.39)[0, 0, 0]
    assert is_equilibrium(two(DILEMMA), 0.41)[0, 0, 0]


def test_anarchy_costs_what_all_would_have_together() -> None:
    # three who restrain have 30; three who race have 10 + 2 - 3 each
    assert price_of_anarchy(commons()).tolist() == [30 / 27]
    assert payoff_lost(commons()).tolist() == [3]


def test_the_worst_of_several_equilibria_counts() -> None:
    stag = two([[[4, 0], [3, 2]], [[4, 3], [0, 2]]])
    assert price_of_anarchy(stag).tolist() == [2]


def test_no_ratio_is_made_of_a_loss_or_of_no_equilibrium() -> None:
    game = two([np.subtract(DILEMMA, 2), PENNIES])
    assert np.isnan(price_of_anarchy(game)).all()
    assert payoff_lost(game)[0] == 2 - -2
    assert math.isnan(payoff_lost(game)[1])


def test_overspend_is_spending_at_equilibrium_over_that_of_all_together() -> None:
    game = two([DILEMMA, CHICKEN, PENNIES])
    spending = [[10, 15], [16, 24]]
    # dilemma: 24 against 10; chicken: the dearer of 15 and 16 against 10; pennies have no equilibrium
    assert overspend(game, spending).tolist()[:2] == [2.4, 1.6]
    assert math.isnan(overspend(game, spending)[2])
    assert overspend(game, np.broadcast_to(spending, (3, 2, 2)))[0] == 2.4


@pytest.mark.parametrize(
    ("spending", "said"), [([1, 2], r"shape \(2,\); wanted \(2, 2\)"), ([[1, 2], [0, 1]], "falls to 0.0; wanted")]
)
def test_spending_that_gives_no_ratio_is_refused(spending: object, said: str) -> None:
    with pytest.raises(GameError, match=said):
        overspend(two(DILEMMA), spending)


def test_a_degenerate_game_has_the_corners_of_its_equilibria() -> None:
    # Nisan and others (2007), chapter 3: against x the first player's rivals are indifferent, so a piece of equilibria
    # runs from l alone to two thirds of l; a third one mixes y and z
    game = normal_form("ab", ["xyz", "lr"], [[[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]]])
    found = [[*one.probabilities["a"].values(), *one.probabilities["b"].values()] for one in mixed_equilibria(game)]
    assert found == [
        pytest.approx([1, 0, 0, 1, 0]),
        pytest.approx([1, 0, 0, 2 / 3, 1 / 3]),
        pytest.approx([0, 1 / 3, 2 / 3, 1 / 3, 2 / 3]),
    ]


def test_a_mixed_equilibrium_says_what_it_pays_in_the_unit_of_the_game() -> None:
    pure_first, mixed, pure_second = mixed_equilibria(two(np.multiply(CHICKEN, 1e6) - 5e6))
    assert pure_first.payoffs == pytest.approx({"a": -3e6, "b": 2e6})
    assert pure_second.payoffs == pytest.approx({"a": 2e6, "b": -3e6})
    # two thirds restrain: 6 × 2/3 + 2 × 1/3 = 14/3, less 5
    assert mixed.probabilities["a"] == pytest.approx({"restrain": 2 / 3, "race": 1 / 3})
    assert mixed.payoffs["a"] == pytest.approx((14 / 3 - 5) * 1e6)


def test_a_draw_is_chosen_by_its_number() -> None:
    draws = two([DILEMMA, PENNIES])
    assert [one.probabilities["a"]["race"] for one in mixed_equilibria(draws, draw=1)] == [pytest.approx(0.5)]
    for draw in (-1, 2):
        with pytest.raises(GameError, match=f"draw is {draw}; wanted 0 to 1"):
            mixed_equilibria(draws, draw)


def test_a_player_who_does_not_care_has_no_list_of_equilibria() -> None:
    with pytest.raises(GameError, match="all payoffs of 'a' are equal; wanted a player who cares"):
        mixed_equilibria(two(EQUAL))
    with pytest.raises(GameError, match="all payoffs of 'b' are equal"):
        mixed_equilibria(two([DILEMMA[0], [[1, 1], [1, 1]]]))


def test_who_can_do_one_thing_has_nothing_to_mix() -> None:
    game = normal_form("ab", [CHOICES, ("race",)], [[[1], [2]], [[3], [4]]])
    with pytest.raises(GameError, match="'b' can only 'race'; wanted two strategies or more"):
        mixed_equilibria(game)


def test_a_ruinous_outcome_hides_no_smaller_difference() -> None:
    # restraint against a racer costs a million; leaving mutual restraint still gains 2
    game = two([[[3, -1e6], [5, 1]], [[3, 5], [-1e6, 1]]])
    assert [one.probabilities["a"] for one in mixed_equilibria(game)] == [{"restrain": 0, "race": 1}]


def test_a_pure_equilibrium_next_to_a_tie_is_not_passed_by() -> None:
    # the second player's best reply to w beats the others by 1e-7 of a spread of 2
    game = normal_form("ab", ["wx", "xyz"], [[[2, 0, 3], [0.75, 0, 0.25]], [[0, 1e-7, 0], [-1, 0.5, 1]]])
    played = [
        tuple(max(own, key=own.__getitem__) for own in one.probabilities.values()) for one in mixed_equilibria(game)
    ]
    assert ("w", "y") in played


def test_every_one_of_random_games_has_an_odd_number_of_equilibria() -> None:
    # Wilson (1971): all but degenerate games have
    draws = np.random.default_rng(5).normal(size=(60, 2, 3, 3))
    game = normal_form("ab", ["xyz"] * 2, draws)
    assert {len(mixed_equilibria(game, draw)) % 2 for draw in range(60)} == {1}


def test_mixed_equilibria_are_of_two() -> None:
    with pytest.raises(GameError, match="the game has 3 players; wanted two"):
        mixed_equilibria(commons())
