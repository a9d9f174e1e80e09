"""``headrace --help`` is there at once, and importing the package imports nothing heavy."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ["jax", "pandas", "xarray", "zarr", "numpyro", "numpy", "scipy", "duckdb", "altair", "pydantic", "rich"]

HELP_SECONDS = 0.120
"""Of a processor, warm; on a machine that does nothing else it is also what the clock says."""


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
    assert min(seconds_for_help(root) for _ in range(10)) < HELP_SECONDS


def seconds_for_help(root: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    python(root, "-m", "headrace", "--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def python(root: Path, *arguments: str) -> str:
    # Without a cache of compiled modules every start would compile the sources again, which no installed headrace does.
    environment = {"PYTHONPATH": str(root / "src"), "PATH": "", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=True
    ).stdout
