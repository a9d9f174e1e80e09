"""What the last hindcast found, as it ships in ``data/hindcast.toml``: nobody waits minutes to be told."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class ShippedTotal:
    """What headrace would have said of a total: median and 90 % interval [USD bn]."""

    median: float
    low: float
    high: float


@cache
def totals() -> dict[tuple[dt.date, tuple[str, ...], str, str], ShippedTotal]:
    """By day, members, and first and last quarter."""
    return {
        (row["day"], tuple(row["members"]), row["first_quarter"], row["last_quarter"]): ShippedTotal(
            row["median_usd_bn"], row["low_usd_bn"], row["high_usd_bn"]
        )
        for row in _table().get("total", ())
    }


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("headrace") / "data" / "hindcast.toml").read_text(encoding="utf-8"))
