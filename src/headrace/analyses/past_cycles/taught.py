"""What a cycle taught about the core: the posterior of its parameters beside the prior, and its spending over its pool.

Each posterior rests on all that was filed to the last complete quarter, unlike a forecast. Where prior and posterior
overlap whole, the filings said nothing and agreement between cycles is agreement of the prior with itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.past_cycles.players import Cycle, origin_quarters, predicted_quarters, spending_record
from headrace.analyses.past_cycles.players import prior_worlds as pooled_worlds
from headrace.calibration.spending import PRIOR_DRAWS, Posterior, last_complete_quarter, prior_worlds, sample_posterior
from headrace.calibration.spending import spending_record as builders_record
from headrace.equations.rivalry import spend_to_pool_ratio
from headrace.errors import EvidenceError
from headrace.evidence import archive
from headrace.periods import quarter_index, quarter_label, quarter_range
from headrace.simulation.spending_core import SpendingRecord

Array = NDArray[np.float64]

BUILDERS = "ai_builders"
"""The five players of the build-out, beside the cycles."""

PRODUCT = "loss_aversion_times_franchise_at_stake"
IDLE = "funding.debt_limit_headroom"
"""Moves nothing where net debt is unknown; how far its posterior is from its prior there is what chance does."""

SHOWN = ("rivalry.adjustment_speed", PRODUCT, "rivalry.loss_aversion", "rivalry.franchise_at_stake", IDLE)
QUANTILES = (0.05, 0.5, 0.95)
SEED = 7

BINS = 10
"""Equally probable under the prior, over which an overlap is summed."""


def taught(cycles: Iterable[Cycle]) -> xr.Dataset:
    """Posteriors and spending over pool of cycles, those of the AI builders beside.

    Args:
        cycles: Those to look at.

    Returns:
        By (cycle, parameter): ``overlap`` of prior and posterior, 1 where nothing was learnt; with (…, probability)
        ``prior`` and ``posterior`` quantiles. By cycle: ``effective_sample_size`` of the prior draws' weights and
        ``predicted_quarters``. By (cycle, quarter): ``spending_usd_bn`` of the players together and
        ``spend_to_cash_flow``, it over the mean cash flow of the four quarters to its end; with (…, probability)
        ``spend_to_pool``, it over the franchise cash flow at stake, posterior quantiles. NaN where a player's figure is
        not known; the pool of the AI builders holds revenue too and is not given here.

    Raises:
        EvidenceError: A cycle has no two complete quarters in a row.
    """
    labels, rows = [BUILDERS], [_builders()]
    for cycle in cycles:
        labels.append(cycle.name)
        rows.append(_past(cycle))
    first = min(quarter_index(str(row["quarter"].values[0])) for row in rows)
    last = max(quarter_index(str(row["quarter"].values[-1])) for row in rows)
    quarters = quarter_range(quarter_label(first), last - first + 1)
    whole = xr.concat([row.reindex(quarter=quarters) for row in rows], "cycle").assign_coords(cycle=labels)
    return whole.assign_attrs(title="What filings of a cycle taught about the core")


def overlap(prior: Array, posterior: Array) -> float:
    """Probability that two samples share, over bins that are equally probable under the first; 1 where they agree.

    Args:
        prior: Of the parameter, (draw,).
        posterior: Of it, (draw,).
    """
    inner = np.quantile(prior, np.arange(1, BINS) / BINS)
    shares = [
        np.bincount(np.searchsorted(inner, sample), minlength=BINS) / len(sample) for sample in (prior, posterior)
    ]
    return float(np.minimum(*shares).sum())


def _builders() -> xr.Dataset:
    known = archive.load()
    record, prior = builders_record(known), prior_worlds(PRIOR_DRAWS, SEED)
    found = _described(record, prior, last_complete_quarter(known))
    return found.assign(spend_to_pool=xr.full_like(found["spend_to_pool"], np.nan))


def _past(cycle: Cycle) -> xr.Dataset:
    for origin in reversed(origin_quarters(cycle)):
        try:
            record = spending_record(cycle, pd.Period(origin, freq="Q").end_time.date())
        except EvidenceError:
            continue
        if not predicted_quarters(record):
            break
        prior = pooled_worlds(cycle.spending_usd_bn.shape[1], PRIOR_DRAWS, SEED)
        return _described(record, prior, quarter_label(quarter_index(origin) - 1))
    raise EvidenceError(f"{cycle.name}: no two quarters in a row are complete; nothing can be learnt")


def _described(record: SpendingRecord, prior: Mapping[str, Array], last: str) -> xr.Dataset:
    # As many draws as the prior has, so that resampling adds next to nothing to the noise of the weights.
    posterior = sample_posterior(record, prior, draws=PRIOR_DRAWS, seed=SEED)
    before, after = _shown(prior), _shown(posterior.world)
    return xr.Dataset(
        {
            "prior": (("parameter", "probability"), np.quantile(before, QUANTILES, axis=1).T),
            "posterior": (("parameter", "probability"), np.quantile(after, QUANTILES, axis=1).T),
            "overlap": ("parameter", [overlap(*pair) for pair in zip(before, after, strict=True)]),
            "effective_sample_size": posterior.effective_sample_size,
            "predicted_quarters": posterior.predicted_quarters,
        },
        {"parameter": list(SHOWN), "probability": list(QUANTILES)},
    ).merge(_path(record, posterior, last))


def _shown(world: Mapping[str, Array]) -> Array:
    """(parameter, draw)."""
    product = world["rivalry.loss_aversion"] * world["rivalry.franchise_at_stake"]
    return np.stack([product if name == PRODUCT else world[name] for name in SHOWN])


def _path(record: SpendingRecord, posterior: Posterior, last: str) -> xr.Dataset:
    spending, cash_flow = np.asarray(record.spending_usd_bn), np.asarray(record.cash_flow_usd_bn).sum(axis=0)
    begin = int(np.isfinite(spending).any(axis=0).argmax())
    spending, cash_flow = spending[:, begin:], cash_flow[begin:]
    count = spending.shape[1]
    with jax.enable_x64(True):
        over_cash_flow = np.asarray(spend_to_pool_ratio(jnp.asarray(spending), jnp.asarray(cash_flow)))
    # The pool is a share of cash flow, so that its quantiles are those of the share, the other way round.
    at_stake = np.quantile(posterior.world["rivalry.franchise_at_stake"], QUANTILES[::-1])
    return xr.Dataset(
        {
            "spending_usd_bn": ("quarter", spending.sum(axis=0), {"units": "USD bn/quarter"}),
            "spend_to_cash_flow": ("quarter", over_cash_flow, {"units": "1"}),
            "spend_to_pool": (("quarter", "probability"), over_cash_flow[:, np.newaxis] / at_stake, {"units": "1"}),
        },
        {"quarter": quarter_range(quarter_label(quarter_index(last) - count + 1), count)},
    )
