"""The results on past cycles: losing lines first, figures that agree with each other, and a section that docs keep."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


@pytest.fixture
def page(root: Path) -> str:
    """The page as it ships."""
    return (root / "docs" / "past-cycles.md").read_text(encoding="utf-8")


def rows_below(page: str, heading: str) -> list[list[str]]:
    """Cells of the first table below a heading."""
    lines = page[page.index(heading) :].splitlines()
    table = [line for line in lines[: _end(lines)] if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def _end(lines: list[str]) -> int:
    return next(at for at, line in enumerate(lines) if at and line.startswith("## "))


def test_losing_lines_stand_first_and_the_heading_counts_them(page: str) -> None:
    heading = re.search(r"## Results: the core loses (\d+) of (\d+) lines to the best baseline", page)
    assert heading
    ratios = [float(row[3].split(" ")[0]) for row in rows_below(page, heading[0]) if row[3]]
    assert len(ratios) == int(heading[2])
    assert ratios == sorted(ratios, reverse=True)
    lost = int(heading[1])
    assert ratios[lost - 1] >= 1 >= ratios[lost]
    assert f"it loses {lost} to the best baseline" in page


def test_every_cycle_has_a_line_scored_or_not(page: str) -> None:
    cycles = {row[0] for row in rows_below(page, "## Results")}
    assert {"oil_and_gas", "telecom", "memory_and_storage", "railroads"} <= cycles
    assert {row[0] for row in rows_below(page, "## Not scored, because")} == cycles


def test_documents_keep_the_section_as_it_was_written(page: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root / "scripts"))
    from past_cycles_page import kept_results

    assert kept_results(page) in page
    assert "## Results" in kept_results(page)
    assert kept_results("# Past cycles") == "<!-- results: written by make cycles -->\n<!-- /results -->\n"


def test_a_cycle_of_which_nothing_can_be_scored_has_a_section_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root / "scripts"))
    import headrace as hr
    from past_cycles_results import section

    text = section(hr.past_cycles("telecom"))
    assert text.startswith("## Results: the core loses 0 of 0 lines")
    assert "| telecom | 8 | 0 |" in text
    assert "nan" not in text
