"""NVIDIA's data-centre revenue by fiscal quarter, from a table of dated secondary figures."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from evidence_build.figures import Figure, Vintage, looked_up
from evidence_build.filing_dates import FilingCalendar
from headrace.evidence.universe import Entity

TOPIC = "nvda_dc"
QUARTER_LENGTH = dt.timedelta(weeks=13)
USD_BN = 1e9

SOURCE_OF = {
    "https://github.com/epoch-research/": "epoch_nvidia_quarterly_revenue",
    "https://www.anews.com.tr/": "anews_nvidia_fy2026q4",
    "https://letsdatascience.com/": "letsdatascience_nvidia_fy2027q1",
}
"""Beginning of the address, and the id of the source record."""

LATEST_END = dt.date(2026, 7, 26)
LATEST_URL = (
    "https://investor.nvidia.com/news/press-release-details/2026/"
    "NVIDIA-Announces-Financial-Results-for-Second-Quarter-Fiscal-2027/default.aspx"
)
"""One table grades the newest figure as filed and names this page, another as press and names none: it ships as C."""


def read_data_centre_revenue(
    path: Path, nvidia: Entity, calendar: FilingCalendar, report: Counter[str]
) -> Iterator[Figure]:
    """Data-centre revenue of NVIDIA from ``secondary_figures.csv``.

    Args:
        path: The file.
        nvidia: The entity.
        calendar: Known filing dates.
        report: Counts of what was read and left out; added to.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["topic"] == TOPIC]
    for row in rows:
        report["rows in: secondary_figures.csv (NVIDIA data-centre revenue)"] += 1
        end = dt.date.fromisoformat(row["period"])
        if end == LATEST_END:
            url, source_id, quality = LATEST_URL, "nvidia_results_fy2027q2", "C"
        else:
            url, quality = row["url_or_ref"], row["quality"].rstrip("-").replace("A", "B")
            beginning = next((known for known in SOURCE_OF if url.startswith(known)), url)
            source_id = looked_up(SOURCE_OF, beginning, "source", path.name, "add it to SOURCE_OF and sources.toml")
        filed, estimated = calendar.report_filed(nvidia, end, url)
        status = "estimated" if row["value"].startswith("~") else "reported"
        value = float(round(float(row["value"].lstrip("~")) * USD_BN))
        start = end - QUARTER_LENGTH + dt.timedelta(days=1)
        vintage = Vintage(value, filed, estimated, url)
        yield Figure(nvidia.slug, "data_centre_revenue", start, end, status, quality, source_id, None, (vintage,))
