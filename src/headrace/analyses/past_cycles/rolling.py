"""What the core and its rivals would have said of a past cycle at the end of every quarter, and what came.

The same error model, baselines and scores as for the AI builders, on what was known by the day. One rival is a control:
it has the core's error model and no core, so that what the core adds to it can be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import jax
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.hindcast import baselines, errors
from headrace.analyses.hindcast.scores import PROBABILITIES, UNITS, scored
from headrace.analyses.hindcast.series import MOST_HORIZON, target_quarters
from headrace.analyses.past_cycles.players import (
    Cycle,
    origin_quarters,
    predicted_quarters,
    prior_worlds,
    spending_record,
)
from headrace.calibration.spending import PRIOR_DRAWS, sample_posterior
from headrace.errors import EvidenceError
from headrace.periods import quarter_index, quarter_label
from headrace.simulation.spending_core import ahead

Array = NDArray[np.float64]

CORE = "core"
UNCHANGED = "unchanged"
"""Every player spends what it spent last; with the error model learnt on that, as the core has its own."""

POSTERIOR_DRAWS = 500
DRAWS = 2000
"""Of a forecast: posterior draws in turn, each with errors of its own."""

SEED = 7
FEWEST_PREDICTED = baselines.SHORTEST
"""Quarters that the likelihood must have seen before the core says anything: as many as a baseline wants."""

SCORED = "scored"


@dataclass
class _Memory:
    """What has been said so far without errors, by forecaster: last filed quarter, mean and variance of logarithms."""

    said: dict[str, list[tuple[str, Array, Array]]] = field(default_factory=lambda: {CORE: [], UNCHANGED: []})


def rolling(
    cycle: Cycle,
    *,
    methods: Sequence[str] = tuple(baselines.METHODS),
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """Forecasts of the players' total at the end of every quarter of a cycle, and their scores.

    Args:
        cycle: Players and when their figures were known.
        methods: Baselines, of :data:`headrace.analyses.hindcast.baselines.METHODS`.
        progress: Called with what is going on and the share done.

    Returns:
        ``forecast_usd_bn`` (origin, horizon, forecaster, probability), ``outcome_usd_bn`` (origin, horizon), a variable
        for each score (origin, horizon, forecaster), ``status`` (origin, horizon): ``scored``, or ``not scored,
        because`` and the reason. ``seen_by_core`` and ``seen_by_baselines`` (origin): quarters that either could learn
        from; a gap ends the past of a baseline, not that of the core. An origin is the quarter at whose end one looks;
        horizons count from the quarter before it, which must be complete.
    """
    origins, names = origin_quarters(cycle), (CORE, UNCHANGED, *methods)
    shape = (len(origins), MOST_HORIZON)
    forecast = np.full((*shape, len(names), len(PROBABILITIES)), np.nan)
    scores = {name: np.full((*shape, len(names)), np.nan) for name in UNITS}
    outcome, status = np.full(shape, np.nan), np.full(shape, "", object)
    seen = np.full((2, len(origins)), np.nan)
    memory = _Memory()
    prior = prior_worlds(cycle.spending_usd_bn.shape[1], PRIOR_DRAWS, SEED)
    for place, origin in enumerate(origins):
        if progress is not None:
            progress(f"{cycle.name} {origin}", place / len(origins))
        try:
            draws, seen[:, place] = _draws(cycle, origin, methods, prior, memory)
        except EvidenceError as fault:
            status[place] = f"not scored, because {fault}"
            continue
        for step, quarter in enumerate(target_quarters(quarter_label(quarter_index(origin) - 1))):
            outcome[place, step], status[place, step] = _came(cycle, quarter)
            for number, name in enumerate(names):
                forecast[place, step, number] = np.quantile(draws[name][step], PROBABILITIES)
                if status[place, step] == SCORED:
                    for score, value in scored(draws[name][step], outcome[place, step]).items():
                        scores[score][place, step, number] = value
    dims = ("origin", "horizon")
    usd = {"units": "USD bn/quarter"}
    return xr.Dataset(
        {
            "forecast_usd_bn": ((*dims, "forecaster", "probability"), forecast, usd),
            "outcome_usd_bn": (dims, outcome, usd),
            "status": (dims, status),
            "seen_by_core": ("origin", seen[0], {"units": "quarter"}),
            "seen_by_baselines": ("origin", seen[1], {"units": "quarter"}),
            **{name: ((*dims, "forecaster"), values, {"units": UNITS[name]}) for name, values in scores.items()},
        },
        {
            "origin": origins,
            "horizon": np.arange(1, MOST_HORIZON + 1),
            "forecaster": list(names),
            "probability": list(PROBABILITIES),
        },
        {"title": f"{cycle.label}: what would have been said, and what came"},
    )


def _draws(
    cycle: Cycle, origin: str, methods: Sequence[str], prior: Mapping[str, Array], memory: _Memory
) -> tuple[dict[str, Array], tuple[int, int]]:
    """By forecaster, (horizon, draw) [USD bn/quarter], and the quarters that core and baselines saw.

    What is said without errors is remembered even where the rest fails.
    """
    day = pd.Period(origin, freq="Q").end_time.date()
    record = spending_record(cycle, day)
    if (count := predicted_quarters(record)) < FEWEST_PREDICTED:
        raise EvidenceError(f"the core had seen {count} quarters; wanted {FEWEST_PREDICTED}")
    posterior = sample_posterior(record, prior, draws=POSTERIOR_DRAWS, seed=SEED)
    with jax.enable_x64(True):
        path = np.log(np.moveaxis(np.asarray(ahead(record, posterior.world, MOST_HORIZON)), -1, 0))
    flat = np.broadcast_to(np.log(np.asarray(record.spending_usd_bn)[:, -1]), path.shape)
    last = quarter_label(quarter_index(origin) - 1)
    said = {CORE: path, UNCHANGED: flat}
    before = {name: list(memory.said[name]) for name in said}
    for name, logs in said.items():
        memory.said[name].append((last, logs.mean(axis=0), logs.var(axis=0)))
    spending, _ = cycle.as_of(day)
    found = {}
    for name, logs in said.items():
        model = _learnt(before[name], spending)
        generator = np.random.default_rng([SEED, day.toordinal()])
        turn = np.resize(np.arange(len(logs)), DRAWS)
        with_errors = logs[turn] + model.draws(MOST_HORIZON, DRAWS, generator)
        found[name] = np.exp(with_errors).sum(axis=2).T
    past = baselines.after_the_last_gap(spending.loc[:last].sum(axis="columns", skipna=False).to_numpy())
    if len(past) < baselines.SHORTEST:
        raise EvidenceError(f"{len(past)} quarters without a gap were known; the baselines want {baselines.SHORTEST}")
    for method in methods:
        found[method] = baselines.lognormal(*baselines.log_forecast(method, past, MOST_HORIZON))
    return found, (count, len(past))


def _learnt(before: Sequence[tuple[str, Array, Array]], spending: pd.DataFrame) -> errors.ErrorModel:
    """The error model on what had come by then; a quarter that one player lacks waits for all."""
    if not before:
        raise EvidenceError("nothing had been said before, so that no error is known")
    logs = np.log(spending)
    came = np.array([logs.reindex(target_quarters(last)).to_numpy() for last, _, _ in before])
    wrong = came - np.array([mean for _, mean, _ in before])
    complete = np.where(np.isnan(wrong).any(axis=2, keepdims=True), np.nan, wrong)
    if np.isnan(complete).all(axis=(0, 2)).any():
        raise EvidenceError("no error is known yet at some horizon")
    return errors.learnt(complete, np.array([variance for _, _, variance in before]))


def _came(cycle: Cycle, quarter: str) -> tuple[float, str]:
    """The total of a quarter, and whether it can be held against a forecast."""
    if quarter not in cycle.spending_usd_bn.index:
        return np.nan, f"not scored, because {quarter} lies after the panel"
    row = cycle.spending_usd_bn.loc[quarter]
    missing = [str(player) for player in row.index if np.isnan(row[player])]
    if missing:
        return np.nan, f"not scored, because spending of {', '.join(missing)} in {quarter} is not known"
    return float(row.sum()), SCORED
