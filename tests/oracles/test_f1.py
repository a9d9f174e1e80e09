"""F1: when to invest with r = δ = 0.04 a year and a volatility of 0.2.

Expected: the option's power is 2, and one who has no rival invests when value is 2 times cost.
Source: Dixit and Pindyck (1994), Investment under Uncertainty, Princeton University Press, chapter 5.

½ σ² b (b - 1) + (r - δ) b - r = 0: 0.02 × 2 × 1 - 0.04 = 0. The trigger is b / (b - 1) = 2. From a value of V0 the plan
to invest at V is worth (V - I) (V0 / V)^b, which a search makes greatest without being told of b / (b - 1); the chance
discounted over waiting, (V0 / V)^b, is what a walk on a lattice finds too.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from headrace.investment.real_options import option_power, trigger_over_cost

RATE, PAYOUT, VOLATILITY = 0.04, 0.04, 0.2


def test_the_power_and_the_trigger_are_two() -> None:
    assert float(option_power(RATE, PAYOUT, VOLATILITY)) == pytest.approx(2)
    assert float(trigger_over_cost(RATE, PAYOUT, VOLATILITY)) == pytest.approx(2)


CASES = [(0.04, 0.04, 0.2), (0.06, 0.02, 0.3), (0.03, 0.08, 0.15)]


@pytest.mark.parametrize(("rate", "payout", "volatility"), CASES)
def test_the_power_solves_its_quadratic(rate: float, payout: float, volatility: float) -> None:
    power = float(option_power(rate, payout, volatility))
    assert volatility**2 / 2 * power * (power - 1) + (rate - payout) * power - rate == pytest.approx(0, abs=1e-14)
    assert power > 1


@pytest.mark.parametrize(("rate", "payout", "volatility"), CASES)
def test_a_search_finds_no_better_moment(rate: float, payout: float, volatility: float) -> None:
    power = float(option_power(rate, payout, volatility))
    found = minimize_scalar(
        lambda value: -(value - 1) * value**-power, bounds=(1, 100), method="bounded", options={"xatol": 1e-9}
    )
    assert float(trigger_over_cost(rate, payout, volatility)) == pytest.approx(float(found.x), rel=1e-6)


@pytest.mark.parametrize(("rate", "payout", "volatility"), CASES)
def test_a_lattice_invests_at_the_same_value(rate: float, payout: float, volatility: float) -> None:
    # values on a grid of logarithms, up or down in a step of time that moves by one cell; waits or takes V - 1
    cell = 0.01
    step = (cell / volatility) ** 2
    up = (math.exp((rate - payout) * step) - math.exp(-cell)) / (math.exp(cell) - math.exp(-cell))
    values = np.exp(np.arange(-200, 201) * cell)
    taken = np.maximum(values - 1, 0)
    worth, last = taken.copy(), np.zeros_like(taken)
    while np.abs(worth - last).max() > 1e-7:
        last = worth.copy()
        for _ in range(500):
            waited = math.exp(-rate * step) * (up * worth[2:] + (1 - up) * worth[:-2])
            worth[1:-1] = np.maximum(taken[1:-1], waited)
    first = values[(worth <= taken + 1e-9) & (taken > 0)].min()
    assert first == pytest.approx(float(trigger_over_cost(rate, payout, volatility)), rel=0.03)
