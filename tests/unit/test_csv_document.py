"""CSV from outside: empty, a web page, an attack, or figures."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import EvidenceError
from headrace.evidence.providers.csv_document import day, number, read_lines, shown


def test_rows_come_with_their_place() -> None:
    columns, lines = read_lines(b"\xef\xbb\xbfa,b,\r\n1,2026-01-31,x\r\n\r\n,,\r\n3,,y\r\n", "file.csv", ["a"])
    first, second = lines
    assert columns == ["a", "b"]
    assert (first.where, first.number("a"), first.day("b")) == ("file.csv, line 2", 1.0, dt.date(2026, 1, 31))
    assert (second.number("a"), second.day("b")) == (3.0, None)
    assert "" not in first.cells


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the document is empty"),
        (b" \n\n", "the document is empty"),
        (b"<!DOCTYPE html><html><h1>Not found</h1>", "a web page came, '<!DOCTYPE html>"),
        (b'  {"error": "no"}', "JSON came"),
        (b"[]", "JSON came"),
        (b"a,b\n1,\x00\n", "binary"),
        (b"a,b\n\xff\xfe,1\n", "byte 4 is no UTF-8"),
        (b"b,c\n1,2\n", "column 'a' is missing; near: none; columns: 'b, c'"),
        (b"a,a\n1,2\n", "column 'a' stands twice"),
        (b"a,b\n1,2,3\n", r"line 2: 3 cells under 2 columns"),
        (b"a,b\n1\n", r"line 2: 1 cells under 2 columns"),
        (b'a,b\n"1,2\n', "line 2: unexpected end of data"),
        (b"a,b\n" + b"9" * 200_000 + b",1\n", r"line 2: field larger than field limit"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(content: bytes, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        list(read_lines(content, "https://example.org/x.csv", ["a"])[1])


@pytest.mark.parametrize(
    ("text", "value"), [("", None), (" ", None), ("1", 1.0), ("-1.5", -1.5), ("2E+11", 2e11), (".5", 0.5), ("+4.", 4.0)]
)
def test_a_number_is_read_in_full(text: str, value: float | None) -> None:
    assert number(text, "cell") == value


@pytest.mark.parametrize(
    "text", ["NaN", "inf", "-Infinity", "1e999", "1,234", "1_000", "0x10", "12 MW", "١٢", "9" * 41, "--1", "1e5e5", "."]
)
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    with pytest.raises(EvidenceError, match=r"cell: .* is no finite number"):
        number(text, "cell")


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)"])
def test_a_formula_is_named_as_one(text: str) -> None:
    with pytest.raises(EvidenceError, match="is a formula"):
        number(text, "cell")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("2026-01-31", dt.date(2026, 1, 31)),
        ("1/31/2026", dt.date(2026, 1, 31)),
        ("9/3/25", dt.date(2025, 9, 3)),
    ],
)
def test_a_day_is_read_in_two_ways(text: str, value: dt.date | None) -> None:
    assert day(text, "cell") == value


@pytest.mark.parametrize(
    "text", ["31/1/2026", "2026-02-30", "20260131", "2026-01-31T00:00", "January", "2026-1-1", "0/1/25"]
)
def test_a_day_that_cannot_be_read_for_certain_is_refused(text: str) -> None:
    with pytest.raises(EvidenceError, match="is no day"):
        day(text, "cell")


def test_hostile_text_is_shown_short_and_without_control_characters() -> None:
    assert shown("\x1b[31mred\n") == r"'\x1b[31mred\n'"
    assert len(shown("x" * 10_000)) < 70


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_one_named_fault(content: bytes) -> None:
    assert outcome(lambda: [line.number(name) for line in read_lines(content, "here")[1] for name in line.cells])


@given(st.text(max_size=50))
def test_any_text_is_a_finite_number_nothing_or_a_named_fault(text: str) -> None:
    assert outcome(lambda: [number(text, "here")])


def outcome(read: Callable[[], list[float | None]]) -> bool:
    """Whether all that came are finite numbers and gaps, or else one fault that names its place."""
    try:
        return all(value is None or math.isfinite(value) for value in read())
    except EvidenceError as fault:
        return str(fault).startswith("here")
