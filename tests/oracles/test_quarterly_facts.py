"""Quarterly facts: collected quarters against those derived from EDGAR's own files.

Expected: of the collected quarters 4,208 are reproduced, 16 are explained and 309 are not in the files.
Source: EDGAR companyfacts, <https://www.sec.gov/search-filings/edgar-application-programming-interfaces>.
Differs: Sixteen collected values are not our newest, because eleven were restated since and five stand in no vintage of
    ours, each with its reason in the script that reproduces them.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from headrace.evidence import universe
from headrace.evidence.filings import quarters

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
EDGAR = SHARED / "edgar"
pytestmark = pytest.mark.skipif(not EDGAR.is_dir(), reason="the EDGAR files are not here")

RESTATED = {
    # The newest report says another value than the collected table, which stopped at an earlier one.
    ("AMD", "inventory", "2016-12-31"),
    ("AMD", "operating_cash_flow", "2015-12-26"),
    ("AMD", "operating_cash_flow", "2018-12-29"),
    ("ANET", "capital_expenditure", "2016-12-31"),
    ("ETN", "total_assets", "2014-12-31"),
    ("ETN", "total_assets", "2015-12-31"),
    ("NVDA", "capital_expenditure", "2014-10-26"),
    ("NVDA", "gross_profit", "2014-10-26"),
    ("NVDA", "gross_profit", "2015-10-25"),
    ("NVDA", "net_income", "2015-10-25"),
    ("VRT", "operating_cash_flow", "2024-09-30"),
}
NOT_OURS = {
    # No vintage of ours has the collected value; REASONS in the script says why.
    ("AMZN", "operating_income", "2014-12-31"),
    ("META", "operating_cash_flow", "2016-12-31"),
    ("NVDA", "long_term_debt", "2016-01-31"),
    ("ORCL", "long_term_debt", "2022-05-31"),
    ("VRT", "operating_cash_flow", "2024-06-30"),
}
ABSENT = {
    "AMD": 4, "AMZN": 4, "ANET": 4, "ETN": 4, "GOOGL": 44, "META": 43, "MSFT": 56, "NVDA": 146, "VST": 4,
}  # fmt: skip


@pytest.fixture
def script(root: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(root / "scripts")
    spec = importlib.util.spec_from_file_location("reproduce_quarters", root / "scripts" / "reproduce_quarters.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "reproduce_quarters", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def found(script: ModuleType) -> list[Any]:
    every: list[Any] = script.reproduce(SHARED / "quarterly_facts.csv", EDGAR)
    return every


def keys(found: list[Any]) -> set[tuple[str, str, str]]:
    return {(figure.ticker, figure.concept, figure.period_end) for figure in found}


def test_every_collected_quarter_in_the_files_is_reproduced_or_explained(found: list[Any]) -> None:
    outcomes = Counter(figure.outcome for figure in found)
    assert outcomes == {"reproduced": 4208, "exception": 16, "absent": 309}
    assert keys([figure for figure in found if figure.outcome == "exception"]) == RESTATED | NOT_OURS
    assert all(figure.reason != "nobody knows why yet" for figure in found)


def test_a_collected_value_that_was_restated_is_one_of_our_dated_vintages(found: list[Any]) -> None:
    restated = [figure for figure in found if "restated to" in figure.reason]
    assert keys(restated) == RESTATED
    for figure in restated:
        ours = vintages(entity_of(figure.ticker), figure.concept, figure.period_end)
        assert figure.value in ours.tolist()[:-1]


def test_what_the_files_lack_is_counted_by_filer_and_reason(found: list[Any]) -> None:
    absent = [figure for figure in found if figure.outcome == "absent"]
    assert Counter(figure.ticker for figure in absent) == ABSENT
    assert all(
        figure.reason.startswith(("the file has no tag", "the file ends", "operating_cash")) for figure in absent
    )


def test_the_script_prints_every_number_of_it(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["--figures", str(SHARED / "quarterly_facts.csv"), "--edgar", str(EDGAR)]) == 0
    printed = capsys.readouterr().out
    assert "  4,533  collected figures" in printed
    assert "  4,224  with tag and last day" in printed
    assert printed.count("restated to") == len(RESTATED)
    assert "49  NVDA: the file has no tag PropertyPlantAndEquipmentNet" in printed
    counts = [int(line.split()[0].replace(",", "")) for line in printed.splitlines() if ": the file" in line]
    assert sum(counts) == 309 - 1  # one was collected without a tag


def test_a_missing_table_is_an_error_and_no_traceback(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main(["--figures", str(tmp_path / "none.csv"), "--edgar", str(EDGAR)]) == 1
    assert "reproduce_quarters:" in capsys.readouterr().err


# --- What was known when


def entity_of(ticker: str) -> str:
    (slug,) = [slug for slug, entity in universe.load().items() if entity.ticker == ticker]
    return slug


@cache
def derived(slug: str) -> pd.DataFrame:
    entity = universe.load()[slug]
    document = (EDGAR / f"{entity.ticker}.json").read_bytes()
    return quarters.facts_of(document, entity, f"{entity.ticker}.json", dt.date(2026, 11, 22))[0]


def vintages(slug: str, concept: str, end: str) -> pd.Series:
    """Values of a quarter by day of filing."""
    frame = derived(slug)
    frame = frame[(frame["concept"] == concept) & (frame["period_end"] == end) & (frame["calendar_quarter"] != "")]
    return frame.set_index("filed")["value"]


def as_of(slug: str, concept: str, end: str, day: str) -> float | None:
    known = vintages(slug, concept, end)[:day]
    return None if known.empty else float(known.iloc[-1]) / 1e6


@pytest.mark.parametrize(
    ("slug", "concept", "end", "day", "before", "after"),
    [
        # Revenue under ASC 606, first in the annual report of the next year.
        ("microsoft", "revenue", "2017-06-30", "2018-08-03", 23_317, 25_605),
        # Taxes on share-based pay under ASU 2016-09, in the annual report of the same year.
        ("meta", "net_income", "2016-03-31", "2017-02-03", 1_510, 1_738),
        ("meta", "operating_cash_flow", "2016-06-30", "2017-02-03", 3_198, 3_665),
        ("amd", "inventory", "2016-12-31", "2019-02-08", 751, 691),
    ],
)
def test_a_restated_figure_has_its_old_value_the_day_before(
    slug: str, concept: str, end: str, day: str, before: float, after: float
) -> None:
    day_before = f"{pd.Timestamp(day) - pd.Timedelta(days=1):%Y-%m-%d}"
    assert as_of(slug, concept, end, day_before) == before
    assert as_of(slug, concept, end, day) == after


def test_no_figure_is_known_before_its_first_filing() -> None:
    assert as_of("microsoft", "revenue", "2017-06-30", "2017-08-01") is None


def test_a_fourth_quarter_stands_on_the_basis_of_the_report_that_gives_its_year() -> None:
    """Meta's year 2016 came under a new rule, its first three quarters restated beside it: 10,217 less their sum."""
    assert vintages("meta", "net_income", "2016-12-31").tolist() == [(10_217 - 1_738 - 2_283 - 2_627) * 1e6]
