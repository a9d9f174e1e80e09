"""The overview counts what is there and badges what was estimated."""

from __future__ import annotations

import datetime as dt

import pytest

from headrace.errors import UnknownNameError
from headrace.evidence import facts
from headrace.evidence.holdings import KEYS, holdings

TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize("by", KEYS)
def test_every_figure_is_counted_once(by: str) -> None:
    known = facts.load()
    table = holdings(known, by, TODAY)
    assert table["figures"].sum() == len(known)
    assert (table[["quality_a", "quality_b", "quality_c"]].sum(axis="columns") == table["figures"]).all()


def test_a_filer_without_a_single_day_of_filing_is_badged_and_so_is_its_group() -> None:
    known = facts.load()
    by_entity = holdings(known, "entity", TODAY).set_index("entity")
    assert by_entity.loc["quanta_services", "badge"].startswith("filing dates estimated")
    assert by_entity.loc["quanta_services", "days_since"] != by_entity.loc["quanta_services", "days_since"]
    by_group = holdings(known, "group", TODAY).set_index("group")
    assert "filing dates estimated" in by_group.loc["engineering and construction", "badge"]


def test_days_are_counted_from_the_last_report_that_is_known() -> None:
    known = facts.load()
    row = holdings(known, "entity", TODAY).set_index("entity").loc["microsoft"]
    assert row["days_since"] == (TODAY - row["last_filed"].date()).days
    assert row["last_quarter"] == "2026Q2"


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(UnknownNameError, match="entity, group"):
        holdings(facts.load(), "wave", TODAY)
