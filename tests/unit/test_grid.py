"""What the grid of a region carries, and how much more of data centres it can take."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from headrace.equations import grid


def row(*values: float) -> jnp.ndarray:
    return jnp.asarray(values)


def test_load_is_rated_power_times_effectiveness_times_use() -> None:
    # 10 GW of IT at 1.2 and 75 %: 9 GW
    assert float(grid.compute_load_gw(row(10.0), jnp.asarray(1.2), jnp.asarray(0.75))[0]) == pytest.approx(9.0)


def test_other_load_compounds() -> None:
    assert float(grid.other_load_gw(row(200.0), row(0.01))[0]) == pytest.approx(202.0)


def test_share_counts_ordinary_data_centres_and_ai() -> None:
    # 16 GW of which a sixteenth are ordinary data centres, and 4 GW of AI: 20 GW, (1 + 4) / 20
    load, share = grid.data_centre_share_of_load(row(4.0), row(16.0), row(1 / 16))
    assert (float(load[0]), float(share[0])) == pytest.approx((20.0, 0.25))


def test_filling_the_headroom_reaches_the_limit() -> None:
    # 25 % of 20 GW with a limit of 50 %: 10 GW more make (5 + 10) / (20 + 10)
    headroom = float(grid.headroom_gw(row(20.0), row(0.25), row(0.5))[0])
    assert headroom == pytest.approx(10.0)
    assert (0.25 * 20 + headroom) / (20 + headroom) == pytest.approx(0.5)


def test_a_grid_beyond_its_limit_has_no_headroom() -> None:
    assert float(grid.headroom_gw(row(20.0), row(0.6), row(0.5))[0]) == 0


def test_headroom_slows_a_region_and_never_speeds_it_up() -> None:
    assert grid.grid_headroom(row(5.0, 20.0), row(10.0, 10.0)).tolist() == [0.5, 1.0]


def test_a_grid_that_was_full_at_the_start_stays_closed() -> None:
    assert grid.grid_headroom(row(3.0), row(0.0)).tolist() == [0.0]


def test_a_closed_region_takes_its_interconnection_out_of_the_world() -> None:
    # 0.2 · 0 · 1 + 0.5 · 1 · 0.5 + 0.3 · 1 · 1
    factor = grid.interconnection_factor(row(0.2, 0.5, 0.3), row(0.0, 1.0, 1.0), row(1.0, 0.5, 1.0))
    assert float(factor) == pytest.approx(0.55)
