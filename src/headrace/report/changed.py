"""What was changed against the baseline, as rows: what, how and when, why, and what the size rests on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from headrace._types import ChangeNote
from headrace.report.figures import Shown, change_of, usually


@dataclass(frozen=True)
class Changed:
    """The block on top of the report: a lead in words, and a row a change with its size and what is so otherwise."""

    lead: str
    rows: tuple[tuple[ChangeNote, Shown, str], ...]


def changed(future: xr.Dataset, notes: Sequence[ChangeNote]) -> Changed | None:
    """The block of a run; none where nothing was changed.

    Args:
        future: A simulated Dataset.
        notes: Of the service.
    """
    if not notes:
        return None
    page = json.loads(future.attrs["world"])["page"]
    return Changed(
        page["summary"] if page["changes"] else "", tuple((note, change_of(note), usually(note)) for note in notes)
    )
