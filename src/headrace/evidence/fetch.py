"""Bring a local store up to date from a source, item by item, and say what became of each.

Documents are downloaded side by side and added one after the other. Stopping is safe at any moment: what was added
stays, and the next fetch asks only what has changed since.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from headrace.errors import EvidenceError, FetchError, HeadraceError, unknown_name
from headrace.evidence.batch import Batch, Document
from headrace.evidence.download.client import Downloader
from headrace.evidence.findings import Finding
from headrace.evidence.storage import local_store

SOURCES = {
    "edgar": "headrace.evidence.providers.edgar",
    "prices": "headrace.evidence.providers.price_sources",
    "macro": "headrace.evidence.providers.macro",
    "epoch": "headrace.evidence.providers.epoch",
}
"""Source, and the room that reads it: a module with ``items(names)`` and ``read(item, downloader)``."""

SIDE_BY_SIDE = 6
"""Documents that are downloaded, or wait to be added, at the same time; it bounds the memory."""


@dataclass(frozen=True)
class Outcome:
    """What became of one item.

    ``rows`` is how many rows of it the store holds now because of this fetch ("added") or held already ("unchanged").
    "refused": the document cannot be trusted. "failed": there was no document.
    """

    source: str
    item: str
    result: Literal["added", "unchanged", "refused", "failed"]
    rows: int
    text: str
    findings: tuple[Finding, ...] = ()


def fetch(
    source: str,
    names: Sequence[str],
    store: Path,
    downloader: Downloader,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Outcome]:
    """Fetch items of a source into a store.

    Args:
        source: A key of :data:`SOURCES`.
        names: What to fetch, in the source's names; everything when empty.
        store: Folder of the store; made where it is not there yet.
        downloader: Fetches; it is stopped for good where this is interrupted.
        progress: Called after each item with its name, how many are done, and how many there are.

    Returns:
        One outcome an item, in the order in which they were fetched. A bad item does not stop the others.

    Raises:
        UnknownNameError: No such source, or one of ``names`` is none of its items.
        EvidenceError: The store cannot be used: it is newer than this headrace, or a file in it is damaged.
        FetchError: The store is held by another writer, or cannot be written.
    """
    if source not in SOURCES:
        raise unknown_name("source", source, SOURCES)
    room = import_module(SOURCES[source])
    items = room.items(names)
    with local_store.opened(store):
        pass  # what is wrong with the store is said before anybody is asked for anything
    rules = _rules(room)
    outcomes: list[Outcome] = []
    with closing(_side_by_side(items, partial(_read, room, source, store, downloader, rules), downloader)) as results:
        for item, found in results:
            outcomes.append(_outcome(source, item, found, store, rules))
            if progress is not None:
                progress(item, len(outcomes), len(items))
    return outcomes


_Found = Batch | local_store.Record | Exception
"""What the reading of an item gave: rows, those that the store has already, or a fault."""


class _SameDocumentError(Exception):
    """The document is the one that the store's newest generation was made of, by the same rules."""

    def __init__(self, record: local_store.Record) -> None:
        super().__init__()
        self.record = record


class _UnlessKnown:
    """A downloader that stops the reading of a document whose figures are in the store already."""

    def __init__(self, downloader: Downloader, record: local_store.Record) -> None:
        self._downloader, self._record = downloader, record

    def get(self, url: str, **how: Any) -> Document:
        document = self._downloader.get(url, **how)
        if document.sha256 == self._record.sha256:
            raise _SameDocumentError(self._record)
        return document


def _read(room: Any, source: str, store: Path, downloader: Downloader, rules: str, item: str) -> _Found:
    try:
        record = local_store.record(source, item, store)
    except EvidenceError:  # damaged; a new generation takes its place
        record = None
    by_these_rules = record is not None and record.rules == rules
    try:
        batch: Batch = room.read(item, _UnlessKnown(downloader, record) if by_these_rules and record else downloader)
        return batch
    except _SameDocumentError as same:
        return same.record
    except Exception as fault:  # whatever a document does to its reader, the other items are fetched
        return fault


def _outcome(source: str, item: str, found: _Found, store: Path, rules: str) -> Outcome:
    if isinstance(found, local_store.Record):
        return Outcome(source, item, "unchanged", found.rows, f"{found.rows:,} rows as before", found.findings)
    if isinstance(found, Batch):
        try:
            appended = local_store.append(found, store, rules=rules)
        except FetchError:
            raise
        except EvidenceError as fault:
            return Outcome(source, item, "refused", 0, str(fault), found.findings)
        if appended.lost is not None:
            return Outcome(source, item, "refused", 0, appended.text, (*found.findings, appended.lost))
        result: Literal["added", "unchanged"] = "unchanged" if appended.path is None else "added"
        return Outcome(source, item, result, appended.rows, appended.text, found.findings)
    if isinstance(found, FetchError):
        return Outcome(source, item, "failed", 0, str(found))
    if isinstance(found, HeadraceError):
        return Outcome(source, item, "refused", 0, str(found))
    text = f"{source} {item}: {type(found).__name__}: {found}; a document that headrace cannot read, please report it"
    return Outcome(source, item, "refused", 0, text)


def _side_by_side(
    items: Sequence[str], read: Callable[[str], _Found], downloader: Downloader
) -> Generator[tuple[str, _Found], None, None]:
    """Results in the order of ``items``; whoever leaves early leaves nothing running."""
    pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="headrace-fetch")
    waiting = iter(items)
    running: deque[tuple[str, Future[_Found]]] = deque()
    try:
        while True:
            while len(running) < SIDE_BY_SIDE and (item := next(waiting, None)) is not None:
                running.append((item, pool.submit(read, item)))
            if not running:
                return
            item, future = running[0]
            found = future.result()
            running.popleft()  # only now: who leaves while it runs must stop it
            yield item, found
    finally:
        if running:
            downloader.stop()
        pool.shutdown(wait=True, cancel_futures=True)


def _rules(room: Any) -> str:
    """What turns a document into rows: the source's own count, and every table of data that it may read."""
    data = files("headrace") / "data"
    digest = hashlib.sha256()
    for file in sorted(data.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return f"{getattr(room, 'RULES', 1)}-{digest.hexdigest()[:16]}"
