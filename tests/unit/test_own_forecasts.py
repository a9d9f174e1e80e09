"""The ledger of our own forecasts: sealed line over line, grown only at its end, and only by what lies ahead."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from headrace.errors import EvidenceError, FetchError, PeriodError
from headrace.evidence import own_forecasts
from headrace.evidence.own_forecasts import FIRST, PROBABILITIES, OwnForecast
from headrace.evidence.storage.lock import held
from headrace.periods import quarter_range

WORLD = {"scenario": "baseline", "seed": 7, "draws": 3, "quarters": 9, "as_of": "2026-09-11"}


def line(period: str = "2026Q4", made_on: str = "2026-11-23", members: tuple[str, ...] = ("meta",)) -> OwnForecast:
    return OwnForecast(
        made_on=made_on,
        version="0.1.0",
        world=WORLD,
        worlds=3,
        variable="capital_expenditure_usd_bn",
        members=members,
        unit="USD bn",
        period=period,
        quantiles={probability: 30.0 + place for place, probability in enumerate(PROBABILITIES)},
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Three lines."""
    path = tmp_path / "ledger.jsonl"
    own_forecasts.append(path, [line("2026Q4"), line("2027Q1"), line("2027Q2")])
    return path


def test_a_seal_is_the_hash_of_the_line_without_it_in_canonical_json(ledger: Path) -> None:
    before = FIRST
    for written in ledger.read_text(encoding="utf-8").splitlines():
        row = json.loads(written)
        seal = row.pop("sha256")
        canonical = json.dumps(row, sort_keys=True, separators=(",", ":"))
        assert seal == hashlib.sha256(canonical.encode()).hexdigest()
        assert row["previous"] == before
        before = seal


def test_what_was_there_stays_as_it_was(ledger: Path) -> None:
    before = ledger.read_bytes()
    (added,) = own_forecasts.append(ledger, [line("2027Q3")])
    assert ledger.read_bytes().startswith(before)
    assert own_forecasts.read_ledger(ledger.read_text(encoding="utf-8"))[-1] == added
    assert [path.name for path in ledger.parent.iterdir()] == ["ledger.jsonl"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_figure_breaks_the_seal_of_its_line(ledger: Path, place: int) -> None:
    lines = ledger.read_text(encoding="utf-8").splitlines()
    lines[place] = lines[place].replace('"0.5":33.0', '"0.5":33.5')
    with pytest.raises(EvidenceError, match=rf"line {place + 1}: its seal does not hold"):
        own_forecasts.read_ledger("\n".join(lines))


def test_a_line_that_is_sealed_anew_breaks_the_chain_after_it(ledger: Path) -> None:
    lines = own_forecasts.read_ledger(ledger.read_text(encoding="utf-8"))
    forged = ledger.with_name("forged.jsonl")
    own_forecasts.append(forged, [replace(lines[0], worlds=2)])
    text = forged.read_text(encoding="utf-8") + "".join(
        ledger.read_text(encoding="utf-8").splitlines(keepends=True)[1:]
    )
    with pytest.raises(EvidenceError, match="line 2: it does not follow the line before it"):
        own_forecasts.read_ledger(text)


@pytest.mark.parametrize(
    ("change", "first"),
    [
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], lines[2]], 2),
        (lambda lines: [lines[0], lines[2], lines[1]], 2),
        (lambda lines: [lines[0], lines[0], *lines[1:]], 2),
        (lambda lines: [lines[0], "", *lines[1:]], 2),
        (lambda lines: [*lines[:2], lines[2].replace(",", ", ", 1)], 3),
        (lambda lines: [*lines[:2], lines[2][:-9]], 3),
    ],
    ids=["beheaded", "taken out", "moved", "doubled", "blank", "blanks added", "cut short"],
)
def test_the_first_line_that_does_not_hold_is_named(
    ledger: Path, change: Callable[[list[str]], list[str]], first: int
) -> None:
    lines = ledger.read_text(encoding="utf-8").splitlines()
    with pytest.raises(EvidenceError, match=rf"ledger.jsonl, line {first}: "):
        own_forecasts.read_ledger("\n".join(change(lines)), "ledger.jsonl")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("quantiles", {**line().quantiles, "0.5": float("nan")}, "this is not a JSON object"),
        ("quantiles", {**line().quantiles, "0.5": 99.0}, "above zero and in order"),
        ("quantiles", {**line().quantiles, "0.05": True}, "above zero and in order"),
        ("quantiles", {"0.5": 33.0}, "wanted quantiles for 0.05"),
        ("members", [], "wanted members of the universe"),
        ("members", ["nobody"], "wanted members of the universe"),
        ("members", [["meta"]], "wanted members of the universe"),
        ("members", ["meta", "meta"], "wanted each member once"),
        ("variable", "active_compute_gw", "a variable that is filed as a flow"),
        ("unit", "USD mn", "in its unit"),
        ("period", "2026", "a quarter in period"),
        ("period", "0001Q1", "a quarter in period"),
        ("made_on", "soon", "a date in made_on"),
        ("made_on", "20261123", "a date in made_on"),
        ("version", 1, "wanted texts"),
        ("worlds", 0, "worlds to be counted"),
        ("world", {"scenario": "baseline"}, "the recipe of a world"),
        ("more", 1, "wanted the keys made_on"),
    ],
)
def test_a_line_that_breaks_the_schema_is_refused(ledger: Path, key: str, value: object, said: str) -> None:
    row: dict[str, Any] = json.loads(ledger.read_text(encoding="utf-8").splitlines()[0])
    with pytest.raises(EvidenceError, match=f"line 1: .*{said}"):
        own_forecasts.read_ledger(json.dumps({**row, key: value}))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [('"0.95":36.0', '"0.95":1e999', "above zero and in order"), ('"seed":7', '"seed":7,"x":1e999', "its seal")],
)
def test_a_number_too_large_to_be_one_is_refused(ledger: Path, old: str, new: str, said: str) -> None:
    text = ledger.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(EvidenceError, match=f"line 1: .*{said}"):
        own_forecasts.read_ledger(text.replace(old, new))


@pytest.mark.parametrize("text", ["[]", "3", "[" * 100_000, "\ufeff{}"])
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(EvidenceError, match="line 1: "):
        own_forecasts.read_ledger(text)


@pytest.mark.parametrize(
    ("member", "quarter", "end"),
    [
        ("meta", "2026Q4", "2026-12-31"),
        ("oracle", "2026Q4", "2026-11-30"),
        ("oracle", "2026Q3", "2026-08-31"),
        ("nvidia", "2026Q4", "2027-01-31"),
        ("micron", "2026Q4", "2026-11-30"),
        ("microsoft", "2024Q1", "2024-03-31"),
    ],
)
def test_a_fiscal_quarter_ends_when_its_company_says(member: str, quarter: str, end: str) -> None:
    assert own_forecasts.last_day(member, quarter) == dt.date.fromisoformat(end)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        ("2026-11-23", "2026Q4"),
        ("2026-11-30", "2026Q4"),
        ("2026-12-01", "2027Q1"),
        ("2027-01-01", "2027Q1"),
        ("2026-09-15", "2026Q4"),
    ],
)
def test_the_first_open_quarter_is_one_that_nobody_has_ended(day: str, quarter: str) -> None:
    assert own_forecasts.first_open_quarter(("meta", "oracle"), dt.date.fromisoformat(day)) == quarter


def test_a_quarter_that_may_have_been_filed_is_refused(ledger: Path) -> None:
    with pytest.raises(EvidenceError, match="2026Q3 of meta ended on 2026-09-30 and may have been filed by 2026-11-23"):
        own_forecasts.append(ledger, [line("2026Q3")])
    late = line("2026Q4", "2026-12-01", ("meta", "oracle"))
    with pytest.raises(EvidenceError, match="2026Q4 of oracle ended on 2026-11-30"):
        own_forecasts.append(ledger, [late])


def test_a_second_word_on_one_day_is_refused_and_one_on_the_next_is_not(ledger: Path) -> None:
    before = ledger.read_bytes()
    for made in ([line("2027Q1")], [line("2027Q3"), line("2027Q3")]):
        with pytest.raises(EvidenceError, match="was recorded on 2026-11-23 already"):
            own_forecasts.append(ledger, made)
    assert ledger.read_bytes() == before
    own_forecasts.append(ledger, [line("2027Q1", "2026-11-24"), line("2027Q1", "2026-11-24", ("amazon",))])
    with pytest.raises(EvidenceError, match="is the clock right"):
        own_forecasts.append(ledger, [line("2027Q4", "2026-11-23")])


def test_a_ledger_that_does_not_hold_is_not_grown(ledger: Path) -> None:
    whole = ledger.read_text(encoding="utf-8")
    for text, said in ((whole.replace("33.0", "34.0"), "line 1: its seal"), (whole[:-1], "the last line is cut short")):
        ledger.write_text(text, encoding="utf-8")
        with pytest.raises(EvidenceError, match=said):
            own_forecasts.append(ledger, [line("2027Q3")])
        assert ledger.read_text(encoding="utf-8") == text


def test_a_new_line_that_breaks_the_schema_leaves_the_ledger_alone(ledger: Path) -> None:
    before = ledger.read_bytes()
    with pytest.raises(EvidenceError, match="in its unit"):
        own_forecasts.append(ledger, [replace(line("2027Q3"), unit="GW")])
    assert ledger.read_bytes() == before


def test_many_writers_take_turns_and_none_is_lost(ledger: Path) -> None:
    periods = quarter_range("2028Q1", 24)
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda period: own_forecasts.append(ledger, [line(period)]), periods))
    found = own_forecasts.read_ledger(ledger.read_text(encoding="utf-8"))
    assert sorted(one.period for one in found[3:]) == periods
    assert [path.name for path in ledger.parent.iterdir()] == ["ledger.jsonl"]


def test_who_waits_too_long_is_told_who_holds_it(ledger: Path) -> None:
    with (
        held(ledger.parent, ledger=ledger.name),
        pytest.raises(FetchError, match=r"ledger\.jsonl: another writer holds the ledger: process"),
        held(ledger.parent, 0.1, ledger.name),
    ):
        pass


def test_a_day_hides_what_was_said_after_it(ledger: Path) -> None:
    assert own_forecasts.load(ledger, "2026-11-22") == ()
    rows = own_forecasts.load(ledger, "2026-11-23")
    assert [(row.who, row.period, row.low, row.point, row.high) for row in rows] == [
        ("headrace, baseline", period, 30.0, 33.0, 36.0) for period in ("2026Q4", "2027Q1", "2027Q2")
    ]
    assert {row.ledger for row in rows} == {"ledger.jsonl"}
    with pytest.raises(PeriodError, match="tomorrow"):
        own_forecasts.load(ledger, "tomorrow")


def test_a_ledger_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no such file"):
        own_forecasts.load(tmp_path / "none.jsonl")
    (tmp_path / "bad.jsonl").write_bytes(b"\xff")
    with pytest.raises(EvidenceError, match="byte 0 is not UTF-8"):
        own_forecasts.load(tmp_path / "bad.jsonl")
    with pytest.raises(EvidenceError, match="its folder does not exist"):
        own_forecasts.check_recordable(tmp_path / "no" / "l.jsonl", dt.date(2026, 11, 23), "baseline")


def test_what_ships_holds_and_lies_ahead_of_the_day_it_was_made(root: Path) -> None:
    text = (root / "src/headrace/data/own_forecasts.jsonl").read_text(encoding="utf-8")
    lines = own_forecasts.read_ledger(text)
    assert len(own_forecasts.load()) == len(lines) == text.count("\n")
