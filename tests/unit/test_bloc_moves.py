"""A file of blocs and their moves: what breaks its form is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from headrace import scenarios
from headrace.analyses.blocs import measured
from headrace.errors import ParameterError, ScenarioError, UnknownNameError
from headrace.world import world_of

FILE = """
dated = 2026-11-23
[a]
label = "A bloc"
regions = ["china"]
subsidise = { title = "Nothing", summary = "Moves nothing." }
[a.restrict]
title = "Something"
summary = "Moves something."
"""


def with_change(change: str, more: str = "") -> str:
    return f"{FILE}{more}\n[[a.restrict.changes]]\n{change}\nreason = 'planted here'\n"


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("dated = ", ScenarioError, "not TOML"),
        (FILE.replace("dated = 2026-11-23", ""), ScenarioError, '"dated"'),
        (FILE.replace('"china"', '"chnia"'), UnknownNameError, "unknown region 'chnia'; did you mean china"),
        (FILE.replace("label", "lable"), ScenarioError, "a.lable.*unknown key"),
        (FILE.replace('regions = ["china"]', "regions = []"), ScenarioError, "a.regions"),
        (FILE + FILE.partition("23\n")[2].replace("[a", "[b"), ScenarioError, "already in a"),
        (FILE + 'start = "2028Q1"\nend = "2027Q1"', ScenarioError, "an end after the start"),
        (FILE + 'start = "soon"', ScenarioError, "soon"),
        (FILE + 'falls_on = "b"', UnknownNameError, "unknown bloc 'b'"),
        (FILE + "own = { quality = 0, reason = 'planted here', source = 'x' }", ScenarioError, "own.quality"),
        (FILE + "own = { at_home = 0.5, reason = 'planted here', source = 'judgment' }", UnknownNameError, "source"),
        (with_change("parameter = 'logic.leadtime'\nadd = 1\nstart = 'first'"), UnknownNameError, "logic.leadtime"),
        (with_change("parameter = 'logic.lead_time_quarters'\nadd = 1"), ScenarioError, "no quarters"),
        (with_change("parameter = 'logic.lead_time_quarters'\nadd = 99\nstart = 'first'"), ParameterError, "range"),
        (
            with_change("parameter = 'national.sovereign_demand_usd_bn'\nadd = 1\nstart = 'first'"),
            ScenarioError,
            "somebody pays",
        ),
        (
            with_change("parameter = 'national.sovereign_demand_usd_bn'\nvalue = 1\nstart = 'first'"),
            ScenarioError,
            "wanted add",
        ),
        (
            with_change("parameter = 'builder.rest_of_world.ai_capital_expenditure_usd_bn'\nadd = -1\nstart = 'first'"),
            ScenarioError,
            "falls_on",
        ),
    ],
)
def test_a_file_of_blocs_that_says_nonsense_is_refused(text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        scenarios.read_blocs(text, "mine.toml")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        scenarios.blocs_in(tmp_path / "none.toml")


def test_a_bloc_without_an_account_is_refused() -> None:
    table = scenarios.read_blocs(
        FILE + FILE.partition("23\n")[2].replace("[a", "[b").replace("china", "gulf"), "x.toml"
    )
    with pytest.raises(ParameterError, match=r"owner_share.* is missing"):
        measured.blocs(world_of(draws=2, seed=7, quarters=40), table=table)
