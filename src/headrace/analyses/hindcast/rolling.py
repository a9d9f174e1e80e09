"""Every method on every past day: what it said, what came, and what that was worth.

The archive is cut at each day before any method sees it. Errors and choices are learnt on quarters that had been filed
by then; outcomes are what was filed first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.hindcast import baselines, spending
from headrace.analyses.hindcast.scores import scored
from headrace.analyses.hindcast.series import (
    CAPITAL_EXPENDITURE,
    FIRST_TRAINING_ORIGIN,
    MOST_HORIZON,
    Series,
    quarter_ends,
    target_quarters,
)
from headrace.analyses.hindcast.table import dataset, unscored
from headrace.errors import EvidenceError, PeriodError
from headrace.evidence import announced
from headrace.evidence.archive import Archive
from headrace.variables import PLAYERS

Array = NDArray[np.float64]
Draws = Mapping[str, Array]
"""By method, (horizon, draw) [USD bn/quarter]."""

GUIDANCE = "guidance_read_plainly"
OWN = ("core", "headrace", "combined")
"""The spending core with its errors; the same after what was announced; and that averaged with a baseline."""

BASELINES = (*baselines.METHODS, GUIDANCE)
FORECASTERS = (*OWN, *BASELINES)

FEWEST_SCORES = 4
"""Scores of each baseline by which one is chosen; until then it is the random walk with drift."""


@dataclass
class _Memory:
    """What has been said so far, to be held against what had been filed on a later day."""

    paths: list[spending.Path] = field(default_factory=list)
    plain: list[tuple[str, Array]] = field(default_factory=list)
    """Last filed quarter, and guidance read plainly, (horizon, player)."""
    said: dict[str, list[tuple[str, Draws]]] = field(default_factory=dict)
    """By series: last filed quarter and draws."""


def hindcast(
    archive: Archive,
    *,
    first: str,
    last: str,
    series: Sequence[Series] = CAPITAL_EXPENDITURE,
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """Forecasts on the last day of every quarter, and their scores.

    Args:
        archive: Everything that was ever known.
        first: First origin, ISO date.
        last: Last origin, ISO date.
        series: What to forecast.
        progress: Called with what is going on and the share done.

    Returns:
        ``forecast_usd_bn`` (series, origin, horizon, forecaster, probability), ``outcome_usd_bn`` (series, origin,
        horizon), a variable for each score (series, origin, horizon, forecaster), ``status`` (series, origin, horizon):
        ``scored``, or ``not scored, because`` and the reason. Horizons are quarters after the last that all players had
        filed.

    Raises:
        PeriodError: A day is no date, or no end of a quarter lies between them.
    """
    origins = quarter_ends(first, last)
    report = progress or (lambda _text, _share: None)
    memory = _Memory()
    rows: list[dict[str, object]] = []
    training = [day for day in quarter_ends(min(FIRST_TRAINING_ORIGIN, first), last) if day < origins[0]]
    for place, day in enumerate([*training, *origins]):
        report(f"{day}", place / (len(training) + len(origins)))
        view = archive.as_of(day)
        try:
            now = spending.path(view, day)
            by_player = spending.forecasts(view, now, memory.paths) if day in origins else {}
        except (PeriodError, EvidenceError) as fault:
            if day in origins:
                rows += unscored(series, day, str(fault))
            continue
        plain = announced.read_plainly(view, target_quarters(now.last_filed))
        if day in origins:
            rows += [row for one in series for row in _rows(one, now, view, archive, by_player, plain, memory)]
        memory.paths.append(now)
        memory.plain.append((now.last_filed, plain))
    title = "What would have been said, and what came"
    return dataset(rows, series, origins, own=OWN, rivals=BASELINES, title=title)


def _rows(
    series: Series,
    now: spending.Path,
    view: Archive,
    archive: Archive,
    by_player: Mapping[str, Array],
    plain: Array,
    memory: _Memory,
) -> list[dict[str, object]]:
    """A row for each horizon: quantiles and scores by method, or why there are none."""
    quarters = target_quarters(now.last_filed)
    try:
        draws = _draws(series, view, by_player, plain, memory)
    except EvidenceError as fault:
        return unscored([series], now.day, str(fault))
    draws["combined"] = _combined(series, draws, view, memory)
    memory.said.setdefault(series.name, []).append((now.last_filed, draws))
    outcomes = series.as_first_filed(archive)
    rows: list[dict[str, object]] = []
    for horizon, quarter in enumerate(quarters, start=1):
        outcome = float(outcomes.get(quarter, np.nan))
        row: dict[str, object] = {"series": series.name, "day": now.day, "horizon": horizon, "quarter": quarter}
        row |= {"last_filed": now.last_filed, "outcome_usd_bn": outcome}
        row["draws"] = {method: draws[method][horizon - 1] for method in FORECASTERS}
        row["status"] = "scored" if outcome > 0 else f"not scored, because {_missing(series, archive, quarter)}"
        rows.append(row)
    return rows


def _draws(
    series: Series, view: Archive, by_player: Mapping[str, Array], plain: Array, memory: _Memory
) -> dict[str, Array]:
    """By method, (horizon, draw)."""
    members = [PLAYERS.index(member) for member in series.members]
    found = {method: draws[:, :, members].sum(axis=2).T for method, draws in by_player.items()}
    past = baselines.after_the_last_gap(series.as_known(view).to_numpy())
    if len(past) < baselines.SHORTEST:
        raise EvidenceError(
            f"{len(past)} quarters without a gap had been filed; the baselines want {baselines.SHORTEST}"
        )
    for method in baselines.METHODS:
        found[method] = baselines.lognormal(*baselines.log_forecast(method, past, MOST_HORIZON))
    path = np.log(plain[:, members].sum(axis=1))
    found[GUIDANCE] = baselines.lognormal(path, _plain_errors(series, view, members, memory))
    return found


def _plain_errors(series: Series, view: Archive, members: Sequence[int], memory: _Memory) -> Array:
    """Root mean square of the errors that guidance read plainly has made by horizon, as known by then."""
    filed = series.as_known(view)
    wrong = np.array([
        np.log(filed.reindex(target_quarters(last)).to_numpy()) - np.log(plain[:, members].sum(axis=1))
        for last, plain in memory.plain
    ])  # fmt: skip
    known = ~np.isnan(wrong)
    if (known.sum(axis=0) == 0).any():
        raise EvidenceError("no error of guidance read plainly is known yet at some horizon")
    deviation: Array = np.sqrt(np.nansum(wrong**2, axis=0) / known.sum(axis=0))
    return deviation


def _combined(series: Series, draws: Draws, view: Archive, memory: _Memory) -> Array:
    """The average of quantiles of headrace and of the baseline that had erred least by then, (horizon, draw)."""
    filed = series.as_first_filed(view)
    probability = (np.arange(baselines.QUANTILE_DRAWS) + 0.5) / baselines.QUANTILE_DRAWS
    combined = []
    for horizon in range(MOST_HORIZON):
        settled = [
            (said, outcome)
            for last, said in memory.said.get(series.name, [])
            if (outcome := float(filed.get(target_quarters(last)[horizon], np.nan))) > 0
        ]
        best = BASELINES[0]
        if len(settled) >= FEWEST_SCORES:
            worth = {
                name: sum(scored(said[name][horizon], outcome)["crps_of_logarithm"] for said, outcome in settled)
                for name in BASELINES
            }
            best = min(worth, key=lambda name: worth[name])
        parts = [np.quantile(draws[name][horizon], probability) for name in ("headrace", best)]
        combined.append(np.mean(parts, axis=0))
    return np.array(combined)


def _missing(series: Series, archive: Archive, quarter: str) -> str:
    filed = archive.first_filed(series.concept, series.members)
    row = filed.loc[quarter] if quarter in filed.index else None
    missing = [member for member in series.members if row is None or np.isnan(row[member])]
    return f"{quarter} of {', '.join(missing)} is not filed" if missing else f"{quarter} was not positive"
