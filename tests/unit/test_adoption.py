"""Diffusion: F' = F + (p + qF)(1 - F)."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from headrace.equations.adoption import adoption_fraction


def adopted(start: float, innovation: float, imitation: float) -> float:
    return float(adoption_fraction(jnp.asarray(start), jnp.asarray(innovation), jnp.asarray(imitation)))


def test_nobody_has_adopted_before_so_only_innovators_start() -> None:
    assert adopted(0.0, 0.01, 0.14) == pytest.approx(0.01)


def test_imitation_needs_someone_to_imitate() -> None:
    assert adopted(0.0, 0.0, 0.9) == 0


def test_one_quarter_by_hand() -> None:
    # 0.2 + (0.01 + 0.1 × 0.2) × 0.8 = 0.2 + 0.03 × 0.8
    assert adopted(0.2, 0.01, 0.1) == pytest.approx(0.224)


def test_when_all_have_adopted_nothing_moves() -> None:
    assert adopted(1.0, 0.02, 0.25) == 1


@pytest.mark.parametrize("start", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_adoption_never_falls_and_never_passes_one(start: float) -> None:
    assert start <= adopted(start, 0.2, 0.8) <= 1


def test_without_imitation_the_rest_shrinks_by_the_same_share() -> None:
    # 1 - F' = (1 - p)(1 - F), so 1 - F after three quarters is (1 - p)^3
    share = 0.0
    for _ in range(3):
        share = adopted(share, 0.1, 0.0)
    assert 1 - share == pytest.approx(0.9**3)
