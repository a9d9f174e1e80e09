"""Dated changes on the quarters of a run: which parameter is held, multiplied or added to in which quarter."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf

import numpy as np
from numpy.typing import NDArray

from headrace.errors import ScenarioError
from headrace.periods import quarter_index, quarter_label
from headrace.scenarios.changes import Change, Scenario


@dataclass(frozen=True)
class Schedule:
    """What dated changes make of parameters: ``held`` where it is a number, else what it was × ``factor`` + ``shift``.

    Attributes:
        names: Parameters that move over the run, by their names in the registry.
        held: Value in the parameter's unit, NaN where it is not held, (quarter, name).
        factor: 1 where nothing multiplies it or it is held, (quarter, name).
        shift: 0 where nothing is added to it or it is held, (quarter, name).
    """

    names: tuple[str, ...]
    held: NDArray[np.float64]
    factor: NDArray[np.float64]
    shift: NDArray[np.float64]


def schedule(scenario: Scenario, first_quarter: str, quarters: int) -> Schedule:
    """The dated changes of a scenario on the quarters of a run.

    Args:
        scenario: Its undated changes are not in the schedule: they act before the start.
        first_quarter: First quarter simulated.
        quarters: How many are simulated, >= 1.

    Raises:
        ScenarioError: A change starts or ends before the first quarter, or starts after the last.
    """
    first = quarter_index(first_quarter)
    for change in scenario.dated_changes:
        _require_within(change, first, first + quarters - 1)
    names = tuple(dict.fromkeys(name for change in scenario.dated_changes for name in change.names))
    held = np.full((quarters, len(names)), np.nan)
    factor, shift = np.ones_like(held), np.zeros_like(held)
    for change in scenario.dated_changes:
        begin, end = change.span
        rows = slice(0 if isinf(begin) else int(begin) - first, None if isinf(end) else int(end) - first + 1)
        columns = [names.index(name) for name in change.names]
        if change.value is not None:
            held[rows, columns] = change.value
        elif change.multiply is not None:
            factor[rows, columns] *= change.multiply
        else:
            shift[rows, columns] += change.add
    return Schedule(names, held, factor, shift)


def _require_within(change: Change, first: int, last: int) -> None:
    begin, end = change.span
    run = f"the run from {quarter_label(first)} to {quarter_label(last)}"
    for word, index in (("starts in", begin), ("ends in", end)):
        if not isinf(index) and index < first:
            raise ScenarioError(
                f'{change.origin}: "{change.parameter}" {word} {quarter_label(int(index))}, before {run}; choose '
                f"{quarter_label(first)} or later, or leave start and end out to describe a world that was always so"
            )
    if begin > last:
        raise ScenarioError(
            f'{change.origin}: "{change.parameter}" starts in {change.start}, after {run}; '
            f"--quarters {int(begin) - first + 1} would reach it"
        )
