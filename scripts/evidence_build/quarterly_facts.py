"""Quarterly figures collected from filings and second-hand tables, as figures of the facts.

It renames to the field's terms, keeps two definitions apart, and gives both vintages of a restated figure.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from evidence_build.figures import Figure, Vintage, looked_up
from evidence_build.filing_dates import FilingCalendar, accessions_in
from headrace.evidence.filings.quarters import DERIVATIONS
from headrace.evidence.universe import Entity

_, YEAR_TO_DATE_DIFFERENCE, YEAR_LESS_NINE_MONTHS = DERIVATIONS

CONCEPT_OF = {
    "capex": "capital_expenditure",
    "finance_lease_principal": "finance_lease_principal_payments",
    "operating_cash_flow": "operating_cash_flow",
    "revenue": "revenue",
    "gross_profit": "gross_profit",
    "operating_income": "operating_income",
    "net_income": "net_income",
    "depreciation": "depreciation",
    "depreciation_and_amortization": "depreciation_and_amortisation",
    "long_term_debt": "long_term_debt",
    "inventory": "inventory",
    "total_assets": "total_assets",
    "ppe_net": "property_plant_and_equipment_net",
    "remaining_performance_obligation": "remaining_performance_obligation",
    "commercial_rpo_backlog": "commercial_remaining_performance_obligation",
    "aws_customer_commitments_backlog": "customer_commitments_backlog",
    "purchase_obligation": "purchase_obligations",
}
"""The collector's names and ours. What depends on the filer is in :func:`concept_of`."""

WITH_FINANCE_LEASES = {
    "MSFT": "capital_expenditure_management_defined",
    "META": "capital_expenditure_including_finance_leases",
}
"""One collected name, two definitions: Microsoft counts assets when a lease begins, Meta counts principal when paid."""

SOURCE_OF = {
    "SEC XBRL companyfacts": "sec_companyfacts",
    "blakeweaver17-del/ai-infra-data": "sec_companyfacts",
    "plainsight": "plainsight",
    "Yahoo Finance via TRAPP2-2": "yahoo_fundamentals_trapp2",
    "company filing via daviddbao": "ai_capex_roic",
    "company call/filing via daviddbao": "ai_capex_roic",
    "Microsoft earnings call via jimisu": "ai_infrastructure_monitor",
    "Broadcom 10-Q": "sec_filings_second_hand",
    "NVIDIA 10-Q": "sec_filings_second_hand",
    "Oracle 10-Q": "sec_filings_second_hand",
    "same note": "sec_filings_second_hand",
}
"""Beginning of the collector's source text, and the id of the source record."""

_KYNDRYL = "difference of a year without Kyndryl and nine months with it"
_YIELD = "difference of nine months without NRG Yield and six months with it"
_GENON = "difference of six months without GenOn and three months with it"
MIXED_PERIMETERS = {
    ("ibm", "revenue", "2020Q4"): (1, _KYNDRYL),
    ("ibm", "gross_profit", "2020Q4"): (1, _KYNDRYL),
    ("ibm", "revenue", "2021Q4"): (0, _KYNDRYL),
    ("ibm", "gross_profit", "2021Q4"): (0, _KYNDRYL),
    ("nrg_energy", "capital_expenditure", "2016Q2"): (1, _GENON),
    ("nrg_energy", "capital_expenditure", "2018Q3"): (0, _YIELD),
}
"""Vintages (first 0, restated 1) that subtract two reports of different companies: no quarter of anything, left out."""

NOT_A_QUARTER = "left out: year to date, not a quarter"
TAGGED_ZERO_DEBT = "left out: long-term debt tagged as zero by a filer that has debt under other tags"


def read_quarterly_facts(
    path: Path, entities: Mapping[str, Entity], kinds: Mapping[str, str], calendar: FilingCalendar, report: Counter[str]
) -> Iterator[Figure]:
    """Figures of ``quarterly_facts.csv``.

    Args:
        path: The file.
        entities: Entity by ticker.
        kinds: Flow or stock by concept.
        calendar: Known filing dates.
        report: Counts of what was read and left out; added to.
    """
    for number, row in enumerate(_rows(path), start=2):
        where = f"{path.name}, line {number}"
        report["rows in: quarterly_facts.csv"] += 1
        if row["concept"] == "capex_ytd":
            report[NOT_A_QUARTER] += 1
            continue
        if row["ticker"] == "ORCL" and row["concept"] == "long_term_debt" and float(row["value_usd"]) == 0:
            report[TAGGED_ZERO_DEBT] += 1
            continue
        entity = looked_up(entities, row["ticker"], "ticker", where, "add the entity to universe.toml")
        figure = _without_fault(_figure(row, entity, kinds, calendar, where), report)
        if figure.start is not None and not row["period_start"]:
            report["note: start of the quarter inferred from its end"] += 1
        if figure.calendar_quarter != row["calendar_quarter"]:
            given = row["calendar_quarter"]
            report[f"note: calendar quarter {figure.calendar_quarter} by the midpoint rule, {given} as collected"] += 1
        if row["quality"] == "A-":
            report["note: quality A- taken as B (net of incentives, see notes.toml)"] += 1
        yield figure


def first_reports(path: Path) -> dict[str, dict[dt.date, dt.date]]:
    """Filing date of the first report on each period end, by ticker."""
    found: dict[str, dict[dt.date, dt.date]] = {}
    for row in _rows(path):
        if row["first_filed"]:
            end, filed = dt.date.fromisoformat(row["period_end"]), dt.date.fromisoformat(row["first_filed"])
            reports = found.setdefault(row["ticker"], {})
            reports[end] = min(filed, reports.get(end, filed))
    return found


def concept_of(ticker: str, collected: str, where: str = "quarterly_facts.csv") -> str:
    """Our name of a collected concept.

    Raises:
        EvidenceError: Nobody has named it yet.
    """
    if collected == "capex_incl_finance_leases":
        return looked_up(
            WITH_FINANCE_LEASES, ticker, "definition with finance leases of", where, "read how it is defined"
        )
    return looked_up(CONCEPT_OF, collected, "concept", where, "name it in CONCEPT_OF and in concepts.toml")


def source_of(text: str, where: str = "quarterly_facts.csv") -> str:
    """The id of the source that a collected source text names.

    Raises:
        EvidenceError: No record covers it.
    """
    beginning = next((known for known in SOURCE_OF if text.startswith(known)), text)
    return looked_up(SOURCE_OF, beginning, "source", where, "add it to SOURCE_OF and a record to sources.toml")


def quarter_start(end: dt.date) -> dt.date:
    """First day of the three months that end with the month of ``end``."""
    months = end.year * 12 + end.month - 3
    return dt.date(months // 12, months % 12 + 1, 1)


def _figure(
    row: Mapping[str, str], entity: Entity, kinds: Mapping[str, str], calendar: FilingCalendar, where: str
) -> Figure:
    concept = concept_of(row["ticker"], row["concept"], where)
    end = dt.date.fromisoformat(row["period_end"])
    start = None
    if kinds[concept] == "flow":
        start = dt.date.fromisoformat(row["period_start"]) if row["period_start"] else quarter_start(end)
    derivation = _derivation(row)
    return Figure(
        entity=entity.slug,
        concept=concept,
        start=start,
        end=end,
        status="derived" if derivation else "reported",
        quality="B" if row["quality"] == "A-" else row["quality"],
        source_id=source_of(row["source"], where),
        first_value=float(row["value_first_reported"]) if row["value_first_reported"] else None,
        vintages=_vintages(row, entity, end, calendar),
        derivation=derivation,
        tag=f"us-gaap:{row['xbrl_tag']}" if row["xbrl_tag"] else "",
    )


def _derivation(row: Mapping[str, str]) -> str:
    """How a collected quarter was derived, in the facts' own words; empty where it was filed as such."""
    if row["derivation"].startswith("FY "):
        return YEAR_LESS_NINE_MONTHS
    derived = row["derived"] == "1" or "derived quarter" in row["derivation"] or " minus " in row["derivation"]
    return YEAR_TO_DATE_DIFFERENCE if derived else ""


def _vintages(row: Mapping[str, str], entity: Entity, end: dt.date, calendar: FilingCalendar) -> tuple[Vintage, ...]:
    # Rounding takes out the binary noise of figures collected in USD bn; filed figures are whole dollars already.
    value, locator = float(round(float(row["value_usd"]))), row["source_ref"].split(" | ")[0]
    if not row["first_filed"]:
        return (Vintage(value, *calendar.report_filed(entity, end, locator), locator),)
    filed, first = dt.date.fromisoformat(row["first_filed"]), float(row["value_first_reported"])
    if first == value or not accessions_in(locator):
        return (Vintage(value, filed, False, locator),)
    restated, inferred = calendar.restated_on(row["ticker"], end, locator)
    if restated <= filed:
        # Two values cannot hold from the same day on; the later one is dated one day after and badged as estimated.
        restated, inferred = filed + dt.timedelta(days=1), True
    first_locator = calendar.accession_filed_on(row["ticker"], filed) or f"report filed {filed}; restated in {locator}"
    return Vintage(first, filed, False, first_locator), Vintage(value, restated, inferred, locator)


def _without_fault(figure: Figure, report: Counter[str]) -> Figure:
    fault = MIXED_PERIMETERS.get((figure.entity, figure.concept, figure.calendar_quarter))
    if fault is None or len(figure.vintages) == 1:
        return figure
    index, reason = fault
    kept = tuple(vintage for place, vintage in enumerate(figure.vintages) if place != index)
    report[f"left out: {reason}"] += len(figure.vintages) - len(kept)
    return replace(figure, vintages=kept, first_value=kept[0].value)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
