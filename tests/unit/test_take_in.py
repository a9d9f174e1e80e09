"""Files that a person has become part of the store, once, and what is wrong with them is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from headrace.errors import EvidenceError, UnknownNameError
from headrace.evidence import prices
from headrace.evidence.take_in import take_in

CLOSES = """Date,Ticker,Adj Close
2026-08-20,MSFT,500.5
2026-08-21,MSFT,501.5
2026-08-21,NVDA,180.25
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "closes.csv"
    path.write_text(CLOSES)
    return path


def test_closes_of_a_file_are_in_the_store_and_a_second_time_adds_nothing(file: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    seen: list[tuple[str, int, int]] = []
    first = take_in("prices", file, (), store, lambda *step: seen.append(step))
    assert [(outcome.item, outcome.result, outcome.rows) for outcome in first] == [
        ("msft", "added", 2),
        ("nvda", "added", 1),
    ]
    assert seen == [("msft", 1, 2), ("nvda", 2, 2)]
    again = take_in("prices", file, (), store)
    assert {outcome.result for outcome in again} == {"unchanged"}
    assert prices.daily(store, ["MSFT"])["close"].tolist() == [500.5, 501.5]


def test_one_item_of_a_file_can_be_named(file: Path, tmp_path: Path) -> None:
    outcomes = take_in("prices", file, ["NVDA"], tmp_path / "store")
    assert [outcome.item for outcome in outcomes] == ["nvda"]


def test_plain_closes_are_taken_only_when_somebody_says_what_they_are(tmp_path: Path) -> None:
    file = tmp_path / "msft.csv"
    file.write_text("Date,Close\n2026-08-20,500.5\n2026-08-21,501.5\n")
    store = tmp_path / "store"
    with pytest.raises(EvidenceError, match="adjusted"):
        take_in("prices", file, (), store)
    (outcome,) = take_in("prices", file, (), store, adjusted=False)
    assert (outcome.item, outcome.result) == ("msft", "added")
    assert prices.daily(store)["adjusted"].tolist() == [False, False]


@pytest.mark.parametrize(
    ("source", "name", "names", "error", "words"),
    [
        ("edgar", "closes.csv", (), UnknownNameError, "prices"),
        ("prices", "no_such.csv", (), EvidenceError, "no such file"),
        ("prices", "closes.csv", ("MSFT", "NVDDA"), UnknownNameError, "nvda"),
    ],
)
def test_what_cannot_be_taken_in_is_named(
    file: Path, tmp_path: Path, source: str, name: str, names: tuple[str, ...], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        take_in(source, tmp_path / name, names, tmp_path / "store")
    assert not (tmp_path / "store" / "closes").exists()
