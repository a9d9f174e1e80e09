"""``headrace hindcast`` as a user runs it: one day as a table, every format, and wrong arguments."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from headrace.analyses.hindcast import rolling

ONE_DAY = ("--from", "2024-03-31", "--to", "2024-03-31", "--series", "capital_expenditure_meta")


@pytest.fixture(autouse=True)
def short_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "FIRST_TRAINING_ORIGIN", "2022-03-31")


def test_one_day_shows_what_would_have_been_said_beside_what_was_filed(invoke) -> None:
    said = invoke("hindcast", *ONE_DAY)
    assert said.exit_code == 0, said.output
    header, *rows = said.stdout.splitlines()
    assert header.split()[:3] == ["series", "from", "quarter"]
    assert [row.split()[2] for row in rows] == [f"{2024 + n // 4}Q{n % 4 + 1}" for n in range(8)]
    low, median, high, filed = (float(cell) for cell in rows[0].split()[3:7])
    assert low < median < high
    assert filed == 6.4
    assert "hindcast: 2024-03-31" in said.stderr


def test_csv_and_json_have_every_forecaster_and_score(invoke, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    said = invoke("hindcast", *ONE_DAY, "--format", "csv", "--out", str(out))
    assert said.exit_code == 0, said.output
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert len(rows) == 8 * len(rolling.FORECASTERS)
    assert {row["status"] for row in rows} == {"scored"}
    assert all(float(row["crps"]) > 0 for row in rows)
    said = invoke("hindcast", *ONE_DAY, "--format", "json")
    everything = json.loads(said.stdout)
    assert [row["forecaster"] for row in everything["forecasts"][: len(rolling.FORECASTERS)]] == list(
        rolling.FORECASTERS
    )
    assert {row["origins"] for row in everything["skill"]} == {1}
    assert {row["crps_ratio"] for row in everything["skill"]} == {None}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--series", "capital_expenditure_mta"), "capital_expenditure_meta"),
        (("--from", "soon"), "from: 'soon' is not a date"),
        (("--from", "2024-04-01", "--to", "2024-05-01"), "no end of a quarter"),
        (("--from", "2025-01-01", "--to", "2024-01-01"), "no end of a quarter"),
    ],
)
def test_wrong_arguments_end_in_a_sentence(invoke, arguments: tuple[str, ...], said: str) -> None:
    result = invoke("hindcast", *arguments)
    assert result.exit_code in (1, 2)
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_day_before_the_facts_says_why_nothing_is_scored(invoke) -> None:
    result = invoke("hindcast", "--from", "2014-03-31", "--to", "2014-03-31", "--series", "capital_expenditure_meta")
    assert result.exit_code == 0, result.output
    assert "8 not scored, because" in result.stderr
