"""Epoch AI's tables of sites, chips and companies, fetched or read from a folder, as rows of the facts.

What its publisher marks as incomplete, what a filter of ``epoch.toml`` leaves out and what contradicts itself is said
in the findings. Percentiles are concepts of their own; a table of H100 equivalents by 16 bits is refused.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from headrace.errors import EvidenceError, unknown_name
from headrace.evidence.batch import Batch, Document
from headrace.evidence.download.addresses import base_url
from headrace.evidence.findings import Finding
from headrace.evidence.providers import epoch_rows, epoch_tables
from headrace.evidence.providers.epoch_tables import Table
from headrace.evidence.providers.observations import Observation, facts_rows

if TYPE_CHECKING:
    from headrace.evidence.download.client import Downloader


def items(names: Sequence[str]) -> list[str]:
    """The tables to fetch.

    Args:
        names: Slugs of ``epoch.toml``; all tables when empty.

    Raises:
        UnknownNameError: There is no such table.
    """
    known = epoch_tables.load().table
    for name in names:
        if name not in known:
            raise unknown_name("table of Epoch AI", name, known)
    return list(names) or list(known)


def read(item: str, downloader: Downloader) -> Batch:
    """Fetch one table and read it.

    Args:
        item: Slug of a table.
        downloader: Who asks.

    Raises:
        EvidenceError: The answer is not the table, or breaks its schema.
        FetchError: It could not be fetched.
    """
    table = epoch_tables.load().table[item]
    document = downloader.get(f"{base_url('HEADRACE_EPOCH_URL')}/{table.url}")
    return _batch(table, [(f"Epoch AI, {item}", document.content)], document)


def read_folder(folder: Path, seen: dt.datetime) -> Iterator[Batch]:
    """The tables that lie in a folder of copies; one that is not there is left out.

    Args:
        folder: With the paths of ``files`` in ``epoch.toml`` below it.
        seen: When the copies were made [UTC].

    Raises:
        EvidenceError: No table lies there, or one breaks its schema.
    """
    found = 0
    for table in epoch_tables.load().table.values():
        parts = [(name, (folder / name).read_bytes()) for name in table.files if (folder / name).is_file()]
        if parts:
            content = b"\n".join(part for _, part in parts)
            document = Document(content, parts[0][0], hashlib.sha256(content).hexdigest(), seen)
            found += 1
            yield _batch(table, parts, document)
    if not found:
        some = ", ".join(table.files[0] for table in list(epoch_tables.load().table.values())[:3])
        raise EvidenceError(f"{folder}: no table of Epoch AI lies there; wanted files such as {some}")


def _batch(table: Table, parts: Sequence[tuple[str, bytes]], document: Document) -> Batch:
    seen = document.retrieved.date()
    observed: list[Observation] = []
    findings: list[Finding] = []
    for where, content in parts:
        rows, said = epoch_rows.read_table(content, table, seen, where)
        observed += rows
        findings += said
    kept, conflicts = epoch_rows.settled(observed)
    return Batch(
        "facts",
        "epoch",
        table.slug,
        facts_rows(kept, f"Epoch AI, {table.slug}"),
        (*findings, *conflicts),
        document,
    )
