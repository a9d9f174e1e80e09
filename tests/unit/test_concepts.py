"""What the facts measure, and which figures may be added to which."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from headrace.errors import EvidenceError, UnknownNameError
from headrace.evidence import concepts

ENTRY = '[one]\nlabel = "One"\nkind = "flow"\ndefinition = "What passed."\n'


def rows(*values: tuple[str, float, str]) -> pd.DataFrame:
    return pd.DataFrame(values, columns=["concept", "value", "unit"])


def test_every_percentile_and_every_rate_is_marked_as_no_amount() -> None:
    for name, concept in concepts.load().items():
        if name.endswith(("_p5", "_p95", "_median")) or concept.kind == "rate":
            assert not concept.additive, name


def test_filed_amounts_of_several_companies_may_be_added() -> None:
    assert concepts.total(rows(("revenue", 1.0, "USD"), ("revenue", 2.5, "USD")), "entities") == 3.5
    assert concepts.total(rows(("revenue", 1.0, "USD"), ("revenue", 2.5, "USD")), "quarters") == 3.5


@pytest.mark.parametrize("percentile", ["median", "p5", "p95"])
def test_percentiles_may_not_be_summed(percentile: str) -> None:
    with pytest.raises(EvidenceError, match="percentile of a sum is not the sum of percentiles"):
        concepts.total(rows((f"ai_chips_owned_units_{percentile}", 1.0, "chips")), "entities")


@pytest.mark.parametrize(
    ("one", "other", "family"),
    [
        ("site_facility_power", "site_it_power", "power of AI computing"),
        ("electricity_sales", "electricity_sales_commercial", "electricity sold"),
        ("capital_expenditure", "capital_expenditure_management_defined", "capital expenditure"),
        ("capital_expenditure", "capital_expenditure_including_finance_leases", "capital expenditure"),
        ("remaining_performance_obligation", "commercial_remaining_performance_obligation", "contracted revenue"),
        ("large_load_approved", "large_load_operating", "large loads"),
    ],
)
def test_two_measures_of_one_thing_may_not_be_added(one: str, other: str, family: str) -> None:
    with pytest.raises(EvidenceError, match=f"may not be added: both measure {family}"):
        concepts.check_additive([one, other], "entities")


def test_chip_server_and_facility_power_are_three_figures_of_one_family() -> None:
    known = concepts.load()
    three = ("chip_power", "site_it_power", "site_facility_power")
    assert {known[name].family for name in three} == {known["ai_chips_owned_chip_power_median"].family}


def test_a_level_is_not_summed_over_time_but_over_companies() -> None:
    concepts.check_additive(["inventory"], "entities")
    with pytest.raises(EvidenceError, match="inventory may not be summed over time"):
        concepts.check_additive(["inventory"], "quarters")


def test_a_rate_and_a_plan_are_refused_each_with_its_reason() -> None:
    with pytest.raises(
        EvidenceError, match=r"gross_domestic_product_annual_rate.*yearly rate has no sum.*mean, not a sum"
    ):
        concepts.check_additive(["gross_domestic_product_annual_rate"], "quarters")
    with pytest.raises(EvidenceError, match=r"large_load_queue.*overlap.*speculative"):
        concepts.check_additive(["large_load_queue"], "entities")


def test_units_are_not_mixed_and_nothing_is_not_zero() -> None:
    with pytest.raises(EvidenceError, match="figures in EUR and USD may not be added"):
        concepts.total(rows(("revenue", 1.0, "USD"), ("revenue", 1.0, "EUR")), "entities")
    assert math.isnan(concepts.total(rows(), "entities"))
    assert math.isnan(concepts.total(rows(("revenue", 1.0, "USD"), ("revenue", math.nan, "USD")), "entities"))


def test_unknown_names_list_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean revenue"):
        concepts.check_additive(["revenu"], "entities")
    with pytest.raises(UnknownNameError, match="direction of a sum"):
        concepts.check_additive(["revenue"], "layers")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "flow"', 'kind = "flux"', "kind is 'flux'"),
        ('kind = "flow"', 'kind = "rate"\nadditive = true', "additive is True"),
        ('kind = "flow"', 'kind = "flow"\nadditive = "no"', "additive is 'no'"),
        ('label = "One"\n', "", "'label' is missing"),
        ("label", "lable", "unknown key 'lable'; near: label"),
    ],
)
def test_a_broken_entry_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(EvidenceError, match=rf"concepts\.toml, \[one\]: {message}"):
        concepts.read_concepts(ENTRY.replace(old, new))
