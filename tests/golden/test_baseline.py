"""The baseline makes the figures that someone last accepted; README.md beside this file says how to accept others."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from headrace import ensemble
from headrace.variables import table

pytestmark = pytest.mark.xdist_group("future")


@pytest.fixture(scope="module")
def golden(root: Path) -> ModuleType:
    """The script that compares and accepts."""
    spec = importlib.util.spec_from_file_location("accept_golden", root / "scripts" / "accept_golden.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_baseline_makes_the_accepted_figures(golden: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "BLOCK", 64)  # the shape that other tests have compiled; blocks change no draw
    assert golden.differences(golden.read(), golden.measured()) == []


def test_the_accepted_figures_are_of_variables_and_quarters_that_exist(golden: ModuleType) -> None:
    accepted = golden.read()
    assert set(accepted) == set(golden.VARIABLES) <= set(table())
    assert all(tuple(by_quarter) == golden.QUARTERS for by_quarter in accepted.values())


OLD = {"a": {"2026Q3": 1.0, "2028Q4": 0.0}}


@pytest.mark.parametrize(
    ("new", "count"),
    [
        ({"a": {"2026Q3": 1.0 + 1e-7, "2028Q4": 0.0}}, 0),
        ({"a": {"2026Q3": 1.0 + 1e-5, "2028Q4": 0.0}}, 1),
        ({"a": {"2026Q3": 1.0, "2028Q4": 1e-9}}, 1),
        ({"a": {"2026Q3": 1.0}}, 1),
        ({"a": {"2026Q3": 1.0, "2028Q4": 0.0}, "b": {"2026Q3": 2.0}}, 1),
        ({"a": {"2026Q3": float("nan"), "2028Q4": 0.0}}, 1),
    ],
)
def test_a_difference_larger_than_that_of_platforms_is_seen(
    new: dict[str, dict[str, float]], count: int, golden: ModuleType
) -> None:
    assert len(golden.differences(OLD, new)) == count


def accept(golden: ModuleType, monkeypatch: pytest.MonkeyPatch, place: Path, *words: str) -> int:
    monkeypatch.setattr(golden, "GOLDEN", place)
    monkeypatch.setattr(golden, "measured", lambda: {"a": {"2026Q3": 1.5, "2028Q4": 0.0}})
    monkeypatch.setattr("sys.argv", ["accept_golden.py", *words])
    code: int = golden.main()
    return code


def test_nothing_is_written_without_accept(
    golden: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "baseline.toml"
    place.write_text(golden.written(OLD), encoding="utf-8")
    assert accept(golden, monkeypatch, place) == 1
    assert place.read_text(encoding="utf-8") == golden.written(OLD)
    said = capsys.readouterr().out
    assert "+5.00e-01" in said
    assert "nothing written" in said


def test_what_is_accepted_is_read_again(golden: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = tmp_path / "baseline.toml"
    assert accept(golden, monkeypatch, place, "--accept") == 0
    assert golden.read() == {"a": {"2026Q3": 1.5, "2028Q4": 0.0}}
    assert accept(golden, monkeypatch, place) == 0
