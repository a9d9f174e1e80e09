"""``headrace calibrate`` and ``headrace run --posterior`` as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SHORT = ("--chains", "2", "--warmup", "300", "--draws", "300")


def test_a_posterior_is_printed_written_and_used(invoke, tmp_path: Path) -> None:
    file = tmp_path / "posterior.json"
    said = invoke("calibrate", *SHORT, "--as-of", "2026-08-31", "--out", str(file), "--format", "json")
    assert said.exit_code == 0, said.output
    printed = json.loads(said.stdout)
    assert printed["fault"] == ""
    assert printed["last_quarter"] == "2026Q2"
    by_name = {row["parameter"]: row for row in printed["parameters"]}
    assert by_name["rivalry.franchise_at_stake"]["overlap"] < 0.9

    import headrace as hr

    # The shape of the suite's other futures, which is compiled already.
    future, plain = hr.simulate(draws=64, posterior=file), hr.simulate(draws=64)
    assert (future["expected_pool_usd_bn"] != plain["expected_pool_usd_bn"]).any()
    recipe = json.loads(future.attrs["world"])["posterior"]
    assert recipe["as_of"] == "2026-08-31"
    assert "rivalry.franchise_at_stake" in recipe["parameters"]
    assert "posterior" not in json.loads(plain.attrs["world"])


def test_too_short_chains_are_refused(invoke) -> None:
    for option, value in (("--chains", "1"), ("--draws", "5"), ("--warmup", "1000000"), ("--seed", "-1")):
        said = invoke("calibrate", option, value)
        assert said.exit_code == 2
        assert "wanted" in said.stderr


def test_a_day_before_the_facts_is_refused(invoke) -> None:
    said = invoke("calibrate", "--as-of", "2013-01-01")
    assert said.exit_code == 2
    assert "no quarter for which all five had filed" in said.stderr


@pytest.mark.parametrize("command", ["run", "compare baseline tariff", "dilemma", "fears", "payback"])
def test_a_file_that_is_no_posterior_is_refused_before_anything_is_computed(
    invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "posterior.json"
    file.write_text("{}")
    said = invoke(*command.split(), "--posterior", str(file))
    assert said.exit_code == 2
    assert "not a posterior" in said.stderr
    assert not (tmp_path / "out").exists()
