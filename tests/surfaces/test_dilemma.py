"""``headrace dilemma`` and its sections of the report as a user meets them, on payoffs that are planted."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Mapping

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.analyses.dilemma import measured, replies
from headrace.analyses.dilemma.payoffs import Payoffs
from headrace.report.answers import Answers
from headrace.report.asked_receipts import ASKED, asked_receipt
from headrace.report.figures import Shown
from headrace.report.questions import dilemma as question
from headrace.report.section import Section, plain_words
from headrace.report.series import Pair
from headrace.variables import PLAYERS
from headrace.world import World

OPTIONS = ("--draws", "3", "--quarters", "10", "--seed", "3")
TWO = ("--strategy", "restrain", "--strategy", "race")


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever races gains 1, and every other who races costs 2: a prisoner's dilemma in every draw."""

    def payoffs(world: World, choice: np.ndarray, level: object = None, **_: object) -> Payoffs:
        racing = choice == choice.max()
        others = racing.sum(axis=1, keepdims=True) - racing
        value = np.repeat((10.0 + racing - 2 * others)[np.newaxis], world.draws, axis=0)
        spent = np.repeat((1.0 + racing)[np.newaxis], world.draws, axis=0)
        return Payoffs(value, spent, spent, spent.sum(axis=-1), np.arange(world.draws), 0)

    monkeypatch.setattr(measured, "payoffs", payoffs)
    monkeypatch.setattr(replies, "payoffs", payoffs)


def test_the_table_says_which_game_it_is(invoke, planted: None) -> None:
    result = invoke("dilemma", *OPTIONS, *TWO)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "is a prisoner's dilemma, in 100% of draws by builder. The popular story holds." in said
    assert "all five race, in 100% of draws" in said
    assert "microsoft restrain 10 2 0% race 11 3 100%" in said
    assert "microsoft 1 [1 to 1] 1.00 [1.00 to 1.00]" in said


def test_csv_has_a_line_a_builder_and_json_everything(invoke, planted: None) -> None:
    rows = list(csv.DictReader(io.StringIO(invoke("dilemma", *OPTIONS, *TWO, "--format", "csv").stdout)))
    assert [row["builder"] for row in rows] == list(PLAYERS)
    assert {row["restrain_or_race_prisoners_dilemma"] for row in rows} == {"1.0"}
    found = json.loads(invoke("dilemma", *OPTIONS, *TWO, "--format", "json").stdout)
    assert found["equilibria"] == [{"profile": dict.fromkeys(PLAYERS, "race"), "share": 1.0}]
    assert found["mixed_equilibria"]["meta"] == [{"restrain": 0.0, "race": 1.0}]
    assert sum(row["share"] for row in found["class_share_by_level"]) == pytest.approx(9)
    assert "--strategy restrain --strategy race" in found["command"]
    assert (found["world"]["draws"], found["world"]["seed"]) == (3, 3)


def test_the_receipt_asks_the_same_again(invoke, planted: None) -> None:
    found = service.dilemma(draws=3, quarters=10, seed=3, strategies=["restrain", "race"], without=["national"])
    again = invoke(*found.attrs["command"].split()[1:], "--format", "json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["world"] == json.loads(found.attrs["world"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["basline"], ["basline", "did you mean baseline"]),
        (["--strategy", "raec"], ["unknown strategy", "raec"]),
        (["--strategy", "race"], ["the only strategy is race", "two or three of restrain, follow, race"]),
        (["--strategy", "race", "--strategy", "race"], ["wanted each once"]),
        (["--draws", "4", "--terminal-growth", "0.3"], ["discount rate", "is not above growth 0.3"]),
        (["--as-of", "2019-12-31"], ["as_of 2019-12-31", "choose 2023-03-31 or later"]),
        (["--draws", "0"], ["draws is 0", "wanted a whole number from 1"]),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(invoke, arguments: list[str], words: list[str]) -> None:
    result = invoke("dilemma", *arguments)
    assert result.exit_code != 0
    assert result.stdout == ""
    said = " ".join(result.stderr.split())
    assert "Traceback" not in said
    for word in words:
        assert word in said


@pytest.fixture
def page_of(
    made_future: Callable[..., xr.Dataset],
    made_history: Callable[..., xr.Dataset],
    made_answers: Callable[..., Answers],
) -> Callable[[Mapping[str, xr.Dataset]], tuple[Pair, Answers]]:
    def make(asked: Mapping[str, xr.Dataset]) -> tuple[Pair, Answers]:
        future, past = made_future(draws=30, quarters=8), made_history()
        return Pair(future, past), made_answers(future, past, asked=asked)

    return make


@pytest.fixture
def sections(planted: None, page_of: Callable[..., tuple[Pair, Answers]]) -> list[Section]:
    found = service.dilemma(draws=3, quarters=10, seed=3)
    pair, answers = page_of({"dilemma": found})
    made = [ask(pair, answers) for ask in (question.game, question.beliefs)]
    assert asked_receipt("dilemma", answers).reproduce_cli == found.attrs["command"]
    return [section for section in made if section is not None]


def test_nobody_who_did_not_ask_is_shown_it(page_of: Callable[..., tuple[Pair, Answers]]) -> None:
    pair, answers = page_of({})
    assert question.game(pair, answers) is None
    assert question.beliefs(pair, answers) is None


def test_the_report_says_it_with_receipts_and_downloads(sections: list[Section]) -> None:
    game, beliefs = sections
    assert "a prisoner's dilemma, in 100" in plain_words(game.sentence)
    assert "It is a prisoner's dilemma in most worlds" in plain_words(game.chart.finding)  # type: ignore[union-attr]
    for section in sections:
        shown = [part for part in section.sentence if isinstance(part, Shown)]
        shown += [part for _, cells in section.table.rows for part in cells if isinstance(part, Shown)]
        assert {part.receipt for part in shown} == {ASKED + "dilemma"}
    rows = list(csv.reader(io.StringIO(_text(game.data_address))))
    assert len(rows) == 1 + len(PLAYERS) * 9
    rows = list(csv.reader(io.StringIO(_text(beliefs.data_address))))
    assert len(rows) == 1 + 11 * 13


def _text(address: str) -> str:
    return base64.b64decode(address.split(",", 1)[1]).decode()
