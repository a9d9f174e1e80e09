"""One player against all others who do the same thing: the table of two that a game of many is often spoken of as."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace.errors import GameError
from headrace.games.normal_form import Game, normal_form, player_index

REST = "rest"


def against_the_rest(game: Game, player: str) -> Game:
    """A game of two: ``player`` and the ``rest``, whose members all choose alike and get the mean of their payoffs.

    That others move together is what the table assumes, not what the full game says: an equilibrium here may be none
    there, because one of the rest alone might gain by leaving it.

    Args:
        game: Of any number of players; all but ``player`` have the same strategies.
        player: Who is set apart.

    Returns:
        Players ``player`` and ``rest``; payoffs (draw, 2, own strategy, strategy of the rest) in the game's unit.

    Raises:
        GameError: Others differ in what they can do.
        UnknownNameError: Nobody has that name.
    """
    place = player_index(game, player)
    others = [number for number in range(len(game.players)) if number != place]
    choices = {game.strategies[number] for number in others}
    if len(choices) > 1:
        raise GameError(
            f"the rest of {player!r} differ in what they can do: {sorted(choices)}; wanted the same strategies in the "
            "same order, so that they can all choose alike"
        )
    (shared,) = choices
    # moves player's own strategy to the front, then takes the diagonal on which all others choose alike
    table = np.moveaxis(game.payoffs, place + 2, 2)
    alike = np.arange(len(shared))
    diagonal: tuple[Any, ...] = (..., *[alike] * len(others))
    same = table[diagonal]
    payoffs = np.stack([same[:, place], same[:, others].mean(axis=1)], axis=1)
    name = REST if player != REST else f"{REST} of them"
    return normal_form((player, name), (game.strategies[place], shared), payoffs)
