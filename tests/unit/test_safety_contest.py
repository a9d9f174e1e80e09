"""Safety in the share contest: its integrals are the contest's, its equilibria hold, and the loop's game is a case."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from headrace.equations.rivalry import nash_ratio
from headrace.errors import GameError
from headrace.games.informed_safety_contest import safety_knowing_itself
from headrace.games.safety_and_spending import (
    effort_of_safety,
    enmity_of_stakes,
    gain_from_leaving,
    spending_over_pool,
)
from headrace.games.safety_contest import (
    chance_lost,
    chance_to_win,
    enmity_that_costs,
    least_tax,
    safety_in_contest,
    spread_borne,
)
from headrace.games.safety_race import chance_knowing_oneself

RACERS = st.integers(2, 9)
ENMITY = st.floats(0.05, 1)
SHARP = st.one_of(st.floats(0.05, 300), st.just(math.inf))
MOST = st.floats(0.05, 4)


def test_the_integral_is_the_mean_of_the_contests_shares() -> None:
    racers, sharp, most, lead = 4, 3.0, 1.5, 0.3
    capability = most * np.random.default_rng(1).random((racers, 400_000))
    capability[0] += lead
    weight = np.exp(sharp * capability)
    assert float(chance_to_win(racers, sharp, most, lead)) == pytest.approx(
        (weight[0] / weight.sum(axis=0)).mean(), abs=1e-3
    )


def test_builders_alike_share_by_their_strength_alone() -> None:
    found = chance_to_win(5, 2.0, 1e-5, [-1.0, 0.0, 1.0])
    np.testing.assert_allclose(found, [1 / (1 + 4 * math.exp(2 * d)) for d in (1, 0, -1)], rtol=1e-4)
    assert float(chance_lost(5, 2.0, 1e-5)) == pytest.approx(2 * 4 / 25, rel=1e-4)


@given(RACERS, SHARP, MOST)
def test_the_chance_lost_is_the_slope_of_the_chance_to_win(racers: int, sharp: float, most: float) -> None:
    step = 1e-4 * min(most, 1 / sharp if math.isfinite(sharp) else 1)
    behind, level, ahead = chance_to_win(racers, sharp, most, [-step, 0.0, step])
    assert level == pytest.approx(1 / racers)
    assert (ahead - behind) / (2 * step) == pytest.approx(float(chance_lost(racers, sharp, most)), rel=1e-3)


@given(RACERS, ENMITY, SHARP, MOST)
def test_no_other_safety_is_worth_more(racers: int, enmity: float, sharp: float, most: float) -> None:
    safety = float(safety_in_contest(racers, enmity, chance_lost(racers, sharp, most)))
    other = np.linspace(0, 1, 101)
    value = (1 - enmity) * safety + chance_to_win(racers, sharp, most, safety - other) * (other - (1 - enmity) * safety)
    assert value.max() <= (1 - enmity) * safety + (safety - (1 - enmity) * safety) / racers + 1e-9


@given(RACERS, ENMITY, st.floats(0.05, 100), MOST)
def test_safety_falls_in_enmity_racers_and_decisiveness_and_rises_in_the_spread(
    racers: int, enmity: float, sharp: float, most: float
) -> None:
    def kept(racers: int = racers, enmity: float = enmity, sharp: float = sharp, most: float = most) -> float:
        return float(safety_in_contest(racers, enmity, chance_lost(racers, sharp, most)))

    here = kept() + 1e-9
    assert kept(enmity=0.9 * enmity) + 2e-9 >= here
    assert kept(racers=racers + 1) <= here
    assert kept(sharp=1.1 * sharp) <= here
    assert kept(most=1.1 * most) + 2e-9 >= here


@given(RACERS, ENMITY, SHARP, MOST)
def test_the_tax_leaves_nothing_to_be_gained_and_less_would_not_do(
    racers: int, enmity: float, sharp: float, most: float
) -> None:
    tax = float(least_tax(racers, enmity, sharp, most))
    skimped = np.linspace(1e-3, 1, 400)
    gain = chance_to_win(racers, sharp, most, skimped) * (enmity - skimped) - enmity / racers
    assert (gain - tax * skimped).max() < 2e-3 * max(1, tax)
    if tax > 0:
        steps = np.concatenate([[1e-6], np.arange(1, 65) / 64])
        gain = chance_to_win(racers, sharp, most, steps) * (enmity - steps) - enmity / racers
        assert (gain - 0.97 * tax * steps).max() > 0


def test_enmity_that_costs_is_the_one_that_does() -> None:
    lost = chance_lost(6, 5.0, 1.0)
    enmity = float(enmity_that_costs(6, lost, 0.25))
    assert float(safety_in_contest(6, enmity, lost)) == pytest.approx(0.75)
    assert math.isnan(float(enmity_that_costs(6, chance_lost(6, 0.5, 1.0), 0.1)))


def test_full_safety_is_kept_up_to_the_spread_borne_and_no_further() -> None:
    spread = spread_borne(6, 0.6, 1.0)
    assert float(safety_in_contest(6, 0.6, chance_lost(6, spread, 1.0))) == pytest.approx(1)
    assert float(safety_in_contest(6, 0.6, chance_lost(6, 1.01 * spread, 1.0))) < 1
    assert math.isinf(spread_borne(2, 0.5, 1.0))
    assert math.isinf(spread_borne(6, 0.0, 1.0))


@pytest.mark.parametrize(("racers", "enmity", "sharp", "most"), [(4, 0.8, 6.0, 1.0), (3, 0.3, 8.0, 1.0)])
def test_who_knows_itself_does_best_by_its_safety_in_simulated_contests(
    racers: int, enmity: float, sharp: float, most: float
) -> None:
    found = safety_knowing_itself(racers, enmity, sharp, most)
    keeps = PchipInterpolator(found.capability, found.safety)
    rivals = most * np.random.default_rng(2).random((racers - 1, 100_000))
    theirs = keeps(rivals)
    strength = np.exp(sharp * (rivals - theirs))
    for own in (0.2 * most, 0.8 * most):
        chosen = float(keeps(own))
        grid = np.append(np.linspace(0, 1, 51), chosen)
        mine = np.exp(sharp * (own - grid))[:, np.newaxis]
        total = strength.sum(axis=0) + mine
        value = (mine / total * grid[:, np.newaxis] + (1 - enmity) * (strength * theirs).sum(axis=0) / total).mean(1)
        assert value[-1] == pytest.approx(value.max(), abs=1e-4)
        assert grid[value.argmax()] == pytest.approx(chosen, abs=0.04)


@pytest.mark.parametrize("sharp", [1.0, 4.0, 20.0])
def test_to_know_oneself_lowers_the_chance_that_it_goes_well(sharp: float) -> None:
    ignorant = float(safety_in_contest(6, 1.0, chance_lost(6, sharp, 1.0)))
    found = safety_knowing_itself(6, 1.0, sharp, 1.0)
    assert found.gain < 1e-6
    assert found.goes_well <= ignorant + 1e-9
    assert chance_knowing_oneself(6, 1.0, 1.0) < 1 / 6


@pytest.mark.parametrize(("racers", "decisiveness", "elasticity"), [(2, 0.8, 0.4), (5, 1.0, 0.5), (6, 1.1, 0.7)])
def test_with_nothing_to_skimp_for_it_is_the_stage_game_of_the_loop(
    racers: int, decisiveness: float, elasticity: float
) -> None:
    loop = float(nash_ratio(racers, jnp.array(decisiveness), jnp.array(elasticity)))
    assert float(spending_over_pool(racers, 1.0, decisiveness, 1e-3, 1e-2, elasticity)) == pytest.approx(loop, rel=1e-6)


def test_a_contest_that_all_would_rather_leave_has_no_equilibrium_and_says_so() -> None:
    # with e = 1 and safety free, who spends nothing has nothing: stays only if [r (n - 1) + β] / n <= 1
    assert gain_from_leaving(5, 1.0, 1.0, 0.1, 0.1, 0.5) == pytest.approx(0, abs=1e-9)
    assert gain_from_leaving(5, 1.0, 1.2, 0.1, 0.1, 0.5) > 1e-3


def test_enmity_of_stakes_runs_from_the_prize_alone_to_ruin() -> None:
    assert float(enmity_of_stakes(30, 60, 0, 1)) == pytest.approx(1 / 3)
    assert float(enmity_of_stakes(30, 60, 1, 2)) == 1
    assert float(enmity_of_stakes(0, 60, 0.4, 2)) == pytest.approx(0.4)


def test_safety_that_takes_half_of_compute_is_a_logarithm_of_two() -> None:
    np.testing.assert_allclose(effort_of_safety([0.5, 1.0]), [math.log(2), math.inf])


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (lambda: safety_in_contest(1, 0.5, 1.0), "racers are 1; wanted 2 or more"),
        (lambda: chance_lost(1, 1.0, 1.0), "racers are 1; wanted 2 or more"),
        (lambda: enmity_that_costs(1, 1.0, 0.1), "racers are 1; wanted 2 or more"),
        (lambda: safety_in_contest(2, [0.5, 1.1], 1.0), "enmity runs from 0.5 to 1.1; wanted 0"),
        (lambda: safety_in_contest(2, -0.1, 1.0), "enmity runs from -0.1"),
        (lambda: least_tax(2, math.nan, 1.0, 1.0), "enmity runs from nan"),
        (lambda: chance_to_win(2, 0.0, 1.0, 0.0), "decisiveness falls to 0.0; wanted more than 0"),
        (lambda: chance_lost(2, [1.0, -1.0], 1.0), "decisiveness falls to -1.0; wanted more than 0"),
        (lambda: chance_lost(2, 1.0, 0.0), "largest capability is 0.0; wanted more than 0"),
        (lambda: spread_borne(2, 0.5, math.inf), "largest capability is inf"),
        (lambda: enmity_that_costs(2, 1.0, 1.0), "cost runs from 1.0 to 1.0; wanted a chance"),
        (lambda: effort_of_safety(0.0), "part that safety takes runs from 0 to 0; wanted above 0 to 1"),
        (lambda: enmity_of_stakes(1, 1, 1.5, 1), "franchise at stake runs from 1.5"),
        (lambda: spending_over_pool(2, 0.5, 1.0, math.inf, 1.0, 0.5), "what safety takes is inf in logarithms"),
        (lambda: safety_knowing_itself(1, 0.5, 1.0, 1.0), "teams are 1; wanted 2 or more"),
        (lambda: safety_knowing_itself(2, 2.0, 1.0, 1.0), "enmity is 2.0; wanted 0"),
        (lambda: safety_knowing_itself(2, 0.5, 1.0, 0.0), "largest capability is 0.0; wanted more than 0"),
        (lambda: safety_knowing_itself(2, 0.5, 500.0, 1.0), "decisiveness is 500; wanted more than 0, to 100"),
        (lambda: chance_knowing_oneself(2, 0.5, 0.0), "largest capability is 0.0; wanted more than 0"),
    ],
)
def test_what_is_no_contest_is_refused(refused, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GameError, match=words):
        refused()
