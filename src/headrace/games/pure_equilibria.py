"""Profiles from which nobody gains by leaving alone, found by looking at every one of them."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from headrace.games.normal_form import TIE, Game, tie_width


def deviation_gain(game: Game) -> NDArray[np.float64]:
    r"""What each player gains by its best reply instead of what it does, the others staying.

    .. math:: \max_{t} u_i(t, s_{-i}) - u_i(s) \ge 0

    At a profile of restraint this is the least side payment, fine or tax on the deviation that makes a player stay.

    Args:
        game: Any.

    Returns:
        (draw, player, strategy of the first player, ..., strategy of the last), >= 0, in the unit of the payoffs.

    Source:
        Nash (1951), Annals of Mathematics 54(2), 286-295.
    """
    best = [game.payoffs[:, place].max(axis=place + 1, keepdims=True) for place in range(len(game.players))]
    return np.stack([top - game.payoffs[:, place] for place, top in enumerate(best)], axis=1)


def is_equilibrium(game: Game, tolerance: float = TIE) -> NDArray[np.bool_]:
    """Whether a profile is a Nash equilibrium: (draw, strategy of the first player, ..., strategy of the last).

    Args:
        game: Any.
        tolerance: Part of the spread of payoffs that counts as no gain [1].

    Raises:
        GameError: A tolerance outside its range.
    """
    width = tie_width(game, tolerance)
    gain = deviation_gain(game)
    return np.asarray((gain <= width.reshape(*width.shape, *[1] * len(game.players))).all(axis=1))


def equilibrium_shares(game: Game, tolerance: float = TIE) -> dict[tuple[str, ...], float]:
    """Share of draws in which a profile is an equilibrium [1], likeliest first; profiles that never are stay out.

    Shares sum to the mean number of equilibria, not to one: a draw may have several, or none.

    Args:
        game: Any.
        tolerance: Part of the spread of payoffs that counts as no gain [1].

    Raises:
        GameError: A tolerance outside its range.
    """
    share = is_equilibrium(game, tolerance).mean(axis=0).ravel()
    known = dict(zip(product(*game.strategies), map(float, share), strict=True))
    return dict(sorted(((profile, part) for profile, part in known.items() if part > 0), key=lambda item: -item[1]))
