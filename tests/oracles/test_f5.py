"""F5: revenue a year that 750 of capital expenditure requires, over 5.5 years, at 10 % and a gross margin of 60 %.

Expected: 352.3.
Source: identity of straight-line depreciation and a return on cost.

(1 / 5.5 + 0.10) × 750 / 0.60 = 0.281818 × 1250 = 352.27.
"""

from __future__ import annotations

import pytest

from headrace.investment.required_revenue import required_revenue


def test_750_requires_352_3_a_year() -> None:
    assert float(required_revenue(750, 5.5, 0.10, 0.60)) == pytest.approx(352.3, abs=0.05)


def test_it_pays_depreciation_and_the_return_and_nothing_else() -> None:
    margin = 0.60 * float(required_revenue(750, 5.5, 0.10, 0.60))
    assert margin - 750 / 5.5 - 0.10 * 750 == pytest.approx(0, abs=1e-10)
