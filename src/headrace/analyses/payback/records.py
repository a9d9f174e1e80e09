"""The answer as flat records, medians and 90 % intervals over draws, for tables and other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.figures import BAND
from headrace.units import QUARTERS_PER_YEAR

Record = dict[str, Any]

_IN_YEARS = {"payback_quarters": "payback_years", "discounted_payback_quarters": "discounted_payback_years"}
_BY_VINTAGE = (
    "cost_usd_bn",
    "it_cost_usd_bn",
    "site_cost_usd_bn",
    "used_shells_usd_bn",
    "energised_gw",
    "quarters_to_service",
    "margin_usd_bn",
    "resale_usd_bn",
    "tax_shield_usd_bn",
    "payback_quarters",
    "discounted_payback_quarters",
    "rate_of_return",
    "net_present_value_usd_bn",
    "profitability",
    "share_beyond_run",
    "economic_life_quarters",
)
_SHARES = ("share_paid_back", "share_within_life", "share_discounted", "share_without_rate")
_BY_YEAR = (
    "fleet_spending",
    "fleet_revenue",
    "required_revenue",
    "fleet_margin",
    "capital_charge",
    "capital_cover",
    "revenue_over_required",
)
_MONEY = ("uses", "own_cash", "shares_sold", "leases_and_prepayments", "borrowing", "funding_gap")
_BY_DRIVER = (
    "value_now",
    "required_value",
    "share_with_value",
    "slope_at_value",
    "nearest_value",
    "nearest_payback_years",
    "still_out_at_nearest",
    "lowest_value",
    "highest_value",
    "with_interest",
)


def records(answer: xr.Dataset) -> Mapping[str, list[Record]]:
    """The answer as tables of flat records.

    Args:
        answer: What :func:`headrace.payback` returned.

    Returns:
        ``vintages``, ``must_be_true``, ``tornado``, ``fleet`` and ``financing``. Of what draws differ in, ``_median``,
        ``_low`` and ``_high``; a payback in years that never comes and a value that does not exist are ``None``.
    """
    return {
        "vintages": _rows(answer, "vintage", _BY_VINTAGE, _SHARES),
        "must_be_true": [
            {
                "driver": str(name),
                **_words(answer.sel(driver=name), "driver"),
                **{key: _plain(answer[key].sel(driver=name)) for key in _BY_DRIVER},
                **{
                    f"required_value_by_draw_{end}": _plain(
                        answer["required_value_by_draw"].sel(driver=name, statistic=end)
                    )
                    for end in ("median", "low", "high")
                },
            }
            for name in answer["driver"].values
        ],
        "tornado": [
            {
                "driver": str(name),
                **_words(answer.sel(moved=name), "moved"),
                "rank_correlation": _plain(answer["rank_correlation"].sel(moved=name)),
                **{
                    f"{key}_{end}": _plain(answer[key].sel(moved=name, end=end))
                    for key in ("driver_value", "profitability_at", "rate_of_return_at", "payback_years_at")
                    for end in ("low", "high")
                },
            }
            for name in answer["moved"].values
        ],
        "fleet": _rows(answer, "year", _BY_YEAR),
        "financing": [
            {"player": str(player), **row}
            for player in answer["player"].values
            for row in _rows(answer.sel(player=player), "year", _MONEY)
        ],
    }


def _rows(answer: xr.Dataset, axis: str, drawn: Sequence[str], once: Sequence[str] = ()) -> list[Record]:
    quantiles = {name: band(answer[name]) for name in drawn}
    rows = []
    for place, label in enumerate(answer[axis].values.tolist()):
        row: Record = {axis: label}
        for name, values in quantiles.items():
            per_unit = QUARTERS_PER_YEAR if name in _IN_YEARS else 1
            for word, value in zip(("median", "low", "high"), values[:, place] / per_unit, strict=True):
                row[f"{_IN_YEARS.get(name, name)}_{word}"] = _plain(value)
        rows.append(row | {name: _plain(answer[name].values[place]) for name in once})
    return rows


def band(drawn: xr.DataArray) -> NDArray[np.float64]:
    """Median and 90 % interval over draws that have a number, infinity one of them: (3, ...)."""
    values = drawn.transpose("draw", ...).values
    known = ~np.isnan(values).all(axis=0)
    found = np.full((3, *known.shape), np.nan)
    # between a number and infinity there is nothing to interpolate
    method: Literal["linear", "inverted_cdf"] = "inverted_cdf" if np.isinf(values).any() else "linear"
    found[:, known] = np.nanquantile(values[:, known], (0.5, *BAND), axis=0, method=method)
    return found


def _words(own: xr.Dataset, axis: str) -> Record:
    return {word: str(own[f"{axis}_{word}"].values) for word in ("label", "unit")}


def _plain(value: Any) -> Any:
    number = float(value)
    return number if np.isfinite(number) else None
