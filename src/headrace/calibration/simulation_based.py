"""Simulation-based calibration (Talts et al. 2018): whether a sampler finds truths as often as it says.

A truth is drawn from the priors, a record is made from it, and the rank of the truth among draws of the posterior must
be uniform.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
from numpy.typing import NDArray
from scipy.stats import chisquare

from headrace.calibration.importance import prior, resampled
from headrace.calibration.sampler import SAMPLED, SPREAD, Draws, sampled, world_of
from headrace.calibration.synthetic import synthetic_record
from headrace.simulation.spending_core import SpendingRecord

Sampler = Callable[[SpendingRecord, int], Draws]
"""Draws of the posterior, (draw,), nearly independent, from a record and a seed."""

RANKED = 63
"""Draws among which a truth has its rank, 0 .. 63: eight bins of eight ranks."""

BINS = 8
NAMES = (*SAMPLED, SPREAD)


def ranks(record: SpendingRecord, sampler: Sampler, *, simulations: int, seed: int) -> dict[str, NDArray[np.int64]]:
    """Rank of each truth among the draws after its record, by parameter, (simulation,).

    Args:
        record: What the core takes from outside is of this one.
        sampler: Gives at least :data:`RANKED` draws.
        simulations: How many truths.
        seed: Of truths and errors; each record has one of its own.
    """
    truths = prior(simulations, seed)
    found = {name: np.empty(simulations, np.int64) for name in NAMES}
    for number in range(simulations):
        generator = np.random.default_rng([seed, number])
        with jax.enable_x64(True):
            world = world_of({name: truths[name][number : number + 1] for name in SAMPLED})
        made = synthetic_record(record, world, float(truths[SPREAD][number]), generator)
        draws = sampler(made, seed + 1 + number)
        chosen = np.linspace(0, len(draws[SPREAD]) - 1, RANKED).astype(int)
        for name in NAMES:
            found[name][number] = np.sum(draws[name][chosen] < truths[name][number])
    return found


def uniformity(rank: NDArray[np.int64]) -> float:
    """p-value of the chi-squared test that ranks are uniform."""
    counts = np.bincount(rank * BINS // (RANKED + 1), minlength=BINS)
    return float(chisquare(counts).pvalue)


def by_importance(record: SpendingRecord, seed: int) -> Draws:
    """Resampled draws in random order, for those of one prior draw stand together."""
    draws, _ = resampled(record, draws=20 * RANKED, seed=seed)
    order = np.random.default_rng(seed).permutation(20 * RANKED)
    return {name: values[order] for name, values in draws.items()}


def by_sampler(record: SpendingRecord, seed: int) -> Draws:
    """One chain of NUTS, long enough that every tenth draw stands alone."""
    chains = sampled(record, chains=1, warmup=500, draws=10 * RANKED, seed=seed)
    return {name: values[0] for name, values in chains.values.items()}
