"""Laws of the loop as a whole: order of players, unit of money, precision, corners of priors, worth of capacity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import registry
from headrace.simulation import start
from headrace.simulation.paths import Path
from headrace.simulation.simulate import simulate
from headrace.simulation.state import State
from headrace.simulation.step import step
from headrace.simulation.worlds import stacked
from headrace.variables import BUILDERS, LAYERS, PLAYERS, table

pytestmark = pytest.mark.xdist_group("laws")

Filed = tuple[np.ndarray, np.ndarray]
Draws = dict[str, np.ndarray]

DRAWS, QUARTERS = 64, 40
N_PLAYERS = len(PLAYERS)

few = settings(max_examples=6)
one_quarter: Callable[..., tuple[State, Mapping[str, jax.Array]]] = jax.jit(step)


@pytest.fixture(scope="module")
def drawn() -> Draws:
    return draw_parameters(registry().values(), 7, 0, DRAWS)


def outputs_of(drawn: Draws, filed: Filed, paths: Mapping[str, Path]) -> dict[str, np.ndarray]:
    """By variable name, (quarter, *axes, draw)."""
    arrays = {name: jnp.asarray(values) for name, values in stacked(drawn).items()}
    known = start.FiledStart(*(jnp.asarray(values) for values in filed))
    outputs, _ = simulate(arrays, known, dict(paths), quarters=QUARTERS)
    return {name: np.asarray(values) for name, values in outputs.items()}


@pytest.fixture(scope="module")
def plain(drawn: Draws, filed: Filed, at_rest: Mapping[str, Path]) -> dict[str, np.ndarray]:
    return outputs_of(drawn, filed, at_rest)


def renamed(drawn: Draws, order: list[int]) -> Draws:
    """The draws in which player ``n`` has what player ``order[n]`` had."""
    moved = dict(drawn)
    for to, of in zip(PLAYERS, (PLAYERS[n] for n in order), strict=True):
        for name in drawn:
            if name.startswith(f"builder.{of}."):
                moved[name.replace(f".{of}.", f".{to}.")] = drawn[name]
    return moved


@few
@given(order=st.permutations(range(N_PLAYERS)))
def test_permuting_players_permutes_results_and_changes_nothing_else(
    order: list[int], drawn: Draws, filed: Filed, at_rest: Mapping[str, Path], plain: dict[str, np.ndarray]
) -> None:
    moved = outputs_of(renamed(drawn, order), (filed[0][:, order], filed[1][:, order]), at_rest)
    for name, row in table().items():
        before = plain[name]
        if "builder" in row.dims:
            rest = range(N_PLAYERS, before.shape[1])
            before = before[:, [*order, *rest]]
        if row.kind == "code":
            # two limits may be all but equal; rounding then chooses
            assert (moved[name] == before).mean() > 0.99, name
        else:
            np.testing.assert_allclose(moved[name], before, rtol=1e-7, atol=1e-8, err_msg=name)


def in_money(unit: str) -> bool:
    return "USD" in unit


def test_parameters_in_money_are_known_by_their_unit() -> None:
    named = {name for name in registry() if "usd" in name}
    assert {name for name, entry in registry().items() if in_money(entry.unit)} == named
    assert len(named) > 10
    for name, row in table().items():
        assert in_money(row.unit) == ("usd" in name), name


@few
@given(scale=st.floats(1e-3, 1e3))
def test_another_unit_of_money_changes_amounts_of_money_and_nothing_else(
    scale: float, drawn: Draws, filed: Filed, at_rest: Mapping[str, Path], plain: dict[str, np.ndarray]
) -> None:
    priced = {name: values * (scale if in_money(registry()[name].unit) else 1) for name, values in drawn.items()}
    scaled = outputs_of(priced, (filed[0] * scale, filed[1] * scale), at_rest)
    for name, row in table().items():
        if row.kind == "code":
            assert (scaled[name] == plain[name]).mean() > 0.99, name
        else:
            factor = scale if in_money(row.unit) else 1
            np.testing.assert_allclose(scaled[name] / factor, plain[name], rtol=1e-7, atol=1e-8, err_msg=name)


def test_both_precisions_draw_the_same_worlds_and_tell_the_same_story(
    filed: Filed, drawn: Draws, at_rest: Mapping[str, Path]
) -> None:
    from headrace import ensemble
    from headrace.changes import Changes

    request: dict[str, Any] = {"draws": DRAWS, "seed": 7, "quarters": QUARTERS, "changes": Changes(paths=at_rest)}
    wide, wide_start = ensemble.run(filed, **request, precision=64)
    short, short_start = ensemble.run(filed, **request, precision=32)
    assert short["active_compute_gw"].dtype == np.float32
    shares = np.stack([drawn[f"builder.{player}.ai_share"] for player in PLAYERS], axis=1)
    np.testing.assert_array_equal(wide_start["ai_share"][:, :N_PLAYERS], shares)
    np.testing.assert_array_equal(short_start["ai_share"][:, :N_PLAYERS], shares.astype(np.float32))
    for name in ("active_compute_gw", "ai_capital_expenditure_usd_bn", "compute_revenue_usd_bn", "spend_to_pool_ratio"):
        np.testing.assert_allclose(short[name], wide[name], rtol=2e-3, err_msg=name)
        np.testing.assert_allclose(np.median(short[name], 0), np.median(wide[name], 0), rtol=1e-4, err_msg=name)


@pytest.fixture(scope="module")
def states(drawn: Draws, filed: Filed) -> tuple[list[State], Mapping[str, jax.Array]]:
    """The state before each quarter, and the world."""
    arrays = {name: jnp.asarray(values) for name, values in stacked(drawn).items()}
    known = start.FiledStart(*(jnp.asarray(values) for values in filed))
    state, world, _ = jax.jit(start.opening)(arrays, known)
    every = [state]
    for quarter in range(QUARTERS - 1):
        every.append(one_quarter(every[-1], world, jnp.asarray(float(quarter)))[0])
    return every, world


def with_more(state: State, layer: int, factor: float | np.ndarray) -> State:
    from dataclasses import replace

    return replace(state, capacity_gw_per_quarter=state.capacity_gw_per_quarter.at[layer].multiply(factor))


@settings(max_examples=30)
@given(layer=st.integers(0, len(LAYERS) - 1), quarter=st.integers(0, QUARTERS - 1), factor=st.floats(1.0, 10.0))
def test_more_capacity_never_energises_less_in_the_same_quarter(
    layer: int, quarter: int, factor: float, states: tuple[list[State], Mapping[str, jax.Array]]
) -> None:
    every, world = states
    energised = [
        np.asarray(one_quarter(state, world, jnp.asarray(float(quarter)))[1]["energised_gw"])
        for state in (every[quarter], with_more(every[quarter], layer, factor))
    ]
    assert np.all(energised[1] >= energised[0] * (1 - 1e-12))


@settings(max_examples=8)
@given(layer=st.integers(0, len(LAYERS) - 1), quarter=st.integers(0, QUARTERS - 5))
def test_elasticities_are_the_differences_of_the_same_loop(
    layer: int,
    quarter: int,
    states: tuple[list[State], Mapping[str, jax.Array]],
    plain: dict[str, np.ndarray],
) -> None:
    every, world = states

    def energised_ahead(factor: float) -> np.ndarray:
        state, total = with_more(every[quarter], layer, factor), np.zeros(DRAWS)
        for ahead in range(4):
            state, outputs = one_quarter(state, world, jnp.asarray(float(quarter + ahead)))
            total += np.asarray(outputs["energised_gw"]).sum(axis=0)
        return total

    small = 1e-6
    difference = np.log(energised_ahead(np.exp(small)) / energised_ahead(np.exp(-small))) / (2 * small)
    # a world that stands on a kink of the hard minimum has two slopes, and the gradient is one of them
    close = np.abs(difference - plain["layer_elasticity"][quarter, layer]) < 1e-5
    assert close.mean() >= 0.95


CORNER_DRAWS, CORNER_QUARTERS = 8, 12


def at_corners(end: Callable[[Any], tuple[float, float]]) -> tuple[Draws, list[str]]:
    """Eight draws for each end of each uncertain parameter, all as worlds of one array; and what each world holds."""
    base = draw_parameters(registry().values(), 11, 0, CORNER_DRAWS)
    held = [(name, value) for name, entry in registry().items() for value in dict.fromkeys(end(entry))]
    values = {name: np.tile(draws, len(held)) for name, draws in base.items()}
    for place, (name, value) in enumerate(held):
        values[name][place * CORNER_DRAWS : (place + 1) * CORNER_DRAWS] = value
    return values, [f"{name} = {value:g}" for name, value in held for _ in range(CORNER_DRAWS)]


def faults_at_corners(end: Callable[[Any], tuple[float, float]], filed: Filed) -> set[str]:
    drawn, labels = at_corners(end)
    arrays = {name: jnp.asarray(values) for name, values in stacked(drawn).items()}
    known = start.FiledStart(*(jnp.asarray(values) for values in filed))
    state, world, _ = jax.jit(start.opening)(arrays, known)
    worlds = len(labels)
    good = np.ones(worlds, bool)
    for quarter in range(CORNER_QUARTERS):
        state, outputs = one_quarter(state, world, jnp.asarray(float(quarter)))
        for values in outputs.values():
            good &= np.isfinite(np.asarray(values)).reshape(-1, worlds).all(axis=0)
    return {label for label, is_good in zip(labels, good, strict=True) if not is_good}


def test_no_end_of_a_prior_makes_a_result_that_is_no_number(filed: Filed) -> None:
    assert faults_at_corners(lambda entry: (entry.low, entry.high), filed) == set()


def test_no_value_that_a_person_may_set_makes_a_result_that_is_no_number(filed: Filed) -> None:
    assert faults_at_corners(lambda entry: entry.range, filed) == set()


def test_builders_of_a_run_are_the_players_and_the_rest(plain: dict[str, np.ndarray]) -> None:
    assert plain["market_share"].shape == (QUARTERS, len(BUILDERS), DRAWS)
