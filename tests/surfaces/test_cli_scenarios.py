"""``headrace scenarios`` as a user runs it: the list, one page, and what a page of one's own does wrong."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

OWN = """
title = "Dear memory"
dated = 2026-09-01
summary = "Less of the memory that is made reaches accelerators."
includes = ["tariff"]

[[changes]]
parameter = "memory.usable_share"
multiply = 0.9
reason = "For the test of the command line"
"""


def test_every_scenario_is_listed_with_its_title(invoke) -> None:
    lines = invoke("scenarios").stdout.splitlines()
    assert lines[1].split() == ["baseline", "Baseline"]
    assert any(line.startswith("hbm_shortage ") and "memory" in line for line in lines)


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_page_says_what_is_changed_when_and_why(form: str, invoke) -> None:
    result = invoke("scenarios", "foundry_outage", "--format", form)
    assert result.exit_code == 0
    if form == "json":
        page = json.loads(result.stdout)
        assert page["name"] == "foundry_outage"
        changes = page["changes"]
    elif form == "csv":
        changes = list(csv.DictReader(io.StringIO(result.stdout)))
    else:
        assert "held at 0.6" in result.stdout
        assert "in 2027Q2" in result.stdout
        assert "renesas_naka_2021" in result.stdout
        return
    assert [(change["parameter"], change["what"], change["when"]) for change in changes] == [
        ("logic.availability", "held at 0.6", "in 2027Q2"),
        ("logic.availability", "held at 0.85", "in 2027Q3"),
    ]


def test_what_json_says_of_a_page_makes_the_scenario_again(invoke) -> None:
    from headrace.scenarios import scenario

    page = json.loads(invoke("scenarios", "bust", "--format", "json").stdout)
    words = {"what", "when"}
    changes = [{key: said for key, said in row.items() if said != "" and key not in words} for row in page["changes"]]
    again = scenario({key: page[key] for key in ("title", "dated", "summary")} | {"changes": changes})
    assert [change.names for change in again.changes] == [change.names for change in scenario("bust").changes]


def test_a_page_of_ones_own_shows_what_it_includes(invoke, tmp_path: Path) -> None:
    (tmp_path / "dear_memory.toml").write_text(OWN)
    result = invoke("scenarios", "dear_memory.toml")
    assert result.exit_code == 0
    assert "× 0.9" in result.stdout
    assert "always, the start included" in result.stdout
    assert "electrical.import_duty" in result.stdout


def test_scenarios_are_shown_together(invoke) -> None:
    page = json.loads(invoke("scenarios", "tariff+slow_adoption", "--format", "json").stdout)
    assert page["name"] == "tariff+slow_adoption"
    assert page["changes"][-1]["parameter"] == "adoption.imitation"


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("tarif", "", "", ["tarif", "did you mean tariff"]),
        ("baseline+tarif", "", "", ["tarif", "did you mean tariff"]),
        ("tariff+tariff", "", "", ["tariff+tariff", "more than once"]),
        ("gone.toml", "", "", ["gone.toml", "cannot be read"]),
        ("own.toml", "memory.usable_share", "memory.usable_shore", ["own.toml, change 1", "memory.usable_share"]),
        ("own.toml", "memory.usable_share", "mem*.usable_shore", ["own.toml, change 1", "unknown parameter"]),
        ("own.toml", "multiply", "multipy", ["own.toml", "changes.0.multipy", "wanted multiply"]),
        ("own.toml", "0.9", "1.4", ["own.toml, change 1", "0.84 to 1.148", "0.001 to 1", "For the test"]),
        ("own.toml", "0.9", "0.9\nstart = '2028Q1'\nend = '2027Q1'", ["own.toml, change 1", "an end after the start"]),
        ("own.toml", "0.9", "0.9\nsource = 'renesas_naka'", ["own.toml, change 1", "renesas_naka_2021"]),
        ("own.toml", '"tariff"', '"tarif"', ["own.toml", "did you mean tariff"]),
        ("own.toml", '"tariff"', '"own.toml"', ["own.toml includes own.toml", "leads back"]),
        (
            "own.toml",
            'parameter = "memory.usable_share"\nmultiply = 0.9',
            'parameter = "systems.import_duty"\nvalue = 0.3\nstart = "2028Q1"',
            ["own.toml, change 1, and tariff.toml, change 4, contradict", "systems.import_duty"],
        ),
    ],
)
def test_what_cannot_mean_anything_is_refused_with_what_was_wanted(
    name: str, old: str, new: str, words: list[str], invoke, tmp_path: Path
) -> None:
    assert old in OWN
    (tmp_path / "own.toml").write_text(OWN.replace(old, new))
    result = invoke("scenarios", name)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert [word for word in words if word not in result.stderr] == [], result.stderr


def test_the_page_of_the_documents_is_a_scenario(root: Path, invoke, tmp_path: Path) -> None:
    text = (root / "docs" / "scenarios.md").read_text(encoding="utf-8")
    (written,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "mine.toml").write_text(written)
    page = json.loads(invoke("scenarios", "mine.toml", "--format", "json").stdout)
    assert [change["parameter"] for change in page["changes"]] == ["funding.debt_room_factor", "adoption.imitation"]
