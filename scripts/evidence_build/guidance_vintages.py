"""The ledger of guidance from a collected list: who, when, for which period, how much; no sentence of it is taken.

A direction is worked out from the guide before; where there is no number it is one word for what was said.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evidence_build.figures import looked_up
from evidence_build.toml_rows import toml_row
from headrace.evidence.guidance import read_guides
from headrace.evidence.universe import Entity

CONCEPT_OF = {
    ("capex", "cash PP&E purchases"): "capital_expenditure",
    ("capex", "incl finance lease principal"): "capital_expenditure_including_finance_leases",
    ("capex", "incl finance leases"): "capital_expenditure_management_defined",
    ("capex", "total cash capital investments (company basis)"): "cash_capital_investments",
    ("capex", "capital budget"): "capital_budget",
    ("capex", "net of government incentives (company basis)"): "capital_expenditure_net_of_incentives",
    ("capex", "cash plus accrued (company basis)"): "capital_expenditure_including_accruals",
    ("capex", "company basis"): "capital_expenditure_including_accruals",
    ("revenue", "total company revenue"): "revenue",
    ("revenue", "consolidated revenue, USD"): "revenue",
}
"""The collector's names and ours: one name, several definitions."""

NO_GUIDE = {
    ("capex", "AI-enabled data centres"): "part of capital expenditure on a basis of its own, not a guide of it",
    (
        "supply_commitments",
        "total supply-related commitments (inventory purchase, capacity, other)",
    ): "a level at the end of a quarter, not a guide",
}

WORDS = (
    (r"slow", "slower"),
    (r"\bcut\b|down", "lower"),
    (r"flat", "similar"),
    (r"above|higher|more|ris|up\b|double|growth|increase", "higher"),
)
"""What stands in the collected words of a guide without a number, and one word of ours for it."""

APPROXIMATE = re.compile(r"date (inferred|approximate)|day (is|not|from)|date of first statement not|exact day not")
HEADER = """# What companies said they would spend or earn, as known at each date; made by scripts/build_evidence.py.
#
# concept    the definition the company uses, from concepts.toml: two definitions are never compared
# direction  against the guide before for the same period; without a number, against the period before
# disputed   sources contradict each other: no number is given
"""


def write_guidance(path: Path, by_ticker: Mapping[str, Entity], out: Path, report: Counter[str]) -> None:
    """Write ``guidance.toml`` into ``out``.

    Args:
        path: ``guidance_vintages.csv``.
        by_ticker: Entity by ticker.
        out: The folder.
        report: Counts of what was read and left out; added to.

    Raises:
        EvidenceError: A definition or ticker is new, or a row breaks the schema of the ledger.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        collected = list(csv.DictReader(lines))
    rows: list[dict[str, Any]] = []
    for row in sorted(collected, key=lambda row: (row["ticker"], row["announced"], row["target_start"])):
        report["rows in: guidance_vintages.csv"] += 1
        reason = NO_GUIDE.get((row["concept"], row["definition"]), "")
        url = re.search(r"https?://\S+", row["source_url"])
        if reason or url is None:
            report[f"left out: {reason or 'guide whose source cannot be opened'}"] += 1
            continue
        rows.append(_guide(row, url[0], by_ticker, rows, path.name))
    text = "\n".join([HEADER, *(toml_row("guide", row) for row in rows)])
    report["rows out: guidance.toml"] = len(read_guides(text))
    report["note: guides that are disputed and have no number"] = sum("disputed" in row for row in rows)
    (out / "guidance.toml").write_text(text, encoding="utf-8")


def _guide(
    row: Mapping[str, str], url: str, by_ticker: Mapping[str, Entity], before: list[dict[str, Any]], where: str
) -> dict[str, Any]:
    definitions = {f"{concept}: {definition}": ours for (concept, definition), ours in CONCEPT_OF.items()}
    definition = f"{row['concept']}: {row['definition']}"
    guide: dict[str, Any] = {
        "entity": looked_up(by_ticker, row["ticker"], "ticker", where, "add it to universe.toml").slug,
        "concept": looked_up(definitions, definition, "definition", where, "name it in CONCEPT_OF"),
        "announced": dt.date.fromisoformat(row["announced"]),
        "period": row["target_period"].partition(" ")[0],
        "target_start": dt.date.fromisoformat(row["target_start"]),
        "target_end": dt.date.fromisoformat(row["target_end"]),
    }
    disputed = "CONFLICT" in row["note"]
    if not disputed:
        ends = {end: float(row[end]) for end in ("low_usd_bn", "point_usd_bn", "high_usd_bn") if row[end]}
        guide |= ends
    guide["direction"] = "unclear" if disputed else _direction(guide, before) or _word(row["direction_text"])
    if disputed:
        guide["disputed"] = True
    if APPROXIMATE.search(row["note"]):
        guide["day_approximate"] = True
    return guide | {"quality": row["quality"], "source_url": url.rstrip(";,")}


def _direction(guide: Mapping[str, Any], before: list[dict[str, Any]]) -> str:
    """Against the last number for the same period; empty where this guide has none."""
    same = ("entity", "concept", "target_start", "target_end")
    now = _ends(guide)
    if now is None:
        return ""
    last = [one for row in before if all(row[key] == guide[key] for key in same) and (one := _ends(row))]
    if not last:
        return "first"
    low, high = now[0] - last[-1][0], now[1] - last[-1][1]
    if low == high == 0:
        return "kept"
    if low >= 0 and high <= 0:
        return "narrowed"
    return "raised" if low + high > 0 else "lowered"


def _ends(row: Mapping[str, Any]) -> tuple[float, float] | None:
    numbers = [row[end] for end in ("low_usd_bn", "point_usd_bn", "high_usd_bn") if end in row]
    return (min(numbers), max(numbers)) if numbers else None


def _word(text: str) -> str:
    return next((word for shape, word in WORDS if re.search(shape, text)), "unclear")
