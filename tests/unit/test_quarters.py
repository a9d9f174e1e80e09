"""Discrete quarters, years and balance-sheet dates out of small documents, arithmetic visible."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from headrace.evidence.filings import quarters
from headrace.evidence.storage.store import TABLES

CAPEX = "PaymentsToAcquirePropertyPlantAndEquipment"
CASH_FLOW = "NetCashProvidedByUsedInOperatingActivities"
REVENUE = "Revenues"
CONTRACTS = "RevenueFromContractWithCustomerExcludingAssessedTax"
SHARES = "WeightedAverageNumberOfDilutedSharesOutstanding"


@pytest.fixture
def microsoft(filings: Any) -> Any:
    return filings.Filings.of("microsoft")


@pytest.fixture
def cash_year(filings: Any, microsoft: Any) -> Any:
    """Cash flow as reports give it, the year to date in each: 10, 10 + 12, 22 + 14, 36 + 20."""
    ends = {1: "2024-05-01", 2: "2024-08-01", 3: "2024-11-01"}
    for last, (filed, value) in enumerate(zip(ends.values(), (10, 22, 36), strict=True), 1):
        microsoft.says(CASH_FLOW, filings.to_date(2024, last), value, filed)
    return microsoft.says(CASH_FLOW, filings.to_date(2024, 4), 56, "2025-02-01", "10-K")


def test_a_quarter_that_was_filed_is_taken_as_filed(filings: Any, microsoft: Any) -> None:
    microsoft.says(REVENUE, filings.quarter(2024, 1), 10, "2024-05-01")
    microsoft.says(REVENUE, filings.to_date(2024, 2), 23, "2024-08-01")
    microsoft.says(REVENUE, filings.quarter(2024, 2), 12, "2024-08-01")  # not 23 - 10
    assert microsoft.vintages("revenue", "2024Q2") == [("2024-08-01", 12, "")]


def test_a_year_to_date_less_the_one_before_is_a_quarter(cash_year: Any) -> None:
    assert cash_year.latest("operating_cash_flow") == {
        "2024Q1": 10,
        "2024Q2": 22 - 10,
        "2024Q3": 36 - 22,
        "2024Q4": 56 - 36,
        "2024": 56,
    }
    assert cash_year.kinds() == set()


def test_a_difference_says_what_it_is_and_from_where(filings: Any, cash_year: Any) -> None:
    rows = {row["calendar_quarter"]: row for row in cash_year.rows("operating_cash_flow")}
    assert [rows[f"2024Q{number}"]["derivation"] for number in (1, 2, 3, 4)] == [
        "",
        "year_to_date_difference",
        "year_to_date_difference",
        "year_less_nine_months",
    ]
    assert [rows[f"2024Q{number}"]["status"] for number in (1, 2)] == ["reported", "derived"]
    annual, nine_months = filings.accession("2025-02-01", "10-K"), filings.accession("2024-11-01")
    assert rows["2024Q4"]["locator"] == f"{annual} - {nine_months}"
    assert (rows["2024Q4"]["period_start"], rows["2024Q4"]["period_end"]) == ("2024-10-01", "2024-12-31")
    assert rows["2024Q4"]["filed"] == "2025-02-01"
    assert rows["2024Q4"]["tag"] == f"us-gaap:{CASH_FLOW}"


def test_a_year_to_date_is_never_a_quarter(filings: Any, microsoft: Any) -> None:
    microsoft.says(CASH_FLOW, filings.to_date(2024, 2), 22, "2024-08-01")
    microsoft.says(CASH_FLOW, filings.to_date(2024, 3), 36, "2024-11-01")
    assert microsoft.latest("operating_cash_flow") == {"2024Q3": 36 - 22}


def test_a_year_without_a_first_half_still_gives_its_last_quarter(filings: Any, microsoft: Any) -> None:
    microsoft.says(CASH_FLOW, filings.to_date(2024, 3), 36, "2024-11-01")
    microsoft.says(CASH_FLOW, filings.to_date(2024, 4), 56, "2025-02-01", "10-K")
    assert microsoft.latest("operating_cash_flow") == {"2024Q4": 56 - 36, "2024": 56}


def test_a_quarter_known_by_difference_first_and_filed_later_is_two_vintages(filings: Any, cash_year: Any) -> None:
    cash_year.says(CASH_FLOW, filings.quarter(2024, 4), 21, "2026-02-01", "10-K")
    assert cash_year.vintages("operating_cash_flow", "2024Q4") == [
        ("2025-02-01", 56 - 36, "year_less_nine_months"),
        ("2026-02-01", 21, ""),
    ]


def test_the_same_value_filed_again_is_no_new_vintage(filings: Any, cash_year: Any) -> None:
    cash_year.says(CASH_FLOW, filings.to_date(2024, 1), 10, "2025-05-01")
    cash_year.says(CASH_FLOW, filings.quarter(2024, 4), 20, "2026-02-01", "10-K")
    assert len(cash_year.vintages("operating_cash_flow", "2024Q1")) == 1
    assert len(cash_year.vintages("operating_cash_flow", "2024Q4")) == 1


def test_a_restatement_is_a_later_vintage_and_says_what_came_first(filings: Any, microsoft: Any) -> None:
    microsoft.says(REVENUE, filings.quarter(2024, 1), 10, "2024-05-01")
    microsoft.says(REVENUE, filings.quarter(2024, 1), 11, "2025-05-01")
    assert microsoft.vintages("revenue", "2024Q1") == [("2024-05-01", 10, ""), ("2025-05-01", 11, "")]
    assert [row["first_value"] for row in microsoft.rows("revenue")] == [10, 10]


def test_as_of_a_day_the_newest_vintage_filed_by_then_counts(filings: Any, microsoft: Any) -> None:
    for filed, value in (("2024-05-01", 10), ("2025-05-01", 11), ("2026-05-01", 10)):
        microsoft.says(REVENUE, filings.quarter(2024, 1), value, filed)
    frame = microsoft.derived[0]

    def as_of(day: str) -> list[float]:
        return frame[frame["filed"] <= pd.Timestamp(day)].groupby("period_end")["value"].last().tolist()

    assert as_of("2024-04-30") == []
    assert as_of("2024-05-01") == [10]
    assert as_of("2025-12-31") == [11]
    assert as_of("2026-12-31") == [10]


def test_a_restatement_under_another_tag_is_a_vintage_of_the_same_figure(filings: Any, microsoft: Any) -> None:
    microsoft.says("SalesRevenueNet", filings.quarter(2017, 2), 23, "2017-08-01")
    microsoft.says(CONTRACTS, filings.quarter(2017, 2), 25, "2018-08-01")
    assert microsoft.vintages("revenue", "2017Q2") == [("2017-08-01", 23, ""), ("2018-08-01", 25, "")]
    assert [row["tag"] for row in microsoft.rows("revenue")] == ["us-gaap:SalesRevenueNet", f"us-gaap:{CONTRACTS}"]


def test_tags_are_merged_period_by_period(filings: Any, microsoft: Any) -> None:
    microsoft.says("SalesRevenueNet", filings.quarter(2016, 4), 20, "2017-02-01")
    microsoft.says(REVENUE, filings.quarter(2017, 1), 21, "2017-05-01")
    microsoft.says(CONTRACTS, filings.quarter(2018, 1), 22, "2018-05-01")
    assert microsoft.latest("revenue") == {"2016Q4": 20, "2017Q1": 21, "2018Q1": 22}


def test_within_one_filing_the_first_tag_of_the_table_counts(filings: Any, microsoft: Any) -> None:
    microsoft.says(REVENUE, filings.quarter(2024, 1), 10.5, "2024-05-01")
    microsoft.says(CONTRACTS, filings.quarter(2024, 1), 10, "2024-05-01")
    assert microsoft.latest("revenue") == {"2024Q1": 10}
    assert microsoft.kinds() == {("tags_disagree", False)}


def test_a_difference_of_two_tags_in_two_filings_is_marked(filings: Any, microsoft: Any) -> None:
    microsoft.says("SalesRevenueNet", filings.to_date(2017, 3), 60, "2017-11-01")
    microsoft.says(CONTRACTS, filings.to_date(2017, 4), 84, "2018-02-01", "10-K")
    assert microsoft.latest("revenue")["2017Q4"] == 84 - 60
    (found,) = microsoft.findings("mixed_filings")
    assert "2017-10-01 to 2017-12-31" in found.where
    assert microsoft.rows("revenue")[-1]["tag"] == f"us-gaap:{CONTRACTS} - us-gaap:SalesRevenueNet"


@pytest.mark.parametrize("form", ["10-Q", "10-Q/A", "10-K", "10-KT", "10-QT", "20-F", "40-F", "6-K", "8-K"])
def test_periodic_and_current_reports_count(form: str, filings: Any, microsoft: Any) -> None:
    microsoft.says(REVENUE, filings.quarter(2024, 1), 10, "2024-05-01", form)
    assert microsoft.latest("revenue") == {"2024Q1": 10}


@pytest.mark.parametrize("form", ["DEF 14A", "S-1", "424B4", ""])
def test_proxies_and_prospectuses_do_not_count(form: str, filings: Any, microsoft: Any) -> None:
    microsoft.says(REVENUE, filings.quarter(2024, 1), 10, "2024-05-01", form)
    assert microsoft.latest("revenue") == {}


@pytest.mark.parametrize("form", ["10-K", "10-KT", "20-F", "40-F"])
def test_a_year_comes_from_an_annual_report_and_has_no_quarter(form: str, filings: Any, microsoft: Any) -> None:
    microsoft.says(REVENUE, filings.to_date(2024, 4), 40, "2025-02-01", form)
    (row,) = microsoft.rows("revenue")
    assert (row["calendar_quarter"], row["period_start"], row["value"]) == ("", "2024-01-01", 40)


def test_twelve_months_that_roll_on_in_a_quarterly_report_are_no_year(microsoft: Any) -> None:
    microsoft.says(CAPEX, "2023-04-01/2024-03-31", 40, "2024-05-01")
    assert microsoft.rows("capital_expenditure") == []


def test_a_foreign_filer_is_read_in_its_taxonomy_and_currency(filings: Any) -> None:
    tsmc = filings.Filings.of("tsmc")
    tsmc.says("ifrs-full:Revenue", filings.to_date(2024, 4), 2894, "2025-04-17", "20-F", "TWD")
    tsmc.says("ifrs-full:Revenue", filings.to_date(2023, 4), 2161, "2025-04-17", "20-F", "TWD")
    tsmc.says("ifrs-full:Revenue", filings.to_date(2024, 4), 88, "2025-04-17", "20-F", "USD")
    assert [(row["value"], row["unit"]) for row in tsmc.rows("revenue")] == [(2161, "TWD"), (2894, "TWD")]
    (found,) = tsmc.findings("unit")
    assert "'USD'" in found.text
    assert "'TWD'" in found.text
    assert found.refused


def test_a_filer_in_euros_keeps_them_beside_its_shares(filings: Any) -> None:
    asml = filings.Filings.of("asml")
    asml.says(REVENUE, filings.quarter(2024, 1), 5290, "2024-04-17", "6-K", "EUR")
    asml.says(SHARES, filings.quarter(2024, 1), 394, "2024-04-17", "6-K", "shares")
    assert [row["unit"] for row in asml.rows("revenue")] == ["EUR"]
    assert [row["unit"] for row in asml.rows("diluted_shares")] == ["shares"]
    assert asml.kinds() == set()


def test_average_shares_are_not_subtracted(filings: Any, microsoft: Any) -> None:
    microsoft.says(SHARES, filings.to_date(2024, 3), 100, "2024-11-01", unit="shares")
    microsoft.says(SHARES, filings.to_date(2024, 4), 101, "2025-02-01", "10-K", unit="shares")
    assert microsoft.latest("diluted_shares") == {"2024": 101}


def test_a_quarter_of_a_shifted_year_has_the_calendar_quarter_of_its_middle(filings: Any) -> None:
    nvidia = filings.Filings.of("nvidia")
    nvidia.says(REVENUE, "2024-10-28/2025-01-26", 39, "2025-02-26", "10-K")  # middle: 2024-12-12
    nvidia.says(REVENUE, "2025-01-27/2025-04-27", 44, "2025-05-28")  # middle: 2025-03-13
    assert nvidia.latest("revenue") == {"2024Q4": 39, "2025Q1": 44}
    oracle = filings.Filings.of("oracle")
    oracle.says(REVENUE, "2025-06-01/2025-08-31", 15, "2025-09-10")  # middle: 2025-07-16
    oracle.says(REVENUE, "2025-09-01/2025-11-30", 16, "2025-12-10")  # middle: 2025-10-16
    assert oracle.latest("revenue") == {"2025Q3": 15, "2025Q4": 16}


def test_a_balance_sheet_has_the_calendar_quarter_that_its_flows_have(filings: Any) -> None:
    nvidia = filings.Filings.of("nvidia")
    nvidia.says(REVENUE, "2024-10-28/2025-01-26", 39, "2025-02-26", "10-K")
    nvidia.says("InventoryNet", "2025-01-26", 10, "2025-02-26", "10-K")
    (row,) = nvidia.rows("inventory")
    assert (row["calendar_quarter"], row["period_start"]) == ("2024Q4", "NaT")


def test_quarters_of_twelve_to_fourteen_weeks_are_quarters(filings: Any) -> None:
    apple = filings.Filings.of("apple")
    apple.says(CASH_FLOW, "2022-09-25/2022-12-31", 34, "2023-02-02")  # 14 weeks: 98 days
    apple.says(CASH_FLOW, "2022-09-25/2023-04-01", 63, "2023-05-05")
    apple.says(CASH_FLOW, "2022-09-25/2023-07-01", 89, "2023-08-04")
    apple.says(CASH_FLOW, "2022-09-25/2023-09-30", 111, "2023-11-03", "10-K")  # 53 weeks: 371 days
    assert apple.latest("operating_cash_flow") == {
        "2022Q4": 34,
        "2023Q1": 63 - 34,
        "2023Q2": 89 - 63,
        "2023Q3": 111 - 89,
        "2023": 111,
    }


def test_a_balance_sheet_day_beside_the_end_of_a_period_is_left_out(filings: Any, microsoft: Any) -> None:
    microsoft.says(REVENUE, filings.quarter(2017, 4), 20, "2018-02-01", "10-K")
    microsoft.says("InventoryNet", "2017-12-31", 5, "2018-02-01", "10-K")
    microsoft.says("InventoryNet", "2018-01-01", 4, "2018-05-01")  # first day of a new rule
    assert [row["period_end"] for row in microsoft.rows("inventory")] == ["2017-12-31"]
    (found,) = microsoft.findings("off_cycle")
    assert "2018-01-01" in found.where


def test_a_quarter_that_does_not_fit_the_calendar_around_it_is_left_out(filings: Any, microsoft: Any) -> None:
    for number in (1, 2, 3, 4):
        microsoft.says(REVENUE, filings.quarter(2024, number), 10, "2025-02-01", "10-K")
    microsoft.says(REVENUE, "2024-05-16/2024-08-15", 11, "2025-02-01", "10-K")
    assert microsoft.latest("revenue") == dict.fromkeys(("2024Q1", "2024Q2", "2024Q3", "2024Q4"), 10)
    (found,) = microsoft.findings("overlap")
    assert "2024-05-16 to 2024-08-15" in found.where


def test_the_table_has_the_columns_of_the_facts_and_their_order(cash_year: Any) -> None:
    frame = cash_year.derived[0]
    assert frame.columns.tolist() == list(TABLES["facts"])
    assert frame["quality"].unique().tolist() == ["A"]
    assert frame["source_id"].unique().tolist() == ["sec_companyfacts"]
    assert not frame["filed_estimated"].any()


def test_a_document_without_our_tags_gives_no_rows(filings: Any, microsoft: Any) -> None:
    microsoft.says("Goodwill", "2024-12-31", 10, "2025-02-01", "10-K")
    frame, findings = microsoft.derived
    assert len(frame) == 0
    assert frame.columns.tolist() == list(TABLES["facts"])
    assert findings == ()


def test_what_is_derived_does_not_depend_on_the_order_of_the_numbers(filings: Any, cash_year: Any) -> None:
    cash_year.says(CASH_FLOW, filings.to_date(2024, 4), 57, "2026-02-01", "10-K")
    cash_year.says(CASH_FLOW, filings.to_date(2024, 3), 37, "2025-11-01")
    forward = cash_year.derived[0]
    rows = cash_year.facts["us-gaap"][CASH_FLOW]["units"]["USD"]
    rows.reverse()
    del cash_year.derived
    pd.testing.assert_frame_equal(forward, cash_year.derived[0])


def test_a_filing_dated_after_the_document_was_seen_is_left_out(filings: Any, microsoft: Any) -> None:
    microsoft.says(REVENUE, filings.quarter(2024, 1), 10, "2024-05-01")
    microsoft.says(REVENUE, filings.quarter(2024, 2), 11, "2024-08-01")
    seen = dt.date(2024, 6, 1)
    frame, findings = quarters.facts_of(microsoft.document(), microsoft.entity, "document.json", seen)
    assert frame["value"].tolist() == [10]
    assert [finding.kind for finding in findings] == ["filed_in_future"]
