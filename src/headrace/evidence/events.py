"""A dated ledger of financings, campuses, contracts and policy, from ``data/events.toml``.

An amount may be a ceiling, a plan, a level or a sum for a year, and several rows may speak of the same money. So a
total counts each group of rows once, leaves out what is disputed or not firm, and refuses to add what is no sum paid.
"""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from headrace.errors import EvidenceError, near_matches
from headrace.periods import parse_date

KINDS = {
    "acquisition": "Acquisition",
    "campus": "Campus",
    "chip_supply": "Supply of chips",
    "cloud_contract": "Cloud contract",
    "debt": "Debt",
    "equity_raise": "Equity raised",
    "market_move": "Market move",
    "policy": "Policy",
    "power_deal": "Power",
    "product": "Product",
    "public_offering": "Listing",
}
"""Kind, and the word a reader sees."""

BASES = {
    "total": "",
    "up_to": "up to ",
    "plan": "a plan of ",
    "per_year": "each year ",
    "level": "a level of ",
    "charge": "a charge of ",
    "market_value": "market value of ",
}
"""What an amount is, and the words before it."""

ADDABLE = ("total", "up_to")
"""Amounts that may be added; a ceiling counts in full."""

FINANCING = ("equity_raise", "debt", "public_offering")
"""Kinds that raise money, and may be added to each other; any other kind is added to its own alone."""

SEGMENTS = ("chips", "infrastructure", "models", "power", "policy", "applications")


@dataclass(frozen=True)
class Event:
    """One dated event.

    ``entities`` are those of the parties that are in ``universe.toml``. ``day_approximate``: the month is known, the
    day is not for certain. ``group`` names the money or power that other rows speak of too; of a group the row with
    ``counts`` stands for all. ``disputed``: sources contradict each other on the amount.
    """

    date: dt.date
    kind: str
    parties: tuple[str, ...]
    segment: str
    source_url: str
    quality: str
    entities: tuple[str, ...] = ()
    amount_usd_bn: float | None = None
    capacity_gw: float | None = None
    basis: str = "total"
    firm: bool = True
    disputed: bool = False
    day_approximate: bool = False
    group: str = ""
    counts: bool = False

    @property
    def description(self) -> str:
        """What the row says, in plain words: kind, parties, amount and what to beware of."""
        said = [f"{KINDS[self.kind]}: {', '.join(self.parties)}"]
        if self.amount_usd_bn is not None:
            said.append(f"{BASES[self.basis]}{self.amount_usd_bn:,g} USD bn")
        if self.capacity_gw is not None:
            said.append(f"{self.capacity_gw:,g} GW")
        if not self.firm:
            said.append("not firm")
        if self.disputed:
            said.append("sources differ")
        if self.group and not self.counts:
            said.append("counted elsewhere")
        return "; ".join(said)


def load(as_of: str | None = None) -> tuple[Event, ...]:
    """The events up to a day, in order.

    Args:
        as_of: ISO date; ``None`` sees all.

    Raises:
        PeriodError: ``as_of`` is no date.
        EvidenceError: A row of ``events.toml`` breaks the schema.
    """
    day = dt.date.max if as_of is None else parse_date(as_of, "as_of")
    return tuple(event for event in _load() if event.date <= day)


def read_events(text: str) -> tuple[Event, ...]:
    """The events in ``text``, in order of date.

    Args:
        text: TOML, one ``[[event]]`` each.

    Raises:
        EvidenceError: A row has an unknown or missing key or a value that is not allowed, or a group has not exactly
            one row that counts.
    """
    found = tuple(_event(row, place) for place, row in enumerate(tomllib.loads(text)["event"], start=1))
    groups: dict[str, int] = {}
    for event in found:
        if event.group:
            groups[event.group] = groups.get(event.group, 0) + event.counts
    for group, counted in groups.items():
        if counted != 1:
            raise EvidenceError(f"events.toml, group {group!r}: {counted} rows count; wanted exactly one")
    return tuple(sorted(found, key=lambda event: event.date))


def total(events: Sequence[Event], overlaps: str = "refuse") -> float:
    """Sum of amounts that were paid or promised, each money once.

    Args:
        events: What to add.
        overlaps: ``"refuse"``: two rows of one group are an error. ``"count_once"``: of each group only the row that
            counts, and what is disputed, not firm or no sum paid is left out.

    Returns:
        Sum [USD bn]; rows without an amount add nothing.

    Raises:
        EvidenceError: Rows overlap or are of kinds that do not add up, an amount is no sum paid, or ``overlaps`` is
            neither.
    """
    if overlaps not in ("refuse", "count_once"):
        raise EvidenceError(f"overlaps is {overlaps!r}; wanted 'refuse' or 'count_once'")
    with_amount = [event for event in events if event.amount_usd_bn is not None]
    if overlaps == "count_once":
        with_amount = [event for event in with_amount if not _why_not(event) and (event.counts or not event.group)]
    purposes = {"financing" if event.kind in FINANCING else event.kind for event in with_amount}
    if len(purposes) > 1:
        raise EvidenceError(
            f"{' and '.join(sorted(purposes))} may not be added: what is raised pays for what is bought; choose one"
        )
    seen: dict[str, Event] = {}
    for event in with_amount:
        if reason := _why_not(event):
            raise EvidenceError(f"{event.date}, {event.description}: {reason}; leave it out or count once")
        other = seen.setdefault(event.group, event) if event.group else event
        if other is not event:
            raise EvidenceError(
                f"{other.date} and {event.date} speak of the same money ({event.group}): {other.description} / "
                f"{event.description}; count it once"
            )
    return math.fsum(event.amount_usd_bn or 0.0 for event in with_amount)


def _why_not(event: Event) -> str:
    if event.basis not in ADDABLE:
        return f"what is {event.basis.replace('_', ' ')} is no sum paid"
    if event.disputed:
        return "its sources differ on the amount"
    return "" if event.firm else "nothing was agreed"


@cache
def _load() -> tuple[Event, ...]:
    return read_events((files("headrace") / "data" / "events.toml").read_text(encoding="utf-8"))


def _event(row: Mapping[str, Any], place: int) -> Event:
    where = f"events.toml, event {place} ({row.get('date', 'no date')})"
    known = {field.name: field for field in fields(Event)}
    for key in sorted(row.keys() - known.keys()):
        raise EvidenceError(f"{where}: unknown key {key!r}; near: {', '.join(near_matches(key, known)) or 'none'}")
    for key, field in known.items():
        if key not in row and field.default is MISSING:
            raise EvidenceError(f"{where}: {key!r} is missing")
    for key, allowed in (("kind", KINDS), ("basis", BASES), ("segment", SEGMENTS), ("quality", ("A", "B", "C"))):
        if row.get(key, "total") not in allowed:
            raise EvidenceError(f"{where}: {key} is {row[key]!r}; wanted one of {', '.join(allowed)}")
    for key in ("amount_usd_bn", "capacity_gw"):
        if key in row and not (isinstance(row[key], int | float) and 0 < row[key] < float("inf")):
            raise EvidenceError(f"{where}: {key} is {row[key]!r}; wanted a number above 0, or nothing where unknown")
    if not str(row["source_url"]).startswith("https://") and not str(row["source_url"]).startswith("http://"):
        raise EvidenceError(f"{where}: source_url is {row['source_url']!r}; wanted a page that a reader can open")
    if not isinstance(row["date"], dt.date) or not row["parties"]:
        raise EvidenceError(f"{where}: wanted a date and at least one party")
    lists = {key: tuple(row.get(key, ())) for key in ("parties", "entities")}
    return Event(**{**row, **lists})
