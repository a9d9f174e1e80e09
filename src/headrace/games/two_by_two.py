"""Which game two players with two strategies each are in, by how each ranks the four outcomes.

A name is given only where both players rank as it asks, under some way of calling the strategies; nothing depends on
which is listed first. With A and B for the two strategies of each, and the own one first, a player gets AA, AB, BA, BB:

=====================  ==================================================================================
prisoners_dilemma      BA > AA > BB > AB: B is best whatever the other does, and both would rather be at AA
chicken                BA > AA > AB > BB: each wants to be the one that does not give way
stag_hunt              AA > BA >= BB > AB: AA is best for both, and B is safe
harmony                AA best, A best whatever the other does
deadlock               BA best, BB second, B best whatever the other does: nobody wants AA instead
coordination           two strict equilibria that both rank alike, and no stag hunt
battle_of_the_sexes    two strict equilibria that they rank oppositely, and no chicken
matching_pennies       somebody gains by leaving every outcome
all_equal              nobody cares
other                  anything else: ties, or two players who rank as different games
=====================  ==================================================================================

Source: Rapoport and Guyer (1966), General Systems 11, 203-214; Robinson and Goforth (2005), The Topology of the 2×2
Games, Routledge.
"""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from headrace.errors import GameError
from headrace.games.normal_form import TIE, Game, normal_form, player_index, tie_width

CLASSES = (
    "prisoners_dilemma",
    "chicken",
    "stag_hunt",
    "harmony",
    "deadlock",
    "coordination",
    "battle_of_the_sexes",
    "matching_pennies",
    "all_equal",
    "other",
)

Array = NDArray[np.float64]
Found = NDArray[np.bool_]


def game_class(game: Game, tolerance: float = TIE) -> NDArray[np.str_]:
    """Name of the game in every draw: (draw,), of :data:`CLASSES`.

    Args:
        game: Two players with two strategies each.
        tolerance: Part of the spread of payoffs that counts as a tie [1]. Differences that are ties may add up to one
            that is none; a draw that then fits two names gets the first of :data:`CLASSES`.

    Raises:
        GameError: Another number of players or strategies, or a tolerance outside its range.
    """
    _two_by_two(game)
    width = tie_width(game, tolerance)
    fits = dict.fromkeys(CLASSES, np.zeros(len(width), dtype=bool))
    for mine, theirs in product((slice(None), slice(None, None, -1)), repeat=2):
        for name, found in _so_called(game.payoffs[:, :, mine, theirs], width).items():
            fits[name] = fits[name] | found
    fits["all_equal"] = (np.ptp(game.payoffs, axis=(2, 3)) <= width).all(axis=1)
    fits["other"] = np.ones(len(width), dtype=bool)
    return np.asarray(np.array(CLASSES)[np.argmax([fits[name] for name in CLASSES], axis=0)])


def class_shares(game: Game, tolerance: float = TIE) -> dict[str, float]:
    """Share of draws in which the game has each name [1], of all :data:`CLASSES`; they sum to one.

    Args:
        game: Two players with two strategies each.
        tolerance: As :func:`game_class`.

    Raises:
        GameError: As :func:`game_class`.
    """
    found = game_class(game, tolerance)
    return {name: float(np.mean(found == name)) for name in CLASSES}


def preference(game: Game, player: str, tolerance: float = TIE) -> NDArray[np.str_]:
    """Name of the game if the other ranked outcomes as ``player`` does: (draw,), of :data:`CLASSES`.

    Here the order of strategies matters: the first of one player is the same thing to do as the first of the other.

    Args:
        game: Two players with two strategies each.
        player: Whose ranking.
        tolerance: As :func:`game_class`.

    Raises:
        GameError: As :func:`game_class`.
        UnknownNameError: Nobody has that name.
    """
    _two_by_two(game)
    place = player_index(game, player)
    own = game.payoffs[:, place] if place == 0 else game.payoffs[:, place].transpose(0, 2, 1)
    alike = np.stack([own, own.transpose(0, 2, 1)], axis=1)
    return game_class(normal_form(game.players, game.strategies, alike), tolerance)


def _two_by_two(game: Game) -> None:
    found = [len(own) for own in game.strategies]
    if found != [2, 2]:
        raise GameError(
            f"the game has {found} strategies by player; wanted two players with two each: name two strategies to "
            "keep, and set one player against the rest"
        )


def _so_called(payoffs: Array, width: Array) -> dict[str, Found]:
    """Which names fit if the first strategy of each player is A: (draw,) by name."""
    first, second = payoffs[:, 0], payoffs[:, 1].transpose(0, 2, 1)
    own = np.stack([first, second], axis=1)  # (draw, player, own strategy, that of the other)
    aa, ab, ba, bb = own[..., 0, 0], own[..., 0, 1], own[..., 1, 0], own[..., 1, 1]

    def falls(*outcomes: Array) -> Found:
        """Whether each outcome is better than the next: (draw, player)."""
        return np.asarray(np.all([better - worse > width for better, worse in pairwise(outcomes)], axis=0))

    def at_least(better: Array, worse: Array) -> Found:
        return np.asarray(better - worse >= -width)

    matches, differs = falls(aa, ba) & falls(bb, ab), falls(ba, aa) & falls(ab, bb)
    one_way, other_way = matches & falls(aa, bb), matches & falls(bb, aa)
    for_both = {
        "prisoners_dilemma": falls(ba, aa, bb, ab),
        "chicken": falls(ba, aa, ab, bb),
        "stag_hunt": falls(aa, ba) & at_least(ba, bb) & falls(bb, ab),
        "harmony": falls(aa, ba) & falls(ab, bb) & at_least(aa, ab),
        "deadlock": falls(ba, bb, aa) & falls(bb, ab),
        "coordination": matches & at_least(aa, bb),
    }
    fits = {name: np.asarray(found.all(axis=1)) for name, found in for_both.items()}
    fits["battle_of_the_sexes"] = one_way[:, 0] & other_way[:, 1]
    fits["matching_pennies"] = matches[:, 0] & differs[:, 1]
    return fits
