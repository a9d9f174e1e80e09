"""Series, tables and closes fetched into a store from a server on this machine, good answers and bad ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headrace.evidence import concepts, facts, fetch, prices
from headrace.evidence.download.client import Downloader

KEY = "a-key-that-nobody-may-see"
FRED = "/graph/fredgraph.csv"
SALES = "/v2/electricity/retail-sales/data/"
SITES = "/data/data_centers/data_center_timelines.csv"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def client(store: Path, monkeypatch: pytest.MonkeyPatch) -> Downloader:
    monkeypatch.setenv("EIA_API_KEY", KEY)
    monkeypatch.setenv("TIINGO_API_KEY", KEY)
    return Downloader(store / "cache", attempts=2, first_backoff=0.0, requests_per_second=1e6, total_seconds=20)


def sold(price: str) -> bytes:
    row = {
        "period": "2026-05", "stateid": "VA", "sectorid": "COM", "sales": "6800.5", "price": price, "customers": "9",
        "sales-units": "million kilowatt hours", "price-units": "cents per kilowatt-hour",
        "customers-units": "number of customers",
    }  # fmt: skip
    return json.dumps({"response": {"total": "1", "frequency": "monthly", "data": [row]}}).encode()


def outcomes(source: str, names: list[str], store: Path, client: Downloader) -> list[tuple[str, str]]:
    return [(one.item, one.result) for one in fetch.fetch(source, names, store, client)]


def test_a_fetched_series_takes_the_place_of_the_shipped_figures_that_it_holds(
    loopback: Any, store: Path, client: Downloader
) -> None:
    loopback.says(FRED, b"observation_date,GDP\n2025-01-01,30000\n2025-04-01,30500\n")
    assert outcomes("macro", ["GDP"], store, client) == [("gdp", "added")]
    assert outcomes("macro", ["gdp"], store, client) == [("gdp", "unchanged")]
    gdp = "concept == 'gross_domestic_product_annual_rate'"
    before = facts.load().query(gdp).set_index("calendar_quarter")["value"]
    after = facts.load(store=store).query(gdp).set_index("calendar_quarter")["value"]
    assert after["2025Q1"] == 30000e9 != before["2025Q1"]
    assert after.drop(["2025Q1", "2025Q2"]).equals(before.drop(["2025Q1", "2025Q2"]))


def test_a_bad_answer_refuses_one_series_and_leaves_what_is_in_the_store(
    loopback: Any, says: Any, store: Path, client: Downloader
) -> None:
    loopback.says(FRED, says(b"observation_date,DFF\n2026-01-30,4.5\n2026-02-27,4.4\n"))
    assert outcomes("macro", ["dff"], store, client) == [("dff", "added")]
    for body in (b"", b"<html>maintenance</html>", b"observation_date,DGS10\n2026-01-30,4.5\n", b"x,DFF\n1,2\n"):
        loopback.says(FRED, says(body))
        ((_, result),) = outcomes("macro", ["dff"], store, client)
        assert result in ("refused", "failed")
    loopback.says(FRED, says(b"gone", 404))
    assert outcomes("macro", ["dff"], store, client) == [("dff", "failed")]
    held = facts.load(store=store, years=True).query("concept == 'federal_funds_rate' and filed >= '2026-01-31'")
    assert held["value"].head(2).tolist() == [0.045, 0.044]


def test_the_key_of_the_energy_statistics_is_nowhere_in_the_store(
    loopback: Any, store: Path, client: Downloader
) -> None:
    loopback.says(SALES, sold("9.5"))
    assert outcomes("macro", ["retail_sales_commercial"], store, client) == [("retail_sales_commercial", "added")]
    assert any(KEY in path for path in loopback.paths())
    for path in store.rglob("*"):
        assert KEY not in path.name
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path
    loopback.says(SALES, sold("NaN"))
    (outcome,) = fetch.fetch("macro", ["retail_sales_commercial"], store, client)
    assert (outcome.result, KEY in outcome.text) == ("refused", False)
    assert "price: 'NaN' is no finite number" in outcome.text


def test_sites_are_facts_of_the_store_and_their_powers_are_not_added(
    loopback: Any, store: Path, client: Downloader
) -> None:
    header = b"Date,IT power (MW),Power (MW),H100 equivalents,Total capital cost (2025 USD billions),Data center\n"
    loopback.says(SITES, header + b"2026-03-31,80,100,5e4,2.5,Meta Temple\n2099-01-01,800,1000,,,Meta Temple\n")
    assert outcomes("epoch", ["data_centres"], store, client) == [("data_centres", "added")]
    held = facts.load(store=store, years=True).query("entity == 'site_meta_temple'")
    assert concepts.total(held.query("concept == 'site_facility_power'"), "entities") == 100.0
    assert held.query("concept == 'site_facility_power_planned'")["value"].tolist() == [1000.0]


def test_closes_of_a_vendor_are_in_the_store_and_an_error_in_their_place_is_refused(
    loopback: Any, store: Path, client: Downloader
) -> None:
    row = {"date": "2026-01-02T00:00:00.000Z", "close": 800.0, "adjClose": 400.0}
    loopback.says("/tiingo/daily/msft/prices", json.dumps([row]).encode())
    loopback.says("/tiingo/daily/nvda/prices", b'{"detail": "Error: Ticker NVDA not found"}')
    loopback.says("/tiingo/daily/amd/prices", b"[]")
    found = fetch.fetch("prices", ["MSFT", "NVDA", "AMD"], store, client)
    assert [(one.item, one.result) for one in found] == [("msft", "added"), ("nvda", "refused"), ("amd", "refused")]
    assert "Ticker NVDA not found" in found[1].text
    assert prices.daily(store)["close"].tolist() == [400.0]
