"""Equations hold no number without a source, and their docstrings say what goes in, what comes out and who wrote it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

EQUATIONS = Path(__file__).resolve().parents[2] / "src" / "headrace" / "equations"
FILES = sorted(path for path in EQUATIONS.glob("*.py") if path.name != "__init__.py")

ALLOWED = {0, 1, 2}
"""And -1. Every other number is a parameter."""

UNITLESS = {"int", "bool", "str"}
"""Annotations of arguments that are counted or chosen, not measured."""

_UNIT = re.compile(r"\[[^\[\]]+\]")
_SOURCE_KEY = re.compile(r"keys? ``[a-z0-9_]+``")


def functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


EVERY = [
    pytest.param(path, function, id=f"{path.stem}.{function.name}") for path in FILES for function in functions(path)
]


def test_there_are_equations_to_look_at() -> None:
    assert len(EVERY) >= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_constant_without_a_citation(path: Path) -> None:
    assert uncited(path.read_text(encoding="utf-8")) == []


def test_an_uncited_constant_would_be_found() -> None:
    assert uncited("def f(x):\n    return 0.5 * x - 1 + 2 * x ** -1 + 3") == ["line 2: 0.5", "line 2: 3"]
    assert uncited("def f(x):\n    return x ** -2") == ["line 2: -2"]


@pytest.mark.parametrize(("path", "function"), EVERY)
def test_docstring_names_every_argument_with_its_unit(path: Path, function: ast.FunctionDef) -> None:
    entries = entries_of(section(function, "Args"))
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    assert list(entries) == [argument.arg for argument in arguments]
    measured = [a.arg for a in arguments if not (isinstance(a.annotation, ast.Name) and a.annotation.id in UNITLESS)]
    assert [name for name in measured if not _UNIT.search(entries[name])] == []


@pytest.mark.parametrize(("path", "function"), EVERY)
def test_docstring_says_what_comes_out_in_which_unit(path: Path, function: ast.FunctionDef) -> None:
    assert _UNIT.search(section(function, "Returns"))


@pytest.mark.parametrize(("path", "function"), EVERY)
def test_docstring_names_its_source_by_key(path: Path, function: ast.FunctionDef) -> None:
    assert _SOURCE_KEY.search(section(function, "Source"))


@pytest.mark.parametrize(("path", "function"), EVERY)
def test_equations_know_nothing_of_draws(path: Path, function: ast.FunctionDef) -> None:
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    names |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    axes = {
        axis
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript)
        for text in ast.walk(node.slice)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
        for axis in text.value.split()
    }
    assert {name for name in names | axes if re.match(r"[*#]*draws?(_|$)", name)} == set()


def uncited(source: str) -> list[str]:
    """Numbers in ``source`` that are no 0, 1, 2 or -1."""
    tree = ast.parse(source)
    negated = {
        id(node.operand): node
        for node in ast.walk(tree)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)
    }
    found: list[tuple[int, int, float]] = []
    for node in ast.walk(tree):
        if (
            not isinstance(node, ast.Constant)
            or isinstance(node.value, bool)
            or not isinstance(node.value, int | float)
        ):
            continue
        value = -node.value if id(node) in negated else node.value
        if value not in ALLOWED | {-1}:
            found.append((node.lineno, node.col_offset, value))
    return [f"line {line}: {value}" for line, _, value in sorted(found)]


def section(function: ast.FunctionDef, title: str) -> str:
    """The text under ``title:`` in the docstring of ``function``; empty where there is none."""
    lines = (ast.get_docstring(function) or "").splitlines()
    if f"{title}:" not in lines:
        return ""
    start = lines.index(f"{title}:") + 1
    end = next((n for n in range(start, len(lines)) if lines[n] and not lines[n].startswith(" ")), len(lines))
    return "\n".join(lines[start:end])


def entries_of(text: str) -> dict[str, str]:
    """``name: description`` pairs of a section."""
    entries: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        match = re.match(r"    (\w+): (.*)", line)
        if match:
            name = match[1]
            entries[name] = match[2]
        elif name:
            entries[name] += f" {line.strip()}"
    return entries
