"""Parameters that were others on an earlier day: the table, what it gives on a day, and rows it refuses."""

from __future__ import annotations

import datetime as dt

import pytest

from headrace.errors import EvidenceError
from headrace.past_start.dated_values import load, read_dated_values, values_on

GOOD = """
[[dated]]
known = 2024-01-01
values = {"national.bonus_depreciation_share" = 0.6}
quality = "A"
source_url = "https://www.law.cornell.edu/uscode/text/26/168"
reason = "By law"
"""


def test_the_last_value_known_by_the_day_counts() -> None:
    name = "national.bonus_depreciation_share"
    assert name not in values_on(dt.date(2022, 12, 31))
    assert values_on(dt.date(2023, 12, 31))[name] == 0.8
    assert values_on(dt.date(2024, 1, 1))[name] == 0.6
    assert values_on(dt.date(2026, 1, 1))[name] == 1


def test_a_mix_is_replaced_whole() -> None:
    announced = values_on(dt.date(2024, 3, 18))
    assert {name: value for name, value in announced.items() if name.startswith("recipe.")} == {
        "recipe.h100.share_now": 1,
        "recipe.gb200.share_next": 1,
    }


def test_shares_of_every_mix_sum_to_one() -> None:
    for row in load():
        for field in ("share_now", "share_next"):
            shares = [value for name, value in row.values.items() if name.endswith(f".{field}")]
            assert not shares or sum(shares) == pytest.approx(1), row.known


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("quality =", "grade =", "unknown key 'grade'"),
        ('reason = "By law"', "", "'reason' is missing"),
        ("2024-01-01", '"soon"', "known is 'soon'; wanted a date"),
        ('"A"', '"D"', "unknown quality 'D'"),
        ("https://", "ftp://", "wanted a page that a reader can open"),
        ("bonus_depreciation_share", "bonus_depreciation", "unknown parameter 'national.bonus_depreciation'"),
        ("= 0.6}", "= 1.6}", "is 1.6; wanted 0 to 1"),
        ("= 0.6}", '= "0.6"}', "is '0.6'; wanted a finite number"),
        ("= 0.6}", "= nan}", "is nan; wanted a finite number"),
        ("national.bonus_depreciation_share", "recipe.h900.share_now", "unknown parameter 'recipe.h900.share_now'"),
    ],
)
def test_a_row_that_breaks_the_schema_is_refused(before: str, after: str, said: str) -> None:
    assert len(read_dated_values(GOOD)) == 1
    with pytest.raises(EvidenceError, match=r"dated_values\.toml, row 1") as fault:
        read_dated_values(GOOD.replace(before, after))
    assert said in str(fault.value)
