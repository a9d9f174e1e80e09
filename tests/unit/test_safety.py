"""What is left of safety, on stakes that are planted: the race is its edge, and assumptions are called so."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.analyses.dilemma import safety as reading
from headrace.analyses.dilemma.safety_sentences import safety_headlines
from headrace.changes import drawn_values
from headrace.errors import GameError
from headrace.games.safety_race import chance_knowing_oneself, safety_knowing_nothing
from headrace.simulation.profiles import Today
from headrace.variables import BUILDERS, PLAYERS
from headrace.world import World, world_of

DRAWS = 5


def planted(world: World) -> Today:
    """A margin of 10 and franchises of 60, USD bn a quarter, in every draw."""
    one = np.ones(world.draws)
    return Today(30 * one, np.full((len(PLAYERS), world.draws), 0.15), 10 * one, 60 * one)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found() -> xr.Dataset:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "race_today", planted)
        return service.safety(draws=DRAWS, quarters=4, seed=3)


def test_where_safety_takes_all_it_is_the_race_to_the_precipice(found: xr.Dataset) -> None:
    edge = found["safety"].sel(safety_cost=1.0)
    for enmity in reading.ENMITY:
        for weight in reading.CAPABILITY_WEIGHT:
            closed = safety_knowing_nothing(len(BUILDERS), enmity, weight)
            np.testing.assert_allclose(edge.sel(enmity=enmity, capability_weight=weight), closed)
    np.testing.assert_allclose(
        found["goes_well_informed"].sel(safety_cost=1.0),
        [chance_knowing_oneself(len(BUILDERS), enmity, 1.0) for enmity in reading.ENMITY],
    )


def test_enmity_is_that_of_the_stakes_drawn(found: xr.Dataset) -> None:
    drawn = drawn_values(3, 0, DRAWS, world_of(draws=DRAWS, seed=3, quarters=4).changes)
    growth = np.clip(
        drawn["expectation.initial_growth"], drawn["expectation.lowest_growth"], drawn["expectation.highest_growth"]
    )
    prize = 10 * (1 + growth) ** drawn["expectation.horizon_quarters"]
    feared = 60 * drawn["rivalry.loss_aversion"]
    expected = (prize + drawn["rivalry.franchise_at_stake"] * feared) / (prize + feared)
    np.testing.assert_allclose(found["assumed_enmity"], expected)


def test_each_added_racer_dearer_safety_and_more_enmity_leave_less_of_it(found: xr.Dataset) -> None:
    assert (found["safety_of_racers"].diff("racers") <= 1e-12).all()
    assert (found["safety"].diff("safety_cost") <= 1e-12).all()
    assert (found["safety"].diff("enmity") <= 1e-12).all()
    assert (found["safety"].diff("capability_weight") >= -1e-12).all()
    assert (found["tax"].diff("enmity") >= 0).all()


def test_what_is_borne_is_where_skimping_begins(found: xr.Dataset) -> None:
    borne = found["safety_cost_borne"].sel(capability_weight=1.0)
    kept = found["safety"].sel(capability_weight=1.0)
    for cost in reading.SAFETY_COST[:-1]:
        np.testing.assert_array_equal(kept.sel(safety_cost=cost) > 1 - 1e-9, borne >= cost)
    np.testing.assert_array_equal(found["tax"].sel(safety_cost=0.9) > 1e-9, borne < 0.9)


def test_to_know_oneself_is_worse_where_the_winner_takes_all(found: xr.Dataset) -> None:
    ignorant = found["safety_of_racers"].sel(safety_cost=1.0, drop=True)
    assert (found["goes_well_knowing_oneself"] < ignorant).all()


def test_spending_is_not_known_where_compute_sways_no_race(found: xr.Dataset) -> None:
    assert found["spend_to_pool"].sel(safety_cost=1.0).isnull().all()
    assert (found["spend_to_pool"].sel(safety_cost=0.5) > 0).all()
    assert set(np.unique(found["settles"].sel(safety_cost=0.9))) <= {0.0, 1.0}


def test_where_no_equilibrium_is_found_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: float) -> None:
        raise GameError("no pure equilibrium found")

    monkeypatch.setattr(reading, "race_today", planted)
    monkeypatch.setattr(reading, "safety_knowing_itself", none)
    found = service.safety(draws=2, quarters=4, seed=3)
    open_ones = found["safety_cost"] < 1
    assert (found["goes_well_informed"].isnull() == open_ones).all()
    assert (np.isinf(found["informed_gain"]) == open_ones).all()


def test_everything_is_a_what_if_and_says_so(found: xr.Dataset) -> None:
    for name, values in found.variables.items():
        if name != "draw":
            assert values.attrs["units"] == "1"
            assert values.attrs["long_name"]
    assert {values.attrs["status"] for values in found.data_vars.values()} == {"scenario"}
    assert found.attrs["what"].startswith("What-if, not measured.")
    assert json.loads(found.attrs["world"])["draws"] == DRAWS


def test_every_sentence_says_what_is_assumed(found: xr.Dataset) -> None:
    said = safety_headlines(found)
    assert [one.key for one in said] == ["assumed", "skimping", "racers", "trust", "spending"]
    assert "no measurement" in said[0].sentence
    assert all("ssume" in one.sentence for one in said[1:])
    assert "nan" not in " ".join(one.sentence for one in said)
    assert {figure.status for one in said for figure in one.figures} == {"scenario"}


def test_sentences_turn_round_with_the_numbers(found: xr.Dataset) -> None:
    mild = found.assign(
        enmity_that_costs=found["enmity_that_costs"].where(found["safety_cost"] == 1),
        goes_well_knowing_oneself=found["goes_well_knowing_oneself"] * 0 + 1,
        settles=found["settles"] * 0 + 1,
    )
    said = {one.key: one.sentence for one in safety_headlines(mild)}
    assert "never lowers" in said["racers"]
    assert "from an enmity of more than 1" in said["trust"]
    assert "nan" not in said["trust"]
    assert "gains by leaving" not in said["spending"]
    torn = found.assign(settles=found["settles"] * 0)
    assert "In 100% of draws with safety at 50% a builder gains by leaving" in safety_headlines(torn)[-1].sentence
