"""Daily closes from files that a person has, and from a vendor with a key."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import EvidenceError, FetchError, UnknownNameError
from headrace.evidence import sources, universe
from headrace.evidence.batch import Batch, Document
from headrace.evidence.providers import price_files, price_sources
from headrace.evidence.storage.store import TABLES

SEEN = dt.datetime(2026, 8, 21, 12, tzinfo=dt.UTC)
KEY = "a-secret-key"
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "prices_daily.csv.gz"


def imported(folder: Path, text: str, name: str = "closes.csv", **how: Any) -> list[Batch]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return price_files.read_file(path, SEEN, **how)


def parquet(folder: Path, query: str, name: str = "closes.parquet") -> Path:
    path = folder / name
    duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


@pytest.mark.parametrize("close", ["Adj Close", "adj_close", "adjClose", "Adjusted Close", "close_adj", "AdjClose"])
@pytest.mark.parametrize("ticker", ["Ticker", "symbol", "Symbol"])
def test_columns_are_found_under_their_usual_names(tmp_path: Path, close: str, ticker: str) -> None:
    header = f"Date,{ticker},Open,Close,{close}\n"
    text = header + "2026-01-05,NVDA,1,2,151\n2026-01-02,msft,1,2,400.5\n2026-01-02,NVDA,1,2,150\n"
    batches = imported(tmp_path, text)
    assert [batch.item for batch in batches] == ["msft", "nvda"]
    nvidia = batches[1].rows
    assert nvidia["close"].tolist() == [150.0, 151.0]
    assert nvidia["day"].dt.date.tolist() == [dt.date(2026, 1, 2), dt.date(2026, 1, 5)]
    assert list(nvidia.columns) == list(TABLES["closes"])
    assert nvidia["adjusted"].all()
    assert set(nvidia["unit"]) == {"USD per share, adjusted"}
    assert set(nvidia["locator"]) == {"closes.csv"}


def test_a_file_of_one_ticker_is_named_for_it_or_told(tmp_path: Path) -> None:
    text = "Date,Open,Adj Close,Volume\n2026-01-02,1,400.5,7\n"
    assert imported(tmp_path, text, "MSFT.csv")[0].item == "msft"
    assert imported(tmp_path, text, "download.csv", ticker="nvda")[0].item == "nvda"
    with pytest.raises(UnknownNameError, match=r"other\.csv: unknown ticker 'OTHER'"):
        imported(tmp_path, text, "other.csv")


def test_a_wide_file_has_a_column_a_ticker_and_gaps_stay_gaps(tmp_path: Path) -> None:
    text = "Date,MSFT,CRWV,ZZZZ\n2014-01-02,30,,1\n2026-01-02,400,80,1\n"
    with pytest.raises(EvidenceError, match="a column a ticker does not say whether closes are adjusted"):
        imported(tmp_path, text)
    coreweave, microsoft = imported(tmp_path, text, adjusted=True)
    assert (coreweave.item, coreweave.rows["close"].tolist()) == ("crwv", [80.0])
    assert microsoft.rows["close"].tolist() == [30.0, 400.0]
    assert [(one.kind, one.entity) for one in coreweave.findings] == [("left_out", "ZZZZ")]


def test_parquet_is_read_like_csv(tmp_path: Path) -> None:
    rows = (
        "SELECT * FROM (VALUES (TIMESTAMP '2026-01-02 16:00', 'MSFT', 400.5::FLOAT, 1), "
        "(TIMESTAMP '2026-01-05 16:00', 'MSFT', NULL, 1), (TIMESTAMP '2026-01-06 16:00', 'MSFT', 402, 1)) "
        't("Date", "Ticker", "adj_close", "Volume")'
    )
    (batch,) = price_files.read_file(parquet(tmp_path, rows), SEEN)
    assert batch.rows["close"].tolist() == [400.5, 402.0]
    assert batch.rows["day"].dt.date.tolist() == [dt.date(2026, 1, 2), dt.date(2026, 1, 6)]
    assert [(one.kind, one.text) for one in batch.findings] == [("left_out", "1 days without a close")]
    wide = parquet(tmp_path, "SELECT DATE '2026-01-02' AS date, 'NaN'::DOUBLE AS MSFT, 150.0 AS NVDA", "wide.pq")
    assert [one.item for one in price_files.read_file(wide, SEEN, adjusted=True)] == ["nvda"]


def test_a_parquet_file_with_a_broken_day_or_close_is_refused(tmp_path: Path) -> None:
    no_day = parquet(tmp_path, "SELECT NULL::TIMESTAMP AS date, 'MSFT' AS ticker, 1.0 AS adj_close")
    with pytest.raises(EvidenceError, match=r"closes\.parquet, row 1: 'NaT' is no day"):
        price_files.read_file(no_day, SEEN)
    endless = parquet(tmp_path, "SELECT DATE '2026-01-02' AS date, 'MSFT' AS ticker, 'inf'::DOUBLE AS adj_close")
    with pytest.raises(EvidenceError, match="'inf' is no finite number"):
        price_files.read_file(endless, SEEN)
    (tmp_path / "text.parquet").write_text("Date,Adj Close\n", encoding="utf-8")
    with pytest.raises(EvidenceError, match="no Parquet file"):
        price_files.read_file(tmp_path / "text.parquet", SEEN)


def test_unadjusted_closes_are_refused_unless_the_reader_says_which_they_are(tmp_path: Path) -> None:
    text = "Date,Ticker,Close\n2026-01-02,MSFT,400\n"
    with pytest.raises(
        EvidenceError, match=r"'Close' alone does not say whether closes are adjusted.*jump at every split"
    ):
        imported(tmp_path, text)
    assert imported(tmp_path, text, adjusted=True)[0].rows["adjusted"].tolist() == [True]
    told = imported(tmp_path, text, adjusted=False)[0].rows
    assert (told["adjusted"].tolist(), set(told["unit"])) == ([False], {"USD per share"})
    both = "Date,Ticker,Close,Adj Close\n2026-01-02,MSFT,400,390\n"
    assert imported(tmp_path, both)[0].rows["close"].tolist() == [390.0]
    assert imported(tmp_path, both, adjusted=False)[0].rows["close"].tolist() == [400.0]
    with pytest.raises(EvidenceError, match="there is no other column of closes"):
        imported(tmp_path, "Date,Ticker,Adj Close\n2026-01-02,MSFT,400\n", adjusted=False)


@pytest.mark.parametrize(("after", "split"), [(40.0, 10), (100.0, 4), (4000.0, 10), (133.0, 3)])
def test_a_jump_of_the_size_of_a_split_is_flagged(tmp_path: Path, after: float, split: int) -> None:
    (batch,) = imported(tmp_path, f"Date,Ticker,Adj Close\n2026-01-02,MSFT,400\n2026-01-05,MSFT,{after}\n")
    (finding,) = batch.findings
    assert (finding.kind, finding.where, finding.refused) == ("jump", "2026-01-05", False)
    assert f"as in a split by {split}, although it is said to be adjusted" in finding.text


def test_an_ordinary_day_and_a_long_gap_are_not_flagged(tmp_path: Path) -> None:
    text = "Date,Ticker,Adj Close\n2020-01-02,MSFT,100\n2026-01-02,MSFT,400\n2026-01-05,MSFT,340\n"
    assert imported(tmp_path, text)[0].findings == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the document is empty"),
        ("<html>Too many requests</html>", "a web page came"),
        ('{"error": "limit"}', "JSON came"),
        ("Ticker,Adj Close\nMSFT,1\n", "no column of dates"),
        ("Date,Ticker,Volume\n2026-01-02,MSFT,1\n", "no column of closes"),
        ("Date,Ticker,Adj Close\n", "no row in it"),
        ("Date,Ticker,Adj Close\n2026-01-02,MSFT,0\n", "MSFT closed at 0.0 on 2026-01-02"),
        ("Date,Ticker,Adj Close\n2026-01-02,MSFT,-1\n", "closed at -1.0"),
        ("Date,Ticker,Adj Close\n2026-01-02,MSFT,NaN\n", "line 2, Adj Close: 'NaN' is no finite number"),
        ("Date,Ticker,Adj Close\n2026-01-02,MSFT,null\n", "'null' is no finite number"),
        ("Date,Ticker,Adj Close\n2026-01-02,MSFT,=1+1\n", "is a formula"),
        ("Date,Ticker,Adj Close\n2026-01-02,MSFT,1\n2026-01-02,MSFT,2\n", "closed twice on 2026-01-02, at 1 and 2"),
        ("Date,Ticker,Adj Close\n2027-01-02,MSFT,1\n", "a close dated 2027-01-02; wanted one up to 2026-08-21"),
        ("Date,Ticker,Adj Close\n1026-01-02,MSFT,1\n", "a close dated 1026-01-02"),
        ("Date,Ticker,Adj Close\n01/02/2026,MSFT,1\n", "is no day; wanted YYYY-MM-DD"),
        ("Date,Ticker,Adj Close\n2026-02-30,MSFT,1\n", "is no day"),
        ("Date,Ticker,Adj Close\n2026-01-02,../MSFT,1\n", "is no ticker"),
        ("Date,Ticker,Adj Close\n2026-01-02,MSFT,\n", "no close of MSFT in it"),
        ("Date,Ticker,Adj Close\n2026-01-02,ZZZZ,1\n", "unknown ticker 'ZZZZ'"),
        ("Date,Ticker,Adj Close\n2026-01-02,ZZZZ,1\n2026-01-02,YYYY,1\n", "none of its 2 tickers is in universe"),
        ("Date,Ticker,Adj Close\n2026-01-02,MSFT," + "9" * 150_000 + "\n", "field larger than field limit"),
    ],
)
def test_what_cannot_be_closes_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises((EvidenceError, UnknownNameError), match=message):
        imported(tmp_path, text)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="neither CSV nor Parquet"):
        imported(tmp_path, "Date", "closes.xlsx")
    with pytest.raises(EvidenceError, match="no such file"):
        price_files.read_file(tmp_path / "gone.csv", SEEN)


def test_closes_that_were_imported_are_never_shipped(tmp_path: Path) -> None:
    rows = imported(tmp_path, "Date,Ticker,Adj Close\n2026-01-02,MSFT,1\n")[0].rows
    for source_id in ({"tiingo_closes"}, set(rows["source_id"])):
        with pytest.raises(EvidenceError, match="may not be passed on"):
            sources.check_may_ship("prices.parquet", source_id)


class Answer:
    """Stands in for the downloader."""

    def __init__(self, content: bytes) -> None:
        self.content, self.url, self.params, self.secret_params = content, "", {}, {}

    def get(self, url: str, params: Mapping[str, str] = {}, secret_params: Mapping[str, str] = {}) -> Document:
        self.url, self.params, self.secret_params = url, params, secret_params
        return Document(self.content, url, hashlib.sha256(self.content).hexdigest(), SEEN)


@pytest.fixture
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIINGO_API_KEY", KEY)
    monkeypatch.delenv("HEADRACE_PRICES_URL", raising=False)
    monkeypatch.delenv("HEADRACE_PRICES_VENDOR", raising=False)


def row(day: str = "2026-01-02", **changes: Any) -> dict[str, Any]:
    return {"date": f"{day}T00:00:00.000Z", "close": 800.0, "adjClose": 400.0, "splitFactor": 1.0, **changes}


def sold(*rows: object) -> bytes:
    return json.dumps(rows).encode()


@pytest.mark.usefixtures("_key")
def test_a_vendor_is_asked_for_adjusted_closes_with_the_key_apart() -> None:
    answer = Answer(sold(row(), row("2026-01-05", adjClose=402.5)))
    batch = price_sources.read("brk.b", answer)
    assert answer.url == "https://api.tiingo.com/tiingo/daily/brk-b/prices"
    assert answer.secret_params == {"token": KEY}
    assert KEY not in answer.url + str(answer.params) + batch.document.url
    assert batch.rows["close"].tolist() == [400.0, 402.5]
    assert (batch.table, batch.source, batch.item) == ("closes", "prices", "brk.b")
    assert set(batch.rows["ticker"]) == {"BRK.B"}


@pytest.mark.usefixtures("_key")
def test_a_mirror_may_serve_the_vendor_in_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_PRICES_URL", "http://127.0.0.1:8/mirror")
    answer = Answer(b"date,close,adjClose\n2026-01-02,800,400\n")
    assert price_sources.read("msft", answer).rows["close"].tolist() == [400.0]
    assert answer.url == "http://127.0.0.1:8/mirror/tiingo/daily/msft/prices"


@pytest.mark.usefixtures("_key")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "tiingo, MSFT: no close of MSFT in it"),
        (b"", "no prices came but ''"),
        (b'{"detail": "Error: Ticker MSFT not found"}', "Ticker MSFT not found"),
        (b'{"detail": "Invalid token."}', "Invalid token"),
        (b"Error: You have run over your hourly request allocation.", "no prices came but 'Error: You have run over"),
        (b"<h1>Not Found</h1>", "no prices came but '<h1>Not Found"),
        (b"None", "no prices came but 'None'"),
        (b"3", "'3' is no list of prices"),
        (b"[1]", "is no list of prices"),
        (b"[" * 100_000, "no prices came"),
        (sold({"date": "2026-01-02", "close": 1.0}), "row 0, adjClose: 'None' is no finite number"),
        (sold(row(adjClose=float("nan"))), "'nan' is no finite number"),
        (sold(row(adjClose=None)), "'None' is no finite number"),
        (sold(row(adjClose="=1+1")), "is a formula"),
        (sold(row(adjClose=0)), "closed at 0.0"),
        (sold(row("2027-01-02")), "a close dated 2027-01-02"),
        (sold(row(), row()), "closed twice"),
        (sold(row(date=None)), "'None' is no day"),
        (b"date,close\n2026-01-02,1\n", "column 'adjClose' is missing"),
        (b"date,adjClose\n2026-01-02,\n", "no adjClose"),
    ],
)
def test_an_empty_answer_and_an_error_in_its_place_are_errors(content: bytes, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        price_sources.read("msft", Answer(content))


def test_without_a_key_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIINGO_API_KEY", raising=False)
    with pytest.raises(FetchError, match=r"MSFT: TIINGO_API_KEY is not set; .* or import a file"):
        price_sources.read("msft", Answer(b""))


@pytest.mark.usefixtures("_key")
def test_an_unknown_vendor_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_PRICES_VENDOR", "tingo")
    with pytest.raises(UnknownNameError, match=r"HEADRACE_PRICES_VENDOR: unknown vendor of prices 'tingo'.*tiingo"):
        price_sources.read("msft", Answer(b""))


def test_names_are_tickers_or_slugs_and_everyone_when_there_is_none() -> None:
    assert price_sources.items(["MSFT", "nvidia", "msft"]) == ["msft", "nvda"]
    assert price_sources.items(["sap"]) == ["sap"]
    assert len(price_sources.items([])) == len(universe.load())
    with pytest.raises(UnknownNameError, match="unknown ticker 'MSFTT'; did you mean MSFT"):
        price_sources.items(["MSFTT"])


@given(st.binary(max_size=200))
def test_any_answer_is_closes_or_one_named_fault(content: bytes) -> None:
    try:
        found = price_sources.VENDORS["tiingo"].answer(content, "here")
    except EvidenceError as fault:
        text = str(fault)
    else:
        text = "here" if all(isinstance(day, dt.date) for day, _ in found) else ""
    assert text.startswith("here")


@pytest.mark.skipif(not SHARED.is_file(), reason="the collected closes are not here")
def test_the_collected_daily_closes_are_read_and_agree_with_the_month_ends_that_ship(tmp_path: Path) -> None:
    from headrace.evidence import prices

    path = tmp_path / "daily.csv"
    path.write_bytes(gzip.decompress(SHARED.read_bytes()))
    batches = {batch.item: batch for batch in price_files.read_file(path, SEEN)}
    assert len(batches) == 103
    for ticker in ("msft", "nvda", "vrt"):
        daily = batches[ticker].rows.set_index("day")["close"]
        last = daily.groupby(daily.index.strftime("%Y-%m")).last()
        shipped = prices.load().query("ticker == @ticker.upper()").set_index("month")["close"]
        pd.testing.assert_series_equal(last.reindex(shipped.index), shipped, rtol=1e-3, check_names=False)
