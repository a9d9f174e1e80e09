"""Dated ledgers for the faces: what happened, what was announced, and what was traded at.

Functions here join rooms and check what comes from outside; they compute nothing themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headrace.errors import EvidenceError, unknown_name
from headrace.evidence import events as ledger
from headrace.evidence import guidance as announced
from headrace.evidence import prices, selection
from headrace.evidence.storage import local_store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["closes", "events", "guidance"]


def events(kind: str | Sequence[str] = (), *, as_of: str | None = None) -> pd.DataFrame:
    """Dated events of the build-out: financings, contracts, campuses, policy.

    Args:
        kind: Kinds of the ledger, such as ``"debt financing"``; all when left out.
        as_of: ISO date: only what had happened by then.

    Returns:
        One row an event, in order, with the columns of :class:`headrace.evidence.events.Event`. Amounts are in USD bn
        and overlap: rows of one ``group`` speak of the same money, and of those only the row with ``counts`` stands
        for it.

    Raises:
        UnknownNameError: No such kind.
        PeriodError: ``as_of`` is no date.
    """
    wanted = [kind] if isinstance(kind, str) else list(kind)
    for name in wanted:
        if name not in ledger.KINDS:
            raise unknown_name("kind of event", name, ledger.KINDS)
    rows = [event for event in ledger.load(as_of) if not wanted or event.kind in wanted]
    return _frame(ledger.Event, rows)


def guidance(entity: str | Sequence[str] = (), *, as_of: str | None = None) -> pd.DataFrame:
    """What companies had guided for, as known on a date.

    Args:
        entity: Slugs or tickers; everyone when left out.
        as_of: ISO date: only what had been announced by then.

    Returns:
        One row a guide, with the columns of :class:`headrace.evidence.guidance.Guide`; numbers are in USD bn. A
        disputed guide has none.

    Raises:
        UnknownNameError: Nobody has that slug or ticker.
        PeriodError: ``as_of`` is no date.
    """
    guides = announced.load(as_of)
    wanted = selection.slugs(entity, {guide.entity for guide in guides})
    return _frame(announced.Guide, [guide for guide in guides if not wanted or guide.entity in wanted])


def closes(ticker: str | Sequence[str] = (), *, daily: bool = False, store: str | Path | None = None) -> pd.DataFrame:
    """Closes, adjusted for splits and dividends.

    Args:
        ticker: Such as ``"MSFT"``; every ticker when left out.
        daily: The daily closes of a local store; the month-ends that come with headrace when left out.
        store: Folder of the local store; this user's when left out.

    Returns:
        Month-ends: ticker, month, close, unit, complete, quality, source_id. Daily: ticker, day, close, unit, adjusted,
        quality, source_id, locator, retrieved.

    Raises:
        UnknownNameError: No close of that ticker is there.
        EvidenceError: The store is of another version or damaged, or holds no daily closes.
    """
    table = prices.daily(selection.store_folder(store) or local_store.default_path()) if daily else prices.load()
    if daily and table.empty:
        raise EvidenceError(
            f"{selection.store_folder(store) or local_store.default_path()}: no daily closes in this store; fetch them "
            "with --source prices, or import a file with --source prices --from FILE"
        )
    wanted = [name.upper() for name in ([ticker] if isinstance(ticker, str) else ticker)]
    known = set(table["ticker"])
    for name in wanted:
        if name not in known:
            raise unknown_name("ticker", name, known, "daily closes of the store" if daily else "month-ends")
    return table[table["ticker"].isin(wanted)].reset_index(drop=True) if wanted else table


def _frame(noun: type, rows: Sequence[Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([asdict(row) for row in rows], columns=[field.name for field in fields(noun)])
