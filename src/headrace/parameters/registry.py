"""The registry: every parameter by its dotted name, read once from ``data/parameters/*.toml`` and validated then.

A file's stem is the first part of the name; each table in it is one parameter, or a group of them one level down.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from headrace.errors import ParameterError, unknown_name
from headrace.parameters.schema import Parameter


@cache
def registry() -> Mapping[str, Parameter]:
    """Every shipped parameter by name, in the order of the files.

    Raises:
        ParameterError: An entry breaks the schema; the message names file, key, what was found and what was wanted.
    """
    folder = files("headrace") / "data" / "parameters"
    found: dict[str, Parameter] = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            found.update(read_parameters(entry.read_text(encoding="utf-8"), entry.name))
    return found


def parameter(name: str) -> Parameter:
    """The parameter called ``name``.

    Raises:
        UnknownNameError: No such parameter; the message lists near matches.
    """
    table = registry()
    if name not in table:
        raise unknown_name("parameter", name, table)
    return table[name]


def parameters_matching(pattern: str) -> list[Parameter]:
    """Parameters whose name matches ``pattern``, where ``*`` stands for any run of characters."""
    from fnmatch import fnmatchcase

    return [entry for name, entry in registry().items() if fnmatchcase(name, pattern)]


def checked_value(name: str, value: float, where: str) -> float:
    """``value`` if the parameter called ``name`` may take it.

    Args:
        name: Dotted name.
        value: What someone wants it to be, in the parameter's unit.
        where: File and key, or the option, for the message.

    Raises:
        UnknownNameError: No such parameter.
        ParameterError: ``value`` is not a finite number inside the hard range.
    """
    table = registry()
    if name not in table:
        raise unknown_name("parameter", name, table, where)
    entry = table[name]
    floor, ceiling = entry.range
    if not floor <= value <= ceiling:
        raise ParameterError(
            f'{where}: "{name}" = {value:g} is outside its range {floor:g} to {ceiling:g} [{entry.unit}]; '
            f"the shipped value is {entry.value_text}, because: {entry.reason}"
        )
    return value


def read_parameters(text: str, filename: str) -> dict[str, Parameter]:
    """Parameters of one file's ``text``.

    Raises:
        ParameterError: The text is not TOML, or an entry breaks the schema.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ParameterError(f"{filename}: not TOML: {fault}") from None
    stem = filename.removesuffix(".toml")
    return {name: _validated(name, row, filename) for name, row in _entries(stem, document)}


def _entries(prefix: str, document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, row in document.items():
        name = f"{prefix}.{key}"
        if isinstance(row, dict) and not {"unit", "label", "basis"} & row.keys():
            yield from _entries(name, row)
        else:
            yield name, row


def _validated(name: str, row: object, filename: str) -> Parameter:
    if not isinstance(row, dict):
        raise ParameterError(
            f'{filename}, "{name}": found {row!r}; wanted a table with unit, basis, value, source, ...'
        )
    if "name" in row:
        raise ParameterError(f'{filename}, "{name}", name: an entry is named by its table; remove the key')
    try:
        return Parameter(name=name, **row)
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "entry"
        message = first["msg"].removeprefix("Value error, ")
        raise ParameterError(f'{filename}, "{name}", {place}: {message} (found {first["input"]!r:.80})') from None
