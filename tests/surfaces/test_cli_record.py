"""``headrace record`` as a user runs it, and the league that reads what it wrote."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import headrace as hr
from headrace.evidence import own_forecasts
from headrace.variables import PLAYERS


def test_a_forecast_is_recorded_once_a_day_and_stands_open_in_the_league(invoke, tmp_path) -> None:
    done = invoke("record", "--ledger", "mine.jsonl", "--draws", "4", "--quarters", "2", "--format", "json")
    assert done.exit_code == 0
    rows = json.loads(done.stdout)
    assert len(rows) == 2 * (1 + len(PLAYERS))
    coming = own_forecasts.first_open_quarter(PLAYERS, dt.date.fromisoformat(rows[0]["made_on"]))
    assert rows[0]["period"] == coming
    assert rows[0]["0.05"] < rows[0]["0.5"] < rows[0]["0.95"]
    before = (tmp_path / "mine.jsonl").read_bytes()
    assert before.decode().count("\n") == len(rows)

    again = invoke("record", "--ledger", "mine.jsonl", "--draws", "4", "--quarters", "2")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "baseline was recorded on" in again.stderr
    assert (tmp_path / "mine.jsonl").read_bytes() == before

    other = invoke("record", "coordinated_pause", "--ledger", "mine.jsonl", "--draws", "4", "--format", "csv")
    assert other.exit_code == 0
    assert len(list(csv.DictReader(io.StringIO(other.stdout)))) == 8 * (1 + len(PLAYERS))
    assert (tmp_path / "mine.jsonl").read_bytes().startswith(before)

    league = hr.league(ledger=tmp_path / "mine.jsonl")
    mine = league.isel(forecast=(league["ledger"] == "mine.jsonl").values)
    assert set(mine["who"].values) == {"headrace, baseline", "headrace, coordinated_pause"}
    assert f"open until {coming} is filed" in mine["status"].values
    shown = invoke("league", "--ledger", "mine.jsonl")
    assert f"{2 * (1 + len(PLAYERS))} open until {coming} is filed" in shown.stderr


def test_a_changed_ledger_is_refused_by_the_line(invoke, tmp_path) -> None:
    (tmp_path / "mine.jsonl").write_text("{}\n", encoding="utf-8")
    for command in (["record", "--draws", "4"], ["league"]):
        result = invoke(*command, "--ledger", "mine.jsonl")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "mine.jsonl, line 1: wanted the keys" in result.stderr


def test_requests_that_cannot_be_recorded_are_refused_before_anything_is_computed(invoke, tmp_path) -> None:
    for arguments, said in (
        (["--quarters", "0"], "quarters is 0; 1 to 40 can be recorded"),
        (["--quarters", "41"], "quarters is 41; 1 to 40"),
        (["--draws", "0"], "draws"),
        (["no_such_world"], "no_such_world"),
    ):
        result = invoke("record", "--ledger", "mine.jsonl", *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr
    assert invoke("record").exit_code == 2
    assert "its folder does not exist" in invoke("record", "--ledger", "no/mine.jsonl").stderr
    assert list(tmp_path.iterdir()) == []
