"""Parameters of the start on a past day: today's draws, with what was known then in the place of what is known now.

Money sets the scale. All AI spending follows from what the largest maker of accelerators sold, in the share of spending
that it has; spending over the cost of a GW is the flow of GW, and the flows until the day are what is in service. A
layer's capacity is the flow, times the spare room that its reported tightness leaves.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from headrace.parameters import recipes
from headrace.parameters.registry import registry
from headrace.past_start.dated_values import SHARES
from headrace.past_start.known import Known
from headrace.variables import BRANCH_OF, GROUPS, LAYERS, PLAYERS, REGIONS

Array = NDArray[np.float64]
Draws = Mapping[str, Array]

MOST_ROOM = 1.0
"""Of the logarithm of capacity over flow: nobody keeps three times what is ordered."""

UNREPORTED_TIGHTNESS = 0.5
"""Of a layer of which nothing was said, as a share of the backlog's length over the normal one, in logarithms."""

LEAST_DATA_CENTRE_LOAD = 0.3
"""Of a region's load of data centres today: ordinary ones stood before."""


def dated(drawn: Draws, start: Known) -> dict[str, Array]:
    """Draws of every parameter for a run that starts on a past day.

    Args:
        drawn: By dotted name, (draw,), from the tables; what is held stays held by whoever calls.
        start: What was known.

    Returns:
        All of ``drawn``, those of the start replaced. Accelerator mixes hold generations that today's do not.
    """
    values = dict(drawn) | _as_dated(drawn, start)
    cost = values["cost.it_usd_bn_per_gw"] + values["cost.site_usd_bn_per_gw"]
    sales = np.array(start.accelerator_sales_usd_bn)[:, np.newaxis]
    spending = sales / values["past.nvidia_share_of_ai_spending"]
    flow = spending / cost
    on_the_way = values["past.quarters_to_service"] * flow[-1]
    in_service = flow.sum(axis=0) + values["past.first_stock_quarters"] * flow[0] - on_the_way
    values["start.site_backlog_quarters"] = values["past.site_backlog_quarters"]
    values |= _spending(values, start, spending[-1])
    values |= _compute(values, in_service)
    values |= _capacities(values, start, flow[-1])
    values["demand.reference_revenue_usd_bn"] = start.model_revenue_usd_bn / values["demand.model_revenue_ratio_now"]
    low, high = values["expectation.lowest_growth"], values["expectation.highest_growth"]
    values["expectation.initial_growth"] = np.clip(start.model_revenue_growth, low, high)
    values |= {f"group.{group}.start_multiple": values[f"group.{group}.long_run_multiple"] for group in GROUPS}
    return values


def in_force(drawn: Draws, start: Known) -> dict[str, tuple[float, float, float]]:
    """Median, 5 and 95 % of every parameter that :func:`dated` replaces, by dotted name."""
    then = dated(drawn, start)
    replaced = {name: values for name, values in then.items() if values is not drawn.get(name)}
    return {name: _median_and_ends(values) for name, values in replaced.items()}


def _median_and_ends(values: Array) -> tuple[float, float, float]:
    low, median, high = np.quantile(values, (0.05, 0.5, 0.95)).tolist()
    return median, low, high


def _as_dated(drawn: Draws, start: Known) -> dict[str, Array]:
    """What the table of dated values says, with the relative spread that the parameter has today."""
    mixes = tuple(f".{share}" for share in SHARES if any(name.endswith(f".{share}") for name in start.values))
    found = {name: np.zeros_like(values) for name, values in drawn.items() if name.endswith(mixes)}
    count = len(next(iter(drawn.values())))
    for name, value in start.values.items():
        found[name] = np.full(count, float(value)) if name.endswith(mixes) else value * _spread(drawn, name)
    return found


def _spread(drawn: Draws, name: str) -> Array:
    """Draws of a parameter over its value in the tables; 1 where that is 0."""
    value = registry()[name].value
    return drawn[name] / value if value else np.ones_like(drawn[name])


def _spending(values: Draws, start: Known, total: Array) -> dict[str, Array]:
    """AI shares of the players, in the proportions judged today, and what everybody else spends."""
    filed = dict(zip(PLAYERS, start.capital_expenditure_usd_bn, strict=True))
    judged = sum(values[f"builder.{player}.ai_share"] * filed[player] for player in PLAYERS)
    scale = np.minimum(1.0, values["past.players_share_of_ai_spending"] * total / judged)
    rest = "builder.rest_of_world.ai_capital_expenditure_usd_bn"
    sovereign = "national.sovereign_demand_usd_bn"
    others = np.maximum(total - scale * judged, 0.0) / (values[rest] + values[sovereign])
    found = {f"builder.{player}.ai_share": scale * values[f"builder.{player}.ai_share"] for player in PLAYERS}
    found |= {rest: others * values[rest], sovereign: others * values[sovereign]}
    for player in PLAYERS:
        found[f"builder.{player}.guided_growth"] = np.full_like(total, start.guided_growth[player])
        found[f"builder.{player}.net_debt_usd_bn"] = np.full_like(total, start.net_debt_usd_bn.get(player, 0.0))
    found["rivalry.guided_quarters"] = np.full_like(total, start.guided_quarters)
    return found


def _compute(values: Draws, in_service: Array) -> dict[str, Array]:
    """Compute in service, what waits for power, and the load that grew with it."""
    today = values["start.active_compute_gw"]
    grown = in_service / today
    found = {
        name: grown * values[name]
        for name in ("start.active_compute_gw", "start.unpowered_it_gw", "start.cumulative_output_gw")
    }
    shares = sum(values[f"region.{region}.compute_share"] for region in REGIONS)
    draw = values["siting.power_usage_effectiveness"] * values["siting.load_factor"] * (today - in_service)
    for region in REGIONS:
        load = values[f"region.{region}.data_centre_load_gw"]
        less = draw * values[f"region.{region}.compute_share"] / shares
        found[f"region.{region}.data_centre_load_gw"] = np.maximum(LEAST_DATA_CENTRE_LOAD * load, load - less)
    return found


def _capacities(values: Draws, start: Known, flow: Array) -> dict[str, Array]:
    """Native capacities: those that are dated stay, others follow the flow and what was said of their tightness."""
    per_gw = dict(zip(LAYERS, recipes.recipes_now_and_next(values)[0], strict=True))
    found = {}
    for layer in LAYERS:
        name = next(name for name in values if name.startswith(f"{layer}.capacity_"))
        if name in start.values:
            continue
        branch = BRANCH_OF[layer]
        length = values[f"start.{branch}_backlog_quarters"]
        wanted = np.log(length / values[f"orders.{branch}_normal_lead_time_quarters"])
        tight = start.log_tightness.get(layer, UNREPORTED_TIGHTNESS * wanted)
        room = np.exp(np.clip(wanted - tight, 0.0, MOST_ROOM))
        found[name] = flow * room * _spread(values, name) * per_gw[layer] / values[f"{layer}.usable_share"]
    return found
