"""The facts as known on a date."""

from __future__ import annotations

import datetime as dt

import pytest

from headrace.errors import PeriodError
from headrace.evidence import facts
from headrace.evidence.storage.store import TABLES


def one_value(as_of: str | None, entity: str, concept: str, quarter: str) -> float | None:
    """The single value known on a day, or None where nobody had filed."""
    known = facts.load(as_of)
    row = known[(known.entity == entity) & (known.concept == concept) & (known.calendar_quarter == quarter)]
    assert len(row) <= 1
    return None if row.empty else float(row["value"].iloc[0])


def test_a_figure_is_unknown_before_its_filing_and_known_from_that_day() -> None:
    assert one_value("2026-07-22", "alphabet", "capital_expenditure", "2026Q2") is None
    assert one_value("2026-07-23", "alphabet", "capital_expenditure", "2026Q2") == 44_924e6


def test_by_late_july_alphabet_has_filed_and_amazon_has_not() -> None:
    assert one_value("2026-07-25", "alphabet", "capital_expenditure", "2026Q2") == 44_924e6
    assert one_value("2026-07-25", "amazon", "capital_expenditure", "2026Q2") is None
    assert one_value("2026-07-31", "amazon", "capital_expenditure", "2026Q2") == 54_208e6


def test_a_restated_value_is_seen_only_from_its_restatement_on() -> None:
    # Microsoft's quarter to 2016-09-30 was filed as 4,690 and restated for new revenue rules a year later as 5,667.
    assert one_value("2017-06-30", "microsoft", "net_income", "2016Q3") == 4_690e6
    assert one_value("2017-12-31", "microsoft", "net_income", "2016Q3") == 5_667e6
    assert one_value(None, "microsoft", "net_income", "2016Q3") == 5_667e6


def test_both_vintages_of_a_restated_value_stay_in_the_table() -> None:
    every = facts.vintages()
    rows = every[(every.entity == "microsoft") & (every.concept == "net_income") & (every.calendar_quarter == "2016Q3")]
    assert rows["value"].tolist() == [4_690e6, 5_667e6]
    assert rows["filed"].is_monotonic_increasing
    assert set(rows["first_value"]) == {4_690e6}


def test_an_as_of_view_never_shows_a_later_filing() -> None:
    for day in ("2016-01-01", "2020-05-31", "2026-07-25"):
        assert facts.load(day)["filed"].max() <= dt.datetime.fromisoformat(day)


def test_a_view_holds_one_row_a_figure() -> None:
    key = ["entity", "concept", "calendar_quarter"]
    assert not facts.load().duplicated(key).any()
    assert not facts.load("2019-03-31").duplicated(key).any()


def test_a_view_has_the_columns_of_the_schema() -> None:
    assert list(facts.load().columns) == [*TABLES["facts"], "late"]


def test_a_date_after_the_last_filing_sees_everything() -> None:
    assert len(facts.load("2040-01-01")) == len(facts.load())


@pytest.mark.parametrize("text", ["2026-13-01", "2026", "yesterday", "31.08.2026", ""])
def test_a_malformed_date_is_refused_by_name(text: str) -> None:
    with pytest.raises(PeriodError, match=r"as_of.*YYYY-MM-DD"):
        facts.load(text)


def test_a_date_before_the_first_filing_is_refused_with_the_range() -> None:
    with pytest.raises(PeriodError, match=r"1999-01-01.*2014-02-20 to 2026-09-11"):
        facts.load("1999-01-01")


def test_two_definitions_of_capital_expenditure_stay_two_concepts() -> None:
    assert one_value(None, "microsoft", "capital_expenditure", "2026Q2") == 35_802e6
    assert one_value(None, "microsoft", "capital_expenditure_management_defined", "2026Q2") == 41_000e6
    assert one_value(None, "meta", "capital_expenditure", "2026Q2") == 30_116e6
    assert one_value(None, "meta", "capital_expenditure_including_finance_leases", "2026Q2") == 31_078e6


def test_the_total_backlog_of_microsoft_is_not_its_commercial_part() -> None:
    assert one_value(None, "microsoft", "remaining_performance_obligation", "2026Q2") == 684e9
    assert one_value(None, "microsoft", "commercial_remaining_performance_obligation", "2026Q2") == 678e9


def test_fiscal_quarters_stand_in_the_calendar_quarter_of_their_midpoint() -> None:
    known = facts.load()
    ends = known[known.calendar_quarter == "2026Q2"].groupby("entity")["period_end"].max().dt.date
    assert ends["oracle"] == dt.date(2026, 5, 31)
    assert ends["nvidia"] == dt.date(2026, 7, 26)
    assert ends["alphabet"] == dt.date(2026, 6, 30)


def test_no_flow_is_longer_than_a_quarter() -> None:
    known = facts.load()
    days = (known["period_end"] - known["period_start"]).dt.days.dropna()
    assert days.between(85, 100).all()


def test_a_difference_of_two_perimeters_is_no_quarter() -> None:
    # The year without Kyndryl less nine months with it gives 1,926 and 3,257: neither was ever a quarter of IBM.
    assert one_value(None, "ibm", "revenue", "2020Q4") == 20_367e6
    every = facts.vintages()
    ibm = every[(every.entity == "ibm") & (every.concept == "revenue")]
    assert ibm["value"].min() > 13_000e6


def test_a_full_year_never_stands_in_a_quarter_of_oracle() -> None:
    known = facts.load()
    capex = known[(known.entity == "oracle") & (known.concept == "capital_expenditure")].set_index("calendar_quarter")
    fiscal_year_ends = [f"{year}Q2" for year in range(2018, 2023)]
    for quarter in fiscal_year_ends:
        year = int(quarter[:4])
        rest = capex.loc[[f"{year - 1}Q3", f"{year - 1}Q4", f"{year}Q1"], "value"].sum()
        assert capex.loc[quarter, "value"] < rest


def test_a_figure_graded_both_a_and_c_ships_as_c() -> None:
    known = facts.load()
    newest = known[(known.concept == "data_centre_revenue") & (known.calendar_quarter == "2026Q2")]
    assert newest["quality"].tolist() == ["C"]


def test_notes_name_quarters_and_concepts_that_exist() -> None:
    known = facts.vintages()
    pairs = set(zip(known["entity"], known["concept"], strict=True)) | {("oracle", "long_term_debt")}
    for note in facts.notes():
        assert (note.entity, note.concept) in pairs, note
