"""Figures from files that a person has: taken into the store as if they had been fetched, and nobody is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from headrace.errors import EvidenceError, unknown_name
from headrace.evidence.batch import Batch
from headrace.evidence.fetch import Outcome
from headrace.evidence.providers import epoch, price_files
from headrace.evidence.storage import local_store

FROM_FILES = ("prices", "epoch")
"""Sources whose items may come from files."""


def take_in(
    source: str,
    path: Path,
    names: Sequence[str],
    store: Path,
    progress: Callable[[str, int, int], None] | None = None,
    *,
    adjusted: bool | None = None,
) -> list[Outcome]:
    """Take the items of a file or folder into a store.

    Args:
        source: ``prices``: a CSV or Parquet file of closes. ``epoch``: a folder with Epoch AI's CSVs.
        path: The file or folder.
        names: Which items of it, in the source's names; all when empty. For a price file without a column of tickers,
            the one ticker whose closes it holds.
        store: Folder of the store; made where it is not there yet.
        adjusted: Whether the closes of a price file are adjusted for splits and dividends, where it does not say.
        progress: Called after each item with its name, how many are done, and how many there are.

    Returns:
        One outcome an item.

    Raises:
        UnknownNameError: The source has no files, or the file holds no such item.
        EvidenceError: The file is not there, cannot be read, or breaks its schema.
        FetchError: Another writer holds the store.
    """
    if source not in FROM_FILES:
        raise unknown_name("source that can be taken from files", source, FROM_FILES)
    if not path.exists():
        raise EvidenceError(f"{path}: no such file or folder")
    now = dt.datetime.now(dt.UTC)
    if source == "prices":
        batches = price_files.read_file(path, now, ticker=names[0] if len(names) == 1 else "", adjusted=adjusted)
    else:
        batches = list(epoch.read_folder(path, now))
    items = {batch.item: batch for batch in batches}
    for name in names:
        if name.lower() not in items:
            raise unknown_name(f"item of {path.name}", name, items)
    wanted: list[Batch] = [items[name.lower()] for name in names] or batches
    outcomes = []
    for done, batch in enumerate(wanted, start=1):
        added = local_store.append(batch, store)
        result: Literal["added", "unchanged"] = "unchanged" if added.path is None else "added"
        outcomes.append(Outcome(source, batch.item, result, added.rows, added.text, batch.findings))
        if progress is not None:
            progress(batch.item, done, len(wanted))
    return outcomes
