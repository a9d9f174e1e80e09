"""``headrace reactions`` as a user runs it, on a few specifications."""

from __future__ import annotations

import csv
import io
import json

import pytest

from headrace import service


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = service.reactions
    only = {"form": "simple", "builders": 4, "weights": "equal", "fixed_effects": "none", "control": "none"}
    monkeypatch.setattr("headrace.service.reactions", lambda **options: whole(**options, only=only))


@pytest.mark.usefixtures("few")
def test_every_form_says_the_same(invoke) -> None:
    options = ("reactions", "--permutations", "19", "--as-of", "2026-09-11")
    said = " ".join(invoke(*options).stdout.split())
    assert "it grew by 0.408 per cent more" in said
    assert "not an identified best response" in said.replace("None of this is an", "not an")
    found = json.loads(invoke(*options, "--format", "json").stdout)
    assert [row["question"] for row in found["curve"]] == [
        "annual growth",
        "annual level",
        "quarterly growth",
        "quarterly level",
    ]
    rows = list(csv.DictReader(io.StringIO(invoke(*options, "--format", "csv").stdout)))
    assert len(rows) == len(found["specifications"]) == 12
    assert float(rows[0]["slope"]) == pytest.approx(0.408, abs=0.0005)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--permutations", "5"], 2, "wanted 19 or more"),
        (["--as-of", "2021-06-30"], 1, "choose a later as_of"),
        (["--as-of", "soon"], 2, "soon"),
    ],
)
def test_what_cannot_be_answered_is_refused(arguments: list[str], status: int, words: str, invoke) -> None:
    result = invoke("reactions", *arguments)
    assert (result.exit_code, result.stdout) == (status, "")
    assert words in result.stderr
