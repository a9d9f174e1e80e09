"""The nouns: a change to a parameter, and a scenario, which is a list of them with a name and a date.

A change without quarters describes another world: it acts on every draw before the start is solved. A change with
quarters leaves the start alone and acts on the value that the parameter has in each of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from math import inf
from typing import Any

from headrace.parameters.registry import parameters_matching
from headrace.periods import quarter_index

FIRST = "first"
"""Start of a change that begins with the first quarter of a run, whichever that is."""


@dataclass(frozen=True)
class Change:
    """One change: exactly one of ``value``, ``multiply`` and ``add``.

    Attributes:
        parameter: Dotted name, or a pattern in which ``*`` stands for any run of characters.
        reason: Why, and the arithmetic of its size.
        value: What the parameter is held at, in its unit.
        multiply: Factor on it.
        add: What is added to it, in its unit.
        start: First quarter it applies to, or ``"first"``; with neither start nor end it applies always.
        end: Last quarter it applies to; to the end of the run when left out.
        source: Key of a source record, or an address, of what the size rests on.
        history: Where and when the like has happened.
        origin: File and place in it, for messages.
    """

    parameter: str
    reason: str
    value: float | None = None
    multiply: float | None = None
    add: float | None = None
    start: str | None = None
    end: str | None = None
    source: str = ""
    history: str = ""
    origin: str = ""

    @property
    def is_dated(self) -> bool:
        """Whether it applies to some quarters only, and never to the start."""
        return self.start is not None or self.end is not None

    @property
    def span(self) -> tuple[float, float]:
        """Index of the first and the last quarter it applies to; infinite where it is open."""
        first = -inf if self.start in (None, FIRST) else quarter_index(str(self.start))
        return first, inf if self.end is None else quarter_index(self.end)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Parameters it changes."""
        return tuple(entry.name for entry in parameters_matching(self.parameter))

    @property
    def action(self) -> str:
        """What it does, for a person: ``held at 0.5``, ``× 0.5``, ``+ 2`` or ``- 2``."""
        if self.value is not None:
            return f"held at {self.value:g}"
        if self.multiply is not None:
            return f"× {self.multiply:g}"
        added = self.add or 0
        return f"{'-' if added < 0 else '+'} {abs(added):g}"

    @property
    def when(self) -> str:
        """The quarters it applies to, for a person."""
        if not self.is_dated:
            return "always, the start included"
        start = "the first quarter" if self.start in (None, FIRST) else self.start
        if start == self.end:
            return f"in {start}"
        return f"from {start} on" if self.end is None else f"from {start} to {self.end}"

    @property
    def document(self) -> dict[str, Any]:
        """What a page says of it."""
        said = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "origin"}
        return {key: value for key, value in said.items() if value not in (None, "")}


@dataclass(frozen=True)
class Scenario:
    """A named list of changes to the baseline.

    Attributes:
        name: File stem, or the names of its parts with ``+`` between them.
        title: What a person calls it.
        dated: Day on which it was written down.
        summary: One or two sentences.
        changes: None in the baseline; those of included scenarios come after its own.
        includes: Scenarios whose changes are among its own.
    """

    name: str
    title: str
    dated: dt.date
    summary: str
    changes: tuple[Change, ...] = ()
    includes: tuple[str, ...] = ()

    @cached_property
    def settings(self) -> dict[str, float]:
        """Parameters held at a value in every draw, the start included, by name."""
        return {name: change.value for change, name in self._always() if change.value is not None}

    @cached_property
    def moved(self) -> dict[str, tuple[float, float]]:
        """Parameters of which every draw is taken × factor + shift, the start included, by name."""
        found: dict[str, tuple[float, float]] = {}
        for change, name in self._always():
            if change.value is None:
                factor, shift = found.get(name, (1.0, 0.0))
                times = 1.0 if change.multiply is None else change.multiply
                found[name] = factor * times, shift + (change.add or 0.0)
        return found

    @property
    def dated_changes(self) -> tuple[Change, ...]:
        """Changes that leave the start alone."""
        return tuple(change for change in self.changes if change.is_dated)

    @property
    def document(self) -> dict[str, Any]:
        """The page, its includes written out: a dict from which the same scenario can be made again."""
        return {
            "title": self.title,
            "dated": self.dated.isoformat(),
            "summary": self.summary,
            "changes": [change.document for change in self.changes],
        }

    def _always(self) -> Iterator[tuple[Change, str]]:
        return ((change, name) for change in self.changes if not change.is_dated for name in change.names)
