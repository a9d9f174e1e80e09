"""What companies have said of the quarters to come, read as cash capital expenditure, and what such words were worth.

A guide speaks of a total, part of which may be filed already. Its error is learnt on guides whose period had been filed
by then, in proportion to the share of the period that was still open when they were given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from headrace.evidence.archive import Archive
from headrace.evidence.guidance import Guide
from headrace.periods import quarter_index, quarter_of_flow, quarter_range
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS

Array = NDArray[np.float64]

CASH = "capital_expenditure"
MANAGEMENT = "capital_expenditure_management_defined"
WITH_LEASES = "capital_expenditure_including_finance_leases"
LEASE_PRINCIPAL = "finance_lease_principal_payments"
GUIDED_CONCEPTS = (CASH, WITH_LEASES, MANAGEMENT, "cash_capital_investments")
_READ = (CASH, WITH_LEASES, MANAGEMENT, LEASE_PRINCIPAL)

PRIOR_GUIDES = 4
"""Guides of a whole year that stand beside those whose outcome is known."""

PRIOR_ERROR = 0.1
"""Error of the logarithm that these have, of either sign."""

_DAYS_OF_A_QUARTER = dt.timedelta(days=91)


@dataclass(frozen=True)
class Statement:
    """A guide as an observation of a sum of quarters.

    Attributes:
        player: Who said it.
        quarters: All quarters of its period.
        cash_usd_bn: The total it means as cash capital expenditure [USD bn].
    """

    player: str
    quarters: tuple[str, ...]
    cash_usd_bn: float


@dataclass(frozen=True)
class GuidanceError:
    """Of the logarithm of the filed total over the guided one, for a period wholly open; part-open ones in proportion.

    Attributes:
        bias: Mean.
        variance: Around it.
        guides: Whose outcome was known.
    """

    bias: float
    variance: float
    guides: int


def statements(archive: Archive) -> list[Statement]:
    """The last guide with a number of each player and period that is not wholly filed."""
    archive = archive.only(_READ, PLAYERS)
    latest: dict[tuple[object, ...], Guide] = {}
    for guide in sorted(archive.guides, key=lambda one: one.announced):
        if guide.entity in PLAYERS and guide.concept in GUIDED_CONCEPTS:
            latest[guide.entity, guide.target_start, guide.target_end] = guide
    filed = archive.panel(CASH, PLAYERS)
    found = [_statement(guide, archive) for guide in latest.values() if _number(guide) is not None]
    return [said for said in found if _open_share(said.quarters, filed[said.player]) > 0]


def guidance_error(archive: Archive) -> GuidanceError:
    """What guides have been worth so far."""
    archive = archive.only(_READ, PLAYERS)
    filed = archive.panel(CASH, PLAYERS)
    errors, shares = [], []
    for guide in archive.guides:
        if guide.entity not in PLAYERS or guide.concept not in GUIDED_CONCEPTS or _number(guide) is None:
            continue
        then = archive.as_of(guide.announced)
        said = _statement(guide, then)
        outcome = filed[said.player].reindex(list(said.quarters))
        share = _open_share(said.quarters, then.panel(CASH, PLAYERS)[said.player])
        if share > 0 and outcome.notna().all():
            errors.append(np.log(outcome.sum() / said.cash_usd_bn))
            shares.append(share)
    wrong, part = np.array(errors), np.array(shares)
    bias = float(wrong.sum() / (part.sum() + PRIOR_GUIDES))
    squares = float(np.sum((wrong - part * bias) ** 2 / part))
    variance = (squares + PRIOR_GUIDES * PRIOR_ERROR**2) / (len(wrong) + PRIOR_GUIDES)
    return GuidanceError(bias, variance, len(wrong))


def read_plainly(archive: Archive, quarters: Sequence[str]) -> Array:
    """Spending if companies did what they said, evenly, and otherwise went on as in their last four quarters.

    Args:
        archive: As of the day.
        quarters: The coming quarters, in order.

    Returns:
        (quarter, player) [USD bn/quarter].
    """
    filed = archive.panel(CASH, PLAYERS)
    plain = pd.DataFrame(np.nan, index=list(quarters), columns=list(PLAYERS))
    for said in sorted(statements(archive), key=lambda one: -len(one.quarters)):
        known = filed[said.player].reindex(list(said.quarters))
        still = [quarter for quarter in known.index[known.isna()] if quarter in plain.index]
        left = said.cash_usd_bn - known.sum()
        if left > 0:
            plain.loc[still, said.player] = left / known.isna().sum()
    level = filed.iloc[-QUARTERS_PER_YEAR - 1 :].apply(lambda column: column.dropna().iloc[-QUARTERS_PER_YEAR:].mean())
    path: Array = plain.ffill().fillna(level).to_numpy()
    return path


def _statement(guide: Guide, archive: Archive) -> Statement:
    first = quarter_of_flow(guide.target_start, guide.target_start + _DAYS_OF_A_QUARTER)
    last = quarter_of_flow(guide.target_end - _DAYS_OF_A_QUARTER, guide.target_end)
    quarters = quarter_range(first, quarter_index(last) - quarter_index(first) + 1)
    number = _number(guide)
    assert number is not None
    return Statement(guide.entity, tuple(quarters), number * _cash_share(guide.entity, guide.concept, archive))


def _number(guide: Guide) -> float | None:
    if guide.point_usd_bn is not None:
        return guide.point_usd_bn
    ends = [end for end in (guide.low_usd_bn, guide.high_usd_bn) if end is not None]
    return sum(ends) / len(ends) if ends else None


def _cash_share(player: str, concept: str, archive: Archive) -> float:
    """Cash capital expenditure over the guided definition in the last four quarters; 1 where that is not filed."""
    if concept not in (WITH_LEASES, MANAGEMENT):
        return 1.0
    columns = {name: archive.panel(name, (player,))[player] for name in (CASH, concept, LEASE_PRINCIPAL)}
    table = pd.DataFrame(columns)
    other = table[concept]
    if concept == WITH_LEASES:
        other = other.fillna(table[CASH] + table[LEASE_PRINCIPAL])
    both = pd.DataFrame({"cash": table[CASH], "other": other}).dropna().iloc[-QUARTERS_PER_YEAR:]
    return float(both["cash"].sum() / both["other"].sum()) if len(both) == QUARTERS_PER_YEAR else 1.0


def _open_share(quarters: Sequence[str], filed: pd.Series) -> float:
    """Share of a period's quarters that are not filed."""
    return float(filed.reindex(list(quarters)).isna().mean())
