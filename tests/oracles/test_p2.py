"""P2: stock correction through a delay, dX/dt = -k X(t - τ).

Expected: no overshoot iff k τ < 1/e; damped iff k τ < π/2; at that edge the period is 4 τ.
Source: Levin and May (1976), Theoretical Population Biology 9(2), 178-187.
Differs: A lead time of L quarters is a delay of L + 1/2, because arrivals of a quarter act from the next one on.

Here X is corrected each quarter by k X, and the correction arrives through the delay line L quarters later.
X_{t+1} = X_t - k X_{t-L} is damped iff k < 2 sin(π / (2 (2L + 1))), to second order (π/2)/(L + 1/2). So τ = L + 1/2.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from headrace.simulation.delay_line import SLOTS, joined

LEAD = 20.0
DELAY = LEAD + 0.5


def path(correction: float, quarters: int) -> np.ndarray:
    """Deviation from target by quarter, from 1 with nothing under way."""

    def one(carried: tuple[jax.Array, jax.Array], _: None) -> tuple[tuple[jax.Array, jax.Array], jax.Array]:
        deviation, line = carried
        arrived, line = joined(line, -correction * deviation, jnp.asarray(LEAD))
        return (deviation + arrived, line), deviation

    return np.asarray(jax.lax.scan(one, (jnp.asarray(1.0), jnp.zeros(SLOTS)), length=quarters)[1])


def test_a_correction_acts_after_its_lead_time() -> None:
    before = path(0.1, 30)
    assert before[: int(LEAD) + 1] == pytest.approx(1.0)
    assert before[int(LEAD) + 1] == pytest.approx(0.9)


@pytest.mark.parametrize(("strength", "overshoots"), [(0.97, False), (1.03, True)])
def test_it_overshoots_iff_k_tau_passes_one_over_e(strength: float, overshoots: bool) -> None:
    deviation = path(strength / math.e / DELAY, 4000)
    # the slowest overshoot at 1.03/e takes many delays to show
    assert bool(np.any(deviation < 0)) == overshoots


@pytest.mark.parametrize(("strength", "grows"), [(0.98, False), (1.02, True)])
def test_it_grows_iff_k_tau_passes_half_pi(strength: float, grows: bool) -> None:
    deviation = np.abs(path(strength * math.pi / 2 / DELAY, 4000))
    assert bool(deviation[-200:].max() > deviation[1000:1200].max()) == grows


def test_at_the_edge_the_period_is_four_delays() -> None:
    edge = 2 * math.sin(math.pi / (2 * (2 * LEAD + 1)))
    deviation = path(edge, 8000)[4000:]
    crossings = np.flatnonzero((deviation[:-1] < 0) & (deviation[1:] >= 0))
    period = (crossings[-1] - crossings[0]) / (len(crossings) - 1)
    assert period == pytest.approx(4 * DELAY, rel=0.002)
