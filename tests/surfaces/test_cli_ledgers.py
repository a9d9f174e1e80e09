"""Closes, events and guidance on the command line, as somebody asks for them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import headrace as hr
from headrace.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["facts", *arguments])


def test_month_ends_of_one_ticker_are_those_of_the_notebook() -> None:
    rows = json.loads(run("closes", "NVDA", "--format", "json").stdout)
    assert {row["ticker"] for row in rows} == {"NVDA"}
    assert [row["close"] for row in rows] == hr.closes("nvda")["close"].tolist()


def test_daily_closes_are_those_that_were_imported(tmp_path: Path) -> None:
    file = tmp_path / "closes.csv"
    file.write_text("Date,Ticker,Adj Close\n2026-08-20,NVDA,180.5\n2026-08-21,NVDA,181.5\n")
    store = str(tmp_path / "store")
    assert run("fetch", "--source", "prices", "--from", str(file), "--store", store).exit_code == 0
    rows = json.loads(run("closes", "NVDA", "--daily", "--store", store, "--format", "json").stdout)
    assert [(row["day"], row["close"]) for row in rows] == [("2026-08-20", 180.5), ("2026-08-21", 181.5)]


def test_events_known_by_a_day_hold_nothing_later_and_of_the_kind_asked_for_alone() -> None:
    rows = json.loads(run("events", "--kind", "debt", "--as-of", "2025-12-31", "--format", "json").stdout)
    assert rows
    assert {row["kind"] for row in rows} == {"debt"}
    assert max(row["date"] for row in rows) <= "2025-12-31"
    assert all(row["source_url"].startswith("http") for row in rows)


def test_guidance_known_by_a_day_is_what_had_been_announced() -> None:
    result = run("guidance", "--entity", "META", "--as-of", "2025-06-30", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["entity"] for row in rows} == {"meta"}
    assert max(row["announced"] for row in rows) <= "2025-06-30"
    table = run("guidance", "--entity", "META", "--as-of", "2025-06-30").stdout
    assert len(table.splitlines()) == len(rows) + 1
    assert "nan" not in table.split()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("closes", "NVDDA"), 2, "NVDA"),
        (("closes", "--daily"), 1, "no daily closes"),
        (("events", "--kind", "loan"), 2, "known: acquisition"),
        (("events", "--as-of", "soon"), 2, "'soon' is not a date"),
        (("guidance", "--entity", "METTA"), 2, "META"),
    ],
)
def test_a_wrong_question_is_one_sentence(arguments: tuple[str, ...], code: int, words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_nothing_known_by_then_is_said() -> None:
    result = run("guidance", "--as-of", "1999-01-01")
    assert result.exit_code == 0
    assert "nothing of that kind" in result.stderr
