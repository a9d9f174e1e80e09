"""From dotted names to the arrays of the loop and the quarters in which they move."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.changes import movable
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import registry
from headrace.simulation.paths import place, row_count, stacked_paths
from headrace.simulation.worlds import stacked
from headrace.variables import GROUPS, LAYERS, PLAYERS, REGIONS


@pytest.mark.parametrize(
    ("name", "array", "row"),
    [
        ("memory.availability", "layer.availability", LAYERS.index("memory")),
        ("builder.oracle.pause_share", "builder.pause_share", PLAYERS.index("oracle")),
        ("region.gulf.openness", "region.openness", REGIONS.index("gulf")),
        ("group.memory.start_multiple", "group.start_multiple", GROUPS.index("memory")),
        ("rivalry.loss_aversion", "rivalry.loss_aversion", None),
        # no player: a path of its own, and no row
        ("builder.rest_of_world.growth", "builder.rest_of_world.growth", None),
        # a parameter of the market that begins with a layer's name
        ("market.memory_equipment_quarters", "market.memory_equipment_quarters", None),
    ],
)
def test_a_parameter_stands_in_an_array_and_a_row(name: str, array: str, row: int | None) -> None:
    assert place(name) == (array, row)


def test_every_parameter_stands_where_the_loop_finds_it() -> None:
    drawn = draw_parameters(registry().values(), 7, 0, 3)
    arrays = stacked(drawn)
    for name, values in drawn.items():
        array, row = place(name)
        if array in arrays:
            found = arrays[array] if row is None else arrays[array][row]
            assert np.array_equal(found, values), name
            assert (row_count(array) is None) == (row is None), name


def test_rows_are_those_of_the_axis() -> None:
    arrays = (
        "layer.decay",
        "builder.pause_share",
        "region.openness",
        "group.start_multiple",
        "builder.rest_of_world.growth",
    )
    assert [row_count(array) for array in arrays] == [len(LAYERS), len(PLAYERS), len(REGIONS), len(GROUPS), None]


def test_a_path_moves_its_row_and_leaves_the_others() -> None:
    factor, shift = np.array([[1.0], [0.5], [0.0]]), np.array([[0.0], [0.0], [0.2]])
    path = stacked_paths(("memory.availability",), factor, shift)["layer.availability"]
    row = LAYERS.index("memory")
    assert np.asarray(path.factor)[:, row].tolist() == [1, 0.5, 0]
    assert np.asarray(path.shift)[:, row].tolist() == [0, 0, 0.2]
    assert np.all(np.delete(np.asarray(path.factor), row, axis=1) == 1)
    assert np.all(np.delete(np.asarray(path.shift), row, axis=1) == 0)


def test_two_rows_of_one_array_share_a_path() -> None:
    names = ("memory.availability", "grid.availability", "rivalry.loss_aversion")
    factor, shift = np.array([[0.5, 0.25, 0.0]]), np.array([[0.0, 0.0, 1.0]])
    paths = stacked_paths(names, factor, shift)
    assert paths.keys() == {"layer.availability", "rivalry.loss_aversion"}
    moved = np.asarray(paths["layer.availability"].factor)[0]
    assert (moved[LAYERS.index("memory")], moved[LAYERS.index("grid")]) == (0.5, 0.25)
    assert np.asarray(paths["rivalry.loss_aversion"].shift).tolist() == [1]


def test_a_path_that_was_asked_for_and_does_not_move_changes_nothing() -> None:
    paths = stacked_paths((), np.ones((4, 0)), np.zeros((4, 0)), frozenset({"region.openness", "demand.efficiency"}))
    assert np.asarray(paths["region.openness"].factor).shape == (4, len(REGIONS))
    assert np.asarray(paths["demand.efficiency"].factor).shape == (4,)
    for path in paths.values():
        assert np.all(np.asarray(path.factor) == 1)
        assert np.all(np.asarray(path.shift) == 0)


@pytest.mark.parametrize(
    "name",
    [
        "rivalry.loss_aversion",
        "memory.availability",
        "builder.meta.pause_share",
        "region.texas.openness",
        "market.log_multiple_shift",
        "builder.rest_of_world.ai_capital_expenditure_usd_bn",
    ],
)
def test_what_is_read_in_each_quarter_can_move(name: str) -> None:
    assert name in movable()


@pytest.mark.parametrize(
    "name",
    [
        "memory.capacity_stacks_per_quarter",
        "memory.usable_share",
        "start.active_compute_gw",
        "cost.it_usd_bn_per_gw",
        "builder.meta.net_debt_usd_bn",
        "demand.reference_revenue_usd_bn",
        "recipe.rubin.share_next",
        "group.memory.start_multiple",
    ],
)
def test_what_the_start_alone_reads_cannot(name: str) -> None:
    assert name in registry()
    assert name not in movable()
