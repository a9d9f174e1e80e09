"""What is read of the simulated market and of regions: sums, shares and the split of prices, on figures seen whole."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from headrace.analyses.confirmation import WAVES, confirmation
from headrace.analyses.siting import siting
from headrace.variables import GROUPS, REGIONS

QUARTERS = ["2026Q3", "2026Q4", "2027Q1"]


def market(**values: object) -> xr.Dataset:
    """Two worlds over three quarters; what is not given is 0."""
    by_group = ("group_earnings_usd_bn", "log_multiple", "earnings_growth", "multiple_growth", "price_growth")
    shapes = {**dict.fromkeys(by_group, (2, 3, len(GROUPS))), "earnings_breadth": (2, 3)}
    data = {
        name: (("draw", "quarter", "group")[: len(shape)], np.broadcast_to(np.asarray(values.get(name, 0.0)), shape))
        for name, shape in shapes.items()
    }
    return xr.Dataset(data, {"quarter": QUARTERS, "group": list(GROUPS)})


def test_each_group_is_in_one_wave() -> None:
    assert sorted(group for groups in WAVES.values() for group in groups) == sorted(GROUPS)


def test_waves_are_those_of_the_universe(root: Path) -> None:
    text = (root / "src" / "headrace" / "data" / "universe.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text).values()
    of_group = {row["group"].lower().replace(" ", "_"): row["wave"] for row in rows if row["wave"]}
    shared = set(of_group) & set(GROUPS)
    assert len(shared) >= 10
    numbered = {group: number for number, groups in enumerate(WAVES.values(), start=1) for group in groups}
    assert {group: numbered[group] for group in shared} == {group: of_group[group] for group in shared}


def test_a_wave_earns_what_its_groups_earn_and_the_lead_is_over_both_others() -> None:
    earnings = np.zeros(len(GROUPS))
    earnings[GROUPS.index("memory")], earnings[GROUPS.index("thermal")], earnings[GROUPS.index("models")] = 3, 4, -5
    found = confirmation(market(group_earnings_usd_bn=earnings)).isel(draw=0, quarter=1)
    assert found["wave_earnings_usd_bn"].values.tolist() == [3, 4, -5]
    assert float(found["lead_of_third_wave_usd_bn"]) == -12
    assert str(found["wave_of_group"].sel(group="thermal").values) == "physical"


def test_growth_is_added_up_from_the_start_and_the_parts_make_the_price() -> None:
    earned, valued = np.array([0.1, 0.2, -0.4])[:, None], np.array([0.05, -0.05, 0.1])[:, None]
    found = confirmation(market(earnings_growth=earned, multiple_growth=valued, price_growth=earned + valued))
    assert found["earnings_since_start"].sel(group="osat").values[0] == pytest.approx([0.1, 0.3, -0.1])
    parts = found["earnings_since_start"] + found["multiples_since_start"]
    np.testing.assert_allclose(parts, found["prices_since_start"], atol=1e-15)
    assert found["mean_prices_since_start"].values[1] == pytest.approx([0.15, 0.3, 0.0])


def test_a_multiple_is_read_from_its_logarithm_and_breadth_is_averaged_so_far() -> None:
    found = confirmation(market(log_multiple=np.log(20.0), earnings_breadth=np.array([1.0, 0.5, 0.0])))
    np.testing.assert_allclose(found["price_over_earnings"], 20.0)
    assert found["breadth_so_far"].values[0].tolist() == [1.0, 0.75, 0.5]
    assert found.attrs["breadth_by_chance"] == 0.5


def test_shares_of_regions_add_up_and_nowhere_is_not_known() -> None:
    compute = np.zeros((2, 3, len(REGIONS)))
    compute[0] = 1.0
    dims = ("draw", "quarter", "region")
    headroom = np.full(compute.shape, 0.75)
    found = siting(
        xr.Dataset({"regional_compute_gw": (dims, compute), "grid_headroom": (dims, headroom)}, {"quarter": QUARTERS})
    )
    np.testing.assert_allclose(found["share_of_compute"].values[0].sum(axis=-1), 1)
    np.testing.assert_allclose(found["united_states_share"].values[0], 3 / 7)
    assert np.isnan(found["united_states_share"].values[1]).all()
    np.testing.assert_allclose(found["headroom_used"], 0.25)
