"""Reports of what model makers earn: the rows that ship, the sum on a day, and rows that are refused."""

from __future__ import annotations

import datetime as dt

import pytest

from headrace.errors import EvidenceError
from headrace.evidence import run_rates

ROW = """
[[run_rate]]
lab = "openai"
dated = 2024-06-12
revenue_usd_bn_per_year = 3.4
quality = "C"
source_url = "https://example.org"
"""


def test_a_report_counts_as_known_from_its_day_or_after_the_lag_of_a_filing() -> None:
    (report,) = run_rates.read_run_rates(ROW)
    assert report.known == dt.date(2024, 7, 27)
    (report,) = run_rates.read_run_rates(ROW + "published = 2024-06-20\n")
    assert report.known == dt.date(2024, 6, 20)


def test_what_was_not_known_yet_is_not_there() -> None:
    assert not run_rates.load("2022-06-30")
    known = run_rates.load("2024-06-30")
    assert max(report.known for report in known) <= dt.date(2024, 6, 30)
    assert len(known) < len(run_rates.load())


def test_the_sum_takes_the_last_rate_of_each_lab() -> None:
    text = ROW + ROW.replace("2024-06-12", "2024-09-12").replace("3.4", "4.0")
    text += ROW.replace("openai", "anthropic").replace("3.4", "1.0")
    reports = run_rates.read_run_rates(text)
    assert run_rates.revenue_usd_bn_per_year(reports, dt.date(2024, 6, 1)) == 0
    assert run_rates.revenue_usd_bn_per_year(reports, dt.date(2024, 6, 12)) == pytest.approx(4.4)
    assert run_rates.revenue_usd_bn_per_year(reports, dt.date(2024, 12, 31)) == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("revenue_usd_bn_per_year = 3.4", "revenue_usd_bn_per_year = nan", "wanted a positive number"),
        ("revenue_usd_bn_per_year = 3.4", "revenue_usd_bn_per_year = true", "wanted a positive number"),
        ("revenue_usd_bn_per_year = 3.4", 'revenue_usd_bn_per_year = "3"', "wanted a positive number"),
        ("dated = 2024-06-12", 'dated = "mid 2024"', "wanted a date"),
        ("dated = 2024-06-12\n", "", "'dated' is missing"),
        ('quality = "C"', 'quality = "D"', "wanted A, B or C"),
        ("https://example.org", "javascript:alert(1)", "wanted a page"),
        ('lab = "openai"', 'lab = "openai"\nlabel = "x"', "unknown key 'label'"),
        ('lab = "openai"', 'lab = "openai"\npublished = 2024-06-01', "before the day it is of"),
    ],
)
def test_a_row_that_breaks_the_schema_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        run_rates.read_run_rates(ROW.replace(old, new))


def test_two_rates_of_one_day_are_refused() -> None:
    with pytest.raises(EvidenceError, match="two rates of 2024-06-12"):
        run_rates.read_run_rates(ROW + ROW)
