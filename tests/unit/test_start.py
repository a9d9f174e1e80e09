"""The start: filed where filings say it, closed exactly, and every parameter read by someone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
import pytest
import xarray as xr
from jax.interpreters import partial_eval

from headrace.analyses import recipes
from headrace.evidence import archive
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import registry
from headrace.past_start.draws import dated
from headrace.past_start.known import known
from headrace.periods import quarter_index
from headrace.simulation import branches, start
from headrace.simulation.simulate import simulate
from headrace.simulation.worlds import stacked
from headrace.variables import BUILDERS, IT_LAYERS, PLAYERS
from headrace.world import filed_at_start

pytestmark = pytest.mark.xdist_group("future")

FILED_2026Q2 = {"amazon": 54.2, "microsoft": 35.8, "alphabet": 44.9, "meta": 30.1, "oracle": 16.5}
"""Cash capital expenditure as filed, USD bn, rounded to one digit."""


@pytest.fixture(scope="module")
def first(future: xr.Dataset) -> xr.Dataset:
    return future.isel(quarter=0)


@pytest.fixture(scope="module")
def drawn(future: xr.Dataset) -> dict[str, np.ndarray]:
    """The parameters behind the draws of the future."""
    return draw_parameters(registry().values(), 7, 0, future.sizes["draw"])


@pytest.mark.parametrize("player", PLAYERS)
def test_every_draw_starts_from_what_is_filed(player: str, future: xr.Dataset) -> None:
    filed = future["start_filed_capex_usd_bn"].sel(builder=player).values
    assert np.ptp(filed) == 0
    assert round(float(filed[0]), 1) == FILED_2026Q2[player]


def test_the_rest_of_the_world_starts_from_its_draw(future: xr.Dataset, drawn: dict[str, np.ndarray]) -> None:
    filed = future["start_filed_capex_usd_bn"].sel(builder="rest_of_world").values
    private = drawn["builder.rest_of_world.ai_capital_expenditure_usd_bn"]
    assert filed == pytest.approx(private + drawn["national.sovereign_demand_usd_bn"])


def test_what_is_paid_is_what_was_planned_in_every_draw_and_builder(first: xr.Dataset) -> None:
    planned, paid = first["planned_ai_capital_expenditure_usd_bn"], first["ai_capital_expenditure_usd_bn"]
    assert np.abs(paid / planned - 1).max() < 1e-9  # wanted within 1 %; the solution is exact
    assert planned.min() > 0


def test_the_gap_of_the_seeds_is_the_product_of_the_two_factors(first: xr.Dataset) -> None:
    gap = first["planned_ai_capital_expenditure_usd_bn"].sum("builder") / first["start_seeds_pay_usd_bn"].sum("builder")
    product = first["start_cost_factor"] * first["start_capacity_factor"]
    assert product.values == pytest.approx(gap.values, rel=1e-9)


def test_cost_takes_its_stated_share_of_the_gap(first: xr.Dataset, drawn: dict[str, np.ndarray]) -> None:
    gap = np.log(first["start_cost_factor"] * first["start_capacity_factor"])
    wanted = drawn["start.cost_share_of_gap"] * gap
    assert np.log(first["start_cost_factor"]).values == pytest.approx(wanted.values)


@pytest.mark.parametrize("branch", ["it", "site"])
def test_a_gigawatt_costs_what_was_observed_times_the_cost_factor(
    branch: str, first: xr.Dataset, drawn: dict[str, np.ndarray]
) -> None:
    observed = drawn[f"cost.{branch}_usd_bn_per_gw"] * first["start_cost_factor"].values
    assert first[f"{branch}_unit_cost_usd_bn_per_gw"].values == pytest.approx(observed)


@pytest.fixture(scope="module")
def deliveries(drawn: dict[str, np.ndarray], past: xr.Dataset) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Backlog at the start, and what would be delivered from it with the generations that ship at the start."""
    filed = start.FiledStart(*filed_at_start(past))
    with jax.enable_x64(True):
        state, world, _ = jax.jit(start.opening)(stacked(drawn), filed)
        backlogs = {"it": state.it_backlog_gw.sum(axis=0), "site": state.site_backlog_gw.sum(axis=0)}
        wanted = [backlogs[branch] / world[f"orders.{branch}_normal_lead_time_quarters"] for branch in backlogs]
        exponent = world["bottleneck.substitution_exponent"]
        flows = branches.branch_flows_gw(*wanted, state.capacity_gw_per_quarter, exponent)
    return {
        branch: (np.asarray(backlogs[branch]), np.asarray(flow)) for branch, flow in zip(backlogs, flows, strict=True)
    }


@pytest.mark.parametrize("branch", ["it", "site"])
def test_the_backlog_is_as_many_quarters_of_deliveries_as_stated(
    branch: str, deliveries: dict[str, tuple[np.ndarray, np.ndarray]], drawn: dict[str, np.ndarray]
) -> None:
    length, normal = drawn[f"start.{branch}_backlog_quarters"], drawn[f"orders.{branch}_normal_lead_time_quarters"]
    solvable = normal / length < 1 - 1 / drawn["bottleneck.substitution_exponent"]
    assert solvable.mean() > 0.8
    backlog, flow = deliveries[branch]
    assert (backlog / flow)[solvable] == pytest.approx(length[solvable])
    # a shorter one is demand-limited: it ends just above its normal lead time
    assert np.all((backlog / flow)[~solvable] > normal[~solvable])


def test_the_first_quarter_delivers_what_the_start_would_but_for_the_generations_that_ramp(
    first: xr.Dataset, deliveries: dict[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    # sites know no generation: their first lead time is that of the start, to rounding
    backlog, flow = deliveries["site"]
    assert first["site_lead_time_quarters"].values == pytest.approx(backlog / flow)
    # the first sixth or so of the next mix takes more of some layers and less of others
    backlog, flow = deliveries["it"]
    ratio = first["it_lead_time_quarters"].values / (backlog / flow)
    assert np.all((ratio > 0.9) & (ratio < 1.15))
    assert np.ptp(ratio) > 0


def test_compute_earns_the_reference_revenue_in_the_reference_quarter(
    first: xr.Dataset, drawn: dict[str, np.ndarray]
) -> None:
    assert quarter_index(str(first["quarter"].values)) == quarter_index(start.START_QUARTER) + 1
    assert first["compute_revenue_usd_bn"].values == pytest.approx(drawn["demand.reference_revenue_usd_bn"])


def test_adoption_has_run_since_the_launch(first: xr.Dataset, drawn: dict[str, np.ndarray]) -> None:
    adopted = np.zeros(len(drawn["adoption.imitation"]))
    for _ in range(16):  # 2022Q4 .. 2026Q3
        adopted = adopted + (drawn["adoption.innovation"] + drawn["adoption.imitation"] * adopted) * (1 - adopted)
    assert first["adoption_fraction"].values == pytest.approx(adopted)


def test_no_builder_is_killed_by_its_start(first: xr.Dataset) -> None:
    ai_share = first["start_ai_share"]
    spent = first["start_filed_capex_usd_bn"] * ai_share
    change = (first["planned_ai_capital_expenditure_usd_bn"] / spent).sel(builder=list(PLAYERS))
    # the fastest cut a plan can make is 15 % a quarter; a start that kills a builder makes it in every draw
    assert float(change.min()) >= 0.85 - 1e-12
    assert bool((change.median("draw") > 0.86).all())


def test_backlogs_are_shared_as_plans_are(first: xr.Dataset) -> None:
    shipped, planned = first["it_shipments_gw"], first["planned_ai_capital_expenditure_usd_bn"]
    assert (shipped / shipped.sum("builder")).values == pytest.approx((planned / planned.sum("builder")).values)


def arrays_that_reach(outputs_of: Callable[..., Any], arrays: Mapping[str, Any], *others: Any) -> set[str]:
    """Names in ``arrays`` of which something that ``outputs_of`` returns depends, by the programme that JAX traces."""
    traced = jax.make_jaxpr(outputs_of)(arrays, *others).jaxpr
    used = partial_eval.dce_jaxpr(traced, [True] * len(traced.outvars))[1]
    return {name for name, is_used in zip(sorted(arrays), used, strict=False) if is_used}


def test_every_parameter_reaches_an_output_the_history_of_recipes_or_a_past_start(past: xr.Dataset) -> None:
    drawn = draw_parameters(registry().values(), 7, 0, 2)
    before = stacked(drawn)
    shapes = {name: jax.ShapeDtypeStruct(values.shape, np.float32) for name, values in before.items()}
    filed = [jax.ShapeDtypeStruct(values.shape, np.float32) for values in filed_at_start(past)]

    def loop(arrays: Any, capex: Any, cash_flow: Any) -> Any:
        return simulate.__wrapped__(arrays, start.FiledStart(capex, cash_flow), quarters=2)[0]

    reaching = arrays_that_reach(loop, shapes, *filed)
    assert len(reaching) > 100
    unread = []
    for name in registry():
        after = stacked(drawn | {name: drawn[name] * 1.1 + 0.1})
        changed = {key for key, values in after.items() if not np.array_equal(values, before[key])}
        if not changed & reaching:
            unread.append(name)
    told = history_of_recipes(drawn)
    silent = [name for name in unread if history_of_recipes(drawn | {name: drawn[name] * 1.1 + 0.1}) == told]
    then = known(archive.load(), dt.date(2024, 6, 30))
    before = stacked(dated(drawn, then))
    forgotten = [
        name
        for name in silent
        if all(
            np.array_equal(values, before[key])
            for key, values in stacked(dated(drawn | {name: drawn[name] * 1.1 + 0.1}, then)).items()
            if key != name
        )
    ]
    assert forgotten == []


def history_of_recipes(drawn: dict[str, np.ndarray]) -> list[list[float]]:
    """What the analyses of shipments make of the parameters."""
    shipped = recipes.shipped_units(7, 2)
    arrays = [
        *recipes.compute_per_mw(drawn, shipped),
        *(recipes.mix_compute_per_mw(drawn, field) for field in ("share_now", "share_next")),
        *(recipes.units_needed(drawn, shipped, layer)[0] for layer in IT_LAYERS),
    ]
    return [array.ravel().tolist() for array in arrays]


def test_a_parameter_that_reaches_nothing_would_be_found() -> None:
    one = jax.ShapeDtypeStruct((), np.float32)

    def scanned(arrays: Any) -> Any:
        def following(carried: Any, _: Any) -> Any:
            return {"kept": carried["kept"] * arrays["read"], "lost": carried["lost"] * arrays["forgotten"]}, None

        return jax.lax.scan(following, {"kept": arrays["read"], "lost": arrays["read"]}, length=3)[0]["kept"]

    assert arrays_that_reach(scanned, {"read": one, "forgotten": one}) == {"read"}


def test_builders_of_the_start_are_those_of_the_table(future: xr.Dataset) -> None:
    assert future["start_seeds_pay_usd_bn"].dims == ("draw", "builder")
    assert tuple(future["builder"].values) == BUILDERS
