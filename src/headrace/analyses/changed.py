"""What a run changed against the baseline: its scenario, the fears switched off, and what a person has set.

It is read from the recipe of the run, so a result loaded from disk says the same as a fresh one.
"""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from headrace import scenarios
from headrace._types import ChangeNote
from headrace.evidence import sources
from headrace.parameters.registry import registry
from headrace.results import recipe

_SET = "Set by whoever asked for this run"


def changed(future: xr.Dataset) -> list[ChangeNote]:
    """Every change of a run in the order of its page, then fears switched off, then settings; none in the baseline.

    Args:
        future: A simulated Dataset.
    """
    world = recipe(future)
    settings = world["settings"]
    page = scenarios.scenario({**world["page"], "name": world["scenario"]})
    off = scenarios.without(world["without"]).changes if world["without"] else ()
    held = [scenarios.Change(parameter=name, reason=_SET, value=value) for name, value in settings.items()]
    kept = [change for change in page.changes if change.is_dated or not set(change.names) <= set(settings)]
    return [_note(change) for change in [*kept, *off, *held]]


def _note(change: scenarios.Change) -> ChangeNote:
    entries = [registry()[name] for name in change.names]
    usual = {entry.value_text for entry in entries}
    source = sources.load().get(change.source)
    is_address = "://" in change.source
    amount = next(amount for amount in (change.value, change.multiply, change.add) if amount is not None)
    return ChangeNote(
        parameter=change.parameter,
        names=change.names,
        label=_label([entry.label for entry in entries]),
        action="held" if change.value is not None else "multiplied" if change.multiply is not None else "added",
        amount=float(amount),
        unit=entries[0].unit,
        usual=usual.pop() if len(usual) == 1 else "",
        when=change.when,
        reason=change.reason,
        history=change.history,
        source_id="" if is_address else change.source,
        source_title=source.title if source else change.source,
        url=source.url if source else change.source if is_address else "",
    )


def _label(labels: Sequence[str]) -> str:
    """One label for all: what ``Meta: payout`` and ``Oracle: payout`` share in front, and whose it is behind."""
    if len(labels) == 1:
        return labels[0]
    heads, _, tails = zip(*(label.partition(": ") for label in labels), strict=True)
    if len(set(tails)) == 1 and tails[0]:
        return f"{tails[0][0].upper()}{tails[0][1:]}: {', '.join(heads)}"
    return "; ".join(dict.fromkeys(labels))
