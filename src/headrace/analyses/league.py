"""Who forecast it well: published forecasts against how it came out, beside what could be said without one.

A naive forecast, known on the same day from the same figures, costs nothing: each quarter of the period is the same
quarter of the year before, grown as the last four quarters have over the four before them. A forecast gains what its
logarithmic error is smaller than that one's; those of a year and of a quarter, of one company and of five, in dollars
and in chips, can then stand in one table.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from headrace.analyses.hindcast import shipped
from headrace.analyses.outcomes import Outcome, Outcomes, outcomes
from headrace.evidence import forecast_measures
from headrace.evidence.forecasts import Forecast, load
from headrace.periods import quarter_index
from headrace.units import QUARTERS_PER_YEAR

_TEXTS = (
    "who",
    "announced",
    "day",
    "measure",
    "unit",
    "period",
    "members",
    "quality",
    "source_url",
    "derivation",
    "ledger",
    "outcome_basis",
    "status",
)
_IN_UNIT = "that of the coordinate unit"
_NUMBERS = {
    "forecast_value": (_IN_UNIT, "What was forecast for the period"),
    "forecast_low": (_IN_UNIT, "Lower end, where a range was given"),
    "forecast_high": (_IN_UNIT, "Upper end, where a range was given"),
    "outcome_value": (_IN_UNIT, "What was filed or counted for it, as first published"),
    "naive_value": (_IN_UNIT, "The year before, grown as the last four quarters had, known on the same day"),
    "error": ("1", "Logarithm of forecast over outcome"),
    "naive_error": ("1", "Logarithm of the naive forecast over outcome"),
    "gain": ("1", "How much smaller the error is than that of the naive forecast, both without sign"),
    "rank": ("1", "Place by gain; equal gains share one"),
    "ours_value": (_IN_UNIT, "What headrace would have said on the same day, made after the fact from what was known"),
    "ours_low": (_IN_UNIT, "Its 5 % quantile"),
    "ours_high": (_IN_UNIT, "Its 95 % quantile"),
    "ours_gain": ("1", "Gain of its median"),
    "forecast_for_next_rank": (_IN_UNIT, "What it would have had to say to reach the place above it"),
}


_Series = Mapping[tuple[str, str], Mapping[str, Outcome]]
"""Outcomes of an entity and a measure, by calendar quarter."""


@dataclass(frozen=True)
class _Score:
    outcome: float
    naive: float
    basis: str

    def gain(self, forecast: float) -> float:
        return abs(self.error(self.naive)) - abs(self.error(forecast))

    def error(self, forecast: float) -> float:
        return math.log(forecast / self.outcome)

    def forecast_with(self, gain: float, forecast: float) -> float:
        """What, on the side of ``forecast``, would have had this gain; NaN where nothing would."""
        error = abs(self.error(self.naive)) - gain
        return self.outcome * math.exp(math.copysign(error, forecast - self.outcome)) if error >= 0 else math.nan


def league(
    forecasts: Sequence[Forecast] | None = None, *, own: Sequence[Forecast] = (), as_of: str | None = None
) -> xr.Dataset:
    """Every forecast with its score, or the reason why it has none.

    Args:
        forecasts: What to score; the shipped ledger when left out.
        own: Ours, scored the same way; until a quarter is filed they are open.
        as_of: ISO date: only what had been announced and published by then.

    Returns:
        By ``forecast``, scored ones first and best first: ``forecast_value`` and the ends of its range,
        ``outcome_value`` and ``naive_value`` in the row's ``unit``, ``error`` and ``naive_error`` (logarithms),
        ``gain``, ``rank``, ``forecast_for_next_rank``; as coordinates who said it, when, of what and whom, for which
        period, with which quality and source, from which ledger, on what the outcome rests, and ``status``: ``scored``,
        ``open until`` the quarter that has to be filed, or ``not scored, because`` and the reason. Attribute
        ``outcomes`` says what forecasts are held against, ``published`` the day of the last outcome.

    Raises:
        PeriodError: ``as_of`` is no date.
    """
    others = load(as_of) if forecasts is None else tuple(forecasts)
    rows = (*others, *own)
    known = outcomes(as_of)
    series = _by_series(known)
    scores = [_score(row, known, series, ours=place >= len(others)) for place, row in enumerate(rows)]
    gains = {place: score.gain(rows[place].value) for place, score in enumerate(scores) if isinstance(score, _Score)}
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
        "title": "Published forecasts against how it came out",
        "outcomes": "Cash capital expenditure, revenue and data-centre revenue as first filed, by calendar quarter; "
        "chips as counted, of which no earlier vintage is kept",
        "scored": len(gains),
        "published": max((outcome.published.isoformat() for outcome in known.values()), default=""),
    }
    return dataset


def _ours(forecast: Forecast) -> shipped.ShippedTotal | None:
    """What headrace would have said of the same total on the same day, where it speaks of such totals."""
    if forecast.measure != "capital_expenditure" or not forecast.members:
        return None
    quarters = forecast.quarters
    return shipped.totals().get((forecast.announced, forecast.members, quarters[0], quarters[-1]))


def _row(forecast: Forecast, score: _Score | str, gain: float | None, gains: Sequence[float]) -> dict[str, object]:
    said: dict[str, object] = {
        "who": forecast.who,
        "announced": forecast.announced.isoformat(),
        "day": "approximate" if forecast.day_approximate else "stated",
        "measure": forecast.measure,
        "unit": forecast.unit,
        "period": forecast.period,
        "members": ", ".join(forecast.members) or forecast.coverage,
        "quality": forecast.quality,
        "source_url": forecast.source_url,
        "derivation": forecast.derivation,
        "ledger": forecast.ledger,
        "outcome_basis": "",
        "status": "scored",
        **dict.fromkeys(_NUMBERS, math.nan),
        "forecast_value": forecast.value,
        "forecast_low": math.nan if forecast.low is None else forecast.low,
        "forecast_high": math.nan if forecast.high is None else forecast.high,
    }
    ours = _ours(forecast)
    if ours is not None:
        said |= {"ours_value": ours.median, "ours_low": ours.low, "ours_high": ours.high}
    if isinstance(score, str) or gain is None:
        return said | {"status": score}
    better = [other for other in gains if other > gain]
    return said | {
        "outcome_basis": score.basis,
        "outcome_value": score.outcome,
        "naive_value": score.naive,
        "error": score.error(forecast.value),
        "naive_error": score.error(score.naive),
        "gain": gain,
        "rank": len(better) + 1,
        "ours_gain": math.nan if ours is None else score.gain(ours.median),
        "forecast_for_next_rank": score.forecast_with(min(better), forecast.value) if better else math.nan,
    }


def _by_series(known: Outcomes) -> _Series:
    found: defaultdict[tuple[str, str], dict[str, Outcome]] = defaultdict(dict)
    for (entity, measure, quarter), outcome in known.items():
        found[entity, measure][quarter] = outcome
    return found


def _score(forecast: Forecast, known: Outcomes, series: _Series, *, ours: bool) -> _Score | str:
    """What the forecast is held against, or its status while it is held against nothing."""
    cells = [(member, forecast.measure, quarter) for member in forecast.members for quarter in forecast.quarters]
    missing = [cell for cell in cells if cell not in known]
    if ours and missing:
        return f"open until {forecast.period} is filed"
    fault = _outcome_fault(forecast, cells, missing, known)
    if fault:
        return f"not scored, because {fault}"
    naive = sum(_naive(member, forecast, series) for member in forecast.members)
    outcome = sum(known[cell].value for cell in cells)
    if math.isnan(naive):
        return "not scored, because two years of figures before it are not complete, so nothing can stand beside it"
    if min(naive, outcome) <= 0:
        return "not scored, because what came out or stands beside it is not above zero, and an error is a logarithm"
    return _Score(outcome, naive, known[cells[0]].basis)


def _outcome_fault(
    forecast: Forecast, cells: Sequence[tuple[str, str, str]], missing: Sequence[tuple[str, str, str]], known: Outcomes
) -> str:
    because = forecast_measures.load()[forecast.measure].because
    if because:
        published = max(outcome.published for outcome in known.values())
        ends = f", and its period ends on {forecast.target_end}" if forecast.target_end > published else ""
        return f"{because}{ends}"
    if not forecast.members:
        return f"it does not name the companies it means ({forecast.coverage})"
    if missing:
        entity, _, quarter = missing[0]
        return f"{len(missing)} of {len(cells)} quarters are not filed, the first {quarter} of {entity}"
    if max(known[cell].known for cell in cells) <= forecast.announced:
        return "all of its period had been filed when it was announced"
    return ""


def _naive(member: str, forecast: Forecast, series: _Series) -> float:
    """The year before, grown as the last four quarters have over the four before; NaN where these are not known."""
    on_the_day = _on_the_day(series.get((member, forecast.measure), {}), forecast.announced)
    if not on_the_day:
        return math.nan
    last = max(on_the_day)
    two_years = [on_the_day.get(last - back, math.nan) for back in range(2 * QUARTERS_PER_YEAR)]
    before = sum(two_years[QUARTERS_PER_YEAR:])
    growth = sum(two_years[:QUARTERS_PER_YEAR]) / before if before > 0 else math.nan
    total = 0.0
    for quarter in map(quarter_index, forecast.quarters):
        years = max(0, -(-(quarter - last) // QUARTERS_PER_YEAR))
        total += on_the_day.get(quarter - years * QUARTERS_PER_YEAR, math.nan) * growth**years
    return total


def _on_the_day(one: Mapping[str, Outcome], day: dt.date) -> dict[int, float]:
    """Figures of one series that were known on a day, by index of the quarter."""
    return {quarter_index(quarter): outcome.value for quarter, outcome in one.items() if outcome.known <= day}
