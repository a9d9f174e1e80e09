"""Facts for the faces: look them up, bring them up to date, check them, say what is there, write them to a file.

Functions here join rooms and check what comes from outside; they compute nothing themselves. Nothing here needs the
loop, so nobody who asks for a figure waits for a compiler.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from headrace.errors import EvidenceError, unknown_name
from headrace.evidence import facts, holdings, selection
from headrace.evidence.export import export
from headrace.evidence.findings import KINDS, Finding
from headrace.evidence.selection import evidence
from headrace.evidence.storage import local_store
from headrace.evidence.storage.store_contents import Contents, contents

if TYPE_CHECKING:
    import pandas as pd

    from headrace.evidence.fetch import Outcome as Outcome

__all__ = [
    "Contents",
    "Finding",
    "check_facts",
    "contradictions",
    "evidence",
    "export_facts",
    "facts_status",
    "fetch_facts",
    "fetchable",
    "finding_kinds",
    "store_contents",
]

CONTRADICTIONS = ("conflict", "identity_mismatch", "scale", "sign", "sum_mismatch")
"""Kinds of finding in which figures contradict each other or their definition; the others say what is thin or old."""


def fetchable() -> tuple[str, ...]:
    """Sources that can be fetched."""
    from headrace.evidence.fetch import SOURCES

    return tuple(SOURCES)


def fetch_facts(
    names: Sequence[str] = (),
    *,
    source: str = "edgar",
    store: str | Path | None = None,
    offline: bool = False,
    file: Path | None = None,
    adjusted: bool | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Outcome]:
    """Bring a local store up to date from one source.

    Args:
        names: Tickers or slugs, series or tables, whatever the source knows its items by; everything when empty.
        source: One of :func:`fetchable`.
        store: Folder of the store; this user's when left out. It is made where it is not there yet.
        offline: Ask nobody; read again what is in the cache.
        file: Take the items of ``prices`` or ``epoch`` from this file or folder and ask nobody.
        adjusted: Whether the closes of a price file are adjusted for splits and dividends, where it does not say.
        progress: Called after each item with its name, how many are done, and how many there are.

    Returns:
        One outcome an item; a bad item does not stop the others.

    Raises:
        UnknownNameError: No such source, or the source knows no such item.
        EvidenceError: The store or the file cannot be used.
        FetchError: The contact that the source asks for is not given, or another writer holds the store.
    """
    from headrace.evidence import fetch as fetching
    from headrace.evidence.download.addresses import base_url
    from headrace.evidence.download.answers import user_agent
    from headrace.evidence.download.client import Downloader
    from headrace.evidence.take_in import take_in

    if source not in fetching.SOURCES:
        raise unknown_name("source", source, fetching.SOURCES)
    if store == selection.SHIPPED:
        raise EvidenceError(f"store {store!r}: the tables that come with headrace are never written; name a folder")
    folder = local_store.default_path() if store is None else Path(store)
    if file is not None:
        return take_in(source, file, names, folder, progress, adjusted=adjusted)
    if source == "edgar" and not offline:
        user_agent(base_url("HEADRACE_SEC_URL"))  # what is wrong for every company is said once, before the first
    return fetching.fetch(source, names, folder, Downloader(folder / "cache", offline=offline), progress)


def check_facts(
    entity: str | Sequence[str] = (),
    kind: Sequence[str] = (),
    *,
    as_of: str | None = None,
    store: str | Path | None = None,
) -> tuple[Finding, ...]:
    """What does not add up in the facts, and what was refused or noted when they were read.

    Args:
        entity: Slugs or tickers; everyone when left out.
        kind: Keys of :func:`finding_kinds`; every kind when left out.
        as_of: ISO date to look from.
        store: Folder of a local store; this user's when left out, ``"shipped"`` for the tables of headrace alone.

    Raises:
        UnknownNameError, PeriodError, EvidenceError: As :func:`evidence` does.
    """
    from headrace.evidence.reconcile import reconcile

    for name in kind:
        if name not in KINDS:
            raise unknown_name("kind of finding", name, KINDS)
    known = evidence(entity, as_of=as_of, store=store, years=True)
    folder = selection.store_folder(store)
    found = reconcile(known)
    if folder is not None:
        wanted = set(selection.slugs(entity, set(known["entity"])))
        found += tuple(row for row in local_store.findings(folder) if not wanted or row.entity in wanted)
    return tuple(finding for finding in found if not kind or finding.kind in kind)


def finding_kinds() -> dict[str, str]:
    """Every kind of finding, and what it means."""
    return dict(KINDS)


def contradictions(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings that nobody should pass over: refused rows, and figures of :data:`CONTRADICTIONS`."""
    return tuple(finding for finding in findings if finding.refused or finding.kind in CONTRADICTIONS)


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


def store_contents(store: str | Path | None = None) -> Contents | None:
    """What lies in a local store, in figures; ``None`` where only the tables of headrace are looked at.

    Args:
        store: Folder of a local store; this user's when left out, ``"shipped"`` for the tables of headrace alone.

    Raises:
        EvidenceError: The folder is no store, or one of another version.
    """
    folder = selection.store_folder(store)
    return None if folder is None else contents(folder)


def export_facts(
    path: Path,
    form: str,
    entity: str | Sequence[str] = (),
    concept: str | Sequence[str] = (),
    *,
    as_of: str | None = None,
    store: str | Path | None = None,
    vintages: bool = False,
    years: bool = False,
) -> Path:
    """Write facts to a file, whole or not at all.

    Args:
        path: The file; it is replaced.
        form: ``"parquet"``, ``"csv"`` or ``"iamc"``.
        entity: Slugs or tickers; everyone when left out.
        concept: Every concept when left out.
        as_of: ISO date to look from.
        store: Folder of a local store; this user's when left out, ``"shipped"`` for the tables of headrace alone.
        vintages: Every vintage filed by then, not the last one alone.
        years: Also figures of whole years.

    Raises:
        OutputError: The file cannot be written.
        UnknownNameError, PeriodError, EvidenceError: As :func:`evidence` does.
    """
    known = evidence(entity, concept, as_of=as_of, store=store, vintages=vintages, years=years)
    return export(known, path, form)
