"""Chokepoints: what binds and follows, slopes of the whole loop, the cheapest bundle, and where money must go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import jax
import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.analyses.chokepoints import forced_spend, native_units, shadow_prices
from headrace.analyses.chokepoints.question import chokepoints
from headrace.analyses.chokepoints.rents import rents
from headrace.analyses.chokepoints.sentences import chokepoint_headlines
from headrace.analyses.chokepoints.sequence import sequence
from headrace.changes import drawn_values
from headrace.errors import PeriodError, RequestError
from headrace.evidence import archive
from headrace.simulation.relief import NUMBERS, relief
from headrace.variables import BUILDERS, GROUPS, LAYERS, LIMITS
from headrace.world import World, world_of

DRAWS, QUARTERS, DATE = 64, 40, 9
HELD = {"electrical.recipe_mva_per_gw": 2800.0, "grid.recipe_mw_per_gw": 1300.0}


@pytest.fixture(scope="module")
def world() -> World:
    return world_of("baseline", draws=DRAWS, seed=7, quarters=QUARTERS, settings=HELD)


@pytest.fixture(scope="module")
def found(world: World) -> xr.Dataset:
    return chokepoints(world)


def run(world: World, raised: np.ndarray, number: str, answer: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    date = (np.arange(QUARTERS) == DATE).astype(float)
    weight = np.array([name == number for name in NUMBERS], dtype=float)
    with jax.enable_x64(True):
        made = relief(*world.loop_arguments(0, DRAWS), raised, date, weight, np.float64(answer), quarters=QUARTERS)
        return np.asarray(made.number), np.asarray(made.slope)


@pytest.mark.parametrize("number", ["gross_profit", "compute"])
def test_slopes_are_differences_of_the_same_loop(number: str, world: World) -> None:
    nothing, step = np.zeros((QUARTERS, len(LAYERS), DRAWS)), 1e-5
    here, slope = run(world, nothing, number)
    noise = 1e-4 * np.abs(slope).max(axis=(0, 1)) + 1e-12 * np.abs(here) / step
    for quarter, layer in ((0, "packaging"), (3, "electrical"), (6, "memory")):
        up, down = nothing.copy(), nothing.copy()
        up[quarter, LAYERS.index(layer)], down[quarter, LAYERS.index(layer)] = step, -step
        sides = np.stack([run(world, up, number)[0] - here, here - run(world, down, number)[0]]) / step
        exact = slope[quarter, LAYERS.index(layer)]
        assert (exact >= sides.min(axis=0) - noise).all(), (quarter, layer)
        assert (exact <= sides.max(axis=0) + noise).all(), (quarter, layer)  # at a kink, one of two slopes


def test_the_use_of_compute_is_counted_at_the_price_that_there_is(world: World) -> None:
    nothing = np.zeros((QUARTERS, len(LAYERS), DRAWS))
    value, slope = run(world, nothing, "use_value")
    same, unanswered = run(world, nothing, "use_value", answer=0.0)
    assert same == pytest.approx(value, rel=1e-12)
    packaging = LAYERS.index("packaging")
    assert np.median(unanswered[:4, packaging]) > 0 > np.median(slope[:4, packaging])


def test_what_comes_after_the_date_adds_nothing_by_then(found: xr.Dataset) -> None:
    assert not found["compute_w"].isel(quarter=slice(DATE + 1, None)).any()
    assert found["compute_w"].isel(quarter=slice(0, DATE)).any()


def test_one_unit_is_as_much_of_a_gw_as_its_recipe_says(found: xr.Dataset, world: World) -> None:
    units = dict(zip(LAYERS, native_units.names(), strict=True))
    assert (units["packaging"], units["electrical"], units["grid"]) == ("wafer", "MVA", "MW")
    assert units["construction"] == "worker-quarter"
    drawn = drawn_values(world.seed, 0, DRAWS, world.changes)
    per_gw = found["units_per_gw"]
    assert per_gw.sel(layer="electrical").values == pytest.approx(2800)
    assert per_gw.sel(layer="grid").values == pytest.approx(1300)
    wafers = per_gw.sel(layer="packaging").values
    last = drawn["recipe.transition_quarters"] < QUARTERS
    assert wafers[last, -1] == pytest.approx(_wafers_per_gw(drawn, "share_next")[last], rel=1e-12)
    cost = service.simulate("baseline", draws=DRAWS, settings=HELD)["unit_cost_usd_bn_per_gw"].sel(layer="electrical")
    assert found["unit_price_usd"].sel(layer="electrical").values == pytest.approx(cost.values * 1e9 / 2800, rel=1e-9)


def _wafers_per_gw(drawn: Mapping[str, np.ndarray], field: str) -> np.ndarray:
    """CoWoS wafers for one GW of a mix, from the facts of each generation."""
    shares = {name.split(".")[1]: values for name, values in drawn.items() if name.endswith(f".{field}")}
    whole = sum(shares.values())
    return sum(
        share / whole * 1e6 / drawn[f"recipe.{g}.it_power_kw"] / drawn[f"recipe.{g}.packages_per_cowos_wafer"]
        for g, share in shares.items()
    )


def test_the_worth_at_once_is_the_slope_times_what_a_gw_earns_until_it_retires() -> None:
    dims = ("draw", "quarter")
    future = xr.Dataset(
        {
            "static_shadow_price": ((*dims, "layer"), np.full((1, 1, 2), (0.5, 0.0))),
            "compute_margin_usd_bn": (dims, np.full((1, 1), 6.0)),
            "active_compute_gw": ((*dims, "builder"), np.full((1, 1, 3), 1.0)),
        }
    )
    drawn = {"finance.wacc": np.array([1.02**4 - 1]), "finance.it_economic_life_quarters": np.array([12.5])}
    slope, worth = shadow_prices.static(future, drawn)
    assert slope[0, 0].tolist() == [0.5, 0.0]
    assert worth[0, 0] == pytest.approx([0.5 * 2 / (0.02 + 0.08), 0.0])


def codes(*rows: str) -> xr.DataArray:
    places = [[LIMITS.index(name) if name != "-" else -1 for name in row.split()] for row in rows]
    return xr.DataArray(np.array(places), dims=("draw", "quarter"))


def test_a_planted_sequence_is_found() -> None:
    said = sequence(codes("memory memory grid grid", "memory grid grid demand", "memory memory memory memory"))
    assert float(said["ever_share"].sel(limit="memory")) == 1
    assert float(said["leaves_share"].sel(limit="memory")) == pytest.approx(2 / 3)
    assert float(said["follows_share"].sel(limit="memory", following="grid")) == 1
    assert float(said["follows_by_chance"].sel(limit="memory", following="grid")) == pytest.approx(4 / 5)
    assert said["first_quarter"].sel(limit="grid").values.tolist() == pytest.approx([1.5, 1.05, 1.95])
    assert np.isnan(said["first_quarter"].sel(limit="cooling").values).all()
    assert np.isnan(said["follows_share"].sel(limit="demand").values).all()


def test_what_is_unresolved_neither_binds_nor_follows() -> None:
    said = sequence(codes("memory - grid", "- - -"))
    assert float(said["ever_share"].sum()) == pytest.approx(1.0)
    assert float(said["follows_share"].sel(limit="memory", following="grid")) == 1


def test_a_sequence_planted_in_the_loop_is_found() -> None:
    planted = {"reason": "planted for the test"}
    page = {
        "title": "Planted",
        "dated": dt.date(2026, 9, 30),
        "summary": "Memory is short first, packaging after it.",
        "changes": [
            {**planted, "parameter": "memory.availability", "value": 0.4, "start": "2026Q3", "end": "2028Q2"},
            {**planted, "parameter": "packaging.availability", "value": 0.3, "start": "2028Q3"},
        ],
    }
    said = sequence(service.simulate(page, draws=DRAWS)["binding_layer"])
    assert float(said["ever_share"].sel(limit="memory")) > 0.9
    assert float(said["follows_share"].sel(limit="memory", following="packaging")) > 0.8
    chance = float(said["follows_by_chance"].sel(limit="memory", following="packaging"))
    assert float(said["follows_share"].sel(limit="memory", following="packaging")) > chance


def test_scarcity_is_paid_by_whom_it_is_earned_from(found: xr.Dataset) -> None:
    earned, paid = found["scarcity_rent_usd_bn"].sum("layer"), found["scarcity_paid_usd_bn"].sum("builder")
    assert earned.values == pytest.approx(paid.values, rel=1e-9, abs=1e-9)
    dims = ("draw", "quarter")
    price = np.ones(len(LAYERS))
    price[LAYERS.index("memory")] = 1.25
    future = xr.Dataset(
        {
            "delivered_usd_bn": ((*dims, "layer"), np.full((1, 1, len(LAYERS)), 10.0)),
            "scarcity_price": ((*dims, "layer"), price.reshape(1, 1, -1)),
            "it_payment_usd_bn": ((*dims, "builder"), np.array([[[3.0, 1.0]]])),
            "site_payment_usd_bn": ((*dims, "builder"), np.array([[[0.0, 0.0]]])),
        }
    )
    by_layer, by_builder = rents(future)
    assert by_layer.sum() == pytest.approx(2.0)
    assert by_builder[0, 0].tolist() == pytest.approx([1.5, 0.5])


def test_the_bundle_adds_what_it_is_to_add_and_costs_less_than_more_of_everything(
    found: xr.Dataset, world: World
) -> None:
    assert float(found["gained_gw"].mean()) == pytest.approx(1.0, rel=2e-3)
    raised = found["raised_share"].values
    assert ((raised >= 0) & (raised <= 1)).all()
    assert not raised[found["in_time_share"].values == 0].any()
    lead = np.asarray(world.loop_arguments(0, DRAWS)[0]["layer.lead_time_quarters"])
    comes = np.arange(QUARTERS)[:, np.newaxis, np.newaxis] >= lead
    before = run(world, np.zeros((QUARTERS, len(LAYERS), DRAWS)), "compute")[0]
    low, high = 0.0, 1.0
    for _ in range(12):
        share = (low + high) / 2
        gain = (run(world, share * comes, "compute")[0] - before).mean()
        low, high = (share, high) if gain < 1 else (low, share)
    price = (found["bundle_cost_usd_bn"] / found["raised_share"].where(found["raised_share"] > 0)).median("draw")
    with_all = float(high * price.sum())  # of the layers that the bundle raises alone: a bound from below
    assert float(found["bundle_cost_usd_bn"].sum("layer").median()) < 1.5 * with_all


def test_a_target_that_no_bundle_reaches_is_said(world: World) -> None:
    answer = chokepoints(world, target_gw=500.0)
    assert np.isnan(answer["raised_share"].values).all()
    said = {one.key: one.sentence for one in chokepoint_headlines(answer)}
    assert "No bundle in range does" in said["bundle"]
    assert f"{answer.attrs['most_gw']:.1f} GW" in said["bundle"]


def made_up(**values: np.ndarray) -> xr.Dataset:
    quarters = ["2026Q3", "2026Q4", "2027Q1", "2027Q2", "2027Q3", "2027Q4"]
    dims = ("draw", "quarter")
    flat = {"delivered_usd_bn": ("layer", LAYERS), "group_revenue_usd_bn": ("group", GROUPS)}
    return xr.Dataset(
        {
            name: ((*dims, row), values.get(name, np.ones((2, len(quarters), len(labels)))))
            for name, (row, labels) in flat.items()
        },
        {"draw": [0, 1], "quarter": quarters, "layer": list(LAYERS), "group": list(GROUPS)},
    )


def test_spending_by_year_adds_up_and_a_year_in_part_is_counted() -> None:
    said = forced_spend.by_year(made_up())
    assert said["quarters"].values.tolist() == [2, 4]
    assert said["layer_spend_usd_bn"].sel(year=2027).values == pytest.approx(4)
    assert float(said["group_spend_usd_bn"].isel(draw=0).sum()) == pytest.approx(6 * len(forced_spend.SUPPLIERS))
    assert "compute" not in said["group"].values


def test_a_company_stands_beside_what_its_whole_group_sells() -> None:
    day = dt.date(2026, 9, 11)
    said = forced_spend.by_company(made_up(), archive.load().as_of(day), day)
    assert {"nvidia", "micron", "eaton"} <= set(said["company"].values)
    filed = archive.load().as_of(day).panel("revenue", ["micron"])["micron"].dropna().iloc[-4:].sum()
    assert float(said["revenue_usd_bn"].sel(company="micron")) == pytest.approx(filed)
    assert float(said["group_spend_over_revenue"].sel(company="micron", draw=0)) == pytest.approx(4 / filed)
    assert said["group_of_company"].sel(company="micron") == "memory"


def test_who_has_not_filed_for_a_year_is_left_out() -> None:
    then = archive.load().as_of(dt.date(2026, 9, 11))
    said = forced_spend.by_company(made_up(), then, dt.date(2028, 9, 11))
    assert said.sizes["company"] == 0


def test_probabilities_sum_to_one_where_something_binds(found: xr.Dataset) -> None:
    total = found["binding_probability"].sum("limit")
    assert total.values == pytest.approx(1)
    assert found["tightest_probability"].sum("layer").values == pytest.approx(2)  # one in each branch


def test_every_variable_says_its_unit_and_how_it_is_known(found: xr.Dataset) -> None:
    for name, variable in found.data_vars.items():
        assert {"units", "long_name", "status", "quality"} <= set(variable.attrs), name
    assert found["builder"].values.tolist() == list(BUILDERS)


def test_sentences_turn_round_with_the_figures(found: xr.Dataset) -> None:
    said = {one.key: one.sentence for one in chokepoint_headlines(found)}
    assert set(said) == {"binds", "follows", "worth", "bundle", "rent", "forced"}
    helps = found.assign(use_value_over_price=abs(found["use_value_over_price"]) + 1)
    assert "cannot be told" not in {one.key: one.sentence for one in chokepoint_headlines(helps)}["worth"]
    still = found.assign(follows_share=found["follows_share"] * np.nan)
    assert "Nothing takes over" in {one.key: one.sentence for one in chokepoint_headlines(still)}["follows"]


def test_a_date_outside_the_run_is_refused_before_slopes_are_taken(world: World) -> None:
    with pytest.raises(PeriodError, match="date 2026Q2 is outside the run, which goes from 2026Q3 to 2036Q2"):
        chokepoints(world, date="2026Q2")


@pytest.mark.parametrize("target", [0.0, -1.0, float("nan")])
def test_a_target_that_is_no_amount_is_refused(world: World, target: float) -> None:
    with pytest.raises(RequestError, match="wanted more than 0 GW"):
        chokepoints(world, target_gw=target)


def test_a_dataset_without_a_recipe_is_refused() -> None:
    with pytest.raises(RequestError, match="says nothing of the World"):
        chokepoints(made_up())
