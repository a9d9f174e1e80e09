"""``headrace dilemma --safety`` as a user meets it, on stakes that are planted."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from headrace import service
from headrace.analyses.dilemma import safety as reading
from headrace.simulation.profiles import Today
from headrace.variables import PLAYERS
from headrace.world import World

OPTIONS = ("--safety", "--draws", "3", "--quarters", "4", "--seed", "3")


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    def today(world: World) -> Today:
        one = np.ones(world.draws)
        return Today(30 * one, np.full((len(PLAYERS), world.draws), 0.15), 10 * one, 60 * one)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "race_today", today)


def test_the_table_says_first_that_it_is_no_measurement(invoke) -> None:
    result = invoke("dilemma", *OPTIONS)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert said.startswith("What is assumed A what-if and no measurement:")
    assert "enmity takes 50% takes 75% takes 90% takes 99% winner takes all 0.2 1.00" in said
    # six racers of enmity 1 where the winner takes all: 1/6, and 6/7/6 if each knows itself
    assert "0.17 The same if each knows its own ability" in said
    assert "0.14 What-if: safety by number of racers" in said


def test_csv_has_a_line_a_cell_and_json_everything(invoke) -> None:
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


def test_an_equilibrium_that_is_none_is_not_shown(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "NO_GAIN", -1.0)
    said = " ".join(invoke("dilemma", *OPTIONS).stdout.split())
    assert "0.2 none none none none none" in said


def test_the_receipt_asks_the_same_again(invoke) -> None:
    found = service.safety(draws=3, quarters=4, seed=3, without=["national"])
    assert found.attrs["call"].startswith('hr.safety("baseline", draws=3')
    again = invoke(*found.attrs["command"].split()[1:], "--format", "json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["world"] == json.loads(found.attrs["world"])


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
