"""S2: a share contest on an elastic pie, over-spend X_N / X_C at n = 5.

Expected: 4.50, 3.24, 2.67 and 2.34 at β of 0.3, 0.5, 0.7 and 0.9; 2.22554 as β tends to 1.
Source: first-order conditions in closed form, and a search that knows nothing of them (SciPy, <https://scipy.org>).

Payoff (x/X) A X^β - x. Nash: X / (A X^β) = [(n - 1) + β] / n; joint profit: β. So
X_N / X_C = {[(n - 1) + β] / (n β)}^(1/(1 - β)): β = 0.5 gives (4.5 / 2.5)² = 3.24; β → 1 tends to
exp((n - 1)/n) = e^0.8.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
import pytest
from scipy.optimize import minimize_scalar

from headrace.equations.rivalry import nash_ratio, overspend_factor

PUBLISHED = {0.3: 4.50, 0.5: 3.24, 0.7: 2.67, 0.9: 2.34}


def overspend(elasticity: float, builders: int = 5) -> float:
    return float(overspend_factor(builders, jnp.asarray(1.0), jnp.asarray(elasticity)))


@pytest.mark.parametrize(("elasticity", "factor"), PUBLISHED.items())
def test_overspend_of_five_is_the_published_one(elasticity: float, factor: float) -> None:
    assert overspend(elasticity) == pytest.approx(factor, abs=0.005)


def test_overspend_tends_to_e_to_the_four_fifths() -> None:
    assert math.exp(4 / 5) == pytest.approx(2.22554, abs=5e-6)
    # 1/(1 - β) = 1e9 multiplies the rounding of the base, some 1e-16, to 1e-7
    assert overspend(1 - 1e-9) == pytest.approx(math.exp(4 / 5), abs=1e-6)


def best_response(rivals: float, elasticity: float, scale: float, decisiveness: float = 1.0, others: int = 4) -> float:
    """The spending that pays most against ``others`` rivals who spend ``rivals`` each, found by search."""

    def loss(spent: float) -> float:
        share = spent**decisiveness / (spent**decisiveness + others * rivals**decisiveness)
        return spent - share * scale * (spent + others * rivals) ** elasticity

    found = minimize_scalar(loss, bounds=(1e-9, 10 * rivals), method="bounded", options={"xatol": 1e-9 * rivals})
    return float(found.x)


@pytest.mark.parametrize("elasticity", PUBLISHED)
@pytest.mark.parametrize("decisiveness", [0.7, 1.0])
def test_at_nash_a_search_finds_no_better_reply(elasticity: float, decisiveness: float) -> None:
    scale = 2.0
    ratio = float(nash_ratio(5, jnp.asarray(decisiveness), jnp.asarray(elasticity)))
    each = (scale * ratio) ** (1 / (1 - elasticity)) / 5
    assert best_response(each, elasticity, scale, decisiveness) == pytest.approx(each, rel=1e-4)


@pytest.mark.parametrize("elasticity", PUBLISHED)
def test_a_search_for_joint_profit_spends_less_by_the_factor(elasticity: float) -> None:
    scale = 2.0
    nash = (scale * float(nash_ratio(5, jnp.asarray(1.0), jnp.asarray(elasticity)))) ** (1 / (1 - elasticity))
    joint = minimize_scalar(
        lambda total: total - scale * total**elasticity, bounds=(1e-9, nash), method="bounded", options={"xatol": 1e-10}
    )
    assert nash / float(joint.x) == pytest.approx(overspend(elasticity), rel=1e-4)
