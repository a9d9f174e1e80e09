"""Who is in the facts and prices."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from headrace.errors import EvidenceError
from headrace.evidence import universe
from headrace.variables import BUILDERS, LAYERS, PLAYERS

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_collected_figures = pytest.mark.skipif(not SHARED.is_dir(), reason="the collected figures are not here")

ENTRY = """
[someone]
name = "Someone"
ticker = "ONE"
role = "supplier"
group = "memory"
layer = "memory"
wave = 1
fiscal_year_end = "12-31"
"""


def test_the_builders_are_the_five_players_under_their_own_names() -> None:
    builders = [slug for slug, entity in universe.load().items() if entity.role == "builder"]
    assert builders == list(PLAYERS)
    assert all(universe.load()[slug].builder == slug for slug in builders)


def test_every_supplier_earns_in_a_layer_and_a_wave() -> None:
    for entity in universe.load().values():
        if entity.role == "supplier":
            assert entity.layer in LAYERS, entity.slug
            assert entity.wave in (1, 2), entity.slug
        assert entity.builder == "" or entity.builder in BUILDERS


def test_every_layer_has_at_least_five_suppliers() -> None:
    suppliers = Counter(entity.layer for entity in universe.load().values() if entity.role == "supplier")
    assert set(suppliers) == set(LAYERS)
    assert min(suppliers.values()) >= 5, suppliers


def test_the_chain_has_more_than_eighty_names_with_software_neoclouds_and_foreign_filers() -> None:
    chain = [entity for entity in universe.load().values() if entity.role not in ("comparison", "index")]
    roles = Counter(entity.role for entity in chain)
    assert len(chain) >= 80
    assert roles["software"] >= 8
    assert roles["compute_provider"] >= 8
    assert {entity.ticker for entity in chain if entity.taxonomy == "ifrs-full"} >= {"TSM", "NOK", "UMC", "ASX", "SAP"}
    assert universe.load()["asml"].reporting_currency == "EUR"


def test_a_filer_number_is_ten_digits_or_marked_unverified() -> None:
    for entity in universe.load().values():
        assert (entity.cik == "") == (entity.cik_status == "unverified"), entity.slug
        assert entity.cik == "" or (len(entity.cik) == 10 and entity.cik.isdigit()), entity.slug


def test_a_fund_files_nothing_and_everyone_else_has_a_fiscal_year() -> None:
    for entity in universe.load().values():
        assert (entity.fiscal_year_end == "") == (entity.role in universe.NO_FILER_ROLES), entity.slug


@needs_collected_figures
def test_every_filer_number_that_is_given_stands_in_the_collected_files() -> None:
    names = ("quarterly_facts.csv", "historical_cycles_quarterly.csv", "guidance_vintages.csv")
    text = "".join((SHARED / name).read_text(encoding="utf-8") for name in names)
    filers = {f"{int(number):010d}" for number in re.findall(r"edgar/data/(\d+)", text)}
    filers |= set(re.findall(r"(\d{10})-\d{2}-\d{6}", text))
    assert {entity.slug for entity in universe.load().values() if entity.cik and entity.cik not in filers} == set()


def test_other_names_of_a_filer_are_read_as_a_tuple() -> None:
    entity = universe.read_entities(ENTRY + 'entity_names = ["Someone Else", "Nobody"]')["someone"]
    assert entity.entity_names == ("Someone Else", "Nobody")
    assert (entity.reporting_currency, entity.taxonomy) == ("USD", "us-gaap")


def test_two_entities_may_not_share_a_ticker() -> None:
    with pytest.raises(EvidenceError, match=r"\[other\].*'ONE'.*\[someone\]"):
        universe.read_entities(ENTRY + ENTRY.replace("[someone]", "[other]"))


def test_two_entities_may_not_share_a_filer_number() -> None:
    first = ENTRY + 'cik = "0000000001"\ncik_status = "edgar"\n'
    with pytest.raises(EvidenceError, match=r"\[other\]: cik '0000000001' is that of \[someone\]"):
        universe.read_entities(first + first.replace("[someone]", "[other]").replace("ONE", "TWO"))


def test_the_same_slug_twice_is_named_with_its_line() -> None:
    with pytest.raises(EvidenceError, match=r"universe\.toml: .*someone"):
        universe.read_entities(ENTRY + ENTRY)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"supplier"', '"spoon"', "role is 'spoon'; wanted one of builder, supplier"),
        ("ticker", "tiker", r"unknown key 'tiker'; near: ticker"),
        ('ticker = "ONE"', "", "'ticker' is missing"),
        ('"ONE"', '"one; drop table"', "ticker is 'one; drop table'; wanted up to ten capital"),
        ('"ONE"', '""', "ticker is empty"),
        ('layer = "memory"', 'layer = "memori"', "layer is 'memori'; wanted one of nothing, logic, memory"),
        ('layer = "memory"', "", "a supplier has a layer"),
        ("wave = 1", "wave = 4", "wave is 4; wanted one of 0, 1, 2, 3"),
        ("wave = 1", 'wave = "1"', "wave is '1'; wanted a whole number"),
        ('"12-31"', '"02-30"', "fiscal_year_end is '02-30'; wanted MM-DD"),
        ('"12-31"', '"31-12"', "fiscal_year_end is '31-12'"),
        ('"12-31"', '""', "fiscal_year_end is ''"),
        ("wave = 1", 'wave = 1\ncik = "123"\ncik_status = "edgar"', "cik is '123'; wanted ten digits"),
        ("wave = 1", 'wave = 1\ncik = "0000000001"', "cik is '0000000001' and cik_status 'unverified'"),
        ("wave = 1", 'wave = 1\ncik_status = "edgar"', "cik is '' and cik_status 'edgar'"),
        ("wave = 1", 'wave = 1\ntaxonomy = "gaap"', "taxonomy is 'gaap'; wanted one of us-gaap, ifrs-full"),
        ("wave = 1", 'wave = 1\nreporting_currency = "yen"', "reporting_currency is 'yen'"),
        ("wave = 1", 'wave = 1\nentity_names = "Other"', "entity_names is 'Other'; wanted a list"),
        ("wave = 1", 'wave = 1\nbuilder = "microsft"', "builder is 'microsft'"),
        ("[someone]", '["Some One"]', "a slug has small letters"),
        ('"Someone"', '" "', "name is empty"),
        ("[someone]", 'stray = "value"\n[someone]', r"\[stray\]: a value outside any table"),
    ],
)
def test_a_broken_entry_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        universe.read_entities(ENTRY.replace(old, new))
