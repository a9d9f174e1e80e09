"""The outcome: who votes, who abstains, and what stays undecided; on planted ledgers and on the shipped one."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
import xarray as xr

from headrace.analyses import tightest
from headrace.analyses.tightest import tightest_layers
from headrace.evidence.tightness import Ledger, Observation, Statement

QUARTER = "2024Q1"
DAY = dt.date(2024, 2, 1)


def wait(layer: str, months: float, basis: str = "published", item: str = "parts") -> Observation:
    """A wait over a normal of ten months."""
    page = f"https://example.org/{layer}/{item}"
    return Observation(layer, item, "wait", DAY, "month", 10.0, basis, "planted", "B", page, value=months)


def named(*layers: str, quality: str = "B", by: str = "A maker") -> Statement:
    """A statement that names layers."""
    return Statement(layers, by, DAY, quality, f"https://example.org/{by}")


def outcome(*rows: Observation | Statement) -> xr.Dataset:
    """The outcome of one quarter from a planted ledger."""
    figures = tuple(row for row in rows if isinstance(row, Observation))
    said = tuple(row for row in rows if isinstance(row, Statement))
    return tightest_layers(Ledger(figures, said), quarters=[QUARTER]).sel(quarter=QUARTER)


def test_the_longest_of_three_waits_decides_a_quarter() -> None:
    found = outcome(wait("grid", 40), wait("electrical", 20), wait("cooling", 10))
    assert found["tightest"].sel(branch="site").item() == "grid"
    assert found["status"].sel(branch="site").item() == "decided"
    assert (found["kinds"].sel(branch="site"), found["sources"].sel(branch="site")) == (1, 1)
    assert found["log_tightness"].sel(measure="wait", layer="grid").item() == pytest.approx(math.log(4))


def test_a_layer_that_nobody_observed_has_no_tightness() -> None:
    found = outcome(wait("grid", 40))
    assert np.isnan(found["log_tightness"].sel(measure="wait", layer="electrical").item())
    assert found["status"].sel(branch="it").item() == "undecided, because no layer was observed"


def test_two_of_five_layers_do_not_decide() -> None:
    found = outcome(wait("grid", 40), wait("electrical", 10))
    assert found["status"].sel(branch="site").item() == "undecided, because what was observed names no layer clearly"


def test_waits_that_are_nearly_alike_decide_nothing() -> None:
    found = outcome(wait("grid", 22), wait("electrical", 20), wait("cooling", 10))
    assert found["tightest"].sel(branch="site").item() == ""


def test_a_judged_normal_needs_a_larger_lead() -> None:
    others = wait("electrical", 20), wait("cooling", 10)
    assert outcome(wait("grid", 30), *others)["tightest"].sel(branch="site").item() == "grid"
    assert outcome(wait("grid", 30, "judgement"), *others)["tightest"].sel(branch="site").item() == ""


def test_a_layer_counts_by_the_median_of_its_items() -> None:
    rows = [wait("grid", months, item=f"line {months}") for months in (11, 12, 90)]
    found = outcome(*rows, wait("electrical", 30), wait("cooling", 10))
    assert found["tightest"].sel(branch="site").item() == "electrical"


@pytest.mark.parametrize(
    ("rows", "tightest"),
    [
        ([named("memory")], "memory"),
        ([named("memory", quality="C")], ""),
        ([named("memory", quality="C"), named("memory", quality="C", by="Another")], "memory"),
        ([named("memory"), named("packaging")], ""),
        ([named("memory", "packaging")], ""),
        ([named("memory", "packaging"), named("memory")], "memory"),
        ([named("memory"), named("packaging", quality="A")], "packaging"),
    ],
)
def test_statements_decide_where_they_are_enough_and_clear(rows: list[Statement], tightest: str) -> None:
    assert outcome(*rows)["tightest"].sel(branch="it").item() == tightest


def test_kinds_of_evidence_that_disagree_leave_a_quarter_open() -> None:
    waits = wait("grid", 40), wait("electrical", 20), wait("cooling", 10)
    found = outcome(*waits, named("electrical"))
    said = "undecided, because the evidence disagrees (wait: grid, statement: electrical)"
    assert found["status"].sel(branch="site").item() == said
    agreed = outcome(*waits, named("grid"))
    assert (agreed["kinds"].sel(branch="site"), agreed["sources"].sel(branch="site")) == (2, 2)


def test_a_figure_of_the_whole_branch_names_no_layer() -> None:
    found = outcome(wait("it", 90), wait("memory", 20), wait("logic", 10), wait("optics", 10))
    assert found["tightest"].sel(branch="it").item() == "memory"
    assert set(found["layer"].values) & {"it"} == set()


def test_what_was_published_later_is_not_in_an_earlier_view() -> None:
    early, late = tightest_layers(as_of="2023-12-31"), tightest_layers()
    assert early["tightest"].sel(branch="it", quarter="2023Q3").item() == "packaging"
    # The report that dates the shortage of late 2023 is of April 2024.
    assert early["tightest"].sel(branch="it", quarter="2023Q4").item() == ""
    assert late["tightest"].sel(branch="it", quarter="2023Q4").item() == "packaging"
    after = early.sel(quarter=slice("2024Q1", None))
    assert (after["tightest"] == "").all()


def test_the_shipped_outcome_decides_some_quarters_and_gives_reasons_for_the_rest() -> None:
    found = tightest_layers()
    decided = found["status"] == "decided"
    assert 0 < int(decided.sum()) < decided.size
    assert ((found["tightest"] != "") == decided).all()
    for status in found["status"].where(~decided, "decided").values.ravel().tolist():
        assert status == "decided" or status.startswith("undecided, because ")
    assert found["tightest"].sel(branch="site", quarter="2023Q2").item() == "electrical"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAYERS_SEEN", 2),
        ("LAYERS_SEEN", 4),
        ("FACTOR", {"published": 1.0, "judgement": 1.0}),
        ("FACTOR", {"published": 1.1, "judgement": 2.0}),
        ("FACTOR", {"published": 1.25, "judgement": 1.5}),
        ("CREDIT_WANTED", 1.0),
        ("CREDIT_WANTED", 3.0),
        ("CREDIT_LEAD", 0.1),
        ("CREDIT", {"A": 2.0, "B": 2.0, "C": 2.0}),
        ("CREDIT", {"A": 3.0, "B": 2.0, "C": 0.0}),
    ],
)
def test_other_constants_open_or_close_quarters_and_give_none_another_layer(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = tightest_layers()["tightest"]
    monkeypatch.setattr(tightest, name, value)
    other = tightest_layers()["tightest"]
    assert ((other == usual) | (other == "") | (usual == "")).all()
    assert 6 <= int((other != "").sum()) <= 13
