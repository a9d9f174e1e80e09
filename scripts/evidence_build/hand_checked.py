"""Contract backlogs and company-defined capital expenditure of the builders, checked by hand against their filings."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from evidence_build.figures import Figure, Vintage
from evidence_build.filing_dates import FilingCalendar
from evidence_build.quarterly_facts import WITH_FINANCE_LEASES, quarter_start
from headrace.evidence.universe import Entity

BACKLOG_CONCEPT = {
    "MSFT": "commercial_remaining_performance_obligation",
    "GOOG": "remaining_performance_obligation",
    "AMZN": "customer_commitments_backlog",
    "ORCL": "remaining_performance_obligation",
}
"""Meta is not in it: the file holds its revenue in that column, and Meta discloses no backlog."""

TICKER = {"GOOG": "GOOGL"}
USD_BN = 1e9


def read_hand_checked(
    path: Path, entities: Mapping[str, Entity], calendar: FilingCalendar, report: Counter[str]
) -> Iterator[Figure]:
    """Figures of ``hand_checked_company_quarters.csv``: backlog, and capital expenditure that is not the cash figure.

    Args:
        path: The file.
        entities: Entity by ticker.
        calendar: Known filing dates.
        report: Counts of what was read and left out; added to.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            report["rows in: hand_checked_company_quarters.csv (two figures a row)"] += 1
            ticker, end = row["ticker"], dt.date.fromisoformat(row["period_end"])
            entity = entities[TICKER.get(ticker, ticker)]
            if ticker in BACKLOG_CONCEPT:
                value, url = float(row["rpo_backlog_or_revenue_usd_b"]), row["fact_source_url"]
                yield _figure(entity, BACKLOG_CONCEPT[ticker], None, end, value, url, "reported", calendar)
            else:
                report["left out: hand-checked column holds revenue, not a backlog"] += 1
            if ticker in WITH_FINANCE_LEASES:
                value, url = float(row["quarterly_capex_usd_b"]), row["capex_source_url"]
                status = "derived" if "derived" in row["capex_definition"] else "reported"
                concept, start = WITH_FINANCE_LEASES[ticker], quarter_start(end)
                yield _figure(entity, concept, start, end, value, url, status, calendar)
            else:
                report["left out: hand-checked cash capital expenditure is in the filings already"] += 1


def _figure(
    entity: Entity,
    concept: str,
    start: dt.date | None,
    end: dt.date,
    value: float,
    url: str,
    status: str,
    calendar: FilingCalendar,
) -> Figure:
    filed, estimated = calendar.report_filed(entity, end, url)
    # Figures are given in USD bn with up to three digits: rounding takes out the binary noise of the product.
    vintage = Vintage(float(round(value * USD_BN)), filed, estimated, url)
    return Figure(entity.slug, concept, start, end, status, "B", "ai_capex_roic", None, (vintage,))
