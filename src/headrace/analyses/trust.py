"""How far a run may be trusted: the hindcast that ships beside the best baseline, and the league of forecasts.

Nothing is forecast here: both are read, and put in the order in which headrace does worst.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from headrace._types import AloneLine, PairedForecast, Trust
from headrace.analyses.hindcast.series import CAPITAL_EXPENDITURE
from headrace.analyses.hindcast.shipped import ShippedSkill
from headrace.evidence import own_forecasts

HORIZONS = (1, 2, 4, 8)
"""Quarters ahead that are quoted."""

_TEXTS = ("who", "announced", "members", "period", "unit", "quality", "source_url")
_NUMBERS = ("forecast_value", "ours_value", "outcome_value", "error")


def trust(skill: ShippedSkill, league: xr.Dataset, alone: tuple[AloneLine, ...] = ()) -> Trust:
    """What is known of how well headrace forecasts, losing lines apart.

    Args:
        skill: Ratios of scores, of :func:`headrace.analyses.hindcast.shipped.skill`.
        league: Forecasts with their scores, of :func:`headrace.analyses.league.league`.
        alone: What the full loop alone said, of :func:`headrace.analyses.hindcast.shipped.alone`.
    """
    held = {(line.series, line.horizon_quarters): line for line in skill.lines}
    wanted = [(series.name, horizon) for series in CAPITAL_EXPENDITURE for horizon in HORIZONS]
    ordered = sorted((held[key] for key in wanted if key in held), key=lambda line: -line.crps_ratio)
    scored, own = league["status"].values == "scored", league["ledger"].values == own_forecasts.SHIPPED
    return Trust(
        first_origin=skill.first_origin,
        last_origin=skill.last_origin,
        losing=tuple(line for line in ordered if line.crps_ratio >= 1),
        winning=tuple(line for line in ordered if line.crps_ratio < 1),
        missing=tuple(key for key in wanted if key not in held),
        forecasts=int((~own).sum()),
        scored=int((scored & ~own).sum()),
        pairs=_pairs(league.isel(forecast=np.flatnonzero(scored & ~own))),
        own_scored=int((scored & own).sum()),
        own_open=int((~scored & own).sum()),
        published=league.attrs["published"],
        alone=alone,
    )


def _pairs(scored: xr.Dataset) -> tuple[PairedForecast, ...]:
    """Scored forecasts beside which headrace can be put, the ones it loses by most first."""
    columns = {name: scored[name].values.tolist() for name in (*_TEXTS, *_NUMBERS)}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    pairs = [
        PairedForecast(
            **{name: row[name] for name in _TEXTS if name != "members"},
            members=tuple(row["members"].split(", ")),
            forecast=row["forecast_value"],
            ours=row["ours_value"],
            outcome=row["outcome_value"],
            error=abs(row["error"]),
            ours_error=abs(math.log(row["ours_value"] / row["outcome_value"])),
        )
        for row in rows
        if not math.isnan(row["ours_value"])
    ]
    return tuple(sorted(pairs, key=lambda pair: pair.error - pair.ours_error))
