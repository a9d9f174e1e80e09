"""Month-end adjusted closes; no daily series is shipped.

A close is adjusted for splits and dividends up to the day it was collected: good for returns, not a price that was
ever paid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.evidence.store import whole_table

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
