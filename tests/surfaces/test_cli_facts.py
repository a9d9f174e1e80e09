"""``headrace facts`` as a user runs it: fetch from a server on this machine, then ask, check, overview and export.

The documents are synthetic: one figure is restated a year after it was first filed.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer

from headrace import service
from headrace.cli import main

CAPEX = "PaymentsToAcquirePropertyPlantAndEquipment"
ADDRESS = "/api/xbrl/companyfacts/CIK{:010d}.json"
FIRST, RESTATED = 10_500_000_000, 11_250_000_000

Invoke = Callable[..., Result]


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run ``headrace facts`` in this process, in an empty folder, with an empty store of one's own."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["facts", *arguments])

    return command


@pytest.fixture
def document(filings: ModuleType) -> Callable[..., bytes]:
    """What a company has filed: four quarters, the first of them restated a year later."""

    def make(slug: str = "microsoft", restated: int = RESTATED) -> bytes:
        filed = filings.Filings.of(slug)
        for number, (day, form) in enumerate(
            [("2024-04-25", "10-Q"), ("2024-07-30", "10-Q"), ("2024-10-30", "10-Q"), ("2025-01-29", "10-Q")], 1
        ):
            filed.says(CAPEX, filings.quarter(2024, number), FIRST + (number - 1) * 500_000_000, day, form)
        return filed.says(CAPEX, filings.quarter(2024, 1), restated, "2025-04-30").document()

    return make


@pytest.fixture
def sec(httpserver: HTTPServer, document: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    """A server in place of the SEC that has Microsoft's document, and somebody to write to."""
    monkeypatch.setenv("HEADRACE_SEC_URL", httpserver.url_for("").rstrip("/"))
    monkeypatch.setenv("HEADRACE_CONTACT", "Jane Doe jane@example.org")
    httpserver.expect_request(ADDRESS.format(789019)).respond_with_data(document(), content_type="application/json")
    return httpserver


@pytest.fixture
def fetched(sec: HTTPServer, facts: Invoke) -> Invoke:
    """``headrace facts`` after Microsoft has been fetched."""
    assert facts("fetch", "MSFT").exit_code == 0
    return facts


def rows_of(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_a_fetch_says_what_became_of_each_item(sec: HTTPServer, facts: Invoke, own_store: Path) -> None:
    first = facts("fetch", "msft", "--format", "csv")
    assert [(row["item"], row["result"], row["rows"]) for row in rows_of(first)] == [("microsoft", "added", "5")]
    assert "edgar: microsoft (1 of 1)" in first.stderr
    assert "1 items: 1 added; 5 rows" in first.stderr
    assert sorted(path.name for path in own_store.iterdir()) == ["VERSION", "cache", "closes", "facts", "lock"]
    again = facts("fetch", "msft", "--format", "json")
    assert [(row["item"], row["result"], row["rows"]) for row in json.loads(again.stdout)] == [
        ("microsoft", "unchanged", 5)
    ]


def test_one_item_that_fails_does_not_stop_the_others_and_is_exit_1(sec: HTTPServer, facts: Invoke) -> None:
    result = facts("fetch", "META", "MSFT")
    assert result.exit_code == 1
    header, meta, microsoft = result.stdout.splitlines()
    assert header.split() == ["source", "item", "result", "rows", "findings", "text"]
    assert meta.split()[:3] == ["edgar", "meta", "failed"]
    assert microsoft.split()[:4] == ["edgar", "microsoft", "added", "5"]
    assert "2 items: 1 added, 1 failed" in result.stderr


def test_a_document_of_another_company_is_refused(sec: HTTPServer, facts: Invoke, document: Any) -> None:
    sec.expect_request(ADDRESS.format(1326801)).respond_with_data(document("oracle"), content_type="application/json")
    result = facts("fetch", "META", "--format", "csv")
    assert result.exit_code == 1
    assert [row["result"] for row in csv.DictReader(io.StringIO(result.stdout))] == ["refused"]


def test_offline_reads_the_cache_and_asks_nobody(fetched: Invoke, sec: HTTPServer) -> None:
    asked = len(sec.log)
    result = fetched("fetch", "MSFT", "--offline", "--format", "csv")
    assert [row["result"] for row in rows_of(result)] == ["unchanged"]
    assert len(sec.log) == asked


def test_closes_of_a_file_are_taken_in_without_asking(facts: Invoke, tmp_path: Path) -> None:
    (tmp_path / "closes.csv").write_text("Date,Ticker,Adj Close\n2026-08-20,MSFT,500.5\n2026-08-21,NVDA,180.25\n")
    result = facts("fetch", "--source", "prices", "--from", "closes.csv", "--format", "csv")
    assert [(row["item"], row["result"]) for row in rows_of(result)] == [("msft", "added"), ("nvda", "added")]


@pytest.mark.parametrize(("as_of", "value"), [("2025-04-29", FIRST), ("2025-04-30", RESTATED), (None, RESTATED)])
def test_a_restated_figure_is_what_had_been_filed_by_then(fetched: Invoke, as_of: str | None, value: int) -> None:
    day = ["--as-of", as_of] if as_of else []
    rows = rows_of(fetched("query", "--entity", "msft", "--concept", "capital_expenditure", *day, "--format", "csv"))
    assert [float(row["value"]) for row in rows if row["calendar_quarter"] == "2024Q1"] == [value]


def test_every_vintage_is_there_when_asked_for(fetched: Invoke) -> None:
    which = ["--entity", "msft", "--concept", "capital_expenditure", "--vintages", "--format", "json"]
    rows = json.loads(fetched("query", *which).stdout)
    assert [(row["filed"], row["value"]) for row in rows if row["calendar_quarter"] == "2024Q1"] == [
        ("2024-04-25", FIRST),
        ("2025-04-30", RESTATED),
    ]


def test_a_table_is_scaled_and_says_where_each_figure_stands(fetched: Invoke) -> None:
    result = fetched("query", "--entity", "msft", "--concept", "capital_expenditure")
    heading, columns, *lines = result.stdout.splitlines()
    assert heading == "microsoft  capital_expenditure  [USD bn]"
    assert columns.split() == ["period", "ends", "value", "status", "quality", "filed", "locator"]
    (line,) = [line for line in lines if line.startswith("2024Q1")]
    assert line.split()[:6] == ["2024Q1", "2024-03-31", "11.250", "reported", "A", "2025-04-30"]


def test_an_estimated_day_and_a_late_figure_are_marked_and_explained(facts: Invoke) -> None:
    result = facts("query", "--entity", "nvidia", "--concept", "data_centre_revenue")
    filed = [line.split()[5] for line in result.stdout.splitlines()[2:]]
    assert filed
    assert all(day.startswith("~20") for day in filed)
    assert "~ the day of filing is not recorded" in result.stderr
    late = facts("query", "--entity", "nvidia", "--concept", "depreciation_and_amortisation")
    assert [line.split()[6] for line in late.stdout.splitlines() if line.startswith("2020Q4")] == ["late"]
    assert "late: first filed more than" in late.stderr


def test_years_are_there_only_when_asked_for(facts: Invoke) -> None:
    which = ["query", "--entity", "msft", "--concept", "revenue", "--format", "csv"]
    assert all(row["calendar_quarter"] for row in rows_of(facts(*which)))
    assert not all(row["calendar_quarter"] for row in rows_of(facts(*which, "--years")))


def test_months_and_years_are_named_where_no_quarter_is(facts: Invoke) -> None:
    rate = facts("query", "--concept", "federal_funds_rate", "--as-of", "2024-06-30").stdout.splitlines()
    assert rate[0] == "united_states  federal_funds_rate  [1]"
    assert rate[-1].split()[:2] == ["day", "2024-05-31"]
    index = facts("query", "--concept", "consumer_price_index", "--as-of", "2024-06-30").stdout.splitlines()
    assert index[-1].split()[:2] == ["2024-05", "2024-05-31"]
    years = facts("query", "--entity", "msft", "--concept", "revenue", "--years").stdout
    assert {line.split()[1][5:] for line in years.splitlines() if line.startswith("year")} == {"06-30"}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_what_is_missing_is_empty_and_never_nan(form: str, facts: Invoke) -> None:
    result = facts("query", "--entity", "msft", "--concept", "inventory", "--format", form)
    assert result.exit_code == 0
    assert "nan" not in result.stdout.lower().replace("finance", "")
    assert "nat" not in result.stdout.lower()
    rows = json.loads(result.stdout) if form == "json" else rows_of(result)
    assert {row["period_start"] for row in rows} == {None if form == "json" else ""}


def test_machine_formats_give_what_python_gives(facts: Invoke) -> None:
    known = service.evidence("msft", "revenue", as_of="2024-06-30")
    rows = json.loads(
        facts("query", "--entity", "msft", "--concept", "revenue", "--as-of", "2024-06-30", "--format", "json").stdout
    )
    assert list(rows[0]) == list(known.columns)
    assert [row["value"] for row in rows] == known["value"].tolist()


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_query_goes_into_a_file_as_it_would_to_the_screen(form: str, facts: Invoke, tmp_path: Path) -> None:
    which = ["query", "--entity", "msft", "--concept", "revenue", "--format", form]
    printed = facts(*which).stdout
    assert facts(*which, "--out", "revenue.txt").stdout == ""
    assert (tmp_path / "revenue.txt").read_text(encoding="utf-8") == printed


def test_parquet_goes_into_a_file_or_down_a_pipe(facts: Invoke, tmp_path: Path) -> None:
    import duckdb

    which = ["query", "--entity", "msft", "--concept", "revenue", "--vintages", "--format", "parquet"]
    rows = service.evidence("msft", "revenue", vintages=True)
    assert facts(*which, "--out", "revenue.parquet").exit_code == 0
    (tmp_path / "piped.parquet").write_bytes(facts(*which).stdout_bytes)
    for name in ("revenue", "piped"):
        assert len(duckdb.sql(f"FROM '{tmp_path / name}.parquet'").df()) == len(rows), name


def test_nothing_filed_by_then_is_said(facts: Invoke) -> None:
    result = facts(
        "query", "--entity", "coreweave", "--concept", "revenue", "--as-of", "2024-12-31", "--format", "json"
    )
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "no figures" in result.stderr


def test_check_counts_by_kind_and_lists_each_finding(facts: Invoke) -> None:
    table = facts("check", "--entity", "nvidia")
    assert table.exit_code == 0
    sums, rows = table.stdout.split("\n\n")
    assert sums.splitlines()[0].split() == ["kind", "findings", "meaning"]
    counted = {line.split()[0]: int(line.split()[1]) for line in sums.splitlines()[1:]}
    listed = [line.split()[0] for line in rows.splitlines()[1:]]
    assert counted == {kind: listed.count(kind) for kind in listed}
    found = json.loads(facts("check", "--entity", "nvidia", "--kind", "gap", "--format", "json").stdout)
    assert len(found) == counted["gap"]
    assert {finding["kind"] for finding in found} == {"gap"}


def test_only_a_strict_check_fails_and_only_for_what_contradicts(facts: Invoke) -> None:
    assert facts("check").exit_code == 0
    assert facts("check", "--kind", "gap", "--strict").exit_code == 0
    assert len(rows_of(facts("check", "--kind", "sum_mismatch", "--format", "csv"))) > 0
    assert facts("check", "--kind", "sum_mismatch", "--strict").exit_code == 1


def test_a_refused_row_of_a_fetch_is_in_the_check(sec: HTTPServer, facts: Invoke, filings: ModuleType) -> None:
    wrong = filings.Filings.of("meta").says(CAPEX, filings.quarter(2024, 1), 5_000, "2024-04-25")
    wrong.says(CAPEX, filings.quarter(2024, 2), -7_000, "2024-07-30")
    sec.expect_request(ADDRESS.format(1326801)).respond_with_data(wrong.document(), content_type="application/json")
    assert facts("fetch", "META").exit_code == 0
    refused = [
        row for row in rows_of(facts("check", "--entity", "meta", "--format", "csv")) if row["refused"] == "true"
    ]
    assert [row["kind"] for row in refused] == ["sign"]
    assert facts("check", "--entity", "meta", "--kind", "sign", "--strict").exit_code == 1


@pytest.mark.parametrize("by", ["entity", "group", "concept", "source"])
def test_the_overview_adds_up_whatever_it_is_by(by: str, facts: Invoke) -> None:
    rows = rows_of(facts("status", "--by", by, "--format", "csv"))
    assert sum(int(row["figures"]) for row in rows) == len(service.evidence())
    assert len({row[by] for row in rows}) == len(rows)


def test_the_overview_says_where_the_store_is_and_what_lies_in_it(fetched: Invoke, own_store: Path) -> None:
    inside = json.loads(fetched("status", "--format", "json").stdout)["store"]
    assert inside["path"] == str(own_store)
    assert (inside["schema"], inside["generations"], inside["items"], inside["cached_documents"]) == (1, 1, 1, 1)
    assert inside["size"] == sum(path.stat().st_size for path in (own_store / "facts").iterdir())
    said = fetched("status").stdout.splitlines()[-1]
    assert f"store: {own_store}, schema 1, 1 generations of 1 items" in said


def test_a_store_that_is_not_there_yet_is_no_fault(facts: Invoke, own_store: Path) -> None:
    assert facts("status").stdout.splitlines()[-1] == f"store: {own_store}, nothing fetched yet"
    assert "that come with headrace alone" in facts("status", "--store", "shipped").stdout
    assert not own_store.exists()


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (["--out", "facts.csv"], "entity,concept,period_start"),
        (["--out", "facts.txt", "--format", "csv"], "entity,concept,period_start"),
        (["--out", "facts.csv", "--format", "iamc"], "model,scenario,region,variable,unit,time,value"),
    ],
)
def test_an_export_is_a_file_in_the_form_asked_for(
    arguments: list[str], first: str, fetched: Invoke, tmp_path: Path
) -> None:
    result = fetched("export", *arguments, "--entity", "msft", "--concept", "capital_expenditure")
    assert result.exit_code == 0, result.output
    path = tmp_path / arguments[1]
    assert result.stdout == f"{arguments[1]}\n"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    assert header.startswith(first)
    assert any("2024-03-31" in row and "11250000000" in row for row in rows)


def test_an_export_by_its_ending_is_parquet(facts: Invoke, tmp_path: Path) -> None:
    facts("export", "--out", "facts.parquet", "--entity", "msft")
    assert (tmp_path / "facts.parquet").read_bytes()[:4] == b"PAR1"


def test_the_sources_in_the_help_are_those_that_can_be_fetched(facts: Invoke) -> None:
    said = " ".join(facts("fetch", "--help").stdout.split())
    *others, last = service.fetchable()
    assert f"Whom to ask: {', '.join(others)} or {last}." in said


def test_the_kinds_that_are_strict_are_those_of_the_service(facts: Invoke) -> None:
    from headrace.service.facts import CONTRADICTIONS

    said = " ".join(facts("check", "--help").stdout.split())
    *others, last = CONTRADICTIONS
    assert f"the kinds {', '.join(others)} and {last};" in said
