"""What model makers were reported to earn at a yearly rate, as known at each date, from ``data/run_rates.toml``.

They file nothing yet: these are reports, on gross and net bases mixed, and the only dated trace of AI revenue.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from headrace.errors import EvidenceError, near_matches
from headrace.periods import parse_date

REPORTING_LAG = dt.timedelta(days=45)
"""After which a rate counts as known where nobody recorded the day of the report; the lag that filings have."""


@dataclass(frozen=True)
class RunRate:
    """One report: on ``dated`` the lab earned ``revenue_usd_bn_per_year`` at a yearly rate [USD bn/year]."""

    lab: str
    dated: dt.date
    revenue_usd_bn_per_year: float
    quality: str
    source_url: str
    published: dt.date | None = None

    @property
    def known(self) -> dt.date:
        """First day on which it counts as known."""
        return self.published or self.dated + REPORTING_LAG


def load(as_of: str | None = None) -> tuple[RunRate, ...]:
    """The reports known on a day, in the order of the days they are of.

    Args:
        as_of: ISO date; ``None`` sees all.

    Raises:
        PeriodError: ``as_of`` is no date.
        EvidenceError: A row of ``run_rates.toml`` breaks the schema.
    """
    day = dt.date.max if as_of is None else parse_date(as_of, "as_of")
    return tuple(report for report in _load() if report.known <= day)


def revenue_usd_bn_per_year(reports: Iterable[RunRate], day: dt.date) -> float:
    """Sum over labs of the last rate each had by ``day`` [USD bn/year]; 0 before the first report of anyone."""
    last = {report.lab: report for report in sorted(reports, key=lambda one: one.dated) if report.dated <= day}
    return sum(report.revenue_usd_bn_per_year for report in last.values())


def read_run_rates(text: str) -> tuple[RunRate, ...]:
    """The reports in ``text``.

    Args:
        text: TOML, one ``[[run_rate]]`` each.

    Raises:
        EvidenceError: A row has an unknown or missing key or a value that is not allowed, or a lab has two rates of one
            day.
    """
    found = [_run_rate(row, place) for place, row in enumerate(tomllib.loads(text)["run_rate"], start=1)]
    found.sort(key=lambda report: (report.dated, report.lab))
    for before, after in pairwise(found):
        if (before.lab, before.dated) == (after.lab, after.dated):
            raise EvidenceError(f"run_rates.toml: {after.lab} has two rates of {after.dated}")
    return tuple(found)


@cache
def _load() -> tuple[RunRate, ...]:
    return read_run_rates((files("headrace") / "data" / "run_rates.toml").read_text(encoding="utf-8"))


def _run_rate(row: Mapping[str, Any], place: int) -> RunRate:
    where = f"run_rates.toml, run_rate {place} ({row.get('lab', 'nobody')}, {row.get('dated', 'no day')})"
    known = {field.name: field for field in fields(RunRate)}
    for key in sorted(row.keys() - known.keys()):
        raise EvidenceError(f"{where}: unknown key {key!r}; near: {', '.join(near_matches(key, known)) or 'none'}")
    for key, field in known.items():
        if key not in row and field.default is MISSING:
            raise EvidenceError(f"{where}: {key!r} is missing")
    for key in ("dated", "published"):
        if type(row.get(key, dt.date.min)) is not dt.date:
            raise EvidenceError(f"{where}: {key} is {row[key]!r}; wanted a date, such as 2026-08-31")
    report = RunRate(**row)
    rate = report.revenue_usd_bn_per_year
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < float("inf"):
        raise EvidenceError(f"{where}: revenue_usd_bn_per_year is {rate!r}; wanted a positive number [USD bn/year]")
    if report.quality not in ("A", "B", "C"):
        raise EvidenceError(f"{where}: unknown quality {report.quality!r}; wanted A, B or C")
    if report.published and report.published < report.dated:
        raise EvidenceError(f"{where}: published on {report.published}, before the day it is of")
    if not report.source_url.startswith(("https://", "http://")):
        raise EvidenceError(f"{where}: source_url is {report.source_url!r}; wanted a page that a reader can open")
    return report
