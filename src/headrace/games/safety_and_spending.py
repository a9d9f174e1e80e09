"""Spending and safety chosen together in :mod:`headrace.games.safety_contest`, and what enmity the stakes come to."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import GameError
from headrace.games.safety_contest import chance_lost, chance_to_win, safety_in_contest

Array = NDArray[np.float64]

_SAFETIES = np.linspace(0, 1, 11)
_LOGS = np.linspace(-6, 2, 33)
"""Logarithms of other spending over that of the equilibrium at which a better reply is looked for."""


def effort_of_safety(part_taken: ArrayLike) -> Array:
    r"""Logarithm by which full safety lowers effective compute: :math:`\kappa = -\ln(1 - \tau)`.

    Args:
        part_taken: :math:`\tau`, of effective compute [1], above 0 to 1.

    Returns:
        :math:`\kappa` [1]; infinite at 1, where who is fully safe has nothing to contest with and the highest c - s
        wins.

    Raises:
        GameError: A part out of range.
    """
    taken = np.asarray(part_taken, dtype=np.float64)
    if not ((taken > 0) & (taken <= 1)).all():
        raise GameError(f"part that safety takes runs from {taken.min():g} to {taken.max():g}; wanted above 0 to 1")
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log1p(-taken))


def enmity_of_stakes(
    prize: ArrayLike, franchise: ArrayLike, franchise_at_stake: ArrayLike, loss_aversion: ArrayLike
) -> Array:
    r"""Enmity if ruin takes the whole franchise and a rival's win takes a part of it.

    .. math:: e = \frac{u_{win} - u_{rival}}{u_{win} - u_{ruin}} = \frac{V + \lambda \omega F}{V + \lambda F}

    That ruin takes the franchise and no more is an assumption; what a builder owes to anybody else is left out.

    Args:
        prize: V [USD bn], >= 0.
        franchise: F [USD bn], > 0.
        franchise_at_stake: :math:`\omega`, what a rival's win takes of it [1], 0..1.
        loss_aversion: :math:`\lambda` [1], >= 1.

    Returns:
        e [1], 0..1.

    Raises:
        GameError: A part at stake outside 0..1.
    """
    part = np.asarray(franchise_at_stake, dtype=np.float64)
    if not ((part >= 0) & (part <= 1)).all():
        raise GameError(f"franchise at stake runs from {part.min():g} to {part.max():g}; wanted a part from 0 to 1")
    feared = np.asarray(loss_aversion) * np.asarray(franchise)
    return np.asarray((prize + part * feared) / (prize + feared))


def spending_over_pool(
    racers: int,
    enmity: ArrayLike,
    decisiveness: ArrayLike,
    effort: float,
    largest_capability: float,
    elasticity: ArrayLike,
) -> Array:
    r"""Spend over the pool of full trust at which nobody gains by spending, or keeping, a little more or less.

    .. math:: X / \Pi = s \left\{\beta \left[1 - e \frac{n - 1}{n}\right] + \frac{e n k}{\kappa}\right\}

    With e = 1, s = 1 and builders alike it is :math:`[r (n - 1) + \beta] / n`, the stage game of the loop.

    Args:
        racers: n, >= 2.
        enmity: e [1], 0..1.
        decisiveness: r of the share contest, on effective compute [1], > 0.
        effort: :math:`\kappa` [1], > 0, finite.
        largest_capability: :math:`\mu`, in units of what full safety costs [1], > 0.
        elasticity: :math:`\beta` of the pool [1], 0..1.

    Returns:
        The ratio [1].

    Raises:
        GameError: An argument out of range.
    """
    _finite(effort)
    lost = chance_lost(racers, np.asarray(decisiveness) * effort, largest_capability)
    safety = safety_in_contest(racers, enmity, lost)
    hostile = np.asarray(enmity)
    shared = np.asarray(elasticity) * (1 - hostile * (racers - 1) / racers)
    return np.asarray(safety * (shared + hostile * racers * lost / effort))


def gain_from_leaving(
    racers: int, enmity: float, decisiveness: float, effort: float, largest_capability: float, elasticity: float
) -> float:
    r"""The most that a builder gains by other spending and other safety, or by spending nothing, in parts of the pool.

    Looked for among 33 levels of spending from :math:`e^{-6}` to :math:`e^{2}` times its own, each with 11 safeties,
    and at no spending. Where it is more than rounding, the first-order conditions of :func:`spending_over_pool` are no
    equilibrium and there is no symmetric one in pure strategies.

    Args:
        racers: n, >= 2.
        enmity: e [1], 0..1.
        decisiveness: r [1], > 0.
        effort: :math:`\kappa` [1], > 0, finite.
        largest_capability: :math:`\mu` [1], > 0.
        elasticity: :math:`\beta` [1], 0..1.

    Raises:
        GameError: An argument out of range.
    """
    ratio = float(spending_over_pool(racers, enmity, decisiveness, effort, largest_capability, elasticity))
    sharp = decisiveness * effort
    safety = float(safety_in_contest(racers, enmity, chance_lost(racers, sharp, largest_capability)))
    spent = ratio / racers
    logs, kept = _LOGS[:, np.newaxis], _SAFETIES
    chance = chance_to_win(racers, sharp, largest_capability, logs / effort + safety - kept)
    pool = ((racers - 1 + np.exp(logs)) / racers) ** elasticity
    others = (1 - enmity) * safety
    value = pool * (others + chance * (kept - others)) - spent * np.exp(logs)
    nothing = ((racers - 1) / racers) ** elasticity * others
    stays = others + (safety - others) / racers - spent
    return float(max(value.max(), nothing) - stays)


def _finite(effort: float) -> None:
    if not 0 < effort < np.inf:
        raise GameError(
            f"what safety takes is {effort} in logarithms; wanted more than 0 and finite: where it takes all, spending "
            "sways no race"
        )
