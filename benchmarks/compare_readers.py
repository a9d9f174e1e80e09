"""Reading companyfacts: headrace beside capex-atlas and edgartools, on the same files in one run.

Each reader gets the bytes and does the most it offers towards discrete quarters: headrace parses, checks, merges tags
and derives every vintage of every quarter; capex-atlas extracts facts of the same tags; edgartools parses all of a
document and makes quarters tag by tag. Run it in an environment that has the peers (Python 3.12 or later)::

    pip install capex-atlas==0.2.0 edgartools
    python benchmarks/compare_readers.py FOLDER_WITH_COMPANYFACTS_JSON
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from headrace.evidence import quarters, universe

SEEN_ON = dt.date(2026, 11, 22)


def main() -> int:
    """Print medians, ratios and the largest memory seen; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with TICKER.json files of companyfacts")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each reader; the median counts")
    parser.add_argument("--filers", type=int, default=100, help="filers in the second measurement, from the same files")
    options = parser.parse_args()
    documents = {path.stem: path.read_bytes() for path in sorted(options.folder.glob("*.json"))}
    if not documents:
        print(f"{options.folder}: no *.json files", file=sys.stderr)
        return 1
    size = sum(map(len, documents.values())) / 1e6
    print(f"{len(documents)} documents, {size:.1f} MB, median of {options.repeats} runs, readers in turn")
    readers: dict[str, Callable[[Mapping[str, bytes]], int]] = {"headrace": _headrace}
    readers |= {name: reader for name, (module, reader) in _PEERS.items() if find_spec(module)}
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    counts: dict[str, int] = {}
    for _ in range(options.repeats):
        for name, reader in readers.items():
            start = time.perf_counter()
            counts[name] = reader(documents)
            seconds[name].append(time.perf_counter() - start)
    own = statistics.median(seconds["headrace"])
    for name, times in seconds.items():
        label = name if name == "headrace" else f"{name} {version(name)}"
        middle = statistics.median(times)
        print(f"{label:<20} {middle:8.3f} s  {middle / own:6.1f} x  {counts[name]:>7,} rows")
    for name in _PEERS.keys() - readers.keys():
        print(f"{name:<20} not installed")
    _many(documents, options.filers)
    return 0


def _headrace(documents: Mapping[str, bytes]) -> int:
    entities = {entity.ticker: entity for entity in universe.load().values()}
    rows = 0
    for ticker, document in documents.items():
        frame, _ = quarters.facts_of(document, entities[ticker], f"{ticker}.json", SEEN_ON)
        rows += len(frame)
    return rows


def _capex_atlas(documents: Mapping[str, bytes]) -> int:
    from capex_atlas.normalization.calendar import FiscalCalendar
    from capex_atlas.schemas.facts import Statement
    from capex_atlas.schemas.source import SourceKind, SourceReference
    from capex_atlas.xbrl.companyfacts import extract_facts

    entities = {entity.ticker: entity for entity in universe.load().values()}
    source = SourceReference(kind=next(iter(SourceKind)))
    rows = 0
    for ticker, document in documents.items():
        payload = json.loads(document)
        month = int(entities[ticker].fiscal_year_end[:2])
        statements = {tag: Statement.INCOME_STATEMENT for tag in payload["facts"]["us-gaap"]}
        calendar = FiscalCalendar(entity_id=ticker, fiscal_year_end_month=month)
        result = extract_facts(payload, entity_id=ticker, calendar=calendar, source=source, statement_map=statements)
        rows += len(result.facts)
    return rows


def _edgartools(documents: Mapping[str, bytes]) -> int:
    from edgar.entity.parser import EntityFactsParser
    from edgar.ttm.calculator import TTMCalculator

    rows = 0
    for document in documents.values():
        parsed = EntityFactsParser.parse_company_facts(json.loads(document))
        by_tag: dict[str, list[object]] = {}
        for fact in parsed.get_all_facts():
            by_tag.setdefault(fact.concept, []).append(fact)
        for facts in by_tag.values():
            durations = [fact for fact in facts if fact.period_type == "duration" and fact.unit == "USD"]
            rows += len(TTMCalculator(durations).quarterize()) if durations else len(facts)
    return rows


def _many(documents: Mapping[str, bytes], filers: int) -> None:
    entities = {entity.ticker: entity for entity in universe.load().values()}
    names = [sorted(documents)[number % len(documents)] for number in range(filers)]
    start = time.perf_counter()
    rows = 0
    for name in names:
        frame, _ = quarters.facts_of(documents[name], entities[name], f"{name}.json", SEEN_ON)
        rows += len(frame)
    wall = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{filers} filers from these files: {wall:.2f} s, {rows:,} rows, one document in memory at a time; "
        f"{peak:,.0f} MB at most, peers included"
    )


_PEERS: dict[str, tuple[str, Callable[[Mapping[str, bytes]], int]]] = {
    "capex-atlas": ("capex_atlas", _capex_atlas),
    "edgartools": ("edgar", _edgartools),
}

if __name__ == "__main__":
    sys.exit(main())
