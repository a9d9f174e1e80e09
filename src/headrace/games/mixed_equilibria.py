"""Every equilibrium of a game of two, mixed ones by Nashpy's enumeration of vertices.

Where a game is degenerate its equilibria form pieces; the corners of all pieces are listed, from which the rest follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from nashpy.algorithms.vertex_enumeration import vertex_enumeration
from numpy.typing import NDArray

from headrace.errors import GameError
from headrace.games.normal_form import TIE, Game
from headrace.games.pure_equilibria import is_equilibrium

Array = NDArray[np.float64]

_SAME = 1e-6
"""Difference of probabilities that makes no other equilibrium."""


@dataclass(frozen=True)
class MixedEquilibrium:
    """Probabilities from which neither player gains by leaving.

    Attributes:
        probabilities: By player and strategy [1].
        payoffs: Expected, by player, in the unit of each player's payoffs.
    """

    probabilities: dict[str, dict[str, float]]
    payoffs: dict[str, float]


def mixed_equilibria(game: Game, draw: int = 0) -> tuple[MixedEquilibrium, ...]:
    """Every equilibrium of one draw, those that play the first strategies most first.

    Args:
        game: Of two players, any number of strategies.
        draw: Which one.

    Raises:
        GameError: More than two players, one who has a single strategy, no such draw, or a player to whom all payoffs
            are equal: whatever it does is then part of an equilibrium, and a list of them says nothing.

    Source:
        Nisan and others (2007), Algorithmic Game Theory, algorithm 3.5; <https://nashpy.readthedocs.io>.
    """
    if len(game.players) != 2:
        raise GameError(
            f"the game has {len(game.players)} players; wanted two: set one player against the rest, or look for pure "
            "equilibria"
        )
    for name, own in zip(game.players, game.strategies, strict=True):
        if len(own) < 2:
            raise GameError(f"{name!r} can only {own[0]!r}; wanted two strategies or more, for one has nothing to mix")
    if not 0 <= draw < len(game.payoffs):
        raise GameError(f"draw is {draw}; wanted 0 to {len(game.payoffs) - 1}")
    payoffs = game.payoffs[draw]
    scaled = [_between_one_and_two(own, name) for own, name in zip(payoffs, game.players, strict=True)]
    # pure ones come from a plain search: enumeration may pass by one that is all but tied with another reply
    stable = is_equilibrium(replace(game, payoffs=payoffs[np.newaxis]))[0]
    rows, columns = (np.eye(len(own)) for own in game.strategies)
    found: list[tuple[Array, Array]] = [(rows[row], columns[column]) for row, column in np.argwhere(stable)]
    for row, column in vertex_enumeration(*scaled):
        pair = np.clip(row, 0, 1), np.clip(column, 0, 1)
        if _nobody_leaves(scaled, *pair) and not any(_same(pair, other) for other in found):
            found.append(pair)
    found.sort(key=lambda pair: tuple(-np.concatenate(pair).round(6)))
    return tuple(_named(game, payoffs, pair) for pair in found)


def _between_one_and_two(own: Array, name: str) -> Array:
    """Equilibria stay what they are, and the polytopes of best replies become bounded and well scaled."""
    spread = np.ptp(own)
    if spread <= 64 * np.finfo(float).eps * np.abs(own).max():
        raise GameError(
            f"all payoffs of {name!r} are equal; wanted a player who cares: whatever it does is part of an equilibrium"
        )
    return np.asarray(1 + (own - own.min()) / spread)


def _nobody_leaves(scaled: list[Array], row: Array, column: Array) -> bool:
    """Whether a pair is an equilibrium indeed; enumeration calls payoffs equal that differ by a hundred-thousandth."""
    first, second = scaled
    gains = (first @ column).max() - row @ first @ column, (row @ second).max() - row @ second @ column
    return bool(max(gains) <= TIE)


def _same(pair: tuple[Array, Array], other: tuple[Array, Array]) -> bool:
    return all(np.abs(mine - theirs).max() <= _SAME for mine, theirs in zip(pair, other, strict=True))


def _named(game: Game, payoffs: Array, pair: tuple[Array, Array]) -> MixedEquilibrium:
    row, column = pair
    return MixedEquilibrium(
        {
            name: dict(zip(own, map(float, played), strict=True))
            for name, own, played in zip(game.players, game.strategies, pair, strict=True)
        },
        {name: float(row @ own @ column) for name, own in zip(game.players, payoffs, strict=True)},
    )
