"""From a page of TOML, a dict or a name to a scenario: the schema, what a page includes, and the pages that ship."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from headrace.errors import PeriodError, ScenarioError, near_matches, unknown_name
from headrace.evidence import sources
from headrace.parameters.registry import registry
from headrace.scenarios.changes import FIRST, Change, Scenario
from headrace.scenarios.combination import combined, require_agreement
from headrace.scenarios.limits import require_inside_ranges

Spec = str | Path | Scenario | Mapping[str, Any] | Sequence[Any]
"""What stands for a scenario: a name, a file, several of them, or the page as a dict."""


class _ChangeRow(BaseModel):
    model_config = ConfigDict(extra="forbid")

    parameter: str
    value: float | None = Field(default=None, allow_inf_nan=False)
    multiply: float | None = Field(default=None, allow_inf_nan=False)
    add: float | None = Field(default=None, allow_inf_nan=False)
    start: str | None = None
    end: str | None = None
    reason: str = Field(min_length=8)
    source: str = ""
    history: str = ""

    @model_validator(mode="after")
    def _acts_in_one_way(self) -> _ChangeRow:
        given = [key for key in ("value", "multiply", "add") if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(f"wanted exactly one of value, multiply, add; found {' and '.join(given) or 'none'}")
        return self


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=3, max_length=120)
    dated: dt.date
    summary: str = Field(min_length=8, max_length=600)
    includes: tuple[str, ...] = ()
    changes: tuple[_ChangeRow, ...] = ()


def names() -> list[str]:
    """Scenarios that come with headrace, the baseline first."""
    return list(_texts())


@cache
def shipped() -> dict[str, Scenario]:
    """Scenarios that come with headrace, by name, the baseline first."""
    return {name: _found(name, Path(), ()) for name in _texts()}


def scenario(spec: Spec) -> Scenario:
    """The scenario that ``spec`` stands for.

    Args:
        spec: Name of a shipped scenario; a file that ends in ``.toml``; several of either with ``+`` between them, or
            a list of them; or a page as a dict, with the keys of a file and ``name`` where one is wanted.

    Raises:
        UnknownNameError: No shipped scenario, or no parameter, has the name.
        ScenarioError: A page cannot be read, breaks the schema or contradicts itself or another one.
        ParameterError: A change takes a parameter out of its range.
    """
    if isinstance(spec, Scenario):
        return spec
    if isinstance(spec, Mapping):
        document = dict(spec)
        name = str(document.pop("name", "given"))
        return _made(document, name, name, Path(), ())
    if isinstance(spec, str | Path):
        text = str(spec)
        parts = [text] if "+" not in text or Path(text).is_file() else [part.strip() for part in text.split("+")]
        return combined([_found(part, Path(), ()) for part in parts])
    if not isinstance(spec, Sequence):
        raise ScenarioError(f"{spec!r:.60} is no scenario; wanted a name, a .toml file, a list of them or a dict")
    return combined([scenario(part) for part in spec])


def read_scenario(text: str, filename: str, folder: Path | None = None) -> Scenario:
    """The scenario in the ``text`` of a file.

    Args:
        text: TOML.
        filename: Its stem names the scenario.
        folder: Where the files that it includes are looked for; the working folder when left out.

    Raises:
        ScenarioError: Not TOML, an unknown key, a missing one, a value of the wrong kind, an include that leads back,
            or changes that contradict each other; file and key are named.
        UnknownNameError: A change names no parameter, or an include no scenario.
        ParameterError: A change takes a parameter out of its range.
    """
    return _read(text, filename, folder or Path(), (filename,))


def _read(text: str, filename: str, folder: Path, chain: tuple[str, ...]) -> Scenario:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ScenarioError(f"{filename}: not TOML: {fault}") from None
    if "name" in document:
        raise ScenarioError(f'{filename}, key "name": a scenario is named by its file; remove the key')
    return _made(document, filename.removesuffix(".toml"), filename, folder, chain)


def _made(document: Mapping[str, Any], name: str, place: str, folder: Path, chain: tuple[str, ...]) -> Scenario:
    try:
        page = _Page(**document)
    except ValidationError as fault:
        raise ScenarioError(_first_fault(fault, place)) from None
    own = [_change(row, place, number) for number, row in enumerate(page.changes, start=1)]
    included = [_found(part, folder, chain) for part in page.includes]
    changes = dict.fromkeys([*own, *(change for part in included for change in part.changes)])
    read = Scenario(name, page.title, page.dated, page.summary, tuple(changes), page.includes)
    require_agreement(read.changes)
    require_inside_ranges(read)
    return read


def _change(row: _ChangeRow, place: str, number: int) -> Change:
    origin = f"{place}, change {number}"
    change = Change(origin=origin, **row.model_dump())
    try:
        begin, end = change.span
    except PeriodError as fault:
        hint = f' or "{FIRST}"' if row.start and row.start not in (FIRST, row.end) else ""
        raise ScenarioError(f"{origin}: {fault}{hint}") from None
    if begin > end:
        raise ScenarioError(f"{origin}: starts in {row.start} and ends in {row.end}; wanted an end after the start")
    if not change.names:
        raise unknown_name("parameter", row.parameter, registry(), origin)
    if row.source and "://" not in row.source and row.source not in sources.load():
        raise unknown_name("source", row.source, sources.load(), f"{origin} (a key of a source, or an address)")
    return change


def _found(part: str, folder: Path, chain: tuple[str, ...]) -> Scenario:
    """The scenario of one name or file; ``chain`` is who includes it, the outermost first."""
    path = folder / part
    here = str(path) if part.endswith(".toml") else part
    if here in chain:
        raise ScenarioError(f"{' includes '.join([*chain, here])}: that leads back; remove one of the includes")
    if not part.endswith(".toml"):
        if part not in _texts():
            raise unknown_name("scenario", part, _texts(), chain[-1] if chain else "")
        return _read(_texts()[part], f"{part}.toml", folder, (*chain, here))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise ScenarioError(f"{path}: cannot be read as a scenario file ({fault}); wanted a TOML text file") from None
    return _read(text, path.name, path.parent, (*chain, here))


@cache
def _texts() -> dict[str, str]:
    folder = files("headrace") / "data" / "scenarios"
    entries = sorted(
        (e for e in folder.iterdir() if e.name.endswith(".toml")), key=lambda e: (e.name != "baseline.toml", e.name)
    )
    return {entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8") for entry in entries}


def _first_fault(fault: ValidationError, filename: str) -> str:
    # A misspelt key is told before the missing one that it stands for.
    first = min(fault.errors(), key=lambda error: error["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        model: type[BaseModel] = _ChangeRow if first["loc"][0] == "changes" else _Page
        known = list(model.model_fields)
        nearest_first = dict.fromkeys([*near_matches(str(first["loc"][-1]), known), *known])
        return f'{filename}, key "{key}": unknown key; wanted {", ".join(nearest_first)}'
    return f'{filename}, key "{key}": {first["msg"].removeprefix("Value error, ")} (found {first["input"]!r:.60})'
