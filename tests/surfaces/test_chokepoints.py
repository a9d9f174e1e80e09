"""``headrace chokepoints`` and its sections of the report as a user meets them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import xarray as xr

from headrace import service
from headrace.report.answers import Answers
from headrace.report.asked_receipts import asked_receipt
from headrace.report.figures import Shown
from headrace.report.questions import relief
from headrace.report.section import plain_words
from headrace.report.series import Pair
from headrace.variables import LAYERS

DRAWS = 64
OPTIONS = ("--draws", str(DRAWS))


@pytest.fixture(scope="module")
def answer() -> xr.Dataset:
    return service.chokepoints(draws=DRAWS)


@pytest.fixture
def answered(answer: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> xr.Dataset:
    monkeypatch.setattr("headrace.service.chokepoints", lambda *_, **__: answer, raising=False)
    return answer


def test_the_table_says_what_binds_and_what_a_unit_is_worth(invoke, answered: xr.Dataset) -> None:
    result = invoke("chokepoints", *OPTIONS)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    for headline in service.chokepoint_headlines(answered):
        assert " ".join(headline.sentence.split()) in said.replace("  ", " ")
    for words in ("worker-quarter", "MVA", "first binds", "then (by chance)"):
        assert words in said


def test_csv_has_a_row_for_each_quarter_and_layer(invoke, answered: xr.Dataset) -> None:
    rows = list(csv.DictReader(io.StringIO(invoke("chokepoints", *OPTIONS, "--format", "csv").stdout)))
    assert len(rows) == 40 * len(LAYERS)
    first = rows[LAYERS.index("memory")]
    assert (first["quarter"], first["layer"], first["unit"]) == ("2026Q3", "memory", "stack")
    median = float(answered["use_value_usd"].sel(layer="memory").isel(quarter=0).median())
    assert float(first["use_value_usd_median"]) == pytest.approx(median)


def test_json_holds_everything(invoke, answered: xr.Dataset) -> None:
    found = json.loads(invoke("chokepoints", *OPTIONS, "--format", "json").stdout)
    assert set(found["headlines"]) == {"binds", "follows", "worth", "bundle", "rent", "forced"}
    assert [row["layer"] for row in found["bundle"]] == list(LAYERS)
    assert (found["world"]["draws"], found["date"], found["target_gw"]) == (DRAWS, "2028Q4", 1.0)
    assert {row["limit"] for row in found["sequence"]} >= {"memory", "demand", "funding"}
    companies = {row["company"]: row for row in found["companies"]}
    assert companies["micron"]["revenue_usd_bn"] > 0
    assert found["layer_spend"][0]["quarters"] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["basline"], ["basline", "did you mean baseline"]),
        (["baseline", "--date", "2050Q1", "--quarters", "40"], ["2050Q1", "outside the run"]),
        (["baseline", "--date", "soon"], ["soon"]),
        (["baseline", "--target-gw", "0"], ["target_gw is 0", "more than 0"]),
        (["baseline", "--without", "invester"], ["unknown fear", "investor"]),
        (["baseline", "--draws", "0"], ["draws", "0"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_wrong_request_is_refused(arguments: list[str], words: list[str], invoke) -> None:
    draws = () if "--draws" in arguments else OPTIONS
    result = invoke("chokepoints", *arguments, *draws)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert [word for word in words if word not in result.stderr] == [], result.stderr


def test_ctrl_c_answers_nothing(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("headrace.service.chokepoints", interrupt, raising=False)
    result = invoke("chokepoints")
    assert result.exit_code == 130
    assert "stopped; nothing was answered" in result.stderr


@pytest.fixture
def pages(
    made_future: Callable[..., xr.Dataset],
    made_history: Callable[..., xr.Dataset],
    made_answers: Callable[..., Answers],
) -> Callable[..., Any]:
    def make(**asked: xr.Dataset) -> tuple[Pair, Answers]:
        future, past = made_future(draws=30, quarters=8), made_history()
        return Pair(future, past), made_answers(future, past, asked=asked)

    return make


def test_the_report_says_it_only_where_it_was_asked(pages: Callable[..., Any], answer: xr.Dataset) -> None:
    assert relief.worth(*pages()) is None
    assert relief.forced(*pages()) is None
    pair, answers = pages(chokepoints=answer)
    section = relief.worth(pair, answers)
    assert section is not None
    assert section.chart is not None
    assert "A dollar more" in plain_words(section.sentence) or "For a dollar more" in plain_words(section.sentence)
    assert [label for label, _ in section.table.rows] == [layer.capitalize() for layer in LAYERS]
    assert set(section.chart.drawings) == {"wide", "narrow"}
    receipt = asked_receipt("chokepoints", answers)
    assert receipt.reproduce_cli.startswith("headrace chokepoints baseline")


def test_every_figure_opens_the_receipt_of_the_answer(pages: Callable[..., Any], answer: xr.Dataset) -> None:
    pair, answers = pages(chokepoints=answer)
    for make in (relief.worth, relief.forced):
        section = make(pair, answers)
        shown = [cell for _, cells in section.table.rows for cell in cells if isinstance(cell, Shown)]
        assert shown
        assert {cell.receipt for cell in shown} == {"asked.chokepoints"}
