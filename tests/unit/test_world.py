"""A World made again from what its Dataset says of it, and what cannot be made again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.errors import PosteriorError, RequestError, UnknownNameError
from headrace.world import world_behind, world_of

SIZE = {"draws": 32, "quarters": 4}


def test_a_future_leads_back_to_its_world_and_the_world_to_the_same_future() -> None:
    future = service.simulate(
        "credit_crunch",
        settings={"rivalry.loss_aversion": 1.5},
        without=["national"],
        variables=["capital_expenditure_usd_bn"],
        **SIZE,
    )
    again = world_behind(future)
    assert json.loads(json.dumps(again.recipe())) == json.loads(future.attrs["world"])
    outputs, _ = again.outputs(frozenset({"capital_expenditure_usd_bn"}))
    assert np.array_equal(
        outputs["capital_expenditure_usd_bn"], future["capital_expenditure_usd_bn"].values[:, :, :5], equal_nan=True
    )


def test_a_future_from_a_past_day_leads_back_to_that_day() -> None:
    future = service.simulate(as_of="2023-12-31", variables=["capital_expenditure_usd_bn"], **SIZE)
    again = world_behind(future)
    assert (again.start_quarter, again.as_of) == ("2023Q3", "2023-12-31")
    assert json.loads(json.dumps(again.recipe())) == json.loads(future.attrs["world"])


def test_the_world_of_a_history_is_the_baseline_on_its_day() -> None:
    world = world_behind(service.history("2026-08-31"))
    assert (world.scenario.name, world.as_of, world.start_quarter) == ("baseline", "2026-08-31", "2026Q2")


def test_a_dataset_that_says_nothing_of_its_world_is_refused() -> None:
    with pytest.raises(RequestError, match=r"no `world` among.*hr\.simulate"):
        world_behind(xr.Dataset())


def test_a_posterior_that_has_gone_is_named(tmp_path: Path) -> None:
    future = service.simulate(variables=["capital_expenditure_usd_bn"], **SIZE)
    recipe = json.loads(future.attrs["world"]) | {"posterior": {"file": str(tmp_path / "gone.json")}}
    with pytest.raises(PosteriorError, match=r"gone\.json"):
        world_behind(future.assign_attrs(world=json.dumps(recipe)))


def test_what_is_wrong_is_said_before_anything_runs() -> None:
    with pytest.raises(UnknownNameError):
        world_of(draws=10, seed=1, quarters=4, settings={"rivalry.loss_aversoin": 1.0})
    with pytest.raises(RequestError):
        world_of(draws=0, seed=1, quarters=4)
