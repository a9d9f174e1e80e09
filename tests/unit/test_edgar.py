"""Which companies EDGAR is asked for, at which address, and what is made of its answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headrace.errors import EvidenceError, FetchError, UnknownNameError
from headrace.evidence import universe
from headrace.evidence.download.client import Downloader
from headrace.evidence.providers import edgar

MICROSOFT = "/api/xbrl/companyfacts/CIK0000789019.json"
TICKERS = "/files/company_tickers.json"
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "edgar"


@pytest.fixture
def client(tmp_path: Path) -> Downloader:
    return Downloader(tmp_path / "cache", attempts=2, first_backoff=0.0, requests_per_second=1e6)


@pytest.fixture
def unverified(monkeypatch: pytest.MonkeyPatch) -> list[universe.Entity]:
    """Two companies that the universe knows by ticker alone."""
    usual = {"role": "supplier", "group": "x", "fiscal_year_end": "12-31", "layer": "memory"}
    entities = [
        universe.Entity("rambus_like", "Rambus Like", "RMBS.A", **usual),
        universe.Entity("other_like", "Other Like", "OTHR", **usual),
    ]
    known = universe.load()
    monkeypatch.setattr(universe, "load", lambda: known | {entity.slug: entity for entity in entities})
    return entities


def test_without_names_every_filer_is_asked_for_and_no_fund() -> None:
    entities = universe.load()
    items = edgar.items([])
    assert {entities[item].role for item in items} == set(universe.ROLES) - {"index"}
    assert [item for item in items if not entities[item].fiscal_year_end] == []
    assert len(items) == len(set(items))


def test_a_company_is_named_by_ticker_or_slug_and_asked_for_once() -> None:
    assert edgar.items(["msft", "MSFT", "microsoft", "META"]) == ["microsoft", "meta"]


def test_an_unknown_name_is_refused_with_near_ones() -> None:
    with pytest.raises(UnknownNameError, match="unknown ticker or entity 'microsft'; did you mean microsoft"):
        edgar.items(["MSFT", "microsft"])


def test_a_fund_files_no_accounts() -> None:
    with pytest.raises(EvidenceError, match=r"SPY: .* is a fund and files no accounts"):
        edgar.items(["SPY"])


def test_a_document_becomes_rows_with_the_filings_it_lists(
    loopback: Any, client: Downloader, companyfacts: Any
) -> None:
    url = loopback.says(MICROSOFT, companyfacts(789019, "MICROSOFT CORP", years=(2021,)))
    batch = edgar.read("microsoft", client)
    assert (batch.table, batch.source, batch.item, batch.document.url) == ("facts", "edgar", "microsoft", url)
    assert batch.rows["calendar_quarter"].tolist() == ["2021Q1", "2021Q2", "2021Q3", "2021Q4"]
    assert batch.rows["value"].tolist() == [1_234_567_891] * 4
    assert batch.filings == {f"0000789019-21-00000{number}" for number in range(1, 5)}


@pytest.mark.parametrize(
    ("cik", "name"), [(1341439, "ORACLE CORP"), (789019, "ORACLE CORP"), (1341439, "MICROSOFT CORP"), (0, "")]
)
def test_the_document_of_another_company_is_refused(
    loopback: Any, client: Downloader, companyfacts: Any, cik: int, name: str
) -> None:
    loopback.says(MICROSOFT, companyfacts(cik, name))
    with pytest.raises(EvidenceError, match=r"CIK0000789019\.json: holds .* wanted 'Microsoft'") as fault:
        edgar.read("microsoft", client)
    assert not isinstance(fault.value, FetchError)


@pytest.mark.parametrize("document", [b"{}", b"[]", b"null", b'{"cik": 789019}', b'"text"'])
def test_a_document_of_another_shape_is_refused(loopback: Any, client: Downloader, document: bytes) -> None:
    loopback.says(MICROSOFT, document)
    with pytest.raises(EvidenceError, match=r"CIK0000789019\.json"):
        edgar.read("microsoft", client)


def test_a_company_without_a_number_is_looked_up_once_for_all(
    loopback: Any, client: Downloader, companyfacts: Any, unverified: Any
) -> None:
    listed = {
        "0": {"cik_str": 917273, "ticker": "RMBS-A", "title": "RAMBUS LIKE INC"},
        "1": {"cik_str": 5, "ticker": "OTHR", "title": "OTHER LIKE INC"},
    }
    loopback.says(TICKERS, json.dumps(listed).encode())
    loopback.says("/api/xbrl/companyfacts/CIK0000917273.json", companyfacts(917273, "RAMBUS LIKE INC"))
    loopback.says("/api/xbrl/companyfacts/CIK0000000005.json", companyfacts(5, "OTHER LIKE INC"))
    assert set(edgar.read("rambus_like", client).rows["entity"]) == {"rambus_like"}
    assert set(edgar.read("other_like", client).rows["entity"]) == {"other_like"}
    assert loopback.paths().count(TICKERS) == 1


def test_a_looked_up_number_with_the_document_of_another_name_is_refused(
    loopback: Any, client: Downloader, companyfacts: Any, unverified: Any
) -> None:
    loopback.says(TICKERS, json.dumps({"0": {"cik_str": 5, "ticker": "OTHR", "title": "STRANGER"}}).encode())
    loopback.says("/api/xbrl/companyfacts/CIK0000000005.json", companyfacts(5, "STRANGER INC"))
    with pytest.raises(EvidenceError, match="holds 'STRANGER INC'"):
        edgar.read("other_like", client)


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ({"0": {"cik_str": 5, "ticker": "OTHER", "title": "x"}}, "no company has the ticker 'OTHR'.*near: OTHER"),
        ({"0": {"cik_str": -5, "ticker": "OTHR", "title": "x"}}, "no company has the ticker 'OTHR'"),
        ({"0": {"cik_str": "5", "ticker": "OTHR"}}, "no list of companies"),
        ([], "no list of companies"),
        ({}, "no company has the ticker 'OTHR'.*near: none"),
    ],
)
def test_a_ticker_that_the_sec_does_not_know_is_refused(
    loopback: Any, client: Downloader, unverified: Any, listed: Any, message: str
) -> None:
    loopback.says(TICKERS, json.dumps(listed).encode())
    with pytest.raises(EvidenceError, match=message):
        edgar.read("other_like", client)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the collected documents are not here")
@pytest.mark.parametrize("ticker", ["AMZN", "NVDA", "VRT"])
def test_a_real_document_becomes_rows_that_a_store_takes(
    loopback: Any, client: Downloader, tmp_path: Path, ticker: str
) -> None:
    from headrace.evidence.storage.local_store import append

    (item,) = edgar.items([ticker])
    cik = universe.load()[item].cik
    loopback.says(f"/api/xbrl/companyfacts/CIK{cik}.json", (SHARED / f"{ticker}.json").read_bytes())
    batch = edgar.read(item, client)
    assert len(batch.filings) > 30
    assert {number for locator in batch.rows["locator"] for number in locator.split(" - ")} <= batch.filings
    assert append(batch, tmp_path / "store").rows == len(batch.rows) > 300
