"""The same loop as a Numba kernel: one pass over all quarters for each world, in registers and first-level cache.

Takes the start that :mod:`headrace.simulation.start` solved and gives the four outputs of :data:`OUTPUTS`. It takes
every liberty a hand-written kernel may: logarithms shared between formulas, powers of time as running products, a ring
for the delay line, prices of electricity weighed once a world. It must agree with the loop: see :func:`differences`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numba import get_num_threads, njit, prange

from headrace.simulation.delay_line import SLOTS
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import BUILDERS, ENDINGS, GROUPS, IT_LAYERS, LAYERS, PLAYERS, REGIONS

OUTPUTS = ("active_compute_gw", "ai_capital_expenditure_usd_bn", "compute_revenue_usd_bn", "world_status")
"""What the kernel writes for every quarter."""

CHECKED = ("energised_gw", "net_debt_usd_bn", "regional_compute_gw", "log_multiple")
"""What it writes too when it is held against the loop: a link near the end of each chain of the step."""

TOLERANCE = {32: 1e-3, 64: 1e-9}

# Everything but the promise that no number is infinite or missing: the kernel has to find those that are.
FAST = {"nsz", "arcp", "contract", "afn", "reassoc"}

N_BUILDERS, N_PLAYERS, N_REGIONS, N_GROUPS = len(BUILDERS), len(PLAYERS), len(REGIONS), len(GROUPS)
N_IT, N_LAYERS = len(IT_LAYERS), len(LAYERS)
GENERATION, GRID = LAYERS.index("generation"), LAYERS.index("grid")
LOGIC, MEMORY, PACKAGING, SYSTEMS, OPTICS, CONSTRUCTION, COOLING, ELECTRICAL = (
    LAYERS.index(name)
    for name in ("logic", "memory", "packaging", "systems", "optics", "construction", "cooling", "electrical")
)
COMPUTE = GROUPS.index("compute")
RECENT = QUARTERS_PER_YEAR
UNFUNDED, COLLAPSED, STOPPED, OUT_OF_NUMBERS = (
    list(ENDINGS).index(name) for name in ("unfunded", "demand_collapsed", "supply_stopped", "out_of_numbers")
)

_WORLD = [
    "adoption.imitation",
    "adoption.innovation",
    "bottleneck.substitution_exponent",
    "builder.at_the_market_usd_bn",
    "builder.franchise_growth",
    "builder.pause_share",
    "builder.payout_share",
    "builder.prepayments_and_leases_usd_bn",
    "builder.rest_of_world.ai_capital_expenditure_usd_bn",
    "builder.rest_of_world.growth",
    "demand.compute_margin",
    "demand.efficiency",
    "demand.price_elasticity",
    "demand.reference_revenue_usd_bn",
    "demand.share_adjustment",
    "demand.smallest_revenue_share",
    "demand.utilisation",
    "demand.application_revenue_ratio_long_run",
    "demand.application_revenue_ratio_now",
    "demand.model_revenue_ratio_long_run",
    "demand.model_revenue_ratio_now",
    "energise.frontier_quality_factor",
    "energise.frontier_quality_growth",
    "energise.shell_decay",
    "expectation.highest_growth",
    "expectation.horizon_quarters",
    "expectation.learning_weight",
    "expectation.lowest_growth",
    "finance.it_economic_life_quarters",
    "funding.cash_tax_rate",
    "funding.debt_adjustment_quarters",
    "funding.debt_room_factor",
    "funding.external_funding_quarters",
    "funding.insolvency_years",
    "funding.investor_sensitivity",
    "funding.other_capex_growth",
    "funding.reinvestment_share",
    "funding.risk_free_rate",
    "funding.spread_at_no_debt",
    "funding.spread_per_year_of_debt",
    "funding.tax_depreciation_rate",
    "funding.widest_spread",
    "group.earnings_margin",
    "layer.availability",
    "layer.decay",
    "layer.demand_weight",
    "layer.expansion_response",
    "layer.fastest_growth",
    "layer.import_duty",
    "layer.lead_time_quarters",
    "layer.learning_rate",
    "layer.recipe_growth",
    "layer.scarcity_elasticity",
    "layer.trend_growth",
    "market.compute_bought_by_models",
    "market.designer_share_of_systems",
    "market.earning_power_share",
    "market.equipment_share_of_generation",
    "market.expected_earnings_growth",
    "market.extrapolation",
    "market.foundry_share_of_packaging",
    "market.log_multiple_shift",
    "market.logic_equipment_quarters",
    "market.memory_equipment_quarters",
    "market.models_bought_by_applications",
    "market.optics_share_of_optics",
    "market.packaging_equipment_quarters",
    "market.reversion",
    "market.smallest_earnings_usd_bn",
    "market.surprise_response",
    "national.bonus_depreciation_share",
    "national.procurement_share",
    "national.sovereign_demand_usd_bn",
    "orders.it_normal_lead_time_quarters",
    "orders.progress_rate",
    "orders.site_normal_lead_time_quarters",
    "orders.stock_correction",
    "orders.supply_line_weight",
    "recipe.transition_quarters",
    "region.compute_share",
    "region.data_centre_share_limit",
    "region.electricity_price_usd_per_mwh",
    "region.interconnection_share",
    "region.load_growth",
    "region.openness",
    "region.policy_weight",
    "rivalry.adjustment_speed",
    "rivalry.decisiveness",
    "rivalry.fastest_cut",
    "rivalry.fastest_rise",
    "rivalry.franchise_at_stake",
    "rivalry.guided_quarters",
    "rivalry.loss_aversion",
    "rivalry.pool_elasticity",
    "rivalry.technology_weight",
    "scarcity.pipeline_weight",
    "siting.load_factor",
    "siting.power_usage_effectiveness",
    "siting.price_elasticity",
    "start.announced_spending_usd_bn",
    "start.builder_log_multiple",
    "start.cumulative_output_gw",
    "start.debt_limit_years",
    "start.franchise_cash_flow_usd_bn",
    "start.grid_headroom_gw",
    "start.log_long_run_multiple",
    "start.net_debt_usd_bn",
    "start.ordinary_data_centre_share",
    "start.other_capital_expenditure_usd_bn",
    "start.reference_adoption",
    "start.reference_demand",
    "start.reference_effective_compute_gw",
    "start.reference_price_usd_bn_per_gw_quarter",
    "start.unit_cost_at_balance_usd_bn_per_gw",
]
_STATE = [
    "active_compute_gw",
    "adoption",
    "ai_capital_expenditure_usd_bn",
    "capacity_gw_per_quarter",
    "compute_quality_index",
    "cumulative_output_gw",
    "empty_shells_gw",
    "expansion_line_gw",
    "expected_growth",
    "frontier_quality_index",
    "group_earnings_usd_bn",
    "it_advances_usd_bn",
    "it_backlog_gw",
    "log_earning_power",
    "log_multiple",
    "market_share",
    "net_debt_usd_bn",
    "power_use_share",
    "previous_revenue_usd_bn",
    "price_growth",
    "recent_operating_cash_flow_usd_bn",
    "regional_compute_gw",
    "regional_connected_gw",
    "regional_other_load_gw",
    "site_advances_usd_bn",
    "site_backlog_gw",
    "undeducted_usd_bn",
    "unit_cost_usd_bn_per_gw",
    "unpowered_it_gw",
]


def packed(values: Mapping[str, Any], names: list[str], kind: type) -> np.ndarray:
    """``names`` of ``values`` as one record for each world, so that a world's numbers lie together."""
    arrays = {name.replace(".", "_"): np.moveaxis(np.asarray(values[name], kind), -1, 0) for name in names}
    records = np.empty(
        len(arrays["adoption" if "adoption" in arrays else "adoption_imitation"]),
        [(name, kind, array.shape[1:]) for name, array in arrays.items()],
    )
    for name, array in arrays.items():
        records[name] = array
    return records


def handed_over(state: Mapping[str, Any], world: Mapping[str, Any], kind: type) -> tuple[np.ndarray, np.ndarray]:
    """The start as the kernel reads it."""
    return packed(state, _STATE, kind), packed(world, _WORLD, kind)


def room(worlds: int, quarters: int, kind: type, checked: bool = False) -> tuple[np.ndarray, ...]:
    """Arrays for the outputs, (world, quarter, *row); those of CHECKED are empty unless they are wanted."""
    seen = worlds if checked else 0
    return (
        np.empty((worlds, quarters, N_BUILDERS), kind),
        np.empty((worlds, quarters, N_BUILDERS), kind),
        np.empty((worlds, quarters), kind),
        np.empty((worlds, quarters), np.int32),
        np.empty((seen, quarters, N_BUILDERS), kind),
        np.empty((seen, quarters, N_PLAYERS), kind),
        np.empty((seen, quarters, N_REGIONS), kind),
        np.empty((seen, quarters, N_GROUPS), kind),
    )


def futures(start: np.ndarray, world: np.ndarray, outputs: tuple[np.ndarray, ...], worlds_at_once: int = 64) -> None:
    """Fill ``outputs`` of :func:`room`, all cores at work."""
    _futures(start, world, outputs, max(get_num_threads(), -(-len(start) // worlds_at_once)))


def differences(loop: Mapping[str, Any], kernel: tuple[np.ndarray, ...]) -> dict[str, float]:
    """Largest difference of each output in worlds that run, over the mean size of its row and quarter.

    Args:
        loop: Outputs of the loop by name, (quarter, *row, world), those of OUTPUTS and CHECKED.
        kernel: What :func:`futures` filled, with room for CHECKED.
    """
    status = np.asarray(loop["world_status"])
    got = {name: np.moveaxis(values, 0, -1) for name, values in zip((*OUTPUTS, *CHECKED), kernel, strict=True)}
    runs = (status == 0) & (got["world_status"] == 0)
    found = {"world_status": float(np.mean(status != got.pop("world_status")))}
    for name, values in got.items():
        wanted = np.asarray(loop[name], np.float64)
        seen = runs if wanted.ndim == 2 else np.broadcast_to(runs[:, np.newaxis], wanted.shape)
        size = np.mean(np.abs(wanted), axis=-1, keepdims=True, where=seen)
        found[name] = float(np.max(np.abs(values - wanted) / size, where=seen, initial=0))
    return found


@njit(fastmath=FAST, inline="always")
def _smooth_minimum(logs: Any, first: int, last: int, exponent: Any, one: Any) -> Any:
    """Logarithm of the CES of members ``first`` .. ``last`` - 1, from their logarithms."""
    smallest = logs[first]
    for m in range(first + 1, last):
        smallest = min(smallest, logs[m])
    if smallest == -np.inf:
        return smallest
    total = one - one
    for m in range(first, last):
        total += np.exp(exponent * (smallest - logs[m]))
    return smallest - np.log(total) / exponent


@njit(parallel=True, fastmath=FAST, error_model="numpy")
def _futures(start: Any, world: Any, outputs: Any, pieces: int) -> None:
    worlds = start.shape[0]
    for piece in prange(pieces):
        _some(start, world, outputs, piece * worlds // pieces, (piece + 1) * worlds // pieces)


@njit(fastmath=FAST, error_model="numpy")
def _some(starts: Any, worlds: Any, outputs: Any, first_world: int, last_world: int) -> None:
    active_out, spending_out, revenue_out, status_out, energised_out, debt_out, regional_out, multiple_out = outputs
    quarters = revenue_out.shape[1]
    kind = revenue_out.dtype.type
    zero, one, two, four = kind(0), kind(1), kind(2), kind(QUARTERS_PER_YEAR)
    half, alike = one / two, one / kind(N_REGIONS)

    share = np.empty(N_BUILDERS, kind)
    effort = np.empty(N_BUILDERS, kind)
    active = np.empty(N_BUILDERS, kind)
    quality = np.empty(N_BUILDERS, kind)
    spending = np.empty(N_BUILDERS, kind)
    planned = np.empty(N_BUILDERS, kind)
    retired = np.empty(N_BUILDERS, kind)
    it_backlog = np.empty(N_BUILDERS, kind)
    site_backlog = np.empty(N_BUILDERS, kind)
    it_advances = np.empty(N_BUILDERS, kind)
    site_advances = np.empty(N_BUILDERS, kind)
    unpowered = np.empty(N_BUILDERS, kind)
    shells = np.empty(N_BUILDERS, kind)
    recent = np.empty((RECENT, N_PLAYERS), kind)
    debt = np.empty(N_PLAYERS, kind)
    undeducted = np.empty(N_PLAYERS, kind)
    franchise = np.empty(N_PLAYERS, kind)
    other = np.empty(N_PLAYERS, kind)
    mean_cash = np.empty(N_PLAYERS, kind)
    capacity = np.empty(N_LAYERS, kind)
    usable = np.empty(N_LAYERS, kind)
    line = np.empty((SLOTS, N_LAYERS), kind)
    pipeline = np.empty(N_LAYERS, kind)
    cumulative = np.empty(N_LAYERS, kind)
    unit_cost = np.empty(N_LAYERS, kind)
    use = np.empty(N_LAYERS, kind)
    learning = np.empty(N_LAYERS, kind)
    value = np.empty(N_LAYERS, kind)
    installed = np.empty(N_LAYERS, kind)
    logs = np.empty(N_LAYERS + 2, kind)
    compute = np.empty(N_REGIONS, kind)
    connected = np.empty(N_REGIONS, kind)
    load = np.empty(N_REGIONS, kind)
    draw = np.empty(N_REGIONS, kind)
    draw_on_site = np.empty(N_REGIONS, kind)
    linked = np.empty(N_REGIONS, kind)
    room_left = np.empty(N_REGIONS, kind)
    log_multiple = np.empty(N_GROUPS, kind)
    log_power = np.empty(N_GROUPS, kind)
    price_growth = np.empty(N_GROUPS, kind)
    sold = np.empty(N_GROUPS, kind)

    for i in range(first_world, last_world):
        start, w = starts[i], worlds[i]
        # State and what does not change over the run
        adopted, previous, growth = start.adoption, start.previous_revenue_usd_bn, start.expected_growth
        frontier = start.frontier_quality_index
        announced = zero
        for b in range(N_BUILDERS):
            share[b], active[b], quality[b] = (
                start.market_share[b],
                start.active_compute_gw[b],
                start.compute_quality_index[b],
            )
            spending[b] = start.ai_capital_expenditure_usd_bn[b]
            it_backlog[b], site_backlog[b] = start.it_backlog_gw[b], start.site_backlog_gw[b]
            it_advances[b], site_advances[b] = start.it_advances_usd_bn[b], start.site_advances_usd_bn[b]
            unpowered[b], shells[b] = start.unpowered_it_gw[b], start.empty_shells_gw[b]
            announced += w.start_announced_spending_usd_bn[b]
        for p in range(N_PLAYERS):
            for s in range(RECENT):
                recent[s, p] = start.recent_operating_cash_flow_usd_bn[s, p]
            debt[p], undeducted[p] = start.net_debt_usd_bn[p], start.undeducted_usd_bn[p]
            franchise[p] = w.start_franchise_cash_flow_usd_bn[p]
            other[p] = w.start_other_capital_expenditure_usd_bn[p]
        for k in range(N_LAYERS):
            capacity[k], cumulative[k] = start.capacity_gw_per_quarter[k], start.cumulative_output_gw[k]
            unit_cost[k], use[k] = start.unit_cost_usd_bn_per_gw[k], start.power_use_share[k]
            learning[k] = np.log2(one - w.layer_learning_rate[k])
            pipeline[k] = zero
            for s in range(SLOTS):
                line[s, k] = start.expansion_line_gw[s, k]
                pipeline[k] += line[s, k]
        cheapest = w.region_electricity_price_usd_per_mwh[0]
        all_present, all_linked = zero, zero
        for r in range(N_REGIONS):
            compute[r], connected[r] = start.regional_compute_gw[r], start.regional_connected_gw[r]
            load[r] = start.regional_other_load_gw[r]
            cheapest = min(cheapest, w.region_electricity_price_usd_per_mwh[r])
            all_present += w.region_compute_share[r]
            all_linked += w.region_interconnection_share[r]
        on_site_weights = zero
        for r in range(N_REGIONS):
            dearness = w.region_electricity_price_usd_per_mwh[r] / cheapest
            draw[r] = w.region_policy_weight[r] * dearness**-w.siting_price_elasticity
            linked[r] = w.region_interconnection_share[r] / all_linked if all_linked > zero else alike
            present = w.region_compute_share[r] / all_present if all_present > zero else alike
            draw_on_site[r] = present * draw[r]
            on_site_weights += draw_on_site[r]
        for r in range(N_REGIONS):
            draw_on_site[r] = draw_on_site[r] / on_site_weights if on_site_weights > zero else alike
        for g in range(N_GROUPS):
            log_multiple[g], log_power[g] = start.log_multiple[g], start.log_earning_power[g]
            price_growth[g] = start.price_growth[g]

        innovation, imitation = w.adoption_innovation, w.adoption_imitation
        decisiveness, technology = w.rivalry_decisiveness, w.rivalry_technology_weight
        pool_elasticity, loss_aversion = w.rivalry_pool_elasticity, w.rivalry_loss_aversion
        adjustment, speed = w.demand_share_adjustment, w.rivalry_adjustment_speed
        cut, rise = one + w.rivalry_fastest_cut, one + w.rivalry_fastest_rise
        inverse_elasticity = one / w.demand_price_elasticity
        demand_scale = (
            (one + w.national_procurement_share) / w.start_reference_demand * w.start_reference_effective_compute_gw
        )
        use_of_compute = w.demand_utilisation * w.demand_efficiency
        reference_price, reference_adoption = (
            w.start_reference_price_usd_bn_per_gw_quarter,
            w.start_reference_adoption,
        )
        it_lead, site_lead = w.orders_it_normal_lead_time_quarters, w.orders_site_normal_lead_time_quarters
        correct, weigh, progress_rate = (
            w.orders_stock_correction,
            w.orders_supply_line_weight,
            w.orders_progress_rate,
        )
        exponent, life = w.bottleneck_substitution_exponent, w.finance_it_economic_life_quarters
        bonus, tax, deduct = (
            w.national_bonus_depreciation_share,
            w.funding_cash_tax_rate,
            w.funding_tax_depreciation_rate,
        )
        per_load = w.siting_power_usage_effectiveness * w.siting_load_factor
        expected, extrapolation = w.market_expected_earnings_growth, w.market_extrapolation
        reversion, response, shift = (
            w.market_reversion,
            w.market_surprise_response,
            w.market_log_multiple_shift,
        )
        attainable_share, attainable_least = w.market_earning_power_share, w.market_smallest_earnings_usd_bn
        smallest_revenue = w.demand_smallest_revenue_share * w.demand_reference_revenue_usd_bn
        outside = w.builder_rest_of_world_ai_capital_expenditure_usd_bn + w.national_sovereign_demand_usd_bn
        other_growth, outside_growth = one + w.funding_other_capex_growth, one + w.builder_rest_of_world_growth
        status = 0

        for quarter in range(quarters):
            now = kind(quarter)
            # 1 and 2
            adopted = adopted + (innovation + imitation * adopted) * (one - adopted)
            hardware = zero
            efforts = zero
            for b in range(N_BUILDERS):
                hardware += active[b] * quality[b]
                effort[b] = np.exp(decisiveness * (np.log(active[b]) + technology * np.log(quality[b])))
                efforts += effort[b]
            used = use_of_compute * hardware
            revenue = used * reference_price * (adopted * demand_scale / used) ** inverse_elasticity
            margin = w.demand_compute_margin * revenue
            for b in range(N_BUILDERS):
                share[b] = (one - adjustment) * share[b] + adjustment * effort[b] / efforts

            # 3
            learnt = w.expectation_learning_weight
            growth = learnt * (revenue / previous - one) + (one - learnt) * growth
            growth = min(max(growth, w.expectation_lowest_growth), w.expectation_highest_growth)
            franchises = zero
            for p in range(N_PLAYERS):
                if quarter > 0:
                    franchise[p] *= one + w.builder_franchise_growth[p]
                    other[p] *= other_growth
                franchises += franchise[p]
            pool = margin * (one + growth) ** w.expectation_horizon_quarters
            pool += w.rivalry_franchise_at_stake * franchises

            # 4 and 5
            believed = one + np.tanh(
                w.funding_investor_sensitivity * (log_multiple[COMPUTE] - w.start_builder_log_multiple)
            )
            programme = min(max(w.funding_external_funding_quarters - now, zero), one)
            bottom, top = -kind(np.inf), kind(np.inf)
            for p in range(N_PLAYERS):
                threat, own = decisiveness * (one - share[p]), pool_elasticity * share[p]
                bottom, top = max(bottom, threat + own), min(top, loss_aversion * threat + own)
            guided = min(max(w.rivalry_guided_quarters - now, zero), one)
            spent = zero
            for b in range(N_BUILDERS):
                spent += spending[b]
            watched = guided * announced + (one - guided) * spent
            outside *= outside_growth
            for p in range(N_PLAYERS):
                mean = zero
                for s in range(RECENT):
                    mean += recent[s, p]
                mean /= four
                mean_cash[p] = mean
                seen_payout = w.builder_payout_share[p]
                payout = seen_payout * (one + (one - believed) * (one - seen_payout))
                external = programme * (
                    believed * w.builder_at_the_market_usd_bn[p] + w.builder_prepayments_and_leases_usd_bn[p]
                )
                debt_room = max(zero, w.start_debt_limit_years[p] * four * mean - debt[p])
                limit = w.funding_reinvestment_share * (one - payout) * mean + external
                limit += believed * w.funding_debt_room_factor * debt_room / w.funding_debt_adjustment_quarters
                lowest, highest = bottom, top
                if bottom > top:
                    threat, own = decisiveness * (one - share[p]), pool_elasticity * share[p]
                    lowest, highest = threat + own, loss_aversion * threat + own
                wanted = share[p] * min(max(watched, lowest * pool), highest * pool)
                target = min(wanted, max(zero, limit - other[p]))
                moved = spending[p] + speed * (target - spending[p])
                moved = min(max(moved, spending[p] * cut), spending[p] * rise)
                planned[p] = (one - w.builder_pause_share[p]) * moved
            planned[N_PLAYERS] = outside

            # 6
            it_cost, site_cost = zero, zero
            for k in range(N_IT):
                it_cost += use[k] * (one + w.layer_import_duty[k]) * unit_cost[k]
            for k in range(N_IT, N_LAYERS):
                site_cost += use[k] * (one + w.layer_import_duty[k]) * unit_cost[k]
            both = it_cost + site_cost
            it_on_order, site_on_order = zero, zero
            for b in range(N_BUILDERS):
                it_on_order += it_backlog[b]
                site_on_order += site_backlog[b]

            # 7
            open_share = zero
            for r in range(N_REGIONS):
                drawn = per_load * connected[r]
                total = load[r] + drawn
                limit_share = w.region_data_centre_share_limit[r]
                data_centres = w.start_ordinary_data_centre_share[r] * load[r] + drawn
                room_now = max(zero, (limit_share - data_centres / total) * total / (one - limit_share))
                had = w.start_grid_headroom_gw[r]
                room_left[r] = min(one, room_now / had) if had > zero else zero
                open_share += linked[r] * w.region_openness[r] * room_left[r]
            ramp = min(max((now + one) / w.recipe_transition_quarters, zero), one)
            for k in range(N_LAYERS):
                usable[k] = w.layer_availability[k] * capacity[k]
                usable[k] /= one + (w.layer_recipe_growth[k] - one) * ramp
            usable[GRID] *= open_share
            # Wanted, then members: IT in 0 .. N_IT, site behind it with power last.
            log_it_wanted, log_site_wanted = np.log(it_on_order / it_lead), np.log(site_on_order / site_lead)
            logs[0] = log_it_wanted
            for k in range(N_IT):
                logs[1 + k] = np.log(usable[k])
            logs[1 + N_IT] = log_site_wanted
            for k in range(N_IT, N_LAYERS - 2):
                logs[2 + k] = np.log(usable[k])
            logs[N_LAYERS] = np.log(usable[GENERATION] + usable[GRID])
            log_it_flow = _smooth_minimum(logs, 0, 1 + N_IT, exponent, one)
            log_site_flow = _smooth_minimum(logs, 1 + N_IT, N_LAYERS + 1, exponent, one)
            it_flow, site_flow = np.exp(log_it_flow), np.exp(log_site_flow)
            it_part, site_part = it_flow / it_on_order, site_flow / site_on_order

            unfunded = False
            energised_sum, retired_sum = zero, zero
            sum_of_stocks = zero
            for b in range(N_BUILDERS):
                retired[b] = active[b] / life
                balanced = planned[b] / both
                it_balanced = balanced + retired[b] * site_cost / both
                it_ahead = unpowered[b] + weigh * (it_backlog[b] - it_lead * it_balanced)
                site_ahead = shells[b] + weigh * (site_backlog[b] - site_lead * (it_balanced - retired[b]))
                correction = correct * (it_ahead - site_ahead) - retired[b]
                correction = min(max(correction, -planned[b] / it_cost), planned[b] / site_cost)
                it_ordered = balanced - correction * site_cost / both
                site_ordered = balanced + correction * it_cost / both

                it_shipped, site_shipped = it_part * it_backlog[b], site_part * site_backlog[b]
                delivered = it_cost * it_shipped
                drawn = min(it_advances[b] * it_part, delivered)
                it_backlog[b] -= it_shipped
                progress = progress_rate * max(zero, it_cost * it_backlog[b] - (it_advances[b] - drawn)) / it_lead
                it_advances[b] += progress - drawn
                paid = delivered - drawn + progress
                delivered = site_cost * site_shipped
                drawn = min(site_advances[b] * site_part, delivered)
                site_backlog[b] -= site_shipped
                progress = (
                    progress_rate * max(zero, site_cost * site_backlog[b] - (site_advances[b] - drawn)) / site_lead
                )
                site_advances[b] += progress - drawn
                paid += delivered - drawn + progress
                it_backlog[b] += it_ordered
                site_backlog[b] += site_ordered
                spending[b] = paid

                # 9 and 10
                machines = unpowered[b] + it_shipped
                housed = (one - w.energise_shell_decay) * shells[b] + site_shipped + retired[b]
                energised = min(machines, housed)
                unpowered[b], shells[b] = machines - energised, housed - energised
                kept = active[b] - retired[b]
                active[b] = kept + energised
                quality[b] = (kept * quality[b] + energised * w.energise_frontier_quality_factor * frontier) / active[b]
                energised_sum += energised
                retired_sum += retired[b]
                sum_of_stocks += it_advances[b] + site_advances[b] + it_backlog[b] + site_backlog[b]
                sum_of_stocks += active[b] + quality[b] + paid + unpowered[b] + shells[b] + share[b]
                active_out[i, quarter, b], spending_out[i, quarter, b] = active[b], paid
                if energised_out.shape[0]:
                    energised_out[i, quarter, b] = energised
            frontier *= one + w.energise_frontier_quality_growth

            # 5
            for p in range(N_PLAYERS):
                mean = mean_cash[p]
                earns = mean > zero
                years = debt[p] / (four * mean if earns else four)
                spread = w.funding_widest_spread
                if earns:
                    spread = min(
                        w.funding_spread_at_no_debt + w.funding_spread_per_year_of_debt * max(zero, years),
                        spread,
                    )
                raised = max(zero, debt[p] - w.start_net_debt_usd_bn[p])
                interest = (w.funding_risk_free_rate + spread) / four * raised
                deferred, recovered = (one - bonus) * spending[p], deduct * undeducted[p]
                undeducted[p] += deferred - recovered
                cash = franchise[p] + share[p] * margin - interest + tax * (recovered - deferred)
                seen_payout = w.builder_payout_share[p]
                payout = seen_payout * (one + (one - believed) * (one - seen_payout))
                external = programme * (
                    believed * w.builder_at_the_market_usd_bn[p] + w.builder_prepayments_and_leases_usd_bn[p]
                )
                borrowed = spending[p] + other[p] - (one - payout) * cash - external
                debt[p] += borrowed
                for s in range(RECENT - 1):
                    recent[s, p] = recent[s + 1, p]
                recent[RECENT - 1, p] = cash
                most = max(zero, w.funding_insolvency_years * four * mean)
                unfunded = unfunded or (debt[p] > most and borrowed > zero)
                sum_of_stocks += debt[p] + undeducted[p] + cash
                if debt_out.shape[0]:
                    debt_out[i, quarter, p] = debt[p]

            # 8
            grid_first = min(usable[GRID], site_flow)
            if (one + w.layer_import_duty[GRID]) * unit_cost[GRID] > (
                one + w.layer_import_duty[GENERATION]
            ) * unit_cost[GENERATION]:
                grid_first = site_flow - min(usable[GENERATION], site_flow)
            for k in range(N_LAYERS):
                is_it = k < N_IT
                flow, log_flow = (it_flow, log_it_flow) if is_it else (site_flow, log_site_flow)
                log_wanted = log_it_wanted if is_it else log_site_wanted
                log_usable = logs[1 + k] if is_it else logs[min(2 + k, N_LAYERS)]
                use[k] = one
                if k == GRID:
                    use[k] = grid_first / site_flow
                elif k == GENERATION:
                    use[k] = one - grid_first / site_flow
                weight = w.layer_demand_weight[k]
                log_tight = (one - weight) * log_flow + weight * log_wanted - log_usable
                made = flow * use[k]
                value[k] = made * unit_cost[k]
                cumulative[k] += made
                learnt_cost = w.start_unit_cost_at_balance_usd_bn_per_gw[k] * np.exp(
                    learning[k] * np.log(cumulative[k] / w.start_cumulative_output_gw[k])
                )
                lead = w.layer_lead_time_quarters[k]
                installed[k] = learnt_cost * pipeline[k] / lead
                unit_cost[k] = learnt_cost * np.exp(w.layer_scarcity_elasticity[k] * log_tight)
                wish = w.layer_expansion_response[k] * (np.exp(log_tight) - one) + w.layer_trend_growth[k]
                wish = wish * capacity[k] - w.scarcity_pipeline_weight * pipeline[k] / lead
                entering = min(max(wish, zero), w.layer_fastest_growth[k] * capacity[k])
                slot = quarter % SLOTS
                arrived = line[slot, k]
                line[slot, k] = zero
                whole = int(lead)
                late = lead - kind(whole)
                line[(quarter + whole) % SLOTS, k] += (one - late) * entering
                if late > zero:
                    line[(quarter + whole + 1) % SLOTS, k] += late * entering
                pipeline[k] += entering - arrived
                capacity[k] = (one - w.layer_decay[k]) * capacity[k] + arrived
                sum_of_stocks += capacity[k] + unit_cost[k] + cumulative[k] + pipeline[k]

            # 9 by region
            weights = zero
            world_compute = zero
            for r in range(N_REGIONS):
                open_room = w.region_interconnection_share[r] * w.region_openness[r] * room_left[r]
                linked_now = open_room * draw[r]
                weights += linked_now
                world_compute += compute[r]
                room_left[r] = open_room
            rooms = zero
            for r in range(N_REGIONS):
                rooms += room_left[r]
            added = max(zero, energised_sum - retired_sum)
            left = one - max(zero, retired_sum - energised_sum) / world_compute
            for r in range(N_REGIONS):
                on_grid = draw_on_site[r]
                if weights > zero:
                    on_grid = room_left[r] * draw[r] / weights
                elif rooms > zero:
                    on_grid = room_left[r] / rooms
                through_grid = use[GRID] * on_grid
                siting = through_grid + (one - use[GRID]) * draw_on_site[r]
                compute[r] = left * compute[r] + siting * added
                connected[r] = left * connected[r] + through_grid * added
                load[r] *= one + w.region_load_growth[r]
                sum_of_stocks += compute[r] + connected[r] + load[r]
                if regional_out.shape[0]:
                    regional_out[i, quarter, r] = compute[r]

            # 11
            spread_of_use = (adopted - reference_adoption) / (one - reference_adoption)
            model_now, model_end = w.demand_model_revenue_ratio_now, w.demand_model_revenue_ratio_long_run
            use_now, use_end = w.demand_application_revenue_ratio_now, w.demand_application_revenue_ratio_long_run
            models = revenue * (model_now + (model_end - model_now) * spread_of_use)
            applications = revenue * (use_now + (use_end - use_now) * spread_of_use)
            foundry = w.market_foundry_share_of_packaging * value[PACKAGING]
            designers = w.market_designer_share_of_systems * value[SYSTEMS]
            optics = w.market_optics_share_of_optics * value[OPTICS]
            equipment = w.market_equipment_share_of_generation * value[GENERATION]
            sold[0] = value[LOGIC] + foundry
            sold[1] = (
                w.market_logic_equipment_quarters * installed[LOGIC]
                + w.market_memory_equipment_quarters * installed[MEMORY]
                + w.market_packaging_equipment_quarters * installed[PACKAGING]
            )
            sold[2], sold[3] = value[MEMORY], value[PACKAGING] - foundry
            sold[4], sold[5] = designers, value[SYSTEMS] - designers
            sold[6], sold[7] = optics, value[OPTICS] - optics
            sold[8], sold[9], sold[10] = value[CONSTRUCTION], value[COOLING], value[ELECTRICAL]
            sold[11], sold[12] = equipment, value[GENERATION] - equipment
            sold[13], sold[14], sold[15], sold[16] = value[GRID], revenue, models, applications
            for g in range(N_GROUPS):
                kept = sold[g]
                if g == COMPUTE:
                    kept = margin
                elif g == COMPUTE + 1:
                    kept = models - w.market_compute_bought_by_models * revenue
                elif g == COMPUTE + 2:
                    kept = applications - w.market_models_bought_by_applications * models
                earned = w.group_earnings_margin[g] * kept
                attainable = attainable_share * sold[g] + attainable_least
                size = abs(earned)
                root = half * (size + np.sqrt(size * size + four * attainable * attainable))
                if earned < zero:
                    root = attainable * attainable / root
                power = np.log(root)
                earned_growth = power - log_power[g]
                rerated = (
                    reversion * (w.start_log_long_run_multiple[g] - log_multiple[g])
                    + response * (earned_growth - expected)
                    + extrapolation * (price_growth[g] - expected)
                    + shift
                )
                log_power[g] = power
                price_growth[g] = earned_growth + rerated
                log_multiple[g] += rerated
                sum_of_stocks += log_multiple[g] + power
                if multiple_out.shape[0]:
                    multiple_out[i, quarter, g] = log_multiple[g]

            if status == 0:
                if it_flow <= zero or site_flow <= zero or it_on_order <= zero or site_on_order <= zero:
                    status = STOPPED
                elif revenue < smallest_revenue:
                    status = COLLAPSED
                elif unfunded:
                    status = UNFUNDED
                elif not np.isfinite(sum_of_stocks + revenue + growth):
                    status = OUT_OF_NUMBERS
            previous = revenue
            revenue_out[i, quarter], status_out[i, quarter] = revenue, status


Kernel = Callable[[Any, Any, tuple[np.ndarray, ...]], None]
