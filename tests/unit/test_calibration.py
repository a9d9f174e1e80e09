"""The posterior of the spending core: its parts by closed form, planted truths found again, and two ways that agree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
import pytest
from scipy.stats import norm

from headrace.calibration import importance, sampler, simulation_based, spending, synthetic
from headrace.calibration.chains import Chains
from headrace.calibration.prior_probability import quantile
from headrace.calibration.sampler import SAMPLED, SPREAD
from headrace.evidence import archive
from headrace.parameters.priors import quantiles
from headrace.parameters.registry import registry
from headrace.simulation.spending_core import SpendingRecord


@pytest.fixture(scope="module")
def record() -> SpendingRecord:
    return spending.spending_record(archive.load())


@pytest.fixture(scope="module")
def chains(record: SpendingRecord) -> Chains:
    return sampler.sampled(record, chains=2, warmup=300, draws=300, seed=7)


def modes(**changed: float) -> dict[str, Any]:
    return {name: np.full(1, changed.get(name, registry()[name].value)) for name in SAMPLED}


@pytest.mark.parametrize("shape", ["triangular", "uniform", "lognormal"])
def test_priors_of_the_sampler_are_those_of_the_tables(shape: str) -> None:
    probability = np.linspace(0.001, 0.999, 101)
    entries = [entry for entry in registry().values() if entry.shape == shape][:12]
    for entry in entries:
        with jax.enable_x64(True):
            found = np.asarray(quantile(entry, jax.numpy.asarray(probability)))
        np.testing.assert_allclose(found, quantiles([entry], probability[np.newaxis])[0], rtol=1e-6, atol=1e-9)


def test_priors_have_a_slope_everywhere() -> None:
    for name in SAMPLED:
        with jax.enable_x64(True):
            slope = jax.vmap(jax.grad(lambda p, name=name: quantile(registry()[name], p)))(jax.numpy.linspace(0, 1, 21))
        assert np.isfinite(np.asarray(slope)).all(), name


def test_the_likelihood_is_that_of_normal_errors(record: SpendingRecord) -> None:
    with jax.enable_x64(True):
        world = sampler.world_of(modes())
        errors = np.asarray(sampler.total_errors(record, world))[:, 0]
        said = np.asarray(sampler.log_likelihood(record, world, jax.numpy.full(1, 0.1)))[0]
    seen = errors[np.isfinite(errors)]
    assert len(seen) > 30
    assert said == pytest.approx(norm.logpdf(seen, 0, 0.1).sum())


def test_gradients_are_finite_where_much_is_not_filed(record: SpendingRecord) -> None:
    with jax.enable_x64(True):
        start = {name: jax.numpy.asarray(value) for name, value in modes().items()}
        slopes = jax.grad(
            lambda values: sampler.log_likelihood(record, sampler.world_of(values), jax.numpy.full(1, 0.1))[0]
        )(start)
    assert np.isnan(np.asarray(record.net_debt_usd_bn)).any()
    assert all(np.isfinite(np.asarray(slope)).all() for slope in slopes.values())
    assert float(slopes["rivalry.franchise_at_stake"][0]) != 0


def test_a_record_made_without_errors_is_predicted_without_errors(record: SpendingRecord) -> None:
    with jax.enable_x64(True):
        world = sampler.world_of(modes())
    made = synthetic.synthetic_record(record, world, 0.0, np.random.default_rng(1))
    with jax.enable_x64(True):
        errors = np.asarray(sampler.total_errors(made, world))
    np.testing.assert_allclose(errors[np.isfinite(errors)], 0, atol=1e-12)


def test_planted_truths_move_the_posterior_towards_them(record: SpendingRecord) -> None:
    found = []
    for stake in (0.25, 0.75):
        with jax.enable_x64(True):
            world = sampler.world_of(modes(**{"rivalry.franchise_at_stake": stake}))
        made = synthetic.synthetic_record(record, world, 0.03, np.random.default_rng(2))
        draws, _ = importance.resampled(made, draws=1000, seed=7)
        found.append((np.median(draws["rivalry.franchise_at_stake"]), np.median(draws[SPREAD])))
    (low, spread), (high, _) = found
    assert low < 0.4 < 0.6 < high
    assert spread == pytest.approx(0.03, rel=0.3)


@pytest.mark.slow
def test_the_sampler_and_the_quick_look_agree(record: SpendingRecord, chains: Chains) -> None:
    assert chains.divergences <= 3
    draws, worth = importance.resampled(record, draws=1000, seed=7)
    assert worth > 800
    for name in (*SAMPLED, SPREAD):
        values = chains.values[name].ravel()
        assert abs(values.mean() - draws[name].mean()) < 0.35 * values.std(), name
        assert chains.r_hat(name) < 1.05
        assert chains.effective_sample_size(name) > 100


def test_what_cannot_be_learnt_keeps_its_prior_and_says_so(record: SpendingRecord, chains: Chains) -> None:
    from headrace.analyses.calibration import PRODUCT, calibration

    found = calibration(record, chains, 7)
    overlap = found["overlap"].to_series()
    assert overlap["expectation.initial_growth"] > 0.85
    assert overlap[SPREAD] < 0.5
    assert overlap[PRODUCT] < overlap["rivalry.loss_aversion"]
    assert (found["posterior"].diff("probability") > 0).all()
    assert found.attrs["draws"] == 600


@pytest.mark.slow
def test_ranks_of_truths_are_uniform_for_a_sampler_that_is_right_and_not_for_one_that_is_too_sure(
    record: SpendingRecord,
) -> None:
    found = simulation_based.ranks(record, simulation_based.by_importance, simulations=64, seed=3)
    p_values = [simulation_based.uniformity(rank) for rank in found.values()]
    assert min(p_values) > 0.05 / len(p_values) / 5

    def too_sure(made: Sequence[SpendingRecord], seed: int) -> list[sampler.Draws]:
        found = simulation_based.by_importance(made, seed)
        return [{name: v.mean() + 0.2 * (v - v.mean()) for name, v in draws.items()} for draws in found]

    found = simulation_based.ranks(record, too_sure, simulations=64, seed=3)
    assert min(simulation_based.uniformity(rank) for rank in found.values()) < 1e-6


@pytest.mark.slow
def test_ranks_of_truths_are_uniform_for_the_sampler(record: SpendingRecord) -> None:
    found = simulation_based.ranks(record, simulation_based.by_sampler, simulations=64, seed=11)
    p_values = [simulation_based.uniformity(rank) for rank in found.values()]
    assert min(p_values) > 0.05 / len(p_values) / 5


@pytest.mark.slow
def test_days_with_more_and_fewer_quarters_are_calibrated_one_after_the_other() -> None:
    known = archive.load()
    for day in (dt.date(2019, 12, 31), dt.date(2024, 12, 31), dt.date(2019, 12, 31)):
        found = sampler.sampled(spending.spending_record(known.as_of(day)), chains=2, warmup=100, draws=100, seed=7)
        assert found.values[SPREAD].shape == (2, 100)
