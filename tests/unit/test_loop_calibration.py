"""The posterior of the full loop: growth as filed, a likelihood with its slope, and truths that it prefers."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import jax
import numpy as np
import pytest

from headrace.calibration import loop
from headrace.errors import PeriodError
from headrace.evidence import archive
from headrace.parameters.registry import registry
from headrace.simulation import branches
from headrace.variables import IT_LAYERS, LAYERS

pytestmark = pytest.mark.xdist_group("loop_calibration")

MODES = {name: registry()[name].value for names in loop.SAMPLED.values() for name in names}


@pytest.fixture(scope="module")
def record() -> loop.LoopRecord:
    return loop.loop_record(archive.load())


def values(**changed: float) -> dict[str, jax.Array]:
    return {name: jax.numpy.asarray(changed.get(name, value)) for name, value in MODES.items()}


def test_growth_is_that_of_filings(record: loop.LoopRecord) -> None:
    """Cash capital expenditure of the five, USD bn: 36.554 in 2023Q1 and 181.543 in 2026Q2."""
    growth = np.asarray(record.log_growth)
    assert growth.shape == (len(loop.SERIES), 13)
    assert np.exp(growth[0].sum()) == pytest.approx(181.543 / 36.554)
    # Data-centre revenue of NVIDIA: 4.28 and 89.
    assert np.exp(growth[1].sum()) == pytest.approx(89 / 4.28)


def test_a_sampled_value_reaches_its_array_and_no_other(record: loop.LoopRecord) -> None:
    changed = loop.with_values(record.arrays, values(**{"memory.fastest_growth": 0.13}))
    rows = np.asarray(changed["layer.fastest_growth"])[:, 0]
    before = np.asarray(record.arrays["layer.fastest_growth"])[:, 0]
    memory = LAYERS.index("memory")
    assert rows[memory] == pytest.approx(0.13)
    assert np.delete(rows, memory) == pytest.approx(np.delete(before, memory))


def test_the_cost_of_it_is_the_cost_of_its_branch(record: loop.LoopRecord) -> None:
    changed = loop.with_values(record.arrays, values(**{"cost.it_usd_bn_per_gw": 35.0}))
    cost = np.asarray(changed["layer.branch_cost"])[:, 0]
    assert cost[branches.IT] == pytest.approx(np.full(len(IT_LAYERS), 35.0))
    assert cost[branches.SITE] == pytest.approx(np.asarray(record.arrays["layer.branch_cost"])[branches.SITE, 0])


@pytest.mark.slow
def test_the_likelihood_prefers_the_truth_and_has_the_slope_of_its_differences(record: loop.LoopRecord) -> None:
    """A record that the loop made at another imitation: the likelihood rises towards it from the mode."""
    truth = values(**{"adoption.imitation": 0.2})
    with jax.enable_x64(True):
        at = jax.jit(loop.log_growth)
        growth = np.asarray(at(record, truth)) + 1e-3 * np.sin(np.arange(13))
        made = jax.tree.map(jax.numpy.asarray, replace(record, log_growth=growth))
        likelihood = jax.jit(loop.log_likelihood)
        slope = jax.jit(jax.grad(lambda given: loop.log_likelihood(made, given)))(values())["adoption.imitation"]
        step = 1e-5
        ends = [
            float(likelihood(made, values(**{"adoption.imitation": MODES["adoption.imitation"] + side * step})))
            for side in (-1, 1)
        ]
        best, mode, beyond = (
            float(likelihood(made, values(**{"adoption.imitation": value})))
            for value in (0.2, MODES["adoption.imitation"], 0.24)
        )
    assert float(slope) == pytest.approx((ends[1] - ends[0]) / (2 * step), rel=1e-4)
    assert float(slope) > 0
    assert best > mode
    assert best > beyond


def test_what_is_not_known_says_nothing(record: loop.LoopRecord) -> None:
    hidden = np.asarray(record.log_growth).copy()
    hidden[1] = np.nan
    with jax.enable_x64(True):
        likelihood = jax.jit(loop.log_likelihood)
        known = float(likelihood(replace(record, log_growth=hidden), values()))
        growth = np.asarray(jax.jit(loop.log_growth)(record, values()))
    by_hand = 0.0
    for row in (0, 2):
        filed = np.asarray(record.log_growth)[row]
        seen = np.isfinite(filed)
        by_hand -= seen.sum() / 2 * np.log(np.sum((filed[seen] - growth[row][seen]) ** 2))
    assert known == pytest.approx(by_hand)


def test_priors_are_those_of_the_tables() -> None:
    drawn = loop.prior(4000, 7)
    assert drawn.keys() == MODES.keys()
    middle = loop.values_at({key: np.full(1, 0.5) for key in loop.SAMPLED})
    for name, draws in drawn.items():
        assert np.median(draws) == pytest.approx(middle[name][0], rel=0.03), name


def test_too_few_quarters_are_refused() -> None:
    early = archive.load().as_of(dt.date(2024, 6, 30))
    with pytest.raises(PeriodError, match="2024Q1, 4 after 2023Q1; the full loop is calibrated on 6"):
        loop.loop_record(early)


@pytest.mark.slow
def test_a_planted_truth_is_found_and_chains_agree(record: loop.LoopRecord) -> None:
    with jax.enable_x64(True):
        made = np.asarray(jax.jit(loop.log_growth)(record, values(**{"adoption.imitation": 0.21})))
    generator = np.random.default_rng(7)
    planted = replace(record, log_growth=made + 0.003 * generator.standard_normal(made.shape))
    chains = loop.sampled(planted, chains=2, warmup=200, draws=200, seed=7)
    low, high = np.quantile(chains.values["adoption.imitation"], (0.01, 0.99))
    assert low < 0.21 < high
    assert high - low < 0.08
    assert chains.r_hat("adoption.imitation") < 1.05
    assert all(np.array_equal(chains.values[f"{layer}.fastest_growth"].shape, (2, 200)) for layer in IT_LAYERS)
