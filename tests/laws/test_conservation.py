"""What must hold in every draw and quarter: nothing is made or lost on its way from order to compute in a region.

A law is a sum of terms that is zero. Its error may be 64 roundings of its gross flows, in the precision of the loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from headrace.variables import BUILDERS, LAYERS

if TYPE_CHECKING:
    from tests.laws.conftest import Run

pytestmark = pytest.mark.xdist_group("laws")

GENERATION, GRID = LAYERS.index("generation"), LAYERS.index("grid")


@pytest.mark.parametrize("branch", ["it", "site"])
def test_orders_less_shipments_are_the_change_of_backlog(branch: str, run: Run) -> None:
    before, after = run.before(f"{branch}_backlog_gw"), run.outputs[f"{branch}_backlog_gw"]
    ordered, shipped = run.outputs[f"{branch}_orders_gw"], run.outputs[f"{branch}_shipments_gw"]
    run.holds(ordered, -shipped, change=after - before, stock=before)


def test_it_shipped_is_energised_or_waits(run: Run) -> None:
    before, after = run.before("unpowered_it_gw"), run.outputs["unpowered_it_gw"]
    run.holds(run.outputs["it_shipments_gw"], -run.outputs["energised_gw"], change=after - before, stock=before)


def test_active_compute_is_what_was_and_what_came_less_what_retired(run: Run) -> None:
    before, after = run.before("active_compute_gw"), run.outputs["active_compute_gw"]
    run.holds(run.outputs["energised_gw"], -run.outputs["it_retired_gw"], change=after - before, stock=before)


def test_shells_shipped_or_freed_are_filled_wait_or_decay(run: Run) -> None:
    before, after = run.before("empty_shells_gw"), run.outputs["empty_shells_gw"]
    run.holds(
        run.outputs["site_shipments_gw"],
        run.outputs["it_retired_gw"],
        -run.outputs["energised_gw"],
        -run.parameter("energise.shell_decay", 1) * before,
        change=after - before,
        stock=before,
    )


def test_it_shipped_since_the_start_is_installed_waits_or_has_retired(run: Run) -> None:
    stocks = run.outputs["active_compute_gw"] + run.outputs["unpowered_it_gw"]
    before = run.opening["active_compute_gw"] + run.opening["unpowered_it_gw"]
    shipped, retired = (np.cumsum(run.outputs[name], axis=1) for name in ("it_shipments_gw", "it_retired_gw"))
    error = np.abs(shipped - retired - (stocks - before[:, None]))
    assert np.all(error <= 64 * run.eps * (shipped + retired + stocks + before[:, None]))


def test_sites_shipped_since_the_start_hold_compute_stand_empty_or_have_decayed(run: Run) -> None:
    stocks = run.outputs["active_compute_gw"] + run.outputs["empty_shells_gw"]
    before = run.opening["active_compute_gw"] + run.opening["empty_shells_gw"]
    decayed = np.cumsum(run.parameter("energise.shell_decay", 1) * run.before("empty_shells_gw"), axis=1)
    shipped = np.cumsum(run.outputs["site_shipments_gw"], axis=1)
    error = np.abs(shipped - decayed - (stocks - before[:, None]))
    assert np.all(error <= 64 * run.eps * (shipped + decayed + stocks + before[:, None]))


def test_unpowered_it_and_empty_shells_never_wait_together(run: Run) -> None:
    unpowered, empty = run.outputs["unpowered_it_gw"], run.outputs["empty_shells_gw"]
    assert np.minimum(unpowered, empty).max() == 0
    assert min(unpowered.min(), empty.min()) == 0


def test_compute_weighed_by_quality_is_what_was_kept_and_what_came_at_the_frontier(run: Run) -> None:
    active, quality = run.outputs["active_compute_gw"], run.outputs["compute_quality_index"]
    kept = (run.before("active_compute_gw") - run.outputs["it_retired_gw"]) * run.before("compute_quality_index")
    frontier = run.parameter("energise.frontier_quality_factor") * run.outputs["frontier_quality_index"]
    run.holds(kept, run.outputs["energised_gw"] * frontier[..., None], -active * quality)


def test_the_frontier_grows_as_stated(run: Run) -> None:
    frontier, growth = run.outputs["frontier_quality_index"], run.parameter("energise.frontier_quality_growth")
    assert np.array_equal(frontier[:, 0], run.opening["frontier_quality_index"])
    growth = np.broadcast_to(growth, frontier.shape)
    assert np.abs(frontier[:, 1:] / (frontier * (1 + growth))[:, :-1] - 1).max() <= 4 * run.eps


def native_capacity(run: Run) -> np.ndarray:
    """Capacity in GW of the generations of the start, whatever ships, is out of order or closed."""
    usable, grid = run.outputs["capacity_gw_per_quarter"], np.arange(len(LAYERS)) == GRID
    shipped = np.clip((np.arange(usable.shape[1]) + 1) / run.parameter("recipe.transition_quarters"), 0, 1)[..., None]
    recipe = 1 + (run.parameter("layer.recipe_growth") - 1) * shipped
    let_through = np.where(grid, run.outputs["interconnection_factor"][..., None], 1)
    return usable * recipe / run.parameter("layer.availability") / let_through


def test_capacity_and_what_is_under_way_grow_by_what_is_decided_less_decay(run: Run) -> None:
    capacity, pipeline = native_capacity(run), run.outputs["pipeline_gw_per_quarter"]
    decided, decayed = run.outputs["expansion_gw_per_quarter"], run.parameter("layer.decay") * capacity
    together = capacity + pipeline
    change = together[:, 1:] - together[:, :-1]
    # what arrives leaves one stock and enters the other: both are rounded, and so are the factors between
    error = np.abs((decided - decayed)[:, :-1] - change)
    assert np.all(error <= 64 * run.eps * (decided + decayed)[:, :-1] + 8 * run.eps * together[:, :-1])


def test_capacity_and_lines_start_where_they_were(run: Run) -> None:
    line = run.opening["expansion_line_gw"].sum(axis=1)
    assert np.abs(native_capacity(run)[:, 0] / run.opening["capacity_gw_per_quarter"] - 1).max() <= 16 * run.eps
    assert np.abs(run.outputs["pipeline_gw_per_quarter"][:, 0] / line - 1).max() <= 64 * run.eps


def test_shares_sum_to_one(run: Run) -> None:
    assert np.abs(run.outputs["market_share"].sum(axis=-1) - 1).max() <= 64 * run.eps
    use = run.outputs["power_use_share"]
    assert np.abs(use[..., [GENERATION, GRID]].sum(axis=-1) - 1).max() <= 64 * run.eps
    assert np.all(np.delete(use, [GENERATION, GRID], axis=-1) == 1)
    # exactly: a rounding below nothing would be sold by a group
    assert use.min() == 0
    assert use.max() == 1


def test_power_flows_within_what_grid_and_generation_can_do(run: Run) -> None:
    flow, capacity = run.outputs["site_shipments_gw"].sum(axis=-1), run.outputs["capacity_gw_per_quarter"]
    use = run.outputs["power_use_share"]
    rounding = 1 + 64 * run.eps
    assert np.all(flow <= capacity[..., [GENERATION, GRID]].sum(axis=-1) * rounding)
    for layer in (GENERATION, GRID):
        assert np.all(flow * use[..., layer] <= capacity[..., layer] * rounding + 64 * run.eps * flow)


def test_regions_share_what_is_energised_and_what_retires(run: Run) -> None:
    energised, retired = (run.outputs[name].sum(axis=-1) for name in ("energised_gw", "it_retired_gw"))
    before, after = (
        values.sum(axis=-1) for values in (run.before("regional_compute_gw"), run.outputs["regional_compute_gw"])
    )
    run.holds(energised, -retired, change=after - before, stock=before)
    run.holds(energised, *(-run.outputs["regional_energised_gw"][..., region] for region in range(7)))


def test_compute_of_all_regions_is_compute_of_all_builders(run: Run) -> None:
    regions, builders = (run.outputs[name].sum(axis=-1) for name in ("regional_compute_gw", "active_compute_gw"))
    assert np.abs(regions / builders - 1).max() <= 64 * run.eps


def test_every_share_of_a_region_is_a_share(run: Run) -> None:
    for name in ("data_centre_share_of_load", "grid_headroom", "interconnection_factor"):
        values = run.outputs[name]
        assert values.min() >= 0, name
        assert values.max() <= 1 + 64 * run.eps, name


def test_lead_time_is_backlog_over_shipments(run: Run) -> None:
    for branch in ("it", "site"):
        backlog = run.before(f"{branch}_backlog_gw").sum(axis=-1)
        shipped = run.outputs[f"{branch}_shipments_gw"].sum(axis=-1)
        lead = run.outputs[f"{branch}_lead_time_quarters"]
        assert np.abs(lead * shipped / backlog - 1).max() <= 256 * run.eps


def test_deliveries_are_rationed_as_backlogs_are(run: Run) -> None:
    for branch in ("it", "site"):
        backlog, shipped = run.before(f"{branch}_backlog_gw"), run.outputs[f"{branch}_shipments_gw"]
        wanted = backlog / backlog.sum(axis=-1, keepdims=True)
        assert np.abs(shipped / shipped.sum(axis=-1, keepdims=True) - wanted).max() <= 256 * run.eps


def test_everything_is_a_number(run: Run) -> None:
    assert [name for name, values in run.outputs.items() if not np.isfinite(values).all()] == []
    assert run.outputs["market_share"].shape[-1] == len(BUILDERS)


NEVER_NEGATIVE = (
    "planned_ai_capital_expenditure_usd_bn",
    "ai_capital_expenditure_usd_bn",
    "it_orders_gw",
    "site_orders_gw",
    "it_backlog_gw",
    "site_backlog_gw",
    "it_shipments_gw",
    "site_shipments_gw",
    "it_advances_usd_bn",
    "site_advances_usd_bn",
    "energised_gw",
    "active_compute_gw",
    "capacity_gw_per_quarter",
    "expansion_gw_per_quarter",
    "pipeline_gw_per_quarter",
    "regional_compute_gw",
    "regional_energised_gw",
    "regional_load_gw",
    "delivered_usd_bn",
    "installed_capacity_usd_bn",
    "shares_sold_usd_bn",
    "interest_usd_bn",
)


@pytest.mark.parametrize("name", NEVER_NEGATIVE)
def test_it_is_never_negative(name: str, run: Run) -> None:
    values = run.outputs[name]
    assert values.min() >= -64 * run.eps * np.abs(values).max()


def test_falling_prices_never_make_spending_negative_or_the_loop_no_number(collapse: Run) -> None:
    assert [name for name, values in collapse.outputs.items() if not np.isfinite(values).all()] == []
    for name in NEVER_NEGATIVE:
        assert collapse.outputs[name].min() >= -1e-9, name
