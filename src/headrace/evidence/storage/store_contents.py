"""What lies in a local store: how many generations of how many items, how old, and how much room they take."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

from headrace.evidence.storage import generations, local_store, migrations


@dataclass(frozen=True)
class Contents:
    """A store in figures.

    ``schema`` is 0 where there is no store yet. ``generations`` counts the old ones too; readers see one an item.
    ``last_added`` is when a generation was added last [UTC]. Sizes are in bytes, and the cache is no part of ``size``.
    """

    path: str
    schema: int
    generations: int
    items: int
    size: int
    cached_documents: int
    cache_size: int
    last_added: dt.datetime | None


def contents(store: Path) -> Contents:
    """Look into a store; one that is not there yet is empty.

    Args:
        store: Folder of the store.

    Raises:
        EvidenceError: The folder is no store, one of another version, or holds a file that no writer made.
    """
    migrations.check_readable(store)
    files = [generation.path for table in generations.TABLES for generation in generations.listed(store / table)]
    items = sum(len(local_store.newest(table, store)) for table in generations.TABLES)
    found = [path.stat() for path in files]
    documents = _sizes(store / "cache" / "documents")
    return Contents(
        path=str(store),
        schema=migrations.version_of(store) or 0,
        generations=len(files),
        items=items,
        size=sum(stat.st_size for stat in found),
        cached_documents=len(documents),
        cache_size=sum(documents),
        last_added=max((dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC) for stat in found), default=None),
    )


def _sizes(folder: Path) -> list[int]:
    """Bytes of each file; a fetch beside us may take one away while we look."""
    try:
        with os.scandir(folder) as entries:
            return [entry.stat().st_size for entry in entries]
    except FileNotFoundError:
        return []
