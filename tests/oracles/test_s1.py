"""S1: the Tullock contest with n = 5, r = 1, V = 100.

Expected: each spends 16, dissipation is 0.8, and the best response has a slope of -3/8 at equilibrium.
Source: Tullock (1980), Efficient rent seeking, in Toward a Theory of the Rent-Seeking Society.

Payoff s V - x with s = x/X. Each spends x* = r (n - 1) V / n² = 4 × 100 / 25 = 16; together 80 of 100, dissipation 0.8.
Best response to rivals' total Y: x = √(V Y) - Y, whose slope at Y = 64 is ½ √(100/64) - 1 = 0.625 - 1 = -3/8, which is
(2 - n) / (2 (n - 1)).

A pure prize is an elastic pie of elasticity 0, so the ratio of spending to the pool is the dissipation, and the
point at which no one deviates is the first-order condition.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from headrace.equations.rivalry import deviation_bounds, nash_ratio

BUILDERS, PRIZE = 5, 100.0


def one(value: float) -> jax.Array:
    return jnp.asarray(value)


def test_dissipation_is_four_fifths() -> None:
    assert float(nash_ratio(BUILDERS, one(1.0), one(0.0))) == pytest.approx(0.8)


def test_each_spends_sixteen() -> None:
    assert float(nash_ratio(BUILDERS, one(1.0), one(0.0))) * PRIZE / BUILDERS == pytest.approx(16)


def excess(spent: jax.Array, rivals: jax.Array) -> jax.Array:
    """Spending over the prize, less the point at which a player with that share would not deviate."""
    total = spent + rivals
    point, _ = deviation_bounds((spent / total)[jnp.newaxis], one(1.0), one(1.0), one(0.0))
    return total / PRIZE - point[0]


@pytest.mark.parametrize("rivals", [4.0, 25.0, 64.0, 81.0])
def test_nobody_deviates_from_the_closed_best_response(rivals: float) -> None:
    best = (PRIZE * rivals) ** 0.5 - rivals
    assert float(excess(one(best), one(rivals))) == pytest.approx(0, abs=1e-12)


def test_best_response_falls_by_three_eighths_at_equilibrium() -> None:
    by_own, by_rivals = jax.grad(excess, argnums=(0, 1))(one(16.0), one(64.0))
    assert float(-by_rivals / by_own) == pytest.approx(-3 / 8)
    assert (2 - BUILDERS) / (2 * (BUILDERS - 1)) == -3 / 8
