"""S6: research races of 2, 3, 5 and 8 firms, rate √x, prize 10, discount rate 0.1.

Expected: each spends 1.248, 1.093, 0.787 and 0.539 where it pays at the start (Loury); 11.33, 16.08, 19.78 and 21.79 a
    period where it pays until somebody has won (Lee and Wilde).
Source: Loury (1979), Quarterly Journal of Economics 93(3), 395-410; Lee and Wilde (1980), same journal 94(2), 429-436.

With own rate h, rivals' rate H and discount rate ρ the first to find gets V at once. Paid at the start, a firm is worth
V h / (h + H + ρ) - x; paid until won, (V h - x) / (h + H + ρ). For two firms and Loury's x = 1.248: h = 1.1171,
h' = 0.44759, 10 × 0.44759 × (1.1171 + 0.1) / (2.2342 + 0.1)² = 0.9999.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scipy.optimize import minimize_scalar

from headrace.games.patent_races import effort_paid_at_the_start, effort_paid_until_won

PRIZE, RATE = 10.0, 0.1
AT_THE_START = {2: 1.248, 3: 1.093, 5: 0.787, 8: 0.539}
UNTIL_WON = {2: 11.33, 3: 16.08, 5: 19.78, 8: 21.79}


def value_at_the_start(effort: float, rivals_rate: float, power: float = 0.5) -> float:
    return PRIZE * effort**power / (effort**power + rivals_rate + RATE) - effort


def value_until_won(effort: float, rivals_rate: float, power: float = 0.5) -> float:
    return (PRIZE * effort**power - effort) / (effort**power + rivals_rate + RATE)


def best_reply(value: Callable[[float, float, float], float], rivals_rate: float, power: float, most: float) -> float:
    """The effort that is worth most, found by search."""
    found = minimize_scalar(
        lambda effort: -value(effort, rivals_rate, power), bounds=(0, most), method="bounded", options={"xatol": 1e-10}
    )
    return float(found.x)


@pytest.mark.parametrize(("firms", "effort"), AT_THE_START.items())
def test_paid_at_the_start_more_rivals_make_each_do_less(firms: int, effort: float) -> None:
    assert effort_paid_at_the_start(firms, PRIZE, RATE) == pytest.approx(effort, abs=5e-4)


@pytest.mark.parametrize(("firms", "effort"), UNTIL_WON.items())
def test_paid_until_won_more_rivals_make_each_do_more(firms: int, effort: float) -> None:
    assert effort_paid_until_won(firms, PRIZE, RATE) == pytest.approx(effort, abs=5e-3)


@pytest.mark.parametrize("firms", [1, 2, 5, 8])
@pytest.mark.parametrize("power", [0.3, 0.5, 0.8])
def test_a_search_finds_no_better_effort(firms: int, power: float) -> None:
    at_start = effort_paid_at_the_start(firms, PRIZE, RATE, power)
    until_won = effort_paid_until_won(firms, PRIZE, RATE, power)
    for value, each in ((value_at_the_start, at_start), (value_until_won, until_won)):
        rivals_rate = (firms - 1) * each**power
        assert best_reply(value, rivals_rate, power, 20 * each) == pytest.approx(each, rel=1e-4)
        assert value(each, rivals_rate, power) > 0
