"""The ledger of events, and what may be added in it."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from headrace.errors import EvidenceError, PeriodError
from headrace.evidence import events, universe

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_collected_figures = pytest.mark.skipif(not SHARED.is_dir(), reason="the collected figures are not here")

ROW = """
[[event]]
date = 2026-01-02
kind = "debt"
parties = ["Someone"]
segment = "infrastructure"
amount_usd_bn = 2.0
quality = "B"
source_url = "https://example.org"
"""


def read(*changes: tuple[str, str]) -> tuple[events.Event, ...]:
    text = ""
    for old, new in changes or [("", "")]:
        text += ROW.replace(old, new) if old else ROW
    return events.read_events(text)


def test_a_view_as_of_a_day_sees_what_had_happened() -> None:
    everything = events.load()
    before = events.load("2025-01-21")
    assert 0 < len(before) < len(everything)
    assert before[-1].date == dt.date(2025, 1, 21)
    assert list(everything) == sorted(everything, key=lambda event: event.date)
    with pytest.raises(PeriodError, match="as_of: 'yesterday' is not a date"):
        events.load("yesterday")


def test_every_event_has_a_page_and_its_entities_are_in_the_universe() -> None:
    known = universe.load()
    for event in events.load():
        assert event.source_url.startswith("http"), event
        assert set(event.entities) <= set(known), event
        assert len(event.entities) <= len(event.parties)


def test_a_description_says_kind_parties_amount_and_what_to_beware_of() -> None:
    (row,) = read(("amount_usd_bn = 2.0", 'amount_usd_bn = 2.0\ncapacity_gw = 1.5\nbasis = "up_to"\nfirm = false'))
    assert row.description == "Debt: Someone; up to 2 USD bn; 1.5 GW; not firm"
    (row,) = read(("amount_usd_bn = 2.0", 'disputed = true\nbasis = "plan"'))
    assert row.description == "Debt: Someone; sources differ"


def test_sums_paid_are_added() -> None:
    assert events.total(read(("", ""), ("debt", "equity_raise"), ("amount_usd_bn = 2.0", ""))) == 4.0
    assert events.total(()) == 0.0


def test_rows_that_speak_of_the_same_money_are_not_added() -> None:
    rows = read(
        ('quality = "B"', 'quality = "B"\ngroup = "plan"'),
        ('quality = "B"', 'quality = "B"\ngroup = "plan"\ncounts = true'),
    )
    with pytest.raises(EvidenceError, match=r"speak of the same money \(plan\): .*count it once"):
        events.total(rows)
    assert events.total(rows, "count_once") == 2.0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ('basis = "level"', "what is level is no sum paid"),
        ('basis = "per_year"', "what is per year is no sum paid"),
        ('basis = "plan"', "what is plan is no sum paid"),
        ('basis = "market_value"', "what is market value is no sum paid"),
        ("disputed = true", "its sources differ on the amount"),
        ("firm = false", "nothing was agreed"),
    ],
)
def test_what_is_no_sum_paid_is_not_added(change: str, reason: str) -> None:
    rows = read(('quality = "B"', f'quality = "B"\n{change}'))
    with pytest.raises(EvidenceError, match=f"2026-01-02, Debt: Someone.*{reason}"):
        events.total(rows)
    assert events.total(rows, "count_once") == 0.0


def test_what_is_raised_and_what_it_buys_are_not_added() -> None:
    with pytest.raises(EvidenceError, match="cloud_contract and financing may not be added"):
        events.total(read(("", ""), ("debt", "cloud_contract")))


def test_overlaps_are_refused_or_counted_once_and_nothing_else() -> None:
    with pytest.raises(EvidenceError, match="overlaps is 'add'"):
        events.total((), "add")


def test_alphabets_equity_of_2026_is_one_plan_in_three_rows() -> None:
    rows = [event for event in events.load() if event.group == "alphabet_equity_2026"]
    assert sorted(event.amount_usd_bn or 0 for event in rows) == [10.0, 80.0, 84.75]
    assert [event.amount_usd_bn for event in rows if event.counts] == [84.75]


def test_backlogs_are_levels() -> None:
    rows = [event for event in events.load() if event.amount_usd_bn in (638.0, 664.0, 104.0)]
    assert [event.basis for event in rows] == ["level"] * 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "debt"', 'kind = "debit"', "kind is 'debit'"),
        ("amount_usd_bn = 2.0", "amount_usd_bn = -2.0", "amount_usd_bn is -2.0"),
        ("amount_usd_bn = 2.0", "amount_usd_bn = nan", "amount_usd_bn is nan"),
        ("amount_usd_bn = 2.0", 'amount_usd_bn = "=1+1"', "amount_usd_bn is '=1"),
        ("amount_usd_bn = 2.0", "amount_bn = 2.0", "unknown key 'amount_bn'; near: amount_usd_bn"),
        ('source_url = "https://example.org"', 'source_url = "file:///etc/passwd"', "source_url is 'file:"),
        ('parties = ["Someone"]', "parties = []", "at least one party"),
        ("date = 2026-01-02", 'date = "soon"', "wanted a date"),
        ('quality = "B"', 'quality = "X"', "quality is 'X'"),
        ('segment = "infrastructure"', "", "'segment' is missing"),
        ('quality = "B"', 'quality = "B"\ngroup = "alone"', "group 'alone': 0 rows count"),
    ],
)
def test_a_broken_row_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        read((old, new))


@needs_collected_figures
def test_the_ledger_is_made_again_from_the_collected_list(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(root / "scripts"))
    from evidence_build.capital_events import write_capital_events

    report: Counter[str] = Counter()
    write_capital_events(SHARED / "capital_events.csv", tmp_path, report)
    shipped = root / "src/headrace/data/events.toml"
    assert (tmp_path / "events.toml").read_bytes() == shipped.read_bytes()
    assert report["rows in: capital_events.csv"] == report["rows out: events.toml"] + 3


@needs_collected_figures
def test_no_sentence_of_the_collected_list_is_in_the_ledger(root: Path) -> None:
    text = (root / "src/headrace/data/events.toml").read_text(encoding="utf-8")
    described = " ".join(event.description for event in events.load())
    assert len(tomllib.loads(text)["event"]) == 155
    with (SHARED / "capital_events.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            for sentence in (row["paraphrase"], row["note"]):
                assert len(sentence) < 12 or sentence not in text + described, sentence
