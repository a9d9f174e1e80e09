"""The full loop on every past day that it can start from: what it said, what came, and what would be tightest.

Each day has a start of its own from what was known by then. Errors are learnt on days before, on quarters that had been
filed by the day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from headrace import ensemble, results
from headrace.analyses.hindcast import baselines, spending
from headrace.analyses.hindcast.loop_errors import learnt
from headrace.analyses.hindcast.loop_series import LOOP_SERIES, WANTED, Looked, LoopSeries, log_path
from headrace.analyses.hindcast.scores import PROBABILITIES, UNITS, scored
from headrace.analyses.hindcast.series import (
    FIRST_TRAINING_ORIGIN,
    MOST_HORIZON,
    Series,
    quarter_ends,
    target_quarters,
)
from headrace.changes import Changes
from headrace.errors import EvidenceError, PeriodError
from headrace.evidence.archive import Archive
from headrace.past_start.known import Known, filed_by, known
from headrace.periods import quarter_index
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import BRANCH_OF, LAYERS

Array = NDArray[np.float64]

FIRST_ORIGIN = "2023-03-31"
"""First end of a quarter by which a quarter with adopters had been filed."""

DRAWS = 500
SEED = 7

LOOP, HEADRACE = "loop", "headrace"
OWN = (LOOP, HEADRACE)
"""The loop alone; and its supply and markets on the spending that the spending core forecasts, with the errors that
this has made until then."""

RECENT_QUARTERS = 16
"""Of growth, from which the size of a series' random walk is read."""

LEAST_GROWTHS = 3
LEAST_GROWTH_VARIANCE = 0.02**2
"""Of the logarithm: no quarter of a company is known better than to 2 %."""

TIGHTEST = {"it": "tightest_it_layer", "site": "tightest_site_layer"}


@dataclass
class _Memory:
    """What was said so far, to be held against what had been filed on a later day."""

    paths: list[spending.Path] = field(default_factory=list)
    said: dict[str, list[tuple[str, Array, Array]]] = field(default_factory=dict)
    """By series: last quarter filed then, mean and variance of the logarithm by horizon, before any error."""


def hindcast_loop(
    archive: Archive,
    *,
    first: str = FIRST_ORIGIN,
    last: str,
    series: Sequence[LoopSeries] = LOOP_SERIES,
    draws: int = DRAWS,
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """Forecasts of the full loop on the last day of every quarter, and their scores.

    Args:
        archive: Everything that was ever known; it is cut at each day.
        first: First origin, ISO date; errors are learnt from it on.
        last: Last origin, ISO date.
        series: What to forecast.
        draws: Worlds of a day.
        progress: Called with what is going on and the share done.

    Returns:
        As :func:`headrace.analyses.hindcast.rolling.hindcast`, forecasters the loop's own and the baselines; and
        ``tightest_probability`` (origin, branch, layer): that a layer is the tightest of its branch one quarter after
        the last filed.

    Raises:
        PeriodError: A day is no date, or no end of a quarter lies between them.
    """
    origins = quarter_ends(first, last)
    report = progress or (lambda _text, _share: None)
    forecasters = (*OWN, *baselines.METHODS)
    shape = (len(series), len(origins), MOST_HORIZON)
    forecast = np.full((*shape, len(forecasters), len(PROBABILITIES)), np.nan)
    scores = {name: np.full((*shape, len(forecasters)), np.nan) for name in UNITS}
    outcome, status = np.full(shape, np.nan), np.full(shape, "", object)
    quarter, last_filed = np.full(shape[1:], "", object), np.full(len(origins), "", object)
    tightest = np.full((len(origins), len(TIGHTEST), len(LAYERS)), np.nan)
    memory = _Memory()
    training = [day for day in quarter_ends(FIRST_TRAINING_ORIGIN, last) if day < origins[0]]
    for place, day in enumerate([*training, *origins]):
        report(f"{day}", place / (len(training) + len(origins)))
        view = archive.as_of(day)
        row = place - len(training)
        try:
            now = spending.path(view, day)
            if day in origins:
                core = spending.forecasts(view, now, memory.paths)["headrace"].sum(axis=2)
                start = known(archive, day)
                future = _run(archive, start, draws)
        except (PeriodError, EvidenceError) as fault:
            status[:, max(row, 0)] = f"not scored, because {fault}"
            continue
        memory.paths.append(now)
        if day not in origins:
            continue
        looked = Looked(future, start, view)
        quarter[row], last_filed[row] = target_quarters(start.quarter), start.quarter
        tightest[row] = _tightest(future)
        for number, one in enumerate(series):
            try:
                said = _draws(one, looked, core, memory)
            except EvidenceError as fault:
                status[number, row] = f"not scored, because {fault}"
                continue
            outcomes = one.series.as_first_filed(archive).reindex(quarter[row]).to_numpy()
            outcome[number, row] = outcomes
            for horizon, came in enumerate(outcomes):
                at = (number, row, horizon)
                is_scored = bool(came > 0)
                status[at] = "scored" if is_scored else f"not scored, because {quarter[row][horizon]} is not filed"
                for column, name in enumerate(forecasters):
                    if name not in said:
                        continue
                    forecast[(*at, column)] = np.quantile(said[name][horizon], PROBABILITIES)
                    if is_scored:
                        for score, value in scored(said[name][horizon], float(came)).items():
                            scores[score][(*at, column)] = value
    dims = ("series", "origin", "horizon")
    return xr.Dataset(
        {
            "forecast_usd_bn": ((*dims, "forecaster", "probability"), forecast, {"units": "USD bn/quarter"}),
            "outcome_usd_bn": (dims, outcome, {"units": "USD bn/quarter", "long_name": "As first filed"}),
            "status": (dims, status),
            **{name: ((*dims, "forecaster"), values, {"units": UNITS[name]}) for name, values in scores.items()},
            "tightest_probability": (("origin", "branch", "layer"), tightest, {"units": "1"}),
        },
        {
            "series": [one.series.name for one in series],
            "label": ("series", [one.series.label for one in series]),
            "origin": [day.isoformat() for day in origins],
            "last_filed": ("origin", last_filed),
            "quarter": (("origin", "horizon"), quarter),
            "horizon": np.arange(1, MOST_HORIZON + 1),
            "forecaster": list(forecasters),
            "probability": list(PROBABILITIES),
            "branch": list(TIGHTEST),
            "layer": list(LAYERS),
        },
        {"title": "Hindcast of the full loop"},
    )


def _run(archive: Archive, start: Known, draws: int) -> xr.Dataset:
    """The loop from a past day, as any run is."""
    wanted = frozenset({*WANTED, *TIGHTEST.values()})
    # One quarter of spending and one length of run for every day: one compiled program serves them all.
    filed = filed_by(archive, start, start.quarter)
    outputs, closure = ensemble.run(
        filed, draws=draws, seed=SEED, quarters=MOST_HORIZON, changes=Changes(start=start), wanted=wanted
    )
    world = {
        "as_of": start.day.isoformat(), "start_quarter": start.quarter, "quarters": MOST_HORIZON, "draws": draws,
    }  # fmt: skip
    future = results.assemble(outputs, closure, world, "Hindcast")
    return future.isel(draw=(future["world_status"] == 0).all("quarter").values)


def _draws(one: LoopSeries, looked: Looked, core_usd_bn: Array, memory: _Memory) -> dict[str, Array]:
    """By forecaster, (horizon, draw); baselines only where the series is long enough for them.

    Raises:
        EvidenceError: The series is not known well enough on the day.
    """
    start, view = looked.start, looked.view
    past = one.series.as_known(view).loc[: start.quarter]
    turn = np.resize(np.arange(looked.future.sizes["draw"]), len(core_usd_bn))
    alone = log_path(one, looked)
    given = log_path(one, Looked(looked.future.isel(draw=turn), start, view), core_usd_bn)
    found = {LOOP: np.exp(alone).T, HEADRACE: np.exp(given).T}
    if one.group:  # errors of spending are in the core's draws
        said_before = memory.said.setdefault(one.series.name, [])
        model = learnt(*_errors(said_before, past), _growth_variance(one.series, past, view), given.var(axis=0))
        said_before.append((start.quarter, given.mean(axis=0), given.var(axis=0)))
        generator = np.random.default_rng([SEED, start.day.toordinal()])
        found[HEADRACE] = np.exp(given + model.draws(MOST_HORIZON, len(given), generator)).T
    consecutive = baselines.after_the_last_gap(past.to_numpy())
    if len(consecutive) >= baselines.SHORTEST:
        late = quarter_index(start.quarter) - quarter_index(str(past.dropna().index[-1]))
        for method in baselines.METHODS:
            mean, deviation = baselines.log_forecast(method, consecutive, MOST_HORIZON + late)
            found[method] = baselines.lognormal(mean[late:], deviation[late:])
    return found


def _errors(said: Sequence[tuple[str, Array, Array]], past: pd.Series) -> tuple[Array, Array]:
    """Logarithm of filed over said, NaN where it is not filed, and its variance as said, (origin, horizon)."""
    shape = (len(said), MOST_HORIZON)
    wrong = [np.log(past.reindex(target_quarters(last)).to_numpy()) - mean for last, mean, _ in said]
    return np.array(wrong).reshape(shape), np.array([variance for *_, variance in said]).reshape(shape)


def _growth_variance(series: Series, past: pd.Series, view: Archive) -> float:
    """Of quarterly growth; of the members' revenue where the series is too short to tell."""
    growth = _growths(past)
    if len(growth) < 2 * QUARTERS_PER_YEAR and series.concept != "revenue":
        growth = _growths(view.panel("revenue", series.members).sum(axis="columns", skipna=False))
    if len(growth) < LEAST_GROWTHS:
        raise EvidenceError(f"{series.label}: {len(growth)} growth rates are known; wanted {LEAST_GROWTHS}")
    return max(float(np.var(growth[-RECENT_QUARTERS:])), LEAST_GROWTH_VARIANCE)


def _growths(past: pd.Series) -> Array:
    growth = np.diff(np.log(past.to_numpy(dtype=float)))
    kept: Array = growth[np.isfinite(growth)]
    return kept


def _tightest(future: xr.Dataset) -> Array:
    """Share of worlds in which a layer is the tightest of its branch in the first quarter, (branch, layer)."""
    found = np.zeros((len(TIGHTEST), len(LAYERS)))
    for row, (branch, variable) in enumerate(TIGHTEST.items()):
        codes = future[variable].isel(quarter=0).values
        counts = np.bincount(codes[codes >= 0], minlength=len(LAYERS))
        found[row] = counts / counts.sum()
        found[row, [BRANCH_OF[layer] != branch for layer in LAYERS]] = np.nan
    return found
