"""Reading companyfacts: headrace beside capex-atlas and edgartools, on the same files in one run.

Each reader gets the bytes and does the most it offers towards discrete quarters: headrace parses, checks, merges tags
and derives every vintage of every quarter; capex-atlas extracts facts of the same tags; edgartools parses all of a
document and makes quarters tag by tag. Each has a process of its own, and they take turns. Run it in an environment
that has the peers (Python 3.12 or later)::

    pip install capex-atlas==0.2.0 edgartools
    python benchmarks/compare_readers.py FOLDER_WITH_COMPANYFACTS_JSON
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path

from headrace.evidence import universe
from headrace.evidence.filings import quarters

SEEN_ON = dt.date(2026, 11, 22)


def main() -> int:
    """Print medians, ratios and the most memory each reader held; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with TICKER.json files of companyfacts")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each reader; the median counts")
    parser.add_argument("--filers", type=int, default=100, help="filers in the second measurement, from the same files")
    options = parser.parse_args()
    paths = sorted(options.folder.glob("*.json"))
    if not paths:
        print(f"{options.folder}: no *.json files", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in paths) / 1e6
    print(f"{len(paths)} documents, {size:.1f} MB, median of {options.repeats} runs, readers in turn")
    readers = [name for name, (module, _) in _READERS.items() if find_spec(module)]
    found = {name: _Process(name, paths) for name in readers}
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(options.repeats):
        for name, process in found.items():
            seconds[name].append(process.run(len(paths)))
    own = statistics.median(seconds["headrace"])
    for name, times in seconds.items():
        label = name if name == "headrace" else f"{name} {version(name)}"
        middle, rows, memory = statistics.median(times), found[name].rows, found[name].memory_mb
        print(f"{label:<20} {middle:8.3f} s  {middle / own:6.1f} x  {rows:>7,} rows  {memory:>5,.0f} MB at most")
    for name in _READERS.keys() - set(readers):
        print(f"{name:<20} not installed")
    wall = found["headrace"].run(options.filers)
    rows, memory = found["headrace"].rows, found["headrace"].memory_mb
    print(f"{options.filers} filers from these files: {wall:.2f} s, {rows:,} rows, {memory:,.0f} MB at most")
    for process in found.values():
        process.end()
    return 0


class _Process:
    """A reader in a process of its own, which reads so many documents when told to."""

    def __init__(self, name: str, paths: list[Path]) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(name, paths, there))
        self._process.start()
        self.rows, self.memory_mb = 0, 0.0
        self.run(len(paths))  # imports and caches

    def run(self, count: int) -> float:
        """Seconds for so many documents."""
        self._here.send(count)
        seconds, self.rows, self.memory_mb = self._here.recv()
        return float(seconds)

    def end(self) -> None:
        self._here.send(0)
        self._process.join()


def _serve(name: str, paths: list[Path], pipe: Connection) -> None:
    documents = {path.stem: path.read_bytes() for path in paths}
    entities = {entity.ticker: entity for entity in universe.load().values()}
    _, reader = _READERS[name]
    while count := pipe.recv():
        names = [paths[number % len(paths)].stem for number in range(count)]
        start = time.process_time()
        rows = sum(reader(documents[name], entities[name]) for name in names)
        seconds = time.process_time() - start
        pipe.send((seconds, rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def _headrace(document: bytes, entity: universe.Entity) -> int:
    frame, _ = quarters.facts_of(document, entity, f"{entity.ticker}.json", SEEN_ON)
    return len(frame)


def _capex_atlas(document: bytes, entity: universe.Entity) -> int:
    from capex_atlas.normalization.calendar import FiscalCalendar
    from capex_atlas.schemas.facts import Statement
    from capex_atlas.schemas.source import SourceKind, SourceReference
    from capex_atlas.xbrl.companyfacts import extract_facts

    source = SourceReference(kind=next(iter(SourceKind)))
    payload = json.loads(document)
    month = int(entity.fiscal_year_end[:2])
    statements = {tag: Statement.INCOME_STATEMENT for tag in payload["facts"]["us-gaap"]}
    calendar = FiscalCalendar(entity_id=entity.ticker, fiscal_year_end_month=month)
    found = extract_facts(payload, entity_id=entity.ticker, calendar=calendar, source=source, statement_map=statements)
    return len(found.facts)


def _edgartools(document: bytes, entity: universe.Entity) -> int:
    from edgar.entity.parser import EntityFactsParser
    from edgar.ttm.calculator import TTMCalculator

    parsed = EntityFactsParser.parse_company_facts(json.loads(document))
    by_tag: dict[str, list[object]] = {}
    for fact in parsed.get_all_facts():
        by_tag.setdefault(fact.concept, []).append(fact)
    rows = 0
    for facts in by_tag.values():
        durations = [fact for fact in facts if fact.period_type == "duration" and fact.unit == "USD"]
        rows += len(TTMCalculator(durations).quarterize()) if durations else len(facts)
    return rows


_READERS: Mapping[str, tuple[str, Callable[[bytes, universe.Entity], int]]] = {
    "headrace": ("headrace", _headrace),
    "capex-atlas": ("capex_atlas", _capex_atlas),
    "edgartools": ("edgar", _edgartools),
}

if __name__ == "__main__":
    sys.exit(main())
