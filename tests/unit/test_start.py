"""The start: filed where filings say it, closed exactly, and every parameter read by someone."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
import xarray as xr

from headrace.analyses import recipes
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import registry
from headrace.service import worlds
from headrace.simulation import start, vintages
from headrace.simulation.step import step
from headrace.simulation.worlds import stacked
from headrace.variables import BUILDERS, IT_LAYERS, PLAYERS

traced_step = getattr(step, "__wrapped__", step)
"""One quarter without a compiled boundary, which a recording mapping could not pass."""

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
    assert filed == pytest.approx(drawn["builder.rest_of_world.ai_capital_expenditure_usd_bn"])


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


@pytest.mark.parametrize("branch", ["it", "site"])
def test_the_backlog_is_as_many_quarters_of_deliveries_as_stated(
    branch: str, first: xr.Dataset, drawn: dict[str, np.ndarray]
) -> None:
    length, normal = drawn[f"start.{branch}_backlog_quarters"], drawn[f"orders.{branch}_normal_lead_time_quarters"]
    solvable = normal / length < 1 - 1 / drawn["bottleneck.substitution_exponent"]
    assert solvable.mean() > 0.8
    lead = first[f"{branch}_lead_time_quarters"].values
    assert lead[solvable] == pytest.approx(length[solvable])
    # a shorter one is demand-limited: it ends just above its normal lead time
    assert np.all(lead[~solvable] > normal[~solvable])


def test_compute_earns_the_reference_revenue_in_the_reference_quarter(
    first: xr.Dataset, drawn: dict[str, np.ndarray]
) -> None:
    assert str(first["quarter"].values) == start.REFERENCE_QUARTER
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


class Recorder(dict[str, Any]):
    """A mapping that knows which of its keys were asked for."""

    asked: set[str]

    def __init__(self, values: Any) -> None:
        super().__init__(values)
        self.asked = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)


@pytest.fixture
def recorders(monkeypatch: pytest.MonkeyPatch) -> list[Recorder]:
    """Every mapping of parameters that the start makes, with its keys recorded."""
    made: list[Recorder] = []

    def recording(values: Any) -> Recorder:
        made.append(Recorder(values))
        return made[-1]

    monkeypatch.setattr(start, "dict", recording, raising=False)
    monkeypatch.setattr(start, "step", traced_step)
    return made


def test_every_parameter_changes_something_that_the_loop_or_the_history_of_recipes_reads(
    past: xr.Dataset, recorders: list[Recorder]
) -> None:
    drawn = draw_parameters(registry().values(), 7, 0, 2)
    arrays = {name: jax.ShapeDtypeStruct(values.shape, np.float32) for name, values in stacked(drawn).items()}
    capex, cash_flow = (jax.ShapeDtypeStruct(values.shape, np.float32) for values in worlds._filed_at_start(past))

    def one_quarter(arrays: Any, capex: Any, cash_flow: Any) -> Any:
        state, world, _ = start.opening(arrays, start.FiledStart(capex, cash_flow))
        _, outputs = traced_step(state, world, jax.numpy.asarray(0.0))
        outputs = {name: values[None] for name, values in outputs.items()}
        charge = vintages.capital_charge_usd_bn(outputs, world, capex, state)
        return vintages.depreciation_usd_bn(outputs, world), charge

    jax.eval_shape(one_quarter, arrays, capex, cash_flow)
    (world,) = recorders
    read = world.asked
    assert len(read) > 50
    before = stacked(drawn)
    unread = []
    for name in registry():
        after = stacked(drawn | {name: drawn[name] * 1.1 + 0.1})
        changed = {key for key, values in after.items() if not np.array_equal(values, before[key])}
        if not changed & read:
            unread.append(name)
    told = history_of_recipes(drawn)
    forgotten = [name for name in unread if history_of_recipes(drawn | {name: drawn[name] * 1.1 + 0.1}) == told]
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


def test_a_parameter_that_nothing_reads_would_be_found(past: xr.Dataset, recorders: list[Recorder]) -> None:
    world = Recorder({"a.read": 1, "a.forgotten": 2})
    assert world["a.read"] == 1
    assert world.asked == {"a.read"}


def test_builders_of_the_start_are_those_of_the_table(future: xr.Dataset) -> None:
    assert future["start_seeds_pay_usd_bn"].dims == ("draw", "builder")
    assert tuple(future["builder"].values) == BUILDERS
