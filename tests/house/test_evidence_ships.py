"""What the wheel carries: whose figures, under which licence, and that the build makes them again."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from headrace.evidence import facts, places, prices, sources, universe
from headrace.evidence.filings.quarters import DERIVATIONS
from headrace.evidence.storage.store import whole_table
from headrace.variables import table

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_collected_figures = pytest.mark.skipif(not SHARED.is_dir(), reason="the collected figures are not here")


@pytest.fixture
def scripts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The build scripts, importable."""
    monkeypatch.syspath_prepend(str(root / "scripts"))


@pytest.mark.parametrize("name", ["facts", "past_cycles", "prices"])
def test_every_source_of_a_shipped_table_has_a_record_that_allows_it(name: str) -> None:
    sources.check_may_ship(f"{name}.parquet", set(whole_table(name)["source_id"]))


def test_every_source_of_a_shipped_figure_can_be_opened() -> None:
    records = sources.load()
    for source_id in set(facts.vintages()["source_id"]) | set(prices.load()["source_id"]):
        assert records[source_id].url.startswith("https://"), source_id


def test_no_figure_is_better_than_its_source() -> None:
    records = sources.load()
    best = facts.vintages().groupby("source_id")["quality"].min()
    for source_id, quality in best.items():
        assert quality >= records[str(source_id)].quality, source_id


def test_every_source_of_facts_and_prices_is_used_or_forbidden(root: Path) -> None:
    text = (root / "src/headrace/data/sources.toml").read_text(encoding="utf-8")
    used = set(facts.vintages()["source_id"]) | set(prices.load()["source_id"])
    for source_id, record in sources.read_records(text, "sources.toml").items():
        assert (source_id in used) != (record.redistribution == "not_allowed"), source_id


def test_no_series_of_an_index_house_and_no_daily_price_ships(root: Path) -> None:
    tables = sorted(path.name for path in (root / "src/headrace/data").glob("*.parquet"))
    assert tables == ["facts.parquet", "past_cycles.parquet", "prices.parquet"]
    assert "ice_bofa_high_yield_spread" not in set(facts.vintages()["source_id"])
    assert prices.load(unfinished=True)["month"].str.fullmatch(r"\d{4}-\d{2}").all()
    assert not list((root / "src/headrace").rglob("*daily*"))


def test_every_figure_says_where_it_is_from() -> None:
    for locator in facts.vintages()["locator"].unique():
        assert re.search(r"^https://|\d{10}-\d{2}-\d{6}", locator), locator


def test_every_entity_and_ticker_is_in_the_universe() -> None:
    entities = universe.load()
    filers, tickers = set(facts.vintages()["entity"]), set(prices.load(unfinished=True)["ticker"])
    assert filers <= set(entities) | set(places.load())
    assert tickers <= {entity.ticker for entity in entities.values()}


def test_concepts_and_the_table_that_describes_them_agree(root: Path) -> None:
    concepts = tomllib.loads((root / "src/headrace/data/concepts.toml").read_text(encoding="utf-8"))
    known = facts.vintages()
    shipped = set(known["concept"])
    assert shipped <= set(concepts)
    stocks = set(known.loc[known["period_start"].isna(), "concept"])
    assert stocks == {name for name in shipped if concepts[name]["kind"] == "stock"}
    assert {variable.history for variable in table().values()} - {None} <= set(concepts)


def test_statuses_qualities_and_units_are_those_of_the_schema() -> None:
    known = facts.vintages()
    assert set(known["status"]) <= {"reported", "derived", "estimated"}
    assert set(known["quality"]) == {"A", "B", "C"}
    filed = known[known["entity"].isin(universe.load())]
    assert set(filed["unit"]) == {"USD", "shares"}
    assert set(known.loc[known["unit"] == "shares", "concept"]) == {"diluted_shares"}
    assert set(known["derivation"]) == set(DERIVATIONS)
    assert ((known["derivation"] != "") == (known["status"] == "derived")).all()
    assert known["value"].notna().all()
    assert (known["filed"] > known["period_end"]).all()


def test_two_vintages_of_a_figure_never_share_a_filing_date() -> None:
    assert not facts.vintages().duplicated(["entity", "concept", "period_end", "filed"]).any()


@needs_collected_figures
def test_the_build_makes_the_shipped_tables_again_byte_by_byte(scripts: None, root: Path, tmp_path: Path) -> None:
    from build_evidence import build

    data = root / "src/headrace/data"
    (tmp_path / "concepts.toml").write_bytes((data / "concepts.toml").read_bytes())
    build(SHARED, SHARED / "edgar", tmp_path)
    tables = ("facts.parquet", "past_cycles.parquet", "past_cycles.toml", "prices.parquet")
    for name in (*tables, "shipped_accelerators.toml", "frontier_sites.toml"):
        assert (tmp_path / name).read_bytes() == (data / name).read_bytes(), name


@needs_collected_figures
def test_nothing_is_lost_between_the_collected_rows_and_the_facts(scripts: None) -> None:
    from evidence_build.quarterly_facts import CONCEPT_OF, WITH_FINANCE_LEASES

    collected = pd.read_csv(SHARED / "quarterly_facts.csv", low_memory=False)
    slug = {entity.ticker: entity.slug for entity in universe.load().values()}
    known = facts.vintages()  # a figure restated since it was collected is there with its older value too
    days = known["period_end"].dt.strftime("%Y-%m-%d")
    here = set(zip(known["entity"], known["concept"], days, known["value"], strict=True))
    lost = []
    for row in collected.itertuples():
        concept = CONCEPT_OF.get(row.concept) or WITH_FINANCE_LEASES.get(row.ticker)
        if (slug[row.ticker], concept, row.period_end, float(round(row.value_usd))) not in here:
            lost.append((row.ticker, row.period_end, row.concept))
    assert lost == [
        ("AMZN", "2014-12-31", "operating_income"),  # filed as 591, collected as a difference of 590
        ("IBM", "2020-12-31", "gross_profit"),
        ("IBM", "2020-12-31", "revenue"),
        ("META", "2016-12-31", "operating_cash_flow"),  # collected as a difference of two bases
        ("NRG", "2016-06-30", "capex"),
        ("NVDA", "2026-07-26", "capex_ytd"),
        ("NVDA", "2016-01-31", "long_term_debt"),  # a zero that only holds a place
        ("ORCL", "2022-05-31", "long_term_debt"),
        ("VRT", "2024-06-30", "operating_cash_flow"),  # half a year restated, its first quarter not
    ]


@needs_collected_figures
def test_calendar_quarters_are_those_that_were_collected(scripts: None) -> None:
    from evidence_build.quarterly_facts import concept_of

    collected = pd.read_csv(SHARED / "quarterly_facts.csv", low_memory=False).query("concept != 'capex_ytd'")
    slug = {entity.ticker: entity.slug for entity in universe.load().values()}
    known = facts.load()
    days = known["period_end"].dt.strftime("%Y-%m-%d")
    ours = dict(zip(zip(known["entity"], known["concept"], days, strict=True), known["calendar_quarter"], strict=True))
    for row in collected.itertuples():
        key = slug[row.ticker], concept_of(row.ticker, row.concept), row.period_end
        if key in ours:
            assert ours[key] == row.calendar_quarter, key


@needs_collected_figures
def test_fiscal_years_end_where_the_universe_says(scripts: None) -> None:
    from evidence_build.figures import ends_fiscal_year

    collected = pd.read_csv(SHARED / "quarterly_facts.csv", low_memory=False)
    fourth = collected[collected["fiscal_period"].fillna("").str.endswith("Q4")]
    ends = fourth.groupby("ticker")["period_end"].agg(lambda days: days.mode().max())
    traded = {entity.ticker: entity for entity in universe.load().values()}
    for ticker, end in ends.items():
        assert ends_fiscal_year(pd.Timestamp(end).date(), traded[str(ticker)]), (ticker, end)


@needs_collected_figures
def test_a_file_that_holds_another_company_is_refused(scripts: None, tmp_path: Path) -> None:
    from collections import Counter

    from evidence_build.companyfacts import read_companyfacts
    from headrace.errors import EvidenceError

    (tmp_path / "MSFT.json").write_bytes((SHARED / "edgar" / "ORCL.json").read_bytes())
    entities = {entity.ticker: entity for entity in universe.load().values()}
    with pytest.raises(EvidenceError, match=r"MSFT\.json: holds 'Oracle Corporation'.*wanted 'Microsoft'"):
        read_companyfacts(tmp_path, entities, Counter())


def test_of_two_claims_the_better_quality_wins_whatever_the_order(scripts: None) -> None:
    import datetime as dt
    from collections import Counter

    from evidence_build.figures import Figure, Vintage, settle_claims

    def claim(quality: str, value: float) -> Figure:
        vintage = Vintage(value, dt.date(2026, 7, 30), False, "https://example.org")
        return Figure("meta", "revenue", None, dt.date(2026, 6, 30), "reported", quality, quality, None, (vintage,))

    report: Counter[str] = Counter()
    for order in ([claim("A", 1.0), claim("B", 2.0)], [claim("B", 2.0), claim("A", 1.0)]):
        assert [kept.quality for kept in settle_claims(order, report)] == ["A"]
    assert report == {"left out: B repeats A (revenue), DIFFERS": 2}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rows: rows.concept_of("MSFT", "capexx"), "unknown concept 'capexx'; near: capex"),
        (lambda rows: rows.concept_of("AMZN", "capex_incl_finance_leases"), "'AMZN'.*read how it is defined"),
        (lambda rows: rows.source_of("A blog"), "unknown source 'A blog'.*sources.toml"),
    ],
)
def test_what_the_build_has_not_met_before_is_named(
    scripts: None, call: Callable[[ModuleType], str], message: str
) -> None:
    from evidence_build import quarterly_facts
    from headrace.errors import EvidenceError

    with pytest.raises(EvidenceError, match=message):
        call(quarterly_facts)


def test_a_missing_folder_is_named_without_a_traceback(
    scripts: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from build_evidence import main

    nowhere = tmp_path / "nowhere"
    assert main(["--figures", str(nowhere), "--edgar", str(nowhere), "--out", str(tmp_path)]) == 1
    assert "quarterly_facts.csv" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
