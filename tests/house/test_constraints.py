"""The check of constraints.txt finds each way in which it can be wrong."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def check(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_constraints", root / "scripts" / "check_constraints.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("line", ["-r other.txt", "jax @ file:///jax.whl", "jax>=0.10", "# via headrace", ""])
def test_a_line_that_is_no_pin_is_found(check: ModuleType, line: str) -> None:
    assert check.malformed_lines(f"numpy==2.4.6\n{line}\nscipy==1.17.1\n") == [
        f"line 2, {line!r}: wanted name==version and nothing else"
    ]


def test_pins_that_agree_are_no_fault(check: ModuleType) -> None:
    assert check.disagreements({"numpy": "2.4.6"}, {"numpy": "2.4.6"}) == []


def test_each_disagreement_is_named(check: ModuleType) -> None:
    pins = {"numpy": "2.4.5", "stray": "1.0", "absent": "1.0"}
    assert check.disagreements(pins, {"numpy": "2.4.6", "scipy": "1.17.1", "absent": None}) == [
        "scipy is asked for and not pinned",
        "stray is pinned and nobody asks for it",
        "absent is asked for and not installed",
        "numpy is pinned at 2.4.5, installed is 2.4.6",
    ]


def test_the_closure_follows_a_dependency_of_a_dependency(check: ModuleType) -> None:
    wanted = check.wanted_by("pytest")
    assert {"pluggy", "iniconfig", "packaging"} <= wanted.keys()
    assert "pytest" not in wanted
