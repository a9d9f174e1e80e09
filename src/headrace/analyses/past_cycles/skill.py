"""Whether a forecaster of a past cycle beats its rivals, with the arithmetic that the AI builders are measured by."""

from __future__ import annotations

import numpy as np
import xarray as xr

from headrace.analyses.hindcast import baselines
from headrace.analyses.hindcast.scores import PROBABILITIES
from headrace.analyses.hindcast.skill import COVERAGES, FEWEST_ORIGINS, diebold_mariano, interval_status, ratio
from headrace.analyses.past_cycles.rolling import SCORED, UNCHANGED

BEST = "best_baseline"
"""Of those that were tried, the one that turned out best on the same origins; nobody could choose it before."""

WALK = "random_walk_with_drift"
RIVALS = (BEST, WALK, UNCHANGED)

_SCORES = ("crps", "crps_of_logarithm")


def skill(scores: xr.Dataset) -> xr.Dataset:
    """Skill by horizon, forecaster and rival.

    Args:
        scores: From :func:`headrace.analyses.past_cycles.rolling.rolling`.

    Returns:
        By (horizon, forecaster, rival): ``crps_ratio``, mean score over that of the rival on the same origins, with
        ``crps_ratio_low`` and ``crps_ratio_high`` (5 and 95 %, blocks of origins); the same for logarithms;
        ``dm_p_value`` of Diebold and Mariano on the scores of levels, corrected for small samples, NaN of a forecaster
        against itself. By (horizon, forecaster): ``coverage_50``, ``coverage_80``, ``coverage_90``. By horizon:
        ``origins``, ``best_baseline`` and ``interval_status``, which is ``given``, or ``not given, because`` and the
        reason. NaN below ``FEWEST_ORIGINS`` origins; intervals and tests NaN too where origins fill fewer than
        ``FEWEST_BLOCKS`` blocks. Origins that were not scored are passed over, so that neighbours of a gap count as
        neighbours.
    """
    horizons, names = scores["horizon"].values, [str(name) for name in scores["forecaster"].values]
    methods = [name for name in names if name in baselines.METHODS]
    shape = (len(horizons), len(names), len(RIVALS))
    measures = [f"{score}_ratio{end}" for score in _SCORES for end in ("", "_low", "_high")]
    found = {name: np.full(shape, np.nan) for name in (*measures, "dm_p_value")}
    covered = {name: np.full(shape[:2], np.nan) for name in COVERAGES}
    origins, best, status = np.zeros(len(horizons), int), *np.full((2, len(horizons)), "", object)
    for place, horizon in enumerate(horizons):
        here = scores.isel(horizon=place)
        here = here.isel(origin=(here["status"] == SCORED).values)
        origins[place] = here.sizes["origin"]
        status[place] = interval_status(here.sizes["origin"], int(horizon))
        if origins[place] < FEWEST_ORIGINS:
            continue
        best[place] = str(here["crps"].sel(forecaster=methods).mean("origin").idxmin("forecaster").item())
        for number, name in enumerate(names):
            own = here.sel(forecaster=name)
            for against, label in enumerate(RIVALS):
                rival = here.sel(forecaster=best[place] if label == BEST else label)
                at = (place, number, against)
                for score in _SCORES:
                    values = ratio(own[score].values, rival[score].values, block=int(horizon))
                    for end, value in zip(("", "_low", "_high"), values, strict=True):
                        found[f"{score}_ratio{end}"][at] = value
                difference = own["crps"].values - rival["crps"].values
                found["dm_p_value"][at] = diebold_mariano(difference, int(horizon))[1]
            for measure, (low, high) in COVERAGES.items():
                band = own["forecast_usd_bn"].isel(probability=[PROBABILITIES.index(low), PROBABILITIES.index(high)])
                inside = (own["outcome_usd_bn"] >= band[..., 0]) & (own["outcome_usd_bn"] <= band[..., 1])
                covered[measure][place, number] = float(inside.mean())
    dims = ("horizon", "forecaster", "rival")
    return xr.Dataset(
        {
            **{name: (dims, values, {"units": "1"}) for name, values in found.items()},
            **{name: (dims[:2], values, {"units": "1"}) for name, values in covered.items()},
            "origins": ("horizon", origins),
            "best_baseline": ("horizon", best),
            "interval_status": ("horizon", status),
        },
        {"horizon": horizons, "forecaster": names, "rival": list(RIVALS)},
        {"title": "Skill against three rivals"},
    )
