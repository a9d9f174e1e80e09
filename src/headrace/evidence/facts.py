"""Filed figures as known on a date.

Nothing is overwritten: a restatement is a later vintage of the same figure, and a view as of a date sees the vintage
that was filed last by then.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from headrace.errors import PeriodError
from headrace.evidence.storage import local_store
from headrace.evidence.storage.store import filed_range, read_facts
from headrace.periods import parse_date

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Note:
    """What a reader must know before comparing figures of a concept: a break, a gap or a definition."""

    entity: str
    concept: str
    first_quarter: str
    last_quarter: str
    text: str


def load(
    as_of: str | None = None, *, store: Path | None = None, vintages: bool = False, years: bool = False
) -> pd.DataFrame:
    """The facts as known on a date: one row per entity, concept and period.

    Args:
        as_of: ISO date; of every figure the vintage filed last on or before it counts. ``None`` sees all.
        store: Folder of a local store. A figure that it holds replaces the shipped vintages of that figure; all other
            shipped figures stay. ``None``, or a folder that is not there yet, leaves the shipped tables alone.
        vintages: Every vintage filed by then instead of the last one.
        years: Also figures of whole years, whose ``calendar_quarter`` is empty.

    Returns:
        Columns entity, concept, period_start, period_end, calendar_quarter, value, unit, status, quality, source_id,
        locator, filed, filed_estimated, first_value, derivation, tag, late. ``period_start`` is missing for a stock;
        ``first_value`` is missing where nobody recorded what was reported first; ``derivation`` is empty for a figure
        as filed, ``tag`` for one that was not read from XBRL. ``late`` says that the figure was first filed more than
        120 days after its period, and is the same whatever ``as_of`` is.

    Raises:
        PeriodError: ``as_of`` is no date, or lies before the first filing.
        EvidenceError: The store is of another version, or one of its files cannot be read.
    """
    day = as_of_date(as_of, store=store)
    return read_facts(day, _generations(store), vintages=vintages, years=years)


def vintages() -> pd.DataFrame:
    """Every shipped vintage of every figure, in the columns of :func:`load`."""
    return load(vintages=True)


def as_of_date(
    as_of: str | None, entities: tuple[str, ...] = (), first_quarter: str = "", *, store: Path | None = None
) -> dt.date | None:
    """Check the day to look from.

    Args:
        as_of: ISO date or ``None``.
        entities: Whose filings must have begun by then; anyone's when empty.
        first_quarter: Only filings on this calendar quarter or a later one count.
        store: Folder of a local store, as in :func:`load`.

    Raises:
        PeriodError: ``as_of`` is no date, or lies before the first filing.
    """
    if as_of is None:
        return None
    day = parse_date(as_of, "as_of")
    first, last = filed_range(entities, first_quarter, _generations(store))
    if day < first:
        raise PeriodError(f"as_of: {as_of} is before the first filing; the facts were filed from {first} to {last}")
    return day


@cache
def notes() -> tuple[Note, ...]:
    """Breaks, gaps and definitions that belong beside the figures, from ``notes.toml``."""
    text = (files("headrace") / "data" / "notes.toml").read_text(encoding="utf-8")
    return tuple(Note(**row) for row in tomllib.loads(text)["note"])


def _generations(store: Path | None) -> list[Path]:
    return [] if store is None else local_store.newest("facts", store)
