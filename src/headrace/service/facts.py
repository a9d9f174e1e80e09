"""Facts for the faces: look them up, bring them up to date, check them, say what is there, write them to a file.

Functions here join rooms and check what comes from outside; they compute nothing themselves. Nothing here needs the
loop, so nobody who asks for a figure waits for a compiler.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from headrace.errors import unknown_name
from headrace.evidence import facts, holdings, local_store, selection
from headrace.evidence import fetch as fetching
from headrace.evidence.export import export
from headrace.evidence.fetch import Outcome
from headrace.evidence.findings import Finding
from headrace.evidence.reconcile import reconcile
from headrace.evidence.selection import evidence
from headrace.evidence.take_in import take_in

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Finding", "Outcome", "check_facts", "evidence", "export_facts", "facts_status", "fetch_facts", "fetchable"]


def fetchable() -> tuple[str, ...]:
    """Sources that can be fetched."""
    return tuple(fetching.SOURCES)


def fetch_facts(
    names: Sequence[str] = (),
    *,
    source: str = "edgar",
    store: str | Path | None = None,
    offline: bool = False,
    file: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Outcome]:
    """Bring a local store up to date from one source.

    Args:
        names: Tickers or slugs, series or tables, whatever the source knows its items by; everything when empty.
        source: One of :func:`fetchable`.
        store: Folder of the store; this user's when left out. It is made where it is not there yet.
        offline: Ask nobody; read again what is in the cache.
        file: Take the items of ``prices`` or ``epoch`` from this file or folder and ask nobody.
        progress: Called after each item with its name, how many are done, and how many there are.

    Returns:
        One outcome an item; a bad item does not stop the others.

    Raises:
        UnknownNameError: No such source, or the source knows no such item.
        EvidenceError: The store or the file cannot be used.
        FetchError: The contact that the source asks for is not given, or another writer holds the store.
    """
    from headrace.evidence.download import Downloader

    if source not in fetching.SOURCES:
        raise unknown_name("source", source, fetching.SOURCES)
    folder = local_store.default_path() if store is None else Path(store)
    if file is not None:
        return take_in(source, file, names, folder, progress)
    return fetching.fetch(source, names, folder, Downloader(folder / "cache", offline=offline), progress)


def check_facts(
    entity: str | Sequence[str] = (), *, as_of: str | None = None, store: str | Path | None = None
) -> tuple[Finding, ...]:
    """What does not add up in the facts, and what was refused or noted when they were read.

    Args:
        entity: Slugs or tickers; everyone when left out.
        as_of: ISO date to look from.
        store: Folder of a local store; this user's when left out, ``"shipped"`` for the tables of headrace alone.

    Raises:
        UnknownNameError, PeriodError, EvidenceError: As :func:`evidence` does.
    """
    known = evidence(entity, as_of=as_of, store=store, years=True)
    folder = selection.store_folder(store)
    found = reconcile(known)
    if folder is not None:
        wanted = set(selection.slugs(entity, set(known["entity"])))
        found += tuple(row for row in local_store.findings(folder) if not wanted or row.entity in wanted)
    return found


def facts_status(by: str = "entity", *, as_of: str | None = None, store: str | Path | None = None) -> pd.DataFrame:
    """What the facts hold: how much, until when, how good, and how old.

    Args:
        by: ``"entity"``, ``"group"``, ``"concept"`` or ``"source"``.
        as_of: ISO date to look from.
        store: Folder of a local store; this user's when left out, ``"shipped"`` for the tables of headrace alone.

    Returns:
        The table of :func:`headrace.evidence.holdings.holdings`.

    Raises:
        UnknownNameError, PeriodError, EvidenceError: As :func:`evidence` does.
    """
    today = facts.as_of_date(as_of) or dt.datetime.now(dt.UTC).date()
    return holdings.holdings(evidence(as_of=as_of, store=store), by, today)


def export_facts(
    path: Path,
    form: str,
    entity: str | Sequence[str] = (),
    concept: str | Sequence[str] = (),
    *,
    as_of: str | None = None,
    store: str | Path | None = None,
) -> Path:
    """Write facts to a file, whole or not at all.

    Args:
        path: The file; it is replaced.
        form: ``"parquet"``, ``"csv"`` or ``"iamc"``.
        entity: Slugs or tickers; everyone when left out.
        concept: Every concept when left out.
        as_of: ISO date to look from.
        store: Folder of a local store; this user's when left out, ``"shipped"`` for the tables of headrace alone.

    Raises:
        OutputError: The file cannot be written.
        UnknownNameError, PeriodError, EvidenceError: As :func:`evidence` does.
    """
    return export(evidence(entity, concept, as_of=as_of, store=store), path, form)
