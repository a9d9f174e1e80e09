"""Names of games of two with two strategies each: planted ones, ties, draws, one player's view."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.errors import GameError
from headrace.games.normal_form import Game, normal_form
from headrace.games.two_by_two import CLASSES, class_shares, game_class, preference

CHOICES = [("restrain", "race")] * 2

PLANTED = {
    "prisoners_dilemma": (3, 0, 5, 1),
    "chicken": (6, 2, 7, 0),
    "stag_hunt": (4, 0, 3, 2),
    "harmony": (4, 2, 3, 1),
    "deadlock": (2, 1, 4, 3),
    "coordination": (2, 0, 0, 1),
    "all_equal": (1, 1, 1, 1),
}
"""Payoffs of both players: AA, AB, BA, BB, the own strategy first."""


def symmetric(aa: float, ab: float, ba: float, bb: float) -> list:
    return [[[aa, ab], [ba, bb]], [[aa, ba], [ab, bb]]]


def game(payoffs: object) -> Game:
    return normal_form(("a", "b"), CHOICES, payoffs)


def name_of(payoffs: object, tolerance: float = 1e-9) -> str:
    (found,) = game_class(game(payoffs), tolerance)
    return str(found)


@pytest.mark.parametrize(("name", "outcomes"), PLANTED.items())
def test_a_planted_game_has_its_name(name: str, outcomes: tuple[float, ...]) -> None:
    assert name_of(symmetric(*outcomes)) == name


def test_matching_pennies_and_the_battle_of_the_sexes_have_theirs() -> None:
    assert name_of([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]) == "matching_pennies"
    assert name_of([[[2, 0], [0, 1]], [[1, 0], [0, 2]]]) == "battle_of_the_sexes"
    assert name_of([[[1, 0], [0, 2]], [[2, 0], [0, 1]]]) == "battle_of_the_sexes"


@pytest.mark.parametrize("outcomes", [(4, 3, 2, 1), (4, 2, 3, 1), (4, 4, 2, 1)])
def test_harmony_asks_nothing_of_who_is_left_alone(outcomes: tuple[float, ...]) -> None:
    assert name_of(symmetric(*outcomes)) == "harmony"


def test_a_hare_as_good_alone_as_together_still_makes_a_stag_hunt() -> None:
    assert name_of(symmetric(4, 0, 3, 3)) == "stag_hunt"
    assert name_of(symmetric(4, 0, 2, 3)) == "coordination"


def test_one_player_in_a_dilemma_makes_none() -> None:
    dilemma, harmony = symmetric(*PLANTED["prisoners_dilemma"])[0], symmetric(*PLANTED["harmony"])[1]
    assert name_of([dilemma, harmony]) == "other"
    assert preference(game([dilemma, harmony]), "a").tolist() == ["prisoners_dilemma"]
    assert preference(game([dilemma, harmony]), "b").tolist() == ["harmony"]


def test_players_may_differ_in_scale_and_still_share_a_dilemma() -> None:
    first, _ = symmetric(*PLANTED["prisoners_dilemma"])
    _, second = symmetric(-70, -100, -50, -90)
    assert name_of([first, second]) == "prisoners_dilemma"


def test_one_indifferent_player_is_not_all_equal() -> None:
    first, _ = symmetric(*PLANTED["prisoners_dilemma"])
    assert name_of([first, [[1, 1], [1, 1]]]) == "other"


def test_within_the_tolerance_outcomes_are_the_same() -> None:
    # the temptation is 5 % of the spread of 0 .. 4
    nearly = symmetric(3.8, 0, 4, 1)
    assert name_of(nearly, 0.04) == "prisoners_dilemma"
    assert name_of(nearly, 0.06) == "other"


def test_noise_of_rounding_is_no_preference() -> None:
    assert name_of(symmetric(0.3, 0.1 + 0.2, 0.3, 0.3)) == "all_equal"


def test_shares_of_draws_are_of_every_name_and_sum_to_one() -> None:
    draws = [symmetric(*PLANTED[name]) for name in ("prisoners_dilemma", "chicken", "chicken", "harmony")]
    shares = class_shares(game(draws))
    assert tuple(shares) == CLASSES
    assert shares["chicken"] == 0.5
    assert shares["prisoners_dilemma"] == shares["harmony"] == 0.25
    assert sum(shares.values()) == 1


def test_of_two_hundred_thousand_draws_none_is_left_without_a_name() -> None:
    draws = np.random.default_rng(1).normal(size=(200_000, 2, 2, 2))
    shares = class_shares(game(draws))
    assert sum(shares.values()) == pytest.approx(1)
    # each of the two cycles of best replies asks four independent comparisons to fall one way: 2 / 2⁴
    assert shares["matching_pennies"] == pytest.approx(1 / 8, abs=0.005)
    # of 24 × 24 pairs of strict rankings four are the dilemma, one for each way of calling the strategies
    assert shares["prisoners_dilemma"] == pytest.approx(4 / 576, abs=0.001)


@pytest.mark.parametrize(("players", "choices"), [(2, 3), (3, 2)])
def test_a_larger_game_has_no_name(players: int, choices: int) -> None:
    large = normal_form("abc"[:players], ["xyz"[:choices]] * players, np.zeros((players, *[choices] * players)))
    with pytest.raises(GameError, match="wanted two players with two each: name two strategies to keep"):
        game_class(large)
    with pytest.raises(GameError, match="wanted two players with two each"):
        preference(large, "a")
