"""What is assumed, weakest basis first, and how the run starts: the two tables at the end of the report."""

from __future__ import annotations

from collections.abc import Sequence

from headrace._types import Assumption, Interval, StartRow
from headrace.report.figures import FILED, Shown, between, of_assumption
from headrace.report.numbers import percent, percent_interval
from headrace.report.section import Table
from headrace.report.words import BUILDER_NAMES

Group = tuple[str, str, tuple[tuple[Assumption, Shown], ...]]

_MEANINGS = {
    "judgement": "no source exists or none agrees; the reason stands beside each",
    "fitted": "estimated from data in headrace",
    "derived": "computed from sourced figures",
    "published": "a publication says so",
    "statute": "a law says so",
    "filing": "a company filed it",
}

_COLUMNS = (
    ("Filed cash capex, 2026Q2, USD bn", "filed_capex_usd_bn", "capital_expenditure_usd_bn"),
    ("AI share", "ai_share", "ai_share"),
    ("AI plan, USD bn", "plan_usd_bn", "planned_ai_capital_expenditure_usd_bn"),
    ("Paid, USD bn", "paid_usd_bn", "ai_capital_expenditure_usd_bn"),
    ("Residual absorbed, USD bn", "residual_usd_bn", "start_residual"),
)


def grouped(assumptions: Sequence[Assumption]) -> list[Group]:
    """Assumptions by basis, in the order in which the service gives the bases: weakest first.

    Returns:
        Basis, what it means, and its rows with their values as figures.
    """
    bases = dict.fromkeys(row.basis for row in assumptions)
    return [
        (basis, _MEANINGS.get(basis, ""), tuple((row, of_assumption(row)) for row in assumptions if row.basis == basis))
        for basis in bases
    ]


def start_table(rows: Sequence[StartRow]) -> Table:
    """Plan, payment and residual of the first quarter by builder."""
    cells = [
        (
            BUILDER_NAMES.get(row.builder, row.builder),
            tuple(_cell(getattr(row, field), row, field, key, heading) for heading, field, key in _COLUMNS),
        )
        for row in rows
    ]
    return Table("Start of the run by builder", ("Builder", *(heading for heading, _, _ in _COLUMNS)), tuple(cells))


def _cell(held: Interval, row: StartRow, field: str, key: str, heading: str) -> Shown:
    status = row.statuses.get(field, "scenario")
    quality = "A" if status == "reported" else "C"
    key = FILED + key if status == "reported" else key
    of = f"{BUILDER_NAMES.get(row.builder, row.builder)}, {heading}"
    if field == "ai_share":
        span = percent_interval(held.low, held.high)
        return Shown(percent(held.median), f"{held.median:.6g}", span, "", "", status, quality, key, of)
    return between(held, 1, status, quality, key, of)
