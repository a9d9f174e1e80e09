"""Market history: what shipped filings and closes say of margins and multiples.

Expected: margins, multiples and their responses of the past inside the priors of the market.
Source: shipped filings and month-end closes to 2026Q2; see docs/evidence.md.
Differs: The prior of the response to surprises stands above the regression, which one-off items push towards -1.

Margins: net income over revenue, pooled over members and eight quarters to 2026Q2. Multiples: close at the end of a
quarter × latest diluted shares / net income of four quarters, quarters with earnings only. The regression is of the
growth of the multiple on its distance from the company's median, on growth of earnings and on growth of price before.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from headrace.evidence import facts, prices, universe
from headrace.parameters.registry import registry
from headrace.variables import PLAYERS

QUARTERS = [str(quarter) for quarter in pd.period_range("2016Q1", "2026Q2", freq="Q")]

MARGINS = {
    "wafer_equipment": ("applied_materials", "lam_research", "kla", "teradyne"),
    "memory": ("micron",),
    "networking": ("arista", "cisco"),
    "engineering_and_construction": ("quanta_services", "emcor"),
    "thermal": ("vertiv",),
    "electrical_equipment": ("eaton",),
    "power_equipment": ("ge_vernova", "caterpillar"),
    "independent_power": ("constellation_energy", "vistra", "nrg_energy"),
    "utilities": ("southern",),
}

MULTIPLES = {
    "memory": ("MU", "micron"),
    "electrical_equipment": ("ETN", "eaton"),
    "independent_power": ("VST", "vistra"),
    "accelerator_designers": ("NVDA", "nvidia"),
    "networking": ("ANET", "arista"),
}


@pytest.fixture(scope="module")
def filed() -> pd.DataFrame:
    """Filed figures of the window, (quarter, (concept, entity))."""
    known = facts.load()
    wanted = known[known["concept"].isin(["net_income", "revenue", "diluted_shares"])]
    return wanted.pivot_table(
        index="calendar_quarter", columns=["concept", "entity"], values="value", aggfunc="last"
    ).reindex(QUARTERS)


@pytest.fixture(scope="module")
def closes() -> pd.DataFrame:
    """Closes at the end of each quarter, (quarter, ticker); the last quarter ends where the shipped months do."""
    table = prices.load().sort_values("month")
    quarter = pd.PeriodIndex(table["month"], freq="M").asfreq("Q").astype(str)
    return table.assign(quarter=quarter).pivot_table(
        index="quarter", columns="ticker", values="close", aggfunc="last"
    ).reindex(QUARTERS)  # fmt: skip


@pytest.mark.parametrize("group", MARGINS)
def test_filed_margins_lie_within_the_prior(group: str, filed: pd.DataFrame) -> None:
    earned = sold = 0.0
    for company in MARGINS[group]:
        pair = filed.xs(company, axis=1, level="entity")[["net_income", "revenue"]].dropna().iloc[-8:]
        assert len(pair) == 8
        earned, sold = earned + pair["net_income"].sum(), sold + pair["revenue"].sum()
    prior = registry()[f"group.{group}.earnings_margin"]
    assert prior.low <= earned / sold <= prior.high


@pytest.mark.parametrize("group", MULTIPLES)
def test_multiples_of_the_past_and_of_today_lie_within_their_priors(
    group: str, filed: pd.DataFrame, closes: pd.DataFrame
) -> None:
    ticker, company = MULTIPLES[group]
    shares = filed["diluted_shares"][company].dropna().iloc[-1]
    history = (closes[ticker] * shares / trailing(filed["net_income"][company])).dropna()
    for value, field in ((history.median(), "long_run_multiple"), (history.iloc[-1], "start_multiple")):
        prior = registry()[f"group.{group}.{field}"]
        assert prior.low <= value <= prior.high, field


def test_builders_are_priced_below_their_median_at_the_start(filed: pd.DataFrame, closes: pd.DataFrame) -> None:
    members = [entry for entry in universe.load().values() if entry.builder in PLAYERS]
    now, usual = [], []
    for entry in members:
        shares = filed["diluted_shares"][entry.slug].dropna().iloc[-1]
        history = (closes[entry.ticker] * shares / trailing(filed["net_income"][entry.slug])).dropna()
        now.append(history.iloc[-1])
        usual.append(history.median())
    table = registry()
    assert np.median(now) == pytest.approx(table["group.compute.start_multiple"].value, rel=0.1)
    assert np.median(usual) == pytest.approx(table["group.compute.long_run_multiple"].value, rel=0.1)


def test_responses_of_multiples_are_of_the_size_of_their_priors(filed: pd.DataFrame, closes: pd.DataFrame) -> None:
    rows = []
    for entry in universe.load().values():
        if entry.wave not in (1, 2, 3) or entry.ticker not in closes or entry.slug not in filed["net_income"]:
            continue
        earnings = np.log(trailing(filed["net_income"][entry.slug]))
        price = np.log(closes[entry.ticker])
        paid = price - earnings
        rows.append(
            pd.DataFrame(
                {
                    "growth": paid.diff().shift(-1),
                    "one": 1.0,
                    "distance": paid.median() - paid,
                    "earned": earnings.diff().shift(-1),
                    "before": price.diff(),
                }
            ).dropna()
        )
    panel = pd.concat(rows)
    assert len(panel) > 600
    coefficients = np.linalg.lstsq(panel.drop(columns="growth").to_numpy(), panel["growth"].to_numpy(), rcond=None)[0]
    _, reversion, surprise, extrapolation = coefficients
    table = registry()
    assert table["market.reversion"].low <= reversion <= table["market.reversion"].high
    assert table["market.extrapolation"].low <= extrapolation <= table["market.extrapolation"].high
    # one-off items push the coefficient of earnings towards -1: the prior stands between it and nothing
    assert -1 < surprise < table["market.surprise_response"].value < 0


def trailing(income: pd.Series) -> pd.Series:
    """Net income of four quarters, where it is positive."""
    total = income.rolling(4).sum()
    return total.where(total > 0)
