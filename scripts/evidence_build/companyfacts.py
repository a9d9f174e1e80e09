"""Figures of companyfacts documents, derived as headrace derives them for anyone who fetches.

They replace what was collected elsewhere about the same figure: a filing read by our own rules carries every vintage.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from evidence_build.figures import Figure
from headrace.evidence.filings.quarters import facts_of
from headrace.evidence.universe import Entity

FIRST_DAY = dt.date(2014, 1, 1)
FETCHED = dt.date(2026, 11, 22)
"""A day by which every document given was fetched; no filing in them is later."""

_SAME_PERIOD = dt.timedelta(days=7)


def read_companyfacts(folder: Path, entities: Mapping[str, Entity], report: Counter[str]) -> pd.DataFrame:
    """Every figure from 2014 on in the documents of a folder.

    Args:
        folder: With ``TICKER.json`` files.
        entities: Entity by ticker.
        report: Counts of what was read and left out; added to.

    Returns:
        Rows in the columns of the facts table.

    Raises:
        EvidenceError: A document breaks its schema or holds another company.
    """
    frames = []
    for path in sorted(folder.glob("*.json")):
        frame, findings = facts_of(path.read_bytes(), entities[path.stem], path.name, FETCHED)
        for finding in findings:
            verdict = "left out" if finding.refused else "note"
            report[f"{verdict}: companyfacts, {finding.kind.replace('_', ' ')}"] += 1
        recent = frame["period_end"].dt.date >= FIRST_DAY
        report["rows in: derived from companyfacts"] += len(frame)
        report["left out: derived from companyfacts, before 2014"] += int((~recent).sum())
        frames.append(frame[recent])
    return pd.concat(frames, ignore_index=True)


def not_in_companyfacts(figures: Iterable[Figure], derived: pd.DataFrame, report: Counter[str]) -> list[Figure]:
    """Collected figures less those that a companyfacts document gives.

    Args:
        figures: What was collected elsewhere.
        derived: Rows of :func:`read_companyfacts`.
        report: Counts of what was left out; added to.
    """
    known: dict[tuple[str, str], list[tuple[dt.date, float]]] = {}
    quarters = derived[derived["calendar_quarter"] != ""].sort_values("filed")
    for row in quarters.itertuples():
        known.setdefault((row.entity, row.concept), []).append((row.period_end.date(), row.value))
    kept = []
    for figure in figures:
        values = [
            value
            for end, value in known.get((figure.entity, figure.concept), [])
            if abs(end - figure.end) <= _SAME_PERIOD
        ]
        if not values:
            kept.append(figure)
        elif figure.vintages[-1].value in values:
            report["left out: collected figure that companyfacts gives too, with this value"] += 1
        else:
            report[f"left out: collected figure that companyfacts gives with another value ({figure.entity})"] += 1
    return kept
