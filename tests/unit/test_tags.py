"""The table that says where concepts stand in filings: defaults, groups, filers, and what it refuses."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from headrace.errors import EvidenceError
from headrace.evidence import concepts, universe
from headrace.evidence.filings import tags

TABLE = """
forms = ["10-Q", "10-K"]
annual_forms = ["10-K"]
[quarter]
shortest_days = 80
longest_days = 100
[concept.revenue]
tags = ["us-gaap:Revenues"]
unit = "currency"
sign = "positive"
"""


def reading(slug: str) -> tags.Reading:
    return tags.reading_of(universe.load()[slug])


def of(slug: str, concept: str) -> tags.ConceptTags:
    (found,) = [row for row in reading(slug).concepts if row.concept == concept]
    return found


def test_every_concept_is_one_that_the_facts_know() -> None:
    assert {row.concept for row in reading("microsoft").concepts} <= set(concepts.load())


def test_every_tag_has_a_taxonomy_and_stands_under_one_concept_alone() -> None:
    for entity in universe.load().values():
        every = [tag for concept in tags.reading_of(entity).concepts for tag in concept.tags]
        assert all(re.fullmatch(r"(us-gaap|ifrs-full):[A-Za-z]+", tag) for tag in every)
        assert len(every) == len(set(every))


def test_what_management_counts_as_capital_expenditure_is_no_filed_tag() -> None:
    read = {row.concept for row in reading("microsoft").concepts}
    assert "capital_expenditure" in read
    assert "capital_expenditure_management_defined" not in read


def test_utilities_read_all_revenue_before_that_of_contracts() -> None:
    total, contracts = "us-gaap:Revenues", "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"
    for slug, first in (("dominion", total), ("vistra", total), ("microsoft", contracts)):
        order = of(slug, "revenue").tags
        assert min(order.index(total), order.index(contracts)) == order.index(first)


def test_amazon_reads_purchases_before_what_incentives_left_of_them() -> None:
    capex = of("amazon", "capital_expenditure")
    assert capex.tags[0] == "us-gaap:PaymentsToAcquireProductiveAssets"
    assert capex.other_basis == ("us-gaap:PaymentsToAcquirePropertyPlantAndEquipment",)
    assert of("microsoft", "capital_expenditure").other_basis == ()


def test_a_shell_is_another_business_until_the_day_the_table_gives() -> None:
    assert reading("vertiv").first_filed == dt.date(2020, 3, 13)
    assert reading("microsoft").first_filed is None


def test_a_filer_goes_before_its_group_and_the_group_before_the_rest() -> None:
    text = (
        TABLE
        + """
[group.hyperscalers]
longest_days = 120
[filer.oracle]
longest_days = 130
[filer.oracle.revenue]
tags = ["us-gaap:X"]
"""
    )
    table = tags.read_table(text)
    found = {slug: tags._reading(table, universe.load()[slug]) for slug in ("oracle", "microsoft", "intel")}
    assert [found[slug].longest_days for slug in ("oracle", "microsoft", "intel")] == [130, 120, 100]
    assert found["oracle"].concepts[0].tags == ("us-gaap:X",)
    assert found["microsoft"].concepts[0].tags == ("us-gaap:Revenues",)


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("[concept.capex]\ntags = []\nunit = 'currency'\nsign = 'any'\ntag = 'x'\n", "'tag'; near: tags"),
        (
            "[concept.capex]\ntags = []\nunit = 'dollars'\nsign = 'any'\n",
            "unit is 'dollars'; wanted one of currency, shares",
        ),
        ("[concept.capex]\ntags = []\nunit = 'currency'\nsign = 'plus'\n", "sign is 'plus'"),
        ("[filer.oracle.revenues]\ntags = []\n", "'revenues'; near: revenue"),
        ("[filer.oracle.revenue]\ntags = []\nunit = 'shares'\n", "unknown key 'unit'"),
        (
            "[filer.oracle.revenue]\ntags = ['us-gaap:A']\nother_basis = ['us-gaap:B']\n",
            "'us-gaap:B', which is not among",
        ),
        ("[group.utilities]\nfirst_file = 2020-01-01\n", "near: first_filed"),
        ("[quarters]\nshortest_days = 80\n", "near: quarter"),
    ],
)
def test_what_the_table_does_not_know_is_refused_with_its_place(added: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=r"tags\.toml") as error:
        tags.read_table(TABLE + added)
    assert said in str(error.value)


def test_every_filer_and_group_of_the_table_is_in_the_universe() -> None:
    entities = universe.load()
    assert set(tags._table()["filer"]) <= set(entities)
    assert set(tags._table()["group"]) <= {entity.group for entity in entities.values()}
