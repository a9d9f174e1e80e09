"""What a reader sees where shipped and fetched figures meet, and as of a day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from headrace.errors import PeriodError
from headrace.evidence import facts
from headrace.evidence.storage.local_store import append
from headrace.evidence.storage.store import TABLES, whole_table, write_table

KEY = ["entity", "concept", "period_end"]


@pytest.fixture
def store(tmp_path: Path, batch: Any) -> Any:
    """Make a store whose one generation holds these rows."""

    def make(rows: Any) -> Path:
        append(batch(rows=rows), tmp_path / "store")
        return tmp_path / "store"

    return make


@pytest.fixture
def shipped() -> Any:
    """Microsoft's net income of the quarter to 2016-09-30: filed as 4,690 and restated a year later as 5,667."""
    every = facts.vintages()
    rows = every[(every.entity == "microsoft") & (every.concept == "net_income") & (every.calendar_quarter == "2016Q3")]
    assert rows["value"].tolist() == [4_690e6, 5_667e6]
    return rows


def of_microsoft(known: Any, quarter: str = "2016Q3") -> list[float]:
    rows = known[(known.entity == "microsoft") & (known.concept == "net_income") & (known.calendar_quarter == quarter)]
    return [float(value) for value in rows["value"]]


def near(shipped: Any, days: int, **changed: Any) -> Any:
    """One row for the same quarter, whose period ends some days later."""
    row = shipped.head(1).drop(columns="late")
    return row.assign(period_end=row["period_end"] + pd.Timedelta(days=days), value=1.0, **changed)


@pytest.mark.parametrize("days", [-7, 0, 7])
def test_a_fetched_figure_replaces_every_shipped_vintage_of_it(store: Any, shipped: Any, days: int) -> None:
    fetched = store(near(shipped, days))
    assert of_microsoft(facts.load(store=fetched, vintages=True)) == [1.0]
    assert of_microsoft(facts.load("2018-01-01", store=fetched)) == [1.0]
    assert of_microsoft(facts.load()) == [5_667e6]


def test_all_other_shipped_figures_stay(store: Any, shipped: Any) -> None:
    with_store = facts.load(store=store(near(shipped, 0)))
    both = facts.load().merge(with_store, on=KEY, suffixes=("", "_fetched"))
    assert len(both) == len(facts.load()) == len(with_store)
    differ = both[both["value"] != both["value_fetched"]]
    assert differ[["entity", "concept", "calendar_quarter"]].to_numpy().tolist() == [
        ["microsoft", "net_income", "2016Q3"]
    ]


@pytest.mark.parametrize(
    "changed",
    [{"days": 8}, {"days": -8}, {"days": 0, "concept": "revenues"}, {"days": 0, "entity": "other"}],
)
def test_another_figure_replaces_nothing(store: Any, shipped: Any, changed: dict[str, Any]) -> None:
    known = facts.load(store=store(near(shipped, **changed)), vintages=True)
    assert {4_690e6, 5_667e6} <= set(of_microsoft(known))


def test_a_year_is_no_quarter_that_ends_on_its_last_day(store: Any, shipped: Any) -> None:
    fetched = store(near(shipped, 0, calendar_quarter="", period_start=pd.Timestamp("2015-10-01")))
    assert of_microsoft(facts.load(store=fetched)) == [5_667e6]
    assert of_microsoft(facts.load(store=fetched), "") == []
    assert 1.0 in of_microsoft(facts.load(store=fetched, years=True), "")


def test_of_two_filings_of_one_day_the_later_one_counts(store: Any, facts_of_one: Any) -> None:
    twice = pd.concat(
        [facts_of_one(["2031-03-31"], value=2.0, locator="b"), facts_of_one(["2031-03-31"], value=1.0, locator="a")]
    )
    known = facts.load(store=store(twice))
    assert known.loc[known["calendar_quarter"] == "2031Q1", "value"].tolist() == [2.0]


def test_a_fetched_restatement_is_seen_from_its_day_on(store: Any, facts_of_one: Any) -> None:
    first = facts_of_one(["2031-03-31"], value=1.0, filed=pd.Timestamp("2031-05-01"))
    again = facts_of_one(["2031-03-31"], value=2.0, filed=pd.Timestamp("2032-05-01"))
    fetched = store(pd.concat([first, again]))
    seen = {
        day: facts.load(day, store=fetched).query("calendar_quarter == '2031Q1'")["value"].tolist()
        for day in ("2031-04-30", "2031-05-01", "2032-04-30", "2032-05-01")
    }
    assert seen == {"2031-04-30": [], "2031-05-01": [1.0], "2032-04-30": [1.0], "2032-05-01": [2.0]}
    both = facts.load("2032-05-01", store=fetched, vintages=True).query("calendar_quarter == '2031Q1'")
    assert both["value"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("days", "late"), [(119, False), (120, False), (121, True)])
def test_a_figure_first_filed_over_120_days_after_its_period_is_late_in_every_view(
    store: Any, facts_of_one: Any, days: int, late: bool
) -> None:
    end = pd.Timestamp("2031-03-31")
    first = facts_of_one(["2031-03-31"], filed=end + pd.Timedelta(days=days))
    again = facts_of_one(["2031-03-31"], filed=end + pd.Timedelta(days=900), value=2.0)
    fetched = store(pd.concat([first, again]))
    for day in (None, "2032-12-31", "2040-01-01"):
        rows = facts.load(day, store=fetched, vintages=True).query("calendar_quarter == '2031Q1'")
        assert set(rows["late"]) == {late}


def test_lateness_is_a_property_of_the_figure_and_not_of_the_view() -> None:
    every, then = facts.load(), facts.load("2020-12-31")
    both = every.merge(then, on=[*KEY, "calendar_quarter"], suffixes=("", "_then"))
    assert len(both) > 1000
    assert (both["late"] == both["late_then"]).all()
    assert both["late"].any()
    assert not both["late"].all()


def test_a_day_before_the_first_fetched_filing_is_refused_and_the_first_is_not(store: Any, facts_of_one: Any) -> None:
    old = facts_of_one(["2009-03-31"], filed=pd.Timestamp("2009-05-01"))
    fetched = store(old)
    assert len(facts.load("2009-05-01", store=fetched).query("entity == 'microsoft'")) == 1
    with pytest.raises(PeriodError, match="filed from 2009-05-01 to"):
        facts.load("2009-04-30", store=fetched)
    with pytest.raises(PeriodError, match="before the first filing"):
        facts.load("2009-05-01")


def test_the_same_rows_in_any_order_give_the_same_file(tmp_path: Path) -> None:
    rows = whole_table("facts")
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    first = write_table("facts", rows, one)
    second = write_table("facts", rows.sample(frac=1, random_state=7)[list(reversed(TABLES["facts"]))], two)
    assert first.read_bytes() == second.read_bytes()
    assert not list(tmp_path.rglob("*.part"))
