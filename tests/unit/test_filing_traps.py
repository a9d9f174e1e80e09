"""Traps that real filings have set: each with numbers that reproduce it, and again in the filings themselves."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from headrace.errors import EvidenceError
from headrace.evidence import concepts, universe
from headrace.evidence.filings import quarters

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_filings = pytest.mark.skipif(not (SHARED / "edgar").is_dir(), reason="the EDGAR files are not here")

NET, GROSS = "PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets"
REVENUE, CONTRACTS = "Revenues", "RevenueFromContractWithCustomerExcludingAssessedTax"
MN = 1e6


@cache
def filed(slug: str) -> tuple[pd.DataFrame, tuple[Any, ...]]:
    """What the real document of a filer says."""
    entity = universe.load()[slug]
    document = (SHARED / "edgar" / f"{entity.ticker}.json").read_bytes()
    return quarters.facts_of(document, entity, f"{entity.ticker}.json", pd.Timestamp("2026-11-22").date())


def rows(slug: str, concept: str) -> pd.DataFrame:
    frame = filed(slug)[0]
    return frame[frame["concept"] == concept]


def latest(slug: str, concept: str) -> dict[str, float]:
    """Newest value by calendar quarter [million]."""
    table = rows(slug, concept)
    table = table[table["calendar_quarter"] != ""]
    return (table.groupby("calendar_quarter")["value"].last() / MN).to_dict()


def notes(entity: str, concept: str) -> list[dict[str, str]]:
    text = (files("headrace") / "data" / "notes.toml").read_text(encoding="utf-8")
    return [note for note in tomllib.loads(text)["note"] if (note["entity"], note["concept"]) == (entity, concept)]


# --- Amazon: purchases net of incentives to 2017Q1, gross from 2017Q3, nothing between


def test_purchases_net_of_incentives_have_quality_b_and_a_finding(filings: Any) -> None:
    amazon = filings.Filings.of("amazon")
    amazon.says(NET, filings.quarter(2017, 1), 1861, "2017-04-28")
    amazon.says(GROSS, filings.quarter(2017, 3), 3074, "2018-10-26")
    table = amazon.rows("capital_expenditure")
    assert [(row["calendar_quarter"], row["quality"]) for row in table] == [("2017Q1", "B"), ("2017Q3", "A")]
    (found,) = amazon.findings("other_basis")
    assert "2017-03-31" in found.text
    assert not found.refused


def test_net_and_gross_purchases_are_never_subtracted(filings: Any) -> None:
    amazon = filings.Filings.of("amazon")
    amazon.says(NET, filings.quarter(2017, 1), 1861, "2017-04-28")
    amazon.says(GROSS, filings.to_date(2017, 3), 8336, "2018-10-26")
    amazon.says(GROSS, filings.quarter(2017, 3), 3074, "2018-10-26")
    amazon.says(NET, filings.to_date(2016, 3), 4731, "2016-10-28")
    amazon.says(NET, filings.to_date(2016, 4), 6737, "2017-02-10", "10-K")
    amazon.says(GROSS, filings.to_date(2016, 4), 7804, "2019-02-01", "10-K")
    assert amazon.latest("capital_expenditure") == {
        "2017Q1": 1861,
        "2017Q3": 3074,  # and no 2017Q2 of 8336 - 3074 - 1861
        "2016Q4": 6737 - 4731,  # and not 7804 - 4731
        "2016": 7804,
    }
    years = [row for row in amazon.rows("capital_expenditure") if row["calendar_quarter"] == ""]
    assert [(row["value"], row["quality"]) for row in years] == [(6737, "B"), (7804, "A")]


def test_both_presentations_of_amazon_and_the_gap_are_explained_to_readers() -> None:
    assert [note["last_quarter"] for note in notes("amazon", "capital_expenditure")] == ["2017Q1", "2017Q2", ""]


@needs_filings
def test_amazon_as_filed_net_to_2017q1_gross_from_2017q3() -> None:
    table = rows("amazon", "capital_expenditure")
    table = table[table["calendar_quarter"] != ""]
    assert set(table[table["period_end"] <= "2017-03-31"]["quality"]) == {"B"}
    assert set(table[table["period_end"] > "2017-03-31"]["quality"]) == {"A"}
    by_quarter = latest("amazon", "capital_expenditure")
    assert "2017Q2" not in by_quarter
    assert (by_quarter["2016Q4"], by_quarter["2017Q1"]) == (6737 - 4731, 1861)
    assert (by_quarter["2017Q3"], by_quarter["2017Q4"]) == (3074, 11955 - 8336)
    gross_2018 = rows("amazon", "capital_expenditure").query("calendar_quarter == '2018Q1'")
    assert gross_2018["filed"].dt.strftime("%Y-%m-%d").tolist() == ["2019-04-26"]  # gross a year after the quarter


# --- What management calls capital expenditure


def test_cash_paid_and_what_management_quotes_are_two_concepts() -> None:
    known = concepts.load()
    assert {"capital_expenditure", "capital_expenditure_management_defined"} <= set(known)
    assert notes("microsoft", "capital_expenditure")[0]["text"].count("41.0 against 35.8") == 1


@needs_filings
def test_microsoft_capital_expenditure_is_cash_paid() -> None:
    assert latest("microsoft", "capital_expenditure")["2026Q1"] == 30_876
    assert "capital_expenditure_management_defined" not in set(filed("microsoft")[0]["concept"])


def test_principal_paid_on_finance_leases_is_a_concept_of_its_own(filings: Any) -> None:
    meta = filings.Filings.of("meta")
    meta.says(NET, filings.quarter(2024, 1), 6400, "2024-04-25")
    meta.says("FinanceLeasePrincipalPayments", filings.quarter(2024, 1), 315, "2024-04-25")
    assert meta.latest("capital_expenditure") == {"2024Q1": 6400}
    assert meta.latest("finance_lease_principal_payments") == {"2024Q1": 315}
    assert "finance leases" in notes("meta", "capital_expenditure")[0]["text"]


@needs_filings
def test_meta_capital_expenditure_has_no_finance_lease_principal() -> None:
    by_quarter = latest("meta", "capital_expenditure")
    assert [by_quarter[f"2024Q{number}"] for number in (1, 2, 3, 4)] == [
        6400,
        14_573 - 6400,
        22_831 - 14_573,
        37_256 - 22_831,
    ]


# --- Oracle: a year's revenue under the dates of its last quarter, and zero for debt that stands elsewhere


def test_a_year_under_the_dates_of_its_last_quarter_is_refused(filings: Any) -> None:
    oracle = filings.Filings.of("oracle")
    for year in (2018, 2019):
        oracle.says(CONTRACTS, f"{year}-06-01/{year}-08-31", 9193, f"{year}-09-19")
        oracle.says(CONTRACTS, f"{year}-09-01/{year}-11-30", 9562, f"{year}-12-19")
        oracle.says(CONTRACTS, f"{year}-12-01/{year + 1}-02-28", 9614, f"{year + 1}-03-18")
        oracle.says(CONTRACTS, f"{year}-06-01/{year + 1}-02-28", 28_369, f"{year + 1}-03-18")
        oracle.says(CONTRACTS, f"{year}-06-01/{year + 1}-05-31", 39_506, f"{year + 1}-06-21", "10-K")
    oracle.says(REVENUE, "2019-03-01/2019-05-31", 39_506, "2020-06-21", "10-K")
    assert oracle.latest("revenue")["2019Q2"] == 39_506 - 28_369
    (found,) = oracle.findings("year_in_quarter_context")
    assert "2019-03-01 to 2019-05-31" in found.where
    assert found.refused


@needs_filings
def test_oracle_fourth_quarters_of_2018_to_2022_are_quarters() -> None:
    by_quarter = latest("oracle", "revenue")
    fourth = [by_quarter[f"{year}Q2"] for year in (2018, 2019, 2020, 2021, 2022)]
    assert all(10_000 < value < 12_500 for value in fourth)
    refused = [finding for finding in filed("oracle")[1] if finding.kind == "year_in_quarter_context"]
    assert {finding.where[len("ORCL.json, ") :][:24] for finding in refused} == {
        f"{year}-03-01 to {year}-05-31" for year in range(2018, 2023)
    }


def test_zero_as_a_placeholder_is_no_debt(filings: Any) -> None:
    oracle = filings.Filings.of("oracle")
    oracle.says("LongTermDebt", "2022-05-31", 0, "2022-06-21", "10-K")
    assert oracle.rows("long_term_debt") == []


@needs_filings
def test_oracle_has_no_long_term_debt_under_a_tag_that_says_zero() -> None:
    assert len(rows("oracle", "long_term_debt")) == 0


# --- A year to date is not a quarter


@needs_filings
@pytest.mark.parametrize("slug", ["alphabet", "amazon", "meta", "microsoft", "oracle", "nvidia", "micron", "vistra"])
def test_every_quarter_of_a_filer_has_the_length_of_a_quarter(slug: str) -> None:
    table = filed(slug)[0]
    flows = table[table["period_start"].notna() & (table["calendar_quarter"] != "")]
    days = (flows["period_end"] - flows["period_start"]).dt.days + 1
    assert len(days) > 100
    assert days.between(80, 100).all()


# --- A file that holds another company


def test_a_file_named_dell_that_holds_another_company_is_refused(filings: Any) -> None:
    other = filings.Filings.of("microsoft")
    other.says(REVENUE, filings.quarter(2024, 1), 10, "2024-05-01")
    document = other.document(entityName="ARISTA NETWORKS, INC.", cik=1596532)
    with pytest.raises(EvidenceError, match=r"DELL\.json: holds 'ARISTA NETWORKS, INC\.'.*'Dell Technologies'"):
        quarters.facts_of(document, universe.load()["dell"], "DELL.json")


@needs_filings
def test_no_real_file_passes_for_another_company() -> None:
    entities = {entity.ticker: entity for entity in universe.load().values()}
    paths = sorted((SHARED / "edgar").glob("*.json"))
    for path, other in zip(paths, paths[1:] + paths[:1], strict=True):
        with pytest.raises(EvidenceError, match="holds"):
            quarters.facts_of(path.read_bytes(), entities[other.stem], other.name)


# --- The first tag that matches stopped years ago


def test_a_tag_that_stopped_is_continued_by_the_next(filings: Any) -> None:
    nvidia = filings.Filings.of("nvidia")
    nvidia.says(NET, "2020-01-27/2020-04-26", 155, "2020-05-21")
    nvidia.says(NET, "2020-01-27/2020-07-26", 372, "2020-08-19")
    nvidia.says(GROSS, "2020-01-27/2020-10-25", 845, "2020-11-18")
    nvidia.says(GROSS, "2020-01-27/2021-01-31", 1128, "2021-02-26", "10-K")
    assert nvidia.latest("capital_expenditure") == {
        "2020Q1": 155,
        "2020Q2": 372 - 155,
        "2020Q3": 845 - 372,
        "2020Q4": 1128 - 845,
        "2021": 1128,
    }


@needs_filings
@pytest.mark.parametrize(
    ("slug", "concept", "stopped"), [("nvidia", "capital_expenditure", "2020Q2"), ("vertiv", "revenue", "2019Q4")]
)
def test_a_series_goes_on_where_its_first_tag_stopped(slug: str, concept: str, stopped: str) -> None:
    every = pd.period_range(stopped, "2026Q1", freq="Q").astype(str)[1:]
    missing = set(every) - set(latest(slug, concept))
    # Of the reports of NVIDIA, the file holds neither the years to January 2021 nor the quarters of 2022.
    assert missing == ({"2020Q4", "2022Q1", "2022Q2", "2022Q3"} if slug == "nvidia" else set())


# --- A tag for sales to related parties, an order of magnitude off


def test_sales_to_related_parties_do_not_pass_for_revenue(filings: Any) -> None:
    arista = filings.Filings.of("arista")
    for number, day in ((1, "05-01"), (2, "08-01"), (3, "11-01")):
        arista.says(REVENUE, filings.quarter(2022, number), 900, f"2022-{day}")
        arista.says(CONTRACTS, filings.quarter(2022, number), 45, f"2022-{day}")  # of which to related parties
    assert arista.latest("revenue") == {"2022Q1": 900, "2022Q2": 900, "2022Q3": 900}
    assert {row["tag"] for row in arista.rows("revenue")} == {f"us-gaap:{REVENUE}"}
    assert arista.kinds() == {("tags_disagree", False)}


@needs_filings
def test_oracle_revenue_before_2012_is_no_part_of_it() -> None:
    """Another tag of the same reports holds services alone: 458 beside 17,315."""
    table = rows("oracle", "revenue")
    assert table["value"].min() > 4000 * MN


# --- Utilities: revenue from contracts is a part of revenue


def test_a_utility_reads_the_total_and_not_the_contracts(filings: Any) -> None:
    for slug in ("dominion", "vistra"):
        utility = filings.Filings.of(slug)
        utility.says(CONTRACTS, filings.quarter(2024, 1), 3300, "2024-05-01")
        utility.says(REVENUE, filings.quarter(2024, 1), 3632, "2024-05-01")
        assert utility.latest("revenue") == {"2024Q1": 3632}
        assert utility.kinds() == {("tags_disagree", False)}


@needs_filings
def test_vistra_revenue_is_the_total() -> None:
    assert latest("vistra", "revenue")["2026Q1"] == 5640
    assert set(rows("vistra", "revenue").query("filed > '2020'")["tag"]) == {"us-gaap:Revenues"}


# --- Businesses that left, and a shell before its business


@pytest.mark.parametrize(
    ("slug", "before", "after"), [("ibm", "2021-11-05", "2022-02-22"), ("western_digital", "2025-01-31", "2025-08-14")]
)
def test_a_spin_off_gives_no_quarter_of_two_companies(slug: str, before: str, after: str, filings: Any) -> None:
    filer = filings.Filings.of(slug)
    start, nine, year = ("2021-01-01", "2021-09-30", "2021-12-31") if slug == "ibm" else (
        "2024-06-29", "2024-12-27", "2025-03-28",
    )  # fmt: skip
    filer.says(REVENUE, f"{start}/{nine}", 54, before)
    filer.says(REVENUE, f"{start}/{year}", 57, after, "10-K")
    assert [row for row in filer.rows("revenue") if row["derivation"]] == []
    assert [finding.refused for finding in filer.findings("mixed_filings")] == [True]
    assert "spun off" in notes(slug, "revenue")[0]["text"]


def test_what_a_shell_filed_is_not_about_the_business_that_took_its_place(filings: Any) -> None:
    vertiv = filings.Filings.of("vertiv", name="GS Acquisition Holdings")
    vertiv.says("Assets", "2018-12-31", 704, "2019-03-13", "10-K")
    vertiv.says("NetIncomeLoss", filings.to_date(2019, 4), 8, "2020-03-12", "10-K")
    vertiv.says("NetIncomeLoss", filings.to_date(2019, 4), -141, "2021-03-01", "10-K")
    assert vertiv.rows("total_assets") == []
    assert vertiv.vintages("net_income", "2019") == [("2021-03-01", -141, "")]


@needs_filings
def test_vertiv_begins_with_its_first_report() -> None:
    table = filed("vertiv")[0]
    assert table["filed"].min() >= pd.Timestamp("2020-03-13")
    assert rows("vertiv", "total_assets")["value"].min() > 1e9


# --- Figures filed in thousands


@needs_filings
def test_nvidia_shares_filed_in_thousands_for_two_years_are_not_read() -> None:
    values = rows("nvidia", "diluted_shares").set_index("period_end")["value"]
    assert (values[values.index > "2008-02-01"] > 5e8).all()
    (left,) = [finding for finding in filed("nvidia")[1] if finding.kind == "outlier"]
    assert "2007-01-29 to 2008-01-27" in left.where  # the first year has no neighbour before it


@needs_filings
def test_a_balance_sheet_of_eaton_in_thousands_is_not_read() -> None:
    assert rows("eaton", "total_assets")["value"].min() > 1e9
    scale = [finding.concept for finding in filed("eaton")[1] if finding.kind == "scale"]
    assert scale == ["cash_and_cash_equivalents", "total_assets"]


# --- The collected rows do not disagree with what is read here in what they mark


@needs_filings
def test_the_collected_table_marks_the_same_quarters_of_amazon_as_second_quality() -> None:
    with (SHARED / "quarterly_facts.csv").open(encoding="utf-8", newline="") as lines:
        collected = {
            row["period_end"]: row["quality"]
            for row in csv.DictReader(lines)
            if (row["ticker"], row["concept"]) == ("AMZN", "capex")
        }
    ours = rows("amazon", "capital_expenditure")
    ours = ours[ours["calendar_quarter"] != ""]
    second = set(ours[ours["quality"] == "B"]["period_end"].dt.strftime("%Y-%m-%d")) & set(collected)
    assert second == {end for end, quality in collected.items() if quality != "A"}
