"""What has been ordered and signed, as a sign of what the core will miss.

Orders lead payments by two to six quarters. How far they speak of the core's errors is learnt on errors that were known
by then, and few of those stand beside any order, so what is learnt is drawn towards nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headrace.analyses.hindcast.errors import DRIFT_HORIZON, FEWEST_ORIGINS
from headrace.evidence.archive import Archive
from headrace.periods import quarter_index, quarter_label, quarter_range
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS

Array = NDArray[np.float64]

SERIES: dict[str, tuple[tuple[str, str], ...]] = {
    "purchase_obligations": (("nvidia", "purchase_obligations"),),
    "signed_backlog": (
        ("microsoft", "remaining_performance_obligation"),
        ("alphabet", "remaining_performance_obligation"),
        ("oracle", "remaining_performance_obligation"),
        ("amazon", "customer_commitments_backlog"),
    ),
}
"""Stocks of orders: who files them and as which concept."""

OLDEST = 1
"""Quarters before the last complete one that the last figure may lie; NVIDIA's quarters end a month later."""

PRIOR_ORIGINS = 4.0
"""Independent origins on which errors had nothing to do with orders, beside those seen."""


@dataclass(frozen=True)
class Effect:
    """How much a sign moves the logarithm of spending a year ahead; zero of a series that has taught nothing.

    Attributes:
        mean: By series of orders, (series,).
        covariance: Of it, (series, series).
    """

    mean: Array
    covariance: Array

    def expected(self, sign: Array, horizons: int) -> Array:
        """What is expected of signs, (*leading, horizon), for ``sign`` (*leading, series)."""
        yearly: Array = np.nan_to_num(sign) @ self.mean
        return yearly[..., np.newaxis] * _rise(horizons)

    def draws(self, sign: Array, horizons: int, count: int, generator: np.random.Generator) -> Array:
        """What is to come of the sign of one day, (draw, horizon); the generator is left alone where that is zero."""
        seen = np.nan_to_num(sign)
        variance = float(seen @ self.covariance @ seen)
        noise = generator.standard_normal((count, 1)) if variance > 0 else np.zeros((count, 1))
        drawn: Array = self.expected(sign, horizons) + np.sqrt(variance) * noise * _rise(horizons)
        return drawn


def signs(archive: Archive, last_filed: str) -> Array:
    """Growth of orders over four quarters less that of spending over the same, of logarithms, (series,).

    Args:
        archive: As of the day.
        last_filed: The last quarter that all players had filed.

    Returns:
        In the order of :data:`SERIES`; NaN where not every quarter of the four and the one before is filed.
    """
    spending = archive.panel("capital_expenditure", PLAYERS).sum(axis="columns", skipna=False)
    found = np.full(len(SERIES), np.nan)
    for place, filers in enumerate(SERIES.values()):
        for age in range(OLDEST + 1):
            last = quarter_index(last_filed) - age
            quarters = quarter_range(quarter_label(last - QUARTERS_PER_YEAR), QUARTERS_PER_YEAR + 1)
            stocks = [archive.panel(concept, (who,))[who].reindex(quarters) for who, concept in filers]
            whole = [stock for stock in stocks if stock.notna().all()]
            if whole:
                orders, paid = sum(whole), spending.reindex(quarters)
                found[place] = np.log(orders.iloc[-1] / orders.iloc[0]) - np.log(paid.iloc[-1] / paid.iloc[0])
                break
    return found


def learnt(errors: Array, signs: Array) -> Effect:
    """A Bayesian regression of the mean error a year ahead on signs, beside a constant.

    Args:
        errors: Logarithm of filed over forecast, (origin, horizon, player), one quarter apart; NaN where the quarter
            had not been filed.
        signs: As they stood on each origin, (origin, series); NaN where there was none.

    Returns:
        Zero for a series with fewer than :data:`~headrace.analyses.hindcast.errors.FEWEST_ORIGINS` known errors.
    """
    yearly = errors[:, DRIFT_HORIZON - 1].mean(axis=1)
    known = ~np.isnan(yearly)
    of_series = signs[known]
    used = np.flatnonzero((~np.isnan(of_series)).sum(axis=0) >= FEWEST_ORIGINS)
    series = signs.shape[1]
    mean, covariance = np.zeros(series), np.zeros((series, series))
    if not len(used):
        return Effect(mean, covariance)
    size = np.nanmean(of_series[:, used] ** 2, axis=0)
    design = np.nan_to_num(of_series[:, used])
    design = design - design.mean(axis=0)
    wrong = yearly[known] - yearly[known].mean()
    # Errors of neighbouring origins share quarters: four are one piece of news.
    precision = design.T @ design / DRIFT_HORIZON + np.diag(PRIOR_ORIGINS * size)
    mean[used] = np.linalg.solve(precision, design.T @ wrong / DRIFT_HORIZON)
    left = np.mean((wrong - design @ mean[used]) ** 2)
    covariance[np.ix_(used, used)] = left * np.linalg.inv(precision)
    return Effect(mean, covariance)


def _rise(horizons: int) -> Array:
    """Share of the effect a year ahead that has come by each horizon, (horizon,)."""
    share: Array = np.minimum(np.arange(1, horizons + 1) / DRIFT_HORIZON, 1.0)
    return share
