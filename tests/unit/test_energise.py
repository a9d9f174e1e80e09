"""IT meets a powered shell."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from headrace.equations import energise


def energised(unpowered: float, it: float, empty: float, site: float, retired: float = 0.0, decay: float = 0.0):
    values = ([unpowered], [it], [empty], [site], [retired])
    result = energise.energised_gw(*(jnp.asarray(value) for value in values), jnp.asarray(decay))
    return tuple(float(value[0]) for value in result)


def test_the_scarcer_of_machines_and_shells_decides() -> None:
    assert energised(1.0, 3.0, 0.0, 2.5) == pytest.approx((2.5, 1.5, 0.0))
    assert energised(0.0, 2.0, 1.0, 2.5) == pytest.approx((2.0, 0.0, 1.5))


@pytest.mark.parametrize("it", [0.0, 1.0, 2.5, 4.0])
def test_one_of_the_two_stocks_is_zero(it: float) -> None:
    _, unpowered, empty = energised(0.5, it, 0.7, 1.0, 0.3, 0.1)
    assert min(unpowered, empty) == 0


def test_retiring_it_frees_its_shell() -> None:
    assert energised(2.0, 0.0, 0.0, 0.0, retired=0.5) == pytest.approx((0.5, 1.5, 0.0))


def test_an_empty_shell_decays_before_it_is_filled() -> None:
    assert energised(2.0, 0.0, 1.0, 0.0, decay=0.1) == pytest.approx((0.9, 1.1, 0.0))


def test_it_is_neither_made_nor_lost() -> None:
    added, unpowered, _ = energised(0.5, 2.0, 0.7, 1.0, 0.3, 0.1)
    assert added + unpowered == pytest.approx(0.5 + 2.0)


def test_shells_go_to_it_or_wait_or_decay() -> None:
    added, _, empty = energised(0.5, 1.0, 3.0, 1.0, 0.3, 0.1)
    assert added + empty == pytest.approx(0.9 * 3.0 + 1.0 + 0.3)


def test_geometric_retirement_has_its_life_as_mean_age() -> None:
    left, total = 1.0, 0.0
    for _ in range(2000):
        total += left
        left -= float(energise.retired_gw(jnp.asarray([left]), jnp.asarray(18.0))[0])
    assert total == pytest.approx(18.0)


def test_the_frontier_compounds() -> None:
    assert float(energise.frontier_quality_index(jnp.asarray(1.21), jnp.asarray(0.1))) == pytest.approx(1.331)


def fleet(active: float, quality: float, retired: float, added: float, frontier: float) -> tuple[float, float]:
    values = ([active], [quality], [retired], [added])
    after = energise.fleet_quality_index(*(jnp.asarray(value) for value in values), jnp.asarray(frontier))
    return float(after[0][0]), float(after[1][0])


def test_fleet_quality_is_the_mean_of_what_stays_and_what_comes() -> None:
    # 9 GW of quality 1 and 3 GW of quality 2: 15 / 12
    assert fleet(10.0, 1.0, 1.0, 3.0, 2.0) == pytest.approx((12.0, 1.25))


def test_a_frontier_no_better_than_the_fleet_leaves_quality_alone() -> None:
    assert fleet(10.0, 1.5, 1.0, 3.0, 1.5)[1] == pytest.approx(1.5)
