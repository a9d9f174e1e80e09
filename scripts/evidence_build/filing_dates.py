"""When an accession was filed: read where it can be read, inferred where it cannot, and said which.

An inferred date comes from the filer's own calendar: a restated comparative stands in the report on the same quarter a
year later, whose filing date is known.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence_build.figures import QUARTER_DELAY, estimated_filing_date
from headrace.evidence.universe import Entity

_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}")
_YEAR = dt.timedelta(days=365)
_YEAR_SLACK = dt.timedelta(days=15)


@dataclass(frozen=True)
class FilingCalendar:
    """Known filing dates: by accession, by filer and date, and the first report on each period of a filer."""

    filed_of_accession: Mapping[str, dt.date]
    accessions_of_day: Mapping[tuple[str, dt.date], tuple[str, ...]]
    first_report: Mapping[str, Mapping[dt.date, dt.date]]
    cutoff: dt.date

    def accession_filed_on(self, ticker: str, day: dt.date) -> str | None:
        """The accession of the filer's report of that day, where exactly one is known."""
        found = self.accessions_of_day.get((ticker, day), ())
        return found[0] if len(found) == 1 else None

    def report_filed(self, entity: Entity, end: dt.date, locator: str) -> tuple[dt.date, bool]:
        """When a figure without a filing date was out, and whether that date is estimated.

        A filing named in the locator has the date of that accession, or of the filer's report on the period. A page of
        the company itself is dated with that report, as an estimate. A second-hand table gets the usual delay.
        """
        accession = accession_of_url(locator)
        if accession in self.filed_of_accession:
            return self.filed_of_accession[accession], False
        report = self.first_report.get(entity.ticker, {}).get(end)
        own_page = accession != "" or f"www.{entity.slug}.com" in locator
        if report is not None and own_page:
            return report, accession == ""
        return estimated_filing_date(end, entity), True

    def restated_on(self, ticker: str, end: dt.date, locator: str) -> tuple[dt.date, bool]:
        """When the restatement in ``locator`` was filed, and whether that date is inferred.

        Args:
            ticker: The filer.
            end: End of the restated period.
            locator: One accession, or two joined by " - " where the figure is a difference.
        """
        accessions = accessions_in(locator)
        known = [self.filed_of_accession[a] for a in accessions if a in self.filed_of_accession]
        if len(known) == len(accessions):
            return max(known), False
        year = max(2000 + int(a[11:13]) for a in accessions)
        reports = self.first_report.get(ticker, {})
        for later_end, filed in sorted(reports.items()):
            if abs(later_end - end - _YEAR) <= _YEAR_SLACK and filed.year == year:
                return filed, True
        same_year = [filed for later_end, filed in reports.items() if later_end > end and filed.year == year]
        inferred = max(same_year) if same_year else end + _YEAR + QUARTER_DELAY
        return min(inferred, self.cutoff), True


def accessions_in(text: str) -> list[str]:
    """Every SEC accession number in ``text``, in order."""
    return _ACCESSION.findall(text)


def accession_of_url(url: str) -> str:
    """The accession number in the address of a filing on EDGAR; empty where there is none."""
    found = re.search(r"/edgar/data/\d+/(\d{10})(\d{2})(\d{6})/", url)
    return "-".join(found.groups()) if found else ""


def read_calendar(edgar: Path, first_reports: Mapping[str, Mapping[dt.date, dt.date]]) -> FilingCalendar:
    """Collect filing dates from a folder of companyfacts files.

    Args:
        edgar: Folder with ``TICKER.json`` files.
        first_reports: Filing date of the first report on each period end, by ticker.
    """
    filed: dict[str, dt.date] = {}
    by_day: dict[tuple[str, dt.date], set[str]] = {}
    for path in sorted(edgar.glob("*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))["facts"]
        units = (unit for tags in facts.values() for tag in tags.values() for unit in tag["units"].values())
        for row in (row for unit in units for row in unit):
            day = dt.date.fromisoformat(row["filed"])
            filed[row["accn"]] = day
            by_day.setdefault((path.stem, day), set()).add(row["accn"])
    cutoff = max(day for reports in first_reports.values() for day in reports.values())
    return FilingCalendar(filed, {key: tuple(sorted(found)) for key, found in by_day.items()}, first_reports, cutoff)
