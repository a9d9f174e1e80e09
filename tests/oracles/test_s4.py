"""S4: Richardson's arms race of n = 4 with fatigue 1, reaction 0.25 and grievance 0.3.

Expected: each rests at 1.2, and there is a rest iff fatigue exceeds reaction times rivals.
Source: Richardson (1960), Arms and Insecurity, Boxwood Press.

At rest a x = (n - 1) k x + g, so x = 0.3 / (1 - 3 × 0.25) = 1.2. The Jacobian k (1 1' - I) - a I has the eigenvalues
-a + (n - 1) k once and -a - k else: the race settles iff a > (n - 1) k, here k < 1/3.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from headrace.errors import GameError
from headrace.games.richardson import critical_reaction, resting_level

RACERS, FATIGUE, REACTION, GRIEVANCE = 4, 1.0, 0.25, 0.3


def jacobian(reaction: float) -> np.ndarray:
    return reaction * (np.ones((RACERS, RACERS)) - np.eye(RACERS)) - FATIGUE * np.eye(RACERS)


def later(reaction: float, periods: float) -> np.ndarray:
    """Stocks after some periods of the race itself, from unequal ones."""
    start = np.array([0.0, 1.0, 2.0, 3.0])
    path = solve_ivp(
        lambda _, stock: jacobian(reaction) @ stock + GRIEVANCE, (0, periods), start, rtol=1e-10, atol=1e-12
    )
    return np.asarray(path.y[:, -1])


def test_each_rests_at_1_2() -> None:
    assert resting_level(RACERS, REACTION, FATIGUE, GRIEVANCE) == pytest.approx(1.2)


def test_the_race_itself_comes_to_rest_there() -> None:
    # the slowest part dies out as exp(-0.25 t)
    assert later(REACTION, 100) == pytest.approx(np.full(4, 1.2), abs=1e-6)


def test_the_race_has_a_rest_iff_every_eigenvalue_is_negative() -> None:
    critical = critical_reaction(RACERS, FATIGUE)
    for reaction in np.array([0.5, 0.99, 1.01, 2.0]) * critical:
        assert (np.linalg.eigvalsh(jacobian(reaction)).max() < 0) == (reaction < critical)


def test_without_a_rest_stocks_run_away_and_no_level_is_given() -> None:
    assert later(0.4, 100).min() > 1e6
    for reaction in (1 / 3, 0.4):
        with pytest.raises(GameError, match="the race has no rest"):
            resting_level(RACERS, reaction, FATIGUE, GRIEVANCE)
