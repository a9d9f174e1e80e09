"""The ledger of tightness: what a row must say, and what one means."""

from __future__ import annotations

import csv
import datetime as dt
import math
from pathlib import Path

import pytest

from headrace.errors import EvidenceError, PeriodError
from headrace.evidence import tightness
from headrace.variables import LAYERS

SHARED = Path(__file__).parents[3] / "shared" / "data"

WAIT = """
[[observation]]
layer = "electrical"
item = "transformers"
measure = "wait"
observed = 2025-02-07
value = 36.0
unit = "month"
normal = 12.0
normal_basis = "published"
normal_reason = "Before 2020"
quality = "B"
source_url = "https://example.org/a"
"""

STATEMENT = """
[[statement]]
layers = ["memory", "packaging"]
by = "A maker"
observed = 2025-02-07
quality = "B"
source_url = "https://example.org/b"
"""


def only(text: str) -> tightness.Observation:
    """The one observation of a text."""
    return tightness.read_ledger(text).observations[0]


def test_what_ships_is_in_order_and_reaches_both_branches() -> None:
    shipped = tightness.load()
    assert len(shipped.observations) >= 50
    assert len(shipped.statements) >= 30
    for rows in (shipped.observations, shipped.statements):
        assert [row.observed for row in rows] == sorted(row.observed for row in rows)
    seen = {row.layer for row in shipped.observations} | {one for row in shipped.statements for one in row.layers}
    assert set(LAYERS) <= seen


def test_a_day_hides_what_could_not_be_known_on_it() -> None:
    before = tightness.load("2024-06-30")
    assert max(row.observed for row in (*before.observations, *before.statements)) <= dt.date(2024, 6, 30)
    assert 0 < len(before.observations) < len(tightness.load().observations)
    # A peak of 2023 that a file of 2026 gives was not known in 2024.
    assert not any(row.layer == "electrical" for row in before.observations)
    with pytest.raises(PeriodError, match="tomorrow"):
        tightness.load("tomorrow")


def test_a_wait_of_three_normal_ones_stands_for_three_times_the_demand() -> None:
    assert only(WAIT).log_tightness == pytest.approx(math.log(3))
    assert only(WAIT.replace("36.0", "12.0")).log_tightness == 0


def test_a_range_counts_by_its_geometric_middle() -> None:
    assert only(WAIT.replace("value = 36.0", "low = 24.0\nhigh = 54.0")).middle == pytest.approx(36)


def test_capacity_that_is_sold_for_two_normal_times_counts_as_much() -> None:
    text = WAIT.replace('"wait"', '"booked"').replace("value = 36.0", "until = 2027-02-07")
    assert only(text).middle == pytest.approx(24, abs=0.05)
    assert only(text).log_tightness == pytest.approx(math.log(2), abs=0.01)


def test_a_fifth_that_is_not_met_is_demand_of_five_quarters_of_supply() -> None:
    text = WAIT.replace('"wait"', '"shortfall"').replace("36.0", "0.2").replace("12.0", "0.0").replace('"month"', '"1"')
    assert only(text).log_tightness == pytest.approx(math.log(1.25))


def test_a_row_speaks_of_the_quarter_of_its_day_unless_it_says_otherwise() -> None:
    assert only(WAIT).quarters == ("2025Q1",)
    text = WAIT + 'first_quarter = "2023Q4"\nlast_quarter = "2024Q2"\n'
    assert only(text).quarters == ("2023Q4", "2024Q1", "2024Q2")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("observed = 2025-02-07\n", "", "'observed' is missing"),
        ("observed = 2025-02-07", 'observed = "soon"', "observed is 'soon'; wanted a date"),
        ("normal_reason", "normal_reasons", "unknown key 'normal_reasons'; near: normal_reason"),
        ('"Before 2020"', '""', "normal_reason is empty"),
        ('"electrical"', '"electric"', "unknown layer 'electric'; near: electrical"),
        ('"wait"', '"waits"', "unknown measure 'waits'; near: wait"),
        ('"published"', '"guess"', "unknown normal_basis 'guess'"),
        ('quality = "B"', 'quality = "D"', "unknown quality 'D'"),
        ('"month"', '"week"', "unit is 'week'; a wait is in 'month'"),
        ("value = 36.0\n", "", "one of them"),
        ("value = 36.0", "until = 2026-01-01", "wanted until where capacity is booked"),
        ("value = 36.0", "value = 36.0\nlow = 1.0", "one of them"),
        ("value = 36.0", "low = 1.0", "wanted both, in order"),
        ("value = 36.0", "low = 9.0\nhigh = 8.0", "wanted both, in order"),
        ("value = 36.0", "value = nan", "wanted both above 0"),
        ("normal = 12.0", "normal = 0.0", "wanted both above 0"),
        ('quality = "B"', 'quality = "B"\nfirst_quarter = "2024Q1"', "or neither"),
        ('quality = "B"', 'quality = "B"\nfirst_quarter = "2024Q5"\nlast_quarter = "2024Q1"', "2024Q5"),
        ('quality = "B"', 'quality = "B"\nfirst_quarter = "2024Q2"\nlast_quarter = "2024Q1"', "ends before it starts"),
        ('quality = "B"', 'quality = "B"\nfirst_quarter = "2025Q2"\nlast_quarter = "2025Q2"', "had not begun"),
        ("https://", "javascript:", "wanted a page that a reader can open"),
    ],
)
def test_an_observation_that_breaks_the_schema_is_refused(old: str, new: str, said: str) -> None:
    assert old in WAIT
    with pytest.raises(EvidenceError, match=f"tightness.toml, observation 1 .*{said}"):
        tightness.read_ledger(WAIT.replace(old, new))


@pytest.mark.parametrize("value", ["1.0", "-0.1"])
def test_a_shortfall_outside_its_range_is_refused(value: str) -> None:
    text = WAIT.replace('"wait"', '"shortfall"').replace("36.0", value).replace("12.0", "0.0").replace('"month"', '"1"')
    with pytest.raises(EvidenceError, match="a shortfall is a fraction"):
        tightness.read_ledger(text)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"packaging"]', '"grid"]', "of one branch"),
        ('"packaging"]', '"memory"]', "each once"),
        ('["memory", "packaging"]', "[]", "one or more"),
        ('"packaging"]', '"it"]', "unknown layer 'it'"),
        ('by = "A maker"\n', "", "'by' is missing"),
    ],
)
def test_a_statement_that_breaks_the_schema_is_refused(old: str, new: str, said: str) -> None:
    assert old in STATEMENT
    with pytest.raises(EvidenceError, match=f"tightness.toml, statement 1 .*{said}"):
        tightness.read_ledger(STATEMENT.replace(old, new))


def test_the_same_figure_twice_is_refused() -> None:
    with pytest.raises(EvidenceError, match="transformers has two figures of wait on 2025-02-07"):
        tightness.read_ledger(WAIT + WAIT)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the collected figures are not here")
def test_no_sentence_of_the_collected_figures_is_in_the_ledger(root: Path) -> None:
    text = (root / "src/headrace/data/tightness.toml").read_text(encoding="utf-8")
    for name in ("secondary_figures.csv", "parameters.csv"):
        with (SHARED / name).open(encoding="utf-8", newline="") as lines:
            notes = {row["note"] for row in csv.DictReader(lines)}
        assert [note for note in notes if len(note) > 11 and note in text] == []
