"""What one filing says of one period: rows that cannot be figures are left out, each with a finding that names it."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest

from headrace.errors import EvidenceError

REVENUE, CAPEX = "Revenues", "PaymentsToAcquirePropertyPlantAndEquipment"
INVENTORY, DEBT = "InventoryNet", "LongTermDebt"


@pytest.fixture
def filer(filings: Any) -> Any:
    """Four quarters of revenue, 10 each, beside which a test puts one odd number."""
    filer = filings.Filings.of("microsoft")
    for number, filed in ((1, "2024-05-01"), (2, "2024-08-01"), (3, "2024-11-01"), (4, "2025-02-01")):
        filer.says(REVENUE, filings.quarter(2024, number), 10, filed)
    return filer


def left_out(filer: Any, kind: str, place: str) -> None:
    """One number was refused, under a finding that names its place; the four quarters stand."""
    (found,) = filer.derived[1]
    assert (found.kind, found.refused) == (kind, True)
    assert place in found.where
    assert filer.latest("revenue") == dict.fromkeys(("2024Q1", "2024Q2", "2024Q3", "2024Q4"), 10)


def test_a_period_that_ends_after_its_filing_is_left_out(filings: Any, filer: Any) -> None:
    filer.says(REVENUE, filings.quarter(2025, 3), 10, "2025-05-01")
    left_out(filer, "future_period", "2025-07-01 to 2025-09-30 in ")


def test_a_filing_from_the_future_is_left_out(filings: Any, filer: Any) -> None:
    filer.says(REVENUE, filings.quarter(2027, 1), 10, "2027-05-01")
    left_out(filer, "filed_in_future", "2027-01-01 to 2027-03-31")


@pytest.mark.parametrize("period", ["2024-03-31/2024-01-01", "2024-03-31/2024-03-31", "2022-01-01/2024-03-31"])
def test_a_period_that_ends_before_it_starts_or_lasts_longer_than_a_year_is_left_out(period: str, filer: Any) -> None:
    filer.says(REVENUE, period, 10, "2024-05-01")
    left_out(filer, "period_length", period.replace("/", " to "))


def test_the_first_and_the_last_day_that_dates_can_name_are_left_out(filer: Any) -> None:
    filer.says(REVENUE, "0001-01-01/0001-03-31", 10, "2024-05-01")
    filer.says(REVENUE, "9999-01-01/9999-03-31", 10, "2024-05-01")
    filer.says(INVENTORY, "0001-01-01", 10, "2024-05-01")
    filer.says(INVENTORY, "9999-12-31", 10, "2024-05-01")
    assert filer.kinds() == {("report_date", True), ("future_period", True)}
    assert len(filer.derived[0]) == 4


def test_a_report_of_the_year_one_is_left_out(filings: Any, filer: Any) -> None:
    number = filings.accession("2024-05-01")
    filer.says(REVENUE, "0001-01-01/0001-03-31", 10, "0001-05-01", accn=number)
    left_out(filer, "report_date", "0001-01-01 to 0001-03-31")


def test_capital_expenditure_below_zero_is_left_out(filings: Any, filer: Any) -> None:
    filer.says(CAPEX, filings.quarter(2024, 1), -3, "2024-05-01")
    left_out(filer, "sign", f"us-gaap:{CAPEX}, 2024-01-01 to 2024-03-31 in ")
    assert filer.rows("capital_expenditure") == []


def test_a_zero_stays_where_nothing_is_a_figure_and_goes_where_it_holds_a_place(filings: Any, filer: Any) -> None:
    filer.says(CAPEX, filings.quarter(2024, 1), 0, "2024-05-01")
    filer.says(DEBT, "2024-03-31", 0, "2024-05-01")
    assert filer.latest("capital_expenditure") == {"2024Q1": 0}
    assert filer.rows("long_term_debt") == []


def test_one_filing_that_says_two_values_for_one_figure_is_believed_in_neither(filings: Any, filer: Any) -> None:
    filer.says(CAPEX, filings.quarter(2024, 1), 3, "2024-05-01")
    filer.says(CAPEX, filings.quarter(2024, 1), 4, "2024-05-01")
    left_out(filer, "conflict", "2024-01-01 to 2024-03-31")
    assert "both 3 and 4" in filer.derived[1][0].text
    assert filer.rows("capital_expenditure") == []


def test_one_filing_that_says_one_value_twice_says_it_once(filings: Any, filer: Any) -> None:
    filer.says(CAPEX, filings.quarter(2024, 1), 3, "2024-05-01")
    filer.says(CAPEX, filings.quarter(2024, 1), 3, "2024-05-01")
    assert filer.latest("capital_expenditure") == {"2024Q1": 3}
    assert filer.kinds() == set()


def test_days_and_months_of_one_period_in_one_filing_are_a_conflict_too(filer: Any) -> None:
    filer.says(CAPEX, "2024-01-01/2024-03-31", 3, "2024-05-01")
    filer.says(CAPEX, "2024-01-01/2024-03-30", 4, "2024-05-01")
    assert [finding.kind for finding in filer.derived[1]] == ["conflict"]


def test_dates_that_wander_by_days_are_one_period_under_those_that_most_filings_give(filings: Any) -> None:
    micron = filings.Filings.of("micron")
    micron.says(REVENUE, "2023-09-01/2023-11-30", 40, "2023-12-21")
    micron.says(REVENUE, "2023-09-01/2023-11-30", 41, "2024-12-19")
    micron.says(REVENUE, "2023-08-31/2023-11-29", 42, "2025-12-18")
    assert micron.vintages("revenue", "2023Q4") == [
        ("2023-12-21", 40, ""),
        ("2024-12-19", 41, ""),
        ("2025-12-18", 42, ""),
    ]
    assert {row["period_end"] for row in micron.rows("revenue")} == {"2023-11-30"}


def test_dates_that_wander_do_not_split_a_difference(filings: Any) -> None:
    micron = filings.Filings.of("micron")
    tag = "NetCashProvidedByUsedInOperatingActivities"
    micron.says(tag, "2023-09-01/2024-05-30", 60, "2024-06-27")
    micron.says(tag, "2023-09-01/2024-05-31", 60, "2025-06-26")
    micron.says(tag, "2023-09-01/2025-06-30", 60, "2025-07-26")
    micron.says(tag, "2023-09-01/2024-08-29", 84, "2024-10-04", "10-K")
    assert micron.latest("operating_cash_flow") == {"2024Q3": 84 - 60, "2024": 84}


def test_a_quarter_and_a_half_with_one_last_day_stay_two_periods(filings: Any, filer: Any) -> None:
    filer.says(CAPEX, filings.quarter(2024, 2), 4, "2024-08-01")
    filer.says(CAPEX, filings.to_date(2024, 2), 7, "2024-08-01")
    assert filer.latest("capital_expenditure") == {"2024Q2": 4}


def test_a_number_dated_otherwise_than_its_report_is_left_out(filings: Any, filer: Any) -> None:
    number = filings.accession("2024-08-01")
    filer.says(REVENUE, filings.to_date(2024, 2), 20, "2024-08-01")
    filer.says(CAPEX, filings.quarter(2024, 2), 3, "2024-09-01", accn=number)
    left_out(filer, "report_date", f"2024-04-01 to 2024-06-30 in {number}")
    assert "another day" in filer.derived[1][0].text


def test_a_number_of_a_report_with_another_year_in_its_number_is_left_out(filings: Any, filer: Any) -> None:
    filer.says(CAPEX, filings.quarter(2024, 2), 3, "2024-09-01", accn="0000000001-19-000001")
    left_out(filer, "report_date", "0000000001-19-000001")


def test_a_report_may_get_its_number_around_new_year(filings: Any, filer: Any) -> None:
    filer.says(CAPEX, filings.quarter(2023, 3), 3, "2024-01-02", accn="0000000001-23-000001")
    assert filer.latest("capital_expenditure") == {"2023Q3": 3}


def test_a_period_of_thirty_years_before_its_report_is_left_out(filings: Any, filer: Any) -> None:
    filer.says(CAPEX, filings.quarter(1994, 1), 3, "2024-05-01")
    left_out(filer, "report_date", "1994-01-01 to 1994-03-31")


@pytest.mark.parametrize("number", ["", "1", "0000000001-24-00001", "0000000001-24-0000011", "'; DROP TABLE facts"])
def test_a_report_without_an_accession_number_is_refused(number: str, filings: Any, filer: Any) -> None:
    filer.says(CAPEX, filings.quarter(2024, 1), 3, "2024-05-01", accn=number)
    with pytest.raises(EvidenceError, match=r"document\.json: accession number"):
        filer.rows("revenue")


def test_what_was_filed_about_an_earlier_business_is_not_read(filings: Any) -> None:
    vertiv = filings.Filings.of("vertiv")
    vertiv.says("Assets", "2019-12-31", 1, "2020-03-12", "10-K")
    vertiv.says("Assets", "2019-12-31", 4657, "2020-05-07")
    assert vertiv.vintages("total_assets", "2019Q4") == [("2020-05-07", 4657, "")]
    assert vertiv.rows("total_assets")[0]["first_value"] == 4657


@pytest.mark.parametrize("unit", ["usd", "USD/shares", "pure", "CNY", "Texas"])
def test_a_unit_that_the_concept_does_not_use_is_left_out(unit: str, filings: Any, filer: Any) -> None:
    filer.says(CAPEX, filings.quarter(2024, 1), 3, "2024-05-01", unit=unit)
    left_out(filer, "unit", f"us-gaap:{CAPEX}")
    assert repr(unit) in filer.derived[1][0].text


def test_one_period_stated_by_hundreds_of_reports_is_no_filers(filings: Any, filer: Any) -> None:
    for day in range(300):
        filed, number = f"2024-{5 + day // 28:02d}-{1 + day % 28:02d}", f"0000000001-24-{day:06d}"
        filer.says(CAPEX, filings.quarter(2024, 1), 3, filed, accn=number) if day < 196 else filer.says(
            CAPEX, filings.quarter(2024, 1), 3, "2025-01-01", accn=f"0000000001-25-{day:06d}"
        )
    with pytest.raises(EvidenceError, match=r"2024-01-01 to 2024-03-31 .*over 250 numbers"):
        filer.rows("revenue")


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["every_day_a_stock", "every_pair_of_days_a_flow", "wandering", "wild"])
def test_the_most_numbers_a_document_may_hold_take_seconds(shape: str, filings: Any) -> None:
    import datetime as dt

    import numpy as np

    filer = filings.Filings.of("microsoft")
    random, first = np.random.default_rng(0), dt.date(2010, 1, 1)
    rows = []
    for number in range(99_000):
        end = first + dt.timedelta(days=int(number % 5000))
        length = {
            "every_day_a_stock": 0,
            "every_pair_of_days_a_flow": 2 + number // 5000 * 18,
            "wandering": 90,
            "wild": 90,
        }
        start = end - dt.timedelta(days=length[shape])
        row = {"end": f"{end}", "val": 10 + number % 7, "filed": f"{end}", "form": "10-K"}
        row["accn"] = f"0000000001-{end.year % 100:02d}-{number:06d}"
        if shape == "wild":
            row["val"] = 10 ** float(random.uniform(0, 17))
        if shape != "every_day_a_stock":
            row["start"] = f"{start}"
        rows.append(row)
    tag = INVENTORY if shape == "every_day_a_stock" else REVENUE
    filer.facts = {"us-gaap": {tag: {"units": {"USD": rows}}}}
    begin = time.perf_counter()
    with contextlib.suppress(EvidenceError):  # more reports of one period than there can be
        assert len(filer.derived[0]) > 0
    assert time.perf_counter() - begin < 60
