"""Money in every draw and quarter: nobody pays what nobody gets, from a builder's cash flow to a group's price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from headrace.variables import GROUPS, LAYERS, PLAYERS

if TYPE_CHECKING:
    from tests.laws.conftest import Run

pytestmark = pytest.mark.xdist_group("laws")

PLAYING = slice(0, len(PLAYERS))
COMPUTE = GROUPS.index("compute")


@pytest.mark.parametrize("branch", ["it", "site"])
def test_paid_is_deliveries_at_price_and_the_change_of_advances(branch: str, run: Run) -> None:
    before, after = run.before(f"{branch}_advances_usd_bn"), run.outputs[f"{branch}_advances_usd_bn"]
    delivered = run.outputs[f"{branch}_unit_cost_usd_bn_per_gw"][..., None] * run.outputs[f"{branch}_shipments_gw"]
    run.holds(run.outputs[f"{branch}_payment_usd_bn"], -delivered, change=after - before, stock=before)


def test_ai_spending_is_what_was_paid_in_both_branches(run: Run) -> None:
    parts = run.outputs["it_payment_usd_bn"], run.outputs["site_payment_usd_bn"]
    run.holds(*parts, -run.outputs["ai_capital_expenditure_usd_bn"])


def test_orders_at_price_are_the_plan(run: Run) -> None:
    at_price = [
        run.outputs[f"{branch}_unit_cost_usd_bn_per_gw"][..., None] * run.outputs[f"{branch}_orders_gw"]
        for branch in ("it", "site")
    ]
    assert min(run.outputs[f"{branch}_orders_gw"].min() for branch in ("it", "site")) > -1e-5
    run.holds(*at_price, -run.outputs["planned_ai_capital_expenditure_usd_bn"])


def test_sources_equal_uses(run: Run) -> None:
    cash_flow = run.outputs["operating_cash_flow_usd_bn"]
    sources = cash_flow, run.outputs["external_funding_usd_bn"], run.outputs["borrowing_usd_bn"]
    payouts = run.outputs["payout_share"] * cash_flow
    run.holds(*sources, -run.outputs["capital_expenditure_usd_bn"], -payouts)


def test_capital_expenditure_is_ai_and_everything_else(run: Run) -> None:
    parts = run.outputs["ai_capital_expenditure_usd_bn"][..., PLAYING], run.outputs["other_capital_expenditure_usd_bn"]
    run.holds(*parts, -run.outputs["capital_expenditure_usd_bn"])


def test_what_is_borrowed_is_the_change_of_net_debt(run: Run) -> None:
    before, after = run.before("net_debt_usd_bn"), run.outputs["net_debt_usd_bn"]
    # debt of a rich builder is large against what it borrows: its own rounding counts
    error = np.abs(after - before - run.outputs["borrowing_usd_bn"])
    gross = run.outputs["capital_expenditure_usd_bn"] + np.abs(run.outputs["operating_cash_flow_usd_bn"])
    assert np.all(error <= 64 * run.eps * (gross + np.abs(run.outputs["external_funding_usd_bn"])))


def test_cash_flow_is_franchise_and_share_of_margin_less_interest_and_tax(run: Run) -> None:
    quarters = np.arange(run.outputs["adoption_fraction"].shape[1]).reshape(1, -1, 1)
    growth = run.parameter("builder.franchise_growth")
    franchise = run.parameter("start.franchise_cash_flow_usd_bn") * (1 + growth) ** quarters
    margin = run.outputs["market_share"][..., PLAYING] * run.outputs["compute_margin_usd_bn"][..., None]
    earned = franchise, margin, -run.outputs["interest_usd_bn"], run.outputs["tax_shield_usd_bn"]
    run.holds(*earned, -run.outputs["operating_cash_flow_usd_bn"])


def test_a_law_that_defers_deductions_takes_what_it_gives_back_later(run: Run) -> None:
    spent = run.outputs["ai_capital_expenditure_usd_bn"][..., PLAYING]
    deferred = (1 - run.parameter("national.bonus_depreciation_share", 1)) * spent
    rate, pace = run.parameter("funding.cash_tax_rate", 1), run.parameter("funding.tax_depreciation_rate", 1)
    shield = run.outputs["tax_shield_usd_bn"]
    undeducted = run.opening["undeducted_usd_bn"]
    for quarter in range(shield.shape[1]):
        recovered = pace[:, 0] * undeducted
        error = np.abs(shield[:, quarter] - rate[:, 0] * (recovered - deferred[:, quarter]))
        assert np.all(error <= 64 * run.eps * (undeducted + deferred[:, quarter]))
        undeducted = undeducted + deferred[:, quarter] - recovered
    if not deferred.any():
        assert not shield.any()


def mean_cash_flow(run: Run) -> np.ndarray:
    """Of the four quarters before each."""
    before, cash_flow = run.opening["recent_operating_cash_flow_usd_bn"], run.outputs["operating_cash_flow_usd_bn"]
    every = np.concatenate([before, cash_flow], axis=1)
    return np.stack([every[:, quarter : quarter + 4].mean(axis=1) for quarter in range(cash_flow.shape[1])], axis=1)


def test_interest_is_a_quarter_of_the_rate_on_debt_raised_since_the_start(run: Run) -> None:
    debt, yearly = run.before("net_debt_usd_bn"), 4 * mean_cash_flow(run)
    leverage = np.maximum(0, debt / np.where(yearly > 0, yearly, 1))
    spread = (
        run.parameter("funding.spread_at_no_debt", 1) + run.parameter("funding.spread_per_year_of_debt", 1) * leverage
    )
    widest = run.parameter("funding.widest_spread", 1)
    rate = run.parameter("funding.risk_free_rate", 1) + np.where(yearly > 0, np.minimum(widest, spread), widest)
    first = run.parameter("start.net_debt_usd_bn")
    error = np.abs(run.outputs["interest_usd_bn"] - rate / 4 * np.maximum(0, debt - first))
    # debt is the sum of all that was borrowed: what it differs by from the start is rounded as both are
    assert np.all(error <= 64 * run.eps * rate * (np.abs(debt) + np.abs(first)))


def test_programmes_are_sold_and_paid_while_they_last(run: Run) -> None:
    quarters = np.arange(run.outputs["investor_factor"].shape[1])
    lasting = np.clip(run.parameter("funding.external_funding_quarters") - quarters, 0, 1)[..., None]
    sold = run.outputs["investor_factor"][..., None] * run.parameter("builder.at_the_market_usd_bn") * lasting
    assert np.all(np.abs(run.outputs["shares_sold_usd_bn"] - sold) <= 64 * run.eps * sold)
    prepaid = run.parameter("builder.prepayments_and_leases_usd_bn") * lasting
    run.holds(run.outputs["shares_sold_usd_bn"], prepaid, -run.outputs["external_funding_usd_bn"])


def test_investors_scale_programmes_and_move_payouts_the_other_way(run: Run) -> None:
    moved = run.before("log_multiple")[..., COMPUTE] - run.parameter("start.builder_log_multiple")
    factor = 1 + np.tanh(run.parameter("funding.investor_sensitivity") * moved)
    assert np.abs(run.outputs["investor_factor"] - factor).max() <= 256 * run.eps
    observed = run.parameter("builder.payout_share")
    payout = observed * (1 + (1 - run.outputs["investor_factor"][..., None]) * (1 - observed))
    assert np.abs(run.outputs["payout_share"] - payout).max() <= 16 * run.eps


def test_suppliers_earn_what_layers_deliver_duties_apart(run: Run) -> None:
    flow = [run.outputs[f"{branch}_shipments_gw"].sum(axis=-1, keepdims=True) for branch in ("it", "site")]
    flows = np.concatenate([np.repeat(one, len(LAYERS) // 2, -1) for one in flow], axis=-1)
    delivered = flows * run.outputs["power_use_share"] * run.outputs["unit_cost_usd_bn_per_gw"]
    run.holds(delivered, -run.outputs["delivered_usd_bn"])
    revenue = dict(zip(GROUPS, np.moveaxis(run.outputs["group_revenue_usd_bn"], -1, 0), strict=True))
    others = ("wafer_equipment", "compute", "models", "applications")
    sold = [-values for group, values in revenue.items() if group not in others]
    run.holds(*np.moveaxis(run.outputs["delivered_usd_bn"], -1, 0), *sold)
    layers = [run.outputs[f"{layer}_revenue_usd_bn"] for layer in ("compute", "model", "application")]
    assert all(np.array_equal(revenue[group], layer) for group, layer in zip(others[1:], layers, strict=True))


def test_makers_of_wafer_equipment_earn_on_what_is_built(run: Run) -> None:
    bought = [
        run.parameter(f"market.{layer}_equipment_quarters")
        * run.outputs["installed_capacity_usd_bn"][..., LAYERS.index(layer)]
        for layer in ("logic", "memory", "packaging")
    ]
    run.holds(*bought, -run.outputs["group_revenue_usd_bn"][..., GROUPS.index("wafer_equipment")])


def test_groups_earn_their_margin_on_what_they_keep(run: Run) -> None:
    kept = np.moveaxis(run.outputs["group_revenue_usd_bn"], -1, 0).copy()
    compute, models, applications = kept[COMPUTE:].copy()
    kept[COMPUTE] = run.outputs["compute_margin_usd_bn"]
    bought = run.parameter("market.compute_bought_by_models") * compute
    from_models = run.parameter("market.models_bought_by_applications") * models
    kept[COMPUTE + 1], kept[COMPUTE + 2] = models - bought, applications - from_models
    earned = run.parameter("group.earnings_margin") * np.moveaxis(kept, 0, -1)
    gross = run.outputs["group_revenue_usd_bn"].copy()
    gross[..., COMPUTE + 1] += bought
    gross[..., COMPUTE + 2] += from_models
    assert np.all(np.abs(run.outputs["group_earnings_usd_bn"] - earned) <= 64 * run.eps * gross)


def test_a_price_is_earnings_times_multiple(run: Run) -> None:
    growth, earned, multiple = (run.outputs[f"{name}_growth"] for name in ("price", "earnings", "multiple"))
    run.holds(earned, multiple, -growth)
    before, after = run.before("log_multiple"), run.outputs["log_multiple"]
    # a small change of a large logarithm carries the rounding of the logarithm
    assert np.all(np.abs(after - before - multiple) <= 64 * run.eps * (np.abs(before) + np.abs(after)))
    ends = after[:, -1] - run.opening["log_multiple"] + earned.sum(axis=1)
    sizes = np.abs(after).sum(axis=1) + np.abs(earned).sum(axis=1)
    assert np.all(np.abs(growth.sum(axis=1) - ends) <= 64 * run.eps * sizes)


def log_earning_power(run: Run) -> np.ndarray:
    """Of each group, at the end of each quarter."""
    earned, revenue = run.outputs["group_earnings_usd_bn"], run.outputs["group_revenue_usd_bn"]
    attainable = run.parameter("market.earning_power_share", 1) * revenue
    attainable = attainable + run.parameter("market.smallest_earnings_usd_bn", 1)
    root = (np.abs(earned) + np.sqrt(earned**2 + 4 * attainable**2)) / 2
    return np.where(earned >= 0, np.log(root), 2 * np.log(attainable) - np.log(root))


def test_earnings_grow_as_earning_power_does(run: Run) -> None:
    power = log_earning_power(run)
    before = np.concatenate([run.opening["log_earning_power"][:, None], power[:, :-1]], axis=1)
    error = np.abs(run.outputs["earnings_growth"] - (power - before))
    assert np.all(error <= 1024 * run.eps * (1 + np.abs(power) + np.abs(before)))


def test_multiples_revert_with_surprises_after_past_prices_and_by_shocks(run: Run) -> None:
    mean, growth = run.parameter("start.log_long_run_multiple"), run.parameter("market.expected_earnings_growth", 1)
    back = run.parameter("market.reversion", 1) * (mean - run.before("log_multiple"))
    surprise = run.parameter("market.surprise_response", 1) * (run.outputs["earnings_growth"] - growth)
    after_prices = run.parameter("market.extrapolation", 1) * (run.before("price_growth") - growth)
    shock = np.broadcast_to(run.parameter("market.log_multiple_shift", 1), back.shape)
    error = np.abs(run.outputs["multiple_growth"] - back - surprise - after_prices - shock)
    assert np.all(error <= 64 * run.eps * (1 + np.abs(back) + np.abs(surprise) + np.abs(after_prices)))


def test_no_more_is_written_off_than_was_paid(run: Run) -> None:
    paid = np.cumsum(run.outputs["ai_capital_expenditure_usd_bn"][..., PLAYING], axis=1)
    written_off = np.cumsum(run.outputs["new_vintage_depreciation_usd_bn"], axis=1)
    assert np.all(written_off <= paid * (1 + 64 * run.eps))
    assert np.all(np.diff(written_off, axis=1) >= 0)


def test_no_quarter_pays_more_than_a_twentieth_of_new_debt_as_interest(baseline: Run) -> None:
    raised = np.maximum(0, baseline.before("net_debt_usd_bn") - baseline.parameter("builder.net_debt_usd_bn"))
    assert np.all(baseline.outputs["interest_usd_bn"] <= 0.05 * raised + 1e-9)
