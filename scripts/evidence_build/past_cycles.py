"""Quarterly capital cycles of the past from a collected table: oil and gas, telecom, memory and storage, railroads.

The table gives for each quarter the value of the last report on it and the day of the first one. Where the quarterly
facts know what was reported first, that value is taken; else a row says that its value is the last one known. What
cannot be right is left out by name: a sign that spending cannot have, a difference that subtracts such a number, one
that is far from both its sides, figures of another company.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import pandas as pd

from evidence_build.filing_dates import accessions_in
from evidence_build.toml_rows import toml_row
from headrace.evidence import sources
from headrace.evidence.storage.store import write_table
from headrace.periods import quarter_of_flow

CYCLES = {
    "oil_and_gas": "Oil and gas, through US shale",
    "telecom": "Telecom, through 4G and 5G",
    "memory_and_storage": "Memory and storage",
    "railroads": "Railroads",
}
ENTITIES = {
    "OXY": ("occidental", "Occidental Petroleum", "oil_and_gas"),
    "COP": ("conocophillips", "ConocoPhillips", "oil_and_gas"),
    "CVX": ("chevron", "Chevron", "oil_and_gas"),
    "XOM": ("exxon_mobil", "ExxonMobil", "oil_and_gas"),
    "EOG": ("eog_resources", "EOG Resources", "oil_and_gas"),
    "T": ("att", "AT&T", "telecom"),
    "VZ": ("verizon", "Verizon", "telecom"),
    "TMUS": ("t_mobile_us", "T-Mobile US", "telecom"),
    "MU": ("micron", "Micron Technology", "memory_and_storage"),
    "WDC": ("western_digital", "Western Digital", "memory_and_storage"),
    "CSX": ("csx", "CSX", "railroads"),
    "NSC": ("norfolk_southern", "Norfolk Southern", "railroads"),
    "UNP": ("union_pacific", "Union Pacific", "railroads"),
}
"""Slug (that of the universe where it has one), name and cycle by ticker."""

CONCEPT_OF = {
    "capex": "capital_expenditure",
    "operating_cash_flow": "operating_cash_flow",
    "revenue": "revenue",
    "net_income": "net_income",
}
NEVER_NEGATIVE = ("capital_expenditure", "revenue")

OTHER_COMPANY = {"TMUS": (dt.date(2012, 12, 31), "filed by MetroPCS, or beside its figures, before the merger of 2013")}
"""Until when a filer number held another company, by ticker."""

WANTED_QUARTERS = 24
"""An entity ships with at least six years of both capital expenditure and operating cash flow."""

FAR = 3.0
"""A quarter this many times above or below the median of four quarters is far from them."""

SIDE_QUARTERS, SIDE_WANTED = 4, 2
SAME_PERIOD_DAYS = 45
SOURCE = "sec_companyfacts"
HEADER = """# Capital cycles of the past: who is in past_cycles.parquet, and what was left out and why; made by
# scripts/build_evidence.py.
"""


@dataclass(frozen=True)
class _Quarter:
    ticker: str
    concept: str
    start: dt.date
    end: dt.date
    value: float
    derived: bool
    locator: str
    filed: dt.date
    tag: str
    first_vintage: bool

    @property
    def series(self) -> tuple[str, str]:
        return self.ticker, self.concept


def write_past_cycles(path: Path, quarterly: Path, out: Path, report: Counter[str]) -> None:
    """Write ``past_cycles.parquet`` and ``past_cycles.toml`` into ``out``.

    Args:
        path: ``historical_cycles_quarterly.csv``.
        quarterly: ``quarterly_facts.csv``, which knows first vintages of some filers.
        out: The folder.
        report: Counts of what was read and left out; added to.
    """
    collected = list(_rows(path))
    report[f"rows in: {path.name}"] = len(collected)
    found = [_quarter(row) for row in collected if row["ticker"] in ENTITIES]
    elsewhere = [row for row in collected if row["ticker"] not in ENTITIES]
    report["left out: a past cycle with too few entities"] = len(elsewhere)
    found, compared = _with_first_vintages(found, quarterly)
    left_out: list[tuple[_Quarter, str]] = []
    for rule in (_other_companies, _repeated, _wrong_sign, _far_differences, _too_short):
        found = _without(rule(found), found, left_out)
    for _, reason in left_out:
        report[f"left out: past cycles, {reason.split(':')[0]}"] += 1
    frame = pd.DataFrame([_table_row(one) for one in found])
    sources.check_may_ship("past_cycles.parquet", set(frame["source_id"]))
    write_table("past_cycles", frame, out)
    report["rows out: past_cycles.parquet"] = len(frame)
    (out / "past_cycles.toml").write_text(_ledger(found, left_out, elsewhere, compared), encoding="utf-8")


def _quarter(row: Mapping[str, str]) -> _Quarter:
    locator, filed = row["source_ref"].split(" | ")[0], dt.date.fromisoformat(row["first_filed"])
    years = {2000 + int(accession[11:13]) for accession in accessions_in(locator)}
    return _Quarter(
        ticker=row["ticker"],
        concept=CONCEPT_OF[row["concept"]],
        start=dt.date.fromisoformat(row["period_start"]),
        end=dt.date.fromisoformat(row["period_end"]),
        value=float(row["value_usd"]),
        derived=row["derived"] == "1",
        locator=locator,
        filed=filed,
        tag=f"us-gaap:{row['xbrl_tag']}",
        first_vintage=max(years) <= filed.year,
    )


def _with_first_vintages(found: Sequence[_Quarter], quarterly: Path) -> tuple[list[_Quarter], Counter[str]]:
    """The quarters with the value that was reported first, where it is known; how many were compared, and differ."""
    first = {
        (row["ticker"], CONCEPT_OF[row["concept"]], row["period_end"]): row["value_first_reported"]
        for row in _rows(quarterly)
        if row["concept"] in CONCEPT_OF and row["value_first_reported"]
    }
    compared: Counter[str] = Counter()
    settled = []
    for one in found:
        known = first.get((*one.series, one.end.isoformat()))
        if known is not None:
            compared["compared"] += 1
            if float(known) != one.value:
                compared["restated"] += 1
                locator = f"report filed {one.filed}; restated in {one.locator}"
                one = replace(one, value=float(known), locator=locator)
            one = replace(one, first_vintage=True)
        settled.append(one)
    return settled, compared


def _other_companies(found: Sequence[_Quarter]) -> dict[_Quarter, str]:
    wrong = {}
    for one in found:
        until, reason = OTHER_COMPANY.get(one.ticker, (dt.date.min, ""))
        if one.end <= until:
            wrong[one] = f"other company: {reason}"
    return wrong


def _repeated(found: Sequence[_Quarter]) -> dict[_Quarter, str]:
    """A second figure of one series for one quarter."""
    wrong, last = {}, dict[tuple[str, str], _Quarter]()
    for one in sorted(found, key=lambda one: (one.series, one.end)):
        before = last.get(one.series)
        if before is not None and (one.end - before.end).days < SAME_PERIOD_DAYS:
            wrong[one] = f"repeated: the quarter to {before.end} is there already"
        else:
            last[one.series] = one
    return wrong


def _wrong_sign(found: Sequence[_Quarter]) -> dict[_Quarter, str]:
    """Spending and revenue below 0, and the differences of their series that subtract such a number."""
    wrong = {one: "sign: it cannot be negative" for one in found if one.concept in NEVER_NEGATIVE and one.value < 0}
    reports = {(one.series, accession) for one in wrong if not one.derived for accession in accessions_in(one.locator)}
    for one in found:
        if one.derived and any((one.series, accession) in reports for accession in accessions_in(one.locator)):
            wrong.setdefault(one, "difference: it subtracts a number of the wrong sign")
    return wrong


def _far_differences(found: Sequence[_Quarter]) -> dict[_Quarter, str]:
    """Differences of revenue or spending that are far from both sides: of two bases, or of a year and a part of it."""
    return {
        one: f"far: a difference {FAR:g} times off the quarters before and after it"
        for one, sides in _far(found)
        if one.derived and sides == 2
    }


def _far(found: Sequence[_Quarter]) -> list[tuple[_Quarter, int]]:
    """Quarters of revenue or spending that are far from those before, after, or both; and from how many sides."""
    far = []
    for series in _series(found).values():
        if series[0].concept not in NEVER_NEGATIVE:
            continue
        for place, one in enumerate(series):
            sides = (series[max(0, place - SIDE_QUARTERS) : place], series[place + 1 : place + 1 + SIDE_QUARTERS])
            usual = [median(other.value for other in side) for side in sides if len(side) >= SIDE_WANTED]
            off = sum(one.value >= FAR * level or one.value * FAR <= level for level in usual)
            if off:
                far.append((one, off))
    return far


def _too_short(found: Sequence[_Quarter]) -> dict[_Quarter, str]:
    """Everything of an entity that lacks spending or cash flow over the years that are wanted."""
    counts = Counter(one.series for one in found)
    wanted = ("capital_expenditure", "operating_cash_flow")
    short = {
        ticker
        for ticker in {one.ticker for one in found}
        if any(counts[ticker, concept] < WANTED_QUARTERS for concept in wanted)
    }
    return {one: "short: its filer has too little of spending or cash flow" for one in found if one.ticker in short}


def _without(
    wrong: Mapping[_Quarter, str], found: Sequence[_Quarter], left_out: list[tuple[_Quarter, str]]
) -> list[_Quarter]:
    left_out.extend(wrong.items())
    return [one for one in found if one not in wrong]


def _series(found: Sequence[_Quarter]) -> dict[tuple[str, str], list[_Quarter]]:
    by_series: dict[tuple[str, str], list[_Quarter]] = defaultdict(list)
    for one in sorted(found, key=lambda one: one.end):
        by_series[one.series].append(one)
    return by_series


def _table_row(one: _Quarter) -> dict[str, object]:
    slug, _, cycle = ENTITIES[one.ticker]
    return {
        "cycle": cycle,
        "entity": slug,
        "concept": one.concept,
        "period_start": one.start,
        "period_end": one.end,
        "calendar_quarter": quarter_of_flow(one.start, one.end),
        "value": one.value,
        "unit": "USD",
        "status": "derived" if one.derived else "reported",
        "quality": "A",
        "source_id": SOURCE,
        "locator": one.locator,
        "filed": one.filed,
        "first_vintage": one.first_vintage,
        "tag": one.tag,
    }


def _ledger(
    found: Sequence[_Quarter],
    left_out: Sequence[tuple[_Quarter, str]],
    elsewhere: Sequence[Mapping[str, str]],
    compared: Mapping[str, int],
) -> str:
    """Cycles, entities, what was left out, what is surprising and stays, and cycles that do not ship."""
    shipped = {one.ticker for one in found}
    rows = [toml_row("cycle", {"slug": slug, "name": name}) for slug, name in CYCLES.items()]
    for ticker, (slug, name, cycle) in ENTITIES.items():
        rows.append(
            toml_row(
                "entity", {"slug": slug, "name": name, "ticker": ticker, "cycle": cycle, "ships": ticker in shipped}
            )
        )
    # Whole filers that are too short need no line for each of their quarters.
    named = [(one, reason) for one, reason in left_out if not reason.startswith("short:")]
    rows += [_finding("left_out", one, reason) for one, reason in named]
    rows += [
        _finding("surprising", one, f"{FAR:g} times off the quarters on {'both sides' if off == 2 else 'one side'}")
        for one, off in _far(found)
    ]
    others: dict[str, set[str]] = defaultdict(set)
    for row in elsewhere:
        others[row["cycle"]].add(row["entity"])
    rows += [
        toml_row("other_cycle", {"name": cycle, "entities": sorted(entities)}) for cycle, entities in others.items()
    ]
    rows.append(f"[first_vintages]\ncompared = {compared['compared']}\nrestated = {compared['restated']}\n")
    return "\n".join([HEADER, *rows])


def _finding(table: str, one: _Quarter, reason: str) -> str:
    slug, _, cycle = ENTITIES[one.ticker]
    return toml_row(
        table,
        {
            "cycle": cycle,
            "entity": slug,
            "concept": one.concept,
            "period_end": one.end,
            "value": one.value,
            "reason": reason,
            "locator": one.locator,
        },
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
