"""Scarcity and price in every draw and quarter: flows within members, shadow prices, costs, the market for compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from headrace.variables import IT_LAYERS, LAYERS, PLAYERS

if TYPE_CHECKING:
    from tests.laws.conftest import Run

pytestmark = pytest.mark.xdist_group("laws")

PLAYING = slice(0, len(PLAYERS))
IT, SITE = slice(0, len(IT_LAYERS)), slice(len(IT_LAYERS), len(LAYERS))
GENERATION, GRID = LAYERS.index("generation"), LAYERS.index("grid")


def members(run: Run) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Flow, desired flow and members of each branch; power is one member of the site branch."""
    capacity = run.outputs["capacity_gw_per_quarter"]
    power = capacity[..., [GENERATION, GRID]].sum(axis=-1, keepdims=True)
    alone = np.delete(capacity, [GENERATION, GRID], axis=-1)[..., len(IT_LAYERS) :]
    of = {"it": capacity[..., IT], "site": np.concatenate([alone, power], axis=-1)}
    return {
        branch: (
            run.outputs[f"{branch}_shipments_gw"].sum(axis=-1),
            run.outputs[f"{branch}_desired_flow_gw"],
            of[branch],
        )
        for branch in of
    }


@pytest.mark.parametrize("branch", ["it", "site"])
def test_flow_is_at_most_every_member_and_what_is_desired(branch: str, run: Run) -> None:
    flow, desired, capacities = members(run)[branch]
    rounding = 1 + 64 * run.eps
    assert np.all(flow <= desired * rounding)
    assert np.all(flow[..., None] <= capacities * rounding)
    assert flow.min() > 0


@pytest.mark.parametrize("branch", ["it", "site"])
def test_members_at_their_shadow_prices_make_up_the_flow(branch: str, run: Run) -> None:
    # Euler: the CES is homogeneous of degree one. A price (S/K)^(ρ+1) carries ρ + 1 roundings of S/K
    flow, desired, capacities = members(run)[branch]
    priced = run.outputs["static_shadow_price"]
    member_prices = priced[..., IT] if branch == "it" else priced[..., SITE][..., [0, 1, 2, GRID - len(IT_LAYERS)]]
    exponent = run.parameter("bottleneck.substitution_exponent")
    together = (capacities * member_prices).sum(axis=-1) + desired * (flow / desired) ** (exponent + 1)
    assert np.all(np.abs(together - flow) <= 64 * run.eps * (exponent + 1) * flow)


def test_grid_and_generation_have_one_price(run: Run) -> None:
    price = run.outputs["static_shadow_price"]
    assert np.array_equal(price[..., GRID], price[..., GENERATION])


def used_gw(run: Run) -> np.ndarray:
    """Compute in use, weighed by quality, after what software makes of it."""
    fleet = (run.before("active_compute_gw") * run.before("compute_quality_index")).sum(axis=-1)
    return run.parameter("demand.utilisation") * run.parameter("demand.efficiency") * fleet


def test_compute_earns_its_price(run: Run) -> None:
    revenue = run.outputs["compute_price_usd_bn_per_gw_quarter"] * used_gw(run)
    assert np.abs(run.outputs["compute_revenue_usd_bn"] / revenue - 1).max() <= 256 * run.eps


def test_the_price_of_compute_clears_the_market(run: Run) -> None:
    # F (1 + π) over that of the reference × effective reference GW / effective GW = (P / P_ref)^ε
    wanted = run.outputs["adoption_fraction"] * (1 + run.parameter("national.procurement_share"))
    wanted = wanted / run.parameter("start.reference_demand")
    wanted = wanted * run.parameter("start.reference_effective_compute_gw") / used_gw(run)
    price = run.outputs["compute_price_usd_bn_per_gw_quarter"]
    paid = price / run.parameter("start.reference_price_usd_bn_per_gw_quarter")
    assert np.abs(paid ** run.parameter("demand.price_elasticity") / wanted - 1).max() <= 1024 * run.eps


def by_layer(run: Run, it: str, site: str) -> np.ndarray:
    """A value of each branch, on the axis of layers; sums over builders where there are any."""
    values = [run.outputs[name] for name in (it, site)]
    both = [value.sum(axis=-1) if value.ndim > 2 else value for value in values]
    return np.concatenate([np.repeat(both[0][..., None], 5, -1), np.repeat(both[1][..., None], 5, -1)], axis=-1)


def test_tightness_is_between_what_flows_and_what_is_wanted_over_what_a_layer_can_do(run: Run) -> None:
    capacity = run.outputs["capacity_gw_per_quarter"].copy()
    capacity[..., [GENERATION, GRID]] = capacity[..., [GENERATION, GRID]].sum(axis=-1, keepdims=True)
    flow, wanted = (
        by_layer(run, "it_shipments_gw", "site_shipments_gw"),
        by_layer(run, "it_desired_flow_gw", "site_desired_flow_gw"),
    )
    weight = run.parameter("layer.demand_weight")
    tight = flow ** (1 - weight) * wanted**weight / capacity
    assert np.abs(run.outputs["tightness"] / tight - 1).max() <= 256 * run.eps


def test_a_layer_costs_its_learnt_cost_times_the_price_of_its_scarcity(run: Run) -> None:
    flow = by_layer(run, "it_shipments_gw", "site_shipments_gw")
    first = run.parameter("start.cumulative_output_gw")
    cumulative = first + np.cumsum(flow * run.outputs["power_use_share"], axis=1)
    learning = np.log2(1 - run.parameter("layer.learning_rate"))
    learnt = run.parameter("start.unit_cost_at_balance_usd_bn_per_gw") * (cumulative / first) ** learning
    premium = run.outputs["tightness"] ** run.parameter("layer.scarcity_elasticity")
    assert np.abs(run.outputs["scarcity_price"] / premium - 1).max() <= 1024 * run.eps
    following = run.outputs["unit_cost_usd_bn_per_gw"][:, 1:]
    assert np.abs(following / (learnt * premium)[:, :-1] - 1).max() <= 4096 * run.eps


@pytest.mark.parametrize(("branch", "layers"), [("it", IT), ("site", SITE)])
def test_a_branch_costs_the_sum_of_its_layers_duties_on_top(branch: str, layers: slice, run: Run) -> None:
    use = run.before("power_use_share")[..., layers]
    landed = (1 + run.parameter("layer.import_duty")) * run.outputs["unit_cost_usd_bn_per_gw"]
    together = (use * landed[..., layers]).sum(axis=-1)
    assert np.abs(run.outputs[f"{branch}_unit_cost_usd_bn_per_gw"] / together - 1).max() <= 256 * run.eps


def test_adoption_rises_and_stays_a_share(run: Run) -> None:
    adopted = np.concatenate([run.opening["adoption"][:, None], run.outputs["adoption_fraction"]], axis=1)
    assert np.all(np.diff(adopted, axis=1) >= 0)
    assert np.all((adopted > 0) & (adopted <= 1))


def test_plans_move_no_faster_than_stated(run: Run) -> None:
    before = run.before("ai_capital_expenditure_usd_bn")[..., PLAYING]
    change = run.outputs["planned_ai_capital_expenditure_usd_bn"][..., PLAYING] / np.where(before > 0, before, 1) - 1
    rounding, not_withheld = 64 * run.eps, 1 - run.parameter("builder.pause_share")
    assert np.all(1 + change >= (1 + run.parameter("rivalry.fastest_cut", 1)) * not_withheld - rounding)
    assert np.all(1 + change <= (1 + run.parameter("rivalry.fastest_rise", 1)) * not_withheld + rounding)
