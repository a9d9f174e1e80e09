"""Who knew where the chain would be tightest: log scores of probabilities by layer, beside two rivals that cost little.

One rival says that the tightest layer stays what it was, the other follows an order of constraints that was published
once. Both become probabilities by what their own rule has hit before, and see no later outcome.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from headrace.analyses.tightest import LAYERS_OF, tightest_layers
from headrace.errors import RequestError, unknown_name
from headrace.periods import quarter_index, quarter_label, quarter_of_date
from headrace.variables import LAYERS

MIXED_IN = 0.05
"""Part of every forecast that is spread evenly over the layers of the branch before it is scored.

One outcome in twenty may be judged wrongly. The smallest probability is then 0.01 and the worst score ln 0.01, so that
one doubtful quarter cannot decide a table; and the mixture still sums to one, which a bound alone would not.
"""

EPOCH_ORDER = {"it": ("packaging", "memory"), "site": ("generation", "grid")}
"""Epoch AI's order of August 2024 (power, chips, data, latency) as layers. Power is what delivers it, generation and
grid; of chips the report names packaging and high-bandwidth memory, not wafers. Data and latency are no layers.
Source: https://epoch.ai/blog/can-ai-scaling-continue-through-2030"""

EPOCH_PUBLISHED = dt.date(2024, 8, 20)

FORECASTERS = ("given", "same_as_last", "epoch_order")
_SUMS_TO_ONE = 1e-6

Outcomes = Mapping[int, str]
"""The tightest layer of one branch by index of the quarter, decided ones alone."""


def bottleneck_score(
    probabilities: xr.DataArray, outcomes: xr.Dataset | None = None, *, quarters_ahead: int = 1
) -> xr.Dataset:
    """Log scores of who said what would be tightest, by origin and branch.

    Args:
        probabilities: By ``origin`` (the last quarter that was known, such as ``"2024Q3"``), ``branch`` and ``layer``:
            the probability that the layer is the tightest of its branch ``quarters_ahead`` quarters later. In each
            branch its layers sum to one; layers of the other branch are 0 or missing. An origin without a forecast is
            left out.
        outcomes: As :func:`headrace.analyses.tightest.tightest_layers` gives them; the shipped ones when left out.
        quarters_ahead: From the origin to the quarter that is forecast.

    Returns:
        ``log_score`` and ``probability`` of the outcome (mixed, see :data:`MIXED_IN`) and ``status`` by forecaster,
        branch and origin; ``outcome`` by branch and origin, empty where it is not decided; ``difference`` by rival,
        branch and origin: the score given less the rival's, where both have one; ``mean_difference``, ``n`` and
        ``won`` by rival and ``over`` (each branch, and all). A score nearer 0 is better.

    Raises:
        RequestError: An axis is missing or holds something twice, a probability is missing or outside 0 to 1, those of
            a branch do not sum to one, or ``quarters_ahead`` is below 1.
        UnknownNameError: A branch or layer does not exist.
        PeriodError: An origin is no quarter.
    """
    if quarters_ahead < 1:
        raise RequestError(f"quarters_ahead is {quarters_ahead}; wanted 1 or more: an origin knows its own quarter")
    given = _checked(probabilities)
    known = tightest_layers() if outcomes is None else outcomes
    origins, branches = given["origin"].values.tolist(), given["branch"].values.tolist()
    shape = (len(FORECASTERS), len(branches), len(origins))
    probability, status = np.full(shape, math.nan), np.full(shape, "", object)
    outcome = np.full(shape[1:], "", object)
    for row, branch in enumerate(branches):
        decided = _decided(known, branch)
        for column, origin in enumerate(origins):
            target = quarter_index(origin) + quarters_ahead
            outcome[row, column] = decided.get(target, "")
            for place, forecaster in enumerate(FORECASTERS):
                said = (
                    given.sel(origin=origin, branch=branch, layer=list(LAYERS_OF[branch])).values
                    if forecaster == "given"
                    else _RULES[forecaster](branch, quarter_index(origin), quarters_ahead, decided)
                )
                reason = said if isinstance(said, str) else _why_not(known, branch, target)
                status[place, row, column] = f"not scored, because {reason}" if reason else "scored"
                if not reason and not isinstance(said, str):
                    hit = said[LAYERS_OF[branch].index(decided[target])]
                    probability[place, row, column] = (1 - MIXED_IN) * hit + MIXED_IN / len(said)
    return _summarised(
        xr.Dataset(
            {
                "probability": (("forecaster", "branch", "origin"), probability, {"units": "1"}),
                "log_score": (("forecaster", "branch", "origin"), np.log(probability), {"units": "1"}),
                "status": (("forecaster", "branch", "origin"), status),
                "outcome": (("branch", "origin"), outcome),
            },
            coords={
                "forecaster": list(FORECASTERS),
                "branch": branches,
                "origin": origins,
                "target": ("origin", [quarter_label(quarter_index(one) + quarters_ahead) for one in origins]),
            },
        )
    )


def _summarised(scores: xr.Dataset) -> xr.Dataset:
    """The scores with paired differences, by quarter and over all that both have."""
    rivals = scores["log_score"].sel(forecaster=list(FORECASTERS[1:])).rename(forecaster="rival")
    difference = (scores["log_score"].sel(forecaster="given", drop=True) - rivals).transpose(
        "rival", "branch", "origin"
    )
    branches = scores["branch"].values.tolist()
    count, total, won = [], [], []
    for some in (*([branch] for branch in branches), branches):
        pairs = difference.sel(branch=some).values.reshape(len(FORECASTERS) - 1, -1)
        both = np.isfinite(pairs)
        count.append(both.sum(1))
        total.append(np.where(both, pairs, 0).sum(1))
        won.append((both & (pairs > 0)).sum(1))
    n = np.stack(count, axis=1)
    mean = np.divide(np.stack(total, axis=1), n, out=np.full(n.shape, math.nan), where=n > 0)
    return scores.assign(
        difference=difference.assign_attrs(units="1"),
        mean_difference=(("rival", "over"), mean, {"units": "1"}),
        n=(("rival", "over"), n, {"units": "1"}),
        won=(("rival", "over"), np.stack(won, axis=1), {"units": "1"}),
    ).assign_coords(over=[*branches, "all"])


def _checked(given: xr.DataArray) -> xr.DataArray:
    """The probabilities on their three axes, after every check."""
    axes = ("origin", "branch", "layer")
    if set(given.dims) != set(axes) or any(axis not in given.coords for axis in axes):
        raise RequestError(f"probabilities have axes {given.dims}; wanted labelled axes {', '.join(axes)}")
    given = given.transpose(*axes)
    for axis, allowed in (("branch", tuple(LAYERS_OF)), ("layer", LAYERS)):
        labels = given[axis].values.tolist()
        for label in labels:
            if label not in allowed:
                raise unknown_name(axis, str(label), allowed, "probabilities")
    for axis in axes:
        labels = given[axis].values.tolist()
        if len(set(labels)) != len(labels):
            raise RequestError(f"probabilities hold a label of {axis} twice: {labels}; wanted each once")
    for origin in given["origin"].values.tolist():
        quarter_index(origin)  # raises where it is none
    layers = given["layer"].values.tolist()
    for branch in given["branch"].values.tolist():
        own = LAYERS_OF[branch]
        if missing := [layer for layer in own if layer not in layers]:
            raise RequestError(f"probabilities lack {', '.join(missing)}; wanted every layer of branch {branch}")
        others = [layer for layer in layers if layer not in own]
        for origin in given["origin"].values.tolist():
            _check_one(given.sel(origin=origin, branch=branch), own, others, f"probabilities of {branch} at {origin}")
    return given


def _check_one(given: xr.DataArray, own: Sequence[str], others: Sequence[str], where: str) -> None:
    values = given.sel(layer=list(own)).values
    for layer, value in zip(own, values, strict=True):
        if not 0 <= value <= 1:
            raise RequestError(
                f"{where}: {layer} is {value:g}; wanted a probability in 0 to 1, and no row for an origin without one"
            )
    if abs(values.sum() - 1) > _SUMS_TO_ONE:
        raise RequestError(f"{where}: they sum to {values.sum():.6g}; wanted 1 over {', '.join(own)}")
    strays = given.sel(layer=list(others))
    if bool((strays.fillna(0) != 0).any()):
        raise RequestError(f"{where}: layers of the other branch have probability; wanted 0 there, or nothing")


def _decided(known: xr.Dataset, branch: str) -> dict[int, str]:
    quarters = map(quarter_index, known["quarter"].values.tolist())
    layers = known["tightest"].sel(branch=branch).values.tolist()
    return {quarter: layer for quarter, layer in zip(quarters, layers, strict=True) if layer}


def _why_not(known: xr.Dataset, branch: str, target: int) -> str:
    """Why the outcome of a quarter cannot be scored; empty where it can."""
    label = quarter_label(target)
    if label not in known["quarter"].values.tolist():
        return f"nothing is known of {label}"
    said = str(known["status"].sel(branch=branch, quarter=label).item())
    return "" if said == "decided" else f"{label} is {said}"


def _same_as_last(branch: str, origin: int, ahead: int, decided: Outcomes) -> Sequence[float] | str:
    """The last layer that was decided, as often as that rule has been right so far; the rest evenly."""
    last = _last(origin, decided)
    if last is None:
        return "no quarter was decided by then"
    past = [(_last(quarter - ahead, decided), decided[quarter]) for quarter in decided if quarter <= origin]
    tried = [said == came for said, came in past if said is not None]
    return _hit_rate({last}, LAYERS_OF[branch], sum(tried), len(tried))


def _epoch_order(branch: str, origin: int, _ahead: int, decided: Outcomes) -> Sequence[float] | str:
    """The layers that the order puts first, as often as one of them has been the tightest so far."""
    if origin < quarter_index(quarter_of_date(EPOCH_PUBLISHED)):
        return f"the order was published on {EPOCH_PUBLISHED}"
    first = set(EPOCH_ORDER[branch])
    past = [layer in first for quarter, layer in decided.items() if quarter <= origin]
    return _hit_rate(first, LAYERS_OF[branch], sum(past), len(past))


_RULES = {"same_as_last": _same_as_last, "epoch_order": _epoch_order}


def _last(origin: int, decided: Outcomes) -> str | None:
    return decided[max(before)] if (before := [quarter for quarter in decided if quarter <= origin]) else None


def _hit_rate(named: set[str], layers: Sequence[str], hits: int, tried: int) -> list[float]:
    """Probabilities after so many hits (Laplace): one imagined quarter for each layer, so no past is no opinion."""
    together = (hits + len(named)) / (tried + len(layers))
    return [
        together / len(named) if layer in named else (1 - together) / (len(layers) - len(named)) for layer in layers
    ]
