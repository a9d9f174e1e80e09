"""Many draws: blocks change nothing, counts are checked, settings hold, precision is what it says."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import xarray as xr

from headrace import ensemble, service
from headrace.errors import EvidenceError, RequestError
from headrace.variables import PLAYERS, table

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


@pytest.mark.parametrize("cores", [1, 3])
def test_the_number_of_workers_changes_no_bit(cores: int, future: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "BLOCK", BLOCK)
    monkeypatch.setattr(ensemble.os, "sched_getaffinity", lambda _pid: set(range(cores)), raising=False)
    more = service.simulate("baseline", draws=5 * BLOCK, quarters=QUARTERS)
    for name in table():
        assert np.array_equal(more[name].values[:BLOCK], future[name].values, equal_nan=True), name
    alone = service.simulate("baseline", draws=2 * BLOCK, quarters=QUARTERS)
    for name in ("net_debt_usd_bn", "log_multiple", "regional_compute_gw"):
        assert np.array_equal(alone[name].values, more[name].values[: 2 * BLOCK], equal_nan=True), name


def test_blocks_come_in_order_whichever_is_done_first() -> None:
    def block(first: int) -> Any:
        time.sleep(0.05 if first == 0 else 0.0)
        return {"first": np.array([first])}, {}

    for is_compiled in (False, True):
        found = [outputs["first"][0] for outputs, _ in ensemble._in_threads(block, range(0, 12, 2), is_compiled)]
        assert found == [0, 2, 4, 6, 8, 10]


def test_a_fault_in_a_block_is_told() -> None:
    def block(first: int) -> Any:
        raise RequestError(f"block {first} failed")

    with pytest.raises(RequestError, match="block 0 failed"):
        list(ensemble._in_threads(block, range(0, 4), True))


@pytest.fixture(scope="module")
def ending() -> xr.Dataset:
    """A run in which some worlds end: nobody may owe more than a year of cash flow."""
    settings = {"funding.insolvency_years": 1.0}
    return service.simulate("baseline", draws=BLOCK, quarters=QUARTERS, settings=settings)


def test_a_world_that_has_ended_holds_nothing_from_then_on(ending: xr.Dataset, future: xr.Dataset) -> None:
    ended = ending["world_status"].values > 0
    assert 0 < ended.any(axis=1).sum() < BLOCK
    assert np.all(np.diff(ended, axis=1) >= 0)
    for name, row in table().items():
        values = ending[name].values
        if name == "world_status":
            continue
        if row.kind == "code":
            assert np.all(values[ended] == -1), name
            assert np.all(values[~ended] >= 0), name
        else:
            filled = (
                values if "builder" not in row.dims or future[name].notnull().all() else values[..., : len(PLAYERS)]
            )
            assert np.isnan(filled[ended]).all(), name
            assert np.isfinite(filled[~ended]).all(), name


def test_until_it_ends_a_world_is_what_it_would_have_been(ending: xr.Dataset, future: xr.Dataset) -> None:
    runs = ending["world_status"].values == 0
    for name in ("active_compute_gw", "net_debt_usd_bn", "capital_charge_usd_bn", "layer_elasticity", "binding_layer"):
        assert np.array_equal(ending[name].values[runs], future[name].values[runs], equal_nan=True), name


def test_how_a_world_stands_does_not_depend_on_what_is_kept(ending: xr.Dataset) -> None:
    few = service.simulate(
        "baseline",
        draws=BLOCK,
        quarters=QUARTERS,
        settings={"funding.insolvency_years": 1.0},
        variables=["active_compute_gw"],
    )
    assert list(few.data_vars) == ["active_compute_gw", "world_status"]
    assert np.array_equal(few["world_status"].values, ending["world_status"].values)


def test_ended_worlds_are_counted_and_told(ending: xr.Dataset, past: xr.Dataset) -> None:
    (told,) = service.endings(ending)
    assert told.name == "unfunded"
    assert told.draws == int((ending["world_status"].values[:, -1] > 0).sum())
    last = service.headlines(ending, past)[-1]
    assert last.key == "endings"
    assert f"{told.draws / BLOCK:.1%} of draws end before 2036Q2" in last.sentence


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
        ("draws", 1.5),
        ("quarters", 40.0),
        ("seed", float("nan")),
    ],
)
def test_a_count_that_cannot_be_run_is_refused_by_name_with_its_range(option: str, value: int) -> None:
    request = {"draws": 1, "quarters": 1, "seed": 0, "precision": 64} | {option: value}
    with pytest.raises(RequestError) as fault:
        ensemble.check_request(**request)
    assert str(fault.value).startswith(f"{option} is {value:,}")
    assert "wanted" in str(fault.value)


@pytest.mark.parametrize("value", [True, "5", None, [5]], ids=["yes", "text", "nothing", "list"])
@pytest.mark.parametrize("option", ["draws", "quarters", "seed"])
def test_what_is_no_count_is_refused(option: str, value: Any) -> None:
    request = {"draws": 1, "quarters": 1, "seed": 0} | {option: value}
    with pytest.raises(RequestError) as fault:
        ensemble.check_request(**request)
    assert str(fault.value).startswith(f"{option} is {value!r}; wanted a whole number from ")


def test_a_count_of_numpy_is_a_count() -> None:
    ensemble.check_request(draws=np.int64(5), quarters=np.int32(3), seed=np.uint8(7))  # type: ignore[arg-type]


def test_a_horizon_of_ten_thousand_quarters_is_refused_with_the_reason() -> None:
    with pytest.raises(RequestError) as fault:
        ensemble.check_request(draws=1, quarters=10_000, seed=0)
    wanted = "wanted a whole number from 1 to 400: rates judged for a decade say nothing after a century"
    assert str(fault.value) == f"quarters is 10,000; {wanted}"


def filed(capex: Any = None, cash_flow: Any = None) -> tuple[np.ndarray, np.ndarray]:
    return np.full((22, 5), 10.0) if capex is None else capex, np.full((4, 5), 20.0) if cash_flow is None else cash_flow


def one_wrong(shape: tuple[int, int], quarter: int, player: int, value: float) -> np.ndarray:
    values = np.full(shape, 10.0)
    values[quarter, player] = value
    return values


CAPEX, CASH = "filed capital expenditure", "filed operating cash flow"


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (filed(one_wrong((22, 5), 20, 3, np.nan)), f"{CAPEX} of meta in quarter 21 of 22: found nan; wanted a finite"),
        (filed(one_wrong((22, 5), 21, 0, np.inf)), f"{CAPEX} of microsoft in quarter 22 of 22: found inf; wanted"),
        (filed(one_wrong((22, 5), 0, 4, -2.0)), f"{CAPEX} of oracle in quarter 1 of 22: found -2; wanted a finite"),
        (filed(None, one_wrong((4, 5), 2, 1, -np.inf)), f"{CASH} of amazon in quarter 3 of 4: found -inf; wanted"),
        (filed(np.ones((22, 0))), f"{CAPEX}: found an array of shape (22, 0); wanted (quarters, 5), a column each for"),
        (filed(np.ones((22, 1))), f"{CAPEX}: found an array of shape (22, 1); wanted (quarters, 5), a column each for"),
        (filed(np.ones((0, 5))), f"{CAPEX}: found an array of shape (0, 5); wanted (quarters, 5)"),
        (filed(np.ones(5)), f"{CAPEX}: found an array of shape (5,); wanted (quarters, 5)"),
        (filed(None, np.ones((3, 5))), f"{CASH}: found an array of shape (3, 5); wanted (4, 5)"),
        (filed(None, np.ones((4, 6))), f"{CASH}: found an array of shape (4, 6); wanted (4, 5)"),
    ],
)
def test_filed_figures_with_which_no_world_can_start_are_refused(
    figures: tuple[np.ndarray, np.ndarray], said: str
) -> None:
    with pytest.raises(EvidenceError) as fault:
        ensemble.run(figures, draws=1, seed=0, quarters=1)
    assert str(fault.value).startswith(said)


def test_only_spending_may_not_be_negative() -> None:
    with pytest.raises(EvidenceError, match="wanted a finite amount in USD bn, 0 or more"):
        ensemble.check_filed(filed(one_wrong((22, 5), 0, 4, -2.0)))


def test_losses_are_figures_too() -> None:
    ensemble.check_filed(filed(np.zeros((1, 5)), np.full((4, 5), -3.0)))


def test_who_wants_fewer_builders_is_told_how() -> None:
    with pytest.raises(EvidenceError, match=r"set builder\.<name>\.pause_share to 1 for the others"):
        ensemble.check_filed(filed(np.ones((22, 1)), np.ones((4, 1))))


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
