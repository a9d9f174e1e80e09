"""``headrace league`` as a user runs it."""

from __future__ import annotations

import csv
import io
import json

import pytest

import headrace as hr


def test_the_table_ranks_what_can_be_scored_and_counts_the_rest(invoke) -> None:
    result = invoke("league")
    scored = hr.league().attrs["scored"]
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == scored + 1
    assert "not scored, because it does not name the companies it means (hyperscalers)" in result.stderr


def test_json_and_csv_hold_every_row_with_its_status(invoke) -> None:
    rows = json.loads(invoke("league", "--format", "json").stdout)
    assert len(rows) == hr.league().sizes["forecast"]
    assert {row["status"] == "scored" for row in rows} == {True, False}
    assert all((row["gain"] is None) == (row["status"] != "scored") for row in rows)
    table = list(csv.DictReader(io.StringIO(invoke("league", "--format", "csv").stdout)))
    assert [row["who"] for row in table] == [row["who"] for row in rows]


def test_a_day_that_is_none_or_too_early_is_refused(invoke) -> None:
    for day in ("soon", "1990-01-01"):
        result = invoke("league", "--as-of", day)
        assert (result.exit_code, result.stdout) == (2, "")
        assert day in result.stderr


ROW = """
[[forecast]]
who = "Our desk"
announced = 2025-02-07
measure = "capital_expenditure"
unit = "USD bn"
period = "CY2025"
target_start = 2025-01-01
target_end = 2025-12-31
members = ["meta", "amazon", "alphabet", "microsoft"]
point = 376.0
quality = "C"
source_url = "https://example.org/desk"
"""


def test_rows_of_ones_own_are_ranked_with_the_others_in_both_languages(invoke, tmp_path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(ROW, encoding="utf-8")
    rows = json.loads(invoke("league", "--with", str(path), "--format", "json").stdout)
    (mine,) = (row for row in rows if row["ledger"] == "desk.toml")
    assert (mine["who"], mine["status"]) == ("Our desk", "scored")
    assert len(rows) == hr.league().sizes["forecast"] + 1
    found = hr.league(with_rows=path)
    assert [row["gain"] for row in rows if row["gain"] is not None] == found["gain"].dropna("forecast").values.tolist()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (ROW.replace("announced = 2025-02-07\n", ""), "desk.toml, forecast 1 ('Our desk'): 'announced' is missing"),
        (ROW.replace('unit = "USD bn"\n', ""), "'unit' is missing; wanted a line of text"),
        (ROW.replace("376.0", "nan"), "point is nan; wanted positive numbers"),
        ("not TOML", "desk.toml: this is not TOML"),
    ],
    ids=["no date", "no unit", "no number", "not TOML"],
)
def test_a_file_that_breaks_the_schema_ends_in_one_sentence(invoke, tmp_path, content: str, said: str) -> None:
    (tmp_path / "desk.toml").write_text(content, encoding="utf-8")
    result = invoke("league", "--with", str(tmp_path / "desk.toml"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
