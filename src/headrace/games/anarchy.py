"""What it costs that nobody decides for all: payoffs lost, and spending above what all together would choose."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import GameError
from headrace.games.normal_form import TIE, Game
from headrace.games.pure_equilibria import is_equilibrium


def price_of_anarchy(game: Game, tolerance: float = TIE) -> NDArray[np.float64]:
    """Joint payoff at its best profile over joint payoff at the worst pure equilibrium: (draw,) [1], >= 1.

    Payoffs have to share a unit. NaN where a draw has no pure equilibrium or its worst one pays nothing or less: no
    ratio says how bad a loss is, so use :func:`payoff_lost`.

    Args:
        game: Any.
        tolerance: Part of the spread of payoffs that counts as no gain [1].

    Raises:
        GameError: A tolerance outside its range.

    Source:
        Koutsoupias and Papadimitriou (1999), STACS, 404-413.
    """
    best, worst = _best_and_worst(game, tolerance)
    return np.divide(best, worst, out=np.full_like(best, np.nan), where=worst > 0)


def payoff_lost(game: Game, tolerance: float = TIE) -> NDArray[np.float64]:
    """Joint payoff at its best profile less that at the worst pure equilibrium: (draw,), >= 0, in its unit.

    NaN where a draw has no pure equilibrium.

    Args:
        game: Any.
        tolerance: Part of the spread of payoffs that counts as no gain [1].

    Raises:
        GameError: A tolerance outside its range.
    """
    best, worst = _best_and_worst(game, tolerance)
    return best - worst


def overspend(game: Game, spending: ArrayLike, tolerance: float = TIE) -> NDArray[np.float64]:
    """Joint spending at the pure equilibrium that spends most, over that at the profile with the best joint payoff.

    Args:
        game: Any, payoffs in one unit.
        spending: Of all players together by profile, > 0, in any unit: (strategy of the first player, ..., strategy of
            the last), or that after an axis of draws.
        tolerance: Part of the spread of payoffs that counts as no gain [1].

    Returns:
        (draw,) [1]; NaN where a draw has no pure equilibrium. Of several best profiles the one that spends least.

    Raises:
        GameError: Spending of another shape, or not above zero; a tolerance outside its range.
    """
    joint = game.payoffs.sum(axis=1)
    spent = np.asarray(spending, dtype=np.float64)
    if spent.shape not in (joint.shape, joint.shape[1:]):
        raise GameError(f"spending has the shape {spent.shape}; wanted {joint.shape[1:]} or {joint.shape}")
    if not (np.isfinite(spent) & (spent > 0)).all():
        raise GameError(f"spending falls to {spent.min()}; wanted numbers above 0: a ratio to nothing says nothing")
    spent = np.broadcast_to(spent, joint.shape)
    every = tuple(range(1, joint.ndim))
    best = joint >= joint.max(axis=every, keepdims=True)
    together = np.where(best, spent, np.inf).min(axis=every)
    stable = is_equilibrium(game, tolerance)
    apart = np.where(stable, spent, -np.inf).max(axis=every)
    return np.where(stable.any(axis=every), apart / together, np.nan)


def _best_and_worst(game: Game, tolerance: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    joint = game.payoffs.sum(axis=1)
    every = tuple(range(1, joint.ndim))
    stable = is_equilibrium(game, tolerance)
    worst = np.where(stable, joint, np.inf).min(axis=every)
    return joint.max(axis=every), np.where(stable.any(axis=every), worst, np.nan)
