"""A document that breaks its schema or holds another company is an error that names the place."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from headrace.errors import EvidenceError
from headrace.evidence.filings import companyfacts

TAG = "us-gaap:Revenues"


@pytest.fixture
def filer(filings: Any) -> Any:
    """Two quarters of revenue."""
    filer = filings.Filings.of("microsoft")
    filer.says("Revenues", filings.quarter(2024, 1), 10, "2024-05-01")
    return filer.says("Revenues", filings.quarter(2024, 2), 12, "2024-08-01")


def read(filer: Any, document: bytes | None = None) -> Any:
    return companyfacts.read(filer.document() if document is None else document, filer.entity, [TAG], "MSFT.json")


def refusal(filer: Any, document: bytes) -> str:
    with pytest.raises(EvidenceError) as error:
        read(filer, document)
    assert str(error.value).startswith("MSFT.json")
    return str(error.value)


def changed(filer: Any, **row: Any) -> bytes:
    """The document with keys of its second number changed."""
    filer.facts["us-gaap"]["Revenues"]["units"]["USD"][1].update(row)
    document: bytes = filer.document()
    return document


def test_numbers_stand_by_tag_and_unit_in_the_order_of_the_document(filer: Any) -> None:
    assert [row.val for row in read(filer)[TAG]["USD"]] == [10, 12]


def test_a_tag_that_the_document_lacks_is_left_out(filer: Any) -> None:
    assert companyfacts.read(filer.document(), filer.entity, [TAG, "dei:X"], "MSFT.json").keys() == {TAG}


def test_a_tag_that_nobody_asks_for_may_hold_anything(filer: Any) -> None:
    filer.facts["us-gaap"]["Odd"] = [{"units": 7}]
    assert read(filer).keys() == {TAG}


@pytest.mark.parametrize("cik", [789019, "789019", "0000789019"])
def test_the_filer_number_may_be_text_or_number(cik: int | str, filer: Any) -> None:
    assert read(filer, filer.document(cik=cik)).keys() == {TAG}


def test_another_company_under_the_name_is_refused_with_both_names(filer: Any) -> None:
    text = refusal(filer, filer.document(cik=1571996, entityName="DELL TECHNOLOGIES INC"))
    assert "'DELL TECHNOLOGIES INC' with CIK 0001571996" in text
    assert "'Microsoft' with CIK 0000789019" in text


def test_the_right_number_with_the_wrong_name_is_refused(filer: Any) -> None:
    assert "Oracle" in refusal(filer, filer.document(entityName="Oracle Corp"))


def test_the_right_name_with_the_wrong_number_is_refused(filer: Any) -> None:
    assert "0000000007" in refusal(filer, filer.document(cik=7))


def test_a_filer_whose_number_nobody_checked_is_known_by_its_name(filings: Any, filer: Any) -> None:
    entity = filings.Filings.of("microsoft", cik="", cik_status="unverified").entity
    document = filer.document(cik=7)
    assert companyfacts.read(document, entity, [TAG], "MSFT.json").keys() == {TAG}
    with pytest.raises(EvidenceError, match="unverified"):
        companyfacts.read(filer.document(cik=7, entityName="Oracle"), entity, [TAG], "MSFT.json")


@pytest.mark.parametrize(
    "cik", [None, "", "12a", -5, 10**11, "٣٤٥", 1.5, [789019], {"a": 1}, True]
)  # the digits are Arabic
def test_a_filer_number_that_is_none_is_refused(cik: Any, filer: Any) -> None:
    refusal(filer, filer.document(cik=cik))


@pytest.mark.parametrize("name", [None, 7, ["Microsoft"], ""])
def test_a_name_that_is_none_is_refused(name: Any, filer: Any) -> None:
    refusal(filer, filer.document(entityName=name))


@pytest.mark.parametrize("key", ["cik", "entityName", "facts"])
def test_a_document_without_one_of_its_parts_is_refused(key: str, filer: Any) -> None:
    document = json.loads(filer.document())
    del document[key]
    refusal(filer, json.dumps(document).encode())


@pytest.mark.parametrize("key", ["val", "end", "filed", "accn", "form"])
def test_a_number_without_one_of_its_parts_is_refused_with_its_place(key: str, filer: Any) -> None:
    del filer.facts["us-gaap"]["Revenues"]["units"]["USD"][1][key]
    text = refusal(filer, filer.document())
    assert f"MSFT.json, {TAG}" in text
    assert f"`{key}`" in text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("val", "12"),
        ("val", None),
        ("val", True),
        ("val", [12]),
        ("val", 1e19),
        ("val", -1e19),
        ("val", 10**400),
        ("end", "2024-02-30"),
        ("end", "2024-6-30"),
        ("end", "30.06.2024"),
        ("end", ""),
        ("end", None),
        ("end", 20240630),
        ("end", "10000-01-01"),
        ("end", "2024-06-30T00:00:00"),
        ("start", "2023-02-29"),
        ("filed", "0000-01-01"),
        ("filed", "soon"),
        ("accn", 7),
        ("accn", None),
        ("form", None),
    ],
)
def test_a_part_of_the_wrong_kind_is_refused_with_its_place(key: str, value: Any, filer: Any) -> None:
    text = refusal(filer, changed(filer, **{key: value}))
    assert f"MSFT.json, {TAG}" in text
    if value != 10**400:
        assert key in text


@pytest.mark.parametrize(
    "number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"012", b"0x10", b"1_000", b"+1"]
)
def test_what_json_has_no_number_for_is_refused(number: bytes, filer: Any) -> None:
    refusal(filer, filer.document().replace(b'"val": 12', b'"val": ' + number))


@pytest.mark.parametrize("unit", ["", " ", "\t"])
def test_numbers_without_a_unit_are_refused(unit: str, filer: Any) -> None:
    filer.facts["us-gaap"]["Revenues"]["units"] = {unit: filer.facts["us-gaap"]["Revenues"]["units"]["USD"]}
    assert "unit" in refusal(filer, filer.document())


@pytest.mark.parametrize("units", [None, [], "USD", 7, {"USD": None}, {"USD": {}}, {"USD": [7]}, {"USD": [None]}])
def test_units_of_the_wrong_shape_are_refused(units: Any, filer: Any) -> None:
    filer.facts["us-gaap"]["Revenues"]["units"] = units
    assert TAG in refusal(filer, filer.document())


def test_a_tag_without_units_is_refused(filer: Any) -> None:
    del filer.facts["us-gaap"]["Revenues"]["units"]
    assert "no units" in refusal(filer, filer.document())


@pytest.mark.parametrize("facts", [None, [], 7, "facts", {"us-gaap": None}, {"us-gaap": []}])
def test_facts_of_the_wrong_shape_are_refused(facts: Any, filer: Any) -> None:
    refusal(filer, filer.document(facts=facts))


@pytest.mark.parametrize(
    "document", [b"", b"null", b"[]", b"7", b'"text"', b"{", b"\xff\xfe", b"<html>403</html>", b"{}"]
)
def test_what_is_no_document_is_refused(document: bytes, filer: Any) -> None:
    refusal(filer, document)


def test_a_document_cut_short_anywhere_is_refused(filer: Any) -> None:
    whole = filer.document()
    for length in range(len(whole)):
        refusal(filer, whole[:length])


def test_something_after_the_document_is_refused(filer: Any) -> None:
    refusal(filer, filer.document() + b"{}")


@pytest.mark.parametrize("broken", [b"\xff", b"\xc3", b"\xed\xa0\x80"])
def test_text_that_is_no_utf_8_is_refused(broken: bytes, filer: Any) -> None:
    refusal(filer, filer.document().replace(b"10-Q", b"10-" + broken))


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 900 + b"]" * 900])
def test_nesting_without_end_is_refused(deep: bytes, filer: Any) -> None:
    refusal(filer, deep)
    refusal(filer, filer.document().replace(b'"val": 12', b'"val": ' + deep))


@pytest.mark.parametrize("digits", [20, 400, 5_000, 1_000_000])
def test_a_number_of_many_digits_is_refused(digits: int, filer: Any) -> None:
    refusal(filer, filer.document().replace(b'"val": 12', b'"val": ' + b"9" * digits))
    refusal(filer, filer.document().replace(b'"cik": 789019', b'"cik": ' + b"9" * digits))


@pytest.mark.parametrize(
    ("once", "twice"),
    [
        (b'"cik": 789019', b'"cik": 789019, "cik": 789019'),
        (b'"facts": {', b'"facts": {}, "facts": {'),
        (b'"us-gaap": {', b'"us-gaap": {}, "us-gaap": {'),
        (b'"Revenues": {', b'"Revenues": {"units": {}}, "Revenues": {'),
        (b'"units": {', b'"units": {}, "units": {'),
        (b'"USD": [', b'"USD": [], "USD": ['),
        (b'"USD": [', b'"\\u0055SD": [], "USD": ['),
        (b'"val": 12', b'"val": 11, "val": 12'),
        (b'"val": 12', b'"val" : 11, "val" : 12'),
        (b'"end": "2024-06-30"', b'"end": "2024-03-31", "end": "2024-06-30"'),
        (b'"start": "2024-04-01"', b'"start": "2024-01-01", "start": "2024-04-01"'),
        (b'"filed": "2024-08-01"', b'"filed": "2024-08-01", "filed": "2024-08-02"'),
    ],
)
def test_a_key_given_twice_is_refused_for_it_would_hide_a_number(once: bytes, twice: bytes, filer: Any) -> None:
    assert filer.document().count(once) == 1
    assert "twice" in refusal(filer, filer.document().replace(once, twice))


def test_a_document_above_the_limit_is_refused_unread(filer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(companyfacts, "MOST_BYTES", 1000)
    assert "1,001 bytes" in refusal(filer, b"{" * 1001)


def test_a_million_numbers_are_refused_in_seconds(filer: Any) -> None:
    row = b'{"end":"2024-03-31","val":1,"accn":"0000000001-24-000001","form":"10-Q","filed":"2024-05-01"}'
    rows = b",".join([row] * 1_000_000)
    document = filer.document(facts={"us-gaap": {"Revenues": {"units": {"USD": ["ROWS"]}}}})
    start = time.perf_counter()
    assert "1,000,000 numbers and more" in refusal(filer, document.replace(b'"ROWS"', rows))
    assert time.perf_counter() - start < 30


def test_blanks_and_other_keys_in_a_row_are_no_key_given_twice(filer: Any) -> None:
    spread = json.dumps(json.loads(filer.document()), indent=1).replace('":', '" :').encode()
    assert [row.val for row in read(filer, spread)[TAG]["USD"]] == [10, 12]
    filer.says("Revenues", "2024-07-01/2024-09-30", 13, "2024-11-01", real=1, deferral=2, weekend="val")
    assert len(read(filer)[TAG]["USD"]) == 3


def test_a_key_given_twice_is_seen_between_blanks(filer: Any) -> None:
    twice = filer.document().replace(b'"val": 12', b'"val" : 11, "val": 12')
    assert "twice" in refusal(filer, twice)
