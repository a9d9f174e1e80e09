"""Along which links of the loop a difference between two futures travels: when each first differs, and by how much.

For each link the outputs of the two futures are compared draw by draw, in logarithms where they are positive. Divided
by the spread of the base over its draws, the mean difference says how far the change moves the link against what is not
known of it anyway, so that links with different units can stand beside each other.

This is the order in which links move, not a decomposition: the loop is closed, every link answers those before it and
feeds those after it within a quarter or a few, and what one link does to another is not told apart from what both
receive from a third. Take a link out with a scenario of its own to ask what it contributes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.variables import table

DIFFERS = 1e-3
"""A draw differs where its logarithm does by a thousandth, or its level by a thousandth of the spread over draws."""

FEW = 0.05
"""A link differs from the first quarter in which this share of draws does."""

_BEFORE = {
    "adoption_fraction": "adoption",
    "compute_price_usd_bn_per_gw_quarter": "price of compute",
    "compute_revenue_usd_bn": "compute revenue",
    "expected_pool_usd_bn": "expected pool",
    "band_top_ratio": "band",
    "investor_factor": "investors",
    "funding_limit_usd_bn": "funding limit",
    "planned_ai_capital_expenditure_usd_bn": "planned spending",
    "it_orders_gw": "orders of IT",
    "site_orders_gw": "orders of sites",
    "it_shipments_gw": "shipments of IT",
    "site_shipments_gw": "shipments of sites",
}
_BY_ROW = {
    "capacity_gw_per_quarter": ("layer", "capacity of {}"),
    "scarcity_price": ("layer", "price of {}"),
    "regional_compute_gw": ("region", "compute in {}"),
}
_AFTER = {
    "it_unit_cost_usd_bn_per_gw": "cost of IT",
    "site_unit_cost_usd_bn_per_gw": "cost of sites",
    "energised_gw": "energised compute",
    "active_compute_gw": "active compute",
    "capital_charge_usd_bn": "capital charge",
    "net_debt_usd_bn": "net debt",
    "group_earnings_usd_bn": "earnings of groups",
    "log_multiple": "multiples",
}
_LOGARITHMS = {"multiples"}
"""Links whose variable is a logarithm already."""

LINK_VARIABLES = (*_BEFORE, *_BY_ROW, *_AFTER)
"""Variables of the table that the links are read from; one that a future does not hold is no link of it."""


def carried_by(base: xr.Dataset, other: xr.Dataset) -> xr.Dataset:
    """What each link of the loop does in ``other`` against ``base``, in the order of the loop.

    Args:
        base: Futures of draws that run in both.
        other: The same draws under another scenario.

    Returns:
        ``link_difference`` (link, quarter): mean over draws of the difference, in logarithms or in the unit of the
        level (``link_scale`` says which); ``link_size`` (link, quarter): the same over the standard deviation of the
        base over its draws, NaN where there is none; ``link_first`` and ``link_largest`` (link): quarters, empty where
        the link never differs, with ``link_first_size`` and ``link_largest_size``.
    """
    labels = [str(quarter) for quarter in base["quarter"].values]
    rows = [_row(name, one, two, labels) for name, one, two in _links(base, other)]
    columns: dict[str, tuple[tuple[str, ...], list[object]]] = {
        key: (("link", "quarter") if key in ("link_difference", "link_size") else ("link",), [row[key] for row in rows])
        for key in (rows[0] if rows else {})
        if key != "link"
    }
    return xr.Dataset(columns, {"link": [row["link"] for row in rows], "quarter": labels})


def _links(base: xr.Dataset, other: xr.Dataset) -> Iterator[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    for name, label in _BEFORE.items():
        yield from _pair(label, name, base, other)
    for name, (axis, template) in _BY_ROW.items():
        if name in base and name in other:
            for at, row in enumerate(table()[name].coordinate_of[axis]):
                one, two = (future[name].isel({axis: at}).values for future in (base, other))
                yield template.format(row), np.asarray(one, float), np.asarray(two, float)
    for name, label in _AFTER.items():
        yield from _pair(label, name, base, other)


def _pair(
    label: str, name: str, base: xr.Dataset, other: xr.Dataset
) -> Iterator[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    if name in base and name in other:
        one, two = (_over_axes(future[name]) for future in (base, other))
        yield label, one, two


def _over_axes(values: xr.DataArray) -> NDArray[np.float64]:
    """Sum over builders or groups, mean over groups of a logarithm: one number a draw and quarter."""
    if "builder" in values.dims:
        values = values.sum("builder")
    if "group" in values.dims:
        values = values.mean("group") if values.name == "log_multiple" else values.sum("group")
    return np.asarray(values.values, dtype=np.float64)


def _row(name: str, one: NDArray[np.float64], two: NDArray[np.float64], labels: list[str]) -> dict[str, object]:
    positive = bool((one > 0).all() and (two > 0).all())
    is_log = name in _LOGARITHMS or positive
    if positive and name not in _LOGARITHMS:
        one, two = np.log(one), np.log(two)
    difference = two - one
    spread = one.std(axis=0)
    mean = difference.mean(axis=0)
    size = np.divide(mean, spread, out=np.full_like(mean, np.nan), where=spread > 0)
    threshold = DIFFERS if is_log else DIFFERS * spread
    differs = (np.abs(difference) > threshold).mean(axis=0) >= FEW
    first = int(differs.argmax()) if differs.any() else None
    largest = int(np.nanargmax(np.abs(np.where(differs, size, np.nan)))) if np.isfinite(size[differs]).any() else first
    return {
        "link": name,
        "link_scale": "log" if is_log else "level",
        "link_difference": mean,
        "link_size": size,
        "link_first": "" if first is None else labels[first],
        "link_first_size": np.nan if first is None else size[first],
        "link_largest": "" if largest is None else labels[largest],
        "link_largest_size": np.nan if largest is None else size[largest],
    }
