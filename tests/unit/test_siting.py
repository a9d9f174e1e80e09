"""Where new compute goes, and how the stock of each region follows."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from headrace.equations import siting


def row(*values: float) -> jnp.ndarray:
    return jnp.asarray(values)


def test_policy_and_price_pull() -> None:
    # twice the preference, and a quarter of the price at an elasticity of a half: four times the pull
    pull = siting.attraction(row(0.5, 0.5), row(1.0, 2.0), row(100.0, 25.0), jnp.asarray(0.5))
    assert float(pull[1] / pull[0]) == pytest.approx(4.0)


def test_without_any_weight_the_other_shares_stand() -> None:
    assert siting.regional_share(row(0.0, 0.0), row(0.25, 0.75)).tolist() == [0.25, 0.75]
    assert siting.regional_share(row(1.0, 3.0), row(0.5, 0.5)).tolist() == [0.25, 0.75]


def test_grid_and_own_generation_are_weighed_by_what_each_feeds() -> None:
    # 0.75 · 1 + 0.25 · 0.2 and 0.75 · 0 + 0.25 · 0.8
    weight = siting.siting_weight(row(1.0, 0.0), row(0.2, 0.8), jnp.asarray(0.75))
    assert weight.tolist() == pytest.approx([0.8, 0.2])


@pytest.mark.parametrize(
    ("energised", "stocks", "added"),
    [
        # retired 2 of 20 GW: 1.2 where 12 stand, 0.8 where 8 stand
        (5.0, [12 + 0.25 * 3, 8 + 0.75 * 3], [1.2 + 0.25 * 3, 0.8 + 0.75 * 3]),
        (2.0, [12.0, 8.0], [1.2, 0.8]),
        (0.5, [12 - 0.6 * 1.5, 8 - 0.4 * 1.5], [0.6 * 0.5, 0.4 * 0.5]),
    ],
)
def test_retired_is_replaced_in_place_and_the_rest_is_sited(
    energised: float, stocks: list[float], added: list[float]
) -> None:
    before, weight, retired = row(12.0, 8.0), row(0.25, 0.75), jnp.asarray(2.0)
    after = siting.regional_compute_gw(before, jnp.asarray(20.0), weight, jnp.asarray(energised), retired)
    assert after.tolist() == pytest.approx(stocks)
    came = siting.regional_energised_gw(before, weight, jnp.asarray(energised), retired)
    assert came.tolist() == pytest.approx(added)
