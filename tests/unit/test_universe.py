"""Who is in the facts and prices."""

from __future__ import annotations

import pytest

from headrace.errors import EvidenceError
from headrace.evidence import universe
from headrace.variables import BUILDERS, LAYERS, PLAYERS

ENTRY = """
[someone]
name = "Someone"
ticker = "ONE"
role = "supplier"
group = "memory"
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


def test_every_layer_has_a_supplier() -> None:
    assert {entity.layer for entity in universe.load().values()} - {""} == set(LAYERS)


def test_a_filer_number_is_ten_digits_or_marked_unverified() -> None:
    for entity in universe.load().values():
        assert (entity.cik == "") == (entity.cik_status == "unverified"), entity.slug
        assert entity.cik == "" or (len(entity.cik) == 10 and entity.cik.isdigit()), entity.slug
        assert entity.cik_status in ("edgar", "accession", "unverified"), entity.slug


def test_filer_numbers_are_unique() -> None:
    numbers = [entity.cik for entity in universe.load().values() if entity.cik]
    assert len(numbers) == len(set(numbers))


def test_two_entities_may_not_share_a_ticker() -> None:
    with pytest.raises(EvidenceError, match=r"\[other\].*'ONE'.*\[someone\]"):
        universe.read_entities(ENTRY + ENTRY.replace("[someone]", "[other]"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [('"supplier"', '"spoon"', "role is 'spoon'"), ("ticker", "tiker", r"unknown key 'tiker'.*ticker")],
)
def test_a_broken_entry_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        universe.read_entities(ENTRY.replace(old, new))
