"""Scenarios: one page of TOML each, a dated list of changes with reasons, read and checked here."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headrace.errors import ScenarioError, near_matches, unknown_name
from headrace.parameters.registry import checked_value


class Change(BaseModel):
    """One parameter held at a value in every draw, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parameter: str
    value: float = Field(allow_inf_nan=False)
    reason: str = Field(min_length=8)


class Scenario(BaseModel):
    """A named list of changes to the baseline.

    Attributes:
        name: File stem.
        title: What a person calls it.
        dated: Day on which it was written down.
        summary: One or two sentences.
        changes: Parameters held at a value; none in the baseline.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str = Field(min_length=3, max_length=120)
    dated: dt.date
    summary: str = Field(min_length=8, max_length=600)
    changes: tuple[Change, ...] = ()

    @property
    def settings(self) -> dict[str, float]:
        """Values by parameter name."""
        return {change.parameter: change.value for change in self.changes}


@cache
def shipped() -> dict[str, Scenario]:
    """Scenarios that come with headrace, by name, the baseline first."""
    folder = files("headrace") / "data" / "scenarios"
    entries = sorted(
        (e for e in folder.iterdir() if e.name.endswith(".toml")), key=lambda e: (e.name != "baseline.toml", e.name)
    )
    return {
        entry.name.removesuffix(".toml"): read_scenario(entry.read_text(encoding="utf-8"), entry.name)
        for entry in entries
    }


def scenario(name: str) -> Scenario:
    """The scenario called ``name``, or the one in the file at ``name`` when it ends in ``.toml``.

    Raises:
        UnknownNameError: No shipped scenario has the name.
        ScenarioError: The file cannot be read or breaks the schema.
    """
    if name.endswith(".toml"):
        path = Path(name)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise ScenarioError(
                f"{path}: cannot be read as a scenario file ({fault}); wanted a TOML text file"
            ) from None
        return read_scenario(text, path.name)
    if name not in shipped():
        raise unknown_name("scenario", name, shipped())
    return shipped()[name]


def read_scenario(text: str, filename: str) -> Scenario:
    """The scenario in the ``text`` of a file.

    Raises:
        ScenarioError: Not TOML, an unknown key, a missing one, or a value of the wrong kind; file and key are named.
        UnknownNameError: A change names no parameter.
        ParameterError: A value is outside the parameter's range.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ScenarioError(f"{filename}: not TOML: {fault}") from None
    if "name" in document:
        raise ScenarioError(f'{filename}, key "name": a scenario is named by its file; remove the key')
    try:
        read = Scenario(name=filename.removesuffix(".toml"), **document)
    except ValidationError as fault:
        raise ScenarioError(_first_fault(fault, filename)) from None
    twice = sorted({name for name in read.settings if sum(c.parameter == name for c in read.changes) > 1})
    if twice:
        raise ScenarioError(f'{filename}, key "changes": {", ".join(twice)} is changed more than once; keep one change')
    for index, change in enumerate(read.changes, start=1):
        checked_value(change.parameter, change.value, f"{filename}, change {index}")
    return read


def _first_fault(fault: ValidationError, filename: str) -> str:
    # A misspelt key is told before the missing one that it stands for.
    first = min(fault.errors(), key=lambda error: error["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        model = Change if first["loc"][0] == "changes" else Scenario
        known = [field for field in model.model_fields if field != "name"]
        close = near_matches(str(first["loc"][-1]), known) or known
        return f'{filename}, key "{key}": unknown key; wanted {", ".join(close)}'
    return f'{filename}, key "{key}": {first["msg"]} (found {first["input"]!r:.60})'
