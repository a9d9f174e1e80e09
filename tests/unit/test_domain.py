"""Where the loop stops meaning anything, and which cause is named."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from headrace.simulation.domain import status_code
from headrace.variables import ENDINGS

RUNNING: dict[str, list[list[float]] | list[float]] = {
    "compute_revenue_usd_bn": [50.0],
    "mean_operating_cash_flow_usd_bn": [[40.0], [10.0]],
    "net_debt_usd_bn": [[20.0], [400.0]],
    "borrowing_usd_bn": [[-5.0], [3.0]],
    "it_shipments_gw": [[1.0], [2.0]],
    "site_shipments_gw": [[1.0], [0.0]],
    "it_desired_flow_gw": [4.0],
    "site_desired_flow_gw": [4.0],
    "tightness": [[1.2], [0.9]],
}
WORLD = {
    "demand.reference_revenue_usd_bn": [52.0],
    "demand.smallest_revenue_share": [0.02],
    "funding.insolvency_years": [12.0],
}

NOTHING, NO_NUMBER = [[0.0], [0.0]], [[np.nan], [np.nan]]


def ending(**changed: list[list[float]] | list[float]) -> str:
    outputs = {name: jnp.asarray(values) for name, values in (RUNNING | changed).items()}
    with jax.numpy_rank_promotion("allow"):  # worlds are last, and a leading axis broadcasts over them
        world = {name: jnp.asarray(values) for name, values in WORLD.items()}
        code = status_code(outputs, world, outputs.values())
    return tuple(ENDINGS)[int(code[0])]


def test_a_world_in_order_runs() -> None:
    assert ending() == "runs"


# 12 years of 10 a quarter are 480
@pytest.mark.parametrize(("debt", "borrowed", "name"), [(481, 3, "unfunded"), (481, -3, "runs"), (479, 3, "runs")])
def test_who_owes_too_much_and_still_borrows_ends_unfunded(debt: float, borrowed: float, name: str) -> None:
    assert ending(net_debt_usd_bn=[[20.0], [debt]], borrowing_usd_bn=[[-5.0], [borrowed]]) == name


def test_losses_carry_no_debt() -> None:
    assert ending(mean_operating_cash_flow_usd_bn=[[40.0], [-10.0]], net_debt_usd_bn=[[20.0], [1.0]]) == "unfunded"


def test_a_remnant_of_revenue_is_a_collapse_of_demand() -> None:
    assert ending(compute_revenue_usd_bn=[1.0]) == "demand_collapsed"


@pytest.mark.parametrize("branch", ["it", "site"])
def test_a_branch_that_delivers_nothing_stops_supply(branch: str) -> None:
    assert ending(**{f"{branch}_shipments_gw": NOTHING}) == "supply_stopped"


@pytest.mark.parametrize("branch", ["it", "site"])
def test_numbers_that_fail_because_nothing_is_on_order_have_that_cause(branch: str) -> None:
    failing = {f"{branch}_desired_flow_gw": [0.0], f"{branch}_shipments_gw": NO_NUMBER, "tightness": NO_NUMBER}
    assert ending(**failing) == "supply_stopped"


@pytest.mark.parametrize("name", ["tightness", "it_shipments_gw", "net_debt_usd_bn"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_fail_without_a_cause_are_out_of_numbers(name: str, value: float) -> None:
    assert ending(**{name: [[value], [1.0]]}) == "out_of_numbers"
