"""``headrace blocs`` and its section of the report as a user meets them, on payoffs that are planted."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.analyses.blocs import measured
from headrace.analyses.blocs.account import PARTS
from headrace.analyses.blocs.playing import Played
from headrace.analyses.blocs.profiles import Play
from headrace.report import page
from headrace.report.answers import Answers
from headrace.report.asked_receipts import asked_receipt
from headrace.report.figures import Shown
from headrace.report.questions import blocs as question
from headrace.report.section import Section, plain_words
from headrace.report.series import Pair
from headrace.world import World

OPTIONS = ("--draws", "3", "--quarters", "10", "--seed", "3")
BLOCS = ("united_states", "china", "europe")


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each move costs who makes it 8 and every other bloc 2, and brings it a tenth of a point of share."""

    def played(world: World, play: Play, settings: Mapping[str, float], progress: object = None) -> Played:
        value = np.zeros((world.draws, len(play.profiles), len(play.blocs) + 1, len(PARTS)))
        points = np.zeros(value.shape[:-1])
        for number, profile in enumerate(play.profiles):
            for who, _ in play.moves(profile):
                place = list(play.blocs).index(who)
                value[:, number, :-1, 0] -= 2
                value[:, number, place, 0] -= 6
                points[:, number, place] += 0.1
        return Played(value + settings.get("bloc.excess_burden", 0), points, np.arange(world.draws), 0)

    monkeypatch.setattr(measured, "played", played)


def test_the_table_says_what_a_move_costs_whom(invoke, planted: None) -> None:
    result = invoke("blocs", *OPTIONS)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "that all stay open, in 100% of draws, where a game made at random has one there in 1.6%" in said
    assert "the United States loses 8 [8 to 8] USD bn, and all others together lose 4 [4 to 4] USD bn" in said
    assert "china restrict -2 [-2 to -2] -8 [-8 to -8] -2 [-2 to -2] 0 [0 to 0]* -12 [-12 to -12]" in said
    assert "once a point is worth 80 [80 to 80] USD bn" in said
    assert "open open open 100% 0%" in said


def test_csv_has_a_line_a_move_and_party_and_json_everything(invoke, planted: None) -> None:
    rows = list(csv.DictReader(io.StringIO(invoke("blocs", *OPTIONS, "--format", "csv").stdout)))
    assert len(rows) == 3 * 3 * 5
    assert {row["median_usd_bn"] for row in rows if row["mover"] == row["party"] and row["move"] == "both"} == {"-16.0"}
    found = json.loads(invoke("blocs", *OPTIONS, "--per-point", "90", "--format", "json").stdout)
    assert len(found["payoffs"]) == 64
    assert found["equilibria"] == [{"profile": dict.fromkeys(BLOCS, "open"), "share": 1.0}]
    assert found["equilibria_with_standing"][0]["profile"] == dict.fromkeys(BLOCS, "both")
    assert found["turns_at_usd_bn"] == pytest.approx(89.1)
    assert found["command"].startswith("headrace blocs baseline --draws 3 --seed 3 --quarters 10")
    assert found["command"].endswith("--per-point 90")
    assert found["moves"]["europe"]["restrict"]["title"] == "Licences for lithography"
    assert {row["part"] for row in found["own_effects"]} == set(PARTS)


def test_who_plays_and_what_is_known_of_the_accounts_can_be_named(invoke, planted: None, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    shipped = Path(measured.__file__).parents[2] / "data" / "blocs.toml"
    file.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    two = ("--bloc", "china", "--bloc", "europe", "--strategy", "restrict", "--strategy", "both")
    asked = (*OPTIONS, *two, "--set", "bloc.excess_burden=0.5", "--blocs", str(file))
    found = json.loads(invoke("blocs", *asked, "--format", "json").stdout)
    assert [list(row["profile"]) for row in found["equilibria"]] == [["china", "europe"]]
    assert found["effects"] == []
    assert found["payoffs"][0]["china"]["median"] == pytest.approx(-10 + 4 * 0.5)
    for words in ("--bloc china --bloc europe", "--strategy both", "--set bloc.excess_burden=0.5", f"--blocs {file}"):
        assert words in found["command"]
    assert "players=['china', 'europe']" in found["call"]
    table = invoke("blocs", *asked)
    assert table.exit_code == 0
    assert "What one bloc alone does" not in table.stdout
    assert invoke("blocs", *asked, "--format", "csv").stdout.startswith("mover,move,party")


def test_a_profile_can_be_asked_about(invoke, planted: None) -> None:
    asked = [word for name in BLOCS for word in ("--profile", f"{name}={'both' if name == 'china' else 'open'}")]
    said = " ".join(invoke("blocs", *OPTIONS, *asked).stdout.split())
    assert "bloc it plays value united_states open -4 [-4 to -4] china both -16 [-16 to -16]" in said
    found = json.loads(invoke("blocs", *OPTIONS, *asked, "--format", "json").stdout)
    assert found["profile"]["china"]["median"] == pytest.approx(-16)
    assert "--profile china=both" in found["command"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["basline"], ["basline", "did you mean baseline"]),
        (["--bloc", "chnia"], ["unknown bloc", "did you mean china"]),
        (["--bloc", "china"], ["the only bloc is china", "wanted two or more"]),
        (["--strategy", "open"], ["the only strategy is open"]),
        (["--strategy", "subsidize", "--strategy", "open"], ["unknown strategy", "subsidise"]),
        (["--profile", "china"], ["is not bloc=strategy"]),
        (["--profile", "china=opn"], ["profile, china", "unknown strategy", "open"]),
        (["--profile", "china=open"], ["no strategy for united_states, europe"]),
        (["--draws", "0"], ["draws", "0"]),
        (["--per-point", "-1"], ["a point of share is worth -1"]),
        (["--set", "bloc.excess_burdn=1"], ["bloc.excess_burden"]),
        (["--blocs", "none.toml"], ["none.toml", "cannot be read"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_wrong_request_is_refused(arguments: list[str], words: list[str], invoke, planted: None) -> None:
    result = invoke("blocs", *arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert [word for word in words if word not in result.stderr] == [], result.stderr


def test_ctrl_c_answers_nothing(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("headrace.service.blocs", interrupt, raising=False)
    result = invoke("blocs")
    assert result.exit_code == 130
    assert "stopped; nothing was played" in result.stderr


@pytest.fixture
def section_of(
    made_future: Callable[..., xr.Dataset],
    made_history: Callable[..., xr.Dataset],
    made_answers: Callable[..., Answers],
    planted: None,
) -> Callable[..., tuple[Section | None, Answers]]:
    def make(**options: Any) -> tuple[Section | None, Answers]:
        future, past = made_future(draws=30, quarters=8), made_history()
        asked = {"blocs": service.blocs(**{"draws": 3, "quarters": 10, **options})} if options else {}
        answers = made_answers(future, past, asked=asked)
        return question.blocs(Pair(future, past), answers), answers

    return make


def test_the_section_is_there_only_where_it_was_asked(section_of: Callable[..., Any]) -> None:
    assert any(question.blocs in asks for _, asks in page._QUESTIONS)
    assert section_of()[0] is None
    found, answers = section_of(seed=3)
    assert "all stay open" in plain_words(found.sentence)
    assert plain_words(found.chart.finding) == "Restricting alone hurts others and pays for nobody who does it"
    assert found.receipt == "asked.blocs"
    assert {part.receipt for part in found.sentence + found.note if isinstance(part, Shown)} == {"asked.blocs"}
    assert [label for label, _ in found.table.rows][:2] == ["Money alone", "USD 10 bn"]
    assert [[part.text for part in cells[:3]] for _, cells in found.table.rows][::4] == [["open"] * 3, ["both"] * 3]
    assert len({len(cells) for _, cells in found.table.rows} | {len(found.table.head) - 1}) == 1
    slip = asked_receipt("blocs", answers)
    assert slip.reproduce_cli.startswith("headrace blocs baseline --draws 3 --seed 3 --quarters 10")
    rows = list(csv.DictReader(io.StringIO(base64.b64decode(found.data_address.partition(",")[2]).decode())))
    assert len(rows) == 45
    assert {row["unit"] for row in rows} == {"USD bn"}


def test_a_game_in_which_nobody_can_stay_open_has_no_section(section_of: Callable[..., Any]) -> None:
    assert section_of(strategies=["restrict", "both"])[0] is None
    found, _ = section_of(strategies=["open", "subsidise"])
    assert plain_words(found.chart.finding) == "What a bloc spends alone does others no good that can be told from zero"
