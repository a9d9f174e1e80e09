"""Numbers as a person types them: whole ones, also as 2e3, and ``name=value``."""

from __future__ import annotations

import math
from collections.abc import Sequence

import click


def count(text: str | int) -> int:
    """A whole number, also as 2e3; whether it can be run is the service's to say."""
    try:
        return int(text)
    except ValueError:
        number = _number(str(text))
    if not number.is_integer():
        raise click.BadParameter(f"{text!r} is not a whole number.")
    return int(number)


def setting(text: str) -> tuple[str, float]:
    """``name=value``: one parameter put on a number."""
    name, equals, value = text.partition("=")
    if not (name.strip() and equals):
        raise click.BadParameter(f"{text!r} is not of the form name=value, such as demand.compute_margin=0.5.")
    number = _number(value)
    if not math.isfinite(number):
        raise click.BadParameter(f"{name.strip()}: {value.strip()!r} is not a finite number.")
    return name.strip(), number


def settings_by_name(settings: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Settings as a dict; one that is given twice is refused."""
    chosen = dict(settings)
    if len(chosen) < len(settings):
        names = [name for name, _ in settings]
        repeated = sorted({name for name in names if names.count(name) > 1})
        raise click.UsageError(f"--set names {', '.join(repeated)} more than once")
    return chosen


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
