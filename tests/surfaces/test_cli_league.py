"""``headrace league`` as a user runs it."""

from __future__ import annotations

import csv
import io
import json

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
