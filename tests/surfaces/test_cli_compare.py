"""``headrace compare`` as a user runs it; nothing is simulated here but where a test says so."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

OWN = """
title = "Late"
dated = 2026-09-01
summary = "A change with a date, for the test of the command line."

[[changes]]
parameter = "logic.availability"
value = 0.9
start = "2026Q3"
reason = "For the test of the command line"
"""


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch, made_future: Callable[..., xr.Dataset]) -> list[dict[str, Any]]:
    """Instead of a simulation: made-up futures, in which anything but the baseline spends a tenth less."""
    asked: list[dict[str, Any]] = []

    def simulate(spec: str, **options: Any) -> xr.Dataset:
        asked.append({"scenario": spec, **options})
        made = made_future(draws=options["draws"], quarters=options["quarters"], title=spec, world_status=0)
        share = 1.0 if spec == "baseline" else 0.9
        return made.assign({"ai_capital_expenditure_usd_bn": share * made["ai_capital_expenditure_usd_bn"]})

    monkeypatch.setattr("headrace.service.worlds.simulate", simulate)
    return asked


def test_the_table_says_what_is_different_in_sentences_and_numbers(invoke, simulated) -> None:
    result = invoke("compare", "baseline", "tariff", "--draws", "30")
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "base baseline other tariff" in said
    assert "is lower in 100% of draws" in said
    assert "-10.0 % in the median" in said
    assert "All 30 draws run to the end in both futures." in said
    assert "paired width" in said


def test_json_holds_everything_and_no_number_that_is_none(invoke, simulated) -> None:
    found = json.loads(invoke("compare", "baseline", "tariff", "--draws", "30", "--format", "json").stdout)
    assert (found["base"], found["other"], found["draws_compared"]) == ("baseline", "tariff", 30)
    rows = {row["figure"]: row for row in found["figures"]}
    whole = rows["ai_capital_expenditure_usd_bn.all"]
    assert whole["relative_median"] == pytest.approx(-0.1)
    assert whole["share_lower"] == 1
    assert rows["coverage_year"]["relative_median"] is None
    assert {row["link"] for row in found["links"]} > {"adoption", "orders of IT", "capacity of grid", "net debt"}
    assert found["base_world"]["seed"] == 7
    assert found["headlines"]["spending"].startswith("AI capital expenditure")


def test_csv_has_a_row_for_each_output(invoke, simulated) -> None:
    result = invoke("compare", "baseline", "tariff", "--draws", "30", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert "ai_capital_expenditure_usd_bn.2030" in [row["figure"] for row in rows]
    assert all(row["difference_median"] for row in rows)


def test_both_are_simulated_with_the_same_options(invoke, simulated) -> None:
    options = ["--draws", "2e1", "--seed", "3", "--quarters", "12", "--set", "demand.compute_margin=0.5"]
    assert invoke("compare", "baseline", "credit_crunch+slow_adoption", *options).exit_code == 0
    one, two = ({k: v for k, v in asked.items() if k not in ("scenario", "progress")} for asked in simulated)
    assert one == two
    assert (one["draws"], one["seed"], one["quarters"]) == (20, 3, 12)
    assert one["settings"] == {"demand.compute_margin": 0.5}
    assert [asked["scenario"] for asked in simulated] == ["baseline", "credit_crunch+slow_adoption"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["baseline"], ["OTHER"]),
        (["baseline", "tarif"], ["tarif", "did you mean tariff"]),
        (["basline", "tariff"], ["basline", "did you mean baseline"]),
        (["baseline", "tariff", "--without", "invester"], ["unknown fear", "investor"]),
        (["baseline", "tariff", "--draws", "0"], ["draws", "0"]),
        (["baseline", "tariff", "--draws", "many"], ["--draws", "whole number"]),
        (["baseline", "tariff", "--quarters", "0"], ["quarters"]),
        (["baseline", "tariff", "--seed", "-1"], ["seed"]),
        (["baseline", "tariff", "--set", "memory.usable_share"], ["name=value"]),
        (["baseline", "tariff", "--set", "adoption.imitation=1", "--set", "adoption.imitation=2"], ["more than once"]),
        (["baseline", "gone.toml"], ["gone.toml", "cannot be read"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_wrong_request_is_refused_before_anything_is_simulated(
    arguments: list[str], words: list[str], invoke, simulated
) -> None:
    result = invoke("compare", *arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert [word for word in words if word not in result.stderr] == [], result.stderr
    assert simulated == []


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("2026Q1", ["own.toml, change 1", "before the run from 2026Q3 to 2027Q2", "choose 2026Q3 or later"]),
        ("2028Q1", ["own.toml, change 1", "after the run from 2026Q3 to 2027Q2", "--quarters 7 would reach it"]),
    ],
)
def test_a_shock_outside_the_run_is_refused(start: str, words: list[str], invoke, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN.replace("2026Q3", start))
    result = invoke("compare", "own.toml", "own.toml", "--draws", "16", "--quarters", "4")
    assert result.exit_code == 2, result.output
    assert [word for word in words if word not in result.stderr] == [], result.stderr


def test_worlds_that_end_everywhere_are_a_failure_that_names_the_cause(
    invoke, made_future: Callable[..., xr.Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = made_future(draws=16, quarters=4, world_status=1)
    monkeypatch.setattr("headrace.service.worlds.simulate", lambda *_, **__: ended)
    result = invoke("compare", "baseline", "bust", "--draws", "16", "--quarters", "4")
    assert result.exit_code == 1
    assert "no draw runs to the end in both futures" in result.stderr
    assert "unfunded" in result.stderr


def test_ctrl_c_compares_nothing(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("headrace.service.compare", interrupt)
    result = invoke("compare", "baseline", "tariff")
    assert result.exit_code == 130
    assert "stopped; nothing was compared" in result.stderr
