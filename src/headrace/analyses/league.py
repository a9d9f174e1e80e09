"""Who forecast it well: published forecasts against what was filed later, beside what could be said without one.

A naive forecast, known on the same day from the same filings, costs nothing: each quarter of the period is the same
quarter of the year before, grown as the last four quarters have over the four before them. A forecast gains what its
logarithmic error is smaller than that one's; those of a year and of a quarter, of one company and of five, can then
stand in one table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import xarray as xr

from headrace.evidence import facts
from headrace.evidence.forecasts import UNFILED_MEASURES, Forecast, load
from headrace.periods import quarter_index
from headrace.units import QUARTERS_PER_YEAR, USD_PER_USD_BN

Filed = Mapping[tuple[str, str, str], tuple[float, date]]
"""By entity, concept and calendar quarter: the figure [USD bn] and the day it was filed."""

_TEXTS = ("who", "announced", "measure", "period", "members", "quality", "source_url", "status")
_NUMBERS = {
    "forecast_usd_bn": ("USD bn", "What was forecast for the period"),
    "outcome_usd_bn": ("USD bn", "What was filed for it, as first filed"),
    "naive_usd_bn": ("USD bn", "The year before, grown as the last four quarters had, known on the same day"),
    "error": ("1", "Logarithm of forecast over outcome"),
    "naive_error": ("1", "Logarithm of the naive forecast over outcome"),
    "gain": ("1", "How much smaller the error is than that of the naive forecast, both without sign"),
    "rank": ("1", "Place by gain; equal gains share one"),
    "forecast_for_next_rank_usd_bn": ("USD bn", "What it would have had to say to reach the place above it"),
}


@dataclass(frozen=True)
class _Score:
    outcome: float
    naive: float

    def gain(self, forecast: float) -> float:
        return abs(math.log(self.naive / self.outcome)) - abs(math.log(forecast / self.outcome))

    def forecast_with(self, gain: float, forecast: float) -> float:
        """What, on the side of ``forecast``, would have had this gain; NaN where nothing would."""
        error = abs(math.log(self.naive / self.outcome)) - gain
        return self.outcome * math.exp(math.copysign(error, forecast - self.outcome)) if error >= 0 else math.nan


def league(forecasts: Sequence[Forecast] | None = None, *, as_of: str | None = None) -> xr.Dataset:
    """Every forecast with its score, or the reason why it has none.

    Args:
        forecasts: What to score; the shipped ledger when left out.
        as_of: ISO date: only what had been announced and filed by then.

    Returns:
        By ``forecast``, scored ones first and best first: ``forecast_usd_bn``, ``outcome_usd_bn`` and
        ``naive_usd_bn``, ``error`` and ``naive_error`` (logarithms), ``gain``, ``rank``,
        ``forecast_for_next_rank_usd_bn``; as coordinates who said it, when, of what and whom, for which period, with
        which quality and source, and ``status``: ``scored``, or ``not scored, because`` and the reason. Attribute
        ``outcomes`` says what forecasts are held against.

    Raises:
        PeriodError: ``as_of`` is no date.
    """
    rows = load(as_of) if forecasts is None else tuple(forecasts)
    filed = _first_filed(as_of)
    scores = [_score(row, filed) for row in rows]
    gains = {
        place: score.gain(rows[place].value_usd_bn) for place, score in enumerate(scores) if isinstance(score, _Score)
    }
    order = sorted(gains, key=lambda place: -gains[place])
    order += [place for place in range(len(rows)) if place not in gains]
    table = [
        _row(rows[place], scores[place], gains.get(place), sorted(gains.values(), reverse=True)) for place in order
    ]
    dataset = xr.Dataset(
        {
            name: ("forecast", np.array([row[name] for row in table], float), {"units": unit, "long_name": label})
            for name, (unit, label) in _NUMBERS.items()
        }
    ).assign_coords({name: ("forecast", np.array([row[name] for row in table], object)) for name in _TEXTS})
    dataset.attrs = {
        "title": "Published forecasts against what was filed",
        "outcomes": "Cash capital expenditure, revenue and data-centre revenue as first filed, by calendar quarter",
        "scored": len(gains),
    }
    return dataset


def _row(forecast: Forecast, score: _Score | str, gain: float | None, gains: Sequence[float]) -> dict[str, object]:
    said: dict[str, object] = {
        "who": forecast.who,
        "announced": forecast.announced.isoformat(),
        "measure": forecast.measure,
        "period": forecast.period,
        "members": ", ".join(forecast.members) or forecast.coverage,
        "quality": forecast.quality,
        "source_url": forecast.source_url,
        "status": "scored",
        **dict.fromkeys(_NUMBERS, math.nan),
        "forecast_usd_bn": forecast.value_usd_bn,
    }
    if isinstance(score, str) or gain is None:
        return said | {"status": f"not scored, because {score}"}
    better = [other for other in gains if other > gain]
    overtaking = score.forecast_with(min(better), forecast.value_usd_bn) if better else math.nan
    return said | {
        "outcome_usd_bn": score.outcome,
        "naive_usd_bn": score.naive,
        "error": math.log(forecast.value_usd_bn / score.outcome),
        "naive_error": math.log(score.naive / score.outcome),
        "gain": gain,
        "rank": len(better) + 1,
        "forecast_for_next_rank_usd_bn": overtaking,
    }


def _score(forecast: Forecast, filed: Filed) -> _Score | str:
    """What the forecast is held against, or why it cannot be."""
    if not forecast.members:
        return f"it does not name the companies it means ({forecast.coverage})"
    if forecast.measure in UNFILED_MEASURES:
        return f"no filing reports {UNFILED_MEASURES[forecast.measure].lower()}"
    cells = [(member, forecast.measure, quarter) for member in forecast.members for quarter in forecast.quarters]
    missing = [cell for cell in cells if cell not in filed]
    if missing:
        entity, _, quarter = missing[0]
        return f"{len(missing)} of {len(cells)} quarters are not filed, the first {quarter} of {entity}"
    if max(filed[cell][1] for cell in cells) <= forecast.announced:
        return "all of its period had been filed when it was announced"
    naive = [_naive(member, forecast, filed) for member in forecast.members]
    if any(math.isnan(one) for one in naive):
        return "two years of filings before it are not complete, so nothing can stand beside it"
    return _Score(sum(filed[cell][0] for cell in cells), sum(naive))


def _naive(member: str, forecast: Forecast, filed: Filed) -> float:
    """The year before, grown as the last four quarters have over the four before; NaN where these are not filed."""
    known = {
        quarter_index(quarter): value
        for (entity, concept, quarter), (value, day) in filed.items()
        if (entity, concept) == (member, forecast.measure) and day <= forecast.announced
    }
    if not known:
        return math.nan
    last = max(known)
    two_years = [known.get(last - back, math.nan) for back in range(2 * QUARTERS_PER_YEAR)]
    growth = sum(two_years[:QUARTERS_PER_YEAR]) / sum(two_years[QUARTERS_PER_YEAR:])
    total = 0.0
    for quarter in map(quarter_index, forecast.quarters):
        years = max(0, -(-(quarter - last) // QUARTERS_PER_YEAR))
        total += known.get(quarter - years * QUARTERS_PER_YEAR, math.nan) * growth**years
    return total


def _first_filed(as_of: str | None) -> Filed:
    """Every figure as it was first filed, and the day."""
    table = facts.load(as_of, vintages=True)
    flows = table[(table["unit"] == "USD") & table["period_start"].notna()].sort_values("filed")
    first = flows.drop_duplicates(["entity", "concept", "calendar_quarter"])
    keys = zip(first["entity"], first["concept"], first["calendar_quarter"], strict=True)
    figures = zip(first["value"] / USD_PER_USD_BN, (day.date() for day in first["filed"]), strict=True)
    return dict(zip(keys, figures, strict=True))
