"""The rooms of the house: who may import whom, and which room alone may touch the outside."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

FETCHING = {"evidence/download/client.py"}
ALONE = {
    "duckdb": {"evidence/storage/store.py"},
    "dask": {"ensemble.py"},
    "distributed": {"ensemble.py"},
    "socket": {"evidence/download/stopwatch.py"},
    "http": FETCHING,
    "urllib.request": FETCHING,
    "requests": FETCHING,
    "httpx": FETCHING,
    "httpx2": FETCHING,
    "stamina": FETCHING,
}
"""Modules that only the named files may import."""

NOUNS = {"_types", "errors", "units", "periods", "variables"}
OPEN_TO_FACES = {"service", "report", "citation", "compilation_cache", "result_folder", *NOUNS}
"""What a face may import of ours: the façade, and what holds no result."""

HOMELESS_NAMES = {"utils", "helpers", "common", "misc", "core", "base", "manager"}


def test_imports_point_one_way(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.syspath_prepend(os.fspath(root / "src"))
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


def test_a_face_imports_the_service_and_nothing_behind_it(root: Path) -> None:
    source = root / "src" / "headrace"
    paths = [path for face in ("cli", "report") for path in (source / face).rglob("*.py")]
    behind = [
        f"{path.relative_to(source)} imports {name}"
        for path in paths
        for name in imported_modules(path)
        if name.startswith("headrace.")
        and name.split(".")[1] not in {*OPEN_TO_FACES, path.relative_to(source).parts[0]}
        and not name.startswith("headrace.__")
    ]
    assert paths
    assert behind == []


def test_only_one_room_touches_each_part_of_the_outside(root: Path) -> None:
    source = root / "src" / "headrace"
    strays = [
        f"{path.relative_to(source)} imports {name}"
        for path in sorted(source.rglob("*.py"))
        for name in imported_modules(path)
        for guarded, homes in ALONE.items()
        if (name == guarded or name.startswith(f"{guarded}.")) and path.relative_to(source).as_posix() not in homes
    ]
    assert strays == []


def test_a_room_is_named_for_what_lives_in_it(root: Path) -> None:
    names = {
        part for path in (root / "src").rglob("*.py") for part in (*path.relative_to(root).parent.parts, path.stem)
    }
    assert names & HOMELESS_NAMES == set()


def test_a_file_can_be_seen_whole(root: Path) -> None:
    lengths = {
        path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("src", "scripts", "tests")
        for path in (root / folder).rglob("*.py")
    }
    assert {path: lines for path, lines in lengths.items() if lines > 400} == {}


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
