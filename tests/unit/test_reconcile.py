"""What does not add up, on a handful of figures whose arithmetic can be seen."""

from __future__ import annotations

import pandas as pd
import pytest

from headrace.evidence import facts
from headrace.evidence.findings import KINDS, Finding
from headrace.evidence.reconcile import JUMP, STALE_QUARTERS, reconcile
from headrace.periods import quarter_index, quarter_label, quarter_of_flow

BN = 1e9


def quarters(values: list[float | None], concept: str = "revenue", entity: str = "micron") -> list[dict[str, object]]:
    """Calendar quarters from 2020Q1 on; ``None`` is a quarter that nobody filed."""
    rows = []
    for place, value in enumerate(values):
        start = pd.Period("2020Q1", "Q") + place
        if value is not None:
            rows.append(row(entity, concept, start.start_time, start.end_time.normalize(), value))
    return rows


def row(entity: str, concept: str, start: pd.Timestamp, end: pd.Timestamp, value: float) -> dict[str, object]:
    year = (end - start).days > 300
    return {
        "entity": entity,
        "concept": concept,
        "period_start": start,
        "period_end": end,
        "calendar_quarter": "" if year else quarter_of_flow(start.date(), end.date()),
        "value": value,
        "unit": "USD",
        "status": "reported",
        "locator": "0000000000-20-000001",
        "filed": end + pd.Timedelta(days=30),
        "filed_estimated": False,
        "derivation": "",
        "late": False,
    }


def year(value: float, concept: str = "revenue") -> dict[str, object]:
    return row("micron", concept, pd.Timestamp("2020-01-01"), pd.Timestamp("2020-12-31"), value)


def found(rows: list[dict[str, object]], kind: str) -> list[Finding]:
    return [finding for finding in reconcile(pd.DataFrame(rows)) if finding.kind == kind]


def test_quarters_that_add_up_to_their_year_are_no_finding() -> None:
    assert found([*quarters([1 * BN, 2 * BN, 3 * BN, 4 * BN]), year(10 * BN)], "sum_mismatch") == []


def test_a_year_that_its_quarters_miss_by_more_than_a_hundredth_is_named() -> None:
    (finding,) = found([*quarters([1 * BN, 2 * BN, 3 * BN, 4 * BN]), year(10.2 * BN)], "sum_mismatch")
    assert finding.where == "year to 2020-12-31"
    assert finding.text == "year 10,200,000,000 USD, its quarters 10,000,000,000"


def test_three_quarters_are_not_held_against_a_year() -> None:
    assert found([*quarters([1 * BN, 2 * BN, 3 * BN, None]), year(10 * BN)], "sum_mismatch") == []


def test_a_year_of_an_average_is_not_the_sum_of_its_quarters() -> None:
    rows = [*quarters([1 * BN] * 4, "diluted_shares"), year(1 * BN, "diluted_shares")]
    assert found(rows, "sum_mismatch") == []


@pytest.mark.parametrize(("factor", "named"), [(JUMP * 1.01, True), (JUMP * 0.99, False), (1 / (JUMP * 1.01), True)])
def test_a_quarter_beyond_the_stated_multiple_of_those_around_it_is_a_jump(factor: float, named: bool) -> None:
    values = [2 * BN] * 4 + [2 * BN * factor] + [2 * BN] * 4
    assert [finding.where for finding in found(quarters(values), "jump")] == (["2021Q1"] if named else [])


def test_a_series_that_passes_through_zero_has_no_jumps() -> None:
    values = [2 * BN, -1 * BN, 2 * BN, 20 * BN, 2 * BN, 1 * BN, 3 * BN, 2 * BN]
    assert found(quarters(values, "net_income"), "jump") == []


def test_a_missing_quarter_between_filed_ones_is_a_gap_and_one_at_the_end_is_not() -> None:
    (finding,) = found(quarters([1 * BN, None, None, 1 * BN, 1 * BN, None]), "gap")
    assert finding.where == "2020Q2"
    assert finding.text == "nothing filed for 2020Q2 and 1 more, last 2020Q3, between 2020Q1 and 2021Q1"


def test_a_gap_that_a_note_explains_is_no_finding() -> None:
    explained = next(note for note in facts.notes() if note.entity == "amazon" and note.text.startswith("Missing"))
    missing = quarter_index(explained.first_quarter)
    rows = []
    for number in (missing - 1, missing + 1):
        period = pd.Period(quarter_label(number), "Q")
        start, end = period.start_time, period.end_time.normalize()
        rows.append(row("amazon", "capital_expenditure", start, end, 1 * BN))
    assert found(rows, "gap") == []
    assert len(found([{**figure, "entity": "micron"} for figure in rows], "gap")) == 1


@pytest.mark.parametrize(("short", "named"), [(STALE_QUARTERS, True), (STALE_QUARTERS - 1, False)])
def test_a_series_that_ends_before_its_filer_has_stopped(short: int, named: bool) -> None:
    rows = [*quarters([1 * BN] * 8), *quarters([1 * BN] * (8 - short), "inventory")]
    assert [finding.concept for finding in found(rows, "stale")] == (["inventory"] if named else [])


def test_a_filer_that_missed_a_report_is_stale() -> None:
    rows = [*quarters([1 * BN] * 8), *quarters([1 * BN] * 5, entity="corning")]
    (finding,) = found(rows, "stale")
    assert (finding.entity, finding.concept) == ("corning", "")
    assert "275 days before the last one of anybody" in finding.text


def test_a_negative_purchase_is_named_and_a_loss_is_not() -> None:
    rows = [*quarters([-1 * BN], "capital_expenditure"), *quarters([-1 * BN], "net_income")]
    assert [finding.concept for finding in found(rows, "sign")] == ["capital_expenditure"]


def test_a_part_above_its_whole_is_named_beyond_rounding() -> None:
    close = [*quarters([1 * BN + 1e6], "gross_profit"), *quarters([1 * BN])]
    assert found(close, "identity_mismatch") == []
    over = [*quarters([1.1 * BN], "gross_profit"), *quarters([1 * BN])]
    (finding,) = found(over, "identity_mismatch")
    assert finding.text == "gross_profit 1,100,000,000 USD is above revenue 1,000,000,000"


def test_capital_expenditure_with_leases_is_the_sum_of_both() -> None:
    parts = [*quarters([9 * BN], "capital_expenditure"), *quarters([1 * BN], "finance_lease_principal_payments")]
    right = quarters([10 * BN], "capital_expenditure_including_finance_leases")
    wrong = quarters([11 * BN], "capital_expenditure_including_finance_leases")
    assert found([*parts, *right], "identity_mismatch") == []
    assert len(found([*parts, *wrong], "identity_mismatch")) == 1


def test_days_of_filing_that_were_estimated_or_late_are_counted_by_series() -> None:
    rows = quarters([1 * BN] * 4)
    rows[1]["filed_estimated"] = rows[2]["filed_estimated"] = rows[3]["late"] = True
    (estimated,) = found(rows, "estimated_filing_date")
    assert (estimated.where, estimated.text[:6]) == ("2020Q2 to 2020Q3", "2 of 4")
    (late,) = found(rows, "late")
    assert (late.where, late.text[:6]) == ("2020Q4 to 2020Q4", "1 of 4")


def test_the_shipped_facts_have_findings_of_closed_kinds_only_and_none_is_hidden() -> None:
    report = reconcile(facts.load(years=True))
    assert {finding.kind for finding in report} <= set(KINDS)
    places = [(finding.entity, finding.concept, finding.where, finding.kind) for finding in report]
    assert len(set(places)) == len(places)
    assert places == sorted(places)


def test_quarters_of_the_shipped_years_add_up_but_for_named_restatements() -> None:
    """A year and its quarters are filed in different reports; where one was restated alone they part."""
    known = facts.load(years=True)
    years = known[known["calendar_quarter"] == ""]
    off = [finding for finding in reconcile(known) if finding.kind == "sum_mismatch"]
    assert len(years) > 500
    assert len(off) <= 0.03 * len(years)
