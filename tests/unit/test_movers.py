"""Which assumptions move a figure: planted relations are found, chance is not."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import spearmanr

from headrace.analyses.movers import movers
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import registry


def drawn(name: str, draws: int) -> np.ndarray:
    return draw_parameters([registry()[name]], 7, 0, draws)[name]


@pytest.fixture
def run() -> xr.Dataset:
    world = '{"seed": 7, "draws": 400, "held": {"finance.wacc": 0.1}}'
    return xr.Dataset(coords={"draw": np.arange(400)}, attrs={"world": world})


def test_a_figure_made_of_two_parameters_is_moved_by_those_two(run: xr.Dataset) -> None:
    strong, weak = drawn("adoption.imitation", 400), drawn("demand.compute_margin", 400)
    figure = 3 * strong / strong.std() - weak / weak.std()
    first, second = movers(run, figure, most=2)
    assert (first.name, second.name) == ("adoption.imitation", "demand.compute_margin")
    assert first.correlation > 0 > second.correlation
    assert first.correlation == pytest.approx(spearmanr(figure, strong).statistic)


def test_of_worlds_that_were_left_out_nothing_is_asked(run: xr.Dataset) -> None:
    figure = drawn("adoption.imitation", 400)
    kept = np.flatnonzero(figure > np.median(figure))
    (mover,) = movers(run.isel(draw=kept), figure[kept], most=1)
    assert mover.name == "adoption.imitation"
    assert mover.correlation == pytest.approx(1)


def test_only_those_asked_for_are_named(run: xr.Dataset) -> None:
    figure = drawn("adoption.imitation", 400)
    assert [mover.name for mover in movers(run, figure, among=["finance.it_economic_life_quarters"])] == [
        "finance.it_economic_life_quarters"
    ]


def test_a_parameter_that_was_set_moves_nothing(run: xr.Dataset) -> None:
    assert movers(run, drawn("adoption.imitation", 400), among=["finance.wacc"]) == []


@pytest.mark.parametrize(
    "figure", [np.ones(400), np.full(400, np.nan), np.arange(10.0)], ids=["constant", "unknown", "few draws"]
)
def test_where_nothing_can_be_said_nothing_is(run: xr.Dataset, figure: np.ndarray) -> None:
    assert movers(run, figure) == []
