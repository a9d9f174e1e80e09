"""Rows of a hindcast as one Dataset, each forecast with its scores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from headrace.analyses.hindcast.scores import PROBABILITIES, UNITS, scored
from headrace.analyses.hindcast.series import MOST_HORIZON, Series


def unscored(series: Sequence[Series], day: dt.date, reason: str) -> list[dict[str, object]]:
    """Rows of a day on which nothing could be said of some series."""
    return [
        {
            "series": one.name,
            "day": day,
            "horizon": horizon,
            "quarter": "",
            "last_filed": "",
            "outcome_usd_bn": np.nan,
            "draws": None,
            "status": f"not scored, because {reason}",
        }
        for one in series
        for horizon in range(1, MOST_HORIZON + 1)
    ]


def dataset(
    rows: Sequence[Mapping[str, object]],
    series: Sequence[Series],
    origins: Sequence[dt.date],
    *,
    own: Sequence[str],
    rivals: Sequence[str],
    title: str,
) -> xr.Dataset:
    """Forecasts with their scores.

    Args:
        rows: One a series, day and horizon: ``series``, ``day``, ``horizon``, ``quarter``, ``last_filed``,
            ``outcome_usd_bn``, ``status``, and ``draws`` by forecaster, or nothing where nothing was said.
        series: In order.
        origins: In order.
        own: Forecasters of headrace.
        rivals: Baselines.
        title: Of the dataset.

    Returns:
        See :func:`headrace.analyses.hindcast.rolling.hindcast`; ``attrs`` name its ``own`` forecasters and the
        ``baselines``.
    """
    forecasters = (*own, *rivals)
    names, days = [one.name for one in series], list(origins)
    shape = (len(names), len(days), MOST_HORIZON)
    forecast = np.full((*shape, len(forecasters), len(PROBABILITIES)), np.nan)
    scores = {name: np.full((*shape, len(forecasters)), np.nan) for name in UNITS}
    outcome, status = np.full(shape, np.nan), np.full(shape, "", object)
    quarter, last_filed = np.full(shape[1:], "", object), np.full(len(days), "", object)
    for row in rows:
        at = names.index(str(row["series"])), days.index(row["day"]), int(row["horizon"]) - 1  # type: ignore[arg-type, call-overload]
        outcome[at], status[at] = row["outcome_usd_bn"], row["status"]
        if row["quarter"]:  # one series may have had nothing to say on a day
            quarter[at[1:]], last_filed[at[1]] = row["quarter"], row["last_filed"]
        draws = row["draws"]
        if not isinstance(draws, dict):
            continue
        for place, method in enumerate(forecasters):
            if method not in draws:
                continue
            forecast[(*at, place)] = np.quantile(draws[method], PROBABILITIES)
            if row["status"] == "scored":
                for name, value in scored(draws[method], float(outcome[at])).items():
                    scores[name][(*at, place)] = value
    dims = ("series", "origin", "horizon")
    return xr.Dataset(
        {
            "forecast_usd_bn": ((*dims, "forecaster", "probability"), forecast, {"units": "USD bn/quarter"}),
            "outcome_usd_bn": (dims, outcome, {"units": "USD bn/quarter", "long_name": "As first filed"}),
            "status": (dims, status),
            **{name: ((*dims, "forecaster"), values, {"units": UNITS[name]}) for name, values in scores.items()},
        },
        {
            "series": names,
            "label": ("series", [one.label for one in series]),
            "origin": [day.isoformat() for day in days],
            "horizon": np.arange(1, MOST_HORIZON + 1),
            "forecaster": list(forecasters),
            "probability": list(PROBABILITIES),
            "target_quarter": (("origin", "horizon"), quarter),
            "last_filed": ("origin", last_filed),
        },
        {"title": title, "own": list(own), "baselines": list(rivals)},
    )
