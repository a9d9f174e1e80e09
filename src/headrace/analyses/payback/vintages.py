"""By vintage: what was paid for AI in a quarter, when it comes back, and what it earns.

Cash is after tax. A builder deducts at once what tax law in force lets it, so under the law of the start payback and
rate of return are what they would be without tax.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from headrace.analyses.payback.reading import Array, Reading, known
from headrace.investment.payback import paybacks
from headrace.investment.rates_of_return import FOUND, internal_rates
from headrace.investment.terminal_value import growing_perpetuity
from headrace.simulation.vintage_cash_flow import own_growth, quarterly_rate, stream_of
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS

_stream_of = jax.jit(stream_of)


@dataclass(frozen=True)
class Vintage:
    """What became of one vintage, by draw.

    Attributes:
        figures: By name, (draw,).
        revenue_usd_bn: By quarter of the run, (quarter, draw).
        cash_usd_bn: After tax, the cost included, from the quarter of the payment on, (quarter, draw).
        cause: Of each rate of return, as :class:`headrace.investment.rates_of_return.InternalRates` has it.
    """

    figures: dict[str, Array]
    revenue_usd_bn: Array
    cash_usd_bn: Array
    cause: np.ndarray


_SAID = {
    "it_cost_usd_bn": ("USD bn", "Paid for IT"),
    "site_cost_usd_bn": ("USD bn", "Paid for shells and power"),
    "used_shells_usd_bn": ("USD bn", "Paid for shells that older IT has left"),
    "cost_usd_bn": ("USD bn", "Cost of the vintage"),
    "energised_gw": ("GW", "IT of the vintage that is energised"),
    "quarters_to_service": ("quarter", "Quarters from payment to service, mean"),
    "margin_usd_bn": ("USD bn", "Margin on compute over its life, undiscounted"),
    "resale_usd_bn": ("USD bn", "Residual value of its shells, undiscounted"),
    "tax_shield_usd_bn": ("USD bn", "Present value of the tax that deductions of the cost save"),
    "payback_quarters": ("quarter", "Payback; infinite where never"),
    "discounted_payback_quarters": ("quarter", "Payback with interest at the cost of capital; infinite where never"),
    "rate_of_return": ("1/year", "Internal rate of return"),
    "net_present_value_usd_bn": ("USD bn", "Net present value at the cost of capital"),
    "profitability": ("1", "Net present value over cost"),
    "share_beyond_run": ("1", "Share of the present value of income that comes after the run"),
}
"""Figures of a vintage: unit and label."""


def by_vintage(reading: Reading) -> xr.Dataset:
    """Cost, income, payback and return of every vintage whose IT can live its economic life within the run.

    Args:
        reading: The run.

    Returns:
        The figures of a vintage (draw, vintage); ``economic_life_quarters`` (draw, vintage) in force in its quarter;
        ``accounting_life_quarters`` (draw, player) over which books write IT off; ``cost_of_capital`` and
        ``profitability_by_player`` (draw, vintage, player); by vintage the shares of draws in which it pays back
        ``share_paid_back``, within the economic life ``share_within_life``, with interest ``share_discounted``, and has
        no rate of return ``share_without_rate``.

    Raises:
        InvestmentError: The run is shorter than a life, or what comes after it grows as fast as it is discounted.
    """
    places = reading.vintages
    each = [one_vintage(reading, place) for place in places]
    figures = {name: np.stack([one.figures[name] for one in each], axis=-1) for name in _SAID}
    dims = ("draw", "vintage")
    values = {name: known(figures[name], dims, unit, label) for name, (unit, label) in _SAID.items()}
    life = lives(reading)[places].T
    rates = costs_of_capital(reading)[places]  # (vintage, player, draw)
    worth = np.stack([_worth_by_player(one, rate) for one, rate in zip(each, rates, strict=True)])
    accounting = np.stack([reading.drawn[f"builder.{player}.accounting_life_quarters"] for player in PLAYERS], axis=-1)
    by_player = ("draw", "vintage", "player")
    values |= {
        "economic_life_quarters": known(life, dims, "quarter", "Economic life of IT"),
        "accounting_life_quarters": known(accounting, ("draw", "player"), "quarter", "Accounting life of IT"),
        "cost_of_capital": known(
            rates.transpose(2, 0, 1), by_player, "1/year", "Cost of capital, with what lenders add"
        ),
        "profitability_by_player": known(
            worth.transpose(2, 0, 1), by_player, "1", "Net present value over cost at the builder's cost of capital"
        ),
    }
    shares = {
        "share_paid_back": (np.isfinite(figures["payback_quarters"]), "Draws in which it ever pays back"),
        "share_within_life": (figures["payback_quarters"] <= life, "Draws in which it pays back within its life"),
        "share_discounted": (
            np.isfinite(figures["discounted_payback_quarters"]),
            "Draws in which it pays back with interest",
        ),
        "share_without_rate": (
            np.stack([one.cause != FOUND for one in each], axis=-1),
            "Draws without one rate of return: cash never changes sign, or does so more than once",
        ),
    }
    for name, (holds, label) in shares.items():
        values[name] = known(holds.mean(axis=0), ("vintage",), "1", label)
    return xr.Dataset(
        values,
        {
            "draw": reading.run["draw"].values,
            "vintage": [reading.quarters[place] for place in places],
            "player": list(PLAYERS),
        },
    )


def one_vintage(reading: Reading, place: int) -> Vintage:
    """Follow one vintage through the run and after it.

    Args:
        reading: The run.
        place: Quarters since the first simulated; BEFORE_THE_RUN for all that was paid before, of which only the
            revenue is known.

    Raises:
        InvestmentError: What comes after the run grows as fast as it is discounted.
    """
    with jax.enable_x64(True):
        fleet, world, paths = reading.fleet, reading.parameters, reading.world.changes.paths
        growth = (
            own_growth(fleet)
            if reading.margin_growth is None
            else jnp.full_like(world["finance.wacc"], reading.margin_growth)
        )
        stream = _stream_of(fleet, world, paths, jnp.asarray(place), growth)
        found = {name: np.asarray(values) for name, values in vars(stream).items()}
        rate = np.asarray(quarterly_rate(world["finance.wacc"]))
        kept = 1 - np.asarray(fleet.retired_share[-1])
        payments = {branch: np.asarray(getattr(fleet, f"{branch}_payment_usd_bn"))[place] for branch in ("it", "site")}
    past = max(place, 0)
    count = len(reading.quarters) - past
    cash, margin, resale, deduction = (
        found[name][past:] for name in ("cash_usd_bn", "margin_usd_bn", "resale_usd_bn", "deduction_usd_bn")
    )
    weights = (1 + rate) ** -np.arange(len(cash))[:, np.newaxis]
    tax = reading.drawn["funding.cash_tax_rate"]
    rest = (
        (1 - tax)
        * (
            growing_perpetuity(margin[-1], rate, (1 + np.asarray(growth)) * kept - 1)
            + growing_perpetuity(resale[-1], rate, kept - 1)
        )
        * weights[-1]
    )
    income = (1 - tax) * (margin + resale) * weights
    worth = (cash * weights).sum(axis=0) + rest
    rates = internal_rates(cash)
    cost, energised = found["cost_usd_bn"], found["energised_gw"][past:]
    waits = (energised * np.arange(1, len(energised) + 1)[:, np.newaxis]).sum(axis=0)
    figures = {
        "it_cost_usd_bn": payments["it"],
        "site_cost_usd_bn": payments["site"],
        "used_shells_usd_bn": found["used_shells_usd_bn"],
        "cost_usd_bn": cost,
        "energised_gw": energised.sum(axis=0),
        "quarters_to_service": _over(waits, energised.sum(axis=0)),
        "margin_usd_bn": margin.sum(axis=0),
        "resale_usd_bn": resale.sum(axis=0),
        "tax_shield_usd_bn": tax * (deduction * weights).sum(axis=0),
        "payback_quarters": _never_is_infinite(paybacks(cash)),
        "discounted_payback_quarters": _never_is_infinite(paybacks(cash * weights)),
        "rate_of_return": (1 + rates.rate) ** QUARTERS_PER_YEAR - 1,
        "net_present_value_usd_bn": worth,
        "profitability": _over(worth, cost),
        "share_beyond_run": _over(income[count:].sum(axis=0) + rest, income.sum(axis=0) + rest),
    }
    return Vintage(figures, found["revenue_usd_bn"], cash, rates.cause)


def lives(reading: Reading) -> Array:
    """Economic life of IT in force in every quarter, (quarter, draw) [quarter]."""
    active, energised, retired = (
        reading.output(name).sum(axis=1) for name in ("active_compute_gw", "energised_gw", "it_retired_gw")
    )
    before = np.concatenate([active[:1] + retired[:1] - energised[:1], active[:-1]])
    return np.asarray(np.divide(before, retired, out=np.full(before.shape, np.inf), where=retired > 0))


def costs_of_capital(reading: Reading) -> Array:
    r"""Cost of capital of every player in every quarter, (quarter, player, draw) [1/year].

    .. math:: r_i = r + \min(\bar s, s_0 + s_1 \max(0, N_i / OCF_i)) - s_0

    What lenders add for a builder's debt, as the loop has it, on top of the cost of capital of all; :math:`OCF_i` is
    that of the last four quarters of the run so far, as a year.

    Source:
        Linear spread in leverage as in :func:`headrace.equations.funding.interest_usd_bn`; a judgement in its use here.
    """
    debt = reading.output("net_debt_usd_bn")[:, : len(PLAYERS)]
    quarterly = reading.output("operating_cash_flow_usd_bn")[:, : len(PLAYERS)]
    summed = np.cumsum(quarterly, axis=0)
    summed[QUARTERS_PER_YEAR:] -= summed[:-QUARTERS_PER_YEAR].copy()
    counted = np.minimum(np.arange(1, len(debt) + 1), QUARTERS_PER_YEAR)[:, np.newaxis, np.newaxis]
    annual = summed * QUARTERS_PER_YEAR / counted
    least, per_year, widest = (
        reading.drawn[f"funding.{name}"] for name in ("spread_at_no_debt", "spread_per_year_of_debt", "widest_spread")
    )
    years = np.divide(debt, annual, out=np.full(debt.shape, np.inf), where=annual > 0)
    spread = np.minimum(widest, least + per_year * np.maximum(0, years))
    return np.asarray(reading.drawn["finance.wacc"] + spread - least)


def _worth_by_player(one: Vintage, annual_rates: Array) -> Array:
    """Net present value over cost at each player's rate, (player, draw)."""
    rates = (1 + annual_rates) ** (1 / QUARTERS_PER_YEAR) - 1
    weights = (1 + rates) ** -np.arange(len(one.cash_usd_bn))[:, np.newaxis, np.newaxis]
    return _over((one.cash_usd_bn[:, np.newaxis] * weights).sum(axis=0), one.figures["cost_usd_bn"])


def _over(above: Array, below: Array) -> Array:
    """A ratio; NaN where there is nothing below."""
    return np.asarray(above / np.where(below > 0, below, np.nan))


def _never_is_infinite(periods: Array) -> Array:
    return np.where(np.isnan(periods), np.inf, periods)
