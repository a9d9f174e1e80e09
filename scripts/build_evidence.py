"""Build the facts and prices that headrace ships from a folder of collected figures.

Run it again on new input: the same input gives the same tables. It prints what came in, what went out and what was
left out with its reason; nothing is dropped in silence.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import pandas as pd

from evidence_build.capital_events import write_capital_events
from evidence_build.closes import read_closes
from evidence_build.companyfacts import not_in_companyfacts, read_companyfacts
from evidence_build.electricity import read_electricity, read_load_shares
from evidence_build.figures import concept_kinds, facts_frame, settle_claims
from evidence_build.filing_dates import read_calendar
from evidence_build.frontier_sites import write_frontier_sites
from evidence_build.guidance_vintages import write_guidance
from evidence_build.hand_checked import read_hand_checked
from evidence_build.macro_series import read_macro
from evidence_build.past_cycles import write_past_cycles
from evidence_build.quarterly_facts import first_reports, read_quarterly_facts
from evidence_build.segment_revenue import read_data_centre_revenue
from evidence_build.shipped_accelerators import write_shipped_accelerators
from evidence_build.street_vintages import write_forecasts
from headrace.errors import HeadraceError
from headrace.evidence import sources, universe
from headrace.evidence.providers.observations import facts_rows
from headrace.evidence.storage.store import write_table


def main(arguments: list[str] | None = None) -> int:
    """Build the tables and print the report; the exit status."""
    options = _options(arguments)
    try:
        report = build(options.figures, options.edgar, options.out)
    except (HeadraceError, OSError) as error:
        print(f"build_evidence: {error}", file=sys.stderr)
        return 1
    for line in sorted(report):
        print(f"{report[line]:>7,}  {line}")
    return 0


def build(figures: Path, edgar: Path, out: Path) -> Counter[str]:
    """Write the tables of facts, prices, past cycles, shipments and sites and the ledgers into ``out``.

    Args:
        figures: Folder with the collected tables.
        edgar: Folder with companyfacts files, ``TICKER.json``.
        out: Folder that holds ``concepts.toml`` and receives the tables.

    Returns:
        Counts by line of the report.
    """
    report: Counter[str] = Counter()
    entities = universe.load()
    by_ticker = {entity.ticker: entity for entity in entities.values()}
    quarterly = figures / "quarterly_facts.csv"
    calendar = read_calendar(edgar, first_reports(quarterly))
    derived = read_companyfacts(edgar, by_ticker, report)
    claims = [
        *read_quarterly_facts(quarterly, by_ticker, concept_kinds(out), calendar, report),
        *read_hand_checked(figures / "hand_checked_company_quarters.csv", by_ticker, calendar, report),
    ]
    claims += read_data_centre_revenue(figures / "secondary_figures.csv", entities["nvidia"], calendar, report)
    collected = facts_frame(not_in_companyfacts(settle_claims(claims, report), derived, report))
    observed = facts_rows(
        [
            *read_macro(figures / "macro", report),
            *read_load_shares(figures / "parameters.csv", report),
            *read_electricity(figures / "secondary_figures.csv", report),
        ],
        "series that ship",
    )
    facts = pd.concat([derived, collected.astype({"period_start": "datetime64[s]"}), observed], ignore_index=True)
    prices = read_closes(figures / "prices_monthly_adjclose.csv", figures / "prices_coverage.csv", by_ticker, report)
    for table, frame in (("facts", facts), ("prices", prices)):
        sources.check_may_ship(f"{table}.parquet", set(frame["source_id"]))
        write_table(table, frame, out)
        report[f"rows out: {table}.parquet"] = len(frame)
    write_capital_events(figures / "capital_events.csv", out, report)
    write_guidance(figures / "guidance_vintages.csv", by_ticker, out, report)
    write_forecasts(figures / "street_vintages.csv", by_ticker, out, report)
    write_past_cycles(figures / "historical_cycles_quarterly.csv", quarterly, out, report)
    write_shipped_accelerators(figures / "epoch" / "chip_counts", out, report)
    write_frontier_sites(figures / "epoch" / "frontier_data_centers", out, report)
    report["note: facts with an estimated filing date"] = int(facts["filed_estimated"].sum())
    figures_out = facts[["entity", "concept", "period_end"]].drop_duplicates()
    report["note: rows that are a later vintage of a restated figure"] = len(facts) - len(figures_out)
    return report


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figures", type=Path, required=True, help="folder with the collected tables")
    parser.add_argument("--edgar", type=Path, required=True, help="folder with companyfacts files, TICKER.json")
    parser.add_argument("--out", type=Path, default=Path("src/headrace/data"), help="folder that receives the tables")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
