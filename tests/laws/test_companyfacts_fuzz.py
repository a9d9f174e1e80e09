"""However a companyfacts document is broken, it is refused with its place, or every row that changed is explained."""

from __future__ import annotations

import importlib.util
import random
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
EDGAR = ROOT.parent / "shared" / "data" / "edgar"


@cache
def fuzz() -> Any:
    spec = importlib.util.spec_from_file_location("fuzz_companyfacts", ROOT / "benchmarks" / "fuzz_companyfacts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz_companyfacts"] = module
    spec.loader.exec_module(module)
    return module


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
