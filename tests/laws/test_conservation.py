"""What must hold in every draw and quarter: nothing is made or lost, nobody pays what nobody gets.

A law is a sum of terms that is zero. Its error may be 64 roundings of its gross flows, in the precision of the loop.
In the first quarter the stock before comes from a second compilation of the start, whose rounding is of the stock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from headrace.variables import BUILDERS, IT_LAYERS, LAYERS, PLAYERS, SITE_LAYERS

if TYPE_CHECKING:
    from tests.laws.conftest import Run

pytestmark = pytest.mark.xdist_group("future")

PLAYING = slice(0, len(PLAYERS))
IT, SITE = slice(0, len(IT_LAYERS)), slice(len(IT_LAYERS), len(LAYERS))
GENERATION, GRID = LAYERS.index("generation"), LAYERS.index("grid")


def holds(run: Run, *flows: np.ndarray, change: np.ndarray | None = None, stock: np.ndarray | None = None) -> None:
    """Assert that ``flows`` sum to ``change``, the change of a ``stock``."""
    gross = sum(np.abs(flow) for flow in flows)
    allowed = 64 * run.eps * gross
    error = sum(flows[1:], start=flows[0]) - (0 if change is None else change)
    if stock is not None:
        allowed[:, 0] += 64 * run.eps * np.abs(stock[:, 0])
    worst = np.max(np.abs(error) - allowed)
    assert worst <= 0, f"off by {np.abs(error).max():.3g}, {np.nanmax(np.abs(error) / allowed) * 64:.0f} roundings"


@pytest.mark.parametrize("branch", ["it", "site"])
def test_orders_less_shipments_are_the_change_of_backlog(branch: str, run: Run) -> None:
    before, after = run.before(f"{branch}_backlog_gw"), run.outputs[f"{branch}_backlog_gw"]
    ordered, shipped = run.outputs[f"{branch}_orders_gw"], run.outputs[f"{branch}_shipments_gw"]
    holds(run, ordered, -shipped, change=after - before, stock=before)


def test_it_shipped_is_energised_or_waits(run: Run) -> None:
    before, after = run.before("unpowered_it_gw"), run.outputs["unpowered_it_gw"]
    holds(run, run.outputs["it_shipments_gw"], -run.outputs["energised_gw"], change=after - before, stock=before)


def test_active_compute_is_what_was_and_what_came_less_what_retired(run: Run) -> None:
    before, after = run.before("active_compute_gw"), run.outputs["active_compute_gw"]
    holds(run, run.outputs["energised_gw"], -run.outputs["it_retired_gw"], change=after - before, stock=before)


def test_shells_shipped_or_freed_are_filled_wait_or_decay(run: Run) -> None:
    before, after = run.before("empty_shells_gw"), run.outputs["empty_shells_gw"]
    holds(
        run,
        run.outputs["site_shipments_gw"],
        run.outputs["it_retired_gw"],
        -run.outputs["energised_gw"],
        -run.parameter("energise.shell_decay", 1) * before,
        change=after - before,
        stock=before,
    )


def test_unpowered_it_and_empty_shells_never_wait_together(run: Run) -> None:
    unpowered, empty = run.outputs["unpowered_it_gw"], run.outputs["empty_shells_gw"]
    assert np.minimum(unpowered, empty).max() == 0
    assert min(unpowered.min(), empty.min()) == 0


@pytest.mark.parametrize("branch", ["it", "site"])
def test_paid_is_deliveries_at_price_and_the_change_of_advances(branch: str, run: Run) -> None:
    before, after = run.before(f"{branch}_advances_usd_bn"), run.outputs[f"{branch}_advances_usd_bn"]
    delivered = run.outputs[f"{branch}_unit_cost_usd_bn_per_gw"][..., None] * run.outputs[f"{branch}_shipments_gw"]
    holds(run, run.outputs[f"{branch}_payment_usd_bn"], -delivered, change=after - before, stock=before)


def test_ai_spending_is_what_was_paid_in_both_branches(run: Run) -> None:
    parts = run.outputs["it_payment_usd_bn"], run.outputs["site_payment_usd_bn"]
    holds(run, *parts, -run.outputs["ai_capital_expenditure_usd_bn"])


def test_orders_at_price_are_the_plan(run: Run) -> None:
    at_price = [
        run.outputs[f"{branch}_unit_cost_usd_bn_per_gw"][..., None] * run.outputs[f"{branch}_orders_gw"]
        for branch in ("it", "site")
    ]
    assert min(run.outputs[f"{branch}_orders_gw"].min() for branch in ("it", "site")) > -1e-5
    holds(run, *at_price, -run.outputs["planned_ai_capital_expenditure_usd_bn"])


def test_sources_equal_uses(run: Run) -> None:
    cash_flow = run.outputs["operating_cash_flow_usd_bn"]
    sources = cash_flow, run.outputs["external_funding_usd_bn"], run.outputs["borrowing_usd_bn"]
    payouts = run.parameter("builder.payout_share") * cash_flow
    holds(run, *sources, -run.outputs["capital_expenditure_usd_bn"], -payouts)


def test_capital_expenditure_is_ai_and_everything_else(run: Run) -> None:
    parts = run.outputs["ai_capital_expenditure_usd_bn"][..., PLAYING], run.outputs["other_capital_expenditure_usd_bn"]
    holds(run, *parts, -run.outputs["capital_expenditure_usd_bn"])


def test_what_is_borrowed_is_the_change_of_net_debt(run: Run) -> None:
    before, after = run.before("net_debt_usd_bn"), run.outputs["net_debt_usd_bn"]
    # debt of a rich builder is large against what it borrows: its own rounding counts
    error = np.abs(after - before - run.outputs["borrowing_usd_bn"])
    gross = run.outputs["capital_expenditure_usd_bn"] + np.abs(run.outputs["operating_cash_flow_usd_bn"])
    assert np.all(error <= 64 * run.eps * (gross + np.abs(run.outputs["external_funding_usd_bn"])))


def test_cash_flow_is_franchise_and_share_of_margin_less_interest(run: Run) -> None:
    quarters = np.arange(run.outputs["adoption_fraction"].shape[1]).reshape(1, -1, 1)
    growth = run.parameter("builder.franchise_growth")
    franchise = run.parameter("start.franchise_cash_flow_usd_bn") * (1 + growth) ** quarters
    margin = run.outputs["market_share"][..., PLAYING] * run.outputs["compute_margin_usd_bn"][..., None]
    flows = franchise, margin, -run.outputs["interest_usd_bn"], -run.outputs["operating_cash_flow_usd_bn"]
    holds(run, *flows)


def test_capacity_and_what_is_under_way_grow_by_what_is_decided_less_decay(run: Run) -> None:
    capacity, pipeline = run.outputs["capacity_gw_per_quarter"], run.outputs["pipeline_gw_per_quarter"]
    decided, decayed = run.outputs["expansion_gw_per_quarter"], run.parameter("layer.decay") * capacity
    together = capacity + pipeline
    change = together[:, 1:] - together[:, :-1]
    # what arrives leaves one stock and enters the other: both are rounded
    error = np.abs((decided - decayed)[:, :-1] - change)
    assert np.all(error <= 64 * run.eps * (decided + decayed)[:, :-1] + 4 * run.eps * together[:, :-1])


def test_shares_sum_to_one(run: Run) -> None:
    assert np.abs(run.outputs["market_share"].sum(axis=-1) - 1).max() <= 64 * run.eps
    use = run.outputs["power_use_share"]
    assert np.abs(use[..., [GENERATION, GRID]].sum(axis=-1) - 1).max() <= 64 * run.eps
    assert np.all(np.delete(use, [GENERATION, GRID], axis=-1) == 1)
    assert use.min() >= -64 * run.eps


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


def test_lead_time_is_backlog_over_shipments(run: Run) -> None:
    for branch in ("it", "site"):
        backlog = run.before(f"{branch}_backlog_gw").sum(axis=-1)
        shipped = run.outputs[f"{branch}_shipments_gw"].sum(axis=-1)
        lead = run.outputs[f"{branch}_lead_time_quarters"]
        assert np.abs(lead * shipped / backlog - 1).max() <= 256 * run.eps


def test_deliveries_are_rationed_as_backlogs_are(run: Run) -> None:
    for branch in ("it", "site"):
        backlog, shipped = run.before(f"{branch}_backlog_gw"), run.outputs[f"{branch}_shipments_gw"]
        wanted = backlog / backlog.sum(axis=-1, keepdims=True)
        assert np.abs(shipped / shipped.sum(axis=-1, keepdims=True) - wanted).max() <= 256 * run.eps


def test_compute_earns_its_price(run: Run) -> None:
    fleet = (run.before("active_compute_gw") * run.before("compute_quality_index")).sum(axis=-1)
    used = run.parameter("demand.utilisation") * fleet
    revenue = run.outputs["compute_price_usd_bn_per_gw_quarter"] * used
    assert np.abs(run.outputs["compute_revenue_usd_bn"] / revenue - 1).max() <= 256 * run.eps


def test_the_price_of_compute_clears_the_market(run: Run) -> None:
    # F / F_ref × effective reference GW / effective GW = (P / P_ref)^ε
    fleet = (run.before("active_compute_gw") * run.before("compute_quality_index")).sum(axis=-1)
    used = run.parameter("demand.utilisation") * fleet
    wanted = run.outputs["adoption_fraction"] / run.parameter("start.reference_adoption")
    wanted = wanted * run.parameter("start.reference_effective_compute_gw") / used
    price = run.outputs["compute_price_usd_bn_per_gw_quarter"]
    paid = price / run.parameter("start.reference_price_usd_bn_per_gw_quarter")
    assert np.abs(paid ** run.parameter("demand.price_elasticity") / wanted - 1).max() <= 1024 * run.eps


def test_a_layer_costs_its_learnt_cost_times_the_price_of_its_scarcity(run: Run) -> None:
    flows = [run.outputs[f"{branch}_shipments_gw"].sum(axis=-1, keepdims=True) for branch in ("it", "site")]
    flow = np.concatenate([np.repeat(flows[0], len(IT_LAYERS), -1), np.repeat(flows[1], len(SITE_LAYERS), -1)], axis=-1)
    first = run.parameter("start.cumulative_output_gw")
    cumulative = first + np.cumsum(flow * run.outputs["power_use_share"], axis=1)
    learning = np.log2(1 - run.parameter("layer.learning_rate"))
    learnt = run.parameter("start.unit_cost_at_balance_usd_bn_per_gw") * (cumulative / first) ** learning
    premium = run.outputs["tightness"] ** run.parameter("layer.scarcity_elasticity")
    assert np.abs(run.outputs["scarcity_price"] / premium - 1).max() <= 1024 * run.eps
    following = run.outputs["unit_cost_usd_bn_per_gw"][:, 1:]
    assert np.abs(following / (learnt * premium)[:, :-1] - 1).max() <= 4096 * run.eps


@pytest.mark.parametrize(("branch", "layers"), [("it", IT), ("site", SITE)])
def test_a_branch_costs_the_sum_of_its_layers(branch: str, layers: slice, run: Run) -> None:
    use = run.before("power_use_share")[..., layers]
    together = (use * run.outputs["unit_cost_usd_bn_per_gw"][..., layers]).sum(axis=-1)
    assert np.abs(run.outputs[f"{branch}_unit_cost_usd_bn_per_gw"] / together - 1).max() <= 256 * run.eps


def test_adoption_rises_and_stays_a_share(run: Run) -> None:
    adopted = (
        run.before("adoption_fraction") if "adoption_fraction" in run.opening else run.outputs["adoption_fraction"]
    )
    assert np.all(np.diff(adopted, axis=1) >= 0)
    assert np.all((adopted > 0) & (adopted <= 1))


def test_plans_move_no_faster_than_stated(run: Run) -> None:
    before = run.before("ai_capital_expenditure_usd_bn")[..., PLAYING]
    change = run.outputs["planned_ai_capital_expenditure_usd_bn"][..., PLAYING] / before - 1
    rounding = 64 * run.eps
    assert np.all(change >= run.parameter("rivalry.fastest_cut", 1) - rounding)
    assert np.all(change <= run.parameter("rivalry.fastest_rise", 1) + rounding)


def test_everything_is_a_number(run: Run) -> None:
    assert [name for name, values in run.outputs.items() if not np.isfinite(values).all()] == []
    assert run.outputs["market_share"].shape[-1] == len(BUILDERS)


NEVER_NEGATIVE = (
    "planned_ai_capital_expenditure_usd_bn",
    "ai_capital_expenditure_usd_bn",
    "it_orders_gw",
    "site_orders_gw",
    "it_backlog_gw",
    "site_backlog_gw",
    "it_shipments_gw",
    "site_shipments_gw",
    "it_advances_usd_bn",
    "site_advances_usd_bn",
    "energised_gw",
    "active_compute_gw",
    "capacity_gw_per_quarter",
    "expansion_gw_per_quarter",
    "pipeline_gw_per_quarter",
    "interest_usd_bn",
)


@pytest.mark.parametrize("name", NEVER_NEGATIVE)
def test_it_is_never_negative(name: str, run: Run) -> None:
    values = run.outputs[name]
    assert values.min() >= -64 * run.eps * np.abs(values).max()


def test_falling_prices_never_make_spending_negative_or_the_loop_no_number(collapse: Run) -> None:
    assert [name for name, values in collapse.outputs.items() if not np.isfinite(values).all()] == []
    for name in NEVER_NEGATIVE:
        assert collapse.outputs[name].min() >= -1e-9, name


def test_no_quarter_pays_more_than_a_twentieth_of_new_debt_as_interest(baseline: Run) -> None:
    raised = np.maximum(0, baseline.before("net_debt_usd_bn") - baseline.parameter("builder.net_debt_usd_bn"))
    assert np.all(baseline.outputs["interest_usd_bn"] <= 0.05 * raised + 1e-9)
