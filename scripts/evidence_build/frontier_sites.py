"""IT power energised on the frontier sites that Epoch AI counts, by quarter: each site as last known, then the sum.

The table of milestones runs into the future and does not say where. The table of sites gives the power that each has
now; the day on which the milestones say the same of every site is the present of the count, and later milestones are
plans or projections.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

from headrace.errors import EvidenceError
from headrace.periods import quarter_index, quarter_label, quarter_range

MILESTONES = "data_center_timelines.csv"
SITES = "data_centers.csv"
SOURCE = "epoch_frontier_data_centres"

FIRST_QUARTER = "2023Q1"
QUARTERS = 20

_SITE, _DAY, _IT, _FACILITY = "Data center", "Date", "IT power (MW)", "Power (MW)"
_NAME, _NOW = "Name", "Current power (MW)"
_SAME_MW = 1.0
"""The table of sites gives whole megawatts."""

HEADER = """# IT power energised on the frontier sites that Epoch AI counts (CC BY 4.0), at the end of each quarter from
# first_quarter on; made by scripts/build_evidence.py from dated milestones. A site keeps its last milestone.
#
# present_first, present_last   days on which the milestones say of every site what the count says it has now
# present_mw                    IT power on those days; later milestones are plans or projections
# planned_mw                    the part of it_power_mw that milestones after those days add, falls included
# energised_sites               sites with power, of the sites that have a milestone of any date
"""

Milestones = dict[str, dict[dt.date, tuple[float, float]]]
"""IT and facility power [MW] by site and day."""


def write_frontier_sites(folder: Path, out: Path, report: Counter[str]) -> None:
    """Write ``frontier_sites.toml`` into ``out``.

    Args:
        folder: With the tables of milestones and of sites.
        out: The folder.
        report: Counts of what was read; added to.

    Raises:
        EvidenceError: A site has two milestones of one day, or on no day do milestones say what the sites have now.
    """
    milestones = _milestones(folder / MILESTONES, report)
    now = {row[_NAME]: float(row[_NOW] or 0) for row in _rows(folder / SITES, report)}
    first, last = _present(milestones, now)
    present = _known(milestones, first)
    ends = [_last_day(quarter) for quarter in quarter_range(FIRST_QUARTER, QUARTERS)]
    at_end = [_known(milestones, end) for end in ends]
    total = [sum(sites.values()) for sites in at_end]
    planned = [value - sum(present.values()) if end > last else 0.0 for value, end in zip(total, ends, strict=True)]
    lines = [
        f'source_id = "{SOURCE}"',
        f"sites = {len(milestones)}",
        f"present_first = {first}",
        f"present_last = {last}",
        f"present_mw = {sum(present.values()):.1f}",
        f'first_quarter = "{FIRST_QUARTER}"',
        f"it_power_mw = {_numbers(total)}",
        f"planned_mw = {_numbers(planned)}",
        f"energised_sites = [{', '.join(str(sum(mw > 0 for mw in sites.values())) for sites in at_end)}]",
    ]
    (out / "frontier_sites.toml").write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    report["rows out: frontier_sites.toml"] = QUARTERS


def _milestones(path: Path, report: Counter[str]) -> Milestones:
    found: Milestones = {}
    for row in _rows(path, report):
        site, day = found.setdefault(row[_SITE], {}), dt.date.fromisoformat(row[_DAY])
        if day in site:
            raise EvidenceError(f"{path.name}: {row[_SITE]} has two milestones on {day}; wanted one; say which holds")
        site[day] = float(row[_IT]), float(row[_FACILITY])
    return found


def _rows(path: Path, report: Counter[str]) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows: list[Mapping[str, str]] = list(csv.DictReader(lines))
    report[f"rows in: {path.name}"] += len(rows)
    return rows


def _present(milestones: Milestones, now: Mapping[str, float]) -> tuple[dt.date, dt.date]:
    """First and last day on which the milestones say what the sites have now."""
    days = sorted({day for site in milestones.values() for day in site})
    agreeing = [
        (first, following - dt.timedelta(days=1))
        for first, following in pairwise(days)
        if _agree(_known(milestones, first, part=1), now)
    ]
    if not agreeing:
        raise EvidenceError(
            f"{MILESTONES}: on no day do its milestones say what {SITES} says that the sites have now; "
            "fetch both tables on the same day"
        )
    return agreeing[0][0], agreeing[-1][1]


def _agree(known: Mapping[str, float], now: Mapping[str, float]) -> bool:
    return all(abs(known.get(site, 0.0) - power) <= _SAME_MW for site, power in now.items())


def _known(milestones: Milestones, day: dt.date, part: int = 0) -> dict[str, float]:
    """Power of each site as last known on a day [MW]: ``part`` 0 is IT, 1 is the facility."""
    return {
        site: dated[max(days)][part]
        for site, dated in milestones.items()
        if (days := [one for one in dated if one <= day])
    }


def _last_day(quarter: str) -> dt.date:
    following = quarter_label(quarter_index(quarter) + 1)
    return dt.date(int(following[:4]), 3 * int(following[-1]) - 2, 1) - dt.timedelta(days=1)


def _numbers(values: Iterable[float]) -> str:
    return "[" + ", ".join(f"{value:.1f}" for value in values) + "]"
