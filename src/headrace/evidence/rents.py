"""What an hour of an H100 was rented for, as reported, from ``data/rents.toml``; kinds of contract are not chained."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from headrace.errors import EvidenceError

KINDS = ("one_year_contract", "on_demand", "marketplace", "mixed")


@dataclass(frozen=True)
class Rent:
    """One report [USD/hour]; ``what`` says of when, for a reader."""

    first_day: dt.date
    last_day: dt.date
    what: str
    kind: str
    low_usd_per_hour: float
    high_usd_per_hour: float
    quality: str
    source_url: str


@cache
def load() -> tuple[Rent, ...]:
    """Every report, in order of its first day.

    Raises:
        EvidenceError: A row breaks the schema.
    """
    return read_rents((files("headrace") / "data" / "rents.toml").read_text(encoding="utf-8"))


def read_rents(text: str) -> tuple[Rent, ...]:
    """The reports in ``text``.

    Args:
        text: TOML, one ``[[rent]]`` each.

    Raises:
        EvidenceError: A row lacks a key or has one too many, a kind or quality is unknown, or its ends are out of
            order.
    """
    found = []
    for place, row in enumerate(tomllib.loads(text)["rent"], start=1):
        where = f"rents.toml, rent {place}"
        if row.keys() != Rent.__dataclass_fields__.keys():
            odd = sorted(row.keys() ^ Rent.__dataclass_fields__.keys())
            raise EvidenceError(f"{where}: {', '.join(odd)} missing or unknown; wanted exactly the keys of the others")
        rent = Rent(**row)
        if rent.kind not in KINDS or rent.quality not in ("A", "B", "C"):
            said = f"kind {rent.kind!r}, quality {rent.quality!r}"
            raise EvidenceError(f"{where}: {said}; wanted {', '.join(KINDS)}; A, B or C")
        if not 0 < rent.low_usd_per_hour <= rent.high_usd_per_hour < float("inf") or rent.first_day > rent.last_day:
            raise EvidenceError(f"{where}: wanted low <= high, both positive, and first_day <= last_day")
        found.append(rent)
    return tuple(sorted(found, key=lambda rent: rent.first_day))
