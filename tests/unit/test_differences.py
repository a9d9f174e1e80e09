"""Both ends of a difference stand on one basis: which reports make a quarter, and which do not."""

from __future__ import annotations

from typing import Any

import pytest

REVENUE, NEW_RULE = "SalesRevenueNet", "RevenueFromContractWithCustomerExcludingAssessedTax"
CASH_FLOW = "NetCashProvidedByUsedInOperatingActivities"


@pytest.fixture
def filer(filings: Any) -> Any:
    """Nine months of 60 and a year of 84, each in its report."""
    filer = filings.Filings.of("microsoft")
    filer.says(REVENUE, filings.to_date(2017, 3), 60, "2017-11-01")
    return filer.says(REVENUE, filings.to_date(2017, 4), 84, "2018-02-01", "10-K")


def test_a_year_restated_without_its_nine_months_gives_no_new_quarter(filings: Any, filer: Any) -> None:
    filer.says(REVENUE, filings.to_date(2017, 4), 90, "2019-02-01", "10-K")  # not 90 - 60
    assert filer.vintages("revenue", "2017Q4") == [("2018-02-01", 84 - 60, "year_less_nine_months")]
    assert filer.vintages("revenue", "2017")[-1] == ("2019-02-01", 90, "")


def test_a_new_rule_that_reached_the_year_alone_gives_no_quarter(filings: Any, filer: Any) -> None:
    filer.says(NEW_RULE, filings.to_date(2017, 4), 90, "2019-02-01", "10-K")
    assert [value for _, value, _ in filer.vintages("revenue", "2017Q4")] == [84 - 60]


def test_a_year_restated_after_its_nine_months_were_gives_a_new_quarter(filings: Any, filer: Any) -> None:
    filer.says(REVENUE, filings.to_date(2017, 3), 64, "2018-11-01")
    filer.says(REVENUE, filings.to_date(2017, 4), 90, "2019-02-01", "10-K")
    assert filer.vintages("revenue", "2017Q4") == [
        ("2018-02-01", 84 - 60, "year_less_nine_months"),
        ("2019-02-01", 90 - 64, "year_less_nine_months"),
    ]


def test_a_year_reaffirmed_after_its_nine_months_were_restated_gives_a_new_quarter(filings: Any, filer: Any) -> None:
    filer.says(REVENUE, filings.to_date(2017, 3), 62, "2018-11-01")
    filer.says(REVENUE, filings.to_date(2017, 4), 84, "2019-02-01", "10-K")
    assert [value for _, value, _ in filer.vintages("revenue", "2017Q4")] == [84 - 60, 84 - 62]


def test_nine_months_restated_give_no_quarter_before_the_year_is_said_again(filings: Any, filer: Any) -> None:
    filer.says(REVENUE, filings.to_date(2017, 3), 62, "2018-11-01")  # not 84 - 62
    assert [value for _, value, _ in filer.vintages("revenue", "2017Q4")] == [84 - 60]


def test_a_report_that_holds_both_ends_restates_the_quarter(filings: Any, filer: Any) -> None:
    filer.says(REVENUE, filings.to_date(2017, 3), 64, "2019-02-01", "10-K")
    filer.says(REVENUE, filings.to_date(2017, 4), 90, "2019-02-01", "10-K")
    assert filer.vintages("revenue", "2017Q4")[-1] == ("2019-02-01", 90 - 64, "year_less_nine_months")


def test_both_ends_restated_under_a_new_tag_restate_the_quarter(filings: Any, filer: Any) -> None:
    filer.says(NEW_RULE, filings.to_date(2017, 3), 64, "2018-11-01")
    filer.says(NEW_RULE, filings.to_date(2017, 4), 90, "2019-02-01", "10-K")
    assert filer.vintages("revenue", "2017Q4")[-1][:2] == ("2019-02-01", 90 - 64)
    assert filer.findings("mixed_filings") == []


def test_a_difference_is_known_from_the_day_of_the_later_report(filings: Any) -> None:
    filer = filings.Filings.of("microsoft")
    filer.says(CASH_FLOW, filings.to_date(2017, 4), 84, "2018-02-01", "10-K")
    filer.says(CASH_FLOW, filings.to_date(2017, 3), 60, "2018-11-01")  # first given as a comparison
    assert filer.vintages("operating_cash_flow", "2017Q4") == [("2018-11-01", 84 - 60, "year_less_nine_months")]
    assert len(filer.findings("mixed_filings")) == 1


def test_a_filed_quarter_ends_the_differences(filings: Any, filer: Any) -> None:
    filer.says(REVENUE, filings.quarter(2017, 4), 25, "2018-02-01", "10-K")
    assert filer.vintages("revenue", "2017Q4") == [("2018-02-01", 25, "")]


def test_a_difference_may_be_below_zero(filings: Any) -> None:
    filer = filings.Filings.of("microsoft")
    filer.says(CASH_FLOW, filings.to_date(2017, 1), 10, "2017-05-01")
    filer.says(CASH_FLOW, filings.to_date(2017, 2), 4, "2017-08-01")
    assert filer.latest("operating_cash_flow")["2017Q2"] == 4 - 10


def test_numbers_on_a_basis_of_the_filers_own_meet_only_their_like(filings: Any) -> None:
    net, gross = "PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets"
    amazon = filings.Filings.of("amazon")
    amazon.says(net, filings.to_date(2017, 1), 19, "2017-04-28")
    amazon.says(gross, filings.to_date(2017, 2), 53, "2018-07-26")
    amazon.says(gross, filings.to_date(2017, 3), 83, "2018-10-26")
    assert amazon.latest("capital_expenditure") == {"2017Q1": 19, "2017Q3": 83 - 53}  # not 53 - 19


def test_a_quarter_across_a_change_of_the_business_is_refused(filings: Any) -> None:
    ibm = filings.Filings.of("ibm")
    for number, filed in ((1, "2021-04-27"), (2, "2021-07-27"), (3, "2021-11-05")):
        ibm.says("Revenues", filings.quarter(2021, number), 18, filed)
    ibm.says("Revenues", filings.to_date(2021, 3), 54, "2021-11-05")
    ibm.says("Revenues", filings.to_date(2021, 4), 57, "2022-02-22", "10-K")  # not 57 - 54: a part has left
    assert ibm.latest("revenue") == {"2021Q1": 18, "2021Q2": 18, "2021Q3": 18, "2021": 57}
    (found,) = ibm.findings("mixed_filings")
    assert found.refused
    assert "2021-10-01 to 2021-12-31" in found.where


def test_a_quarter_on_one_side_of_a_change_of_the_business_is_a_quarter(filings: Any) -> None:
    ibm = filings.Filings.of("ibm")
    ibm.says("Revenues", filings.to_date(2022, 3), 44, "2022-11-01")
    ibm.says("Revenues", filings.to_date(2022, 4), 61, "2023-02-28", "10-K")
    assert ibm.latest("revenue")["2022Q4"] == 61 - 44


def test_a_report_that_gives_the_year_and_three_quarters_gives_the_fourth(filings: Any) -> None:
    filer = filings.Filings.of("meta")
    filer.says("NetIncomeLoss", filings.to_date(2016, 3), 59, "2016-11-03")
    for number, value in ((1, 17), (2, 23), (3, 26)):  # restated: 66 and not 59
        filer.says("NetIncomeLoss", filings.quarter(2016, number), value, "2017-02-03", "10-K")
    filer.says("NetIncomeLoss", filings.to_date(2016, 4), 102, "2017-02-03", "10-K")
    assert filer.vintages("net_income", "2016Q4") == [("2017-02-03", 102 - 17 - 23 - 26, "year_less_nine_months")]
    assert filer.rows("net_income")[-1]["locator"] == filings.accession("2017-02-03", "10-K")


def test_three_quarters_of_other_reports_are_no_nine_months(filings: Any) -> None:
    filer = filings.Filings.of("meta")
    for number, filed in ((1, "2016-05-01"), (2, "2016-08-01"), (3, "2016-11-01")):
        filer.says("NetIncomeLoss", filings.quarter(2016, number), 20, filed)
    filer.says("NetIncomeLoss", filings.to_date(2016, 4), 102, "2017-02-03", "10-K")
    assert "2016Q4" not in filer.latest("net_income")


def test_nine_months_of_the_same_report_go_before_its_three_quarters(filings: Any) -> None:
    filer = filings.Filings.of("meta")
    for number in (1, 2, 3):
        filer.says("NetIncomeLoss", filings.quarter(2016, number), 20, "2017-02-03", "10-K")
    filer.says("NetIncomeLoss", filings.to_date(2016, 3), 61, "2017-02-03", "10-K")  # 20.3 each, rounded
    filer.says("NetIncomeLoss", filings.to_date(2016, 4), 102, "2017-02-03", "10-K")
    assert filer.latest("net_income")["2016Q4"] == 102 - 61


def test_a_mixed_difference_stays_known_when_a_report_with_both_ends_comes_later(filings: Any) -> None:
    filer = filings.Filings.of("microsoft")
    filer.says(REVENUE, filings.to_date(2017, 3), 60, "2017-11-01")
    filer.says(NEW_RULE, filings.to_date(2017, 4), 90, "2018-02-01", "10-K")
    filer.says(NEW_RULE, filings.to_date(2017, 3), 64, "2019-02-01", "10-K")
    filer.says(NEW_RULE, filings.to_date(2017, 4), 90, "2019-02-01", "10-K")
    assert [row[:2] for row in filer.vintages("revenue", "2017Q4")] == [
        ("2018-02-01", 90 - 60),
        ("2019-02-01", 90 - 64),
    ]
    assert len(filer.findings("mixed_filings")) == 1
