"""Reproduce collected quarters from EDGAR's own files, and list every one that is not, with the reason.

Every collected figure of first quality whose tag and last day are in a file of its filer is set beside the newest
vintage that headrace derives from that file. Nothing drops out: a figure is reproduced, an exception or absent.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence_build.quarterly_facts import concept_of
from headrace.errors import HeadraceError
from headrace.evidence import universe
from headrace.evidence.filings import quarters

SEEN_ON = dt.date(2026, 11, 22)
"""Day the files were collected; no report in them is younger."""

REASONS = {
    ("AMZN", "operating_income", "2014-12-31"): "filed as 591; the collected 590 is a difference of rounded figures",
    ("META", "operating_cash_flow", "2016-12-31"): (
        "the collected difference takes a year restated in 2017 from nine months that were not; "
        "ours takes both from one report"
    ),
    ("NVDA", "long_term_debt", "2016-01-31"): "the collected zero is a placeholder: notes of 1,413 were filed first",
    ("ORCL", "long_term_debt", "2022-05-31"): "the collected zero is a placeholder; the debt stands under other tags",
    ("VRT", "operating_cash_flow", "2024-06-30"): (
        "the collected difference takes a half restated a year later from a first quarter that was not"
    ),
}
"""Filer, concept and last day of figures that no vintage of ours gives, and why."""


@dataclass(frozen=True)
class Collected:
    """One collected figure beside what the file of its filer gives; ``reason`` is empty where both agree."""

    ticker: str
    concept: str
    period_end: str
    value: float
    outcome: str
    reason: str = ""


def reproduce(figures: Path, edgar: Path) -> list[Collected]:
    """Every collected figure of first quality of the filers in ``edgar``, with what became of it.

    Args:
        figures: ``quarterly_facts.csv``.
        edgar: Folder with companyfacts files, ``TICKER.json``.

    Returns:
        In the order of the table; ``outcome`` is ``reproduced``, ``exception`` or ``absent``.
    """
    entities = {entity.ticker: entity for entity in universe.load().values()}
    filers = {path.stem: _Filer(path, entities[path.stem]) for path in sorted(edgar.glob("*.json"))}
    with figures.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["quality"] == "A" and row["ticker"] in filers]
    return [_beside(row, filers[row["ticker"]]) for row in rows]


def table(found: list[Collected]) -> Iterator[str]:
    """The lines of the report: totals, exceptions with reasons, absences by filer and reason."""
    outcomes = Counter(figure.outcome for figure in found)
    in_files = outcomes["reproduced"] + outcomes["exception"]
    yield f"{len(found):>7,}  collected figures of first quality"
    yield f"{in_files:>7,}  with tag and last day in the files"
    yield f"{outcomes['reproduced']:>7,}  of them reproduced by the newest vintage"
    yield f"{outcomes['exception']:>7,}  of them not:"
    for figure in found:
        if figure.outcome == "exception":
            yield f"         {figure.ticker} {figure.concept} {figure.period_end}: {figure.reason}"
    yield f"{outcomes['absent']:>7,}  not in the files:"
    absent = Counter((figure.ticker, figure.reason) for figure in found if figure.outcome == "absent")
    for (ticker, reason), count in sorted(absent.items()):
        yield f"{count:>7,}  {ticker}: {reason}"


class _Filer:
    """What the file of a filer holds, and what is derived from it."""

    def __init__(self, path: Path, entity: universe.Entity) -> None:
        document = path.read_bytes()
        facts = json.loads(document)["facts"]
        self.ends = {
            tag: {row["end"] for rows in found["units"].values() for row in rows}
            for taxonomy in facts.values()
            for tag, found in taxonomy.items()
        }
        self.last = max(end for ends in self.ends.values() for end in ends)
        frame, _ = quarters.facts_of(document, entity, path.name, SEEN_ON)
        self.vintages: dict[tuple[str, str], list[Any]] = {}
        for row in frame[frame["calendar_quarter"] != ""].itertuples():
            self.vintages.setdefault((row.concept, f"{row.period_end:%Y-%m-%d}"), []).append(row)


def _beside(row: dict[str, str], filer: _Filer) -> Collected:
    ticker, end, value = row["ticker"], row["period_end"], float(row["value_usd"])
    concept = concept_of(ticker, row["concept"])
    if end not in filer.ends.get(row["xbrl_tag"], ()):
        return Collected(ticker, concept, end, value, "absent", _absence(row, filer))
    vintages = filer.vintages.get((concept, end), [])
    if vintages and vintages[-1].value == value:
        return Collected(ticker, concept, end, value, "reproduced")
    reason = REASONS.get((ticker, concept, end), "nobody knows why yet")
    for vintage in vintages:
        if vintage.value == value:
            newest = vintages[-1]
            reason = (
                f"{value / 1e6:,.1f} was filed on {vintage.filed:%Y-%m-%d} and restated "
                f"to {newest.value / 1e6:,.1f} on {newest.filed:%Y-%m-%d}"
            )
    return Collected(ticker, concept, end, value, "exception", reason)


def _absence(row: dict[str, str], filer: _Filer) -> str:
    if not row["xbrl_tag"]:
        return f"{row['concept']} was collected without a tag"
    if row["xbrl_tag"] not in filer.ends:
        return f"the file has no tag {row['xbrl_tag']}"
    if row["period_end"] > filer.last:
        return f"the file ends with {filer.last}, before {row['period_end']}"
    return f"the file has nothing of {row['xbrl_tag']} for {row['period_end']}"


def main(arguments: list[str] | None = None) -> int:
    """Print the table; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figures", type=Path, required=True, help="the collected table, quarterly_facts.csv")
    parser.add_argument("--edgar", type=Path, required=True, help="folder with companyfacts files, TICKER.json")
    options = parser.parse_args(arguments)
    try:
        for line in table(reproduce(options.figures, options.edgar)):
            print(line)
    except (HeadraceError, OSError, KeyError) as error:
        print(f"reproduce_quarters: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
