"""The calibration of spending beside the same model in PyMC: effective draws a second, in one run.

PyMC gets the likelihood as one NumPy function, written here from the equations of MODEL and not from the code of
headrace, and samples it as it can without gradients (DEMetropolisZ), chains one after the other: it would fork, and
JAX has run. Before anything is timed both likelihoods must agree. Run it in an environment that has PyMC::

    pip install pymc
    python benchmarks/calibration.py [--quick]
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import jax
import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpyro.diagnostics import effective_sample_size, split_gelman_rubin
from pytensor.compile.ops import wrap_py
from scipy.stats import norm

from headrace.calibration import sampler, spending
from headrace.calibration.sampler import SAMPLED, SPREAD, SPREAD_RANGE
from headrace.evidence import archive
from headrace.parameters.priors import quantiles
from headrace.parameters.registry import registry
from headrace.simulation.spending_core import SpendingRecord
from headrace.variables import PLAYERS

NAMES = (*SAMPLED, SPREAD)


def main() -> int:
    """Check that both say the same, time both, and print; the exit status."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="few draws, to see that it runs")
    quick = options.parse_args().quick
    record = spending.spending_record(archive.load())
    likelihood = numpy_likelihood(record)
    check(record, likelihood)
    warmup, draws = (200, 200) if quick else (1000, 1000)
    sampler.sampled(record, chains=4, warmup=warmup, draws=draws, seed=1)  # compiles
    start = time.perf_counter()
    chains = sampler.sampled(record, chains=4, warmup=warmup, draws=draws, seed=7)
    report("headrace, NUTS", chains.probability, time.perf_counter() - start)
    start = time.perf_counter()
    found = pymc_draws(likelihood, tune=5 * warmup, draws=20 * draws)
    report("PyMC, DEMetropolisZ on NumPy", found, time.perf_counter() - start)
    return 0


def numpy_likelihood(record: SpendingRecord) -> Any:
    """The log-likelihood at probabilities of the priors, in plain NumPy."""
    spent, share, cash = (np.asarray(v) for v in (record.spending_usd_bn, record.share, record.cash_flow_usd_bn))
    debt, earned = np.asarray(record.net_debt_usd_bn), np.asarray(record.model_revenue_usd_bn)
    complete = np.isfinite(spent + share + cash).all(axis=0)
    pairs = [at for at in range(spent.shape[1] - 1) if complete[at] and complete[at + 1]]
    entries = [registry()[name] for name in SAMPLED]
    fixed = {name: registry()[name].value for name in registry()}
    own = {f: np.array([fixed[f"builder.{p}.{f}"] for p in PLAYERS]) for f in ("payout_share", "debt_limit_years")}

    def value(probability: np.ndarray[Any, Any]) -> float:
        drawn = [quantiles([entry], np.array([[p]]))[0, 0] for entry, p in zip(entries, probability, strict=False)]
        theta = fixed | dict(zip(SAMPLED, drawn, strict=True))
        low, high = SPREAD_RANGE
        spread = low * (high / low) ** probability[-1]
        revenue = earned / theta["demand.model_revenue_ratio_now"]
        growth, expected = theta["expectation.initial_growth"], []
        for now, before in zip(revenue, np.concatenate([[0.0], revenue[:-1]]), strict=True):
            if before > 0:
                learnt = theta["expectation.learning_weight"] * (now / before - 1)
                growth = learnt + (1 - theta["expectation.learning_weight"]) * growth
                growth = min(max(growth, theta["expectation.lowest_growth"]), theta["expectation.highest_growth"])
            expected.append(growth)
        errors = []
        for at in pairs:
            prize = theta["demand.compute_margin"] * revenue[at]
            pool = prize * (1 + expected[at]) ** theta["expectation.horizon_quarters"]
            pool += theta["rivalry.franchise_at_stake"] * cash[:, at].sum()
            others = theta["rivalry.decisiveness"] * (1 - share[:, at])
            mine = theta["rivalry.pool_elasticity"] * share[:, at]
            lower, upper = others + mine, theta["rivalry.loss_aversion"] * others + mine
            if lower.max() <= upper.min():
                lower, upper = np.full(len(mine), lower.max()), np.full(len(mine), upper.min())
            wanted = share[:, at] * np.clip(spent[:, at].sum(), lower * pool, upper * pool)
            years = np.fmax(
                own["debt_limit_years"], debt[:, at] / (4 * cash[:, at]) * (1 + theta["funding.debt_limit_headroom"])
            )
            room = np.maximum(0, years * 4 * cash[:, at] - debt[:, at]) * theta["funding.debt_room_factor"]
            limit = theta["funding.reinvestment_share"] * (1 - own["payout_share"]) * cash[:, at]
            limit = limit + room / theta["funding.debt_adjustment_quarters"]
            wanted = np.where(np.isnan(debt[:, at]), wanted, np.minimum(wanted, limit))
            moved = spent[:, at] + theta["rivalry.adjustment_speed"] * (wanted - spent[:, at])
            ends = (1 + theta["rivalry.fastest_cut"]) * spent[:, at], (1 + theta["rivalry.fastest_rise"]) * spent[:, at]
            errors.append(np.log(spent[:, at + 1].sum() / np.clip(moved, *ends).sum()))
        return float(norm.logpdf(errors, 0, spread).sum())

    return value


def check(record: SpendingRecord, likelihood: Any) -> None:
    """Both likelihoods agree at random places."""
    generator = np.random.default_rng(1)
    for _ in range(20):
        probability = generator.uniform(0.02, 0.98, len(NAMES))
        with jax.enable_x64(True):
            values = {
                name: np.array([float(sampler.quantile(registry()[name], p))])
                for name, p in zip(SAMPLED, probability, strict=False)
            }
            spread = np.array([float(sampler.spread_of(probability[-1]))])
            said = float(sampler.log_likelihood(record, sampler.world_of(values), spread)[0])
        np.testing.assert_allclose(likelihood(probability), said, rtol=1e-9)
    print("both likelihoods agree to 1e-9 at 20 random places")


def pymc_draws(likelihood: Any, tune: int, draws: int) -> dict[str, np.ndarray[Any, Any]]:
    """Probabilities of the priors by parameter, (chain, draw)."""

    @wrap_py(itypes=[pt.dvector], otypes=[pt.dscalar])
    def density(probability: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.array(likelihood(probability))

    with pm.Model():
        latent = pm.Uniform("probability", 0, 1, shape=len(NAMES))
        pm.Potential("filed spending", density(latent))
        trace = pm.sample(
            draws=draws, tune=tune, chains=4, cores=1, step=pm.DEMetropolisZ(), random_seed=7, progressbar=False
        )
    sampled = trace.posterior["probability"].values
    return {name: sampled[:, :, place] for place, name in enumerate(NAMES)}


def report(name: str, probability: dict[str, np.ndarray[Any, Any]], seconds: float) -> None:
    """One line: the parameter that was hardest decides."""
    worth = min(float(effective_sample_size(values)) for values in probability.values())
    r_hat = max(float(split_gelman_rubin(values)) for values in probability.values())
    print(f"{name:32} {seconds:8.1f} s   least ESS {worth:8.0f}   ESS/s {worth / seconds:8.1f}   R-hat {r_hat:.3f}")


if __name__ == "__main__":
    sys.exit(main())
