"""``headrace fears`` and its section of the report as a user meets them, on worlds whose spending is planted."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import xarray as xr

from headrace import service
from headrace._types import Headline
from headrace.report import page
from headrace.report.answers import Answers
from headrace.report.asked_receipts import asked_receipt
from headrace.report.figures import Shown
from headrace.report.questions import fears as question
from headrace.report.section import Section, plain_words
from headrace.report.series import Pair

OPTIONS = ("--draws", "5", "--quarters", "10", "--seed", "3")


def test_the_table_says_what_holds_spending_up(invoke, planted_fears: Mapping[str, float]) -> None:
    result = invoke("fears", *OPTIONS)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "Corporate fear adds 90 [" in said
    assert "corporate 90.0 [36.0 to 144.0] yes 33.3 [33.3 to 33.3]" in said
    assert "technological 0.0 [0.0 to 0.0] no 100.0 [100.0 to 100.0]" in said
    assert "2026 (2 quarters)" in said


def test_csv_has_a_row_for_each_fear_and_year_and_for_all(invoke, planted_fears: Mapping[str, float]) -> None:
    rows = list(csv.DictReader(io.StringIO(invoke("fears", *OPTIONS, "--format", "csv").stdout)))
    assert [row["year"] for row in rows[:4]] == ["2026", "2027", "2028", "total"]
    assert len(rows) == 16
    assert sum(float(row["median_usd_bn"]) for row in rows[:3]) == pytest.approx(float(rows[3]["median_usd_bn"]))


def test_json_holds_everything(invoke, planted_fears: Mapping[str, float]) -> None:
    found = json.loads(invoke("fears", "baseline", *OPTIONS, "--format", "json").stdout)
    halving = {row["weakened"]: row for row in found["halving"]}
    assert halving["corporate"]["strength"]["median"] == pytest.approx(0.25)
    assert (halving["national"]["share_of_draws"], halving["national"]["strength"]) == (0, None)
    assert set(found["headlines"]) == {"held_up", "left", "halved", "runs"}
    assert (found["world"]["draws"], found["world"]["seed"]) == (5, 3)
    assert len(found["spending_usd_bn"]) == 16


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["basline"], ["basline", "did you mean baseline"]),
        (["baseline", "--without", "invester"], ["unknown fear", "investor"]),
        (["baseline", "--draws", "0"], ["draws", "0"]),
        (["baseline", "--set", "memory.usable_share"], ["name=value"]),
        (["sovereign_programme", "--draws", "2"], ["contradict each other", "without national", "drop one"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_wrong_request_is_refused(
    arguments: list[str], words: list[str], invoke, planted_fears: Mapping[str, float]
) -> None:
    result = invoke("fears", *arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert [word for word in words if word not in result.stderr] == [], result.stderr


def test_ctrl_c_answers_nothing(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("headrace.service.rivalries.fears", interrupt)
    monkeypatch.setattr("headrace.service.fears", interrupt)
    result = invoke("fears")
    assert result.exit_code == 130
    assert "stopped; nothing was answered" in result.stderr


def test_a_run_that_is_asked_hands_the_answer_to_its_report(
    invoke, made_future: Callable[..., xr.Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[Any] = []
    future = made_future(draws=5, quarters=8)
    headlines = [Headline("one", "One", "It is so.", ())]
    for name, answer in (
        ("simulate", future),
        ("headlines", headlines),
        ("answers", {"fears": future}),
        ("save", None),
    ):
        monkeypatch.setattr(f"headrace.service.{name}", lambda *_, _answer=answer, **__: _answer)
    monkeypatch.setattr("headrace.report.write_report", lambda *found: handed.append(found[4]))
    assert invoke("run", "--draws", "5", "--quarters", "8", "--ask", "fears").exit_code == 0
    assert invoke("run", "--draws", "5", "--quarters", "8").exit_code == 0
    assert [list(one) for one in handed] == [["fears"], []]
    refused = invoke("run", "--ask", "feers")
    assert refused.exit_code == 2
    assert "fears" in refused.stderr


@pytest.fixture
def section_of(
    made_future: Callable[..., xr.Dataset],
    made_history: Callable[..., xr.Dataset],
    made_answers: Callable[..., Answers],
    planted_fears: Mapping[str, float],
) -> Callable[..., tuple[Section | None, Answers]]:
    def make(**options: Any) -> tuple[Section | None, Answers]:
        future, past = made_future(draws=30, quarters=8), made_history()
        asked = {"fears": service.fears(**{"draws": 5, "quarters": 10, **options})} if options else {}
        answers = made_answers(future, past, asked=asked)
        return question.fears(Pair(future, past), answers), answers

    return make


def test_the_section_is_there_only_where_it_was_asked(section_of: Callable[..., Any]) -> None:
    assert any(question.fears in asks for _, asks in page._QUESTIONS)
    assert section_of()[0] is None
    found, answers = section_of(seed=3)
    assert "Corporate fear adds 90" in plain_words(found.sentence)
    assert found.receipt == "asked.fears"
    assert {part.receipt for part in found.sentence + found.note if isinstance(part, Shown)} == {"asked.fears"}
    assert [label for label, _ in found.table.rows][:2] == ["Corporate fear", "Technological fear"]
    assert len({len(cells) for _, cells in found.table.rows} | {len(found.table.head) - 1}) == 1
    slip = asked_receipt("fears", answers)
    assert slip.reproduce_cli.startswith("headrace fears baseline --draws 5 --seed 3 --quarters 10")
    rows = list(csv.DictReader(io.StringIO(base64.b64decode(found.data_address.partition(",")[2]).decode())))
    assert len(rows) == 16
    assert {row["unit"] for row in rows} == {"USD bn"}


def test_where_nothing_can_be_told_from_zero_the_finding_says_so(section_of: Callable[..., Any]) -> None:
    found, _ = section_of(without=["corporate", "investor", "national"])
    assert plain_words(found.chart.finding) == "What fears add to spending cannot be told from zero"
