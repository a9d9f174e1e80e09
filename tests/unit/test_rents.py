"""Rents from capacity and demand: rows that are refused, and what the price does when one side is held."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.analyses import rents as analysis
from headrace.errors import EvidenceError
from headrace.evidence import rents

ROW = """
[[rent]]
first_day = 2025-10-01
last_day = 2025-10-31
what = "October 2025"
kind = "one_year_contract"
low_usd_per_hour = 1.7
high_usd_per_hour = 1.7
quality = "C"
source_url = "https://example.org"
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "one_year_contract"', 'kind = "spot"', "kind 'spot'"),
        ('quality = "C"', 'quality = "X"', "quality 'X'"),
        ("low_usd_per_hour = 1.7", "low_usd_per_hour = 2.7", "low <= high"),
        ("low_usd_per_hour = 1.7", "low_usd_per_hour = nan", "low <= high"),
        ('what = "October 2025"\n', "", "what missing or unknown"),
        ("last_day = 2025-10-31", "last_day = 2025-09-30", "first_day <= last_day"),
    ],
)
def test_a_row_that_breaks_the_schema_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        rents.read_rents(ROW.replace(old, new))


def test_the_fall_is_ordered_and_the_rise_is_not() -> None:
    found = analysis.rent_order(draws=200)
    assert (found["holds"].isel(claim=[0, 1]) > 0.9).all()
    assert (found["holds"].isel(claim=2) < 0.1).all()
    np.testing.assert_allclose(found["rent"].sel(quarter="2025Q4"), 1)


def test_a_fleet_that_stands_still_makes_compute_dearer(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = analysis._fleet

    def standing(drawn, seed, draws):
        fleet = shipped(drawn, seed, draws)
        fleet[-1] = fleet[-2]
        return fleet

    monkeypatch.setattr(analysis, "_fleet", standing)
    found = analysis.rent_order(draws=200)
    assert (found["holds"].sel(claim="2026Q1 above 2025Q4") > 0.999).all()


def test_the_price_is_demand_over_fleet_to_the_power_of_one_over_the_elasticity() -> None:
    found = analysis.rent_order(draws=1)
    from headrace.parameters.priors import draw_parameters
    from headrace.parameters.registry import registry

    elasticity = draw_parameters([registry()["demand.price_elasticity"]], analysis.SEED, 0, 1)
    expected = (found["adoption_growth"] - found["fleet_growth"]) / elasticity["demand.price_elasticity"][0]
    moved = np.diff(np.log(found["rent"].sel(probability=0.5).values))
    np.testing.assert_allclose(moved, expected.values[1:], rtol=1e-6)
