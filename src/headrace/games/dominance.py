"""Whether one strategy is best whatever others do, or worse than another whatever they do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headrace.games.normal_form import TIE, Game, own_payoffs, player_index, tie_width


def dominant(game: Game, player: str, *, strict: bool = True, tolerance: float = TIE) -> NDArray[np.bool_]:
    """Whether a strategy dominates every other of its player: (draw, strategy).

    Args:
        game: Any.
        player: Whose strategies.
        strict: Better against every profile of the others; if not, never worse and somewhere better.
        tolerance: Part of the spread of payoffs that counts as a tie [1].

    Raises:
        GameError: A tolerance outside its range.
        UnknownNameError: Nobody has that name.
    """
    beats = _dominates(game, player, strict, tolerance)
    itself = np.eye(beats.shape[-1], dtype=bool)
    return np.asarray((beats | itself).all(axis=2))


def dominated(game: Game, player: str, *, strict: bool = True, tolerance: float = TIE) -> NDArray[np.bool_]:
    """Whether some other strategy of its player dominates a strategy: (draw, strategy).

    Args:
        game: Any.
        player: Whose strategies.
        strict: Worse against every profile of the others; if not, never better and somewhere worse.
        tolerance: Part of the spread of payoffs that counts as a tie [1].

    Raises:
        GameError: A tolerance outside its range.
        UnknownNameError: Nobody has that name.
    """
    return np.asarray(_dominates(game, player, strict, tolerance).any(axis=1))


def _dominates(game: Game, player: str, strict: bool, tolerance: float) -> NDArray[np.bool_]:
    """Whether the first strategy dominates the second: (draw, strategy, strategy)."""
    own = own_payoffs(game, player)
    width = tie_width(game, tolerance)[:, player_index(game, player), np.newaxis, np.newaxis, np.newaxis]
    lead = own[:, :, np.newaxis] - own[:, np.newaxis]
    if strict:
        return np.asarray((lead > width).all(axis=-1))
    return np.asarray((lead >= -width).all(axis=-1) & (lead > width).any(axis=-1))
