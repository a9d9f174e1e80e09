"""The ledger of published forecasts: who, when, of what, for which period, how much.

Those of the Street come from a collected list, all others from ``other_forecasts.toml``, which people write. No
sentence of the list is taken. Periods become dates with the fiscal year of the company; who is covered becomes
companies where the forecast names them, and stays a word where it does not.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
from calendar import monthrange
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evidence_build.figures import looked_up
from evidence_build.toml_rows import toml_row
from headrace.errors import EvidenceError
from headrace.evidence import forecast_measures
from headrace.evidence.forecasts import read_forecasts
from headrace.evidence.universe import Entity

MEASURE_OF = {
    "capex": "capital_expenditure",
    "total revenue": "revenue",
    "data-centre revenue": "data_centre_revenue",
    "data-centre capex": "data_centre_capital_expenditure",
}
NO_LEVEL = {
    "data-centre capex growth": "a growth rate without its base",
    "AI investment": "a macroeconomic measure of its own",
    "AI capex": "undated, its day a guess",
}
NAMED = {
    "hyperscalers (five)": "AMZN GOOGL META MSFT ORCL",
    "big tech (Microsoft, Alphabet, Amazon, Meta)": "AMZN GOOGL META MSFT",
}
"""Coverage that names companies without their tickers."""

OTHERS = Path(__file__).with_name("other_forecasts.toml")

PERIOD = re.compile(r"(CY|FY)(\d{4})(?:Q([1-4]))?")
TICKERS = re.compile(r"[A-Z]{2,5}( [A-Z]{2,5})*")
APPROXIMATE = re.compile(r"(day|date) (approximate|a guess)")
HEADER = """# What others forecast, as known on each date; made by scripts/build_evidence.py.
#
# measure     a flow of concepts.toml, or one of forecast_measures.toml; unit is the measure's
# members     companies that the forecast is the sum of; where it names none, coverage says whom or what it means
# derivation  how the number follows, where the page does not show it as it stands here
# A forecast of capital expenditure seldom says on which definition; outcomes are cash paid for property and equipment.
"""


def write_forecasts(path: Path, by_ticker: Mapping[str, Entity], out: Path, report: Counter[str]) -> None:
    """Write ``forecasts.toml`` into ``out``.

    Args:
        path: ``street_vintages.csv``.
        by_ticker: Entity by ticker.
        out: The folder.
        report: Counts of what was read and left out; added to.

    Raises:
        EvidenceError: A measure, ticker or period is new, or a row breaks the schema of the ledger.
    """
    rows: list[dict[str, Any]] = []
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            report["rows in: street_vintages.csv"] += 1
            reason = _left_out(row)
            if reason:
                report[f"left out: {reason}"] += 1
                continue
            rows.append(_forecast(row, by_ticker, path.name))
    others = tomllib.loads(OTHERS.read_text(encoding="utf-8"))["forecast"]
    report["rows in: other_forecasts.toml"] = len(others)
    rows = sorted([*rows, *others], key=lambda row: row["announced"])
    text = "\n".join([HEADER, *(toml_row("forecast", row) for row in rows)])
    report["rows out: forecasts.toml"] = len(read_forecasts(text))
    (out / "forecasts.toml").write_text(text, encoding="utf-8")


def _left_out(row: Mapping[str, str]) -> str:
    if row["metric"] in NO_LEVEL:
        return f"forecast of {NO_LEVEL[row['metric']]}"
    if not PERIOD.fullmatch(row["target"]):
        return "forecast whose sources disagree on its period"
    return "" if re.match(r"https?://", row["source_url"]) else "forecast whose source cannot be opened"


def _forecast(row: Mapping[str, str], by_ticker: Mapping[str, Entity], where: str) -> dict[str, Any]:
    named = NAMED.get(row["companies_covered"], row["companies_covered"])
    tickers = named.split() if TICKERS.fullmatch(named) else []
    members = [looked_up(by_ticker, ticker, "ticker", where, "add it to universe.toml") for ticker in tickers]
    start, end = _span(row["target"], members, where)
    measure = looked_up(MEASURE_OF, row["metric"], "measure", where, "name it in MEASURE_OF")
    found: dict[str, Any] = {
        "who": row["who"],
        "announced": dt.date.fromisoformat(row["announced"]),
        "measure": measure,
        "unit": forecast_measures.load()[measure].unit,
        "period": row["target"],
        "target_start": start,
        "target_end": end,
        "members": [member.slug for member in members],
    }
    if not members:
        found["coverage"] = row["companies_covered"]
    columns = {"low": "low", "point": "value_usd_bn", "high": "high"}
    found |= {ours: float(row[theirs]) for ours, theirs in columns.items() if row[theirs]}
    if APPROXIMATE.search(row["note"]):
        found["day_approximate"] = True
    return found | {"quality": row["quality"], "source_url": row["source_url"]}


def _span(target: str, members: list[Entity], where: str) -> tuple[dt.date, dt.date]:
    """First and last day of a period such as ``CY2026`` or ``FY2025Q3``; months stand for weeks."""
    match = PERIOD.fullmatch(target)
    assert match is not None
    kind, year, quarter = match[1], int(match[2]), match[3]
    ends = {int(member.fiscal_year_end[:2]) for member in members} if kind == "FY" else {12}
    if len(ends) != 1:
        raise EvidenceError(f"{where}: {target} of companies whose fiscal years differ, or of none")
    last = year * 12 + ends.pop() - 1 - 3 * (4 - int(quarter or 4))
    first = last - (2 if quarter else 11)
    return dt.date(first // 12, first % 12 + 1, 1), dt.date(
        last // 12, last % 12 + 1, monthrange(last // 12, last % 12 + 1)[1]
    )
