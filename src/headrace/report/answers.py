"""What the report asks of the service, gathered once, and which assumption an answer rests on most weakly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, partial
from typing import Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace._types import Assumption, ChangeNote, Headline, Receipt, SourceNote, StartRow, Trust
from headrace.variables import table


class Moving(Protocol):
    """A parameter that moves a figure, and its rank correlation with it."""

    @property
    def name(self) -> str:
        """Of the parameter."""

    @property
    def correlation(self) -> float:
        """From -1 to 1."""


@dataclass(frozen=True)
class Answers:
    """Everything that the page shows and does not read from the Datasets itself."""

    headlines: Sequence[Headline]
    assumptions: Sequence[Assumption]
    start: Sequence[StartRow]
    sources: Sequence[SourceNote]
    receipt: Callable[[str], Receipt]
    over_cash_flow: xr.DataArray
    movers: Callable[[NDArray[np.float64], Iterable[str] | None], Sequence[Moving]]
    guidance: Headline
    siting: xr.Dataset
    market: xr.Dataset
    changes: Sequence[ChangeNote]
    trust: Trust
    asked: Mapping[str, xr.Dataset] = field(default_factory=dict)
    """What was asked of the World besides, by its name: ``blocs``, ``dilemma``, ``fears``, ``payback``."""


def gather(
    future: xr.Dataset,
    history: xr.Dataset,
    headlines: Sequence[Headline],
    asked: Mapping[str, xr.Dataset] | None = None,
) -> Answers:
    """Ask the service for all that a report needs.

    Args:
        future: A simulated Dataset.
        history: The filings it starts from.
        headlines: Those of the run.
        asked: What was asked of its World besides, by the name of the question.
    """
    from headrace import service

    return Answers(
        headlines=headlines,
        assumptions=service.assumptions(future),
        start=service.start_table(future),
        sources=service.sources(),
        receipt=cache(partial(service.receipt, dataset=future)),
        over_cash_flow=service.capex_over_cash_flow(history, future),
        movers=lambda values, among: service.movers(future, values, among=among),
        guidance=service.guidance_check(future),
        siting=service.siting(future),
        market=service.confirmation(future),
        changes=service.changed(future),
        trust=service.trust(),
        asked=asked or {},
    )


def weakest_assumption(variables: Iterable[str], assumptions: Sequence[Assumption]) -> Assumption | None:
    """The assumption that an answer rests on most weakly.

    Weakest basis first; among equals one that holds for every builder, then the one fewest steps away in the table's
    inputs, then the widest for its size.

    Args:
        variables: Names in the table that the answer is read from.
        assumptions: Every parameter in use, weakest basis first.

    Returns:
        None where no parameter stands behind the variables.
    """
    ranks = {basis: rank for rank, basis in enumerate(dict.fromkeys(row.basis for row in assumptions))}
    best: tuple[int, bool, int, float, str] | None = None
    chosen = None
    for distance, pattern in _inputs_by_distance(variables):
        for row in assumptions:
            if row.name == pattern or ("*" in pattern and fnmatchcase(row.name, pattern)):
                mark = (ranks[row.basis], row.name.startswith("builder."), distance, -_relative_width(row), row.name)
                if best is None or mark < best:
                    best, chosen = mark, row
    return chosen


def _inputs_by_distance(variables: Iterable[str]) -> list[tuple[int, str]]:
    rows = table()
    seen: set[str] = set()
    found: dict[str, int] = {}
    level = [name for name in variables if name in rows]
    distance = 0
    while level:
        seen.update(level)
        following: list[str] = []
        for name in level:
            for text in rows[name].inputs:
                if text in rows:
                    following += [text] if text not in seen else []
                elif not text.startswith("facts:"):
                    found.setdefault(text, distance)
        level, distance = list(dict.fromkeys(following)), distance + 1
    return [(steps, pattern) for pattern, steps in found.items()]


def _relative_width(row: Assumption) -> float:
    return (row.high - row.low) / abs(row.median) if row.median else 0.0
