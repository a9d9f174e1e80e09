"""The ledger of published forecasts: what a row must say, and what one means."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from headrace.errors import EvidenceError, PeriodError
from headrace.evidence import forecasts, universe

SHARED = Path(__file__).parents[3] / "shared" / "data"

needs_collected_figures = pytest.mark.skipif(not SHARED.is_dir(), reason="the collected figures are not here")

ROW = """
[[forecast]]
who = "A house"
announced = 2025-02-07
measure = "capital_expenditure"
period = "CY2025"
target_start = 2025-01-01
target_end = 2025-12-31
members = ["meta", "oracle"]
point_usd_bn = 90.0
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
        ("point_usd_bn = 90.0", 90),
        ("low_usd_bn = 80.0\nhigh_usd_bn = 90.0", 85),
        ("high_usd_bn = 150.0", 150),
        ("low_usd_bn = 80.0\npoint_usd_bn = 81.0\nhigh_usd_bn = 90.0", 81),
    ],
)
def test_a_range_counts_by_its_middle_and_an_end_by_itself(numbers: str, value: float) -> None:
    assert forecasts.read_forecasts(ROW.replace("point_usd_bn = 90.0", numbers))[0].value_usd_bn == value


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("announced = 2025-02-07\n", "", "'announced' is missing"),
        ("announced = 2025-02-07", 'announced = "soon"', "announced is 'soon'; wanted a date"),
        ("point_usd_bn", "point_eur_bn", "unknown key 'point_eur_bn'; near: point_usd_bn"),
        ('"capital_expenditure"', '"capex"', "unknown measure 'capex'"),
        ('"oracle"', '"orcale"', "unknown member 'orcale'; near: oracle"),
        ('quality = "B"', 'quality = "D"', "unknown quality 'D'"),
        ("point_usd_bn = 90.0\n", "", "wanted positive numbers"),
        ("point_usd_bn = 90.0", "point_usd_bn = nan", "wanted positive numbers"),
        ("point_usd_bn = 90.0", "low_usd_bn = 9.0\nhigh_usd_bn = 8.0", "in order"),
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
    left_out = sum(count for line, count in report.items() if line.startswith("left out"))
    assert report["rows in: street_vintages.csv"] == report["rows out: forecasts.toml"] + left_out


@needs_collected_figures
def test_no_sentence_of_the_collected_list_is_in_the_ledger(root: Path) -> None:
    text = (root / "src/headrace/data/forecasts.toml").read_text(encoding="utf-8")
    with (SHARED / "street_vintages.csv").open(encoding="utf-8", newline="") as lines:
        notes = {row["note"] for row in csv.DictReader(lines)}
    assert [note for note in notes if len(note) > 11 and note in text] == []
