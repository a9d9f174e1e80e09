"""What of a future is recorded: capital expenditure of each player and of all five, as quantiles over its worlds."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

import numpy as np
import xarray as xr

from headrace.analyses.endings import running
from headrace.evidence.own_forecasts import PROBABILITIES, OwnForecast
from headrace.periods import quarter_index
from headrace.simulation.start import START_QUARTER
from headrace.variables import PLAYERS, table

RECORDED = "capital_expenditure_usd_bn"
"""What all players file every quarter and a future has for each; cash flow has a season, which no future has."""

_DIGITS = 9


def quarters_to_run(last: str) -> int:
    """How many quarters a run must have to reach ``last``."""
    return quarter_index(last) - quarter_index(START_QUARTER)


def recorded(future: xr.Dataset, quarters: Sequence[str], made_on: dt.date) -> list[OwnForecast]:
    """Lines for the ledger, quarter by quarter, the sum first.

    Args:
        future: Simulated, with :data:`RECORDED` in all of ``quarters``.
        quarters: Which to record.
        made_on: Today.

    Raises:
        EndedError: No world runs to the end.
    """
    whole = running(future)
    world = json.loads(future.attrs["world"])
    version = world.pop("version")
    lines = []
    for quarter in quarters:
        for members in (PLAYERS, *((player,) for player in PLAYERS)):
            # Draw by draw: quantiles of the parts do not add up to those of the sum.
            draws = whole[RECORDED].sel(quarter=quarter, builder=list(members)).sum("builder").values
            at = np.quantile(draws, [float(probability) for probability in PROBABILITIES])
            lines.append(
                OwnForecast(
                    made_on=made_on.isoformat(),
                    version=version,
                    world=world,
                    worlds=whole.sizes["draw"],
                    variable=RECORDED,
                    members=members,
                    unit=table()[RECORDED].unit,
                    period=quarter,
                    quantiles={
                        probability: float(f"{value:.{_DIGITS}g}")
                        for probability, value in zip(PROBABILITIES, at, strict=True)
                    },
                )
            )
    return lines
