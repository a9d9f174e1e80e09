"""A game as a table: names, profiles, what is left of it, one against the rest, and every refusal."""

from __future__ import annotations

import math

import numpy as np
import pytest

from headrace.errors import GameError, UnknownNameError
from headrace.games.against_the_rest import against_the_rest
from headrace.games.normal_form import (
    Game,
    normal_form,
    own_payoffs,
    payoffs_at,
    profile_index,
    restricted,
    tie_width,
)

DILEMMA = [[[3, 0], [5, 1]], [[3, 5], [0, 1]]]
CHOICES = [("restrain", "race")] * 2


def dilemma(payoffs: object = DILEMMA) -> Game:
    return normal_form(("a", "b"), CHOICES, payoffs)


def three() -> Game:
    """Three players with three strategies each; the digits of a payoff are the player and the strategies."""
    digits = np.indices((3, 3, 3, 3))
    return normal_form("xyz", [("hold", "follow", "race")] * 3, np.tensordot([1000, 100, 10, 1], digits, axes=1))


def test_a_table_without_draws_becomes_one_draw() -> None:
    assert dilemma().payoffs.shape == (1, 2, 2, 2)


def test_draws_lead_even_where_shapes_alone_would_not_tell() -> None:
    # (3, 2, 2, 2) may be three players without draws or two players in three draws: the names decide
    table = np.zeros((3, 2, 2, 2))
    assert normal_form("abc", [("x", "y")] * 3, table).payoffs.shape == (1, 3, 2, 2, 2)
    assert normal_form("ab", [("x", "y")] * 2, table).payoffs.shape == (3, 2, 2, 2)


def test_a_game_keeps_no_hand_on_the_table_it_was_made_from() -> None:
    table = np.array(DILEMMA, dtype=float)
    game = dilemma(table)
    table[:] = 9
    assert game.payoffs.max() == 5
    with pytest.raises(ValueError, match="read-only"):
        game.payoffs[0, 0, 0, 0] = 9


def test_a_profile_is_looked_up_by_name_in_any_order() -> None:
    assert profile_index(dilemma(), {"b": "restrain", "a": "race"}) == (1, 0)
    assert payoffs_at(dilemma(), {"b": "restrain", "a": "race"}).tolist() == [[5, 0]]


def test_own_payoffs_put_the_own_strategy_first() -> None:
    assert own_payoffs(dilemma(), "b").tolist() == [[[3, 0], [5, 1]]]
    own = own_payoffs(three(), "y")[0]
    # y plays its second strategy: 1000 for y, then x, y = 1, z
    assert own[1].tolist() == [1010, 1011, 1012, 1110, 1111, 1112, 1210, 1211, 1212]


def test_a_restricted_game_keeps_the_strategies_named_in_their_order() -> None:
    game = restricted(three(), ("race", "hold"))
    assert game.strategies == (("race", "hold"),) * 3
    assert payoffs_at(game, {"x": "race", "y": "hold", "z": "hold"}).tolist() == [[200, 1200, 2200]]


def test_against_the_rest_all_others_choose_alike_and_get_their_mean() -> None:
    game = against_the_rest(three(), "y")
    assert game.players == ("y", "rest")
    # y races, x and z hold: y gets 1020, the others 20 and 2020
    assert payoffs_at(game, {"y": "race", "rest": "hold"}).tolist() == [[1020, 1020]]
    # y holds, x and z race: y gets 1202, the others 202 and 2202
    assert payoffs_at(game, {"y": "hold", "rest": "race"}).tolist() == [[1202, 1202]]


def test_against_a_rest_of_one_the_game_is_what_it_was() -> None:
    assert against_the_rest(dilemma(), "a").payoffs.tolist() == dilemma().payoffs.tolist()
    assert against_the_rest(dilemma(), "b").payoffs.tolist() == [[[[3, 0], [5, 1]], [[3, 5], [0, 1]]]]


def test_a_player_called_rest_still_has_a_rest() -> None:
    game = normal_form(("rest", "b"), CHOICES, DILEMMA)
    assert against_the_rest(game, "rest").players == ("rest", "rest of them")


def test_what_is_a_tie_grows_with_the_spread_of_the_own_payoffs_alone() -> None:
    table = np.array(DILEMMA, dtype=float) * np.array([1, 100]).reshape(2, 1, 1) + 7
    assert tie_width(dilemma(table), 0.1).tolist() == [pytest.approx([0.5, 50])]


def test_what_rounding_makes_is_a_tie_even_at_no_tolerance() -> None:
    table = 0.1 + 0.2 + np.zeros((2, 2, 2))
    table[0, 0, 0] = 0.3
    assert (tie_width(dilemma(table), 0) > abs(0.1 + 0.2 - 0.3)).all()


@pytest.mark.parametrize(
    ("players", "strategies", "payoffs", "said"),
    [
        (["a"], [("x", "y")], np.zeros((1, 2)), r"players are \['a'\]; wanted two or more"),
        ([], [], np.zeros(0), r"players are \[\]; wanted two or more"),
        (["a", "a"], CHOICES, DILEMMA, "players: a stands twice"),
        (["a", "b"], [("x", "x"), ("x", "y")], DILEMMA, "strategies of 'a': x stands twice"),
        (["a", "b"], [(), ("x", "y")], DILEMMA, "strategies of 'a': none; wanted one or more"),
        (["a", "b"], [("x", "y")], DILEMMA, "strategies are given for 1 players; wanted one list for each of 2"),
        (["a", "b"], CHOICES, np.zeros((2, 2)), r"shape \(2, 2\); wanted \(2, 2, 2\)"),
        (["a", "b"], CHOICES, np.zeros((0, 2, 2, 2)), r"shape \(0, 2, 2, 2\); wanted \(2, 2, 2\)"),
        (["a", "b"], CHOICES, np.zeros((4, 2, 2, 3)), r"shape \(4, 2, 2, 3\); wanted \(2, 2, 2\)"),
    ],
)
def test_what_is_no_game_is_refused(players: list[str], strategies: list[tuple], payoffs: object, said: str) -> None:
    with pytest.raises(GameError, match=said):
        normal_form(players, strategies, payoffs)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_payoff_that_is_no_number_is_named_with_its_place(value: float) -> None:
    table = np.zeros((3, 2, 2, 2))
    table[2, 1, 0, 1] = value
    with pytest.raises(GameError, match=rf"payoff of 'b' at \(restrain, race\) in draw 2 is {value}; wanted a finite"):
        dilemma(table)


@pytest.mark.parametrize(
    ("profile", "kind", "said"),
    [
        ({}, GameError, "the profile is empty; wanted a strategy for each of a, b"),
        ({"a": "race"}, GameError, "the profile has no strategy for b"),
        ({"a": "race", "b": "rase"}, UnknownNameError, "player 'b': unknown strategy 'rase'; did you mean race"),
        ({"a": "race", "b": "race", "c": "race"}, UnknownNameError, "unknown player 'c'"),
    ],
)
def test_a_profile_that_means_nothing_is_refused(profile: dict[str, str], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        payoffs_at(dilemma(), profile)


def test_a_strategy_that_nobody_has_cannot_be_kept() -> None:
    with pytest.raises(UnknownNameError, match="player 'x': unknown strategy 'hole'; did you mean hold"):
        restricted(three(), ("hole", "race"))


def test_a_game_without_strategies_cannot_be_kept() -> None:
    with pytest.raises(GameError, match="strategies of 'x': none"):
        restricted(three(), ())


def test_others_who_can_do_different_things_are_no_rest() -> None:
    game = normal_form("abc", [("x", "y"), ("x", "y"), ("x", "z")], np.zeros((3, 2, 2, 2)))
    with pytest.raises(GameError, match="the rest of 'a' differ in what they can do"):
        against_the_rest(game, "a")


def test_nobody_unknown_has_a_rest() -> None:
    with pytest.raises(UnknownNameError, match="unknown player 'w'"):
        against_the_rest(three(), "w")


@pytest.mark.parametrize("tolerance", [-0.1, 1, math.nan])
def test_a_tolerance_out_of_range_is_refused(tolerance: float) -> None:
    with pytest.raises(GameError, match=r"tolerance is .*; wanted a part of the spread"):
        tie_width(dilemma(), tolerance)
