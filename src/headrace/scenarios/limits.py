"""What a change may not do: take a parameter out of its hard range, as far as that can be known before a draw is made.

A held value is known. A factor or a sum is judged at both ends of what the prior covers, or of the value that another
change holds, together with every other change of the same parameter in each quarter.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from headrace.errors import ParameterError
from headrace.parameters.registry import checked_value, registry
from headrace.periods import quarter_label
from headrace.scenarios.changes import Change, Scenario

Ends = tuple[float, float]


def require_inside_ranges(scenario: Scenario) -> None:
    """Refuse a scenario that takes a parameter out of its range in some quarter, or before the start.

    Raises:
        ParameterError: Naming the change, the range, and the reason that the change gives.
    """
    by_name: dict[str, list[Change]] = {}
    for change in scenario.changes:
        for name in change.names:
            if change.value is not None:
                checked_value(name, change.value, change.origin)
            by_name.setdefault(name, []).append(change)
    for name, changes in by_name.items():
        _require_inside(name, changes)


def _require_inside(name: str, changes: Sequence[Change]) -> None:
    entry = registry()[name]
    always = [change for change in changes if not change.is_dated]
    dated = [change for change in changes if change.is_dated]
    before = _checked(name, _changed((entry.low, entry.high), always), always, "before the start")
    # What a parameter is changes only where a change starts or the quarter after one ends.
    turns = {change.span[0] for change in dated} | {change.span[1] + 1 for change in dated}
    for turn in sorted(turns):
        now = [change for change in dated if change.span[0] <= turn <= change.span[1]]
        when = "in the first quarter" if abs(turn) == float("inf") else f"in {quarter_label(int(turn))}"
        _checked(name, _changed(before, now), now, when)


def _changed(ends: Ends, changes: Sequence[Change]) -> Ends:
    held = [change.value for change in changes if change.value is not None]
    if held:
        return held[0], held[0]
    factor = prod(change.multiply for change in changes if change.multiply is not None)
    shift = sum(change.add for change in changes if change.add is not None)
    reached = [end * factor + shift for end in ends]
    return min(reached), max(reached)


def _checked(name: str, ends: Ends, changes: Sequence[Change], when: str) -> Ends:
    entry = registry()[name]
    floor, ceiling = entry.range
    if changes and not floor <= ends[0] <= ends[1] <= ceiling:
        last = changes[-1]
        others = f" together with {', '.join(change.origin for change in changes[:-1])}" if changes[1:] else ""
        raise ParameterError(
            f'{last.origin}{others}: "{name}", {entry.value_text}, {last.action} reaches {ends[0]:g} to {ends[1]:g} '
            f"{when}, outside its range {floor:g} to {ceiling:g} [{entry.unit}]; the change is there because: "
            f"{last.reason}"
        )
    return ends
