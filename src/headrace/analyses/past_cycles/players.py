"""The companies of a past cycle as players of the spending core: what was known of them on a day, and their priors.

Filings of these companies give spending and cash flow. Net debt is not in the panel, so that no player is limited by
its funding here: of "pool and funding" only the pool is tried, and of the pool only cash flow.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from headrace.calibration.spending import PADDED_TO
from headrace.errors import EvidenceError
from headrace.evidence import past_cycles
from headrace.parameters.priors import draw_parameters, uniform_numbers
from headrace.parameters.registry import registry
from headrace.periods import quarter_index, quarter_label, quarter_of_date, quarter_range
from headrace.simulation.spending_core import PARAMETERS, PLAYER_PARAMETERS, SpendingRecord
from headrace.units import QUARTERS_PER_YEAR, USD_PER_USD_BN
from headrace.variables import PLAYERS

Array = NDArray[np.float64]

ENDS_EARLY_QUARTERS = QUARTERS_PER_YEAR
"""A company whose spending ends more than this before the panel does is one without which a cycle is tried too."""

_CONCEPTS = ("capital_expenditure", "operating_cash_flow")


@dataclass(frozen=True)
class Cycle:
    """A capital cycle and its players.

    Frames have consecutive quarters as rows and players as columns; NaN and NaT where nothing is known.

    Attributes:
        name: Such as ``"oil_and_gas"``, with ``_without_`` and a company where one is left out.
        label: For a reader.
        spending_usd_bn: Cash capital expenditure [USD bn/quarter].
        spending_filed: The day on which it was known.
        cash_flow_usd_bn: Operating cash flow [USD bn/quarter].
        cash_flow_filed: The day on which it was known.
        first_vintages: Share of the spending figures that are known to be those of the first report.
    """

    name: str
    label: str
    spending_usd_bn: pd.DataFrame
    spending_filed: pd.DataFrame
    cash_flow_usd_bn: pd.DataFrame
    cash_flow_filed: pd.DataFrame
    first_vintages: float

    def as_of(self, day: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Spending and cash flow as they stood at the end of ``day`` [USD bn/quarter]."""
        known = pd.Timestamp(day)
        return (
            self.spending_usd_bn.where(self.spending_filed <= known),
            self.cash_flow_usd_bn.where(self.cash_flow_filed <= known),
        )


def cycles() -> dict[str, Cycle]:
    """The shipped cycles by name, each with all its companies, then without those whose spending ends early.

    Who ends early is known only afterwards; the figures that a forecast sees are not touched by that.
    """
    found = {}
    for name, label in past_cycles.ledger().cycles.items():
        whole = _cycle(name, label)
        found[name] = whole
        last = {player: _last_quarter(whole.spending_usd_bn[player]) for player in whole.spending_usd_bn}
        early = [player for player, quarter in last.items() if quarter < max(last.values()) - ENDS_EARLY_QUARTERS]
        if early and len(last) - len(early) > 1:
            found[f"{name}_without_{'_'.join(early)}"] = _without(whole, early)
    return found


def origin_quarters(cycle: Cycle) -> list[str]:
    """The quarters from which a cycle can be looked at: each has its end as the day, and the one before as the last."""
    first, last = (quarter_index(str(cycle.spending_usd_bn.index[at])) + 1 for at in (0, -1))
    return quarter_range(quarter_label(first), last - first + 1)


def spending_record(cycle: Cycle, day: dt.date) -> SpendingRecord:
    """What was known of the players at the end of a quarter, to the quarter before it.

    Net debt is unknown throughout, and nobody earned from models.

    Args:
        cycle: The players.
        day: The last of a quarter.

    Raises:
        EvidenceError: A player's spending of the quarter before, or its cash flow of the four before, is not known.
    """
    last = quarter_label(quarter_index(quarter_of_date(day)) - 1)
    known_spending, known_cash_flow = cycle.as_of(day)
    quarters = list(known_spending.loc[:last].index)
    if quarters[-1:] != [last]:
        raise EvidenceError(f"{last} lies outside the panel")
    spending = known_spending.loc[quarters]
    cash_flow = known_cash_flow.loc[quarters].rolling(QUARTERS_PER_YEAR).mean()
    for frame, what in ((spending, "spending"), (cash_flow, "cash flow of the four quarters to its end")):
        missing = [str(player) for player in frame if np.isnan(frame[player].iloc[-1])]
        if missing:
            raise EvidenceError(f"{last} is not complete: {what} of {', '.join(missing)} was not known")
    # The mean over those of the last four quarters that were filed, as for the builders.
    recent = spending.rolling(QUARTERS_PER_YEAR, min_periods=1).mean()
    share = recent.div(recent.sum(axis="columns", skipna=False), axis="index")
    padding = -len(quarters) % PADDED_TO
    by_player = [
        np.pad(frame.to_numpy().T, ((0, 0), (padding, 0)), constant_values=np.nan)
        for frame in (spending, share, cash_flow)
    ]
    arrays: Any = (*by_player, np.full_like(by_player[0], np.nan), np.zeros(by_player[0].shape[1]))
    return SpendingRecord(*arrays)


def predicted_quarters(record: SpendingRecord) -> int:
    """Quarters of which the one before is complete too, so that the likelihood sees them."""
    spending, share, cash_flow = (
        np.asarray(values) for values in (record.spending_usd_bn, record.share, record.cash_flow_usd_bn)
    )
    known = np.isfinite(spending + share + cash_flow).all(axis=0)
    return int((known[:-1] & np.isfinite(spending[:, 1:]).all(axis=0)).sum())


def prior_worlds(players: int, draws: int, seed: int) -> dict[str, Array]:
    """Draws from the priors of the parameter tables for players of whom the tables say nothing.

    What all have in common is drawn as it is. What each has of its own is pooled over the builders: in every draw each
    player is given the number of one of them, all equally likely, so that its prior is the mixture of theirs; players
    are independent.

    Args:
        players: How many.
        draws: How many worlds.
        seed: Of the draws.

    Returns:
        By name on the core's axes; those of a player (player, draw).
    """
    table = registry()
    worlds = draw_parameters([table[name] for name in PARAMETERS], seed, 0, draws)
    chances = uniform_numbers([f"past_cycles.player_{player}" for player in range(players)], seed, 0, draws)
    turn = (chances * len(PLAYERS)).astype(np.intp)
    for field in PLAYER_PARAMETERS:
        entries = [table[f"builder.{builder}.{field}"] for builder in PLAYERS]
        pooled = []
        for player in range(players):
            # Each player goes on in the streams where the one before it stopped.
            drawn = draw_parameters(entries, seed, player * draws, draws)
            pooled.append(np.choose(turn[player], [drawn[entry.name] for entry in entries]))
        worlds[f"builder.{field}"] = np.stack(pooled)
    return worlds


def _cycle(name: str, label: str) -> Cycle:
    table = past_cycles.load(name)
    table = table[table["concept"].isin(_CONCEPTS)]
    players = [one.slug for one in past_cycles.ledger().filers if one.cycle == name and one.ships]
    first, last = (quarter_index(of(table["calendar_quarter"])) for of in (min, max))
    quarters = quarter_range(quarter_label(first), last - first + 1)
    frames = [
        table[table["concept"] == concept]
        .pivot(index="calendar_quarter", columns="entity", values=column)
        .reindex(index=quarters, columns=players)
        for concept in _CONCEPTS
        for column in ("value", "filed")
    ]
    spending, spending_filed, cash_flow, cash_flow_filed = frames
    share = float(table.loc[table["concept"] == _CONCEPTS[0], "first_vintage"].mean())
    return Cycle(
        name, label, spending / USD_PER_USD_BN, spending_filed, cash_flow / USD_PER_USD_BN, cash_flow_filed, share
    )


def _without(cycle: Cycle, left_out: Sequence[str]) -> Cycle:
    table = past_cycles.load(cycle.name)
    kept = table[(table["concept"] == _CONCEPTS[0]) & ~table["entity"].isin(list(left_out))]
    names = [str(player) for player in cycle.spending_usd_bn if player not in left_out]
    return Cycle(
        f"{cycle.name}_without_{'_'.join(left_out)}",
        f"{cycle.label}, without {', '.join(left_out)}",
        cycle.spending_usd_bn[names],
        cycle.spending_filed[names],
        cycle.cash_flow_usd_bn[names],
        cycle.cash_flow_filed[names],
        float(kept["first_vintage"].mean()),
    )


def _last_quarter(series: pd.Series) -> int:
    return quarter_index(str(series.last_valid_index()))
