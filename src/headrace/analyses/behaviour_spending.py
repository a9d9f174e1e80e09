"""The first five sentences: how spending goes, what holds it, what it does to debt, how orders swing, what waits."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace._types import Headline
from headrace.analyses.figures import drawn_figure, percent_span, span
from headrace.analyses.shapes import (
    LAST,
    Draws,
    at,
    bottom_of_fall,
    in_year,
    largest_fall,
    median_quarter,
    position,
    total,
    up_to_last,
    variability_ratio,
)

VARIABLES = (
    "ai_capital_expenditure_usd_bn",
    "planned_ai_capital_expenditure_usd_bn",
    "spend_to_pool_ratio",
    "band_top_ratio",
    "band_bottom_ratio",
    "demand_elasticity",
    "funding_elasticity",
    "net_debt_usd_bn",
    "it_orders_gw",
    "it_shipments_gw",
    "it_payment_usd_bn",
    "it_backlog_gw",
    "unpowered_it_gw",
    "empty_shells_gw",
)

_END = "2030Q4"
_YEAR = 2030
_A_FALL = 0.05
"""A path whose largest fall is smaller in the median has no trough worth the name."""


def sentences(future: xr.Dataset) -> list[Headline]:
    """Spending, limits, debt, chips, waiting."""
    return [_spending(future), _limits(future), _debt(future), _chips(future), _waiting(future)]


def _spending(future: xr.Dataset) -> Headline:
    name = "ai_capital_expenditure_usd_bn"
    first = str(future["quarter"].values[0])
    path = up_to_last(future, total(future, name))
    falls = largest_fall(path)
    bottom = bottom_of_fall(path)
    start = drawn_figure("spending_start", f"AI capital expenditure in {first}", path[:, 0], "USD bn", name)
    end = drawn_figure("spending_end", f"AI capital expenditure in {_END}", at(future, name, _END), "USD bn", name)
    fall = drawn_figure("spending_fall", f"Largest fall from an earlier peak before {LAST[:4]} ends", falls, "1", name)
    deep = float((falls > 2 * _A_FALL).mean())
    sentence = (
        f"AI capital expenditure of all builders {'rises' if end.median > start.median else 'falls'} from "
        f"{span(start, 0)} USD bn in {first} to {span(end, 0)} in {_END}"
    )
    if fall.median >= _A_FALL:
        low = drawn_figure(
            "spending_trough", "AI capital expenditure at the trough", _taken(path, bottom), "USD bn", name
        )
        recovered = float((path[:, -1] >= np.maximum.accumulate(path, axis=1)[np.arange(len(path)), bottom]).mean())
        sentence += (
            f", through a trough: it falls by {percent_span(fall)} from an earlier peak to {span(low, 0)} in "
            f"{median_quarter(future, bottom)} and is above that peak again by {LAST} in {recovered:.0%} of draws."
        )
        return Headline("spending", "AI capital expenditure", sentence, (start, end, fall, low))
    sentence += (
        f", without a trough: the largest fall from an earlier peak is {percent_span(fall)}, and more than "
        f"{2 * _A_FALL:.0%} in {deep:.0%} of draws."
    )
    return Headline("spending", "AI capital expenditure", sentence, (start, end, fall))


def _limits(future: xr.Dataset) -> Headline:
    plan, paid = total(future, "planned_ai_capital_expenditure_usd_bn"), total(future, VARIABLES[0])
    holding = future["funding_elasticity"].values, future["demand_elasticity"].values
    held_share = holding[0] / np.where(holding[0] + holding[1] > 0, holding[0] + holding[1], 1)
    held = drawn_figure(
        "held", f"Planned spending held by funding in {_YEAR}", in_year(future, held_share, _YEAR), "1",
        "funding_elasticity",
    )  # fmt: skip
    unpaid = drawn_figure(
        "unpaid", f"Planned spending not paid in {_YEAR}", in_year(future, 1 - paid / plan, _YEAR), "1",
        "planned_ai_capital_expenditure_usd_bn",
    )  # fmt: skip
    ratio = future["spend_to_pool_ratio"].values
    above = float((ratio > future["band_top_ratio"].values)[:, 0].mean())
    below = float((ratio < future["band_bottom_ratio"].values)[:, position(future, _END)].mean())
    if max(held.median, unpaid.median) <= 0:
        holder = "nothing holds it but the plans themselves"
    elif unpaid.median > held.median:
        holder = "what is ordered and cannot be delivered holds it more than money does"
    else:
        holder = "money holds it more than deliveries do"
    sentence = (
        f"Funding holds {percent_span(held)} of planned spending in {_YEAR} and {percent_span(unpaid)} of it is not "
        f"paid: {holder}; spend is above the band of the race in {above:.0%} of draws at the start and below it in "
        f"{below:.0%} in {_END}."
    )
    return Headline("limits", "What holds spending", sentence, (held, unpaid))


def _debt(future: xr.Dataset) -> Headline:
    name = "net_debt_usd_bn"
    path = up_to_last(future, total(future, name))
    first = str(future["quarter"].values[0])
    change = drawn_figure(
        "debt_change", f"Net debt of the five, {first} to {LAST}", path[:, -1] - path[:, 0], "USD bn", name
    )
    most = drawn_figure("debt_peak", "Net debt of the five at its peak", path.max(axis=1), "USD bn", name)
    rises = float((path[:, -1] > path[:, 0]).mean())
    done = "raise" if change.median > 0 else "pay back"
    sentence = (
        f"From {first} to {LAST} the five {done} {abs(change.median):,.0f} USD bn of net debt (change "
        f"{change.median:+,.0f} [{change.low:+,.0f} to {change.high:+,.0f}], higher in {rises:.0%} of draws); its peak "
        f"of {span(most, 0)} is in {median_quarter(future, path.argmax(axis=1))} in the median."
    )
    return Headline("debt", "Net debt of the five", sentence, (change, most))


def _chips(future: xr.Dataset) -> Headline:
    name = "it_payment_usd_bn"
    paid = up_to_last(future, total(future, name))
    orders, delivered = (up_to_last(future, total(future, name)) for name in ("it_orders_gw", "it_shipments_gw"))
    wait = total(future, "it_backlog_gw") / total(future, "it_shipments_gw")
    start = drawn_figure("chips_start", "Paid for IT in the first quarter", paid[:, 0], "USD bn", name)
    end = drawn_figure("chips_end", f"Paid for IT in {_END}", at(future, name, _END), "USD bn", name)
    fall = drawn_figure("chips_fall", "Largest fall of IT payments", largest_fall(paid), "1", name)
    swing = drawn_figure(
        "bullwhip", "Variability of IT orders over that of deliveries", variability_ratio(orders, delivered), "1",
        "it_orders_gw",
    )  # fmt: skip
    first, last = (float(np.median(wait[:, quarter])) for quarter in (0, position(future, _END)))
    sentence = (
        f"Chips and systems {'rise' if end.median > start.median else 'fall'} from {span(start, 0)} to {span(end, 0)} "
        f"USD bn a quarter by {_END}, the largest fall being {percent_span(fall)}; there is "
        f"{'a' if swing.median > 1 else 'no'} bullwhip: orders vary {span(swing, 2)} times as much as deliveries, and "
        f"the backlog {'grows' if last > first else 'shrinks'} from {first:.1f} to {last:.1f} quarters of deliveries."
    )
    return Headline("chips", "Orders and deliveries of IT", sentence, (start, end, fall, swing))


def _waiting(future: xr.Dataset) -> Headline:
    it, shells = total(future, "unpowered_it_gw"), total(future, "empty_shells_gw")
    peak = drawn_figure(
        "unpowered_peak", "Peak of unpowered IT", up_to_last(future, it).max(axis=1), "GW", "unpowered_it_gw"
    )
    when = median_quarter(future, up_to_last(future, it).argmax(axis=1))
    empty = drawn_figure(
        "empty_end", f"Empty powered shells in {_END}", at(future, "empty_shells_gw", _END), "GW", "empty_shells_gw"
    )
    shares = [float((it > shells)[:, position(future, quarter)].mean()) for quarter in ("2026Q4", _END)]
    sides = ["IT waits for shells" if share > 1 / 2 else "shells wait for IT" for share in shares]
    most = [max(share, 1 - share) for share in shares]
    joined = "and" if sides[0] == sides[1] else "but"
    sentence = (
        f"In 2026Q4 {sides[0]} in {most[0]:.0%} of draws, {joined} in {_END} {sides[1]} in {most[1]:.0%}: unpowered IT "
        f"peaks at {span(peak, 1)} GW, in {when} in the median, and {span(empty, 0)} GW of powered shells stand empty "
        f"in {_END}."
    )
    return Headline("waiting", "What waits", sentence, (peak, empty))


def _taken(path: Draws, positions: NDArray[np.int64]) -> Draws:
    values: Draws = path[np.arange(len(path)), positions]
    return values
