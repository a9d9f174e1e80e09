"""The full loop on every past day that it can start from: what it said, what came, and what would be tightest.

Each day has a start of its own from what was known by then. Errors are learnt on days before, on quarters that had been
filed by the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from headrace import ensemble, results
from headrace.analyses.hindcast import baselines, spending
from headrace.analyses.hindcast.loop_errors import learnt
from headrace.analyses.hindcast.loop_series import LOOP_SERIES, WANTED, Looked, LoopSeries, log_path
from headrace.analyses.hindcast.series import (
    FIRST_TRAINING_ORIGIN,
    MOST_HORIZON,
    Series,
    quarter_ends,
    target_quarters,
)
from headrace.analyses.hindcast.table import dataset, unscored
from headrace.changes import Changes
from headrace.errors import EvidenceError, PeriodError
from headrace.evidence.archive import Archive
from headrace.past_start.known import filed_by, known
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
        first: First origin, ISO date; errors are learnt from FIRST_ORIGIN on whatever it is.
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
    names = [one.series for one in series]
    memory = _Memory()
    rows: list[dict[str, object]] = []
    tightest = np.full((len(origins), len(TIGHTEST), len(LAYERS)), np.nan)
    days = quarter_ends(min(FIRST_TRAINING_ORIGIN, first), last)
    for place, day in enumerate(days):
        report(f"{day}", place / len(days))
        view = archive.as_of(day)
        try:
            now = spending.path(view, day)
            looked = None
            if day.isoformat() >= FIRST_ORIGIN:
                core = spending.forecasts(view, now, memory.paths)["headrace"].sum(axis=2)
                looked = _looked(archive, day, draws)
        except (PeriodError, EvidenceError) as fault:
            rows += unscored(names, day, str(fault)) if day in origins else []
            continue
        memory.paths.append(now)
        if looked is None:
            early = f"the full loop starts on past days from {FIRST_ORIGIN} on; the spending core was earlier"
            rows += unscored(names, day, early) if day in origins else []
            continue
        found = [row for one in series for row in _rows(one, looked, core, archive, memory)]
        if day in origins:
            rows += found
            tightest[origins.index(day)] = _tightest(looked.future)
    title = "What the full loop would have said, and what came"
    scores = dataset(rows, names, origins, own=OWN, rivals=tuple(baselines.METHODS), title=title)
    return scores.assign(tightest_probability=(("origin", "branch", "layer"), tightest, {"units": "1"})).assign_coords(
        branch=list(TIGHTEST), layer=list(LAYERS)
    )


def _rows(
    one: LoopSeries, looked: Looked, core_usd_bn: Array, archive: Archive, memory: _Memory
) -> list[dict[str, object]]:
    """A row for each horizon: draws by forecaster and what came, or why there is nothing."""
    start = looked.start
    try:
        draws = _draws(one, looked, core_usd_bn, memory)
    except EvidenceError as fault:
        return unscored([one.series], start.day, str(fault))
    outcomes = one.series.as_first_filed(archive)
    rows: list[dict[str, object]] = []
    for horizon, quarter in enumerate(target_quarters(start.quarter), start=1):
        outcome = float(outcomes.get(quarter, np.nan))
        rows.append({
            "series": one.series.name, "day": start.day, "horizon": horizon, "quarter": quarter,
            "last_filed": start.quarter, "outcome_usd_bn": outcome, "status": _status(outcome, quarter, draws),
            "draws": {name: values[horizon - 1] for name, values in draws.items()},
        })  # fmt: skip
    return rows


def _status(outcome: float, quarter: str, said: Mapping[str, Array]) -> str:
    if not outcome > 0:
        return f"not scored, because {quarter} is not filed"
    if len(said) == len(OWN):
        return f"not scored, because the baselines want {baselines.SHORTEST} filed quarters without a gap"
    return "scored"


def _looked(archive: Archive, day: dt.date, draws: int) -> Looked:
    """The loop from a past day, as any run is.

    Raises:
        PeriodError: It cannot start on that day.
    """
    start = known(archive, day)
    wanted = frozenset({*WANTED, *TIGHTEST.values()})
    # One quarter of spending and one length of run for every day: one compiled program serves them all.
    outputs, closure = ensemble.run(
        filed_by(archive, start, start.quarter),
        draws=draws,
        seed=SEED,
        quarters=MOST_HORIZON,
        changes=Changes(start=start),
        wanted=wanted,
    )
    world = {"as_of": day.isoformat(), "start_quarter": start.quarter, "quarters": MOST_HORIZON, "draws": draws}
    future = results.assemble(outputs, closure, world, "Hindcast")
    runs = (future["world_status"] == 0).all("quarter").values
    return Looked(future.isel(draw=runs), start, archive.as_of(day))


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
