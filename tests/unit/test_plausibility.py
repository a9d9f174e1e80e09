"""Numbers in the wrong power of a thousand, parts tagged as the whole, and years under the dates of a quarter."""

from __future__ import annotations

from typing import Any

import pytest

REVENUE, CONTRACTS = "Revenues", "RevenueFromContractWithCustomerExcludingAssessedTax"
CAPEX, SHARES = "PaymentsToAcquirePropertyPlantAndEquipment", "WeightedAverageNumberOfDilutedSharesOutstanding"
MN = 1e6
FILED = {1: "05-01", 2: "08-01", 3: "11-01", 4: "02-01"}


def filed_on(year: int, number: int) -> str:
    return f"{year + (number == 4)}-{FILED[number]}"


@pytest.fixture
def growing(filings: Any) -> Any:
    """Three years of quarters from 100 to 155 USD mn, each filed once and once more a year later."""
    filer = filings.Filings.of("microsoft")
    for place in range(12):
        year, number = 2021 + place // 4, 1 + place % 4
        for filed in (filed_on(year, number), filed_on(year + 1, number)):
            filer.says(REVENUE, filings.quarter(year, number), (100 + 5 * place) * MN, filed)
    return filer


def rewrite(filer: Any, tag: str, end: str, filed: str, value: float) -> None:
    """Another value in one filing's number for the period that ends on a day."""
    rows = [row for row in filer.facts["us-gaap"][tag]["units"]["USD"] if (row["end"], row["filed"]) == (end, filed)]
    assert len(rows) == 1
    rows[0]["val"] = value


@pytest.mark.parametrize("factor", [1e-6, 1e-3, 1e3, 1e6])
def test_one_number_in_the_wrong_power_of_a_thousand_is_refused(factor: float, growing: Any) -> None:
    rewrite(growing, REVENUE, "2022-06-30", "2022-08-01", 125 * MN * factor)
    assert growing.latest("revenue")["2022Q2"] == 125 * MN
    assert growing.vintages("revenue", "2022Q2") == [("2023-08-01", 125 * MN, "")]
    (found,) = growing.derived[1]
    assert (found.kind, found.refused) == ("scale", True)
    assert "2022-04-01 to 2022-06-30" in found.where


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_a_whole_report_in_the_wrong_power_of_a_thousand_is_refused(factor: float, filings: Any, growing: Any) -> None:
    for year in (2021, 2022):
        rewrite(growing, REVENUE, f"{year}-06-30", "2022-08-01", 125 * MN * factor)
    growing.says(REVENUE, filings.to_date(2022, 2), 245 * MN * factor, "2022-08-01")
    assert growing.kinds() == {("scale", True)}
    assert growing.latest("revenue")["2021Q2"] == 105 * MN
    assert growing.latest("revenue")["2022Q2"] == 125 * MN


def test_years_of_reports_in_thousands_do_not_outvote_the_reports_that_correct_them(filings: Any) -> None:
    filer = filings.Filings.of("nvidia")
    for place in range(24):
        year, number = 2008 + place // 4, 1 + place % 4
        thousands = 8 <= place < 14
        for again in (0, 1):
            value = 550e6 if not thousands or again else 550e3
            filer.says(SHARES, filings.quarter(year, number), value, filed_on(year + again, number), unit="shares")
    assert {row["value"] for row in filer.rows("diluted_shares")} == {550e6}
    assert len(filer.findings("scale")) == 6


def test_the_newest_number_alone_is_named_and_kept(filings: Any, growing: Any) -> None:
    growing.says(REVENUE, filings.quarter(2024, 1), 160 * MN * 1000, "2024-05-01")
    assert growing.latest("revenue")["2024Q1"] == 160 * MN * 1000
    assert growing.kinds() == {("outlier", False)}


def test_growth_by_a_hundred_is_growth(filings: Any) -> None:
    filer = filings.Filings.of("microsoft")
    for place in range(12):
        value = 2.0**place  # 1 to 2,048 within three years
        filer.says(
            REVENUE,
            filings.quarter(2021 + place // 4, 1 + place % 4),
            value,
            filed_on(2021 + place // 4, 1 + place % 4),
        )
    assert len(filer.latest("revenue")) == 12
    assert filer.findings("scale") == []


def test_income_may_come_down_to_nothing_and_back(filings: Any) -> None:
    filer = filings.Filings.of("microsoft")
    for place in range(12):
        value = 0.01 * MN if place == 6 else 100 * MN
        filer.says(
            "NetIncomeLoss",
            filings.quarter(2021 + place // 4, 1 + place % 4),
            value,
            filed_on(2021 + place // 4, 1 + place % 4),
        )
    assert filer.latest("net_income")["2022Q3"] == 0.01 * MN
    assert filer.kinds() == set()


def test_a_part_under_the_first_tag_gives_way_to_the_whole_under_the_next(filings: Any, growing: Any) -> None:
    growing.says(CONTRACTS, filings.quarter(2022, 3), 12 * MN, "2022-11-01")  # sales to related parties
    assert growing.latest("revenue")["2022Q3"] == 130 * MN
    assert growing.kinds() == {("tags_disagree", False)}
    assert "130,000,000 is taken" in growing.derived[1][-1].text


def test_two_tags_that_differ_by_little_keep_the_first(filings: Any, growing: Any) -> None:
    growing.says(CONTRACTS, filings.quarter(2022, 3), 128 * MN, "2022-11-01")
    assert growing.vintages("revenue", "2022Q3")[0] == ("2022-11-01", 128 * MN, "")
    assert growing.kinds() == {("tags_disagree", False)}


def test_a_year_under_the_dates_of_a_quarter_is_refused_and_the_quarter_is_the_difference(filings: Any) -> None:
    filer = filings.Filings.of("microsoft")
    for year in (2021, 2022):
        for number in (1, 2, 3):
            filer.says(REVENUE, filings.quarter(year, number), 100 * MN, filed_on(year, number))
        filer.says(REVENUE, filings.to_date(year, 3), 300 * MN, filed_on(year, 3))
        filer.says(REVENUE, filings.to_date(year, 4), 430 * MN, filed_on(year, 4), "10-K")
    filer.says(REVENUE, filings.quarter(2022, 4), 430 * MN, filed_on(2022, 4), "10-K")
    assert filer.latest("revenue")["2022Q4"] == (430 - 300) * MN
    assert filer.kinds() == {("year_in_quarter_context", True)}


def test_a_quarter_under_the_dates_of_a_half_is_refused(filings: Any) -> None:
    filer = filings.Filings.of("microsoft")
    for year in (2021, 2022):
        for number in (1, 2, 3, 4):
            filer.says(REVENUE, filings.quarter(year, number), 100 * MN, filed_on(year, number))
    filer.says(REVENUE, filings.to_date(2022, 2), 100 * MN, filed_on(2022, 2))
    assert filer.latest("revenue")["2022Q2"] == 100 * MN
    assert "2022-01-01 to 2022-06-30" in filer.findings("year_in_quarter_context")[0].where


def test_a_half_that_equals_its_second_quarter_is_right_where_nothing_came_before(filings: Any) -> None:
    filer = filings.Filings.of("microsoft")
    filer.says(CAPEX, filings.quarter(2022, 1), 0, "2022-05-01")
    filer.says(CAPEX, filings.quarter(2022, 2), 7, "2022-08-01")
    filer.says(CAPEX, filings.to_date(2022, 2), 7, "2022-08-01")
    assert filer.latest("capital_expenditure") == {"2022Q1": 0, "2022Q2": 7}
    assert filer.kinds() == set()
