"""Out of whose money: sources of what each player spends by year, and what it would spend beyond them.

Leases and prepayments are what filings announce of them. What insurers hold and for how long, and what vehicles off the
balance sheet owe, is in no filing that headrace reads: nothing is said of it here.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from headrace.analyses.payback.fleet import whole_years, yearly
from headrace.analyses.payback.reading import Array, Reading, known
from headrace.equations import rivalry
from headrace.variables import PLAYERS

NOT_KNOWN = "Insurers' duration and off-balance-sheet vehicles are not in the filings read; nothing is said of them."


def financing(reading: Reading) -> xr.Dataset:
    """Sources and uses of every player's money in every calendar year the run has whole.

    Args:
        reading: The run.

    Returns:
        (draw, year, player) in USD bn a year: ``uses`` (capital expenditure) and, adding up to it, ``own_cash``
        (operating cash flow after payouts), ``shares_sold``, ``leases_and_prepayments`` and ``borrowing``, below 0
        where debt is paid back; ``funding_gap``, AI spending that a player would choose beyond what its funding limit
        leaves for it.
    """
    count = len(PLAYERS)
    flows = {
        name: reading.output(name)[:, :count]
        for name in (
            "borrowing_usd_bn",
            "capital_expenditure_usd_bn",
            "external_funding_usd_bn",
            "operating_cash_flow_usd_bn",
            "payout_share",
            "shares_sold_usd_bn",
        )
    }
    summed = yearly(reading)
    sources = {
        "uses": (flows["capital_expenditure_usd_bn"], "Cash capital expenditure"),
        "own_cash": (
            (1 - flows["payout_share"]) * flows["operating_cash_flow_usd_bn"],
            "Operating cash flow after payouts",
        ),
        "shares_sold": (flows["shares_sold_usd_bn"], "Shares sold at the market"),
        "leases_and_prepayments": (
            flows["external_funding_usd_bn"] - flows["shares_sold_usd_bn"],
            "Leases and customers' prepayments",
        ),
        "borrowing": (flows["borrowing_usd_bn"], "Borrowing"),
        "funding_gap": (beyond_limit(reading), "AI spending wanted beyond the funding limit"),
    }
    values = {
        name: known(summed(each).transpose(2, 0, 1), ("draw", "year", "player"), "USD bn/year", label)
        for name, (each, label) in sources.items()
    }
    coordinates = {"draw": reading.run["draw"].values, "year": whole_years(reading), "player": list(PLAYERS)}
    return xr.Dataset(values, coordinates, {"not_known": NOT_KNOWN})


def beyond_limit(reading: Reading) -> Array:
    """AI spending that each player would choose beyond what its limit leaves, (quarter, player, draw) [USD bn/quarter].

    What it would choose is the target of the race before funding, from the equations of the loop and its outputs.
    """
    count = len(PLAYERS)
    other, limit = (
        reading.output(name)[:, :count] for name in ("other_capital_expenditure_usd_bn", "funding_limit_usd_bn")
    )
    return np.maximum(0, wanted_spending(reading) - np.maximum(0, limit - other))


def wanted_spending(reading: Reading) -> Array:
    """AI spending that each player would choose if money were no limit, (quarter, player, draw) [USD bn/quarter]."""
    run, drawn, count = reading.run, reading.drawn, len(PLAYERS)
    spent = reading.output("ai_capital_expenditure_usd_bn")
    at_start = (run["start_filed_capex_usd_bn"] * run["start_ai_share"]).transpose("builder", "draw").values
    guided = np.stack([drawn[f"builder.{player}.guided_growth"] for player in PLAYERS])
    announced = at_start * (1 + np.concatenate([guided, np.zeros((len(at_start) - count, guided.shape[1]))]))
    before = np.concatenate([at_start[np.newaxis], spent[:-1]])
    share, pool = reading.output("market_share")[:, :count], reading.output("expected_pool_usd_bn")
    paths = reading.world.changes.paths
    wanted = np.empty_like(share)
    with jax.enable_x64(True):
        for quarter in range(len(before)):
            today = {name: jnp.asarray(drawn[name]) for name in _READ}
            for name in today.keys() & paths.keys():
                today[name] = paths[name].factor[quarter] * today[name] + paths[name].shift[quarter]
            shares = jnp.asarray(share[quarter])
            lower, upper = rivalry.deviation_bounds(
                shares, today["rivalry.loss_aversion"], today["rivalry.decisiveness"], today["rivalry.pool_elasticity"]
            )
            watched = rivalry.watched_spending_usd_bn(
                jnp.asarray(before[quarter]),
                jnp.asarray(announced),
                today["rivalry.guided_quarters"],
                jnp.asarray(float(quarter)),
            )
            wanted[quarter] = rivalry.target_spending_usd_bn(watched, jnp.asarray(pool[quarter]), shares, lower, upper)
    return wanted


_READ = ("rivalry.decisiveness", "rivalry.guided_quarters", "rivalry.loss_aversion", "rivalry.pool_elasticity")
