"""Cash flow, limits, borrowing, interest, depreciation and annuities."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from headrace.equations import funding


def one(value: float) -> jnp.ndarray:
    return jnp.asarray([value])


def test_a_flow_grows_evenly() -> None:
    grown = funding.grown_from_start(jnp.asarray([10.0, 20.0]), jnp.asarray(0.1), jnp.asarray(2.0))
    assert grown == pytest.approx(jnp.asarray([12.1, 24.2]))


def test_cash_flow_is_franchise_and_share_of_margin_less_interest_and_what_a_law_takes() -> None:
    flow = funding.operating_cash_flow_usd_bn(one(40.0), one(0.25), jnp.asarray(30.0), one(1.5), one(-0.5))
    assert float(flow[0]) == pytest.approx(45.5)


def limit(cash_flow: float, debt: float, external: float = 2.0, factor: float = 1.0) -> float:
    shared = jnp.asarray(10.0), jnp.asarray(factor)
    return float(
        funding.funding_limit_usd_bn(
            one(cash_flow), one(debt), one(external), one(0.25), jnp.asarray(0.9), one(2.0), *shared
        )[0]
    )


def test_the_limit_is_retained_cash_and_room_for_debt_and_what_comes_from_outside() -> None:
    # 0.9 × 0.75 × 40 + (2 × 4 × 40 - 100) / 10 + 2 = 27 + 22 + 2
    assert limit(40.0, 100.0) == pytest.approx(51.0)


def test_lenders_who_stretch_the_room_lend_that_much_more() -> None:
    # half of the 22 of room
    assert limit(40.0, 100.0, factor=1.5) == pytest.approx(51.0 + 11.0)


def test_debt_above_its_limit_leaves_no_room_and_takes_none_away() -> None:
    assert limit(40.0, 900.0) == pytest.approx(29.0)


def test_who_has_net_cash_can_borrow_more() -> None:
    assert limit(40.0, -50.0) - limit(40.0, 0.0) == pytest.approx(5.0)


@pytest.mark.parametrize(("quarter", "raised"), [(0.0, 8.0), (1.0, 8.0), (2.0, 4.0), (3.0, 0.0), (30.0, 0.0)])
def test_a_programme_of_two_and_a_half_quarters_raises_all_of_it_and_then_nothing(
    quarter: float, raised: float
) -> None:
    got = funding.announced_programme_usd_bn(one(8.0), jnp.asarray(2.5), jnp.asarray(quarter))
    assert float(got[0]) == pytest.approx(raised)


def shield(spending: float, undeducted: float, bonus: float) -> tuple[float, float]:
    saved, left = funding.tax_shield_usd_bn(
        one(spending), one(undeducted), jnp.asarray(bonus), jnp.asarray(0.25), jnp.asarray(0.1)
    )
    return float(saved[0]), float(left[0])


def test_the_law_of_the_start_saves_nothing_more() -> None:
    assert shield(40.0, 0.0, 1.0) == (0.0, 0.0)


def test_what_is_not_deducted_at_once_costs_its_tax_now() -> None:
    # 60 % of 40 is not deducted; a quarter of it is the tax
    assert shield(40.0, 0.0, 0.4) == pytest.approx((-6.0, 24.0))


def test_every_deferred_deduction_comes_back() -> None:
    saved, left = shield(40.0, 0.0, 0.0)
    total = saved
    for _ in range(300):
        saved, left = shield(0.0, left, 0.0)
        total += saved
    assert total == pytest.approx(0.0, abs=1e-9)


def interest(debt: float, start: float, cash_flow: float = 25.0) -> float:
    return float(
        funding.interest_usd_bn(
            one(debt),
            one(start),
            one(cash_flow),
            jnp.asarray(0.04),
            jnp.asarray(0.01),
            jnp.asarray(0.005),
            jnp.asarray(0.1),
        )[0]
    )


def test_a_quarter_of_the_annual_rate_is_paid_on_new_debt() -> None:
    # 200 / (4 × 25) = 2 years of debt: 4 % + 1 % + 2 × 0.5 % = 6 %; a quarter of it on 200 - 80
    assert interest(200.0, 80.0) == pytest.approx(0.06 / 4 * 120)


def test_debt_of_the_start_is_already_in_the_filed_cash_flow() -> None:
    assert interest(80.0, 80.0) == 0
    assert interest(50.0, 80.0) == 0


def test_net_cash_does_not_lower_the_rate_below_the_safe_one_and_its_spread() -> None:
    assert interest(-20.0, -100.0) == pytest.approx(0.05 / 4 * 80)


def test_who_earns_less_never_pays_less_interest() -> None:
    paid = [interest(200.0, 80.0, cash_flow) for cash_flow in (50.0, 25.0, 5.0, 1.0, -1.0, -25.0)]
    assert paid == sorted(paid)


def test_capital_expenditure_is_ai_and_everything_else() -> None:
    assert float(funding.capital_expenditure_usd_bn(one(30.0), one(5.0))[0]) == pytest.approx(35)


@pytest.mark.parametrize("cash_flow", [10.0, 40.0, 90.0])
def test_sources_equal_uses(cash_flow: float) -> None:
    spent, external, payout = 50.0, 3.0, 0.2
    borrowed = float(funding.borrowing_usd_bn(one(spent), one(cash_flow), one(external), one(payout))[0])
    assert cash_flow + external + borrowed == pytest.approx(spent + payout * cash_flow)


def charges(life: float, quarters: int = 12) -> list[float]:
    """Depreciation by quarter of 60 bought before the first."""
    return [
        float(funding.straight_line_depreciation(one(60.0), one(float(age)), jnp.asarray(life)))
        for age in range(quarters)
    ]


@pytest.mark.parametrize("life", [1.0, 2.5, 6.0, 9.75])
def test_each_vintage_is_written_off_once(life: float) -> None:
    assert sum(charges(life)) == pytest.approx(60)


def test_a_life_of_two_and_a_half_quarters_charges_a_half_in_the_third() -> None:
    assert charges(2.5, 4) == pytest.approx([24.0, 24.0, 12.0, 0.0])


def test_what_is_not_yet_bought_is_not_depreciated() -> None:
    bought = jnp.asarray([60.0, 90.0])
    assert float(
        funding.straight_line_depreciation(bought, jnp.asarray([0.0, -1.0]), jnp.asarray(6.0))
    ) == pytest.approx(10)


def test_part_of_a_quarter_in_service_ends_with_the_life() -> None:
    ages = jnp.asarray([-1.0, 0.0, 1.0, 2.0, 3.0])
    assert funding.in_service(ages, jnp.asarray(2.25), 1) == pytest.approx(jnp.asarray([0, 1, 1, 0.25, 0]))


def annuity(rate: float, life: float) -> float:
    return float(funding.annuity_rate(jnp.asarray(rate), jnp.asarray(life)))


def test_payments_of_an_annuity_are_worth_one_dollar_now() -> None:
    quarterly = 1.08**0.25 - 1
    payment = annuity(0.08, 22.0)
    assert sum(payment / (1 + quarterly) ** quarter for quarter in range(1, 23)) == pytest.approx(1)


def test_one_quarter_of_life_pays_the_dollar_and_its_interest() -> None:
    assert annuity(0.08, 1.0) == pytest.approx(1.08**0.25)


def test_a_rate_near_nothing_leaves_the_straight_line() -> None:
    assert annuity(1e-6, 20.0) == pytest.approx(1 / 20, rel=1e-5)


def test_a_very_long_life_pays_interest_alone() -> None:
    assert annuity(0.08, 4000.0) == pytest.approx(1.08**0.25 - 1)
