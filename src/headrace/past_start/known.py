"""What was known on a day of everything that a start needs; nothing later is looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from statistics import median

import numpy as np
import pandas as pd

from headrace.errors import PeriodError
from headrace.evidence import run_rates, tightness
from headrace.evidence.announced import read_plainly, statements
from headrace.evidence.archive import Archive
from headrace.past_start.dated_values import values_on
from headrace.periods import quarter_index, quarter_label, quarter_range
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import LAYERS, PLAYERS

FIRST_START = "2022Q4"
"""First quarter that a run may start from: the first with adopters."""

FIRST_KNOWN_SALES = "2022Q1"
"""First quarter with data-centre revenue in the evidence."""

_MAKER = "nvidia"
_DEMAND_OVER_SUPPLY = ("wait", "shortfall")
"""Measures of tightness that stand for demand over supply; a price or a booking does not."""


@dataclass(frozen=True)
class Known:
    """What was known on a day.

    Attributes:
        day: The day.
        quarter: The last quarter that all players had filed: the start.
        capital_expenditure_usd_bn: As filed in that quarter, by player [USD bn/quarter].
        guided_growth: Of the coming quarter over it, by player [1/quarter]: as announced, else as over the last year.
        guided_quarters: Quarters to come that announcements cover.
        net_debt_usd_bn: By player, those whose balance sheet told [USD bn].
        accelerator_sales_usd_bn: Data-centre revenue of NVIDIA, each quarter from FIRST_KNOWN_SALES to the start
            [USD bn/quarter].
        model_revenue_usd_bn: What model makers were reported to earn in a quarter [USD bn/quarter].
        model_revenue_growth: Of it, over the last year [1/quarter].
        log_tightness: Logarithm of demand over supply by layer, those of which something was said in the last year.
        values: Parameters whose value was another then, by dotted name.
    """

    day: dt.date
    quarter: str
    capital_expenditure_usd_bn: tuple[float, ...]
    guided_growth: Mapping[str, float]
    guided_quarters: int
    net_debt_usd_bn: Mapping[str, float]
    accelerator_sales_usd_bn: tuple[float, ...]
    model_revenue_usd_bn: float
    model_revenue_growth: float
    log_tightness: Mapping[str, float]
    values: Mapping[str, float]


def known(archive: Archive, day: dt.date) -> Known:
    """What an archive held on a day.

    Args:
        archive: Everything, or what was known by ``day``; it is cut there.
        day: From which somebody looks.

    Raises:
        PeriodError: By then the players had not all filed :data:`FIRST_START`, or nobody sold AI.
    """
    then = archive.as_of(day)
    filed = then.panel("capital_expenditure", PLAYERS)
    complete = filed.dropna()
    last = str(complete.index[-1]) if len(complete) else "none"
    if last == "none" or quarter_index(last) < quarter_index(FIRST_START):
        raise PeriodError(
            f"as_of {day}: the last quarter that all five had filed by then is {last}, and the loop starts from "
            f"{FIRST_START} at the earliest, the first quarter with adopters; choose 2023-03-31 or later. "
            "hr.history(as_of=...) works for any day, hr.hindcast() for spending from 2019-12-31 on"
        )
    earned = run_rates.revenue_usd_bn_per_year(then.run_rates, day)
    if not earned > 0:
        raise PeriodError(f"as_of {day}: no model maker was reported to earn anything by then; choose a later day")
    ahead = quarter_range(quarter_label(quarter_index(last) + 1), QUARTERS_PER_YEAR)
    return Known(
        day=day,
        quarter=last,
        capital_expenditure_usd_bn=tuple(complete.loc[last].tolist()),
        guided_growth=_guided_growth(then, filed, last, ahead),
        guided_quarters=_guided_quarters(then, ahead),
        net_debt_usd_bn=_net_debt(then, last),
        accelerator_sales_usd_bn=_accelerator_sales(then, last),
        model_revenue_usd_bn=earned / QUARTERS_PER_YEAR,
        model_revenue_growth=_growth(run_rates.revenue_usd_bn_per_year(then.run_rates, _year_before(day)), earned),
        log_tightness=_log_tightness(day),
        values=values_on(day),
    )


def _guided_growth(then: Archive, filed: pd.DataFrame, last: str, ahead: list[str]) -> dict[str, float]:
    said = {one.player for one in statements(then) if set(one.quarters) & set(ahead)}
    plain = dict(zip(PLAYERS, read_plainly(then, ahead)[0], strict=True))
    growth = {}
    for player in PLAYERS:
        now = float(filed[player][last])
        if player in said:
            growth[player] = float(plain[player]) / now - 1
        else:
            recent = filed[player].loc[:last].dropna().iloc[-QUARTERS_PER_YEAR - 1 :]
            growth[player] = _growth(float(recent.iloc[0]), now)
    return growth


def _guided_quarters(then: Archive, ahead: list[str]) -> int:
    """Quarters to come that the announcements of most players cover."""
    covered = {player: 0 for player in PLAYERS}
    for one in statements(then):
        reach = sum(quarter in one.quarters for quarter in ahead)
        covered[one.player] = max(covered[one.player], reach)
    return int(median(covered.values()))


def _net_debt(then: Archive, last: str) -> dict[str, float]:
    panel = then.net_debt(PLAYERS)
    recent = panel.loc[:last].iloc[-QUARTERS_PER_YEAR:]
    told = {player: recent[player].dropna() for player in PLAYERS}
    return {player: float(values.iloc[-1]) for player, values in told.items() if len(values)}


def _accelerator_sales(then: Archive, last: str) -> tuple[float, ...]:
    """Data-centre revenue; where a quarter's is not known yet, its last share of revenue, or its last value."""
    quarters = quarter_range(FIRST_KNOWN_SALES, quarter_index(last) - quarter_index(FIRST_KNOWN_SALES) + 1)
    sales = then.panel("data_centre_revenue", (_MAKER,))[_MAKER].reindex(quarters)
    revenue = then.panel("revenue", (_MAKER,))[_MAKER].reindex(quarters)
    found = sales.fillna((sales / revenue).ffill() * revenue).ffill()
    if found.isna().any():
        raise PeriodError(
            f"data-centre revenue of {_MAKER} in {quarters[0]} is not in the evidence, or was not known on the day; it "
            "sets the scale of a past start: choose a later day, or fetch the evidence again"
        )
    return tuple(found.tolist())


def _log_tightness(day: dt.date) -> dict[str, float]:
    """Median by layer of what was said in the last year."""
    said: dict[str, list[float]] = {}
    for row in tightness.load(day.isoformat()).observations:
        if row.layer in LAYERS and row.measure in _DEMAND_OVER_SUPPLY and row.observed > _year_before(day):
            said.setdefault(row.layer, []).append(row.log_tightness)
    return {layer: median(values) for layer, values in said.items()}


def _growth(before: float, now: float) -> float:
    """Per quarter over a year; 0 where there was nothing before."""
    return exp(log(now / before) / QUARTERS_PER_YEAR) - 1 if before > 0 else 0.0


def _year_before(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=365)


def filed_by(archive: Archive, start: Known, first_quarter: str) -> tuple[np.ndarray, np.ndarray]:
    """Capital expenditure (past, player) from ``first_quarter`` to the start and cash flow (4, player), as filed then.

    Raises:
        PeriodError: A figure is missing.
    """
    then = archive.as_of(start.day)
    quarters = quarter_range(first_quarter, quarter_index(start.quarter) - quarter_index(first_quarter) + 1)
    capex = then.panel("capital_expenditure", PLAYERS).reindex(quarters).to_numpy()
    year = quarter_range(quarter_label(quarter_index(start.quarter) - QUARTERS_PER_YEAR + 1), QUARTERS_PER_YEAR)
    cash_flow = then.panel("operating_cash_flow", PLAYERS).reindex(year).to_numpy()
    if np.isnan(capex).any() or np.isnan(cash_flow).any():
        raise PeriodError(
            f"as_of {start.day}: capital expenditure since {first_quarter} or operating cash flow of the year to "
            f"{start.quarter} of {', '.join(PLAYERS)} is not complete; choose another day"
        )
    return capex, cash_flow
