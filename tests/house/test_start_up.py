"""``headrace --help`` is there at once, and importing the package imports nothing heavy."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAVY = ["jax", "pandas", "xarray", "zarr", "numpyro", "numpy", "scipy", "duckdb", "altair", "pydantic", "rich"]

HELP_SECONDS = 0.120
"""Warm, on a machine that does nothing else."""


@pytest.mark.parametrize("module", ["headrace", "headrace.cli"])
def test_import_leaves_heavy_modules_alone(module: str, root: Path) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    assert python(root, "-c", code).strip() == "[]"


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"], ["cite"]])
def test_help_leaves_heavy_modules_alone(arguments: list[str], root: Path) -> None:
    code = (
        "import sys, atexit; from headrace.cli import main; "
        f"atexit.register(lambda: print([name for name in {HEAVY} if name in sys.modules])); "
        f"main({arguments!r})"
    )
    assert python(root, "-c", code).splitlines()[-1] == "[]"


def test_help_is_there_at_once(root: Path) -> None:
    # The best of ten: what else the machine does can only add to it. The interpreter's own start counts too.
    python(root, "-m", "headrace", "--help")
    best = min(seconds_for_help(root) for _ in range(10))
    assert best < HELP_SECONDS


def seconds_for_help(root: Path) -> float:
    start = time.perf_counter()
    python(root, "-m", "headrace", "--help")
    return time.perf_counter() - start


def python(root: Path, *arguments: str) -> str:
    # Without a cache of compiled modules every start would compile the sources again, which no installed headrace does.
    environment = {"PYTHONPATH": str(root / "src"), "PATH": "", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=True
    ).stdout
