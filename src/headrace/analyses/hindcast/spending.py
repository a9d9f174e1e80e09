"""What the spending core would have said on a day: draws of its posterior, with the errors it has made until then.

Two forecasts come out of it: the core with its errors alone, and the same after what companies have announced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np
from numpy.typing import NDArray

from headrace.analyses.hindcast import errors, guided
from headrace.analyses.hindcast.series import MOST_HORIZON, target_quarters
from headrace.calibration.spending import last_complete_quarter, sample_posterior, spending_record
from headrace.errors import PeriodError
from headrace.evidence import announced
from headrace.evidence.archive import Archive
from headrace.periods import quarter_index, quarter_of_date
from headrace.simulation.spending_core import ahead
from headrace.variables import PLAYERS

Array = NDArray[np.float64]

POSTERIOR_DRAWS = 500
DRAWS = 2000
"""Of a forecast: posterior draws in turn, each with errors of its own."""

SEED = 7

OLDEST_FILED = 2
"""Quarters back from that of the day in which the last quarter filed by all must lie; filings take less than one."""


@dataclass(frozen=True)
class Path:
    """The core on one day, before any error.

    Attributes:
        day: From which it looked.
        last_filed: The last quarter that all players had filed.
        log_spending: (draw, horizon, player), of USD bn/quarter.
        effective_sample_size: Of the posterior.
    """

    day: dt.date
    last_filed: str
    log_spending: Array
    effective_sample_size: float


def path(archive: Archive, day: dt.date) -> Path:
    """The core on the facts of an archive.

    Args:
        archive: As of ``day``; nothing later is in it.
        day: The origin.

    Raises:
        PeriodError: What the core needs had not been filed by then, or is too old.
    """
    last_filed = last_complete_quarter(archive)
    age = quarter_index(quarter_of_date(day)) - quarter_index(last_filed)
    if age > OLDEST_FILED:
        raise PeriodError(
            f"the last quarter that all players had filed by {day} is {last_filed}, {age} quarters old: a series has "
            "ended, and what it would have been is nobody's forecast"
        )
    record = spending_record(archive)
    posterior = sample_posterior(record, draws=POSTERIOR_DRAWS, seed=SEED)
    with jax.enable_x64(True):
        spending = np.asarray(ahead(record, posterior.world, MOST_HORIZON))
    log_spending = np.log(np.moveaxis(spending, -1, 0))
    return Path(day, last_filed, log_spending, posterior.effective_sample_size)


def forecasts(archive: Archive, now: Path, before: Sequence[Path]) -> dict[str, Array]:
    """Draws of spending by method, (draw, horizon, player) [USD bn/quarter].

    Args:
        archive: As of the day of ``now``.
        now: The core on that day.
        before: The core on earlier days, one quarter apart.

    Returns:
        ``core``, and ``headrace``: the same after what companies had announced.

    Raises:
        EvidenceError: Too few errors of the core are known by then.
    """
    filed = archive.panel("capital_expenditure", PLAYERS)
    past = [np.log(filed.reindex(target_quarters(one.last_filed)).to_numpy()) for one in before]
    wrong = np.array([seen - one.log_spending.mean(axis=0) for seen, one in zip(past, before, strict=True)])
    # A quarter that one player files early is known of that player alone; the others' errors wait.
    complete = np.where(np.isnan(wrong).any(axis=2, keepdims=True), np.nan, wrong)
    explained = np.array([one.log_spending.var(axis=0) for one in before])
    model = errors.learnt(complete, explained)
    generator = np.random.default_rng([SEED, now.day.toordinal()])
    turn = np.resize(np.arange(len(now.log_spending)), DRAWS)
    alone = now.log_spending[turn] + model.draws(MOST_HORIZON, DRAWS, generator)
    after = guided.conditioned(
        alone,
        target_quarters(now.last_filed),
        announced.statements(archive),
        {player: filed[player] for player in PLAYERS},
        announced.guidance_error(archive),
        generator,
    )
    return {"core": np.exp(alone), "headrace": np.exp(after)}
