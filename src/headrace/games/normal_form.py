"""A game as a table of payoffs: who plays, what each can do, and what each then gets in every draw.

Names are checked once, here; what is computed from a game may rely on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import GameError, unknown_name

TIE = 1e-9
"""Part of the spread of a player's payoffs below which two of them are the same to it."""


@dataclass(frozen=True)
class Game:
    """A simultaneous game of two or more players, in every draw; made by :func:`normal_form`.

    Attributes:
        players: Names.
        strategies: Names by player.
        payoffs: (draw, player, strategy of the first player, ..., strategy of the last), in a unit that may differ
            between players.
    """

    players: tuple[str, ...]
    strategies: tuple[tuple[str, ...], ...]
    payoffs: NDArray[np.float64]


def normal_form(players: Sequence[str], strategies: Sequence[Sequence[str]], payoffs: ArrayLike) -> Game:
    """A game from its table.

    Args:
        players: Names, two or more.
        strategies: Names by player, one or more each.
        payoffs: (player, strategy of the first player, ..., strategy of the last), finite, in any unit; a leading axis
            of draws may come before.

    Raises:
        GameError: A player alone, no strategy, a name twice, another shape, or a payoff that is no number.
    """
    names, choices = tuple(players), tuple(tuple(own) for own in strategies)
    if len(names) < 2:
        raise GameError(f"players are {list(names)}; wanted two or more: what one does alone is a choice, not a game")
    _no_name_twice("players", names)
    if len(choices) != len(names):
        raise GameError(f"strategies are given for {len(choices)} players; wanted one list for each of {len(names)}")
    for name, own in zip(names, choices, strict=True):
        if not own:
            raise GameError(f"strategies of {name!r}: none; wanted one or more")
        _no_name_twice(f"strategies of {name!r}", own)
    return Game(names, choices, _table(names, choices, payoffs))


def player_index(game: Game, player: str) -> int:
    """Place of a player on the axis of players.

    Raises:
        UnknownNameError: Nobody has that name.
    """
    if player not in game.players:
        raise unknown_name("player", player, game.players)
    return game.players.index(player)


def profile_index(game: Game, profile: Mapping[str, str]) -> tuple[int, ...]:
    """Place of a profile on the axes of strategies.

    Args:
        game: Any.
        profile: Strategy by player, of all players.

    Raises:
        GameError: The profile is empty or leaves a player out.
        UnknownNameError: A player or a strategy that the game does not have.
    """
    if not profile:
        raise GameError(f"the profile is empty; wanted a strategy for each of {', '.join(game.players)}")
    for name in profile:
        player_index(game, name)
    missing = [name for name in game.players if name not in profile]
    if missing:
        raise GameError(f"the profile has no strategy for {', '.join(missing)}; wanted one for every player")
    return tuple(
        _strategy_index(name, own, profile[name]) for name, own in zip(game.players, game.strategies, strict=True)
    )


def payoffs_at(game: Game, profile: Mapping[str, str]) -> NDArray[np.float64]:
    """What each player gets under one profile: (draw, player).

    Raises:
        GameError: As :func:`profile_index`.
        UnknownNameError: As :func:`profile_index`.
    """
    where: tuple[Any, ...] = (..., *profile_index(game, profile))
    return np.asarray(game.payoffs[where])


def own_payoffs(game: Game, player: str) -> NDArray[np.float64]:
    """What one player gets: (draw, own strategy, profile of all others, the last of them varying fastest).

    Raises:
        UnknownNameError: Nobody has that name.
    """
    place = player_index(game, player)
    own = np.moveaxis(game.payoffs[:, place], place + 1, 1)
    return np.asarray(own.reshape(*own.shape[:2], -1))


def restricted(game: Game, strategies: Sequence[str]) -> Game:
    """The same game when each player may only do what is named, in the order named.

    Args:
        game: Any.
        strategies: Names that every player has.

    Raises:
        GameError: No strategy, or one twice.
        UnknownNameError: A strategy that some player does not have.
    """
    payoffs = game.payoffs
    for place, (name, own) in enumerate(zip(game.players, game.strategies, strict=True)):
        kept = [_strategy_index(name, own, strategy) for strategy in strategies]
        payoffs = np.take(payoffs, kept, axis=place + 2)
    return normal_form(game.players, [strategies] * len(game.players), payoffs)


def tie_width(game: Game, tolerance: float = TIE) -> NDArray[np.float64]:
    """Difference of payoffs up to which they count as equal: (draw, player), in the unit of each player's payoffs.

    It scales with the spread of a player's payoffs, so no unit and no constant added to them changes what is a tie;
    what rounding alone can make is always one.

    Args:
        game: Any.
        tolerance: Part of the spread [1], in [0, 1).

    Raises:
        GameError: A tolerance outside its range.
    """
    if not 0 <= tolerance < 1:
        raise GameError(f"tolerance is {tolerance}; wanted a part of the spread of payoffs, from 0 to below 1")
    flat = game.payoffs.reshape(*game.payoffs.shape[:2], -1)
    rounding = 64 * np.finfo(float).eps * np.abs(flat).max(axis=-1)
    return np.asarray(np.maximum(tolerance * np.ptp(flat, axis=-1), rounding))


def _strategy_index(player: str, own: Sequence[str], strategy: str) -> int:
    if strategy not in own:
        raise unknown_name("strategy", strategy, own, f"player {player!r}")
    return list(own).index(strategy)


def _no_name_twice(what: str, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise GameError(f"{what}: {', '.join(twice)} stands twice; wanted each name once")


def _table(
    players: tuple[str, ...], strategies: tuple[tuple[str, ...], ...], payoffs: ArrayLike
) -> NDArray[np.float64]:
    table = np.array(payoffs, dtype=np.float64)
    wanted = (len(players), *(len(own) for own in strategies))
    if table.shape == wanted:
        table = table[np.newaxis]
    if table.shape[1:] != wanted or not len(table):
        raise GameError(
            f"payoffs have the shape {table.shape}; wanted {wanted}, which is (player, strategies of each), or that "
            "after an axis of draws"
        )
    if not np.isfinite(table).all():
        draw, player, *profile = (int(place) for place in np.argwhere(~np.isfinite(table))[0])
        named = ", ".join(own[place] for own, place in zip(strategies, profile, strict=True))
        raise GameError(
            f"payoff of {players[player]!r} at ({named}) in draw {draw} is {table[(draw, player, *profile)]}; wanted a "
            "finite number: leave out draws that ended early"
        )
    table.setflags(write=False)
    return table
