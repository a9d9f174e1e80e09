"""Many broken companyfacts documents, and what becomes of each: refused, unmoved or explained, never wrong in silence.

One to three mutations strike the bytes or the structure of a document. What they struck is found by an independent
reader, which compares the numbers of both documents. For each figure, what was known on each day before is then set
beside what is known after, and every difference must be one of these:

* the document is refused with an ``EvidenceError`` that names it (so is one that says something twice);
* a number that was struck is in it: the row, or the one known in its place, names the report, concept and period of
  that number, because this is what the report now says;
* a finding names the report or the period of the row that came, changed or went;
* the row is true: its report says just this in the document as it was.

A row that differs otherwise, any other exception, and a row that nothing in the document says are failures::

    python benchmarks/fuzz_companyfacts.py --documents 100000 --edgar FOLDER_WITH_COMPANYFACTS_JSON
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from broken_documents import mutated

from headrace.errors import EvidenceError
from headrace.evidence import universe
from headrace.evidence.filings import quarters, tags

SEEN_ON = dt.date(2026, 11, 22)
WHERE = "document.json"
NEAR_DAYS = 7
TAGS_OF_A_CUT = 4
FIRST_DAY_OF_A_CUT = "2019-01-01"


class Said(NamedTuple):
    """One number of a document, as an independent reader finds it."""

    tag: str
    unit: str
    start: Any
    end: Any
    value: Any
    accession: Any
    form: Any
    filed: Any


class Row(NamedTuple):
    """One row of what is derived; days as ordinals, 0 for none."""

    filed: int
    value: float
    locator: str
    derivation: str


OUTCOMES = (
    "refused with its place",
    "same rows",
    "same rows, another number",
    "same values on every day",
    "explained by a finding",
    "filed so",
    "true before",
)
"""What may become of a document, from nothing to a row that the judge had to look up in the document before."""

Figures = dict[tuple[str, str, int, int], list[Row]]
"""By concept, unit, first day (0 for a balance sheet) and last day."""


@dataclass(frozen=True)
class Subject:
    """A document before anything struck it, and all that is known of it."""

    name: str
    entity: universe.Entity
    document: bytes
    said: Counter[Said]
    figures: Figures
    findings: frozenset[tuple[str, str, str]]


class SaidTwiceError(Exception):
    """A key stands twice in one JSON object."""


def subject(name: str, entity: universe.Entity, document: bytes) -> Subject:
    """What a document says, and what is derived from it."""
    figures, findings = derived(document, entity)
    return Subject(name, entity, document, read_independently(document), figures, frozenset(findings))


def synthetic(slug: str = "microsoft") -> Subject:
    """Five years of a filer who restates, changes tags, and has a balance sheet and shares."""
    entity = universe.load()[slug]
    facts: dict[str, Any] = {}

    def says(tag: str, start: str, end: str, value: float, filed: str, form: str, unit: str = "USD") -> None:
        row = {"start": start, "end": end, "val": value, "accn": f"0000000001-{filed[2:4]}-{filed[5:7]}{filed[8:]}00"}
        row |= {"fy": 2020, "fp": "Q1", "form": form, "filed": filed}
        if not start:
            del row["start"]
        facts.setdefault(tag, {"label": tag, "units": {}})["units"].setdefault(unit, []).append(row)

    ends, days = ("03-31", "06-30", "09-30", "12-31"), ("05-01", "08-01", "11-01", "02-10")
    for year in range(2019, 2024):
        for again in (0, 1):
            total = 0
            for place, (end, day) in enumerate(zip(ends, days, strict=True)):
                filed, form = f"{year + again + (place == 3)}-{day}", "10-K" if place == 3 else "10-Q"
                first = f"{year}-{3 * place + 1:02d}-01"
                value = 1_000_000_000 + 40_000_000 * (4 * (year - 2019) + place) + 3_000_000 * again
                total += value
                revenue = "Revenues" if year > 2020 else "SalesRevenueNet"
                if place < 3:
                    says(revenue, first, f"{year}-{end}", value, filed, form)
                says(revenue, f"{year}-01-01", f"{year}-{end}", total, filed, form)
                cash = "NetCashProvidedByUsedInOperatingActivities"
                says(cash, f"{year}-01-01", f"{year}-{end}", total // 3, filed, form)
                says(
                    "PaymentsToAcquirePropertyPlantAndEquipment",
                    f"{year}-01-01",
                    f"{year}-{end}",
                    total // 5,
                    filed,
                    form,
                )
                says("InventoryNet", "", f"{year}-{end}", value // 7, filed, form)
                shares = "WeightedAverageNumberOfDilutedSharesOutstanding"
                says(shares, first, f"{year}-{end}", 7_000_000 + year, filed, form, "shares")
    document = {"cik": int(entity.cik), "entityName": entity.name, "facts": {"us-gaap": facts}}
    return subject("synthetic", entity, json.dumps(document, separators=(",", ":")).encode())


def cut(path: Path, entity: universe.Entity, chosen: random.Random) -> Subject:
    """The last years of a few tags of a real document."""
    whole = json.loads(path.read_bytes())
    wanted = {tag for concept in tags.reading_of(entity).concepts for tag in concept.tags}
    facts = {}
    names = sorted(name for name in whole["facts"]["us-gaap"] if f"us-gaap:{name}" in wanted)
    for name in chosen.sample(names, TAGS_OF_A_CUT):
        found = whole["facts"]["us-gaap"][name]["units"]
        units = {unit: [row for row in rows if row["end"] >= FIRST_DAY_OF_A_CUT] for unit, rows in found.items()}
        facts[name] = {"label": name, "units": units}
    whole["facts"] = {"us-gaap": facts}
    return subject(f"{entity.ticker} ({', '.join(facts)})", entity, json.dumps(whole, separators=(",", ":")).encode())


def judge(subject: Subject, document: bytes) -> str:
    """What became of a mutated document.

    Raises:
        AssertionError: A row differs and nothing explains it.
    """
    try:
        figures, findings = derived(document, subject.entity)
    except EvidenceError as refusal:
        if not str(refusal).startswith(WHERE):
            raise AssertionError(f"the refusal names no place: {refusal}") from None
        return "refused with its place"
    try:
        said = read_independently(document)
    except SaidTwiceError as twice:
        raise AssertionError(f"{twice}, and the document was read") from None
    except (ValueError, RecursionError) as fault:
        raise AssertionError(f"an independent reader refuses what was read: {fault}") from None
    if figures == subject.figures:
        return "same rows" if said == subject.said else "same rows, another number"
    struck = (said - subject.said) + (subject.said - said)
    named = [finding for finding in findings if finding not in subject.findings]
    reasons = set()
    after_all = _alike(figures, subject.figures)
    for key in subject.figures.keys() | after_all.keys():
        before, after = subject.figures.get(key, []), after_all.get(key, [])
        for row in set(after) - set(before):
            reasons.add(_reason(key, row, struck, named, subject.said))
        for row in set(before) - set(after):
            known = [other for other in after if other.filed <= row.filed]
            now = known[-1] if known else None
            if now is None or now.value != row.value:
                superseded = now is not None and _stands_on_struck(key, now, struck)
                reasons.add("filed so" if superseded else _reason(key, row, struck, named, None))
    return max(reasons, key=OUTCOMES.index, default="same values on every day")


def derived(document: bytes, entity: universe.Entity) -> tuple[Figures, list[tuple[str, str, str]]]:
    """Figures of a document, and concept, place and kind of every finding."""
    columns, findings = quarters.derive(document, entity, WHERE, SEEN_ON)
    epoch = dt.date(1970, 1, 1).toordinal()
    days = {}
    for name in ("period_start", "period_end", "filed"):
        number = columns[name].astype("datetime64[D]").astype("int64")
        days[name] = [int(day) + epoch if day > -(2**40) else 0 for day in number]
    names = ("concept", "unit", "value", "locator", "derivation")
    concept, unit, value, locator, derivation = (columns[name].tolist() for name in names)
    figures: Figures = {}
    for place in range(len(value)):
        key = (concept[place], unit[place], days["period_start"][place], days["period_end"][place])
        row = Row(days["filed"][place], value[place], locator[place], derivation[place])
        figures.setdefault(key, []).append(row)
    return figures, [(finding.concept, finding.where, finding.kind) for finding in findings]


def scaled(subject: Subject, place: int, factor: float) -> tuple[bytes, str]:
    """The document with one number of an unsigned concept multiplied, and the report that holds it."""
    company = json.loads(subject.document)
    signed = {row.concept for row in tags.reading_of(subject.entity).concepts if row.sign == "any"}
    rows = [
        row
        for tag, found in company["facts"]["us-gaap"].items()
        if _concept_of()[f"us-gaap:{tag}"] not in signed
        for rows in found["units"].values()
        for row in rows
    ]
    row = rows[place % len(rows)]
    row["val"] *= factor
    return json.dumps(company, separators=(",", ":")).encode(), str(row["accn"])


def only(document: bytes, wanted: Callable[[dict[str, Any]], bool]) -> bytes:
    """The document with those of its numbers that are wanted."""
    company = json.loads(document)
    for taxonomy in company["facts"].values():
        for tag in taxonomy.values():
            tag["units"] = {unit: [row for row in rows if wanted(row)] for unit, rows in tag["units"].items()}
    return json.dumps(company, separators=(",", ":")).encode()


def read_independently(document: bytes) -> Counter[Said]:
    """Every number of the tags we read, by Python's own reader of JSON.

    Raises:
        SaidTwiceError: A key stands twice where we read.
        ValueError: The document is no JSON or has another shape.
    """
    text = document.decode("utf-8", errors="replace")
    company = _once(json.loads(text, object_pairs_hook=list, strict=False))
    found: Counter[Said] = Counter()
    for taxonomy, by_tag in _once(company["facts"]).items():
        for tag, raw in _once(by_tag).items():
            if f"{taxonomy}:{tag}" not in _concept_of():
                continue
            for unit, rows in _once(_once(raw)["units"]).items():
                for pairs in rows:
                    row = _once([pair for pair in pairs if pair[0] in _PARTS])
                    found[Said(f"{taxonomy}:{tag}", unit, *(row.get(part) for part in _PARTS))] += 1
    return found


_PARTS = ("start", "end", "val", "accn", "form", "filed")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise SaidTwiceError(f"a key stands twice among {sorted(found)[:9]}")
    return found


@cache
def _concept_of() -> dict[str, str]:
    table = tags._table()["concept"]
    return {tag: concept for concept, row in table.items() for tag in row["tags"]}


def _alike(after: Figures, before: Figures) -> Figures:
    """The figures after, under the dates before where they wandered by days."""
    found: Figures = {}
    for key, rows in after.items():
        concept, unit, start, end = key
        if key not in before:
            near = [
                known
                for known in before
                if known[:2] == (concept, unit) and max(abs(known[2] - start), abs(known[3] - end)) <= NEAR_DAYS
            ]
            key = near[0] if near else key
        found[key] = sorted([*found.get(key, []), *rows])
    return found


def _reason(
    key: tuple[str, str, int, int], row: Row, struck: Counter[Said], named: list[Any], before: Counter[Said] | None
) -> str:
    """Why a row came or went; ``before`` is what the document said, for a row that came."""
    concept, _, start, end = key
    period = f"{dt.date.fromordinal(start)} to {dt.date.fromordinal(end)}" if start else f"{dt.date.fromordinal(end)}"
    accessions = row.locator.split(" - ")
    for about, where, kind in named:
        here = period in where or any(accession in where for accession in accessions)
        if about == concept and (here or kind == "unit"):  # a unit is refused for all rows of a tag
            return "explained by a finding"
    if _stands_on_struck(key, row, struck):
        return "filed so"
    if before is not None and _is_true(key, row, accessions, before):
        return "true before"
    raise AssertionError(
        f"{concept}, {period}: {row} {'came' if before is not None else 'went'}; struck {list(struck)[:4]}"
    )


def _stands_on_struck(key: tuple[str, str, int, int], row: Row, struck: Counter[Said]) -> bool:
    concept, _, start, end = key
    return any(_is_in(said, concept, start, end, row.locator.split(" - "), row.derivation) for said in struck)


def _is_in(said: Said, concept: str, start: int, end: int, accessions: list[str], derivation: str) -> bool:
    """Whether a number that was struck is one that the row stands on."""
    if _concept_of()[said.tag] != concept or said.accession not in accessions:
        return False
    last = _day(said.end)
    if not start:
        return abs(last - end) <= NEAR_DAYS
    if derivation:  # a longer period, a shorter one, or a quarter of the nine months of one report
        return end - 380 <= last <= end + NEAR_DAYS
    return abs(last - end) <= NEAR_DAYS or abs(_day(said.start) - start) <= NEAR_DAYS


def _is_true(key: tuple[str, str, int, int], row: Row, accessions: list[str], before: Counter[Said]) -> bool:
    concept, unit, start, end = key
    own = [
        said
        for said in before
        if _concept_of()[said.tag] == concept and said.unit == unit and said.accession in accessions
    ]
    if not row.derivation:
        return any(
            said.value == row.value and abs(_day(said.end) - end) <= NEAR_DAYS and _day(said.filed) == row.filed
            for said in own
            if abs(_day(said.start) - start) <= NEAR_DAYS
        )
    longer = [said for said in own if abs(_day(said.end) - end) <= NEAR_DAYS]
    shorter = [said for said in own if abs(_day(said.end) - (start - 1)) <= NEAR_DAYS]
    return any(one.value - other.value == row.value for one in longer for other in shorter)


def _day(text: Any) -> int:
    try:
        return dt.date.fromisoformat(text).toordinal()
    except (TypeError, ValueError):
        return 0


# --- The run


def subjects(edgar: Path | None) -> list[Subject]:
    """The synthetic document, and cuts of the real ones in a folder."""
    found = [synthetic()]
    if edgar is not None:
        entities = {entity.ticker: entity for entity in universe.load().values()}
        for path in sorted(edgar.glob("*.json")):
            found.append(cut(path, entities[path.stem], random.Random(path.stem)))
    return found


def strike_many(job: tuple[int, int, Path | None]) -> tuple[Counter[str], Counter[str], list[str]]:
    """Outcomes, strikes and failures of the documents with seeds from one number to another."""
    first, last, edgar = job
    known = subjects(edgar)
    outcomes: Counter[str] = Counter()
    strikes: Counter[str] = Counter()
    failures = []
    for seed in range(first, last):
        chance = random.Random(seed)
        whole = known[seed % len(known)]
        document, struck = mutated(whole.document, chance)
        strikes.update(struck.split(" and "))
        try:
            outcomes[judge(whole, document)] += 1
        except Exception as fault:  # whatever else comes out is what is looked for
            outcomes["FAILED"] += 1
            place = traceback.extract_tb(fault.__traceback__)[-1]
            failures.append(
                f"seed {seed}, {whole.name}, {struck}: {type(fault).__name__} {place.lineno}: {fault}"[:900]
            )
    return outcomes, strikes, failures


def main() -> int:
    """Strike many documents on every core and print what became of them; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=2000, help="how many mutated documents")
    parser.add_argument("--first", type=int, default=0, help="seed of the first one")
    parser.add_argument("--edgar", type=Path, help="folder with companyfacts files, TICKER.json, which are cut down")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    options = parser.parse_args()
    start, step, last = time.perf_counter(), 500, options.first + options.documents
    jobs = [(seed, min(seed + step, last), options.edgar) for seed in range(options.first, last, step)]
    outcomes: Counter[str] = Counter()
    strikes: Counter[str] = Counter()
    failures: list[str] = []
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for some_outcomes, some_strikes, some_failures in pool.imap_unordered(strike_many, jobs):
            outcomes += some_outcomes
            strikes += some_strikes
            failures += some_failures
    print(f"{options.documents:,} documents in {time.perf_counter() - start:.0f} s, {options.processes} processes")
    for outcome, count in outcomes.most_common():
        print(f"{count:>9,}  {outcome}")
    print("strikes: " + ", ".join(f"{name} {count:,}" for name, count in strikes.most_common()))
    for failure in failures[:40]:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
