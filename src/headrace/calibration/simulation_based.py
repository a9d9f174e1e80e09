"""Simulation-based calibration (Talts et al. 2018): whether a sampler finds truths as often as it says.

A truth is drawn from the priors, a record is made from it, and the rank of the truth among draws of the posterior must
be uniform.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.stats import chisquare

from headrace.calibration.chains import Draws
from headrace.calibration.importance import prior, resampled
from headrace.calibration.sampler import SAMPLED, SPREAD, one_chain_each, world_of
from headrace.calibration.synthetic import synthetic_record
from headrace.simulation.spending_core import SpendingRecord

Sampler = Callable[[Sequence[SpendingRecord], int], list[Draws]]
"""Draws of the posterior after each of several records, (draw,), nearly independent; the number is a seed."""

RANKED = 63
"""Draws among which a truth has its rank, 0 .. 63: eight bins of eight ranks."""

BINS = 8
NAMES = (*SAMPLED, SPREAD)


def ranks(record: SpendingRecord, sampler: Sampler, *, simulations: int, seed: int) -> dict[str, NDArray[np.int64]]:
    """Rank of each truth among the draws after its record, by parameter, (simulation,).

    Args:
        record: What the core takes from outside is of this one.
        sampler: Gives at least :data:`RANKED` draws after each record.
        simulations: How many truths.
        seed: Of truths and errors.
    """
    truths = prior(simulations, seed)
    made = []
    for number in range(simulations):
        with jax.enable_x64(True):
            world = world_of({name: truths[name][number : number + 1] for name in SAMPLED})
        generator = np.random.default_rng([seed, number])
        made.append(synthetic_record(record, world, float(truths[SPREAD][number]), generator))
    found = {name: np.empty(simulations, np.int64) for name in NAMES}
    for number, draws in enumerate(sampler(made, seed + 1)):
        chosen = np.linspace(0, len(draws[SPREAD]) - 1, RANKED).astype(int)
        for name in NAMES:
            found[name][number] = np.sum(draws[name][chosen] < truths[name][number])
    return found


def uniformity(rank: NDArray[np.int64]) -> float:
    """p-value of the chi-squared test that ranks are uniform."""
    counts = np.bincount(rank * BINS // (RANKED + 1), minlength=BINS)
    return float(chisquare(counts).pvalue)


def by_importance(records: Sequence[SpendingRecord], seed: int) -> list[Draws]:
    """Resampled draws in random order, for those of one prior draw stand together."""
    found = []
    for number, record in enumerate(records):
        draws, _ = resampled(record, draws=20 * RANKED, seed=seed + number)
        order = np.random.default_rng(seed + number).permutation(20 * RANKED)
        found.append({name: values[order] for name, values in draws.items()})
    return found


def by_sampler(records: Sequence[SpendingRecord], seed: int) -> list[Draws]:
    """One chain of NUTS after each record, all in one program, long enough that every fifth draw stands alone."""
    stacked = jax.tree.map(lambda *values: jnp.stack(values), *records)
    return one_chain_each(stacked, warmup=300, draws=5 * RANKED, seed=seed)
