"""``headrace dilemma --safety`` as a user meets it, on stakes that are planted."""

from __future__ import annotations

import contextlib
import csv
import io
import json

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.analyses.dilemma import safety as reading
from headrace.cli.safety import print_safety
from headrace.simulation.profiles import Today
from headrace.variables import PLAYERS
from headrace.world import World

OPTIONS = ("--safety", "--draws", "3", "--quarters", "4", "--seed", "3")


def stakes(world: World) -> Today:
    """A margin of 10 and franchises of 60, USD bn a quarter, in every draw."""
    one = np.ones(world.draws)
    return Today(30 * one, np.full((len(PLAYERS), world.draws), 0.15), 10 * one, 60 * one)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def solved() -> xr.Dataset:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "race_today", stakes)
        return service.safety(draws=3, quarters=4, seed=3, without=["national"])


@pytest.fixture
def asked(solved: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> list[World]:
    """The Worlds that are asked of, each answered by what was solved."""
    worlds: list[World] = []

    def safety(world: World, _: object = None) -> xr.Dataset:
        worlds.append(world)
        return solved

    monkeypatch.setattr(reading, "safety", safety)
    return worlds


def test_the_table_says_first_that_it_is_no_measurement(invoke, asked: list[World]) -> None:
    result = invoke("dilemma", *OPTIONS)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert said.startswith("What is assumed A what-if and no measurement:")
    assert "enmity takes 50% takes 75% takes 90% takes 99% winner takes all 0.2 1.00" in said
    # six racers of enmity 1 where the winner takes all: 1/6, and 6/7/6 if each knows itself
    assert "0.17 The same if each knows its own ability" in said
    assert "0.14 What-if: safety by number of racers" in said


def test_csv_has_a_line_a_cell_and_json_everything(invoke, asked: list[World]) -> None:
    rows = list(csv.DictReader(io.StringIO(invoke("dilemma", *OPTIONS, "--format", "csv").stdout)))
    assert len(rows) == len(reading.ENMITY) * len(reading.CAPABILITY_WEIGHT) * len(reading.SAFETY_COST)
    assert list(rows[0]) == [
        "enmity", "capability_weight", "safety_cost", "safety_median", "safety_low", "safety_high",
    ]  # fmt: skip
    found = json.loads(invoke("dilemma", *OPTIONS, "--format", "json").stdout)
    assert set(found["headlines"]) == {"assumed", "skimping", "racers", "trust", "spending"}
    assert len(found["tax"]) == len(reading.ENMITY) * len(reading.SAFETY_COST)
    assert found["spend_to_pool"][-1] == {
        "safety_cost": 1.0, "spend_to_pool_median": None, "spend_to_pool_low": None, "spend_to_pool_high": None,
    }  # fmt: skip
    assert found["what"].startswith("What-if")


def test_an_equilibrium_that_is_none_is_not_shown(solved: xr.Dataset) -> None:
    torn = solved.assign(informed_gain=solved["informed_gain"] + 0.1)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        print_safety(torn, service.safety_headlines(torn), "table")
    assert "0.2 none none none none none" in " ".join(said.getvalue().split())


def test_the_receipt_asks_the_same_again(invoke, asked: list[World], solved: xr.Dataset) -> None:
    assert solved.attrs["call"].startswith('hr.safety("baseline", draws=3')
    again = invoke(*solved.attrs["command"].split()[1:], "--format", "json")
    assert again.exit_code == 0, again.output
    assert asked[0].recipe() == json.loads(solved.attrs["world"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--strategy", "raec"], "leave out --strategy"),
        (["--strategy", "race"], "leave out --strategy"),
        (["--quick"], "--quick"),
        (["--terminal-growth", "0.02"], "--terminal-growth"),
        (["basline"], "did you mean baseline"),
        (["--draws", "0"], "draws is 0"),
        (["--set", "rivalry.decisiveness=9"], "rivalry.decisiveness"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(invoke, arguments: list[str], words: str) -> None:
    result = invoke("dilemma", *OPTIONS[:1], *arguments)
    assert result.exit_code != 0
    assert result.stdout == ""
    assert words in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
