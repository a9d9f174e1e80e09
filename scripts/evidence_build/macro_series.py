"""Series of money and prices that may be shipped, from copies of FRED's: month-ends of daily ones, all of others."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from headrace.errors import EvidenceError
from headrace.evidence import sources
from headrace.evidence.providers import fred, series
from headrace.evidence.providers.observations import Observation
from headrace.evidence.providers.series import FredSeries


def read_macro(folder: Path, report: Counter[str]) -> Iterator[Observation]:
    """The figures of ``SERIES.json`` files, without those that may not be passed on.

    Args:
        folder: With one file a series: ``series_id``, ``fetched_at`` and ``observations`` of ``date`` and ``value``.
        report: Counts of what was read and left out; added to.

    Raises:
        EvidenceError: A file holds another series, or breaks its schema.
    """
    records = sources.load()
    declared = {one.series: one for one in series.load().values() if isinstance(one, FredSeries)}
    for path in sorted(folder.glob("*.json")):
        copy = json.loads(path.read_text(encoding="utf-8"))
        name = copy["series_id"]
        if name != path.stem or name not in declared:
            raise EvidenceError(f"{path.name}: holds {name!r}; wanted the series of its name, declared in series.toml")
        one = declared[name]
        report["rows in: copies of FRED's series"] += len(copy["observations"])
        if records[one.source_id].redistribution != "allowed":
            report["left out: series that may not be passed on"] += len(copy["observations"])
            continue
        seen = dt.datetime.fromisoformat(copy["fetched_at"]).date()
        found = {dt.date.fromisoformat(row["date"]): float(row["value"]) for row in copy["observations"]}
        observed = fred.figures(found, one, seen, path.name)
        report["left out: days of a daily series that end no month"] += len(found) - len(observed)
        yield from observed
