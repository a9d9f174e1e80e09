"""The folder in which fetched figures live: generations of Parquet that are added and never changed.

A generation is everything one document says about one item of one source; readers see the newest of each item and
never lock. Writers take turns, and a writer killed at any moment leaves what was there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from headrace.errors import EvidenceError, UnknownNameError
from headrace.evidence.batch import Batch
from headrace.evidence.findings import Finding
from headrace.evidence.storage import generations, migrations
from headrace.evidence.storage import store as tables
from headrace.evidence.storage.lock import WAIT_SECONDS, held

_LOST_SHOWN = 3


@dataclass(frozen=True)
class Record:
    """Where the rows of a generation came from; it stands inside the generation's file.

    ``rules`` is the version of what turned the document into rows. ``filings`` are those the document listed.
    """

    schema: int
    source: str
    item: str
    url: str
    sha256: str
    retrieved: str
    rules: str
    rows: int
    filings: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Appended:
    """What became of a batch: its new generation, or ``None`` and in words why; ``lost`` where it was refused."""

    path: Path | None
    rows: int
    text: str
    lost: Finding | None = None


def default_path() -> Path:
    """The store of this user: what ``HEADRACE_STORE`` names, else a folder among the user's own data."""
    named = os.environ.get("HEADRACE_STORE")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("headrace", appauthor=False)


def newest(table: str, store: Path) -> list[Path]:
    """The generations that readers see: of every source and item the last one.

    Args:
        table: "facts" or "closes".
        store: Folder of the store; one that is not there holds nothing.

    Raises:
        EvidenceError: The store is of another version, is no store, or holds a Parquet file with a name that no
            writer gives.
    """
    migrations.check_readable(store)
    return list(generations.newest(store / table).values())


def record(source: str, item: str, store: Path) -> Record | None:
    """The record of the newest generation of an item, in whichever table it is; ``None`` where there is none.

    Raises:
        EvidenceError: The generation cannot be read.
    """
    for table in generations.TABLES:
        path = generations.newest(store / table).get((source, item))
        if path is not None:
            return _record_in(path)
    return None


def findings(store: Path) -> tuple[Finding, ...]:
    """What was refused or noted when the newest generations were read.

    Raises:
        EvidenceError: The store is of another version, or a generation cannot be read.
    """
    migrations.check_readable(store)
    paths = [path for table in generations.TABLES for path in generations.newest(store / table).values()]
    return tuple(finding for path in paths for finding in _record_in(path).findings)


def append(batch: Batch, store: Path, *, rules: str = "", wait: float = WAIT_SECONDS) -> Appended:
    """Add everything a document says as a new generation, or say why nothing was added.

    The same rows and findings from the same document add nothing. A document that lacks filings which the one before
    it listed is refused, and the old generation stays.

    Args:
        batch: What to add.
        store: Folder of the store; made where it is not there yet.
        rules: Version of what turned the document into rows.
        wait: How long to wait for another writer [s].

    Raises:
        EvidenceError: The rows break the schema, or the store is newer than this headrace.
        FetchError: Another writer holds the store for longer than ``wait``, or the folder cannot be written.
    """
    if batch.table not in generations.TABLES:
        wanted = ", ".join(generations.TABLES)
        raise EvidenceError(f"{batch.source} {batch.item}: table {batch.table!r}; wanted one of {wanted}")
    with opened(store, wait=wait):
        folder = store / batch.table
        before = generations.newest(folder).get((batch.source, batch.item))
        damage = ""
        if before is not None:
            try:
                known = _record_in(before)
                if _says_the_same(batch, known, before):
                    return Appended(None, known.rows, f"{known.rows:,} rows as before")
                lost = sorted(set(known.filings) - batch.filings)
                if lost:
                    finding = _filings_lost(batch, lost, before)
                    return Appended(None, 0, finding.text, finding)
            except EvidenceError as fault:  # readers see the newest alone, so a new generation mends the store
                damage = f", in place of a damaged file: {fault}"
        path = generations.next_path(folder, batch.source, batch.item, batch.document.sha256)
        where = f"{batch.document.url}, {batch.source} {batch.item}"
        text = json.dumps(asdict(_record_of(batch, rules)))
        with generations.faults_named(path):
            generations.put(path, lambda aside: tables.write_generation(batch.table, batch.rows, aside, text, where))
        return Appended(path, len(batch.rows), f"{len(batch.rows):,} rows{damage}")


@contextmanager
def opened(store: Path, *, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold a store for writing: made where it is missing, of this version, and without leftovers of a killed writer.

    Args:
        store: Folder of the store.
        wait: How long to wait for another writer [s].

    Raises:
        EvidenceError: The folder is no store, or one of a newer headrace.
        FetchError: Another writer holds it for longer than ``wait``, or the folder cannot be written.
    """
    migrations.version_of(store)
    with generations.faults_named(store):
        store.mkdir(parents=True, exist_ok=True)
    with held(store, wait):
        with generations.faults_named(store):
            for table in generations.TABLES:
                (store / table).mkdir(exist_ok=True)
                for leftover in (store / table).glob("*.part"):
                    leftover.unlink()
            migrations.bring_over(store)
        yield


def _says_the_same(batch: Batch, known: Record, path: Path) -> bool:
    return (
        known.sha256 == batch.document.sha256
        and known.findings == batch.findings
        and tables.holds_same_rows(batch.table, batch.rows, path)
    )


def _filings_lost(batch: Batch, lost: list[str], before: Path) -> Finding:
    shown = ", ".join(lost[:_LOST_SHOWN]) + (f" and {len(lost) - _LOST_SHOWN} more" if len(lost) > _LOST_SHOWN else "")
    text = (
        f"{batch.document.url}: lacks {shown}, which the document of {before.name} listed; the old figures stay. "
        f"Fetch again later; if the filings are gone for good, move {before} away and fetch once more"
    )
    return Finding("filings_lost", batch.item, "", batch.document.url, text, refused=True)


def _record_of(batch: Batch, rules: str) -> Record:
    return Record(
        schema=migrations.VERSION,
        source=batch.source,
        item=batch.item,
        url=batch.document.url,
        sha256=batch.document.sha256,
        retrieved=batch.document.retrieved.isoformat(),
        rules=rules,
        rows=len(batch.rows),
        filings=tuple(sorted(batch.filings)),
        findings=batch.findings,
    )


def _record_in(path: Path) -> Record:
    try:
        fields: dict[str, Any] = json.loads(tables.record_of(path))
        findings = tuple(Finding(**finding) for finding in fields.pop("findings"))
        return Record(**{**fields, "filings": tuple(fields["filings"]), "findings": findings})
    except (ValueError, TypeError, KeyError, UnknownNameError) as fault:
        raise EvidenceError(f"{path}: its record is no record of a generation: {fault}; move the file away") from None
