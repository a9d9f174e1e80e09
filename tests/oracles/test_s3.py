"""S3: linear Cournot among n firms, one-shot and repeated.

Expected: at n = 5 the quantity over that of a monopoly is 1.666667, and a grim trigger holds from a discount factor of
    0.642857 on.
Source: Cournot (1838); Friedman (1971), Review of Economic Studies 38(1), 1-12, <https://doi.org/10.2307/2296617>.

Price a - b Q, cost c: each makes (a - c) / (b (n + 1)), all n / (n + 1) of (a - c) / b, a monopoly half of it, so the
ratio is 2 n / (n + 1) = 10/6. In monopoly profits: together 1/n = 0.2 each, at equilibrium 4/(n + 1)² = 1/9, and who
leaves alone ((n + 1) / (2 n))² = 0.36. So δ* = (0.36 - 0.2) / (0.36 - 1/9) = (n + 1)² / ((n + 1)² + 4 n) = 36/56.
"""

from __future__ import annotations

import pytest
from scipy.optimize import minimize_scalar

from headrace.games.cournot import quantity_over_monopoly, stage_profits
from headrace.games.repeated import critical_discount_factor

INTERCEPT, SLOPE, COST = 11.0, 2.0, 3.0
MONOPOLY = (INTERCEPT - COST) / (2 * SLOPE)
MONOPOLY_PROFIT = (INTERCEPT - COST) ** 2 / (4 * SLOPE)


def profit(own: float, others: float) -> float:
    return (INTERCEPT - SLOPE * (own + others) - COST) * own


def best_reply(others: float) -> float:
    """The quantity that earns most, found by search."""
    found = minimize_scalar(
        lambda own: -profit(own, others), bounds=(0, 2 * MONOPOLY), method="bounded", options={"xatol": 1e-10}
    )
    return float(found.x)


def test_five_make_five_thirds_of_a_monopoly() -> None:
    assert quantity_over_monopoly(5) == pytest.approx(1.666667, abs=5e-7)


def test_five_need_a_discount_factor_of_nine_fourteenths() -> None:
    assert float(critical_discount_factor(*stage_profits(5))) == pytest.approx(0.642857, abs=5e-7)


@pytest.mark.parametrize("firms", [1, 2, 3, 5, 8, 50])
def test_the_factor_is_the_closed_form(firms: int) -> None:
    closed = (firms + 1) ** 2 / ((firms + 1) ** 2 + 4 * firms) if firms > 1 else 0
    assert float(critical_discount_factor(*stage_profits(firms))) == pytest.approx(closed)


@pytest.mark.parametrize("firms", [2, 3, 5, 8])
def test_a_search_finds_no_better_quantity_at_equilibrium(firms: int) -> None:
    each = quantity_over_monopoly(firms) * MONOPOLY / firms
    assert best_reply((firms - 1) * each) == pytest.approx(each, rel=1e-5)


@pytest.mark.parametrize("firms", [2, 3, 5, 8])
def test_a_search_earns_the_three_profits(firms: int) -> None:
    temptation, reward, punishment = stage_profits(firms)
    kept = MONOPOLY / firms
    left = best_reply((firms - 1) * kept)
    each = quantity_over_monopoly(firms) * MONOPOLY / firms
    assert profit(kept, (firms - 1) * kept) / MONOPOLY_PROFIT == pytest.approx(reward)
    assert profit(left, (firms - 1) * kept) / MONOPOLY_PROFIT == pytest.approx(temptation)
    assert profit(each, (firms - 1) * each) / MONOPOLY_PROFIT == pytest.approx(punishment)
