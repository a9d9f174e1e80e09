"""Whether restraint lasts when the same game is played again and again: how patient, and how soon seen.

A grim trigger: all restrain until somebody is seen not to, then all play the one-shot equilibrium for ever.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import GameError

Array = NDArray[np.float64]


def critical_discount_factor(temptation: ArrayLike, reward: ArrayLike, punishment: ArrayLike) -> Array:
    r"""Discount factor from which on a grim trigger holds.

    .. math:: \delta^* = \frac{\pi_D - \pi_C}{\pi_D - \pi_N}

    Args:
        temptation: :math:`\pi_D`, of who leaves while the others restrain, a period, in any unit.
        reward: :math:`\pi_C`, of who restrains with the others, in the same unit.
        punishment: :math:`\pi_N`, once nobody restrains, in the same unit.

    Returns:
        :math:`\delta^*` [1] of the period, with the axes of the payoffs: 0 where nothing tempts, infinite where
        something does and the punishment is no worse than restraint, so that no patience is enough.

    Raises:
        GameError: A payoff that is no finite number.

    Source:
        Friedman (1971), Review of Economic Studies 38(1), 1-12.
    """
    tempting, rewarding, punishing = np.broadcast_arrays(
        *(_finite(name, values) for name, values in
          (("temptation", temptation), ("reward", reward), ("punishment", punishment)))
    )  # fmt: skip
    gain = tempting - rewarding
    factor = np.divide(gain, tempting - punishing, out=np.full(gain.shape, np.inf), where=rewarding > punishing)
    return np.where(gain <= 0, 0, factor)


def longest_detection_lag(discount_factor: ArrayLike, critical: ArrayLike) -> Array:
    r"""Periods that who leaves may go unseen before restraint fails.

    .. math:: L = \frac{\ln \delta^*}{\ln \delta}, \quad \text{for} \quad \delta^L \ge \delta^*

    The temptation is paid for L periods, the punishment from then on; seen at once is a lag of one period.

    Args:
        discount_factor: :math:`\delta` of a period [1], in (0, 1).
        critical: :math:`\delta^*` [1], >= 0, as :func:`critical_discount_factor` has it.

    Returns:
        L [period]: below 1 where restraint fails even if seen at once, 0 where no patience would be enough, infinite
        where nothing tempts.

    Raises:
        GameError: A discount factor outside (0, 1), or a critical one that is negative or no number.
    """
    patience, needed = np.broadcast_arrays(np.asarray(discount_factor, float), np.asarray(critical, float))
    if not ((patience > 0) & (patience < 1)).all():
        raise GameError(
            f"discount factor is {_first(patience, (patience > 0) & (patience < 1))}; wanted one inside 0 to 1, such "
            "as 1 / (1 + rate of the period)"
        )
    if not (needed >= 0).all():
        raise GameError(f"critical discount factor is {_first(needed, needed >= 0)}; wanted 0 or more")
    with np.errstate(divide="ignore"):
        lag = np.log(np.minimum(needed, 1)) / np.log(patience)
    return np.asarray(np.abs(lag))


def _finite(name: str, values: ArrayLike) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise GameError(f"{name} is {_first(array, np.isfinite(array))}; wanted a finite number")
    return array


def _first(values: Array, good: NDArray[np.bool_]) -> float:
    return float(values[~good].ravel()[0])
