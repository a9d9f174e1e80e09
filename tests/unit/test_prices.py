"""Month-end closes."""

from __future__ import annotations

from headrace.evidence import prices


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
