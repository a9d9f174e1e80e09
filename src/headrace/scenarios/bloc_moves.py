"""Blocs of nations: where each stands, and what it does when it restricts and when it subsidises, read from a table.

What a bloc does is a scenario with dated changes; beside it stands what the loop does not know: whose firms it falls
on, what it costs the state, and what the bloc's own machines are then worth.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headrace.errors import PeriodError, ScenarioError, unknown_name
from headrace.evidence import sources
from headrace.periods import quarter_index
from headrace.scenarios.changes import FIRST, Scenario
from headrace.scenarios.pages import scenario
from headrace.variables import REGIONS

SOVEREIGN = "national.sovereign_demand_usd_bn"
"""Parameter whose additions are purchases of compute by the state that decides on them."""

PRIVATE = "builder.rest_of_world.ai_capital_expenditure_usd_bn"
"""Parameter whose additions are spending of private firms, of the bloc that the move falls on."""

MOVES = ("restrict", "subsidise")
"""What a bloc can do, either, both or neither."""


@dataclass(frozen=True)
class Move:
    """One thing that a bloc can do.

    Attributes:
        scenario: Its changes, all dated.
        start: First quarter of its term, or ``"first"``.
        end: Last quarter of it; None for the end of the run.
        falls_on: Bloc whose firms spend what the changes add to private spending in the rest of the world.
        public_usd_bn: Money of the state in each quarter of the term [USD bn/quarter].
        own_quality: Quality of what the bloc's firms add in the term, over that of the frontier [1].
        at_home: Part of what they pay for IT in the term that turns to suppliers of their own bloc [1].
        reasons: Why, and source, of public money and of what is said of the bloc's own, by name.
    """

    scenario: Scenario
    start: str
    end: str | None
    falls_on: str
    public_usd_bn: float
    own_quality: float
    at_home: float
    reasons: Mapping[str, tuple[str, str]]

    def added_usd_bn(self, parameter: str) -> float:
        """Sum of what its changes add to a parameter, in the parameter's unit."""
        return sum(change.add or 0.0 for change in self.scenario.changes if parameter in change.names)


@dataclass(frozen=True)
class Bloc:
    """A bloc of nations.

    Attributes:
        name: As ``--bloc`` takes it.
        label: What a person calls it.
        regions: Where it is sovereign, of :data:`headrace.variables.REGIONS`.
        moves: What it does by each of :data:`MOVES`.
    """

    name: str
    label: str
    regions: tuple[str, ...]
    moves: Mapping[str, Move]


class _Public(BaseModel):
    model_config = ConfigDict(extra="forbid")

    usd_bn: float = Field(ge=0, allow_inf_nan=False)
    reason: str = Field(min_length=8)
    source: str


class _Own(BaseModel):
    model_config = ConfigDict(extra="forbid")

    quality: float = Field(default=1.0, gt=0, le=5, allow_inf_nan=False)
    at_home: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False)
    reason: str = Field(min_length=8)
    source: str


class _MoveRow(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    summary: str
    start: str = FIRST
    end: str | None = None
    falls_on: str = ""
    public: _Public | None = None
    own: _Own | None = None
    changes: tuple[dict[str, Any], ...] = ()


class _BlocRow(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=2)
    regions: tuple[str, ...] = Field(min_length=1)
    restrict: _MoveRow
    subsidise: _MoveRow


@cache
def blocs() -> dict[str, Bloc]:
    """The blocs that come with headrace by name, in the order of the file."""
    return read_blocs((files("headrace") / "data" / "blocs.toml").read_text(encoding="utf-8"), "blocs.toml")


def blocs_in(file: str | Path) -> dict[str, Bloc]:
    """The blocs of a file of one's own.

    Raises:
        ScenarioError: It cannot be read, or what :func:`read_blocs` refuses.
    """
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise ScenarioError(f"{file}: cannot be read as a file of blocs ({fault}); wanted a TOML text file") from None
    return read_blocs(text, Path(file).name)


def read_blocs(text: str, filename: str) -> dict[str, Bloc]:
    """The blocs in the ``text`` of a file: a table each, beside ``dated``.

    Raises:
        ScenarioError: Not TOML, a key that is unknown, missing or of the wrong kind, no day, a region in two blocs, a
            change without quarters, spending that is not added to or belongs to nobody, or purchases beyond the
            public money.
        UnknownNameError: A region, a bloc, a parameter or a source that there is not.
        ParameterError: A change takes a parameter out of its range.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ScenarioError(f"{filename}: not TOML: {fault}") from None
    day = document.pop("dated", None)
    if not isinstance(day, dt.date):
        raise ScenarioError(f'{filename}, key "dated": found {day!r}; wanted the day it was written down, unquoted')
    rows = {name: _row(name, row, filename) for name, row in document.items()}
    _require_regions(rows, filename)
    return {
        name: Bloc(
            name,
            row.label,
            row.regions,
            {move: _move(name, move, getattr(row, move), day, rows, filename) for move in MOVES},
        )
        for name, row in rows.items()
    }


def _row(name: str, row: object, filename: str) -> _BlocRow:
    if not isinstance(row, dict):
        raise ScenarioError(
            f'{filename}, key "{name}": found {row!r:.60}; wanted a table with label, regions and moves'
        )
    try:
        return _BlocRow(**row)
    except ValidationError as fault:
        first = min(fault.errors(), key=lambda error: error["type"] != "extra_forbidden")
        key = ".".join(str(part) for part in (name, *first["loc"]))
        said = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
        raise ScenarioError(f'{filename}, key "{key}": {said} (found {first["input"]!r:.60})') from None


def _require_regions(rows: Mapping[str, _BlocRow], filename: str) -> None:
    owner: dict[str, str] = {}
    for name, row in rows.items():
        for region in row.regions:
            if region not in REGIONS:
                raise unknown_name("region", region, REGIONS, f'{filename}, key "{name}.regions"')
            if region in owner:
                raise ScenarioError(
                    f'{filename}, key "{name}.regions": {region} is already in {owner[region]}; wanted each region in '
                    "one bloc"
                )
            owner[region] = name


def _move(bloc: str, move: str, row: _MoveRow, day: dt.date, known: Mapping[str, _BlocRow], filename: str) -> Move:
    place = f"{filename}, {bloc}.{move}"
    page = {"title": row.title, "dated": day, "summary": row.summary, "changes": row.changes}
    made = scenario({**page, "name": f"{bloc} {move}"})
    for change in made.changes:
        if not change.is_dated:
            raise ScenarioError(
                f"{place}: the change of {change.parameter} has no quarters; wanted start or end, for a bloc decides "
                "after the start"
            )
        if {SOVEREIGN, PRIVATE} & set(change.names) and change.add is None:
            raise ScenarioError(
                f"{place}: {change.parameter} is {change.action}; wanted add, so that it is known whose the spending is"
            )
    if row.falls_on and row.falls_on not in known:
        raise unknown_name("bloc", row.falls_on, known, f"{place}.falls_on")
    for said in (row.public, row.own):
        if said is not None and said.source not in sources.load():
            raise unknown_name("source", said.source, sources.load(), place)
    _require_term(row, place)
    found = Move(
        scenario=made,
        start=row.start,
        end=row.end,
        falls_on=row.falls_on,
        public_usd_bn=row.public.usd_bn if row.public else 0.0,
        own_quality=row.own.quality if row.own else 1.0,
        at_home=row.own.at_home if row.own else 0.0,
        reasons={name: (said.reason, said.source) for name, said in (("public", row.public), ("own", row.own)) if said},
    )
    if found.added_usd_bn(SOVEREIGN) > found.public_usd_bn:
        raise ScenarioError(
            f"{place}: its changes buy {found.added_usd_bn(SOVEREIGN):g} USD bn a quarter of compute with "
            f"{found.public_usd_bn:g} of public money; wanted public.usd_bn to hold it, for somebody pays"
        )
    if found.added_usd_bn(PRIVATE) and not row.falls_on:
        raise ScenarioError(f"{place}: its changes move {PRIVATE}; wanted falls_on, the bloc whose firms spend that")
    return found


def _require_term(row: _MoveRow, place: str) -> None:
    try:
        begin = quarter_index(row.start) if row.start != FIRST else None
        end = quarter_index(row.end) if row.end is not None else None
    except PeriodError as fault:
        raise ScenarioError(f"{place}: {fault}") from None
    if begin is not None and end is not None and begin > end:
        raise ScenarioError(f"{place}: starts in {row.start} and ends in {row.end}; wanted an end after the start")
