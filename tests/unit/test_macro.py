"""Series of money, prices and power: FRED in CSV, the energy statistics page by page."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pytest

from headrace.errors import EvidenceError, FetchError, UnknownNameError
from headrace.evidence import concepts, sources
from headrace.evidence.batch import Document
from headrace.evidence.providers import fred, macro, series
from headrace.evidence.providers.series import FredSeries

SEEN = dt.datetime(2026, 8, 21, 12, tzinfo=dt.UTC)
KEY = "a-secret-key"


class Answers:
    """Stands in for the downloader: gives what a function says, and remembers what was asked."""

    def __init__(self, answer: Callable[[str, Mapping[str, str]], bytes]) -> None:
        self.answer, self.asked = answer, []

    def get(self, url: str, params: Mapping[str, str] = {}, secret_params: Mapping[str, str] = {}) -> Document:
        self.asked.append((url, dict(params), dict(secret_params)))
        content = self.answer(url, params)
        return Document(content, url, hashlib.sha256(content).hexdigest(), SEEN)


def read(item: str, content: bytes) -> pd.DataFrame:
    return macro.read(item, Answers(lambda url, params: content)).rows


def test_a_daily_series_keeps_the_last_reading_of_each_month_that_ended() -> None:
    rows = read("dgs10", b"observation_date,DGS10\n2026-06-29,4.20\n2026-06-30,.\n2026-07-30,4.1\n2026-08-20,4.3\n")
    assert rows["value"].tolist() == [0.042, 0.041]
    assert rows["period_end"].dt.date.tolist() == [dt.date(2026, 6, 29), dt.date(2026, 7, 30)]
    assert (rows["period_start"] == rows["period_end"]).all()
    assert rows["calendar_quarter"].tolist() == ["", ""]
    assert rows["filed"].dt.date.tolist() == [dt.date(2026, 6, 30), dt.date(2026, 7, 31)]
    assert rows["filed_estimated"].all()
    assert set(rows["unit"]) == {"1"}


def test_a_month_and_a_quarter_end_on_their_last_day_and_count_from_publication() -> None:
    month = read("cpiaucsl", b"DATE,CPIAUCSL\n2026-02-01,320.5\n").iloc[0]
    assert (month["period_start"].date(), month["period_end"].date()) == (dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    assert month["filed"].date() == dt.date(2026, 3, 15)
    quarter = read("gdp", b"observation_date,GDP\n2026-04-01,31000.5\n").iloc[0]
    assert (quarter["period_end"].date(), quarter["value"]) == (dt.date(2026, 6, 30), 31000.5e9)
    assert quarter["unit"] == "USD per year"
    assert (month["calendar_quarter"], quarter["calendar_quarter"]) == ("", "2026Q2")


def test_a_figure_counts_no_later_than_the_day_it_was_seen() -> None:
    row = read("cpiaucsl", b"observation_date,CPIAUCSL\n2026-07-01,330\n").iloc[0]
    assert row["filed"].date() == dt.date(2026, 8, 15)
    early = fred.figures({dt.date(2026, 7, 1): 330.0}, _fred("cpiaucsl"), dt.date(2026, 8, 12), "here")
    assert early[0].filed == dt.date(2026, 8, 12)


def test_every_series_says_that_its_filing_dates_are_estimated_and_whether_it_is_revised() -> None:
    batch = macro.read("gdp", Answers(lambda url, params: b"observation_date,GDP\n2026-01-01,1\n"))
    assert [finding.kind for finding in batch.findings] == ["estimated_filing_date"]
    assert "revised" in batch.findings[0].text
    assert (batch.table, batch.source, batch.item) == ("facts", "macro", "gdp")
    fixed = macro.read("dgs10", Answers(lambda url, params: b"observation_date,DGS10\n2026-01-02,1\n"))
    assert "revised" not in fixed.findings[0].text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><title>Error - St. Louis Fed</title>", "FRED, DGS10: a web page came"),
        (b"", "the document is empty"),
        (b"observation_date,DGS2\n2026-01-02,4\n", "wanted observation_date and DGS10"),
        (b"observation_date,DGS10,DGS2\n2026-01-02,4,4\n", "one series alone"),
        (b"observation_date,DGS10\n2026-01-02,.\n", "no value of DGS10"),
        (b"observation_date,DGS10\n", "no value of DGS10"),
        (b"observation_date,DGS10\n2026-01-02,4\n2026-01-02,4\n", "2026-01-02 stands twice"),
        (b"observation_date,DGS10\n2027-01-02,4\n", "dated 2027-01-02, after the day it was retrieved, 2026-08-21"),
        (b"observation_date,DGS10\n2026-01-02,NaN\n", "line 2, DGS10: 'NaN' is no finite number"),
        (b"observation_date,DGS10\n2026-01-02,=1+1\n", "is a formula"),
        (b"observation_date,DGS10\n,4\n", "no date"),
        (b"observation_date,DGS10\n2026-08-20,4\n", "no figure in it"),
    ],
)
def test_what_is_not_the_series_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        read("dgs10", content)


@pytest.mark.parametrize(("item", "date"), [("gdp", "2026-02-01"), ("cpiaucsl", "2026-02-02")])
def test_a_date_that_begins_no_period_is_refused(item: str, date: str) -> None:
    with pytest.raises(EvidenceError, match=f"{date} begins no"):
        read(item, f"DATE,{item.upper()}\n{date},1\n".encode())


def test_the_series_of_an_index_house_is_read_by_its_reader_and_never_shipped() -> None:
    rows = read("bamlh0a0hym2", b"observation_date,BAMLH0A0HYM2\n2026-06-30,2.9\n")
    assert rows["value"].tolist() == [0.029]
    with pytest.raises(EvidenceError, match="may not be passed on"):
        sources.check_may_ship("facts.parquet", set(rows["source_id"]))


def row(**changes: Any) -> dict[str, Any]:
    """One row as the service sends it: numbers as text, units beside them."""
    return {
        "period": "2026-05",
        "stateid": "VA",
        "sectorid": "COM",
        "sales": "6800.5",
        "sales-units": "million kilowatt hours",
        "price": "9.5",
        "price-units": "cents per kilowatt-hour",
        "customers": "441468",
        "customers-units": "number of customers",
        **changes,
    }


def answer(rows: list[dict[str, Any]], total: int | str | None = None, **changes: Any) -> bytes:
    body = {"total": str(len(rows)) if total is None else total, "frequency": "monthly", "data": rows, **changes}
    return json.dumps({"response": body}).encode()


@pytest.fixture
def with_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIA_API_KEY", KEY)


def test_states_become_entities_and_columns_concepts(with_key: None) -> None:
    found = read("retail_sales_commercial", answer([row(), row(stateid="US"), row(stateid="SAT")]))
    assert set(found["entity"]) == {"virginia", "united_states"}
    virginia = found[found["entity"] == "virginia"].set_index("concept")
    assert virginia["value"].to_dict() == {
        "electricity_sales_commercial": 6800.5,
        "electricity_price_commercial": 95.0,
        "electricity_customers_commercial": 441468.0,
    }
    assert virginia["unit"].tolist() == ["GWh", "USD per MWh", "customers"]
    assert virginia.loc["electricity_customers_commercial", "period_start"] is pd.NaT
    assert virginia["period_end"].dt.date.unique().tolist() == [dt.date(2026, 5, 31)]


def test_pages_are_asked_for_until_all_rows_are_there_and_the_key_stays_apart(with_key: None) -> None:
    every = [row(period=f"{year}-{month:02d}") for year in range(1400, 1995) for month in range(1, 13)]
    every = [{**one, "period": f"{2020 + place % 6}-{place % 12 + 1:02d}"} for place, one in enumerate(every)][:12]

    def page(url: str, params: Mapping[str, str]) -> bytes:
        offset = int(params["offset"])
        return answer(every[offset : offset + 5], total=len(every))

    answers = Answers(page)
    batch = macro.read("retail_sales_commercial", answers)
    assert [params["offset"] for _, params, _ in answers.asked] == ["0", "5", "10"]
    assert all(secret == {"api_key": KEY} and KEY not in str(params) for _, params, secret in answers.asked)
    assert {params["data[1]"] for _, params, _ in answers.asked} == {"price"}
    assert len(batch.rows) == 3 * len(every)
    assert batch.document.content.count(b'"response"') == 3
    assert batch.document.sha256 == hashlib.sha256(batch.document.content).hexdigest()
    assert KEY not in batch.document.url


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"error": {"code": "API_KEY_INVALID", "message": "An invalid api_key was supplied."}}', "API_KEY_INVALID"),
        (b'{"error": "not found", "code": 404}', "the service answered 'not found'"),
        (b"<html>busy</html>", "no JSON came, '<html>busy"),
        (b"", "no JSON came"),
        (b"[" * 100_000, "no JSON came"),
        (b"[]", "the service answered"),
        (answer([row(sales=float("nan"))]), "NaN is no number"),
        (answer([row(sales="NaN")]), "row 0, sales: 'NaN' is no finite number"),
        (answer([row(sales="=1+1")]), "is a formula"),
        (answer([{k: v for k, v in row().items() if k != "price"}]), "'price' is missing; the service left the column"),
        (answer([row(**{"sales-units": "megawatthours"})]), "sales is in 'megawatthours'; wanted 'million kilowatt"),
        (answer([row(sectorid="ALL")]), "sectorid is 'ALL'; asked for COM"),
        (answer([row(stateid="Virginia")]), "stateid is 'Virginia'"),
        (answer([row(period="2026")]), "period is '2026'"),
        (answer([row(period="2026-13")]), "period is '2026-13'"),
        (answer([row(period="2027-01")]), "begins after the day it was retrieved"),
        (answer([row(), row()]), "virginia, electricity_sales_commercial, 2026-05-31 stands twice"),
        (answer([row()], total=3), "stands twice|an empty page"),
        (answer([], total=3), "an empty page before the end of 3 rows"),
        (answer([], total=0), "no figure in it"),
        (answer([row()], total="many"), "total is 'many'"),
        (answer([row()], total=10**9), "total is '1000000000'"),
        (answer([row()], frequency="annual"), "frequency is 'annual'"),
        (answer(["row"]), "a row is no object"),  # type: ignore[list-item]
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_is_refused(with_key: None, content: bytes, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        read("retail_sales_commercial", content)


def test_a_price_of_nothing_sold_stays_unknown(with_key: None) -> None:
    found = read("retail_sales_commercial", answer([row(price="0", sales=None)]))
    assert found["concept"].tolist() == ["electricity_customers_commercial"]


def test_without_a_key_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EIA_API_KEY", raising=False)
    answers = Answers(lambda url, params: b"")
    with pytest.raises(FetchError, match="EIA_API_KEY is not set; a key is free at"):
        macro.read("retail_sales_all", answers)
    assert answers.asked == []


def test_yearly_capacity_is_a_level_at_the_end_of_its_year(with_key: None) -> None:
    one = {
        "period": "2024", "stateId": "TX", "producertypeid": "TOT", "energysourceid": "ALL",
        "capability": "152000", "capability-units": "megawatts",
    }  # fmt: skip
    found = read("generating_capacity", answer([one], frequency="annual")).iloc[0]
    assert (found["entity"], found["value"], found["unit"]) == ("texas", 152000.0, "MW")
    assert found["period_start"] is pd.NaT
    assert found["period_end"].date() == dt.date(2024, 12, 31)


def test_names_are_found_in_any_case_and_unknown_ones_are_named() -> None:
    assert macro.items(["DGS10", "gdp"]) == ["dgs10", "gdp"]
    assert set(macro.items([])) == set(series.load())
    with pytest.raises(UnknownNameError, match="unknown series 'DGS11'"):
        macro.items(["DGS11"])


def test_every_series_measures_what_its_concept_says() -> None:
    known = concepts.load()
    for one in series.load().values():
        for name in [one.concept] if isinstance(one, FredSeries) else [column.concept for column in one.column]:
            assert name in known
    rates = [one for one in series.load().values() if isinstance(one, FredSeries)]
    assert all(known[one.concept].kind == "rate" for one in rates)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('reader = "fred"', 'reader = "fed"', "reader is 'fed'"),
        ('frequency = "daily"', 'frequency = "weekly"', "frequency is 'weekly'; fred reads daily"),
        ("lag_days = 1", "", "'lag_days' is missing"),
        ("lag_days = 1", "lag_days = 1\nlags = 2", "unknown key 'lags'; near: lag_days"),
        ('concept = "federal_funds_rate"', 'concept = "funds_rate"', "unknown concept 'funds_rate'; near: federal"),
        ('entity = "united_states"', 'entity = "usa"', "unknown entity 'usa'"),
        ('source_id = "fred_interest_rates"', 'source_id = "fred"', "unknown source 'fred'"),
    ],
)
def test_a_broken_declaration_is_refused(old: str, new: str, message: str) -> None:
    text = (
        '[dff]\nreader = "fred"\nseries = "DFF"\nentity = "united_states"\nconcept = "federal_funds_rate"\n'
        'frequency = "daily"\nunit = "1"\nlag_days = 1\nsource_id = "fred_interest_rates"\n'
    )
    assert set(series.read_series(text)) == {"dff"}
    with pytest.raises(EvidenceError, match=rf"series\.toml, \[dff\]: {message}"):
        series.read_series(text.replace(old, new))


def test_a_declaration_without_a_column_is_refused() -> None:
    text = (
        '[x]\nreader = "eia"\nroute = "a"\nplace = "stateid"\nfrequency = "monthly"\nfirst = "2014-01"\n'
        'lag_days = 1\nsource_id = "eia_electricity"\n'
    )
    with pytest.raises(EvidenceError, match=r"\[x\]: no column"):
        series.read_series(text)


def _fred(slug: str) -> FredSeries:
    one = series.load()[slug]
    assert isinstance(one, FredSeries)
    return one
