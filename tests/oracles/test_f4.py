"""F4: capital expenditure over depreciation when purchases grow at g and are written off over N.

Expected: g N / (1 - e^(-g N)), which is 3.86 about g N = 3.8.
Source: sum of straight-line vintages in closed form; 3.86 is of filed four-quarter figures.

In periods of a whole life divided into n steps the sum is discrete, and meets the continuous ratio as n grows.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
import pytest

from headrace.equations.funding import straight_line_depreciation


def ratio(growth_over_life: float, steps: int) -> float:
    """Purchases of the last step over its depreciation, after two lives of growth."""
    ages = np.arange(2 * steps, dtype=float)
    purchases = np.exp(-growth_over_life * ages / steps)
    charged = straight_line_depreciation(jnp.asarray(purchases), jnp.asarray(ages), jnp.asarray(float(steps)))
    return float(purchases[0] / charged)


@pytest.mark.parametrize("growth_over_life", [0.1, 0.5, 1.0, 2.0, 3.8])
def test_fine_steps_give_the_continuous_ratio(growth_over_life: float) -> None:
    wanted = growth_over_life / (1 - math.exp(-growth_over_life))
    assert ratio(growth_over_life, 20_000) == pytest.approx(wanted, rel=2e-4)


@pytest.mark.parametrize("steps", [4, 22])
def test_coarse_steps_give_the_geometric_sum(steps: int) -> None:
    # depreciation = Σ_{a<n} e^{-ga} / n
    growth = 3.8 / steps
    wanted = steps * (1 - math.exp(-growth)) / (1 - math.exp(-growth * steps))
    assert ratio(3.8, steps) == pytest.approx(wanted)


def test_no_growth_depreciates_what_is_bought() -> None:
    assert ratio(0.0, 22) == pytest.approx(1)


def test_the_filed_ratio_is_that_of_growth_times_life_of_3_8() -> None:
    assert ratio(3.8, 20_000) == pytest.approx(3.86, abs=0.05)
