"""What filed spending teaches about the spending core, on any day of the past.

The likelihood is of the players' total one quarter ahead: errors of its logarithm are normal with a scale that nobody
knows, integrated over. Priors are those of the parameter tables; what a sample of them predicts badly is dropped
(sampling importance resampling, Rubin 1988), which is exact for many draws and says by its effective sample size how
much the filings taught.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jaxtyping import Array, Float
from numpy.typing import NDArray

from headrace.errors import PeriodError
from headrace.evidence.archive import Archive
from headrace.evidence.run_rates import revenue_usd_bn_per_year
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import registry
from headrace.periods import quarter_index, quarter_range
from headrace.simulation.spending_core import (
    PARAMETERS,
    PLAYER_PARAMETERS,
    SpendingRecord,
    World,
    one_quarter_ahead,
)
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS

FIRST_QUARTER = "2014Q1"

PADDED_TO = 16
"""Records get empty quarters in front up to a multiple of this, so that one compiled program serves many origins."""


PRIOR_DRAWS = 4000
"""From which a posterior is resampled unless someone brings others."""


@dataclass(frozen=True)
class Posterior:
    """A sample of the core's parameters after the filings of a record.

    Attributes:
        world: Parameters by name, worlds last.
        effective_sample_size: Of the weights of the prior draws it was taken from.
        predicted_quarters: Quarters that the likelihood saw.
    """

    world: dict[str, NDArray[np.float64]]
    effective_sample_size: float
    predicted_quarters: int


def last_complete_quarter(archive: Archive) -> str:
    """The last quarter for which every player had filed capital expenditure.

    Raises:
        PeriodError: There is none.
    """
    filed = archive.panel("capital_expenditure", PLAYERS).dropna()
    if filed.empty:
        raise PeriodError("no quarter for which all five had filed capital expenditure by then; choose a later day")
    return str(filed.index[-1])


def spending_record(archive: Archive) -> SpendingRecord:
    """What an archive says of the players, up to the last quarter that all of them had filed.

    Raises:
        PeriodError: No quarter is complete, or operating cash flow of the last four is not.

    Shares are of mean spending over those of the last four quarters that were filed.
    """
    last = last_complete_quarter(archive)
    known = quarter_index(last) - quarter_index(FIRST_QUARTER) + 1
    padding = -known % PADDED_TO
    quarters = quarter_range(FIRST_QUARTER, known)
    spending = archive.panel("capital_expenditure", PLAYERS).reindex(quarters)
    recent = spending.rolling(QUARTERS_PER_YEAR, min_periods=1).mean()
    cash_flow = archive.panel("operating_cash_flow", PLAYERS).reindex(quarters).rolling(QUARTERS_PER_YEAR).mean()
    missing = [player for player in PLAYERS if np.isnan(cash_flow[player].iloc[-1])]
    if missing:
        raise PeriodError(
            f"{last}: operating cash flow of the last four quarters of {', '.join(missing)} had not been filed by "
            "then; choose a later day"
        )
    ends = pd.PeriodIndex(quarters, freq="Q").end_time
    earned = [revenue_usd_bn_per_year(archive.run_rates, end.date()) / QUARTERS_PER_YEAR for end in ends]
    # A rate reported after the end of the last complete quarter is known too, and is the last there is.
    earned[-1] = max(earned[-1], _last_rate(archive) / QUARTERS_PER_YEAR)
    columns = (
        spending,
        recent.div(recent.sum(axis="columns", skipna=False), axis="index"),
        cash_flow,
        archive.net_debt(PLAYERS).reindex(quarters),
    )
    by_player = [np.pad(frame.to_numpy().T, ((0, 0), (padding, 0)), constant_values=np.nan) for frame in columns]
    arrays: Any = (*by_player, np.pad(np.array(earned), (padding, 0)))  # NumPy goes in as it is
    return SpendingRecord(*arrays)


def _last_rate(archive: Archive) -> float:
    days = [report.dated for report in archive.run_rates]
    return revenue_usd_bn_per_year(archive.run_rates, max(days)) if days else 0.0


def core_world(draws: Mapping[str, Any]) -> dict[str, Any]:
    """Arrays on the core's axes from draws by dotted name."""
    rows = {
        f"builder.{field}": np.stack([draws[f"builder.{player}.{field}"] for player in PLAYERS])
        for field in PLAYER_PARAMETERS
    }
    return {name: draws[name] for name in PARAMETERS} | rows


def prior_worlds(draws: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Draws from the priors on the core's axes."""
    names = (*PARAMETERS, *(f"builder.{player}.{field}" for player in PLAYERS for field in PLAYER_PARAMETERS))
    return core_world(draw_parameters([registry()[name] for name in names], seed, 0, draws))


@jax.jit
def log_likelihood(record: SpendingRecord, world: World) -> tuple[Float[Array, "world"], Float[Array, ""]]:
    """Of the total one quarter ahead, up to a constant; and how many quarters it sees."""
    predicted = jnp.sum(one_quarter_ahead(record, world), axis=0)[:-1]
    filed = jnp.sum(record.spending_usd_bn, axis=0)[1:, jnp.newaxis]
    error = jnp.log(filed) - jnp.log(predicted)
    seen = jnp.isfinite(error)
    count = jnp.sum(seen[:, 0])
    squares = jnp.sum(jnp.where(seen, jnp.where(seen, error, 0) ** 2, 0), axis=0)
    return -count / 2 * jnp.log(squares), count


def sample_posterior(
    record: SpendingRecord, prior: Mapping[str, NDArray[np.float64]] | None = None, *, draws: int = 500, seed: int = 7
) -> Posterior:
    """A sample of the parameters that predict the record, resampled from the priors in proportion to likelihood.

    Args:
        record: What was known.
        prior: Draws from the priors on the core's axes; :data:`PRIOR_DRAWS` of the players' when left out.
        draws: Size of the sample.
        seed: Of the prior draws; resampling is systematic and adds no noise of its own.
    """
    world = prior_worlds(PRIOR_DRAWS, seed) if prior is None else prior
    with jax.enable_x64(True):
        log_weight, count = (np.asarray(values) for values in log_likelihood(record, world))
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    places = np.searchsorted(np.cumsum(weight), (np.arange(draws) + 0.5) / draws).clip(max=len(weight) - 1)
    chosen = {name: values[..., places] for name, values in world.items()}
    return Posterior(chosen, float(1 / np.sum(weight**2)), int(count))
