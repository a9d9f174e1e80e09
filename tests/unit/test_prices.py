"""Month-end closes as they ship, and daily ones of a local store."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

from headrace.evidence import prices
from headrace.evidence.batch import Batch, Document
from headrace.evidence.providers.closes import rows_of_closes
from headrace.evidence.storage import local_store

SEEN = dt.datetime(2026, 8, 21, tzinfo=dt.UTC)


def keep(store: Path, ticker: str, closes: dict[dt.date, float]) -> None:
    content = repr(closes).encode()
    rows, _ = rows_of_closes(
        closes.items(),
        ticker,
        adjusted=True,
        quality="C",
        source_id="imported_closes",
        locator="file.csv",
        seen=SEEN.date(),
        where="file.csv",
    )
    document = Document(content, "file.csv", hashlib.sha256(content).hexdigest(), SEEN)
    local_store.append(Batch("closes", "prices", ticker.lower(), rows, (), document), store)


def test_there_is_one_close_a_ticker_and_month() -> None:
    assert not prices.load(unfinished=True).duplicated(["ticker", "month"]).any()


def test_a_month_that_had_not_ended_is_left_out_unless_asked_for() -> None:
    assert prices.load()["month"].max() == "2026-07"
    assert prices.load(unfinished=True)["month"].max() == "2026-08"


def test_a_ticker_whose_prices_stop_in_mid_month_ends_a_month_earlier() -> None:
    last = prices.load().groupby("ticker")["month"].max()
    assert last["APLD"] == "2026-04"
    assert last["MSFT"] == "2026-07"


def test_every_close_is_positive_and_of_quality_b() -> None:
    table = prices.load(unfinished=True)
    assert (table["close"] > 0).all()
    assert set(table["quality"]) == {"B"}
    assert set(table["source_id"]) == {"month_end_closes"}


def test_without_a_store_there_are_no_daily_closes() -> None:
    table = prices.daily(Path("/nowhere/at/all"))
    assert table.empty
    assert list(table.columns)[:3] == ["ticker", "day", "close"]


def test_daily_closes_are_those_that_were_imported_last(tmp_path: Path) -> None:
    keep(tmp_path, "MSFT", {dt.date(2026, 1, 2): 400.0})
    keep(tmp_path, "NVDA", {dt.date(2026, 1, 2): 150.0})
    keep(tmp_path, "MSFT", {dt.date(2026, 1, 2): 401.0, dt.date(2026, 1, 5): 402.0})
    assert prices.daily(tmp_path, ["MSFT"])["close"].tolist() == [401.0, 402.0]
    assert prices.daily(tmp_path)["ticker"].tolist() == ["MSFT", "MSFT", "NVDA"]


def test_daily_closes_never_join_the_shipped_table(tmp_path: Path) -> None:
    keep(tmp_path, "MSFT", {dt.date(2026, 1, 2): 400.0})
    assert "day" not in prices.load(unfinished=True).columns
