"""Companyfacts documents written by hand: a few filings, and what is derived from them.

A document is what a filer says in its reports, one number at a time; the report is named by its day and form. Figures
of a test are small numbers, so that the arithmetic can be seen.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from headrace.evidence import universe
from headrace.evidence.filings import quarters

SEEN_ON = dt.date(2026, 11, 22)

QUARTERS = {1: ("01-01", "03-31"), 2: ("04-01", "06-30"), 3: ("07-01", "09-30"), 4: ("10-01", "12-31")}


def quarter(year: int, number: int) -> str:
    """A quarter of the calendar, such as ``2024-01-01/2024-03-31``."""
    start, end = QUARTERS[number]
    return f"{year}-{start}/{year}-{end}"


def to_date(year: int, last: int) -> str:
    """The quarters of a calendar year up to the one numbered ``last``; the year where that is 4."""
    return f"{year}-01-01/{year}-{QUARTERS[last][1]}"


def accession(filed: str, form: str = "10-Q", filer: int = 1) -> str:
    """The number of the report of one form filed on a day."""
    return f"{filer:010d}-{filed[2:4]}-{sum(map(ord, form)) % 100:02d}{filed[5:7]}{filed[8:10]}"


@dataclass
class Filings:
    """What one filer has tagged. ``says`` adds a number, ``document`` is the JSON, the rest is what is derived."""

    entity: universe.Entity
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, slug: str, **changed: Any) -> Filings:
        """No filing yet of an entity of the universe, changed where a test says so."""
        known = vars(universe.load()[slug])
        return cls(universe.Entity(**{**known, **changed}))

    def says(
        self, tag: str, period: str, value: Any, filed: str, form: str = "10-Q", unit: str = "USD", **other: Any
    ) -> Filings:
        """A number of ``tag`` for a day, or for ``first/last`` day, in the report filed on a day."""
        taxonomy, name = tag.split(":") if ":" in tag else ("us-gaap", tag)
        start, _, end = period.rpartition("/")
        row = {"start": start, "end": end, "val": value, "accn": accession(filed, form), "fy": 2000, "fp": "Q1"}
        row |= {"form": form, "filed": filed, **other}
        if not start:
            del row["start"]
        tagged = self.facts.setdefault(taxonomy, {}).setdefault(name, {"label": name, "units": {}})
        tagged["units"].setdefault(unit, []).append(row)
        self.__dict__.pop("derived", None)
        return self

    def document(self, **changed: Any) -> bytes:
        """The JSON that EDGAR would serve, top-level keys changed where a test says so."""
        cik = int(self.entity.cik or 1)
        return json.dumps({"cik": cik, "entityName": self.entity.name, "facts": self.facts, **changed}).encode()

    @cached_property
    def derived(self) -> tuple[Any, tuple[Any, ...]]:
        return quarters.facts_of(self.document(), self.entity, "document.json", SEEN_ON)

    def rows(self, concept: str) -> list[dict[str, Any]]:
        """Rows of the facts, dates as text."""
        frame = self.derived[0]
        rows = frame[frame["concept"] == concept].to_dict("records")
        for row in rows:
            for key in ("period_start", "period_end", "filed"):
                row[key] = str(row[key])[:10]
        return rows

    def latest(self, concept: str) -> dict[str, float]:
        """Newest value by calendar quarter; a year stands under the year of its last day."""
        return {row["calendar_quarter"] or row["period_end"][:4]: row["value"] for row in self.rows(concept)}

    def vintages(self, concept: str, label: str) -> list[tuple[str, float, str]]:
        """Day of filing, value and derivation of a quarter, or of a year such as ``2024``."""
        return [
            (row["filed"], row["value"], row["derivation"])
            for row in self.rows(concept)
            if (row["calendar_quarter"] or row["period_end"][:4]) == label
        ]

    def findings(self, kind: str) -> list[Any]:
        return [finding for finding in self.derived[1] if finding.kind == kind]

    def kinds(self) -> set[tuple[str, bool]]:
        """Kinds of what was found, and whether the number was refused."""
        return {(finding.kind, finding.refused) for finding in self.derived[1]}
