"""What filings have taught: parameters before and after them, and how far the chains can be relied upon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from headrace.calibration import loop
from headrace.calibration.chains import Chains, Draws
from headrace.calibration.importance import prior, resampled
from headrace.calibration.sampler import SAMPLED, SPREAD
from headrace.parameters.registry import registry
from headrace.simulation.spending_core import SpendingRecord

QUANTILES = (0.05, 0.5, 0.95)
BINS = 20
"""Of the prior's probability, in which the overlap is counted."""

PRIOR_DRAWS = 8000
PRODUCT = "rivalry.loss_aversion × rivalry.franchise_at_stake"
"""Only the product is identified (MODEL, the race): each alone shifts what the other means."""

FIGURES = {
    "r_hat": "Split R-hat over chains",
    "effective_sample_size": "Independent draws that the chains are worth",
    "overlap": "Share of the posterior that the prior has too: 1 where filings taught nothing",
    "quick_look_difference": "Mean by importance resampling less mean by the sampler, in posterior deviations",
}


def calibration(record: SpendingRecord, chains: Chains, seed: int) -> xr.Dataset:
    """Parameters of the spending core before and after the filings of a record.

    Args:
        record: What was known.
        chains: What the sampler found.
        seed: Of the draws of priors and of the quick look that stand beside.

    Returns:
        ``prior`` and ``posterior`` by (parameter, probability), each in the parameter's unit; ``r_hat``,
        ``effective_sample_size``, ``overlap`` and ``quick_look_difference`` by parameter. Besides the parameters there
        is the product of loss aversion and what is at stake, and the spread of errors, which is no parameter of the
        loop. Attributes count divergences and what the quick look was worth.
    """
    quick, worth = resampled(record, draws=1000, seed=seed)
    summary = _summary(
        (*SAMPLED, PRODUCT, SPREAD),
        {name: name for name in (*SAMPLED, SPREAD)},
        _with_product(prior(PRIOR_DRAWS, seed)),
        chains,
        _with_product(quick),
    )
    return summary.assign_attrs(title="What filed spending has taught", quick_look_effective_sample_size=worth)


def loop_calibration(chains: Chains, seed: int) -> xr.Dataset:
    """Parameters of the full loop before and after the growth since its first quarter.

    Args:
        chains: What the sampler found.
        seed: Of the draws of priors that stand beside.

    Returns:
        As :func:`calibration`, without a quick look: ``quick_look_difference`` is NaN.
    """
    sampled_as = {name: key for key, names in loop.SAMPLED.items() for name in names}
    before = _with_product(loop.prior(PRIOR_DRAWS, seed))
    summary = _summary((*sampled_as, PRODUCT), sampled_as, before, chains, None)
    return summary.assign_attrs(title="What growth since 2023 has taught")


def _summary(
    names: Sequence[str],
    sampled_as: Mapping[str, str],
    before: Draws,
    chains: Chains,
    quick: Draws | None,
) -> xr.Dataset:
    """Rows of ``names``, those that were sampled with how well the chains agree on what they were sampled as."""
    after = _with_product(chains.values)
    rows = []
    for name in names:
        posterior = after[name].ravel()
        probability = np.searchsorted(np.sort(before[name]), posterior) / PRIOR_DRAWS
        counts = np.histogram(probability, BINS, (0, 1))[0] / len(posterior)
        key = sampled_as.get(name)
        rows.append((
            chains.r_hat(key) if key else np.nan,
            chains.effective_sample_size(key) if key else np.nan,
            np.minimum(counts, 1 / BINS).sum(),
            (quick[name].mean() - posterior.mean()) / posterior.std() if quick else np.nan,
        ))  # fmt: skip
    units = [registry()[name].unit if name in registry() else "1" for name in names]
    labels = [registry()[name].label if name in registry() else _LABELS[name] for name in names]
    return xr.Dataset(
        {
            "prior": (("parameter", "probability"), np.array([np.quantile(before[n], QUANTILES) for n in names])),
            "posterior": (("parameter", "probability"), np.array([np.quantile(after[n], QUANTILES) for n in names])),
            **{
                name: ("parameter", np.array([row[place] for row in rows]), {"units": "1", "long_name": label})
                for place, (name, label) in enumerate(FIGURES.items())
            },
        },
        {
            "parameter": list(names),
            "label": ("parameter", labels),
            "unit": ("parameter", units),
            "probability": list(QUANTILES),
        },
        {
            "divergences": chains.divergences,
            "leapfrog_steps": chains.leapfrog_steps,
            "draws": next(iter(chains.values.values())).size,
        },
    )


_LABELS = {
    PRODUCT: "Loss aversion times the franchise at stake",
    SPREAD: "Standard deviation of the error of total spending one quarter ahead, in logarithms",
}


def _with_product(draws: Draws) -> Draws:
    return draws | {PRODUCT: draws["rivalry.loss_aversion"] * draws["rivalry.franchise_at_stake"]}
