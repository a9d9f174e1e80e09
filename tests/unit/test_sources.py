"""Source records, and the check that stops what may not be passed on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headrace.errors import EvidenceError
from headrace.evidence import sources

RECORD = """
[somewhere]
title = "A table"
publisher = "Someone"
url = "https://example.org"
licence = "unknown"
redistribution = "figures"
retrieved = "2026-01-31"
quality = "B"
"""


def test_every_record_says_what_a_reader_needs() -> None:
    for source in sources.load().values():
        assert all((source.title, source.publisher, source.licence)), source.id
        # A printed paper or our own judgement may have no address; what is shipped as a figure has one (tests/house).
        assert source.url == "" or source.url.startswith("https://"), source.id
        assert source.redistribution in sources.REDISTRIBUTION, source.id


def test_a_forbidding_licence_stops_the_table_that_uses_it() -> None:
    known = sources.load()
    planted = known | {"planted": replace(known["plainsight"], id="planted", redistribution="not_allowed")}
    sources.check_may_ship("facts.parquet", {"plainsight"}, planted)
    with pytest.raises(EvidenceError, match=r"facts\.parquet.*planted.*may not be passed on"):
        sources.check_may_ship("facts.parquet", {"plainsight", "planted"}, planted)


def test_the_index_of_a_house_that_forbids_it_is_stopped() -> None:
    with pytest.raises(EvidenceError, match="ICE"):
        sources.check_may_ship("rates.parquet", {"ice_bofa_high_yield_spread"})


def test_a_source_without_a_record_stops_the_table_and_lists_near_ones() -> None:
    with pytest.raises(EvidenceError, match=r"plainsigth.*near: plainsight"):
        sources.check_may_ship("facts.parquet", {"plainsigth"})


def test_a_record_is_read_as_written() -> None:
    record = sources.read_records(RECORD, "sources.toml")["somewhere"]
    assert (record.title, record.quality, record.licence_url) == ("A table", "B", "")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('quality = "B"', 'quality = "A-"', r"\[somewhere\]: quality is 'A-'; wanted one of A, B, C"),
        ('"figures"', '"maybe"', r"redistribution is 'maybe'"),
        ('licence = "unknown"', "", r"'licence' is missing"),
        ("publisher", "publischer", r"unknown key 'publischer'; near: publisher"),
    ],
)
def test_a_broken_record_is_refused_with_file_and_key(old: str, new: str, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        sources.read_records(RECORD.replace(old, new), "sources.toml")


def test_an_accession_becomes_an_address_on_edgar() -> None:
    address = sources.locator_url("0001652044-26-000071 - 0001652044-26-000048", "0001652044")
    assert address == "https://www.sec.gov/Archives/edgar/data/1652044/000165204426000071/"


def test_an_address_stays_as_it_is_and_words_give_none() -> None:
    assert sources.locator_url("https://example.org/a") == "https://example.org/a"
    assert sources.locator_url("table 3") == ""
