"""The page on oracles: cases that nobody here wrote, as the tests that hold them say of themselves, and those to come.

Each test's docstring opens with a case, what is expected, its source and, where headrace differs, why in one sentence.
The page has nothing else to say of a case, so it cannot say anything else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

Table = Callable[[Sequence[str], Iterable[Sequence[str]]], str]

LEAD = (
    "External truth: closed forms, worked examples and figures that others published. Each case is a test in "
    "`tests/oracles/`, and this page is made from what those tests say of themselves. No parameter is tuned to a case: "
    "where headrace differs, the reason stands here."
)
WAITING = {
    "P1": ("Bullwhip of a moving average and of smoothing (Chen and others 2000)", "chokepoints"),
    "P4": ("Leontief inverse of two sectors", "chokepoints"),
    "P6": ("Newsvendor and economic order quantity", "chokepoints"),
    "D2": ("Erlang delay of three stages: the share that arrives within the mean", "chokepoints"),
    "W1": ("Kuramoto order of random phases, and of coupled ones", "waves"),
    "W2": ("Edge of the Marchenko-Pastur law for twelve series and sixty quarters", "waves"),
    "M3": ("Critical values of the GSADF test for a bubble", "the verdict"),
    "M4": ("Sobol indices of the Ishigami function", "sensitivity"),
    "M5": ("CRPS of a standard normal at zero", "scores of the hindcast"),
}
"""Cases without a test, and the analysis whose step brings one."""

_ID = re.compile(r"([A-Z])(\d+)")
_FAMILIES = "SFPDWM"
"""Strategy, investment and finance, supply, demand, waves, market and statistics."""

_FIELDS = ("Expected", "Source", "Differs")


@dataclass(frozen=True)
class Case:
    """What a test says of itself; ``differs`` is empty where headrace agrees."""

    id: str
    case: str
    expected: str
    source: str
    differs: str
    path: Path


def oracles_page(folder: Path, table: Table) -> str:
    """Cases with an id, then figures that others publish, then those to come.

    Args:
        folder: With the tests.
        table: Makes a table of a header and rows.
    """
    known = cases(folder)
    numbered = [case for case in known if _ID.fullmatch(case.id)]
    others = [case for case in known if not _ID.fullmatch(case.id)]
    to_come = sorted(WAITING.items(), key=lambda item: _order(item[0]))
    return "\n".join([
        "## Cases", "", _rows(numbered, table), "",
        "## Figures and accounts of others", "", _rows(others, table), "",
        "## Not covered yet", "",
        table(("id", "case", "waits for"), ((name, case, step) for name, (case, step) in to_come)),
    ])  # fmt: skip


def cases(folder: Path) -> list[Case]:
    """Every test of a folder, in order of its id.

    Raises:
        ValueError: A docstring does not follow the form: which, and what was wanted.
    """
    return sorted((read_case(path) for path in folder.glob("test_*.py")), key=lambda case: _order(case.id))


def read_case(path: Path) -> Case:
    """What one test says of itself.

    Raises:
        ValueError: As :func:`cases`.
    """
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    head, _, rest = said.partition("\n\n")
    name, colon, case = head.partition(": ")
    if not colon or name.lower().replace(" ", "_") != path.stem.removeprefix("test_") or not case.endswith("."):
        raise ValueError(f"{path.name}: wanted its own name, a colon and the case with a full stop; found {head!r}")
    found: dict[str, str] = {}
    key = ""
    for line in rest.partition("\n\n")[0].splitlines():
        word, colon, text = line.partition(": ")
        if word in _FIELDS and colon:
            key = word
            found[key] = text
        elif key and line.startswith("    "):
            found[key] += f" {line.strip()}"
        else:
            raise ValueError(f"{path.name}: wanted {', '.join(_FIELDS)} in a paragraph of their own; found {line!r}")
    if tuple(found) not in (_FIELDS, _FIELDS[:2]):
        raise ValueError(f"{path.name}: wanted Expected, Source and, if headrace differs, Differs; found {list(found)}")
    differs = found.get("Differs", "")
    if differs and (not differs.endswith(".") or ". " in differs):
        raise ValueError(f"{path.name}: wanted one sentence in Differs; found {differs!r}")
    return Case(name, case, found["Expected"], found["Source"], differs, path)


def _rows(found: Iterable[Case], table: Table) -> str:
    return table(
        ("id", "case", "expected", "source", "where headrace differs"),
        (
            (f"[{case.id}](../tests/oracles/{case.path.name})", case.case, case.expected, case.source, case.differs)
            for case in found
        ),
    )


def _order(name: str) -> tuple[int, int, str]:
    """The order of the lists: by family and number, words after them."""
    match = _ID.fullmatch(name)
    return (_FAMILIES.index(match[1]), int(match[2]), name) if match else (len(_FAMILIES), 0, name)
