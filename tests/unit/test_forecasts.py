"""The ledger of published forecasts: what a row must say, and what one means."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from headrace.errors import EvidenceError, PeriodError
from headrace.evidence import forecast_measures, forecasts, universe

SHARED = Path(__file__).parents[3] / "shared" / "data"

needs_collected_figures = pytest.mark.skipif(not SHARED.is_dir(), reason="the collected figures are not here")

ROW = """
[[forecast]]
who = "A house"
announced = 2025-02-07
measure = "capital_expenditure"
unit = "USD bn"
period = "CY2025"
target_start = 2025-01-01
target_end = 2025-12-31
members = ["meta", "oracle"]
point = 90.0
quality = "B"
source_url = "https://example.org/a"
"""


def test_what_ships_names_only_whom_we_know_and_is_in_order() -> None:
    shipped = forecasts.load()
    assert len(shipped) > 60
    assert {member for one in shipped for member in one.members} <= universe.load().keys()
    assert [one.announced for one in shipped] == sorted(one.announced for one in shipped)


def test_a_day_hides_what_was_said_after_it() -> None:
    before = forecasts.load("2024-12-31")
    assert max(one.announced for one in before) <= dt.date(2024, 12, 31)
    assert 0 < len(before) < len(forecasts.load())
    with pytest.raises(PeriodError, match="tomorrow"):
        forecasts.load("tomorrow")


@pytest.mark.parametrize(
    ("start", "end", "quarters"),
    [
        ("2025-01-01", "2025-12-31", ("2025Q1", "2025Q2", "2025Q3", "2025Q4")),
        ("2024-08-01", "2024-10-31", ("2024Q3",)),
        ("2023-02-01", "2024-01-31", ("2023Q1", "2023Q2", "2023Q3", "2023Q4")),
        ("2025-06-01", "2025-08-31", ("2025Q3",)),
    ],
)
def test_a_period_has_the_quarters_that_its_filings_will_have(start: str, end: str, quarters: tuple[str, ...]) -> None:
    text = ROW.replace("2025-01-01", start).replace("2025-12-31", end)
    assert forecasts.read_forecasts(text)[0].quarters == quarters


@pytest.mark.parametrize(
    ("numbers", "value"),
    [
        ("point = 90.0", 90),
        ("low = 80.0\nhigh = 90.0", 85),
        ("high = 150.0", 150),
        ("low = 80.0\npoint = 81.0\nhigh = 90.0", 81),
    ],
)
def test_a_range_counts_by_its_middle_and_an_end_by_itself(numbers: str, value: float) -> None:
    assert forecasts.read_forecasts(ROW.replace("point = 90.0", numbers))[0].value == value


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("announced = 2025-02-07\n", "", "'announced' is missing"),
        ("announced = 2025-02-07", 'announced = "soon"', "announced is 'soon'; wanted a date"),
        ("point", "points", "unknown key 'points'; near: point"),
        ('unit = "USD bn"\n', "", "'unit' is missing; wanted a line of text"),
        ('"USD bn"', '"GW"', "unit is 'GW'; capital_expenditure is in 'USD bn', convert the numbers"),
        ('"capital_expenditure"', '"net_debt"', "unknown measure 'net_debt'"),
        ("point = 90.0", "point = true", "point is True; wanted positive numbers"),
        ("point = 90.0", "point = '90'", "point is '90'; wanted positive numbers"),
        ("point = 90.0", "point = inf", "point is inf; wanted positive numbers"),
        ("point = 90.0", f"point = 0x{'f' * 9000}", "point is a number too long to show; wanted positive numbers"),
        ("point = 90.0", "point = 1e-300", "wanted positive numbers"),
        ("point = 90.0", "point = 90.0\nday_approximate = 1", "day_approximate is 1; wanted true or false"),
        ('who = "A house"', 'who = "A\\nhouse"', r"who is 'A\\nhouse'; wanted a line of text"),
        ('who = "A house"', "who = ['A house']", "who is \\['A house'\\]; wanted a line of text"),
        ('members = ["meta", "oracle"]', "members = 'meta'", "members is 'meta'; wanted a list of slugs"),
        ('members = ["meta", "oracle"]', 'members = ["meta", "meta"]', "members names somebody twice"),
        ("announced = 2025-02-07", "announced = 0001-01-01", "wanted a year from 1950 to 2150"),
        ("target_end = 2025-12-31", "target_end = 9999-12-31", "wanted a year from 1950 to 2150"),
        ("target_end = 2025-12-31", "target_end = 2025-01-09", "the period is shorter than a quarter"),
        ('"capital_expenditure"', '"capex"', "unknown measure 'capex'"),
        ('"oracle"', '"orcale"', "unknown member 'orcale'; near: oracle"),
        ('quality = "B"', 'quality = "D"', "unknown quality 'D'"),
        ("point = 90.0\n", "", "wanted one at least"),
        ("point = 90.0", "point = nan", "wanted positive numbers"),
        ("point = 90.0", "low = 9.0\nhigh = 8.0", "in order"),
        ('members = ["meta", "oracle"]\n', "", "wanted members, or in coverage a word"),
        ('members = ["meta", "oracle"]', 'members = ["meta"]\ncoverage = "big tech"', "one of both"),
        ("target_end = 2025-12-31", "target_end = 2024-12-31", "ends before it starts"),
        ("https://", "javascript:", "wanted a page that a reader can open"),
    ],
)
def test_a_row_that_breaks_the_schema_is_refused_with_what_was_wanted(old: str, new: str, said: str) -> None:
    assert old in ROW
    with pytest.raises(EvidenceError, match=f"forecasts.toml, forecast 1 .*{said}"):
        forecasts.read_forecasts(ROW.replace(old, new))


def test_the_same_forecast_twice_is_refused() -> None:
    with pytest.raises(EvidenceError, match="A house forecasts CY2025 twice on 2025-02-07"):
        forecasts.read_forecasts(ROW + ROW)


def test_rows_of_ones_own_stand_beside_those_that_ship_and_name_their_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(ROW, encoding="utf-8")
    (mine,) = (one for one in forecasts.load(added=path) if one.ledger == "mine.toml")
    assert mine.who == "A house"
    assert len(forecasts.load(added=path)) == len(forecasts.load()) + 1
    assert len(forecasts.load("2025-02-06", path)) == len(forecasts.load("2025-02-06"))


def test_a_copy_of_what_ships_is_refused(root: Path) -> None:
    with pytest.raises(EvidenceError, match=r"forecasts.toml: BofA forecasts CY2018 twice on 2018-04-24"):
        forecasts.load(added=root / "src/headrace/data/forecasts.toml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"who = ", "this is not TOML: "),
        (b"a" * (forecasts.MOST_BYTES + 1), "1,000,001 bytes; at most 1,000,000 are read"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        (b"a = " + b"[" * 100_000, "nested too deep"),
        (b"a = " + b"9" * 5_000, "a number too long"),
        (b"", "wanted .* and nothing else; found nothing"),
        (b"forecast = 3", "wanted .* and nothing else; found 'forecast'"),
        (ROW.encode() + b"[other]", "found 'forecast', 'other'"),
    ],
    ids=["not TOML", "huge", "not UTF-8", "deep", "long number", "empty", "a number", "another table"],
)
def test_a_file_that_is_no_ledger_is_refused_by_name(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(EvidenceError, match=f"mine.toml: .*{said}"):
        forecasts.load(added=path)


@pytest.mark.parametrize(
    "make", [lambda path: path.mkdir(), os.mkfifo, lambda path: None], ids=["folder", "pipe", "none"]
)
def test_what_is_no_file_is_refused_and_never_waited_for(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "mine.toml")
    with pytest.raises(EvidenceError, match="no such file"):
        forecasts.load(added=tmp_path / "mine.toml")


def test_each_measure_says_what_it_is_held_against_or_why_not() -> None:
    measures = forecast_measures.load()
    assert measures["capital_expenditure"].unit == "USD bn"
    assert measures["h100_class_shipped"].counted == dt.date(2026, 3, 31)
    assert {one.unit for one in measures.values()} == {
        "USD bn",
        "GW",
        "TWh",
        "million chips",
        "million H100-equivalents",
    }
    row = 'label = "A"\nunit = "GW"\nkind = "flow"\n'
    for bad, said in (
        ("", "one of both"),
        ('chip = "H100"\n', "one of both"),
        ('because = "a"\nchip = "H100"\ncounted = 2026-03-31\n', "one of both"),
        ('because = "a"\nkinds = "flow"\n', "unknown key 'kinds'; near: kind"),
    ):
        with pytest.raises(EvidenceError, match=rf"\[a\]: .*{said}"):
            forecast_measures.read_measures(f"[a]\n{row}{bad}")
    with pytest.raises(EvidenceError, match="kind is 'rate'"):
        forecast_measures.read_measures(f"[a]\n{row}because = 'a'\n".replace("flow", "rate"))


@needs_collected_figures
def test_the_ledger_is_made_again_from_the_collected_list(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(root / "scripts"))
    from evidence_build.street_vintages import write_forecasts

    report: Counter[str] = Counter()
    by_ticker = {entity.ticker: entity for entity in universe.load().values()}
    write_forecasts(SHARED / "street_vintages.csv", by_ticker, tmp_path, report)
    shipped = root / "src/headrace/data/forecasts.toml"
    assert (tmp_path / "forecasts.toml").read_bytes() == shipped.read_bytes()
    counts = {word: sum(n for line, n in report.items() if line.startswith(word)) for word in ("rows in", "left out")}
    assert counts["rows in"] == report["rows out: forecasts.toml"] + counts["left out"]


@needs_collected_figures
def test_no_sentence_of_the_collected_list_is_in_the_ledger(root: Path) -> None:
    text = (root / "src/headrace/data/forecasts.toml").read_text(encoding="utf-8")
    with (SHARED / "street_vintages.csv").open(encoding="utf-8", newline="") as lines:
        notes = {row["note"] for row in csv.DictReader(lines)}
    assert [note for note in notes if len(note) > 11 and note in text] == []
