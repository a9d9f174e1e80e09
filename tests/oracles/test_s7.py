"""S7: the race to the precipice of n teams with enmity e, capability uniform from 0 to μ.

Expected: who knows nothing chooses a safety of min(1, μ/(n e)); who knows its own capability c chooses
    c/(1 + e (n - 1)), which for n = 5, e = 0.8 and c = 0.7 is 0.1667.
Source: Armstrong, Bostrom and Shulman (2016), AI & Society 31, 201-206, <https://doi.org/10.1007/s00146-015-0590-y>.

0.7 / (1 + 0.8 × 4) = 0.7 / 4.2 = 1/6. Safety s wins with the highest c - s; the winner's safety is the chance that all
goes well, worth 1 to the winner and 1 - e to the others. The simulation draws rivals' capabilities, lets them play the
closed form, and looks among other safeties for one that would have been worth more.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from headrace.games.informed_safety_contest import safety_knowing_itself
from headrace.games.safety_contest import chance_lost, safety_in_contest
from headrace.games.safety_race import chance_knowing_oneself, safety_knowing_nothing, safety_knowing_oneself

TEAMS, ENMITY, CAPABILITY = 5, 0.8, 0.7
RACES = 400_000
GRID = np.linspace(0, 1, 201)


def values(own: np.ndarray | float, rivals: np.ndarray, rivals_safety: np.ndarray, enmity: float) -> np.ndarray:
    """Mean worth of each safety of the grid against rivals who play theirs: (safety,)."""
    ahead = np.argmax(rivals - rivals_safety, axis=0)
    score = np.take_along_axis(rivals - rivals_safety, ahead[np.newaxis], axis=0)[0]
    theirs = np.take_along_axis(rivals_safety, ahead[np.newaxis], axis=0)[0]
    return np.array([np.where(own - safety > score, safety, (1 - enmity) * theirs).mean() for safety in GRID])


def test_a_capability_of_0_7_chooses_a_sixth() -> None:
    assert float(safety_knowing_oneself(TEAMS, ENMITY, CAPABILITY)) == pytest.approx(0.1667, abs=5e-5)


@pytest.mark.parametrize(("teams", "enmity", "most", "safety"), [(5, 0.8, 1, 0.25), (2, 0.4, 1, 1), (5, 0, 1, 1)])
def test_who_knows_nothing_chooses_by_the_closed_form(teams: int, enmity: float, most: float, safety: float) -> None:
    assert safety_knowing_nothing(teams, enmity, most) == pytest.approx(safety)


@pytest.mark.parametrize(("teams", "enmity", "most"), [(5, 0.8, 1.0), (3, 0.5, 1.0), (2, 1.0, 2.0)])
@pytest.mark.parametrize("part", [0.4, 0.7, 0.9])
def test_in_simulated_races_no_other_safety_is_worth_more_to_who_knows_itself(
    teams: int, enmity: float, most: float, part: float
) -> None:
    rivals = most * np.random.default_rng(3).random((teams - 1, RACES))
    own = part * most
    worth = values(own, rivals, safety_knowing_oneself(teams, enmity, rivals), enmity)
    chosen = float(safety_knowing_oneself(teams, enmity, own))
    # the top is flat: what the closed form gives up against the best of the grid is noise of the draws
    assert np.interp(chosen, GRID, worth) == pytest.approx(worth.max(), abs=2e-3)
    assert GRID[np.argmax(worth)] == pytest.approx(chosen, abs=0.04)


@pytest.mark.parametrize(("teams", "enmity", "most"), [(5, 0.8, 1.0), (3, 0.5, 1.0), (4, 1.0, 2.0)])
def test_in_simulated_races_no_other_safety_is_worth_more_to_who_knows_nothing(
    teams: int, enmity: float, most: float
) -> None:
    capability = most * np.random.default_rng(4).random((teams, RACES))
    chosen = safety_knowing_nothing(teams, enmity, most)
    worth = values(capability[0], capability[1:], np.full((teams - 1, RACES), chosen), enmity)
    assert np.interp(chosen, GRID, worth) == pytest.approx(worth.max(), abs=2e-3)
    assert GRID[np.argmax(worth)] == pytest.approx(chosen, abs=0.04)


@pytest.mark.parametrize(
    ("teams", "enmity", "most"), [(5, 0.8, 1.0), (2, 1.0, 0.5), (3, 0.5, 1.0), (8, 0.3, 2.0), (2, 0.4, 1.0)]
)
def test_the_share_contest_goes_to_the_closed_form_where_the_highest_wins(
    teams: int, enmity: float, most: float
) -> None:
    closed = safety_knowing_nothing(teams, enmity, most)
    errors = [
        abs(float(safety_in_contest(teams, enmity, chance_lost(teams, sharp, most))) - closed)
        for sharp in (30, 100, 300, 1000, 3000, np.inf)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[-2] < 1e-3
    assert errors[-1] == pytest.approx(0, abs=1e-12)


def test_the_contest_of_who_knows_itself_goes_to_a_sixth() -> None:
    found = {sharp: safety_knowing_itself(TEAMS, ENMITY, sharp, 1.0) for sharp in (10.0, 30.0, 100.0)}
    errors = [float(PchipInterpolator(one.capability, one.safety)(CAPABILITY)) - 1 / 6 for one in found.values()]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == pytest.approx(0, abs=1e-3)
    assert found[100.0].goes_well == pytest.approx(chance_knowing_oneself(TEAMS, ENMITY, 1.0), abs=1e-3)
    assert max(one.gain for one in found.values()) < 1e-6


@pytest.mark.parametrize(("teams", "enmity", "most"), [(5, 0.8, 1.0), (3, 0.2, 4.0), (2, 0.0, 1.0)])
def test_the_chance_that_it_goes_well_is_the_mean_safety_of_the_ablest(teams: int, enmity: float, most: float) -> None:
    ablest = most * np.random.default_rng(5).random((teams, RACES)).max(axis=0)
    simulated = safety_knowing_oneself(teams, enmity, ablest).mean()
    assert chance_knowing_oneself(teams, enmity, most) == pytest.approx(simulated, abs=2e-3)
