"""All cycles together: forecasts, skill and what was taught, in one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import xarray as xr

from headrace.analyses.past_cycles.players import Cycle
from headrace.analyses.past_cycles.rolling import rolling
from headrace.analyses.past_cycles.skill import skill
from headrace.analyses.past_cycles.taught import taught


def transfer(chosen: Sequence[Cycle], *, progress: Callable[[str, float], None] | None = None) -> xr.Dataset:
    """Whether the core forecasts past cycles, and whether its parameters are the same there.

    Args:
        chosen: The cycles.
        progress: Called with what is going on and the share done.

    Returns:
        Everything of :func:`~headrace.analyses.past_cycles.rolling.rolling` and
        :func:`~headrace.analyses.past_cycles.skill.skill` with a leading ``cycle``, and everything of
        :func:`~headrace.analyses.past_cycles.taught.taught`, whose cycles and probabilities are called
        ``cycle_or_builders`` and ``taught_probability``. Coordinates ``label``, ``players`` and ``first_vintages`` by
        cycle.

    Raises:
        EvidenceError: A cycle has no two complete quarters in a row.
    """

    def reports(place: int) -> Callable[[str, float], None]:
        return lambda text, share: progress(text, (place + share) / len(chosen)) if progress else None

    measured = []
    for place, cycle in enumerate(chosen):
        scores = rolling(cycle, progress=reports(place))
        measured.append(scores.merge(skill(scores)))
    names = [cycle.name for cycle in chosen]
    by_cycle = xr.concat(measured, "cycle", join="outer").assign_coords(cycle=names)
    outside = "not scored, because it lies outside the panel"
    by_cycle["status"] = by_cycle["status"].where(by_cycle["status"].notnull(), outside)
    learnt = taught(chosen).rename(cycle="cycle_or_builders", probability="taught_probability")
    described = {
        "label": ("cycle", [cycle.label for cycle in chosen]),
        "players": ("cycle", [", ".join(map(str, cycle.spending_usd_bn.columns)) for cycle in chosen]),
        "first_vintages": ("cycle", [cycle.first_vintages for cycle in chosen]),
    }
    return by_cycle.merge(learnt).assign_coords(described).assign_attrs(title="Past cycles: does the core transfer?")
