r"""Trust in the share contest: who skimps on safety is ahead, and the winner's safety is the chance of any pie.

Each of n builders spends x and keeps a safety s from 0 to 1, and has a capability c, uniform from 0 to :math:`\mu` and
known to nobody. Full safety takes the part :math:`1 - e^{-\kappa}` of a builder's effective compute:

.. math:: \pi_i = A X^\beta \left[p_i s_i + (1 - e) \sum_{j \ne i} p_j s_j\right] - x_i, \quad
    p_i = \frac{(x_i e^{\kappa (c_i - s_i)})^r}{\sum_j (x_j e^{\kappa (c_j - s_j)})^r}

Trust, :math:`\sum_j p_j s_j`, is an input of all, and who skimps draws on it. With e = 1, s = 1 and nothing to tell
builders apart this is the stage game of the loop. With spending alike and :math:`R = r \kappa` beyond all bounds the
highest c - s wins: the race of :mod:`headrace.games.safety_race`.

A share of :math:`e^{R y_i} / \sum_j e^{R y_j}` is the chance that :math:`y_i` and luck of a Gumbel distribution of
scale 1/R are the highest sum (McFadden 1974), so n capabilities come to one integral. With :math:`m = R \mu`,
:math:`G(u) = \exp(-e^{-u})` for luck and :math:`H(u) = [E_1(e^{-u}) - E_1(e^{m - u})] / m` for a rival's sum:

.. math:: P(d) = \int \frac{G(u - R d) - G(u - R d - m)}{m} H(u)^{n - 1} du
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import exp1

from headrace.errors import GameError

Array = NDArray[np.float64]

_STEP = 0.25
"""Of the trapezoid rule in u: its error on such integrands is below that of the arithmetic."""

_BELOW, _ABOVE = -5.0, 40.0
"""Where luck in units of its scale cannot be found, 1e-64, and where it is found for certain, 1e-17."""

_LARGEST_EXPONENT = 700.0
"""Exponents beyond it overflow; what they would say is nothing long before."""


def chance_to_win(racers: int, decisiveness: float, largest_capability: float, lead: ArrayLike) -> Array:
    r"""Chance of a builder whose strength without capability is ahead of that of all others, who are alike.

    Args:
        racers: n, >= 2.
        decisiveness: R, by which strength counts [1/unit of safety], > 0; infinite where the highest wins.
        largest_capability: :math:`\mu`, in units of what full safety costs [1], > 0.
        lead: d [unit of safety], negative where it is behind.

    Returns:
        P(d) [1], with the axes of ``lead``; 1/n at 0.

    Raises:
        GameError: An argument out of range.

    Source:
        McFadden (1974), Frontiers in Econometrics, 105-142.
    """
    _in_range(racers, largest_capability, np.asarray(decisiveness))
    ahead = np.asarray(lead, dtype=np.float64)
    if math.isinf(decisiveness):
        part = np.clip(ahead / largest_capability, -1, 1)
        return np.where(part < 0, (1 + part) ** racers / racers, (1 - np.abs(part) ** racers) / racers + np.abs(part))
    spread = decisiveness * largest_capability
    shift = decisiveness * ahead[..., np.newaxis]
    reach = float(np.abs(shift).max(initial=0.0))
    sums = np.arange(_BELOW - reach, spread + _ABOVE + reach, _STEP)
    own = (_luck(sums - shift) - _luck(sums - shift - spread)) / spread
    return np.asarray(_STEP * (own * _rival(sums, spread) ** (racers - 1)).sum(axis=-1))


def chance_lost(racers: int, decisiveness: ArrayLike, largest_capability: float) -> Array:
    r"""Chance of winning that a unit of safety costs where all keep the same: :math:`k = P'(0)`.

    .. math:: k = \frac{(n - 1) R}{m^2} \int [G(u) - G(u - m)]^2 H(u)^{n - 2} du

    It is :math:`R (n - 1) / n^2` for builders alike in capability and :math:`1 / \mu` where the highest wins.

    Args:
        racers: n, >= 2.
        decisiveness: R [1/unit of safety], > 0; infinite where the highest wins.
        largest_capability: :math:`\mu`, in units of what full safety costs [1], > 0.

    Returns:
        k [1/unit of safety], with the axes of ``decisiveness``.

    Raises:
        GameError: An argument out of range.
    """
    sharp = np.asarray(decisiveness, dtype=np.float64)
    _in_range(racers, largest_capability, sharp)
    values, place = np.unique(sharp * largest_capability, return_inverse=True)
    found = np.array([1.0 if np.isinf(spread) else _of_winner_takes_all(racers, spread) for spread in values])
    return np.asarray(found[place].reshape(sharp.shape) / largest_capability)


def safety_in_contest(racers: int, enmity: ArrayLike, lost: ArrayLike) -> Array:
    r"""Safety that nobody gains by leaving if nobody knows a capability; it is the chance that all goes well.

    .. math:: s = \min\left(1, \frac{1}{n e k}\right)

    It always is an equilibrium and the only symmetric one. A builder that keeps s + h gets
    :math:`(1 - e) s + P(-h) (e s + h)`. P is a convolution of log-concave functions, hence log-concave (Prékopa 1973),
    so the product has one peak, which the first-order condition finds. All together would keep full safety: where all
    keep the same, none of it costs a chance.

    Args:
        racers: n, >= 2.
        enmity: e [1], 0..1: what a rival's win costs of what ruin costs.
        lost: k of :func:`chance_lost` [1/unit of safety], > 0.

    Returns:
        s [1], 0..1.

    Raises:
        GameError: An argument out of range.

    Source:
        Armstrong, Bostrom and Shulman (2016), AI & Society 31, 201-206, for which k is :math:`1 / \mu`.
    """
    hostile = _enmity(enmity)
    _racers(racers)
    return np.asarray(1 / np.maximum(1, racers * hostile * np.asarray(lost)))


def least_tax(racers: int, enmity: ArrayLike, decisiveness: float, largest_capability: float) -> Array:
    r"""Least tax on each unit of safety not kept, or reward for each kept, at which full safety of all holds.

    .. math:: \tau = \max\left(0, \max_{0 < d \le 1} \frac{P(d) (e - d) - e / n}{d}\right)

    For small d it is :math:`e k - 1 / n`. Larger steps are looked at by 64ths: with a tax they can pay where small
    ones do not.

    Args:
        racers: n, >= 2.
        enmity: e [1], 0..1.
        decisiveness: R [1/unit of safety], > 0.
        largest_capability: :math:`\mu` [1], > 0.

    Returns:
        Part of the whole pie for a unit of safety of one builder [1], with the axes of ``enmity``.

    Raises:
        GameError: An argument out of range.
    """
    hostile = _enmity(enmity)
    skimped = np.arange(1, 65) / 64
    chance = chance_to_win(racers, decisiveness, largest_capability, skimped)
    wide = hostile[..., np.newaxis]
    far = ((chance * (wide - skimped) - wide / racers) / skimped).max(axis=-1)
    near = hostile * chance_lost(racers, decisiveness, largest_capability) - 1 / racers
    return np.asarray(np.maximum(0, np.maximum(near, far)))


def enmity_that_costs(racers: int, lost: ArrayLike, cost: ArrayLike) -> Array:
    r"""Enmity at which racing takes a chance that all goes well: :math:`e = 1 / [n k (1 - cost)]`.

    Args:
        racers: n, >= 2.
        lost: k of :func:`chance_lost` [1/unit of safety], > 0.
        cost: Chance taken [1], 0..1 without 1.

    Returns:
        e [1]; NaN where even an enmity of 1 does not cost so much.

    Raises:
        GameError: A cost out of range, or fewer than two racers.
    """
    _racers(racers)
    taken = np.asarray(cost, dtype=np.float64)
    if not ((taken >= 0) & (taken < 1)).all():
        raise GameError(f"cost runs from {taken.min()} to {taken.max()}; wanted a chance from 0 to less than 1")
    needed = 1 / (racers * np.asarray(lost) * (1 - taken))
    return np.where(needed <= 1, needed, np.nan)


def spread_borne(racers: int, enmity: float, largest_capability: float) -> float:
    r"""Largest :math:`m = R \mu` at which all keep full safety: the root of :math:`n e k \mu = \mu`.

    Args:
        racers: n, >= 2.
        enmity: e [1], 0..1.
        largest_capability: :math:`\mu` [1], > 0.

    Returns:
        m [1]; infinite where full safety holds even if the highest wins.

    Raises:
        GameError: An argument out of range.
    """
    _in_range(racers, largest_capability, np.ones(1))
    full = float(largest_capability / (racers * float(_enmity(enmity)))) if enmity else math.inf
    if full >= 1:
        return math.inf
    low, high = 0.0, 1.0
    while _of_winner_takes_all(racers, high) < full:
        low, high = high, 2 * high
    for _ in range(52):
        middle = (low + high) / 2
        low, high = (middle, high) if _of_winner_takes_all(racers, middle) < full else (low, middle)
    return high


def _of_winner_takes_all(racers: int, spread: float) -> float:
    """What a unit of safety costs in chance, of what it costs where the highest wins: k μ, 0 to 1 in m."""
    sums = np.arange(_BELOW, spread + _ABOVE, _STEP)
    inside = _luck(sums) - _luck(sums - spread)
    return float((racers - 1) / spread * _STEP * np.sum(inside**2 * _rival(sums, spread) ** (racers - 2)))


def _luck(scaled: Array) -> Array:
    return np.asarray(np.exp(-np.exp(np.minimum(-scaled, _LARGEST_EXPONENT))))


def _rival(sums: Array, spread: float) -> Array:
    """Chance that a rival's capability and luck are no more than this, in units of luck."""
    return np.asarray(np.clip((_luck_up_to(sums) - _luck_up_to(sums - spread)) / spread, 0, 1))


def _luck_up_to(scaled: Array) -> Array:
    """Integral of :func:`_luck` from below: :math:`E_1(e^{-u})`, which is u less Euler's constant from 40 on."""
    near = exp1(np.exp(np.clip(-scaled, -_ABOVE, _LARGEST_EXPONENT)))
    return np.where(scaled > _ABOVE, scaled - np.euler_gamma, near)


def _enmity(values: ArrayLike) -> Array:
    hostile = np.asarray(values, dtype=np.float64)
    if not ((hostile >= 0) & (hostile <= 1)).all():
        raise GameError(
            f"enmity runs from {hostile.min():g} to {hostile.max():g}; wanted 0, as glad if another wins, to 1, as bad "
            "as ruin"
        )
    return hostile


def _racers(racers: int) -> None:
    if racers < 2:
        raise GameError(f"racers are {racers}; wanted 2 or more: one alone has nobody to race")


def _in_range(racers: int, largest_capability: float, decisiveness: Array) -> None:
    _racers(racers)
    if not 0 < largest_capability < math.inf:
        raise GameError(f"largest capability is {largest_capability}; wanted more than 0")
    if not (decisiveness > 0).all():
        raise GameError(f"decisiveness falls to {decisiveness.min()}; wanted more than 0")
