r"""The contest of :mod:`headrace.games.safety_contest` where each builder knows its own capability and no other.

A symmetric Bayes-Nash equilibrium is a safety s(c) for every capability. With strength y = c - s, a builder's value is
:math:`A(y) s + (1 - e) B(y)`: A is its chance of winning, B the safety that it may expect of a rival that wins. Luck of
a Gumbel distribution makes both one integral, so the first-order condition is exact and only s(c) between its knots is
not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.optimize import root

from headrace.errors import GameError
from headrace.games.safety_race import safety_knowing_oneself

Array = NDArray[np.float64]

LARGEST_SPREAD = 100.0
"""Decisiveness × largest capability up to which the knots resolve what luck smooths."""

_KNOTS = 33
_SAFETIES = 101
"""At which a better reply is looked for."""

_STEP = 0.25
_LUCKIEST = 40.0
_LARGEST_EXPONENT = 700.0


@dataclass(frozen=True)
class Informed:
    """What builders choose who know themselves.

    Attributes:
        capability: Knots from 0 to the largest, (knot,) [1].
        safety: s(c) at them, (knot,) [1].
        goes_well: Expected safety of the winner, the chance that all goes well [1].
        gain: The most that any of them gains by another safety, of 101 from 0 to 1 [1], in parts of the pie. Above a
            thousandth no pure equilibrium has been found.
    """

    capability: Array
    safety: Array
    goes_well: float
    gain: float


@dataclass(frozen=True)
class _Contest:
    """The contest with what integrals over capability and over luck are taken on."""

    racers: int
    enmity: float
    decisiveness: float
    capability: Array
    weight: Array
    sums: Array


def safety_knowing_itself(racers: int, enmity: float, decisiveness: float, largest_capability: float) -> Informed:
    r"""Safety by own capability that nobody gains by leaving, at a finite decisiveness.

    .. math:: A(y) - s A'(y) - (1 - e) B'(y) = 0, \quad y = c - s(c), \quad 0 \le s \le 1

    Solved for s at 33 knots by Powell's method, from the closed form of :func:`safety_knowing_oneself`, which is where
    it goes as R grows; full safety is tried first. Whether it is the only one is not proved.

    Args:
        racers: n, >= 2.
        enmity: e [1], 0..1.
        decisiveness: R [1/unit of safety], > 0, at most 100 / :math:`\mu`.
        largest_capability: :math:`\mu` [1], > 0.

    Raises:
        GameError: An argument out of range, or no safety that meets the condition.

    Source:
        Armstrong, Bostrom and Shulman (2016), AI & Society 31, 201-206, for the limit; McFadden (1974) for luck.
    """
    if not 0 < largest_capability < math.inf:
        raise GameError(f"largest capability is {largest_capability}; wanted more than 0")
    if not 0 < decisiveness * largest_capability <= LARGEST_SPREAD:
        raise GameError(
            f"decisiveness is {decisiveness:g}; wanted more than 0, to {LARGEST_SPREAD / largest_capability:g}: beyond "
            "it use the closed form where the highest wins"
        )
    knots = largest_capability * (1 - np.cos(np.pi * np.linspace(0, 1, _KNOTS))) / 2
    start = safety_knowing_oneself(racers, enmity, knots)
    contest = _contest(racers, enmity, decisiveness, largest_capability)

    def left(safety: Array) -> Array:
        wins, slope, _, rival_slope = _values(contest, knots - safety, _between(knots, safety, contest.capability))
        with np.errstate(divide="ignore", invalid="ignore"):
            reply = (wins - (1 - enmity) * rival_slope) / slope
        return safety - np.clip(np.nan_to_num(reply, nan=1.0), 0, 1)

    safety = np.ones(_KNOTS)
    if left(safety).any():
        solved = root(left, start, method="hybr")
        if not solved.success:
            raise GameError(
                f"no pure equilibrium found for {racers} racers, enmity {enmity:g}, decisiveness {decisiveness:g}: "
                f"{' '.join(solved.message.split())}"
            )
        safety = np.clip(solved.x, 0, 1)
    theirs = _between(knots, safety, contest.capability)
    wins = _values(contest, contest.capability - theirs, theirs)[0]
    return Informed(knots, safety, racers * float(contest.weight @ (wins * theirs)), _gain(contest, knots, safety))


def _contest(racers: int, enmity: float, decisiveness: float, largest: float) -> _Contest:
    nodes, weight = np.polynomial.legendre.leggauss(max(100, math.ceil(2 * decisiveness * largest)))
    sums = np.arange(-1 - 5 / decisiveness, largest + _LUCKIEST / decisiveness, _STEP / decisiveness)
    return _Contest(racers, enmity, decisiveness, largest * (nodes + 1) / 2, weight / 2, sums)


def _values(contest: _Contest, strength: Array, theirs: Array) -> tuple[Array, Array, Array, Array]:
    """A, A', B and B' at strengths (strength,) against rivals who keep ``theirs``, by capability."""
    rival, rival_density = _lucky(contest, contest.capability - theirs)[:2]
    spread = contest.weight @ rival
    kept = (contest.weight * theirs) @ rival_density
    step = _STEP / contest.decisiveness
    own, density, slope = _lucky(contest, strength)
    alone = step * spread ** (contest.racers - 1)
    beaten = step * (contest.racers - 1) * kept * spread ** (contest.racers - 2)
    return density @ alone, slope @ alone, own @ beaten, -density @ beaten


def _lucky(contest: _Contest, strength: Array) -> tuple[Array, Array, Array]:
    """Distribution of strength and luck, its density, and what a bit of strength adds to that: (strength, sum)."""
    sharp = contest.decisiveness
    scaled = np.exp(np.minimum(sharp * (strength[:, np.newaxis] - contest.sums), _LARGEST_EXPONENT))
    below = np.exp(-scaled)
    density = sharp * scaled * below
    return below, density, sharp * (1 - scaled) * density


def _between(knots: Array, safety: Array, capability: Array) -> Array:
    return np.asarray(np.clip(PchipInterpolator(knots, safety)(capability), 0, 1))


def _gain(contest: _Contest, knots: Array, safety: Array) -> float:
    theirs = _between(knots, safety, contest.capability)
    tried = np.concatenate([safety[:, np.newaxis], np.tile(np.linspace(0, 1, _SAFETIES), (len(knots), 1))], axis=1)
    wins, _, rival, _ = _values(contest, (knots[:, np.newaxis] - tried).ravel(), theirs)
    value = wins.reshape(tried.shape) * tried + (1 - contest.enmity) * rival.reshape(tried.shape)
    return float((value - value[:, :1]).max())
