"""Several scenarios at once, and what may not stand in one: two changes that contradict each other.

A parameter held at two values, or held by one change and moved by another in the same quarters, has no meaning that
does not depend on their order, so it is refused. Factors multiply and sums add, whatever the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from headrace.errors import ScenarioError
from headrace.scenarios.changes import Change, Scenario
from headrace.scenarios.limits import require_inside_ranges


def combined(scenarios: Sequence[Scenario]) -> Scenario:
    """One scenario with the changes of all, in order; a change that several of them include applies once.

    Raises:
        ScenarioError: Nothing is to be combined, one is named twice, or two changes contradict each other.
        ParameterError: Together they take a parameter out of its range.
    """
    if not scenarios:
        raise ScenarioError("nothing to combine; wanted at least one scenario")
    names = [scenario.name for scenario in scenarios]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ScenarioError(f"{'+'.join(names)}: {', '.join(twice)} is named more than once; name each scenario once")
    if len(scenarios) == 1:
        return scenarios[0]
    whole = Scenario(
        name="+".join(names),
        title="; ".join(scenario.title for scenario in scenarios),
        dated=max(scenario.dated for scenario in scenarios),
        summary=" ".join(scenario.summary for scenario in scenarios),
        changes=tuple(dict.fromkeys(change for scenario in scenarios for change in scenario.changes)),
        includes=tuple(names),
    )
    require_agreement(whole.changes)
    require_inside_ranges(whole)
    return whole


def require_agreement(changes: Sequence[Change]) -> None:
    """Refuse changes of which two contradict each other.

    Raises:
        ScenarioError: Naming both changes, the parameter and what each does with it.
    """
    for one, other in combinations(changes, 2):
        shared = set(one.names) & set(other.names)
        if shared and _contradict(one, other):
            raise ScenarioError(
                f'{one.origin}, and {other.origin}, contradict each other: "{min(shared)}" is {one.action} {one.when} '
                f"by the first and {other.action} {other.when} by the second; drop one, or give them quarters of "
                "their own"
            )


def _contradict(one: Change, other: Change) -> bool:
    if one.is_dated != other.is_dated or (one.value is None and other.value is None) or one.value == other.value:
        return False
    return max(one.span[0], other.span[0]) <= min(one.span[1], other.span[1])
