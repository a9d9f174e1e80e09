"""What a scenario does to the loop: values held before the start is solved, and paths of what moves after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from headrace import scenarios
from headrace.errors import ParameterError, ScenarioError, near_matches
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import checked_value, registry
from headrace.past_start.draws import dated
from headrace.past_start.known import Known
from headrace.periods import quarter_index, quarter_label
from headrace.posterior import Posterior
from headrace.simulation.paths import Path, place, read_each_quarter, stacked_paths
from headrace.simulation.start import START_QUARTER, FiledStart
from headrace.simulation.worlds import stacked

FIRST_QUARTER = quarter_label(quarter_index(START_QUARTER) + 1)
"""First quarter simulated from the start that the tables describe."""


@dataclass(frozen=True)
class Changes:
    """What a scenario does to the parameters.

    Attributes:
        held: Parameters held at a value in every draw, the start included.
        start: What was known on the past day that the run starts from; the tables describe the start without it.
        posterior: Draws that stand in the place of priors; what is held stays held.
        moved: Parameters of which each draw is taken × factor + shift, the start included.
        paths: Arrays of the loop that move over the run and leave the start alone.
    """

    held: Mapping[str, float] = field(default_factory=dict)
    start: Known | None = None
    posterior: Posterior | None = None
    moved: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    paths: Mapping[str, Path] = field(default_factory=dict)


def changes_of(
    scenario: scenarios.Scenario,
    quarters: int,
    settings: Mapping[str, float] | None = None,
    posterior: Posterior | None = None,
    start: Known | None = None,
    also: frozenset[str] = frozenset(),
) -> Changes:
    """The changes of a scenario on a run.

    Args:
        scenario: Dated and undated changes.
        quarters: How many are simulated.
        settings: Parameters held at a value in every draw, on top of the scenario's.
        posterior: Draws that stand in the place of priors.
        start: What was known on the past day that the run starts from.
        also: Arrays that get a path even where nothing of them moves, so that one compiled program serves runs beside
            it.

    Raises:
        ScenarioError: A dated change falls outside the run, or on a parameter that only the start reads.
        UnknownNameError: A setting names no parameter.
        ParameterError: A setting is no number or outside its range, alone or with a dated change of the scenario.
    """
    checked = {name: checked_value(name, _number(name, value), "settings") for name, value in (settings or {}).items()}
    held = {**scenario.settings, **checked}
    moved = {name: how for name, how in scenario.moved.items() if name not in checked}
    first = FIRST_QUARTER if start is None else quarter_label(quarter_index(start.quarter) + 1)
    timetable = scenarios.schedule(scenario, first, quarters)
    for change in scenario.dated_changes:
        _require_movable(change)
    for name in checked.keys() & set(timetable.names):
        _require_inside(name, checked[name], timetable, first)
    is_held = ~np.isnan(timetable.held)
    factor = np.where(is_held, 0.0, timetable.factor)
    shift = np.where(is_held, timetable.held, timetable.shift)
    return Changes(
        held, start, posterior, moved, stacked_paths(timetable.names, factor, shift, also | _moved_by_the_library())
    )


def drawn_values(seed: int, first: int, count: int, changes: Changes) -> Mapping[str, NDArray[np.float64]]:
    """Draws ``first`` … of every parameter after the undated changes, by dotted name, shape (draw,)."""
    drawn = draw_parameters(registry().values(), seed, first, count, changes.held)
    if changes.posterior is not None:
        learnt = changes.posterior.drawn(seed, first, count)
        drawn |= {name: values for name, values in learnt.items() if name not in changes.held}
    if changes.start is not None:
        then = dated(drawn, changes.start)
        drawn |= {name: values for name, values in then.items() if name not in changes.held}
    for name, (factor, shift) in changes.moved.items():
        drawn[name] = drawn[name] * factor + shift
    return drawn


@cache
def movable() -> frozenset[str]:
    """Parameters that the loop reads in each quarter, and that can therefore move over a run."""
    arrays = {name: jnp.asarray(values) for name, values in stacked(drawn_values(0, 0, 1, Changes())).items()}
    players = arrays["builder.ai_share"].shape[0]
    read = read_each_quarter(arrays, FiledStart(jnp.ones((1, players)), jnp.ones((1, players))))
    return frozenset(name for name in registry() if place(name)[0] in read)


@cache
def _moved_by_the_library() -> frozenset[str]:
    """Arrays that a shipped scenario or a fear moves.

    Every scenario carries a path for each, so that one compiled program serves them all.
    """
    pages = [*scenarios.shipped().values(), scenarios.without(scenarios.fears())]
    return frozenset(place(name)[0] for page in pages for change in page.dated_changes for name in change.names)


def _number(name: str, value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ParameterError(f'settings: "{name}" = {value!r:.60} is no number; wanted one inside its range') from None


def _require_inside(name: str, value: float, timetable: scenarios.Schedule, first: str) -> None:
    """Refuse a setting that dated changes take out of the range of its parameter."""
    entry, column = registry()[name], timetable.names.index(name)
    reached = value * timetable.factor[:, column] + timetable.shift[:, column]
    reached = np.where(np.isnan(timetable.held[:, column]), reached, timetable.held[:, column])
    floor, ceiling = entry.range
    outside = np.flatnonzero((reached < floor) | (reached > ceiling))
    if len(outside):
        quarter = quarter_label(quarter_index(first) + int(outside[0]))
        raise ParameterError(
            f'settings: "{name}" = {value:g} becomes {reached[outside[0]]:g} in {quarter} under the scenario, outside '
            f"its range {floor:g} to {ceiling:g} [{entry.unit}]; choose another value, or leave the change out"
        )


def _require_movable(change: scenarios.Change) -> None:
    fixed = sorted(set(change.names) - movable())
    if fixed:
        close = near_matches(fixed[0], movable())
        hint = f"; near it, {', '.join(close)} can move" if close else ""
        raise ScenarioError(
            f'{change.origin}: "{fixed[0]}" is read only when the start is solved, so a change {change.when} would do '
            f"nothing; leave start and end out to describe a world that was always so{hint}"
        )
