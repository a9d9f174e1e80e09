"""Orders, rationing, backlog, lead time and payment."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from headrace.equations import orders

PLAN = np.array([40.0, 80.0])
RETIRED = np.array([0.1, 0.2])


def ordered(
    planned: np.ndarray = PLAN,
    correction: float = 0.2,
    weight: float = 1.0,
    costs: tuple[float, float] = (30.0, 10.0),
    **stocks: list[float],
) -> tuple[np.ndarray, np.ndarray]:
    """IT and site orders of two builders whose stocks are in balance with their plans, but for ``stocks``."""
    it_balanced = (planned + costs[1] * RETIRED) / sum(costs)
    in_balance = {
        "unpowered_it_gw": jnp.zeros(2),
        "empty_shells_gw": jnp.zeros(2),
        "it_backlog_gw": jnp.asarray(4.0 * it_balanced),
        "site_backlog_gw": jnp.asarray(8.0 * (it_balanced - RETIRED)),
        "retired_gw": jnp.asarray(RETIRED),
    }
    it, site = orders.branch_orders_gw(
        planned_usd_bn=jnp.asarray(planned),
        it_unit_cost_usd_bn_per_gw=jnp.asarray(costs[0]),
        site_unit_cost_usd_bn_per_gw=jnp.asarray(costs[1]),
        **in_balance | {name: jnp.asarray(values) for name, values in stocks.items()},
        it_normal_lead_time_quarters=jnp.asarray(4.0),
        site_normal_lead_time_quarters=jnp.asarray(8.0),
        stock_correction=jnp.asarray(correction),
        supply_line_weight=jnp.asarray(weight),
    )
    return np.asarray(it), np.asarray(site)


def test_in_balance_the_plan_buys_it_for_the_shells_that_come_back_and_the_rest_in_pairs() -> None:
    # 0.1 GW of IT for freed shells costs 3; the other 37 buy 0.925 GW of both
    it, site = ordered()
    assert it == pytest.approx([0.925 + 0.1, 1.85 + 0.2])
    assert site == pytest.approx([0.925, 1.85])


def test_unpowered_it_moves_money_from_it_to_sites() -> None:
    # 2 GW too much IT, a fifth corrected: 0.4 GW apart, shared 10/40 and 30/40
    it, site = ordered(unpowered_it_gw=[2.0, 0.0])
    assert float(it[0]) == pytest.approx(1.025 - 0.4 * 0.25)
    assert float(site[0]) == pytest.approx(0.925 + 0.4 * 0.75)
    assert float(it[1]) == pytest.approx(2.05)


def test_empty_shells_move_money_from_sites_to_it() -> None:
    it, site = ordered(empty_shells_gw=[0.0, 1.0])
    assert float(it[1]) == pytest.approx(2.05 + 0.2 * 0.25)
    assert float(site[1]) == pytest.approx(1.85 - 0.2 * 0.75)


@pytest.mark.parametrize("costs", [(30.0, 10.0), (27.3, 13.9)])
@pytest.mark.parametrize("stock", [0.0, 0.5, 5.0, 500.0])
def test_the_correction_never_changes_the_money_and_never_makes_an_order_negative(
    stock: float, costs: tuple[float, float]
) -> None:
    for name in ("unpowered_it_gw", "empty_shells_gw"):
        it, site = ordered(correction=0.4, costs=costs, **{name: [stock, 0.0]})
        assert costs[0] * it + costs[1] * site == pytest.approx(PLAN)
        assert np.minimum(it, site).min() >= 0


def test_who_forgets_what_is_on_order_corrects_stocks_alone() -> None:
    it, site = ordered(weight=0.0, it_backlog_gw=[50.0, 60.0], site_backlog_gw=[1.0, 2.0])
    assert it == pytest.approx(site + RETIRED)


def test_shells_that_come_back_leave_none_over_in_the_long_run() -> None:
    """Orders, delivered after their lead times and energised as they meet, settle with nothing waiting."""
    fleet, empty, unpowered = 40.0, 0.0, 0.0
    it_line, site_line = [1.0] * 4, [1.0] * 8
    for _ in range(2000):
        retired = fleet / 20
        it, site = orders.branch_orders_gw(
            *map(jnp.asarray, ([80.0], 30.0, 10.0, [unpowered], [empty], [sum(it_line)], [sum(site_line)], [retired])),
            *map(jnp.asarray, (4.0, 8.0, 0.2, 1.0)),
        )
        it_line.append(float(it[0]))
        site_line.append(float(site[0]))
        unpowered, empty = unpowered + it_line.pop(0), empty + site_line.pop(0) + retired
        energised = min(unpowered, empty)
        unpowered, empty, fleet = unpowered - energised, empty - energised, fleet + energised - retired
    assert empty == pytest.approx(0, abs=1e-6)
    assert unpowered == pytest.approx(0, abs=1e-6)


def test_no_plan_orders_nothing() -> None:
    it, site = ordered(planned=np.zeros(2), unpowered_it_gw=[3.0, 0.0])
    assert it == pytest.approx(0)
    assert site == pytest.approx(0)


def test_desired_flow_clears_the_backlog_in_its_normal_lead_time() -> None:
    assert float(orders.desired_flow_gw(jnp.asarray([10.0, 6.0]), jnp.asarray(8.0))) == pytest.approx(2)


def test_short_supply_is_shared_as_backlogs_are() -> None:
    assert orders.rationed_gw(jnp.asarray(2.0), jnp.asarray([6.0, 2.0])) == pytest.approx(jnp.asarray([1.5, 0.5]))


def test_backlog_is_what_was_ordered_and_not_delivered() -> None:
    after = orders.backlog_gw(jnp.asarray([6.0]), jnp.asarray([2.0]), jnp.asarray([1.5]))
    assert float(after[0]) == pytest.approx(6.5)


def test_lead_time_is_backlog_over_flow() -> None:
    assert float(orders.lead_time_quarters(jnp.asarray(12.0), jnp.asarray(3.0))) == pytest.approx(4)


def paid(shipped: float, backlog: float, advances: float, rate: float = 0.25) -> tuple[float, float]:
    cash, after = orders.payment_usd_bn(
        jnp.asarray([shipped]),
        jnp.asarray([backlog]),
        jnp.asarray([advances]),
        jnp.asarray(30.0),
        jnp.asarray(4.0),
        jnp.asarray(rate),
    )
    return float(cash[0]), float(after[0])


def test_without_progress_payments_a_delivery_is_paid_when_it_comes() -> None:
    assert paid(1.0, 5.0, 0.0, rate=0.0) == pytest.approx((30.0, 0.0))


def test_progress_is_paid_on_what_is_not_yet_paid() -> None:
    # drawn 70 × 1/5 = 14; unpaid 30 × 4 - 56 = 64; a quarter of it over four quarters: 4. Paid 30 - 14 + 4
    assert paid(1.0, 5.0, 70.0) == pytest.approx((20.0, 60.0))


def test_nothing_more_is_paid_in_advance_once_all_is_paid() -> None:
    # advances of 200 exceed 150: no progress payment; a delivery worth 30 is covered whole, and no supplier pays back
    assert paid(1.0, 5.0, 200.0) == pytest.approx((0.0, 170.0))


@pytest.mark.parametrize("advances", [0.0, 20.0, 140.0, 200.0])
def test_paid_is_deliveries_at_price_and_the_change_of_advances(advances: float) -> None:
    cash, after = paid(1.5, 5.0, advances)
    assert cash == pytest.approx(30 * 1.5 + after - advances)


def test_an_order_delivered_at_its_normal_pace_is_paid_once_over_its_life() -> None:
    backlog, advances, total = 8.0, 0.0, 0.0
    for _ in range(120):
        cash, advances = paid(backlog / 4, backlog, advances)
        total, backlog = total + cash, backlog * 3 / 4
    assert advances == pytest.approx(0, abs=1e-9)
    assert total == pytest.approx(8 * 30)


def test_an_order_delivered_in_whole_is_paid_once() -> None:
    cash, advances = paid(5.0, 5.0, 70.0)
    assert advances == pytest.approx(0)
    assert cash == pytest.approx(5 * 30 - 70)
