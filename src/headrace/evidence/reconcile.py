"""What does not add up in the facts: a report for whoever relies on them, never a correction.

Each check states its multiple, and every finding is of one of the closed kinds of ``findings.py``. What is checked is a
view of the facts as known on a day, so that a figure and its later restatement are not held against each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from headrace.evidence import concepts
from headrace.evidence.facts import notes
from headrace.evidence.findings import Finding
from headrace.periods import quarter_index, quarter_label

if TYPE_CHECKING:
    import pandas as pd

SUM_TOLERANCE = 0.01
"""Quarters and their year may differ by this part of the year: rounding, and restated parts of a year."""

JUMP = 5.0
"""A quarter this many times the middle of the quarters around it, or that part of it, is a jump."""

STALE_QUARTERS = 3
"""A series that ends this many quarters before the last report of its filer has stopped."""

SILENT_DAYS = 200
"""A filer whose last report is this old has missed one: reports are due every 92 days."""

AT_MOST = (
    ("gross_profit", "revenue"),
    ("data_centre_revenue", "revenue"),
    ("depreciation", "depreciation_and_amortisation"),
    ("commercial_remaining_performance_obligation", "remaining_performance_obligation"),
    ("long_term_debt_noncurrent", "long_term_debt"),
    ("cash_and_cash_equivalents", "total_assets"),
    ("inventory", "total_assets"),
    ("property_plant_and_equipment_net", "total_assets"),
    ("current_liabilities", "total_assets"),
)
"""Part and whole: the part of one date or quarter is at most the whole."""

SUMS = (
    (
        "capital_expenditure_including_finance_leases",
        ("capital_expenditure", "finance_lease_principal_payments"),
    ),
)
"""A concept that is the sum of others by its definition."""

NEVER_NEGATIVE = frozenset(
    {whole for _, whole in AT_MOST} | {part for part, _ in AT_MOST} - {"gross_profit"} | {"capital_expenditure"}
)

_ROUNDING = 2.0e6
"""Figures are filed in millions of dollars: two of them may differ by this much without meaning anything."""
_NEIGHBOURS = 4


def reconcile(facts: pd.DataFrame) -> tuple[Finding, ...]:
    """Everything that does not add up.

    Args:
        facts: One view of the facts, years included, as :func:`headrace.evidence.facts.load` gives it.

    Returns:
        Findings ordered by entity, concept and place. A break that ``notes.toml`` explains is no jump and no gap.
    """
    quarters = facts[facts["calendar_quarter"] != ""]
    checks = (_signs, _jumps, _gaps, _stale, _identities)
    found = [finding for check in checks for finding in check(quarters)]
    found += [*_sums_of_quarters(facts), *_filing_days(quarters)]
    return tuple(sorted(found, key=lambda finding: (finding.entity, finding.concept, finding.where, finding.kind)))


def _signs(quarters: pd.DataFrame) -> Iterator[Finding]:
    wrong = quarters[quarters["concept"].isin(NEVER_NEGATIVE) & (quarters["value"] < 0)]
    for row in wrong.itertuples():
        text = f"{row.value:,.0f} {row.unit}, below zero ({row.derivation or 'as filed'}, {row.locator})"
        yield Finding("sign", row.entity, row.concept, row.calendar_quarter, text)


def _jumps(quarters: pd.DataFrame) -> Iterator[Finding]:
    table = concepts.load()
    for (entity, concept, _), series in quarters.groupby(["entity", "concept", "unit"], observed=True):
        # A rate may do what it likes, but a jump in the number of shares is a split that earlier quarters do not know.
        if concept in table and table[concept].kind == "rate" and concept != "diluted_shares":
            continue
        ordered = series.sort_values("period_end")
        value = ordered["value"].to_numpy()
        if len(value) < 2 * _NEIGHBOURS or (value <= 0).any():
            continue
        for place, quarter in enumerate(ordered["calendar_quarter"]):
            around = np.r_[value[max(0, place - _NEIGHBOURS) : place], value[place + 1 : place + 1 + _NEIGHBOURS]]
            ratio = value[place] / np.median(around)
            if (ratio >= JUMP or ratio <= 1 / JUMP) and not _explained(entity, concept, quarter):
                said = f"{value[place]:,.0f} {ordered['unit'].iloc[0]}"
                text = f"{said} is {ratio:.2g} times the middle of the {len(around)} quarters around it"
                yield Finding("jump", entity, concept, quarter, text)


def _explained(entity: str, concept: str, quarter: str) -> bool:
    """Whether a note beside the figures speaks of a break or gap at this quarter."""
    return any(
        note.entity == entity and note.concept == concept and quarter in (note.first_quarter, note.last_quarter)
        for note in notes()
    )


def _gaps(quarters: pd.DataFrame) -> Iterator[Finding]:
    for (entity, concept), series in quarters.groupby(["entity", "concept"], observed=True):
        filed = sorted({quarter_index(quarter) for quarter in series["calendar_quarter"]})
        missing = [quarter_label(quarter) for quarter in sorted(set(range(filed[0], filed[-1])) - set(filed))]
        unexplained = [quarter for quarter in missing if not _explained(entity, concept, quarter)]
        if unexplained:
            many = "" if len(unexplained) == 1 else f" and {len(unexplained) - 1} more, last {unexplained[-1]}"
            between = f"{quarter_label(filed[0])} and {quarter_label(filed[-1])}"
            text = f"nothing filed for {unexplained[0]}{many}, between {between}"
            yield Finding("gap", entity, concept, unexplained[0], text)


def _stale(quarters: pd.DataFrame) -> Iterator[Finding]:
    last_of_filer = quarters.groupby("entity", observed=True)["calendar_quarter"].max().map(quarter_index)
    for (entity, concept), last in (
        quarters.groupby(["entity", "concept"], observed=True)["calendar_quarter"].max().items()
    ):
        behind = last_of_filer[entity] - quarter_index(last)
        if behind >= STALE_QUARTERS:
            text = f"last figure {last}, {behind} quarters before the last figure of the filer"
            yield Finding("stale", entity, concept, last, text)
    newest = quarters["filed"].max()
    for entity, filed in quarters.groupby("entity", observed=True)["filed"].max().items():
        if (newest - filed).days > SILENT_DAYS:
            text = f"last report {filed.date()}, {(newest - filed).days} days before the last one of anybody"
            yield Finding("stale", entity, "", f"{filed.date()}", text)


def _identities(quarters: pd.DataFrame) -> Iterator[Finding]:
    keys = ["entity", "period_end", "unit"]
    by_concept = {
        concept: rows.drop_duplicates(keys, keep="last").set_index(keys)
        for concept, rows in quarters.groupby("concept", observed=True)
    }
    for part, whole in AT_MOST:
        if part in by_concept and whole in by_concept:
            both = by_concept[part].join(by_concept[whole]["value"].rename("value_whole"), how="inner")
            over = both[both["value"] > both["value_whole"] + _ROUNDING]
            for (entity, _, unit), row in over.iterrows():
                text = f"{part} {row['value']:,.0f} {unit} is above {whole} {row['value_whole']:,.0f}"
                yield Finding("identity_mismatch", entity, part, row["calendar_quarter"], text)
    for total, parts in SUMS:
        if total in by_concept and all(part in by_concept for part in parts):
            both = by_concept[total]
            for part in parts:
                both = both.join(by_concept[part]["value"].rename(part), how="inner")
            added = both[list(parts)].sum(axis="columns")
            off = (both["value"] - added).abs() > np.maximum(_ROUNDING, SUM_TOLERANCE * added.abs())
            for (entity, _, unit), row in both[off].iterrows():
                said = " + ".join(f"{part} {row[part]:,.0f}" for part in parts)
                text = f"{row['value']:,.0f} {unit} against {said}"
                yield Finding("identity_mismatch", entity, total, row["calendar_quarter"], text)


def _sums_of_quarters(facts: pd.DataFrame) -> Iterator[Finding]:
    """Years beside the four quarters that lie in them, for concepts that pass in a period."""
    flows = {name for name, concept in concepts.load().items() if concept.kind == "flow"}
    years = facts[(facts["calendar_quarter"] == "") & facts["concept"].isin(flows)]
    if years.empty:
        return
    quarters = facts[(facts["calendar_quarter"] != "") & facts["concept"].isin(flows)]
    both = years.merge(quarters, on=["entity", "concept", "unit"], suffixes=("", "_part"))
    slack = np.timedelta64(7, "D")
    inside = (both["period_start_part"] >= both["period_start"] - slack) & (
        both["period_end_part"] <= both["period_end"] + slack
    )
    grouped = both[inside].groupby(["entity", "concept", "unit", "period_end"], observed=True)
    sums = grouped.agg(value=("value", "first"), added=("value_part", "sum"), parts=("value_part", "size"))
    complete = sums[sums["parts"] == 4]
    gap = (complete["value"] - complete["added"]).abs()
    for (entity, concept, unit, end), row in complete[
        gap > np.maximum(_ROUNDING, SUM_TOLERANCE * complete["value"].abs())
    ].iterrows():
        text = f"year {row['value']:,.0f} {unit}, its quarters {row['added']:,.0f}"
        yield Finding("sum_mismatch", entity, concept, f"year to {end.date()}", text)


def _filing_days(quarters: pd.DataFrame) -> Iterator[Finding]:
    """One finding a series for days of filing that were estimated, and one for figures first filed late."""
    for kind, flag, text in (
        ("estimated_filing_date", "filed_estimated", "{count} of {all} figures carry an estimated day of filing"),
        ("late", "late", "{count} of {all} figures were first filed more than 120 days after their period"),
    ):
        for (entity, concept), series in quarters.groupby(["entity", "concept"], observed=True):
            flagged = series[series[flag]]
            if len(flagged):
                where = f"{flagged['calendar_quarter'].min()} to {flagged['calendar_quarter'].max()}"
                yield Finding(kind, entity, concept, where, text.format(count=len(flagged), all=len(series)))
