"""However a companyfacts document is broken, it is refused with its place, or every row that changed is explained."""

from __future__ import annotations

import datetime as dt
import importlib
import random
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.evidence import universe

ROOT = Path(__file__).parents[2]
EDGAR = ROOT.parent / "shared" / "data" / "edgar"


@cache
def fuzz() -> Any:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    return importlib.import_module("fuzz_companyfacts")


@cache
def whole() -> Any:
    return fuzz().synthetic()


@cache
def cuts() -> Any:
    return fuzz().subjects(EDGAR)[1:]


@given(st.integers(0, 2**64))
def test_a_broken_document_is_refused_or_every_change_is_explained(seed: int) -> None:
    document, _ = fuzz().mutated(whole().document, random.Random(seed))
    assert fuzz().judge(whole(), document) in fuzz().OUTCOMES


@pytest.mark.skipif(not EDGAR.is_dir(), reason="the EDGAR files are not here")
@given(st.integers(0, 2**64), st.integers(0, 11))
def test_a_broken_real_document_is_refused_or_every_change_is_explained(seed: int, place: int) -> None:
    real = cuts()[place]
    document, _ = fuzz().mutated(real.document, random.Random(seed))
    assert fuzz().judge(real, document) in fuzz().OUTCOMES


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(document: bytes) -> None:
    assert fuzz().judge(whole(), document) == "refused with its place"


@given(st.integers(0, 10**9), st.sampled_from((1e-6, 1e-3, 1e3, 1e6)))
def test_a_number_in_the_wrong_power_of_a_thousand_is_never_silent(place: int, factor: float) -> None:
    """Revenue, capital expenditure, inventory and shares: whatever number of them it is, a finding names its filing."""
    document, accession = fuzz().scaled(whole(), place, factor)
    _, findings = fuzz().derived(document, whole().entity)
    assert any(accession in where for _, where, kind in findings if kind in ("scale", "outlier", "conflict"))


# What was known on a day does not change with what is filed later.


def known_on(day: int, figures: Any) -> dict[Any, list[Any]]:
    known = {key: [row for row in rows if row.filed <= day] for key, rows in figures.items()}
    return {key: rows for key, rows in known.items() if rows}


@given(st.dates(dt.date(2019, 1, 1), dt.date(2026, 1, 1)), st.integers(0, 2**64))
def test_what_was_known_on_a_day_does_not_depend_on_later_filings(day: dt.date, seed: int) -> None:
    """A report may be missing, so that quarters rest on mixed filings until a later one holds both ends."""
    subject, chance = whole(), random.Random(seed)
    missing = {said.accession for said in chance.sample(sorted(subject.said, key=repr), 3)}
    later = fuzz().only(subject.document, lambda row: row["accn"] not in missing)
    then = fuzz().only(later, lambda row: row["filed"] <= f"{day}")
    figures, _ = fuzz().derived(later, subject.entity)
    assert fuzz().derived(then, subject.entity)[0] == known_on(day.toordinal(), figures)


@pytest.mark.skipif(not EDGAR.is_dir(), reason="the EDGAR files are not here")
@pytest.mark.parametrize("day", ["2012-06-30", "2016-12-31", "2019-06-30", "2022-12-31", "2025-06-30"])
def test_what_was_known_of_real_filers_on_a_day_does_not_depend_on_later_filings(day: str) -> None:
    for entity in universe.load().values():
        path = EDGAR / f"{entity.ticker}.json"
        if path.is_file():
            now, _ = fuzz().derived(path.read_bytes(), entity)
            then, _ = fuzz().derived(fuzz().only(path.read_bytes(), lambda row: row["filed"] <= day), entity)
            known = known_on(dt.date.fromisoformat(day).toordinal(), now)
            differ = {key[0] for key in known.keys() | then.keys() if known.get(key) != then.get(key)}
            # Shares filed in thousands for two years: which reports were wrong was plain only when others followed.
            assert differ <= ({"diluted_shares"} if entity.slug == "nvidia" and day < "2013" else set())


# The judge itself: it must see what is wrong.


def test_the_judge_sees_a_row_that_nothing_explains() -> None:
    subject = whole()
    key = next(key for key in subject.figures if key[0] == "inventory")
    figures = {**subject.figures, key: [row._replace(value=row.value + 1) for row in subject.figures[key]]}
    other = fuzz().Subject(**{**vars(subject), "figures": figures})
    with pytest.raises(AssertionError, match="inventory"):
        fuzz().judge(other, subject.document)


def test_the_judge_sees_a_row_that_is_missing() -> None:
    subject = whole()
    extra = ("revenue", "USD", 738000, 738090)
    figures = {**subject.figures, extra: [fuzz().Row(738100, 1.0, "0000000001-22-000001", "")]}
    with pytest.raises(AssertionError, match="went"):
        fuzz().judge(fuzz().Subject(**{**vars(subject), "figures": figures}), subject.document)


def test_the_judge_sees_a_key_given_twice() -> None:
    twice = whole().document.replace(b'"label":"InventoryNet"', b'"label":"InventoryNet","label":"x"')
    assert fuzz().judge(whole(), twice) == "refused with its place"
    with pytest.raises(fuzz().SaidTwiceError):
        fuzz().read_independently(twice)
