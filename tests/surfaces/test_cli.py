"""The command line as a user runs it: what it prints, what it leaves on disk, and how it refuses.

Each refusal is one sentence on stderr and an exit code: 2 where the request was wrong, 1 where the world was.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from pathlib import Path

import pytest
from click.testing import Result

SMALL = ["--draws", "16", "--quarters", "4"]


SCENARIO = """
title = "Dear memory"
dated = 2026-09-01
summary = "Less of the memory that is made reaches accelerators."

[[changes]]
parameter = "memory.usable_share"
value = 0.65
reason = "For the test of the command line"
"""


def refused(result: Result, code: int, *words: str) -> None:
    """One sentence on stderr that holds ``words``, nothing on stdout, no traceback, and this exit code."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert [word for word in words if word not in result.stderr] == [], result.stderr


def left_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "baselin"], ["baselin", "scenario", "baseline"]),
        (["run", "baseline", "nowhere"], ["nowhere", "scenario"]),
        (["run", "--set", "memory.capacity_stack_per_quarter=2e7"], ["memory.capacity_stacks_per_quarter"]),
        (["run", "--set", "builder.microsft.ai_share=0.5"], ["builder.microsoft.ai_share"]),
        (["run", "--set", "region.virgina.headroom=0.5"], ["region.virgina.headroom", "unknown parameter"]),
        (["run", "--set", "memory.usable_share=7"], ["memory.usable_share", "7", "0.001", "1"]),
        (["run", "--set", "memory.usable_share=nan"], ["memory.usable_share", "finite"]),
        (["run", "--set", "memory.usable_share"], ["name=value"]),
        (["run", "--set", "memory.usable_share=0.7", "--set", "memory.usable_share=0.8"], ["more than once"]),
        (["run", "--as-of", "2026-13-01"], ["2026-13-01", "YYYY-MM-DD"]),
        (["run", "--as-of", "tomorrow"], ["tomorrow", "YYYY-MM-DD"]),
        (["run", "--as-of", "1990-01-01"], ["1990-01-01"]),
        (["run", "--draws", "0"], ["draws", "0"]),
        (["run", "--draws", "-5"], ["draws", "-5"]),
        (["run", "--draws", "1e12"], ["draws", "1 to 1,000,000"]),
        (["run", "--draws", "2.5"], ["--draws", "2.5", "whole number"]),
        (["run", "--draws", "many"], ["--draws", "many", "whole number"]),
        (["run", "--draws", "inf"], ["--draws", "inf", "whole number"]),
        (["run", "--quarters", "0"], ["quarters", "0"]),
        (["run", "--quarters", "1e6"], ["quarters"]),
        (["run", "--seed", "-1"], ["seed", "-1"]),
        (["run", "--precision", "16"], ["--precision", "16"]),
        (["explain", "memory.capacity_stack_per_quarter"], ["memory.capacity_stacks_per_quarter"]),
        (["explain", "builder.microsft.ai_share"], ["builder.microsoft.ai_share"]),
        (["explain", ""], ["unknown"]),
        (["rum"], ["rum"]),
    ],
    ids=lambda value: " ".join(value) if value and value[0] in {"run", "explain", "rum"} else "",
)
def test_a_wrong_request_is_refused_with_what_was_wanted(
    arguments: list[str], words: list[str], invoke, tmp_path: Path
) -> None:
    refused(invoke(*arguments), 2, *words)
    assert left_in(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_computed(
    invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("mine")
    monkeypatch.setattr("headrace.service.simulate", lambda *_, **__: pytest.fail("computed"))
    refused(invoke("run", *SMALL, "--out", "file"), 1, "file/baseline", "cannot write there", "--out")
    assert left_in(tmp_path) == ["file"]


def test_a_read_only_folder_is_refused(invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    refused(invoke("run", *SMALL), 1, "out/baseline", "permission denied", "--out")


@pytest.mark.parametrize("writer", ["headrace.service.save", "headrace.report.write_report"])
def test_a_full_disk_leaves_the_old_result_alone(
    writer: str, invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "out" / "baseline"
    old.mkdir(parents=True)
    (old / "report.html").write_text("old")

    def fill(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writer, fill)
    refused(invoke("run", *SMALL), 1, "disk is full", "nothing was written", "old result is untouched")
    assert left_in(tmp_path) == ["out", "out/baseline", "out/baseline/report.html"]
    assert (old / "report.html").read_text() == "old"


def test_ctrl_c_while_computing_writes_nothing(invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("headrace.service.simulate", interrupt)
    refused(invoke("run", *SMALL), 130, "stopped; nothing was written, the old result is untouched")
    assert left_in(tmp_path) == []


def test_ctrl_c_in_the_second_scenario_says_that_the_first_is_there(
    invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headrace import service

    (tmp_path / "dear_memory.toml").write_text(SCENARIO)
    simulate = service.simulate

    def interrupt_second(scenario: str, **options: object) -> object:
        if scenario == "dear_memory.toml":
            raise KeyboardInterrupt
        return simulate(scenario, **options)

    monkeypatch.setattr("headrace.service.simulate", interrupt_second)
    result = invoke("run", "baseline", "dear_memory.toml", *SMALL)
    assert result.exit_code == 130
    assert "baseline was written" in result.stderr
    assert left_in(tmp_path / "out") == ["baseline", "baseline/report.html", "baseline/results.zarr"]


def test_a_scenario_of_ones_own_is_written_under_its_name(invoke, tmp_path: Path) -> None:
    (tmp_path / "dear_memory.toml").write_text(SCENARIO)
    result = invoke("run", "dear_memory.toml", *SMALL)
    assert result.exit_code == 0, result.output
    assert left_in(tmp_path / "out") == ["dear_memory", "dear_memory/report.html", "dear_memory/results.zarr"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SCENARIO + 'colour = "red"', ["dear_memory.toml", "colour", "unknown key", "reason"]),
        (SCENARIO.replace("0.65", "65"), ["dear_memory.toml", "memory.usable_share", "65", "0.001 to 1"]),
        (SCENARIO.replace("usable_share", "usable_shore"), ["dear_memory.toml", "usable_shore", "memory.usable_share"]),
        (SCENARIO.replace("2026-09-01", "soon"), ["dear_memory.toml", "not TOML"]),
        ("summary = 1", ["dear_memory.toml"]),
    ],
    ids=["unknown key", "outside its range", "unknown parameter", "no date", "not a scenario"],
)
def test_a_scenario_file_that_cannot_mean_anything_is_refused(
    text: str, words: list[str], invoke, tmp_path: Path
) -> None:
    (tmp_path / "dear_memory.toml").write_text(text)
    refused(invoke("run", "dear_memory.toml"), 2, *words)
    assert left_in(tmp_path) == ["dear_memory.toml"]


def test_a_scenario_file_that_is_not_there_is_refused(invoke) -> None:
    refused(invoke("run", "nowhere.toml"), 2, "nowhere.toml")


def test_two_scenarios_that_would_share_a_folder_are_refused(invoke) -> None:
    refused(invoke("run", "baseline", "mine/baseline.toml"), 2, "mine/baseline.toml", "both", "out/baseline")


def test_running_out_of_memory_says_what_to_ask_for_instead(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhaust(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("headrace.service.simulate", exhaust)
    refused(invoke("run", *SMALL), 1, "out of memory", "--draws")


def test_explain_says_value_basis_and_source(invoke) -> None:
    result = invoke("explain", "memory.capacity_stacks_per_quarter")
    assert result.exit_code == 0
    for word in ("stack/quarter", "published", "TrendForce", "https://"):
        assert word in result.stdout


def test_explain_takes_a_variable_too(invoke) -> None:
    result = invoke("explain", "capital_expenditure_usd_bn")
    assert result.exit_code == 0
    assert "USD bn" in result.stdout


def test_explain_as_json_is_a_list_of_one(invoke) -> None:
    result = invoke("explain", "memory.capacity_stacks_per_quarter", "--format", "json")
    assert [entry["unit"] for entry in json.loads(result.stdout)] == ["stack/quarter"]


def test_explain_as_csv_is_one_row(invoke) -> None:
    result = invoke("explain", "memory.capacity_stacks_per_quarter", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["unit"] for row in rows] == ["stack/quarter"]


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_scenarios_lists_the_baseline_in_every_format(form: str, invoke) -> None:
    result = invoke("scenarios", "--format", form)
    assert result.exit_code == 0
    assert "baseline" in result.stdout
    if form == "json":
        assert "baseline" in [card["name"] for card in json.loads(result.stdout)]
    if form == "csv":
        assert "baseline" in [card["name"] for card in csv.DictReader(io.StringIO(result.stdout))]


@pytest.mark.parametrize("form", ["text", "bibtex", "cff"])
def test_cite_prints_the_citation(form: str, invoke) -> None:
    from headrace.citation import citation

    assert invoke("cite", "--format", form).stdout == citation(form) + "\n"


def test_whole_numbers_may_be_written_with_an_exponent(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    def note(_: str, **options: object) -> None:
        asked.update(options)
        raise KeyboardInterrupt

    monkeypatch.setattr("headrace.service.simulate", note)
    invoke("run", "--draws", "2e3", "--set", "memory.usable_share=0.7", "--precision", "32")
    assert asked["draws"] == 2000
    assert asked["settings"] == {"memory.usable_share": 0.7}
    assert asked["precision"] == 32
