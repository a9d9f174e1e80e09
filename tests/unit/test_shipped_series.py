"""Series and shares that ship: made from collected copies, without what may not be passed on."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from headrace.errors import EvidenceError
from headrace.evidence import concepts, places, sources
from headrace.evidence.providers.observations import facts_rows

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_collected_figures = pytest.mark.skipif(not SHARED.is_dir(), reason="the collected figures are not here")


@pytest.fixture(autouse=True)
def _scripts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root / "scripts"))


def copy(folder: Path, series: str, *values: tuple[str, float], name: str = "") -> None:
    observations = [{"date": date, "value": value} for date, value in values]
    text = json.dumps({"series_id": series, "fetched_at": "2026-08-21T15:58:05+00:00", "observations": observations})
    (folder / f"{name or series}.json").write_text(text, encoding="utf-8")


def macro(folder: Path) -> tuple[pd.DataFrame, Counter[str]]:
    from evidence_build.macro_series import read_macro

    report: Counter[str] = Counter()
    return facts_rows(read_macro(folder, report), "copies"), report


def electricity(folder: Path, *rows: str) -> pd.DataFrame:
    from evidence_build.electricity import read_electricity

    path = folder / "secondary_figures.csv"
    header = "topic,entity,metric,period,value,unit,url_or_ref,quality,note"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return facts_rows(read_electricity(path, Counter()), "electricity")


def test_month_ends_ship_and_the_series_of_an_index_house_does_not(tmp_path: Path) -> None:
    copy(tmp_path, "DGS10", ("2026-06-29", 4.1), ("2026-06-30", 4.2), ("2026-08-20", 4.3))
    copy(tmp_path, "BAMLH0A0HYM2", ("2026-06-30", 2.9), ("2026-07-31", 3.0))
    rows, report = macro(tmp_path)
    assert rows["value"].tolist() == [0.042]
    assert set(rows["concept"]) == {"treasury_yield_10_year"}
    assert report["left out: series that may not be passed on"] == 2
    assert report["left out: days of a daily series that end no month"] == 2
    sources.check_may_ship("facts.parquet", set(rows["source_id"]))


def test_a_copy_that_holds_another_series_is_refused(tmp_path: Path) -> None:
    copy(tmp_path, "DGS10", ("2026-06-30", 4.2), name="DFF")
    with pytest.raises(EvidenceError, match=r"DFF\.json: holds 'DGS10'"):
        macro(tmp_path)


def test_a_row_with_two_figures_becomes_two_and_a_forecast_none(tmp_path: Path) -> None:
    eia = "https://www.eia.gov/electricity/monthly/epm_table_grapher.php?t=epmt_5_6_a"
    rows = electricity(
        tmp_path,
        f'electricity,Virginia,"retail price, commercial (a)",2026-07,10.21 -> 11.68,cents/kWh,{eia},B,',
        "electricity,ERCOT,large load approved to energize / observed operating,2026-03,9.042 / 3.883,GW,"
        "https://lli-radar.pallara.xyz/,B,",
        "electricity,US,EIA STEO electricity sales 2026 / 2027,2026-09-09,4135 / 4211,TWh,https://www.eia.gov/steo/,B,",
    )
    found = rows.set_index(["entity", "concept", rows["period_end"].dt.strftime("%Y-%m")])["value"].to_dict()
    assert found == {
        ("virginia", "electricity_price_commercial", "2025-07"): 102.1,
        ("virginia", "electricity_price_commercial", "2026-07"): 116.8,
        ("ercot", "large_load_approved", "2026-03"): 9.042,
        ("ercot", "large_load_operating", "2026-03"): 3.883,
    }
    assert rows["filed_estimated"].all()


def test_a_page_without_a_source_record_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"unknown source 'https://example\.org/x'.*add it to SOURCE_OF"):
        electricity(
            tmp_path, "electricity,ERCOT,large-load interconnection queue,2026-03,9,GW,https://example.org/x,B,"
        )


def test_shares_of_states_are_fractions_of_known_places_and_a_contradicted_one_is_left_out(tmp_path: Path) -> None:
    from evidence_build.electricity import read_load_shares

    path = tmp_path / "parameters.csv"
    path.write_text(
        "symbol,value,low,high,source_url\n"
        "dc.us_share.2025,0.045,0.04,0.05,https://example.org\n"
        "dc.us_share.2030,0.13,0.09,0.17,https://example.org\n",
        encoding="utf-8",
    )
    rows = facts_rows(read_load_shares(path, Counter()), "shares")
    assert set(rows["entity"]) <= set(places.load())
    assert rows["value"].between(0, 0.3).all()
    assert "north_dakota" not in set(rows["entity"])
    assert set(rows["period_end"].dt.year) == {2023, 2025}
    newest = rows[rows["period_end"].dt.year == 2025].set_index("concept")["value"].to_dict()
    assert newest == {"data_centre_share_of_electricity_low": 0.04, "data_centre_share_of_electricity_high": 0.05}
    assert (rows["calendar_quarter"] == "").all()


def test_a_share_has_no_sum() -> None:
    with pytest.raises(EvidenceError, match="share or yearly rate has no sum"):
        concepts.check_additive(["data_centre_share_of_electricity"], "entities")


@needs_collected_figures
def test_the_collected_copies_are_read_to_the_last_row() -> None:
    from evidence_build.electricity import read_electricity, read_load_shares

    rows, report = macro(SHARED / "macro")
    assert rows.groupby("concept").size().to_dict() == {
        "consumer_price_index": 318,
        "federal_funds_rate": 319,
        "gross_domestic_product_annual_rate": 106,
        "treasury_yield_10_year": 319,
    }
    collected = [json.loads(path.read_text(encoding="utf-8")) for path in (SHARED / "macro").glob("*.json")]
    left_out = sum(count for line, count in report.items() if line.startswith("left out"))
    assert len(rows) + left_out == sum(len(one["observations"]) for one in collected)
    more = [
        *read_load_shares(SHARED / "parameters.csv", report),
        *read_electricity(SHARED / "secondary_figures.csv", report),
    ]
    sources.check_may_ship("facts.parquet", {one.source_id for one in more})
    virginia = {one.end.year: one.value for one in more if one.entity == "virginia" and one.unit == "1"}
    assert virginia == {2023: 0.256, 2025: 0.25}


@needs_collected_figures
def test_the_last_reading_of_a_month_is_the_one_that_was_collected() -> None:
    rows, _ = macro(SHARED / "macro")
    copy = json.loads((SHARED / "macro" / "DGS10.json").read_text(encoding="utf-8"))
    last: dict[str, float] = {}
    for row in copy["observations"]:
        last[row["date"][:7]] = row["value"]
    yields = rows[rows["concept"] == "treasury_yield_10_year"]
    for row in yields.itertuples():
        assert row.value == pytest.approx(last[row.period_end.strftime("%Y-%m")] / 100, abs=1e-12)
    assert yields["period_end"].max() < pd.Timestamp(dt.date(2026, 8, 1))


def test_a_revenue_that_two_tables_grade_differently_carries_the_worse_grade() -> None:
    from headrace.evidence import facts

    known = facts.load()
    newest = known[(known["entity"] == "nvidia") & (known["concept"] == "data_centre_revenue")].iloc[-1]
    assert (newest["period_end"].date(), newest["quality"]) == (dt.date(2026, 7, 26), "C")


@needs_collected_figures
def test_that_revenue_is_second_hand_in_the_collected_figures() -> None:
    with (SHARED / "secondary_figures.csv").open(encoding="utf-8", newline="") as lines:
        (row,) = [row for row in csv.DictReader(lines) if row["topic"] == "nvda_dc" and row["period"] == "2026-07-26"]
    assert (row["quality"], row["value"]) == ("C", "~89")
