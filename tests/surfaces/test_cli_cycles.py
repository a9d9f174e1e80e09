"""``headrace cycles`` as a user runs it, on the one cycle that is over at once: of telecom nothing can be scored."""

from __future__ import annotations

import csv
import io
import json

import pytest

CYCLE = "telecom"


def test_the_table_has_a_line_for_what_is_not_scored_and_the_parameters_below_it(invoke) -> None:
    result = invoke("cycles", "--cycle", CYCLE)
    assert result.exit_code == 0
    skill, parameters = result.stdout.split("\n\n")
    assert [line.split() for line in skill.splitlines()[1:]] == [[CYCLE, ahead, "0"] for ahead in "1248"]
    assert "adjustment_speed" in parameters
    assert "ai_builders" in parameters
    assert "telecom: 576 of 576 not scored" in result.stderr


def test_json_holds_every_forecast_with_its_status_and_csv_the_skill(invoke) -> None:
    said = json.loads(invoke("cycles", "--cycle", CYCLE, "--format", "json").stdout)
    assert list(said) == ["forecasts", "skill", "parameters", "spend_to_pool"]
    assert all(row["status"].startswith("not scored, because") for row in said["forecasts"])
    assert {row["crps_ratio"] for row in said["skill"]} == {None}
    assert {row["cycle"] for row in said["parameters"]} == {"ai_builders", CYCLE}
    rows = [row for row in said["spend_to_pool"] if row["cycle"] == CYCLE]
    assert all(row["spend_to_pool_0.05"] < row["spend_to_pool_0.95"] for row in rows)
    table = list(csv.DictReader(io.StringIO(invoke("cycles", "--cycle", CYCLE, "--format", "csv").stdout)))
    assert [row["rival"] for row in table] == [row["rival"] for row in said["skill"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--cycle", "railroad"), "unknown cycle 'railroad'; did you mean railroads"),
        (("--cycle", CYCLE, "--format", "xml"), "'xml' is not one of 'table', 'json', 'csv'"),
        (("--cycle", CYCLE, "--out", "no/such/folder/file"), "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(invoke, arguments: tuple[str, ...], said: str) -> None:
    result = invoke("cycles", *arguments)
    assert result.exit_code in {1, 2}
    assert result.stdout == ""
    assert said in result.stderr
