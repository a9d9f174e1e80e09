"""What costs nothing to say: forecasts from a series' own past alone, by the field's usual methods.

All work on logarithms, since levels multiply, and all see what was filed by the day. Each gives the mean and the
standard deviation of the logarithm at each horizon; nothing is tuned here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import norm
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel

from headrace.units import QUARTERS_PER_YEAR

Array = NDArray[np.float64]
LogForecast = tuple[Array, Array]
"""Mean and standard deviation of the logarithm by horizon."""

QUANTILE_DRAWS = 999
"""Equally likely quantiles that stand for a lognormal distribution."""

SHORTEST = 8
"""Quarters that every method can be fitted to: two years, so that each season has been seen twice."""

_ARIMA_ORDERS = [(p, 1, q) for p in range(3) for q in range(3) if p + q <= 2]
_ETS_FORMS: tuple[dict[str, object], ...] = (
    {},
    {"trend": "add"},
    {"trend": "add", "damped_trend": True},
    {"seasonal": "add", "seasonal_periods": QUARTERS_PER_YEAR},
    {"trend": "add", "seasonal": "add", "seasonal_periods": QUARTERS_PER_YEAR},
    {"trend": "add", "damped_trend": True, "seasonal": "add", "seasonal_periods": QUARTERS_PER_YEAR},
)


def random_walk_with_drift(past: Array, horizons: int) -> LogForecast:
    """The last quarter, growing as it has on average since the series began."""
    return _from_state_space(ARIMA(past, order=(0, 1, 0), trend="t").fit(), horizons)


def seasonal_naive(past: Array, horizons: int) -> LogForecast:
    """The same quarter of the year before."""
    return _from_state_space(ARIMA(past, seasonal_order=(0, 1, 0, QUARTERS_PER_YEAR), trend="n").fit(), horizons)


def exponential_smoothing(past: Array, horizons: int) -> LogForecast:
    """The form of exponential smoothing with the smallest corrected information criterion."""
    series = pd.Series(past)  # its prediction of an array fails
    fits = [ETSModel(series, **form).fit(disp=False) for form in _ETS_FORMS]
    # The criterion is only defined, and positive in its correction, while quarters outnumber what is estimated.
    best = min((fit for fit in fits if fit.df_model + 1 < len(past)), key=lambda fit: fit.aicc)
    spread = best.get_prediction(len(past), len(past) + horizons - 1)
    return np.asarray(spread.predicted_mean), np.sqrt(np.asarray(spread.forecast_variance))


def theta(past: Array, horizons: int) -> LogForecast:
    """The theta method, seasonally adjusted where the series is seasonal."""
    fit = ThetaModel(pd.Series(past), period=QUARTERS_PER_YEAR, method="additive").fit()
    mean = np.asarray(fit.forecast(horizons))
    upper = np.asarray(fit.prediction_intervals(horizons, alpha=0.1)["upper"])
    return mean, (upper - mean) / norm.ppf(0.95)


def arima(past: Array, horizons: int) -> LogForecast:
    """The ARIMA of growth, with or without drift, with the smallest corrected information criterion."""
    fits = [ARIMA(past, order=order, trend=trend).fit() for order in _ARIMA_ORDERS for trend in ("n", "t")]
    return _from_state_space(min(fits, key=lambda fit: fit.aicc), horizons)


METHODS: dict[str, Callable[[Array, int], LogForecast]] = {
    "random_walk_with_drift": random_walk_with_drift,
    "seasonal_naive": seasonal_naive,
    "exponential_smoothing": exponential_smoothing,
    "theta": theta,
    "arima": arima,
}


def log_forecast(method: str, past_usd_bn: Array, horizons: int) -> LogForecast:
    """What a method says of the coming quarters.

    Args:
        method: One of :data:`METHODS`.
        past_usd_bn: The series, consecutive quarters without a gap, all positive [USD bn/quarter].
        horizons: How many quarters ahead.
    """
    with warnings.catch_warnings():
        # A fit that has not quite converged is still what the method says; the score tells what it is worth.
        for kind in (UserWarning, RuntimeWarning):
            warnings.simplefilter("ignore", kind)
        return METHODS[method](np.log(past_usd_bn), horizons)


def lognormal(mean: Array, deviation: Array) -> Array:
    """Equally likely quantiles of a lognormal distribution at each horizon, (horizon, draw)."""
    normal = ndtri((np.arange(QUANTILE_DRAWS) + 0.5) / QUANTILE_DRAWS)
    spread: Array = np.exp(mean[:, np.newaxis] + deviation[:, np.newaxis] * normal)
    return spread


def after_the_last_gap(values: Array) -> Array:
    """What follows the last missing value before the last figure: methods want quarters without a gap."""
    known = np.flatnonzero(~np.isnan(values))
    kept = values[: known[-1] + 1] if len(known) else values[:0]
    gaps = np.flatnonzero(np.isnan(kept))
    return kept[gaps[-1] + 1 :] if len(gaps) else kept


def _from_state_space(fit: object, horizons: int) -> LogForecast:
    said = fit.get_forecast(horizons)  # type: ignore[attr-defined]
    return np.asarray(said.predicted_mean), np.asarray(said.se_mean)
