"""Month-end adjusted closes as one long table; a month that had not ended when prices were collected is marked so."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from evidence_build.figures import looked_up
from headrace.evidence.universe import Entity

LAST_DAYS = 4
"""A month counts as ended when the last close is at most this many days before its last day (weekends, holidays)."""


def read_closes(monthly: Path, coverage: Path, by_ticker: Mapping[str, Entity], report: Counter[str]) -> pd.DataFrame:
    """The closes in the columns of the prices table.

    Args:
        monthly: ``prices_monthly_adjclose.csv``: a row a month, a column a ticker.
        coverage: ``prices_coverage.csv``: the day of the last close of each ticker.
        by_ticker: Entity by ticker.
        report: Counts of what was read and left out; added to.
    """
    wide = pd.read_csv(monthly).rename(columns={"m": "month"})
    long = wide.melt(id_vars="month", var_name="ticker", value_name="close")
    report["rows in: prices_monthly_adjclose.csv (ticker months)"] += len(long)
    report["left out: ticker months without a price"] += int(long["close"].isna().sum())
    long = long.dropna(subset="close")
    last = {row.ticker: dt.date.fromisoformat(row.last) for row in pd.read_csv(coverage).itertuples()}
    for ticker in long["ticker"].unique():
        looked_up(last, ticker, "ticker", coverage.name, "add the day of its last close")
        looked_up(by_ticker, ticker, "ticker", monthly.name, "add the entity to universe.toml")
    months = zip(long["month"], long["ticker"], strict=True)
    long["complete"] = [_ended(month, last[ticker]) for month, ticker in months]
    report["note: closes of a month that had not ended (complete = false)"] += int((~long["complete"]).sum())
    return long.assign(unit="USD per share, adjusted", quality="B", source_id="month_end_closes")


def _ended(month: str, last: dt.date) -> bool:
    year, number = int(month[:4]), int(month[5:7])
    month_end = dt.date(year, number, calendar.monthrange(year, number)[1])
    return last >= month_end - dt.timedelta(days=LAST_DAYS)
