"""What the facts hold: how much of whom, until when, how good, and which days of filing had to be estimated."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from headrace.errors import unknown_name
from headrace.evidence import universe

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("entity", "group", "concept", "source")
"""What the overview can be by; a group is that of the universe."""


def holdings(known: pd.DataFrame, by: str, today: dt.date) -> pd.DataFrame:
    """One row for each entity, group, concept or source of the facts.

    Args:
        known: One view of the facts, as :func:`headrace.evidence.facts.load` gives it.
        by: One of :data:`KEYS`.
        today: Day from which days since the last report are counted.

    Returns:
        Columns: the key, figures, concepts, first_quarter and last_quarter (missing without quarters), last_filed,
        days_since, quality_a, quality_b, quality_c (figures of each quality), derived, late, estimated_filing
        (figures), and badge, which says in words what a reader must not overlook.

    Raises:
        UnknownNameError: ``by`` is none of the keys.
    """
    if by not in KEYS:
        raise unknown_name("key of the overview", by, KEYS)
    entities = universe.load()
    key = {
        "entity": known["entity"],
        "group": known["entity"].map(lambda slug: entities[slug].group if slug in entities else "series"),
        "concept": known["concept"],
        "source": known["source_id"],
    }[by].rename(by)
    flags = known.assign(
        calendar_quarter=known["calendar_quarter"].where(known["calendar_quarter"] != ""),
        quality_a=known["quality"] == "A",
        quality_b=known["quality"] == "B",
        quality_c=known["quality"] == "C",
        derived=known["status"] == "derived",
        estimated_filing=known["filed_estimated"],
        filed_for_sure=known["filed"].where(~known["filed_estimated"]),
    )
    table = flags.groupby(key, sort=True).agg(
        figures=("value", "size"),
        concepts=("concept", "nunique"),
        first_quarter=("calendar_quarter", "min"),
        last_quarter=("calendar_quarter", "max"),
        last_filed=("filed_for_sure", "max"),
        quality_a=("quality_a", "sum"),
        quality_b=("quality_b", "sum"),
        quality_c=("quality_c", "sum"),
        derived=("derived", "sum"),
        late=("late", "sum"),
        estimated_filing=("estimated_filing", "sum"),
    )
    days = [None if day != day else (today - day.date()).days for day in table["last_filed"]]
    table.insert(5, "days_since", days)
    table["badge"] = [
        _badge(*row) for row in zip(table["figures"], table["estimated_filing"], table["quality_c"], strict=True)
    ]
    return table.reset_index()


def _badge(figures: int, estimated: int, press: int) -> str:
    said = []
    if estimated:
        said.append("filing dates estimated" if estimated == figures else f"{estimated} filing dates estimated")
    if press:
        said.append("press only" if press == figures else f"{press} from the press")
    return ", ".join(said)
