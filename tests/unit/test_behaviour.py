"""Ten sentences that change with the numbers they tell, and a future beside figures of others."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr

from headrace._types import Headline
from headrace.analyses.behaviour import BEHAVIOUR_VARIABLES, behaviour
from headrace.analyses.beside import Beside
from headrace.analyses.counted_sites import against_sites, counted_sites
from headrace.analyses.prototype import MEASURES, against_prototype
from headrace.analyses.shapes import bottom_of_fall, largest_fall, variability_ratio
from headrace.errors import EndedError, RequestError
from headrace.variables import ENDINGS, LAYERS, LIMITS, table

pytestmark = pytest.mark.xdist_group("future")


def told(future: xr.Dataset, key: str) -> Headline:
    return next(line for line in behaviour(future) if line.key == key)


def planted(future: xr.Dataset, **paths: object) -> xr.Dataset:
    """A copy in which variables follow one path in every draw, alike for all builders, layers and groups."""
    rows = {}
    for name, path in paths.items():
        model = future[name]
        along = xr.DataArray(np.broadcast_to(np.asarray(path, model.dtype), model.sizes["quarter"]), dims="quarter")
        rows[name] = (along + xr.zeros_like(model)).transpose(*model.dims).astype(model.dtype)
    return future.assign(rows)


def steps(future: xr.Dataset, **levels: float) -> np.ndarray:
    """A path that takes each level from the quarter named on: ``steps(future, y2026Q3=1, y2028Q1=0.5)``."""
    quarters = future["quarter"].values.astype(str)
    path = np.zeros(len(quarters))
    for quarter, level in levels.items():
        path[quarters >= quarter[1:]] = level
    return path


def test_there_are_ten_in_the_order_of_the_loop(future: xr.Dataset) -> None:
    keys = [line.key for line in behaviour(future)]
    assert keys == [
        "spending", "limits", "debt", "chips", "waiting", "succession", "compute", "revenue", "market", "regions"
    ]  # fmt: skip


def test_every_figure_has_an_interval_and_a_variable_and_no_sentence_a_number_that_is_none(future: xr.Dataset) -> None:
    for line in behaviour(future):
        assert line.sentence.endswith(".")
        assert not re.search(r"\b(nan|inf|None)\b", line.sentence), line.key
        for figure in line.figures:
            assert figure.low <= figure.median <= figure.high, figure.key
            assert figure.variable in table(), figure.key


def test_a_trough_is_told_with_its_level_and_its_quarter(future: xr.Dataset) -> None:
    path = steps(future, y2026Q3=20, y2027Q4=16, y2030Q1=21)
    line = told(planted(future, ai_capital_expenditure_usd_bn=path), "spending")
    assert "rises from 120 [120 - 120] USD bn in 2026Q3 to 126" in line.sentence
    assert "falls by 20% [20% - 20%] from an earlier peak to 96 [96 - 96] in 2027Q4" in line.sentence
    assert "above that peak again by 2031Q4 in 100% of draws" in line.sentence


def test_a_trough_without_recovery_is_told_too(future: xr.Dataset) -> None:
    path = steps(future, y2026Q3=20, y2029Q1=10)
    line = told(planted(future, ai_capital_expenditure_usd_bn=path), "spending")
    assert "falls from 120" in line.sentence
    assert "above that peak again by 2031Q4 in 0% of draws" in line.sentence


def test_spending_that_never_falls_has_no_trough(future: xr.Dataset) -> None:
    line = told(planted(future, ai_capital_expenditure_usd_bn=np.arange(40) + 20.0), "spending")
    assert "without a trough: the largest fall from an earlier peak is 0% [0% - 0%]" in line.sentence


@pytest.mark.parametrize(
    ("funding", "demand", "paid", "said"),
    [
        (0.0, 1.0, 1.0, "nothing holds it but the plans themselves"),
        (0.0, 1.0, 0.8, "what is ordered and cannot be delivered holds it more than money does"),
        (1.0, 1.0, 0.8, "money holds it more than deliveries do"),
    ],
)
def test_what_holds_spending_flips(funding: float, demand: float, paid: float, said: str, future: xr.Dataset) -> None:
    changed = planted(
        future,
        funding_elasticity=funding,
        demand_elasticity=demand,
        planned_ai_capital_expenditure_usd_bn=1.0,
        ai_capital_expenditure_usd_bn=paid,
    )
    line = told(changed, "limits")
    assert said in line.sentence
    assert line.figures[0].median == pytest.approx(funding / (funding + demand))
    assert line.figures[1].median == pytest.approx(1 - paid)


@pytest.mark.parametrize(("slope", "said"), [(10.0, "raise 1,050 USD bn"), (-10.0, "pay back 1,050 USD bn")])
def test_debt_is_of_five_and_its_sign_turns_the_sentence(slope: float, said: str, future: xr.Dataset) -> None:
    line = told(planted(future, net_debt_usd_bn=slope * np.arange(40)), "debt")
    assert said in line.sentence  # five builders, 21 quarters
    assert f"higher in {'100' if slope > 0 else '0'}% of draws" in line.sentence


@pytest.mark.parametrize(("swing", "said"), [(0.5, "there is a bullwhip"), (0.01, "there is no bullwhip")])
def test_a_bullwhip_is_orders_that_swing_more_than_deliveries(swing: float, said: str, future: xr.Dataset) -> None:
    wave = np.cos(np.arange(40))
    changed = planted(future, it_orders_gw=1 + swing * wave, it_shipments_gw=1 + 0.1 * wave, it_backlog_gw=4.0)
    assert said in told(changed, "chips").sentence


@pytest.mark.parametrize(
    ("it", "shells", "said"),
    [
        (3.0, 0.0, "IT waits for shells in 100% of draws, and in 2030Q4 IT waits for shells in 100%"),
        (0.0, 2.0, "shells wait for IT in 100% of draws, and in 2030Q4 shells wait for IT in 100%"),
    ],
)
def test_the_side_that_waits_is_named(it: float, shells: float, said: str, future: xr.Dataset) -> None:
    line = told(planted(future, unpowered_it_gw=it, empty_shells_gw=shells), "waiting")
    assert said in line.sentence
    assert [figure.median for figure in line.figures] == [6 * it, 6 * shells]


def test_succession_names_each_layer_once_and_where_scarcity_goes(future: xr.Dataset) -> None:
    late = steps(future, y2026Q3=0, y2029Q1=1)
    by_layer = np.zeros(future["tightness"].shape)
    by_layer[:, late == 0, LAYERS.index("memory")] = 2
    by_layer[:, late == 1, LAYERS.index("grid")] = 2
    codes = np.where(late > 0, LIMITS.index("funding"), LIMITS.index("demand"))
    changed = planted(future, binding_layer=codes).assign(tightness=(future["tightness"].dims, by_layer))
    sentence = told(changed, "succession").sentence
    assert "likeliest memory from 2026 (100%), then grid from 2029 (100%)" in sentence
    assert "likeliest demand from 2026 (100%), then funding from 2029 (100%)" in sentence
    assert "scarcity moves from IT to sites" in sentence


def test_what_stays_scarce_stays_throughout(future: xr.Dataset) -> None:
    by_layer = np.zeros(future["tightness"].shape)
    by_layer[:, :, LAYERS.index("cooling")] = 1
    sentence = told(future.assign(tightness=(future["tightness"].dims, by_layer)), "succession").sentence
    assert "The tightest layer is likeliest cooling from 2026 (100%) throughout" in sentence
    assert "scarcity stays with sites" in sentence


def test_compute_is_summed_over_builders(future: xr.Dataset) -> None:
    line = told(planted(future, energised_gw=1.0, active_compute_gw=np.arange(40)), "compute")
    assert "6.0 [6.0 - 6.0] GW a quarter are energised in the second half of 2026" in line.sentence
    assert "not faster every year" in line.sentence
    assert "30 [30 - 30] GW are active at the end of 2027 and 102 [102 - 102]" in line.sentence


@pytest.mark.parametrize(
    ("revenue", "price", "said"),
    [(1, -0.01, "although the price of compute falls"), (1, 0.01, "as the price of compute rises"),
     (-1, -0.01, "as the price of compute falls"), (-1, 0.01, "although the price of compute rises")],
)  # fmt: skip
def test_revenue_and_price_are_joined_by_the_right_word(
    revenue: float, price: float, said: str, future: xr.Dataset
) -> None:
    ahead = np.arange(40)
    changed = planted(
        future, compute_revenue_usd_bn=50 + revenue * ahead, compute_price_usd_bn_per_gw_quarter=4 + price * ahead
    )
    line = told(changed, "revenue")
    assert said in line.sentence
    assert ("grows" in line.sentence) == (revenue > 0)
    assert line.figures[0].median == pytest.approx(4 * (50 + revenue))


def test_the_market_names_the_wave_that_earns_most_and_whether_breadth_narrows(future: xr.Dataset) -> None:
    changed = planted(
        future,
        earnings_breadth=steps(future, y2026Q3=0.5, y2030Q1=0.9),
        group_earnings_usd_bn=1.0,
        log_multiple=-np.arange(40),
    )
    sentence = told(changed, "market").sentence
    assert "Breadth does not narrow: earnings rise in 50% [50% - 50%]" in sentence
    assert "multiples fall to the end of 2030 in 17 of 17 groups" in sentence
    assert "chips and systems earn most in 2027 (8 USD bn a quarter) and still do in 2030 (8)" in sentence


def test_regions_name_who_gains_and_what_becomes_of_virginia(future: xr.Dataset) -> None:
    compute = np.ones(future["regional_compute_gw"].shape)
    compute[:, 5:, 5] = 3
    load = steps(future, y2026Q3=0.4, y2030Q1=0.2)
    changed = planted(future, data_centre_share_of_load=load).assign(
        regional_compute_gw=(future["regional_compute_gw"].dims, compute)
    )
    sentence = told(changed, "regions").sentence
    assert "grows most in the Gulf (14.3% to 33.3%)" in sentence
    assert "fall from 40% [40% - 40%] of load in Virginia to 20% [20% - 20%]" in sentence


def test_worlds_that_ended_are_left_out(future: xr.Dataset) -> None:
    status = future["world_status"].copy(deep=True)
    status[0, 20:] = list(ENDINGS).index("unfunded")
    without = future.isel(draw=slice(1, None))
    ended = future.assign(world_status=status)
    assert [line.sentence for line in behaviour(ended)] == [line.sentence for line in behaviour(without)]
    with pytest.raises(EndedError):
        behaviour(future.assign(world_status=xr.ones_like(status)))


@pytest.mark.parametrize("analysis", [behaviour, against_prototype, against_sites])
def test_a_future_that_is_too_short_or_lacks_a_variable_is_refused(analysis, future: xr.Dataset) -> None:
    with pytest.raises(RequestError, match="has 8 quarters, 2026Q3 to 2028Q2; wanted every quarter up to 2031Q4"):
        analysis(future.isel(quarter=slice(0, 8)))
    with pytest.raises(RequestError, match="holds no active_compute_gw"):
        analysis(future.drop_vars("active_compute_gw"))


def test_the_variables_that_are_asked_for_are_enough(future: xr.Dataset) -> None:
    assert behaviour(future[[*BEHAVIOUR_VARIABLES, "world_status"]]) == behaviour(future)


def test_a_fall_is_from_the_highest_point_before_it() -> None:
    path = np.array([[2.0, 4.0, 3.0, 5.0, 4.5], [1.0, 2.0, 3.0, 4.0, 5.0]])
    assert largest_fall(path).tolist() == [0.25, 0.0]  # 4 to 3; 5 to 4.5 is a tenth
    assert bottom_of_fall(path)[0] == 2


def test_variability_is_that_of_growth_and_one_where_nothing_varies() -> None:
    still, waves = np.ones((1, 8)), np.exp(np.array([[0.0, 1, 0, 1, 0, 1, 0, 1]]))
    assert variability_ratio(still, still).tolist() == [1.0]
    assert variability_ratio(waves, np.sqrt(waves)) == pytest.approx([2.0])
    assert variability_ratio(waves, still).tolist() == [np.inf]


def test_the_prototype_agrees_where_its_figure_lies_inside_the_interval(future: xr.Dataset) -> None:
    rows = {row.figure.key: row for row in against_prototype(planted(future, active_compute_gw=39 / 6))}
    assert rows.keys() == MEASURES.keys()
    assert rows["compute_2027_gw"].agrees
    assert not rows["compute_2030_gw"].agrees
    assert rows["compute_2030_gw"].other == 76


def test_measures_beside_the_prototype_are_what_their_labels_say(future: xr.Dataset) -> None:
    path = steps(future, y2026Q3=30, y2027Q4=15, y2028Q2=12, y2030Q4=40, y2031Q4=50)
    changed = planted(
        future, ai_capital_expenditure_usd_bn=path, it_payment_usd_bn=path, net_debt_usd_bn=path,
        unpowered_it_gw=path, compute_revenue_usd_bn=path,
    )  # fmt: skip
    found = {row.figure.key: row.figure.median for row in against_prototype(changed)}
    assert found["spending_start_usd_bn"] == 180
    assert found["spending_2027_usd_bn"] == 90
    assert found["spending_fall"] == found["chips_fall"] == pytest.approx(0.6)
    assert found["net_debt_change_usd_bn"] == 5 * 20
    assert found["chips_2028_usd_bn"] == 6 * 12
    assert found["unpowered_peak_gw"] == 300
    assert found["revenue_2027_usd_bn"] == 4 * 15
    assert found["revenue_2030_usd_bn"] == 4 * 40


def test_a_future_grows_from_its_own_start_beside_the_counted_sites(future: xr.Dataset) -> None:
    changed = planted(future, energised_gw=1.0, it_retired_gw=0.5, active_compute_gw=2 + 0.5 * np.arange(40))
    rows: dict[str, Beside] = {row.figure.key: row for row in against_sites(changed)}
    assert rows["stock_at_start"].figure.median == 6 * 1.5  # 2 at the end of the first quarter, 0.5 added in it
    assert rows["added_2026"].figure.median == rows["added_2027"].figure.median == 6 * 0.5
    assert rows["growth_2026"].figure.median == pytest.approx(2.5 / 1.5)
    assert rows["growth_2027"].figure.median == pytest.approx(4.5 / 1.5)
    assert rows["growth_2026"].other == pytest.approx(counted_sites().gw["2026Q4"] / counted_sites().gw["2026Q2"])
