"""Which layer of each branch was the tightest in each past quarter, as far as what was observed can say.

Kinds of evidence are not compared with each other: each of them votes for a layer or abstains, and a quarter is decided
where those that vote agree. A layer without an observation has none; nothing is carried from one quarter to the next.
``docs/decisions/013-tightness-outcomes.md`` has the reasons.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np
import xarray as xr

from headrace.evidence.tightness import MEASURES, Ledger, Observation, Statement, load
from headrace.periods import quarter_range
from headrace.variables import BRANCH_OF, LAYERS

LAYERS_OF = {
    branch: tuple(layer for layer in LAYERS if BRANCH_OF[layer] == branch)
    for branch in dict.fromkeys(BRANCH_OF.values())
}
"""The layers of each branch, in the order of the chain."""

QUARTERS = tuple(quarter_range("2023Q1", 14))
"""The full loop's window over the past: 2023Q1 to 2026Q2."""

STATEMENTS = "statement"
EVIDENCE = (*MEASURES, STATEMENTS)
"""Kinds of evidence: each votes once in a branch and quarter."""

FACTOR = {"published": 1.1, "judgement": 1.5}
"""Within which factor demand over supply is known where the normal is published, and where it is judged."""

LAYERS_SEEN = 3
"""A measure votes where it sees that many layers of a branch, the most of its five: else it names what it looked at."""

CREDIT = {"A": 3.0, "B": 2.0, "C": 1.0}
"""What a statement counts, shared evenly by the layers that it names."""

CREDIT_WANTED, CREDIT_LEAD = 2.0, 1.0
"""Statements vote for a layer that has one reputable statement or two others, and one more than any other layer."""


def tightest_layers(
    ledger: Ledger | None = None, *, as_of: str | None = None, quarters: Sequence[str] = QUARTERS
) -> xr.Dataset:
    """The tightest layer of each branch and quarter, or why it cannot be said.

    Args:
        ledger: What was observed; the shipped one when left out.
        as_of: ISO date: only what could be known by then. Read where ``ledger`` is left out.
        quarters: Which quarters.

    Returns:
        ``log_tightness`` with ``log_tightness_low`` and ``_high`` by measure, layer and quarter: the median over what
        was observed of the layer, missing where nothing was; ``credit`` by layer and quarter: what statements give it;
        ``vote`` by evidence, branch and quarter: a layer, or empty; ``tightest`` by branch and quarter: a layer, or
        empty; ``kinds``: how many kinds of evidence vote for it; ``sources``: from how many pages; ``status``:
        ``decided``, or ``undecided, because`` and the reason.

    Raises:
        PeriodError: ``as_of`` is no date.
    """
    known = load(as_of) if ledger is None else ledger
    found = _no_evidence(quarters)
    observed: dict[tuple[str, str, str], list[Observation]] = defaultdict(list)
    named: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for row in known.observations:
        for quarter in row.quarters:
            observed[row.measure, row.layer, quarter].append(row)
    for statement in known.statements:
        for quarter in statement.quarters:
            for layer in statement.layers:
                named[layer, quarter].append(statement)
    for (measure, layer, quarter), rows in observed.items():
        if layer in LAYERS and quarter in quarters:
            place = {"measure": measure, "layer": layer, "quarter": quarter}
            for suffix, side in (("", 0.0), ("_low", -1.0), ("_high", 1.0)):
                found[f"log_tightness{suffix}"].loc[place] = median(
                    row.log_tightness + side * math.log(FACTOR[row.normal_basis]) for row in rows
                )
    for (layer, quarter), statements in named.items():
        if quarter in quarters:
            credit = sum(CREDIT[one.quality] / len(one.layers) for one in statements)
            found["credit"].loc[{"layer": layer, "quarter": quarter}] = credit
    for branch in LAYERS_OF:
        for quarter in quarters:
            _decide(found, branch, quarter, observed, named)
    return found


def _no_evidence(quarters: Sequence[str]) -> xr.Dataset:
    """The axes, with nothing observed."""
    sizes = {
        "measure": list(MEASURES),
        "evidence": list(EVIDENCE),
        "branch": list(LAYERS_OF),
        "layer": list(LAYERS),
        "quarter": list(quarters),
    }

    def filled(value: object, *dims: str) -> xr.DataArray:
        kind: type = object if isinstance(value, str) else float
        return xr.DataArray(
            np.full([len(sizes[dim]) for dim in dims], value, kind),
            coords={dim: sizes[dim] for dim in dims},
            dims=dims,
            attrs={} if kind is object else {"units": "1"},
        )

    index = ("measure", "layer", "quarter")
    return xr.Dataset(
        {
            "log_tightness": filled(math.nan, *index),
            "log_tightness_low": filled(math.nan, *index),
            "log_tightness_high": filled(math.nan, *index),
            "credit": filled(0.0, "layer", "quarter"),
            "vote": filled("", "evidence", "branch", "quarter"),
            "tightest": filled("", "branch", "quarter"),
            "kinds": filled(0.0, "branch", "quarter"),
            "sources": filled(0.0, "branch", "quarter"),
            "status": filled("", "branch", "quarter"),
        }
    )


def _decide(
    found: xr.Dataset,
    branch: str,
    quarter: str,
    observed: Mapping[tuple[str, str, str], Sequence[Observation]],
    named: Mapping[tuple[str, str], Sequence[Statement]],
) -> None:
    """Let every kind of evidence vote, and write what follows."""
    here = {"branch": branch, "quarter": quarter}
    layers = LAYERS_OF[branch]
    votes = {measure: _measured(found, measure, layers, quarter) for measure in MEASURES}
    votes[STATEMENTS] = _named(found, layers, quarter)
    for evidence, layer in votes.items():
        found["vote"].loc[{"evidence": evidence, **here}] = layer
    cast = {evidence: layer for evidence, layer in votes.items() if layer}
    if len(set(cast.values())) == 1:
        layer = next(iter(cast.values()))
        pages = {row.source_url for evidence in cast for row in observed.get((evidence, layer, quarter), ())}
        if STATEMENTS in cast:
            pages |= {row.source_url for row in named[layer, quarter]}
        found["tightest"].loc[here] = layer
        found["kinds"].loc[here] = len(cast)
        found["sources"].loc[here] = len(pages)
        found["status"].loc[here] = "decided"
        return
    figures = found["log_tightness"].sel(layer=list(layers), quarter=quarter).notnull().any()
    if cast:
        said = ", ".join(f"{evidence}: {layer}" for evidence, layer in cast.items())
        reason = f"the evidence disagrees ({said})"
    elif figures or any((layer, quarter) in named for layer in layers):
        reason = "what was observed names no layer clearly"
    else:
        reason = "no layer was observed"
    found["status"].loc[here] = f"undecided, because {reason}"


def _measured(found: xr.Dataset, measure: str, layers: Sequence[str], quarter: str) -> str:
    """The layer that is above all others even at its lowest, where most layers were seen."""
    place = {"measure": measure, "quarter": quarter}
    low = found["log_tightness_low"].sel(place).sel(layer=list(layers)).dropna("layer")
    high = found["log_tightness_high"].sel(place).sel(layer=list(layers)).dropna("layer")
    if low.sizes["layer"] < LAYERS_SEEN:
        return ""
    first = str(low["layer"].values[np.argmax(low.values)])
    return first if float(low.max()) > float(high.drop_sel(layer=first).max()) else ""


def _named(found: xr.Dataset, layers: Sequence[str], quarter: str) -> str:
    """The layer that statements name, where they are enough and clear."""
    credit = found["credit"].sel(quarter=quarter).sel(layer=list(layers)).values
    order = np.argsort(-credit, kind="stable")
    clear = credit[order[0]] >= CREDIT_WANTED and credit[order[0]] - credit[order[1]] >= CREDIT_LEAD
    return layers[order[0]] if clear else ""
