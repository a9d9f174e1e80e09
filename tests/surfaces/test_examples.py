"""The examples run as they stand, in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted(path.name for path in (Path(__file__).parents[2] / "examples").glob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(name: str, root: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(root / "examples" / name)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root / "src"), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 1
    assert "nan" not in done.stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_compiles_and_says_how_to_run_it(name: str, root: Path) -> None:
    text = (root / "examples" / name).read_text(encoding="utf-8")
    compile(text, name, "exec")
    assert f"python examples/{name}" in text
