"""Past cycles: what ships, what a day hides, the panel; and what the build leaves out of a planted table."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from headrace.errors import PeriodError, UnknownNameError
from headrace.evidence import past_cycles, sources, universe
from headrace.periods import quarter_index

KEY = ["cycle", "entity", "concept", "calendar_quarter"]


def test_every_quarter_of_a_series_is_there_once_with_its_filing() -> None:
    table = past_cycles.load()
    assert not table.duplicated(KEY).any()
    assert table["locator"].str.contains(r"\d{10}-\d{2}-\d{6}").all()
    assert (table["filed"] > table["period_end"]).all()
    assert (table["period_end"] - table["period_start"]).dt.days.between(84, 98).all()
    assert set(table["status"]) == {"reported", "derived"}
    assert set(table["source_id"]) <= sources.load().keys()


def test_spending_and_revenue_are_never_negative() -> None:
    table = past_cycles.load()
    assert (table.loc[table["concept"].isin(["capital_expenditure", "revenue"]), "value"] >= 0).all()


def test_who_ships_has_six_years_of_both_and_is_named_as_in_the_universe() -> None:
    table = past_cycles.load()
    counts = table.groupby(["entity", "concept"]).size()
    for filer in past_cycles.ledger().filers:
        assert filer.ships == (filer.slug in set(table["entity"])), filer
        if filer.ships:
            assert min(counts[filer.slug, "capital_expenditure"], counts[filer.slug, "operating_cash_flow"]) >= 24
        if filer.slug in universe.load():
            assert universe.load()[filer.slug].ticker == filer.ticker


def test_what_was_left_out_is_not_there_and_has_a_reason() -> None:
    here = past_cycles.load().set_index(["entity", "concept", "period_end"])["value"]
    known = past_cycles.ledger()
    assert known.left_out
    for one in known.left_out:
        assert (one.entity, one.concept, pd.Timestamp(one.period_end)) not in here.index, one
        assert one.reason
    for one in known.surprising:
        assert here[one.entity, one.concept, pd.Timestamp(one.period_end)] == one.value


def test_a_day_hides_quarters_that_were_filed_after_it() -> None:
    table = past_cycles.load("telecom", as_of="2015-12-31")
    assert 0 < len(table) < len(past_cycles.load("telecom"))
    assert (table["filed"] <= pd.Timestamp("2015-12-31")).all()
    assert past_cycles.panel("telecom", as_of="2015-12-31")["quarter"].values[-1] == "2015Q3"
    with pytest.raises(PeriodError, match="before the first filing"):
        past_cycles.load(as_of="1999-12-31")
    with pytest.raises(PeriodError, match="tomorrow"):
        past_cycles.load(as_of="tomorrow")


def test_a_quarter_that_was_tagged_a_year_later_is_late() -> None:
    table = past_cycles.load("railroads")
    assert table.loc[table["calendar_quarter"] == "2008Q2", "late"].all()
    assert not table.loc[table["calendar_quarter"] == "2015Q2", "late"].any()


def test_a_cycle_that_is_not_there_is_refused_with_its_neighbours() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown cycle 'railroad'.*railroads"):
        past_cycles.panel("railroad")


@pytest.mark.parametrize("cycle", list(past_cycles.ledger().cycles))
def test_a_panel_is_a_full_rectangle_and_holds_every_row_once(cycle: str) -> None:
    panel, table = past_cycles.panel(cycle), past_cycles.load(cycle)
    indices = [quarter_index(quarter) for quarter in panel["quarter"].values.tolist()]
    assert np.diff(indices).tolist() == [1] * (len(indices) - 1)
    for name in past_cycles.PANEL:
        rows = table[table["concept"] == name]
        assert int(panel[name].notnull().sum()) == len(rows)
        assert float(panel[name].sum()) == pytest.approx(rows["value"].sum() / 1e9)
        known = panel["first_vintage"].sel(variable=name)
        assert int(known.sum()) == int(rows["first_vintage"].sum())
        assert bool(panel[name].notnull().where(known, True).all())


def test_a_figure_of_a_panel_is_that_of_the_table_in_billions() -> None:
    """Union Pacific, April to June 2015: a half year less its first quarter."""
    table = past_cycles.load("railroads")
    row = table[(table["entity"] == "union_pacific") & (table["concept"] == "capital_expenditure")]
    row = row[row["calendar_quarter"] == "2015Q2"].iloc[0]
    panel = past_cycles.panel("railroads")["capital_expenditure"].sel(entity="union_pacific", quarter="2015Q2")
    assert panel.item() == pytest.approx(row["value"] / 1e9)
    assert row["status"] == "derived"
    assert " - " in row["locator"]


def planted(ticker: str = "CSX", **changed: float) -> list[dict[str, str]]:
    """Thirty quarters of spending and cash flow of 100, each from its own report; ``q5 = -7`` changes one."""
    rows = []
    for place in range(30):
        start = dt.date(2010 + place // 4, place % 4 * 3 + 1, 1)
        end = dt.date(start.year + (start.month == 10), (start.month + 2) % 12 + 1, 1) - dt.timedelta(days=1)
        for concept in ("capex", "operating_cash_flow"):
            value = changed.get(f"q{place}", 100.0) if concept == "capex" else 100.0
            rows.append(
                {
                    "cycle": "railroad",
                    "entity": ticker,
                    "ticker": ticker,
                    "period_start": start.isoformat(),
                    "period_end": end.isoformat(),
                    "concept": concept,
                    "value_usd": f"{value:.0f}",
                    "derived": "1" if place % 4 else "0",
                    "xbrl_tag": "PaymentsToAcquirePropertyPlantAndEquipment",
                    "source_ref": f"{_accession(place)} - {_accession(place - 1)} | a copy"
                    if place % 4
                    else f"{_accession(place)} | a copy",
                    "first_filed": (end + dt.timedelta(days=30)).isoformat(),
                }
            )
    return rows


def _accession(place: int) -> str:
    return f"0000000001-{10 + (place + 1) // 4:02d}-{place % 4:06d}"


def built(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: Sequence[Mapping[str, str]],
    first: Sequence[Mapping[str, str]] = (),
) -> tuple[pd.DataFrame, dict[str, list[dict[str, object]]], Counter[str]]:  # fmt: skip
    """The table, the ledger and the report that the build makes of planted rows."""
    monkeypatch.syspath_prepend(str(root / "scripts"))
    from evidence_build.past_cycles import write_past_cycles

    columns = {"cycles.csv": list(rows[0]), "first.csv": ["ticker", "concept", "period_end", "value_first_reported"]}
    for name, content in (("cycles.csv", rows), ("first.csv", first)):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, columns[name])
            writer.writeheader()
            writer.writerows(content)
    report: Counter[str] = Counter()
    write_past_cycles(tmp_path / "cycles.csv", tmp_path / "first.csv", tmp_path, report)
    ledger = tomllib.loads((tmp_path / "past_cycles.toml").read_text(encoding="utf-8"))
    return _read(tmp_path), ledger, report


def _read(folder: Path) -> pd.DataFrame:
    import duckdb

    return duckdb.sql(f"SELECT * FROM read_parquet('{folder}/past_cycles.parquet')").df()


def test_a_clean_table_goes_through_whole(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table, ledger, report = built(root, tmp_path, monkeypatch, planted())
    assert len(table) == report["rows out: past_cycles.parquet"] == 60
    assert ledger.get("left_out", []) == []
    assert table["first_vintage"].all()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"q5": -7.0}, "sign"),
        ({"q5": 900.0}, "far"),
        ({"q5": 9.0}, "far"),
    ],
)
def test_a_quarter_that_cannot_be_right_is_left_out_by_name(
    changed: dict[str, float], reason: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, ledger, _ = built(root, tmp_path, monkeypatch, planted(**changed))
    assert [(row["period_end"], str(row["reason"]).split(":")[0]) for row in ledger["left_out"]] == [
        (dt.date(2011, 6, 30), reason)
    ]
    assert len(table) == 59


def test_a_difference_that_subtracts_a_wrong_sign_goes_with_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first quarter is filed with a minus, so half a year less it is too large by twice its size."""
    _, ledger, _ = built(root, tmp_path, monkeypatch, planted(q4=-100.0, q5=300.0))
    assert [str(row["reason"]).split(":")[0] for row in ledger["left_out"]] == ["sign", "difference"]


def test_a_surprise_that_was_filed_as_such_is_kept_and_named(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, ledger, _ = built(root, tmp_path, monkeypatch, planted(q4=900.0))
    assert len(table) == 60
    assert [row["value"] for row in ledger["surprising"]] == [900.0]


def test_a_second_figure_for_one_quarter_is_left_out(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = [{**row, "period_end": "2011-07-02"} for row in planted() if row["period_end"] == "2011-06-30"]
    _, ledger, _ = built(root, tmp_path, monkeypatch, [*planted(), *again])
    assert {str(row["reason"]).split(":")[0] for row in ledger["left_out"]} == {"repeated"}
    assert len(ledger["left_out"]) == 2


def test_too_few_quarters_keep_a_filer_out(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = [row for row in planted("NSC") if row["concept"] != "capex" or row["period_end"] < "2014"]
    table, ledger, _ = built(root, tmp_path, monkeypatch, [*planted(), *short])
    assert set(table["entity"]) == {"csx"}
    assert {str(row["slug"]): row["ships"] for row in ledger["entity"]}["norfolk_southern"] is False


def test_the_value_that_was_reported_first_takes_the_place_of_the_last_one(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{**row, "source_ref": "0000000001-19-000001 | a copy", "derived": "0"} for row in planted()]
    first = [{"ticker": "CSX", "concept": "capex", "period_end": "2011-06-30", "value_first_reported": "80"}]
    table, ledger, _ = built(root, tmp_path, monkeypatch, rows, first)
    assert ledger["first_vintages"] == {"compared": 1, "restated": 1}
    known = table[table["first_vintage"]]
    assert known["value"].tolist() == [80.0]
    assert known["locator"].tolist() == ["report filed 2011-07-30; restated in 0000000001-19-000001"]


def test_rows_of_another_company_under_one_number_are_left_out(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ledger, report = built(root, tmp_path, monkeypatch, [*planted(), *planted("TMUS")])
    assert report["left out: past cycles, other company"] == 2 * 12
    assert {row["entity"] for row in ledger["left_out"]} == {"t_mobile_us"}
