"""D1: diffusion (Bass 1969) with p = 0.03 and q = 0.38 a year.

Expected: adoption peaks at 6.1926 years, at 0.110592 of the market a year.
Source: Bass (1969), Management Science 15(5), 215-227, <https://doi.org/10.1287/mnsc.15.5.215>; closed form.
Differs: At a quarter, the step in use, the peak is late by less than a quarter and the rate within 1 %, because the
    form of the model is discrete and meets the continuous curve as steps shrink.

Continuous: t* = ln(q/p)/(p + q) = ln(12.667)/0.41 = 6.1926; peak (p + q)²/(4 q) = 0.1681/1.52 = 0.110592. The model's
form is F' = F + (p + qF)(1 - F) with coefficients of one step. It is Euler's method, with an error in proportion to the
step.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from headrace.equations.adoption import adoption_fraction

INNOVATION, IMITATION = 0.03, 0.38
PEAK_YEAR, PEAK_RATE = 6.1926, 0.110592


def path(step_years: float, years: float = 15.0) -> np.ndarray:
    """Share adopted at the end of each step, from none."""
    innovation, imitation = jnp.asarray(INNOVATION * step_years), jnp.asarray(IMITATION * step_years)

    def one(adopted: jax.Array, _: None) -> tuple[jax.Array, jax.Array]:
        following = adoption_fraction(adopted, innovation, imitation)
        return following, following

    return np.asarray(jax.lax.scan(one, jnp.asarray(0.0), length=round(years / step_years))[1])


def peak(step_years: float) -> tuple[float, float]:
    """Middle of the step with most adopters [year], and adopters a year in it."""
    rates = np.diff(path(step_years), prepend=0.0) / step_years
    return (float(rates.argmax()) + 0.5) * step_years, float(rates.max())


def test_the_published_peak_is_that_of_the_closed_form() -> None:
    assert math.log(IMITATION / INNOVATION) / (INNOVATION + IMITATION) == pytest.approx(PEAK_YEAR, abs=5e-5)
    highest = (INNOVATION + IMITATION) ** 2 / (4 * IMITATION)
    assert highest == pytest.approx(PEAK_RATE, abs=5e-7)


def test_small_steps_peak_where_and_as_high_as_published() -> None:
    year, rate = peak(1 / 2000)
    assert year == pytest.approx(PEAK_YEAR, abs=2e-3)
    assert rate == pytest.approx(PEAK_RATE, abs=1e-5)


def test_the_error_shrinks_with_the_step() -> None:
    # F(t) = (1 - e^-(p+q)t) / (1 + (q/p) e^-(p+q)t) at eight years
    decay = math.exp(-(INNOVATION + IMITATION) * 8)
    exact = (1 - decay) / (1 + IMITATION / INNOVATION * decay)
    errors = [abs(path(1 / steps, 8.0)[-1] - exact) for steps in (50, 100, 200)]
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.02)
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.02)


def test_at_a_quarter_the_peak_is_late_by_less_than_a_quarter() -> None:
    year, rate = peak(1 / 4)
    assert 0 < year - PEAK_YEAR < 0.25
    assert rate == pytest.approx(PEAK_RATE, rel=0.01)
