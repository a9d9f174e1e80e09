"""Closes: month-ends that are shipped, and the daily ones that a reader fetched or imported for himself.

No daily series is shipped. A close is adjusted for splits and dividends up to the day it was collected: good for
returns, not a price that was ever paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from headrace.evidence.storage import local_store
from headrace.evidence.storage.store import read_closes, whole_table

if TYPE_CHECKING:
    import pandas as pd


def load(unfinished: bool = False) -> pd.DataFrame:
    """Adjusted closes by ticker and month.

    Args:
        unfinished: Also give the last close of a month that had not ended when prices were collected.

    Returns:
        Columns ticker, month ("2026-07"), close [USD per share, adjusted], unit, complete, quality, source_id.
    """
    table = whole_table("prices")
    return table if unfinished else table[table["complete"]].reset_index(drop=True)


def daily(store: Path, tickers: Sequence[str] = ()) -> pd.DataFrame:
    """Daily closes of a local store by ticker and day.

    Args:
        store: Folder of the store; one that is not there holds nothing.
        tickers: Whose, such as ``"MSFT"``; everyone's when empty.

    Returns:
        Columns ticker, day, close [USD per share], unit, adjusted, quality, source_id, locator, retrieved.

    Raises:
        EvidenceError: The store is of another version, or one of its files cannot be read.
    """
    return read_closes(local_store.newest("closes", store), tickers)
