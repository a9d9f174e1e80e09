"""What each fear adds to spending: planted games are found again, and real runs add up to the last bit or so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from headrace import scenarios, service
from headrace.analyses.fear_headlines import fear_headlines
from headrace.analyses.fears import ALL, NO_FEAR, coalition, fears
from headrace.errors import EndedError, ParameterError, RequestError, ScenarioError, UnknownNameError
from headrace.scenarios import combined, weakened
from headrace.world import World, world_of

SIZE = {"draws": 32, "seed": 7, "quarters": 4}
CAPEX = "capital_expenditure_usd_bn"


@pytest.fixture(scope="module")
def small() -> World:
    return world_of(**SIZE)


@pytest.fixture(scope="module")
def real(small: World) -> xr.Dataset:
    return fears(small)


@pytest.fixture
def planted(planted_fears: Mapping[str, float]) -> Callable[..., xr.Dataset]:
    def ask(**options: Any) -> xr.Dataset:
        return fears(world_of(**{"draws": 3, "seed": 1, "quarters": 10, **options}))

    return ask


def spending(world: World) -> Any:
    return world.outputs(frozenset({CAPEX}))[0][CAPEX]


def said(found: xr.Dataset) -> dict[str, str]:
    return {line.key: line.sentence for line in fear_headlines(found)}


def test_shares_add_up_to_all_fears_less_none_in_every_draw_and_year(real: xr.Dataset) -> None:
    spent = real["spending_usd_bn"]
    every = coalition(scenarios.fears())
    whole = (spent.sel(coalition=every) - spent.sel(coalition=NO_FEAR)).values
    np.testing.assert_allclose(
        real["contribution_usd_bn"].sum("fear").values, whole, atol=1e-9 * float(spent.max()), rtol=0
    )
    assert real.sizes == {"coalition": 16, "draw": 32, "year": 2, "fear": 4, "weakened": 5, "strength": 9}
    assert real["quarters"].values.tolist() == [2, 2]


def test_spending_with_every_fear_is_that_of_the_run(real: xr.Dataset, small: World) -> None:
    paid = spending(small)[:, :, :5].sum(axis=(1, 2))
    every = real["spending_usd_bn"].sel(coalition=coalition(scenarios.fears())).sum("year")
    np.testing.assert_allclose(every.values, paid, rtol=1e-12)


def test_a_fear_whose_value_is_its_off_value_adds_exactly_nothing() -> None:
    found = fears(world_of(**SIZE, settings={"rivalry.loss_aversion": 1.0}))
    assert (found["contribution_usd_bn"].sel(fear="corporate") == 0).all()
    assert (found["left_share"].sel(fear="corporate") == 1).all()
    assert (found["contribution_usd_bn"].sel(fear="national") != 0).any()


@pytest.mark.parametrize("name", ["corporate", "national"])
def test_at_full_strength_nothing_changes_and_at_none_the_fear_is_off_bit_for_bit(small: World, name: str) -> None:
    at = {s: replace(small, scenario=combined([small.scenario, weakened({name: s})])) for s in (0.0, 0.5, 1.0)}
    assert np.array_equal(spending(at[1.0]), spending(small))
    assert np.array_equal(spending(at[0.0]), spending(replace(small, without=(name,))))
    assert not np.array_equal(spending(at[0.5]), spending(small))


def test_a_coalition_has_one_name_in_whatever_order() -> None:
    assert coalition(["national", "corporate"]) == coalition(["corporate", "national"]) == "corporate+national"
    assert coalition([]) == NO_FEAR


def test_planted_sums_are_found_again(planted: Callable[..., xr.Dataset], planted_fears: Mapping[str, float]) -> None:
    found = planted()
    by_fear = found["contribution_usd_bn"].sum("year").isel(draw=1)
    assert {name: float(by_fear.sel(fear=name)) for name in planted_fears} == pytest.approx(
        {name: 10 * 2 * size for name, size in planted_fears.items()}
    )
    # All on: 1 + 3 + 0 + 0.75 - 0.25 = 4.5; without corporate 1.5 is left.
    assert found["left_share"].sel(fear="corporate").values == pytest.approx([1.5 / 4.5] * 3)


def test_the_strength_that_halves_is_found_again(planted: Callable[..., xr.Dataset]) -> None:
    found = planted()["halving_strength"]
    # Half of 4.5 is 1.5 + 3 s, so s = 0.25; all together 1 + 3.5 s, so s = 1.25 / 3.5.
    assert found.sel(weakened="corporate").values == pytest.approx([0.25] * 3)
    assert found.sel(weakened=ALL).values == pytest.approx([1.25 / 3.5] * 3)
    assert found.sel(weakened=["technological", "investor", "national"]).isnull().all()


def test_the_sentences_say_what_was_planted(planted: Callable[..., xr.Dataset]) -> None:
    lines = said(planted())
    assert "Corporate fear adds 60 [" in lines["held_up"]
    assert "what technological fear (0 [0 to 0]) adds cannot be told from zero" in lines["held_up"]
    assert "33.3% [33.3% - 33.3%] without corporate fear" in lines["left"]
    assert "is halved by all fears together at 0.36 [0.36 - 0.36] of full strength in 100% of draws" in lines["halved"]
    assert "no strength of technological fear or investor fear or national fear does" in lines["halved"]
    assert lines["runs"].startswith("All 3 draws run to the end in all 51 runs")


def test_a_run_of_fewer_than_eight_quarters_says_that_halving_is_not_asked(real: xr.Dataset) -> None:
    assert real["ratio"].isnull().all()
    assert real["halving_strength"].isnull().all()
    assert "is asked of quarter 8 of a run, and this one ends with 2027Q2" in said(real)["halved"]


def test_a_fear_that_is_off_already_is_no_player(planted: Callable[..., xr.Dataset]) -> None:
    found = planted(without=["corporate"])
    assert found["fear"].values.tolist() == ["technological", "investor", "national"]
    assert found.sizes["coalition"] == 8
    assert "corporate fear is off in all of them and adds nothing here" in said(found)["runs"]
    with pytest.raises(RequestError, match=r"every fear of this World is switched off"):
        planted(without=list(scenarios.fears()))


def test_a_scenario_that_lives_on_a_fear_is_refused(planted_fears: Mapping[str, float]) -> None:
    with pytest.raises(ScenarioError, match=r"sovereign_programme\.toml, change 1, and without national, contradict"):
        service.fears("sovereign_programme", draws=2, quarters=8)


def test_draws_that_end_in_some_run_are_left_out_and_counted(
    planted_fears: Mapping[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = World.outputs

    def ending(world: World, wanted: frozenset[str], progress: object = None) -> Any:
        outputs, closure = whole(world, wanted)
        if "investor" in world.without:
            outputs["world_status"][:ends, -1] = 1
            outputs[CAPEX][:ends, -1] = np.nan
        return outputs, closure

    monkeypatch.setattr(World, "outputs", ending)
    ends = 1
    found = fears(world_of(draws=3, seed=1, quarters=8))
    assert (found["draw"].values.tolist(), found.attrs["draws_left_out"]) == ([1, 2], 1)
    assert said(found)["runs"].startswith("2 of 3 draws run")
    ends = 3
    with pytest.raises(EndedError, match=r"no draw runs to the end with the fears on, off and weakened \(3 draws"):
        fears(world_of(draws=3, seed=1, quarters=8))


def test_it_takes_a_world_a_future_or_a_scenario(planted_fears: Mapping[str, float], small: World) -> None:
    future = xr.Dataset(attrs={"world": json.dumps(small.recipe())})
    one, two, three = service.fears(small), service.fears(future), service.fears("baseline", **SIZE)
    xr.testing.assert_identical(one, two)
    xr.testing.assert_identical(one, three)
    assert one.attrs["command"].startswith("headrace fears baseline --draws 32 --seed 7 --quarters 4 --as-of ")
    assert one.attrs["call"].startswith('hr.fears("baseline", draws=32, seed=7, quarters=4, as_of="')


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_outside_its_range_is_refused(strength: float) -> None:
    with pytest.raises(ParameterError, match=r"strength of the corporate fear is .*; wanted a number from 0"):
        weakened({"corporate": strength})


def test_an_unknown_fear_cannot_be_weakened() -> None:
    with pytest.raises(UnknownNameError, match="unknown fear 'nationl'; did you mean national"):
        weakened({"nationl": 0.5})


def test_questions_are_answered_on_the_first_draws_alone(planted_fears: Mapping[str, float], small: World) -> None:
    future = xr.Dataset(attrs={"world": json.dumps(replace(small, draws=300).recipe())})
    found = service.answers(["fears", "fears"], future)
    assert list(found) == ["fears"]
    assert found["fears"].sizes["draw"] == 256
    with pytest.raises(UnknownNameError, match="unknown question 'feers'; did you mean fears"):
        service.answers(["feers"], future)
