"""S9: the prisoner's dilemma (3, 0, 5, 1), coordination, chicken and matching pennies.

Expected: each is called by its name; the dilemma has one equilibrium, coordination and chicken three, pennies one, in
    which both mix by 1/2; who coordinates on 2 or 1 mixes by 1/3, who plays chicken for 7, 6, 2 and 0 by 2/3.
Source: Nisan and others (2007), Algorithmic Game Theory, chapter 1; Nashpy, <https://nashpy.readthedocs.io>.

Who mixes makes the other indifferent. Coordination: 2 p = 1 - p, p = 1/3. Chicken: 6 p + 2 (1 - p) = 7 p, p = 2/3.
Pennies: p - (1 - p) = (1 - p) - p, p = 1/2. In the dilemma 5 > 3 and 1 > 0, so nobody ever plays the first strategy.
"""

from __future__ import annotations

import pytest

from headrace.games.mixed_equilibria import mixed_equilibria
from headrace.games.normal_form import Game, normal_form
from headrace.games.pure_equilibria import equilibrium_shares
from headrace.games.two_by_two import game_class

GAMES = {
    "prisoners_dilemma": [[[3, 0], [5, 1]], [[3, 5], [0, 1]]],
    "coordination": [[[2, 0], [0, 1]], [[2, 0], [0, 1]]],
    "chicken": [[[6, 2], [7, 0]], [[6, 7], [2, 0]]],
    "matching_pennies": [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]],
}
PURE = {
    "prisoners_dilemma": {"BB"},
    "coordination": {"AA", "BB"},
    "chicken": {"AB", "BA"},
    "matching_pennies": set(),
}
FIRST = {
    "prisoners_dilemma": [(0, 0)],
    "coordination": [(1, 1), (1 / 3, 1 / 3), (0, 0)],
    "chicken": [(1, 0), (2 / 3, 2 / 3), (0, 1)],
    "matching_pennies": [(1 / 2, 1 / 2)],
}
"""Chance of the first strategy, by player, in every equilibrium."""

COUNTS = {"prisoners_dilemma": 1, "coordination": 3, "chicken": 3, "matching_pennies": 1}


def game(name: str) -> Game:
    return normal_form(("row", "column"), ["AB", "AB"], GAMES[name])


@pytest.mark.parametrize("name", GAMES)
def test_each_is_called_by_its_name(name: str) -> None:
    assert game_class(game(name)).tolist() == [name]


@pytest.mark.parametrize("name", GAMES)
def test_every_pure_equilibrium_is_found(name: str) -> None:
    assert {"".join(profile) for profile in equilibrium_shares(game(name))} == PURE[name]


@pytest.mark.parametrize("name", GAMES)
def test_every_equilibrium_is_found_and_no_other(name: str) -> None:
    found = mixed_equilibria(game(name))
    assert len(found) == COUNTS[name]
    for one, chances in zip(found, FIRST[name], strict=True):
        assert tuple(played["A"] for played in one.probabilities.values()) == pytest.approx(chances)
