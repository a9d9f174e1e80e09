"""Cash and debt on the balance sheet, straight from companyfacts files, with every vintage that changed the value.

A file is taken only when the company named in it is the one expected: a file named after one ticker can hold another.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evidence_build.figures import Figure, Vintage
from evidence_build.quarterly_facts import TAGGED_ZERO_DEBT
from headrace.errors import EvidenceError
from headrace.evidence.universe import Entity

CONCEPT_OF_TAG = {
    "CashAndCashEquivalentsAtCarryingValue": "cash_and_cash_equivalents",
    "LongTermDebt": "long_term_debt",
    "LongTermDebtNoncurrent": "long_term_debt_noncurrent",
}
FIRST_DAY = dt.date(2014, 1, 1)


def read_balance_sheets(folder: Path, builders: Mapping[str, Entity], report: Counter[str]) -> Iterator[Figure]:
    """Cash and debt of ``builders`` from ``TICKER.json`` files.

    Args:
        folder: Where the files are.
        builders: Entities to read, by slug.
        report: Counts of what was read and left out; added to.

    Raises:
        EvidenceError: A file names another company than the one expected.
    """
    for slug, entity in builders.items():
        path = folder / f"{entity.ticker}.json"
        company = json.loads(path.read_text(encoding="utf-8"))
        check_company(path.name, company, entity)
        for tag, concept in CONCEPT_OF_TAG.items():
            by_day: dict[dt.date, list[dict[str, Any]]] = {}
            for row in company["facts"]["us-gaap"].get(tag, {}).get("units", {}).get("USD", []):
                report["rows in: balance sheets of companyfacts"] += 1
                if "start" in row:
                    report["left out: companyfacts row with a start is no stock"] += 1
                    continue
                by_day.setdefault(dt.date.fromisoformat(row["end"]), []).append(row)
            for day, rows in sorted(by_day.items()):
                if day < FIRST_DAY:
                    report["left out: companyfacts row before 2014"] += len(rows)
                elif concept != "cash_and_cash_equivalents" and all(row["val"] == 0 for row in rows):
                    report[TAGGED_ZERO_DEBT] += len(rows)
                else:
                    vintages = _vintages(rows)
                    report["note: companyfacts rows that repeat a value already filed"] += len(rows) - len(vintages)
                    first = vintages[0].value
                    yield Figure(slug, concept, None, day, "reported", "A", "sec_companyfacts", first, vintages)


def check_company(file: str, company: Mapping[str, Any], entity: Entity) -> None:
    """Refuse a file whose name in it or CIK is not that of ``entity``.

    Raises:
        EvidenceError: The file holds another company.
    """
    found, cik = str(company["entityName"]), f"{int(company['cik']):010d}"
    first_word = entity.name.split()[0].lower()
    if cik != entity.cik or first_word not in found.lower():
        raise EvidenceError(
            f"{file}: holds {found!r} with CIK {cik}, wanted {entity.name!r} with CIK {entity.cik}; "
            "fetch the file of the right company or correct universe.toml"
        )


def _vintages(rows: list[dict[str, Any]]) -> tuple[Vintage, ...]:
    found: list[Vintage] = []
    for row in sorted(rows, key=lambda row: (row["filed"], row["accn"])):
        filed, value = dt.date.fromisoformat(row["filed"]), float(row["val"])
        if found and found[-1].value == value:
            continue
        if found and found[-1].filed == filed:
            found.pop()
        found.append(Vintage(value, filed, False, row["accn"]))
    return tuple(found)
