"""Every oracle says in one form what it holds, where it is from and where headrace differs; the page says the same."""

from __future__ import annotations

import ast
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ORACLES = Path(__file__).parents[1] / "oracles"
FILES = sorted(ORACLES.glob("test_*.py"))
NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?![\w])")
UNITS = (1, 0.01, 1e6)
"""As it stands, in percent, in millions."""


@pytest.fixture
def oracles_page(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(root / "scripts")
    import oracles_page

    yield oracles_page
    sys.modules.pop("oracles_page", None)


def unused(expected: str, path: Path) -> list[str]:
    """Numbers of a text that the code of a test does not hold; its docstrings do not count."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    used = [node.value for node in nodes if isinstance(node, ast.Constant) and type(node.value) in (int, float)]
    return [
        text
        for text in NUMBER.findall(expected)
        if not any(math.isclose(float(text.replace(",", "")) * unit, one) for unit in UNITS for one in used)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_oracle_follows_the_form(path: Path, oracles_page: ModuleType) -> None:
    case = oracles_page.read_case(path)
    assert case.expected
    assert case.source


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_number_expected_is_one_that_the_test_uses(path: Path, oracles_page: ModuleType) -> None:
    assert unused(oracles_page.read_case(path).expected, path) == []


def test_a_number_that_is_only_said_is_found(tmp_path: Path) -> None:
    path = tmp_path / "test_a.py"
    path.write_text('"""A: 7."""\nX = 0.0611, 2e6, 1_494, 7.5\n', encoding="utf-8")
    assert unused("7 or 6.11 %, 2 million, 1,494 of H100 in 2022Q1, 7.51", path) == ["7", "7.51"]


def test_the_page_lists_every_oracle_and_no_case_both_ways(root: Path, oracles_page: ModuleType) -> None:
    text = (root / "docs" / "oracles.md").read_text(encoding="utf-8")
    known = oracles_page.cases(ORACLES)
    for case in known:
        (line,) = (line for line in text.splitlines() if line.startswith(f"| [{case.id}]("))
        assert all(part.replace("|", "\\|") in line for part in (case.case, case.expected, case.source, case.differs))
    assert {case.id for case in known} & oracles_page.WAITING.keys() == set()
    assert all(f"| {name} | " in text for name in oracles_page.WAITING)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("Diffusion.\n\nExpected: 3.\nSource: a book.", "wanted its own name"),
        ("D2: diffusion.\n\nExpected: 3.\nSource: a book.", "wanted its own name"),
        ("D1: diffusion\n\nExpected: 3.\nSource: a book.", "the case with a full stop"),
        ("D1: diffusion.\n\nExpected: 3.", "wanted Expected, Source"),
        ("D1: diffusion.\n\nSource: a book.\nExpected: 3.", "wanted Expected, Source"),
        ("D1: diffusion.\n\nIt is so.\nExpected: 3.\nSource: a book.", "found 'It is so.'"),
        ("D1: diffusion.\n\nExpected: 3.\nSource: a book.\nDiffers: One. Two.", "wanted one sentence"),
        ("D1: diffusion.\n\nExpected: 3.\nSource: a book.\nDiffers: no stop", "wanted one sentence"),
    ],
)
def test_a_docstring_of_another_form_is_refused(
    said: str, wanted: str, tmp_path: Path, oracles_page: ModuleType
) -> None:
    path = tmp_path / "test_d1.py"
    path.write_text(f'"""{said}\n"""\n', encoding="utf-8")
    with pytest.raises(ValueError, match=f"test_d1.py: .*{re.escape(wanted)}"):
        oracles_page.read_case(path)


def test_a_sentence_may_go_on_in_the_next_line(tmp_path: Path, oracles_page: ModuleType) -> None:
    path = tmp_path / "test_filed_years.py"
    said = "Filed years: sums.\n\nExpected: one\n    and two.\nSource: a book.\n\nMore: of it."
    path.write_text(f'"""{said}\n"""\n', encoding="utf-8")
    case = oracles_page.read_case(path)
    assert (case.id, case.case, case.expected, case.source, case.differs) == (
        "Filed years",
        "sums.",
        "one and two.",
        "a book.",
        "",
    )
