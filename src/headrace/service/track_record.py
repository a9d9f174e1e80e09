"""Who said what before it happened, ourselves included, and how it came out, for the faces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from headrace._types import Trust
from headrace.analyses import league as forecasters
from headrace.analyses import trust as measured
from headrace.analyses.hindcast import shipped
from headrace.errors import RequestError
from headrace.evidence import forecasts, own_forecasts
from headrace.periods import quarter_range
from headrace.variables import PLAYERS

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["league", "record", "trust"]

MOST_QUARTERS = 40
"""How far ahead is recorded at the most: ten years."""


def league(
    *, as_of: str | None = None, with_rows: str | Path | None = None, ledger: str | Path | None = None
) -> xr.Dataset:
    """Forecasts, others' and ours, against how it came out, beside a rival that costs nothing.

    Args:
        as_of: ISO date: only what had been announced and published by then.
        with_rows: A TOML file of your own forecasts or others', in the form of ``data/forecasts.toml``, ranked with
            those that ship.
        ledger: A ledger of :func:`record` in place of the one that ships.

    Returns:
        One row a forecast, scored ones first and best first; see :func:`headrace.analyses.league.league`.

    Raises:
        PeriodError: ``as_of`` is no date, or lies before the first filing.
        EvidenceError: ``with_rows`` cannot be read, or a row of it breaks the schema: which, and what was wanted; or a
            line of the ledger does not hold: the first one.
    """
    others = forecasts.load(as_of, None if with_rows is None else Path(with_rows))
    own = own_forecasts.load(None if ledger is None else Path(ledger), as_of)
    return forecasters.league(others, own=own, as_of=as_of)


@cache
def trust() -> Trust:
    """How well forecasts of headrace have done: the hindcast and the ledgers that ship, read and not made again.

    Raises:
        EvidenceError: The table of the hindcast breaks its form: which line, and what was wanted.
    """
    return measured.trust(shipped.skill(), league(), shipped.alone())


def record(
    scenario: str = "baseline",
    *,
    ledger: str | Path,
    draws: int = 2000,
    seed: int = 7,
    quarters: int = 8,
    progress: Callable[[str, float], None] | None = None,
) -> pd.DataFrame:
    """Simulate, and append what headrace forecasts today to a ledger: capital expenditure of the players.

    The first quarter is the first one that no player has ended, so that nobody can have filed it.

    Args:
        scenario: As in :func:`headrace.simulate`.
        ledger: File of the ledger; made if it is not there.
        draws: Worlds.
        seed: Of the draws.
        quarters: How many to record, 1 .. 40.
        progress: Called with what is going on and the share done.

    Returns:
        The lines as recorded: made_on, members, period, variable, unit, a column for each probability, sha256.

    Raises:
        RequestError: A count or the seed is outside its range.
        EvidenceError: The ledger does not hold, or has this forecast of today already.
        FetchError: The ledger cannot be written, or another writer holds it.
        UnknownNameError: No such scenario.
        EndedError: No world runs to the end.
    """
    # The loop is fetched only here: whoever asks for the league waits for no compiler.
    from headrace import scenarios
    from headrace.analyses.recorded import RECORDED, quarters_to_run, recorded
    from headrace.service import worlds

    if not 1 <= quarters <= MOST_QUARTERS:
        raise RequestError(f"quarters is {quarters}; 1 to {MOST_QUARTERS} can be recorded")
    today = dt.datetime.now(dt.UTC).date()
    coming = quarter_range(own_forecasts.first_open_quarter(PLAYERS, today), quarters)
    count = quarters_to_run(coming[-1])
    worlds.check_request(draws=draws, seed=seed, quarters=count)
    path = Path(ledger)
    own_forecasts.check_recordable(path, today, scenarios.scenario(scenario).name)
    future = worlds.simulate(scenario, draws=draws, seed=seed, quarters=count, variables=[RECORDED], progress=progress)
    return _frame(own_forecasts.append(path, recorded(future, coming, today)))


def _frame(lines: Sequence[own_forecasts.OwnForecast]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "made_on": line.made_on,
            "members": ", ".join(line.members),
            "period": line.period,
            "variable": line.variable,
            "unit": line.unit,
            **line.quantiles,
            "sha256": line.sha256,
        }
        for line in lines
    )
