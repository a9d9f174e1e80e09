"""Slopes for a person: of any output, for any parameter or stock of the start, with the gap to hard minima."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.errors import HeadraceError, PeriodError, RequestError, UnknownNameError

pytestmark = pytest.mark.xdist_group("slopes")

DRAWS = 64
CAPACITY, FEAR = "packaging.capacity_cowos_wafers_per_quarter", "rivalry.loss_aversion"
BY = [CAPACITY, FEAR, "net_debt_usd_bn", "capacity_gw_per_quarter"]


@pytest.fixture(scope="module")
def found() -> xr.Dataset:
    return service.gradient("active_compute_gw", "2028Q4", by=BY, draws=DRAWS)


def test_the_value_is_that_of_a_run(found: xr.Dataset, future: xr.Dataset) -> None:
    run = future["active_compute_gw"].sel(quarter="2028Q4").sum("builder")
    np.testing.assert_allclose(found["value"], run, rtol=1e-10)


@pytest.mark.parametrize("name", [CAPACITY, FEAR])
def test_a_slope_is_the_difference_of_two_runs(found: xr.Dataset, name: str) -> None:
    # one draw, held where the draw is and a little on either side; the first draws are not at a kink for both
    draw = {"draw": 3}
    at = float(found["parameter_value"].sel(parameter=name).isel(draw))

    def compute(value: float) -> float:
        run = service.simulate("baseline", draws=DRAWS, settings={name: value}, variables=["active_compute_gw"])
        return float(run["active_compute_gw"].sel(quarter="2028Q4").sum("builder").isel(draw))

    step = 1e-5 * at
    slope = (compute(at + step) - compute(at - step)) / (2 * step)
    assert float(found["slope"].sel(parameter=name).isel(draw)) == pytest.approx(slope, rel=1e-4)


def test_an_elasticity_is_a_slope_without_units(found: xr.Dataset) -> None:
    expected = found["slope"] * found["parameter_value"] / found["value"]
    np.testing.assert_allclose(found["elasticity"], expected)


def test_stocks_have_slopes_on_their_axes_and_the_rest_of_the_world_has_none_it_never_filed(found: xr.Dataset) -> None:
    assert found["slope_of_capacity_gw_per_quarter"].dims == ("draw", "layer")
    debt = found["slope_of_net_debt_usd_bn"]
    assert debt.dims == ("draw", "builder")
    assert np.isnan(debt.sel(builder="rest_of_world")).all()
    assert np.isfinite(debt.sel(builder="oracle")).all()


def test_the_gap_to_hard_minima_is_told_and_small(found: xr.Dataset) -> None:
    # one smooth minimum of members never lies above the hard one
    gap = found["value_of_hard_minimum"] / found["value"] - 1
    assert found.attrs["smoothing_gap"] == pytest.approx(float(np.median(gap)))
    assert 0 < found.attrs["smoothing_gap"] < 0.01


def test_the_recipe_says_what_was_asked(found: xr.Dataset) -> None:
    assert (found.attrs["variable"], found.attrs["quarter"]) == ("active_compute_gw", "2028Q4")
    assert json.loads(found.attrs["world"])["draws"] == DRAWS


def test_a_row_of_the_output_may_be_asked_for() -> None:
    rows = [service.gradient("active_compute_gw", "2028Q4", row=row, by=[FEAR], draws=DRAWS) for row in ("meta", None)]
    assert np.all(rows[0]["value"] < rows[1]["value"])


@pytest.mark.parametrize(
    ("asked", "options", "error", "text"),
    [
        (("binding_layer", "2028Q4"), {}, RequestError, "is a code and has no slope"),
        (("active_compute", "2028Q4"), {}, UnknownNameError, "active_compute_gw"),
        (("active_compute_gw", "2028Q4"), {"row": "memory"}, UnknownNameError, "unknown builder"),
        (("net_debt_usd_bn", "2028Q4"), {"row": "rest_of_world"}, UnknownNameError, "unknown builder"),
        (("compute_revenue_usd_bn", "2028Q4"), {"row": "meta"}, RequestError, "has no axis"),
        (("active_compute_gw", "2025Q4"), {}, PeriodError, "from 2026Q3 on"),
        (("active_compute_gw", "2126Q4"), {}, PeriodError, "from 2026Q3 on"),
        (("active_compute_gw", "2028Q4"), {"by": ["memry"]}, UnknownNameError, "parameter or stock"),
        (("active_compute_gw", "2028Q4"), {"draws": 0}, RequestError, "draws is 0"),
        (("active_compute_gw", "2028Q4"), {"settings": {FEAR: 0.5}}, HeadraceError, "outside its range"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    asked: tuple[str, str], options: dict[str, object], error: type[HeadraceError], text: str
) -> None:
    with pytest.raises(error, match=text):
        service.gradient(*asked, **options)  # type: ignore[arg-type]
