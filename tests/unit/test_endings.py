"""Worlds that ended are counted, named with their cause and left out aloud."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from headrace.analyses.endings import endings, endings_headline, running
from headrace.errors import EndedError
from headrace.periods import quarter_range
from headrace.variables import ENDINGS

CODES = tuple(ENDINGS)
UNFUNDED, COLLAPSED = CODES.index("unfunded"), CODES.index("demand_collapsed")
QUARTERS = quarter_range("2026Q3", 6)


def future(*ends: tuple[str, int] | None) -> xr.Dataset:
    """A draw for each: how it ends and in which quarter, or nothing where it runs."""
    status = np.zeros((len(ends), len(QUARTERS)), np.int32)
    for draw, end in enumerate(ends):
        if end:
            status[draw, end[1] :] = CODES.index(end[0])
    coordinates = {"draw": np.arange(len(ends)), "quarter": QUARTERS}
    return xr.Dataset({"world_status": (("draw", "quarter"), status)}, coordinates)


MIXED = future(None, ("unfunded", 4), ("demand_collapsed", 1), ("unfunded", 2), None, ("unfunded", 3), None, None)


def test_where_all_run_nothing_ended_and_nothing_is_left_out() -> None:
    run = future(None, None)
    assert endings(run) == []
    assert running(run) is run
    assert endings_headline(run) is None


def test_causes_are_counted_the_most_frequent_first() -> None:
    first, second = endings(MIXED)
    assert (first.name, first.draws, first.share) == ("unfunded", 3, 3 / 8)
    assert (second.name, second.draws, second.share) == ("demand_collapsed", 1, 1 / 8)
    assert (first.text, second.text) == (ENDINGS["unfunded"], ENDINGS["demand_collapsed"])


def test_the_first_quarter_and_the_middle_one_are_those_in_which_worlds_ended() -> None:
    unfunded, collapsed = endings(MIXED)
    # in the third, fourth and fifth quarter
    assert (unfunded.first_quarter, unfunded.median_quarter) == ("2027Q1", "2027Q2")
    assert (collapsed.first_quarter, collapsed.median_quarter) == ("2026Q4", "2026Q4")


def test_a_world_counts_under_the_cause_that_ended_it() -> None:
    assert {ending.name for ending in endings(MIXED)} == {"unfunded", "demand_collapsed"}
    assert sum(ending.draws for ending in endings(MIXED)) == 4


def test_what_runs_is_what_reached_the_end_with_the_draws_named_as_before() -> None:
    assert running(MIXED)["draw"].values.tolist() == [0, 4, 6, 7]
    assert not running(MIXED)["world_status"].any()


def test_where_nobody_reaches_the_end_the_causes_are_told() -> None:
    with pytest.raises(EndedError) as fault:
        running(future(("unfunded", 3), ("supply_stopped", 0)))
    said = str(fault.value)
    assert said.startswith("no world runs to 2027Q4: 1 world ends from 2027Q2 on, half of them by 2027Q2, because ")
    assert ENDINGS["unfunded"] in said
    assert f"1 world ends from 2026Q3 on, half of them by 2026Q3, because {ENDINGS['supply_stopped']}" in said


def test_the_headline_says_how_many_are_left_out_when_and_why() -> None:
    line = endings_headline(MIXED)
    assert line is not None
    assert line.sentence == (
        "50.0% of draws end before 2027Q4 and are left out of every other number: "
        f"3 worlds end from 2027Q1 on, half of them by 2027Q2, because {ENDINGS['unfunded']}; "
        f"1 world ends from 2026Q4 on, half of them by 2026Q4, because {ENDINGS['demand_collapsed']}."
    )
    (figure,) = line.figures
    assert (figure.median, figure.unit, figure.variable) == (0.5, "1", "world_status")


@pytest.mark.parametrize("name", [name for name in CODES if name != "runs"])
def test_every_cause_has_a_sentence_of_its_own(name: str) -> None:
    (ending,) = endings(future((name, 0), None))
    assert (ending.name, ending.text) == (name, ENDINGS[name])
    assert len(ending.text) > 60
    assert not ending.text.endswith(".")  # it stands inside a sentence


def test_codes_tell_causes_apart() -> None:
    assert CODES[0] == "runs"
    assert UNFUNDED != COLLAPSED
    assert len(set(ENDINGS.values())) == len(CODES)
