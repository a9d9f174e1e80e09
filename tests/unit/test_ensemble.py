"""Many draws: blocks change nothing, counts are checked, settings hold, precision is what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from headrace import ensemble, service
from headrace.errors import RequestError
from headrace.variables import table

pytestmark = pytest.mark.xdist_group("future")

# The tests of this suite share one compiled shape: blocks of 64 draws and 40 quarters.
BLOCK, QUARTERS = 64, 40


def test_draw_i_is_the_same_whatever_the_number_of_draws_and_the_block(
    future: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble, "BLOCK", BLOCK)
    more = service.simulate("baseline", draws=BLOCK + 6, quarters=QUARTERS)
    assert more.sizes["draw"] == BLOCK + 6
    for name in table():
        assert np.array_equal(more[name].values[:BLOCK], future[name].values, equal_nan=True), name


def test_draws_of_the_second_block_are_not_those_of_the_first(
    future: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble, "BLOCK", BLOCK)
    more = service.simulate("baseline", draws=2 * BLOCK, quarters=QUARTERS)["spend_to_pool_ratio"].values
    assert not np.any(more[BLOCK:, 0] == more[:BLOCK, 0])


def test_a_draw_does_not_depend_on_its_place_in_the_block(future: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = ensemble.drawn_values

    def later(seed: int, first: int, count: int, changes: Any) -> Any:
        return drawn(seed, first + 5, count, changes)

    monkeypatch.setattr(ensemble, "drawn_values", later)
    shifted = service.simulate("baseline", draws=BLOCK, quarters=QUARTERS)
    for name in ("active_compute_gw", "ai_capital_expenditure_usd_bn", "tightness", "net_debt_usd_bn"):
        assert np.allclose(shifted[name].values[:-5], future[name].values[5:], rtol=1e-9, equal_nan=True), name


def test_the_same_request_gives_the_same_bits(future: xr.Dataset) -> None:
    again = service.simulate("baseline", draws=BLOCK, quarters=QUARTERS)
    assert again.identical(future)


def test_another_seed_gives_another_future(future: xr.Dataset) -> None:
    other = service.simulate("baseline", draws=BLOCK, quarters=QUARTERS, seed=8)
    assert not np.any(other["compute_revenue_usd_bn"].values[:, 5] == future["compute_revenue_usd_bn"].values[:, 5])


def test_a_setting_holds_in_every_draw_and_moves_what_it_should(future: xr.Dataset) -> None:
    held = service.simulate("baseline", draws=BLOCK, quarters=QUARTERS, settings={"rivalry.pool_elasticity": 0.5})
    assert set(held["cooperative_ratio"].values.ravel()) == {0.5}
    # adoption knows nothing of rivalry
    assert np.array_equal(held["adoption_fraction"].values, future["adoption_fraction"].values)


def test_progress_is_told_from_nothing_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "BLOCK", BLOCK)
    told: list[tuple[str, float]] = []
    service.simulate(
        "baseline", draws=3 * BLOCK, quarters=QUARTERS, progress=lambda text, share: told.append((text, share))
    )
    shares = [share for _, share in told]
    assert shares == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert told[0][0] == "compiling the loop"
    assert "192 worlds" in told[-1][0]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("draws", 0),
        ("draws", -5),
        ("draws", 10**12),
        ("quarters", 0),
        ("quarters", 401),
        ("seed", -1),
        ("seed", 2**63),
        ("precision", 16),
    ],
)
def test_a_count_that_cannot_be_run_is_refused_by_name_with_its_range(option: str, value: int) -> None:
    request = {"draws": 1, "quarters": 1, "seed": 0, "precision": 64} | {option: value}
    with pytest.raises(RequestError) as fault:
        ensemble.check_request(**request)
    assert str(fault.value).startswith(f"{option} is {value:,}")
    assert "wanted" in str(fault.value)


@pytest.mark.parametrize("request_", [(1, 1, 0, 32), (1_000_000, 400, 2**63 - 1, 64)])
def test_the_ends_of_each_range_are_accepted(request_: tuple[int, int, int, int]) -> None:
    draws, quarters, seed, precision = request_
    few = frozenset({"compute_revenue_usd_bn", "world_status"})
    ensemble.check_request(draws=draws, quarters=quarters, seed=seed, precision=precision, wanted=few)


def test_a_result_that_no_memory_holds_is_refused_with_what_to_do() -> None:
    cells = ensemble.cells()
    assert cells > 400
    most = ensemble.MOST_CELLS // (40 * cells)
    ensemble.check_request(draws=most, quarters=40, seed=0)
    with pytest.raises(RequestError) as fault:
        ensemble.check_request(draws=most + 1, quarters=40, seed=0)
    said = str(fault.value)
    assert f"{most + 1:,} × 40 × {cells:,} = {(most + 1) * 40 * cells:,}; wanted at most 2,500,000,000" in said
    assert "fewer draws or quarters, or name the variables" in said
