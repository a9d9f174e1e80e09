"""Whether a method is better than the best baseline, by how much, and whether that could be chance.

Errors of neighbouring days overlap, so intervals come from blocks of origins and tests allow for correlation as long as
the horizon.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import t as student

from headrace.analyses.hindcast.rolling import BASELINES, OWN
from headrace.analyses.hindcast.scores import PROBABILITIES

Array = NDArray[np.float64]

RESAMPLES = 2000
SEED = 7
INTERVAL = (0.05, 0.95)
FEWEST_ORIGINS = 8
"""Origins below which no ratio is quoted."""

FEWEST_BLOCKS = 2
"""Blocks as long as the horizon that the origins must fill before an interval or a test is given: one says nothing."""

GIVEN = "given"

COVERAGES = {"coverage_50": (0.25, 0.75), "coverage_80": (0.1, 0.9), "coverage_90": (0.05, 0.95)}


def skill(scores: xr.Dataset) -> xr.Dataset:
    """Skill of headrace's own methods by series and horizon.

    Args:
        scores: From :func:`headrace.analyses.hindcast.rolling.hindcast`.

    Returns:
        By (series, horizon, forecaster), forecasters those of headrace: ``crps_ratio``, mean score over that of the
        baseline which turned out best on the same origins, with ``crps_ratio_low`` and ``crps_ratio_high`` (5 and 95 %,
        blocks of origins); the same for logarithms; ``dm_statistic`` and ``dm_p_value`` of Diebold and Mariano,
        corrected for small samples; ``coverage_50``, ``coverage_80`` and ``coverage_90``. By (series, horizon):
        ``best_baseline``, ``origins`` and ``interval_status``, which is ``given``, or ``not given, because`` and the
        reason. NaN below :data:`FEWEST_ORIGINS` origins; intervals and tests NaN too where origins fill fewer than
        :data:`FEWEST_BLOCKS` blocks.
    """
    names, horizons = scores["series"].values, scores["horizon"].values
    shape = (len(names), len(horizons), len(OWN))
    results = {
        name: np.full(shape, np.nan)
        for name in (
            *(f"{score}_ratio{end}" for score in ("crps", "crps_of_logarithm") for end in ("", "_low", "_high")),
            "dm_statistic",
            "dm_p_value",
            *COVERAGES,
        )
    }
    origins, best, status = np.zeros(shape[:2], int), np.full(shape[:2], "", object), np.full(shape[:2], "", object)
    for at in np.ndindex(shape[:2]):
        here = scores.isel(series=at[0], horizon=at[1])
        here = here.isel(origin=(here["status"] == "scored").values)
        horizon, origins[at] = int(horizons[at[1]]), here.sizes["origin"]
        status[at] = interval_status(here.sizes["origin"], horizon)
        if origins[at] < FEWEST_ORIGINS:
            continue
        rivals = {score: here[score].sel(forecaster=list(BASELINES)) for score in ("crps", "crps_of_logarithm")}
        best[at] = str(rivals["crps"].mean("origin").idxmin("forecaster").item())
        for place, method in enumerate(OWN):
            own = here.sel(forecaster=method)
            for score, of_rivals in rivals.items():
                rival = of_rivals.isel(forecaster=int(of_rivals.mean("origin").argmin("forecaster"))).values
                middle, low, high = ratio(own[score].values, rival, block=horizon)
                for end, value in (("", middle), ("_low", low), ("_high", high)):
                    results[f"{score}_ratio{end}"][(*at, place)] = value
            difference = own["crps"].values - here["crps"].sel(forecaster=best[at]).values
            statistic, p_value = diebold_mariano(difference, horizon)
            results["dm_statistic"][(*at, place)], results["dm_p_value"][(*at, place)] = statistic, p_value
            for name, (low, high) in COVERAGES.items():
                ends = own["forecast_usd_bn"].isel(probability=[PROBABILITIES.index(low), PROBABILITIES.index(high)])
                inside = (own["outcome_usd_bn"] >= ends[..., 0]) & (own["outcome_usd_bn"] <= ends[..., 1])
                results[name][(*at, place)] = float(inside.mean())
    dims = ("series", "horizon", "forecaster")
    return xr.Dataset(
        {
            **{name: (dims, values, {"units": "1"}) for name, values in results.items()},
            "best_baseline": (dims[:2], best),
            "origins": (dims[:2], origins),
            "interval_status": (dims[:2], status),
        },
        {"series": names, "label": scores["label"], "horizon": horizons, "forecaster": list(OWN)},
        {"title": "Skill against the best baseline"},
    )


def interval_status(origins: int, horizon: int) -> str:
    """Whether so many origins allow an interval and a test of a horizon in quarters, and if not why."""
    if origins < FEWEST_ORIGINS:
        return f"not given, because {origins} origins are scored; wanted {FEWEST_ORIGINS}"
    if origins < FEWEST_BLOCKS * horizon:
        return f"not given, because {origins} origins fill fewer than {FEWEST_BLOCKS} blocks of {horizon} quarters"
    return GIVEN


def ratio(own: Array, rival: Array, block: int) -> tuple[float, float, float]:
    """Mean of one score over that of another on the same origins, with the ends of its interval.

    The ends are NaN where origins fill fewer than :data:`FEWEST_BLOCKS` blocks.

    Args:
        own: By origin, in order.
        rival: Of the same origins.
        block: Origins that are drawn together, a circular block bootstrap (Politis and Romano 1992); >= 1.
    """
    count, middle = len(own), float(own.mean() / rival.mean())
    if count < FEWEST_BLOCKS * block:
        return middle, math.nan, math.nan
    generator = np.random.default_rng(SEED)
    starts = generator.integers(count, size=(RESAMPLES, math.ceil(count / block)))
    places = ((starts[..., np.newaxis] + np.arange(block)) % count).reshape(RESAMPLES, -1)[:, :count]
    resampled = own[places].mean(axis=1) / rival[places].mean(axis=1)
    low, high = np.quantile(resampled, INTERVAL)
    return middle, float(low), float(high)


def diebold_mariano(difference: Array, horizon: int) -> tuple[float, float]:
    """The test of equal accuracy, with the correction of Harvey, Leybourne and Newbold (1997).

    Args:
        difference: Score of one method less that of the other by origin, in order.
        horizon: Quarters ahead; differences are taken as correlated over one less.

    Returns:
        The statistic, negative where the first is better, and its two-sided p-value; NaN where origins fill fewer than
        :data:`FEWEST_BLOCKS` blocks as long as the horizon, and where the variance that allows for correlation is not
        positive, which few and erratic differences can make it.
    """
    count = len(difference)
    if count < FEWEST_BLOCKS * horizon:
        return math.nan, math.nan
    mean = difference.mean()
    centred = difference - mean
    covariances = [centred[lag:] @ centred[: count - lag] / count for lag in range(horizon)]
    variance = (covariances[0] + 2 * sum(covariances[1:])) / count
    if not variance > 0:
        return math.nan, math.nan
    small = math.sqrt((count + 1 - 2 * horizon + horizon * (horizon - 1) / count) / count)
    statistic = float(small * mean / math.sqrt(variance))
    return statistic, float(2 * student.sf(abs(statistic), count - 1))
