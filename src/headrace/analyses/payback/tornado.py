"""Which driver moves the return of a vintage most: each alone to its 5th and 95th percentile, the loop run again.

A swing is of one driver with every other parameter at its median; a rank correlation over the draws of the run stands
beside it, where everything moves at once.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from headrace.analyses.figures import BAND
from headrace.analyses.payback.drivers import DRIVERS
from headrace.analyses.payback.followed import WORLDS, Followed
from headrace.analyses.payback.reading import Array, known
from headrace.investment.rates_of_return import internal_rates
from headrace.units import QUARTERS_PER_YEAR


def tornado(followed: Followed, profitability: Array) -> xr.Dataset:
    """The return of a vintage with each driver at the ends of its interval, largest swing first.

    Args:
        followed: The vintage.
        profitability: Its net present value over cost in every draw of the run, (draw,).

    Returns:
        By driver and end (low, high): ``driver_value``, ``profitability_at``, ``rate_of_return_at`` and
        ``payback_years_at``; ``rank_correlation`` (driver) of the driver with profitability over the draws;
        ``profitability_of_median_world``, ``rate_of_return_of_median_world`` and ``payback_years_of_median_world``.
    """
    reading, names = followed.reading, list(DRIVERS)
    assert 2 * len(names) < WORLDS
    worlds = followed.median_world()
    ends = np.empty((len(names), 2))
    correlations = np.empty(len(names))
    for row, name in enumerate(names):
        one = DRIVERS[name]
        drawn = np.asarray(one.value(reading.drawn))
        ends[row] = np.quantile(drawn, BAND)
        correlations[row] = _rank_correlation(drawn, profitability)
        for end in (0, 1):
            place = 1 + 2 * row + end
            middle = {parameter: values[:1] for parameter, values in worlds.items()}
            for parameter, value in one.put(middle, ends[row, end : end + 1]).items():
                worlds[parameter][place] = value[0]
    found = followed.response(worlds)
    cash = np.asarray(found.cash_usd_bn[followed.place :])
    rates = np.full(WORLDS, np.nan)
    ended = np.isnan(cash).any(axis=0)
    rates[~ended] = (1 + internal_rates(cash[:, ~ended]).rate) ** QUARTERS_PER_YEAR - 1
    measures: dict[str, tuple[Array, str, str]] = {
        "profitability": (np.asarray(found.net_value_usd_bn / found.cost_usd_bn), "1", "Net present value over cost"),
        "rate_of_return": (rates, "1/year", "Internal rate of return"),
        "payback_years": (np.asarray(found.payback / QUARTERS_PER_YEAR), "year", "Payback; infinite where never"),
    }
    swing = np.abs(np.diff(measures["profitability"][0][1 : 1 + 2 * len(names)].reshape(-1, 2), axis=1))[:, 0]
    order = np.argsort(-np.where(np.isnan(swing), np.inf, swing), kind="stable")
    values = {
        "driver_value": known(ends[order], ("moved", "end"), "that of the driver", "5th and 95th percentile"),
        "rank_correlation": known(
            correlations[order], ("moved",), "1", "Rank correlation with profitability over the draws"
        ),
    }
    for name, (each, unit, label) in measures.items():
        by_end = each[1 : 1 + 2 * len(names)].reshape(-1, 2)[order]
        values[f"{name}_at"] = known(by_end, ("moved", "end"), unit, label)
        values[f"{name}_of_median_world"] = known(each[0], (), unit, label)
    chosen = [names[place] for place in order]
    return xr.Dataset(
        values,
        {
            "moved": chosen,
            "moved_label": ("moved", [DRIVERS[name].label for name in chosen]),
            "moved_unit": ("moved", [DRIVERS[name].unit for name in chosen]),
            "end": ["low", "high"],
        },
    )


def _rank_correlation(one: Array, other: Array) -> float:
    """Spearman's; NaN where one of the two is the same in every draw, or there are fewer than three."""
    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    ranks = [values.argsort(kind="stable").argsort(kind="stable") for values in (one, other)]
    return float(np.asarray(np.corrcoef(ranks))[0, 1])
