"""Where the money comes from and what it costs: cash flow, limits, borrowing, interest, depreciation, annuities.

Sources equal uses by builder and quarter; a builder that has ordered pays, and borrows what it lacks.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations.powers import power
from headrace.units import QUARTERS_PER_YEAR


def grown_from_start(
    start_usd_bn: Float[Array, "player *world"],
    growth: Float[Array, "*growing"],
    quarters: Float[Array, ""],
) -> Float[Array, "player *world"]:
    r"""A flow that grows evenly from the start.

    .. math:: y_t = y_0 (1 + g)^t

    Args:
        start_usd_bn: :math:`y_0` [USD bn/quarter].
        growth: :math:`g` [1/quarter], > -1.
        quarters: :math:`t`, since the start [quarter].

    Returns:
        :math:`y_t` [USD bn/quarter].

    Source:
        Identity; key ``identity``.
    """
    return start_usd_bn * power(1 + growth, quarters)


def operating_cash_flow_usd_bn(
    franchise_cash_flow_usd_bn: Float[Array, "player *world"],
    share: Float[Array, "player *world"],
    compute_margin_usd_bn: Float[Array, "*world"],
    interest: Float[Array, "player *world"],
    tax_shield: Float[Array, "player *world"],
) -> Float[Array, "player *world"]:
    r"""Operating cash flow.

    .. math:: OCF_i = OCF_{base,i} + s_i \mu R - i_i + T_i

    Args:
        franchise_cash_flow_usd_bn: :math:`OCF_{base,i}`, without AI margin [USD bn/quarter].
        share: :math:`s_i` of compute revenue [1].
        compute_margin_usd_bn: :math:`\mu R` [USD bn/quarter].
        interest: :math:`i_i` on debt raised since the start [USD bn/quarter].
        tax_shield: :math:`T_i`, from a law other than that of the start [USD bn/quarter].

    Returns:
        :math:`OCF_i` [USD bn/quarter].

    Source:
        Identity; key ``identity``.
    """
    return franchise_cash_flow_usd_bn + share * compute_margin_usd_bn - interest + tax_shield


def funding_limit_usd_bn(
    mean_operating_cash_flow_usd_bn: Float[Array, "player *world"],
    net_debt_usd_bn: Float[Array, "player *world"],
    external_funding: Float[Array, "player *world"],
    payout_share: Float[Array, "player *world"],
    reinvestment_share: Float[Array, "*world"],
    debt_limit_years: Float[Array, "player *world"],
    debt_adjustment_quarters: Float[Array, "*world"],
    debt_room_factor: Float[Array, "*world"],
) -> Float[Array, "player *world"]:
    r"""The most a builder can spend in a quarter.

    .. math:: f_i = \varphi (1 - \mathrm{payout}_i) OCF_i + \chi \max(0, d_i \, 4 OCF_i - N_i) / T_d + E_i

    Args:
        mean_operating_cash_flow_usd_bn: :math:`OCF_i`, four-quarter average [USD bn/quarter].
        net_debt_usd_bn: :math:`N_i` [USD bn].
        external_funding: :math:`E_i` [USD bn/quarter].
        payout_share: Share of operating cash flow paid to shareholders [1].
        reinvestment_share: :math:`\varphi` [1].
        debt_limit_years: :math:`d_i` [year of operating cash flow].
        debt_adjustment_quarters: :math:`T_d` [quarter].
        debt_room_factor: :math:`\chi`, by which lenders stretch or shrink the room [1], >= 0.

    Returns:
        :math:`f_i` [USD bn/quarter].

    Source:
        Pecking order, Myers and Majluf (1984); key ``myers1984``.
    """
    room = jnp.maximum(0, debt_limit_years * QUARTERS_PER_YEAR * mean_operating_cash_flow_usd_bn - net_debt_usd_bn)
    retained = reinvestment_share * (1 - payout_share) * mean_operating_cash_flow_usd_bn
    return retained + debt_room_factor * room / debt_adjustment_quarters + external_funding


def announced_programme_usd_bn(
    programme_usd_bn: Float[Array, "player *world"],
    programme_quarters: Float[Array, "*world"],
    quarters: Float[Array, ""],
) -> Float[Array, "player *world"]:
    r"""Shares sold at the market, or prepayments and lessors' capacity, in the quarter: a programme while it lasts.

    .. math:: E_t = E \cdot \mathrm{clip}(T_E - t, 0, 1)

    Args:
        programme_usd_bn: :math:`E` [USD bn/quarter].
        programme_quarters: :math:`T_E`; the last quarter may be a part [quarter].
        quarters: :math:`t`, whole quarters gone since the start [quarter].

    Returns:
        :math:`E_t` [USD bn/quarter].

    Source:
        Announced programmes; key ``identity``.
    """
    return programme_usd_bn * jnp.clip(programme_quarters - quarters, 0, 1)


def tax_shield_usd_bn(
    spending_usd_bn: Float[Array, "player *world"],
    undeducted_usd_bn: Float[Array, "player *world"],
    bonus_depreciation_share: Float[Array, "*world"],
    cash_tax_rate: Float[Array, "*world"],
    tax_depreciation_rate: Float[Array, "*world"],
) -> tuple[Float[Array, "player *world"], Float[Array, "player *world"]]:
    r"""Cash tax saved by deductions, against the law in force at the start, which deducts everything at once.

    .. math:: T = t \left[d U - (1 - b) x\right], \quad U' = U + (1 - b) x - d U

    Filed cash flow has the law of the start in it; only a change of law moves cash, first out and later back.

    Args:
        spending_usd_bn: :math:`x`, AI capital expenditure of the quarter [USD bn/quarter].
        undeducted_usd_bn: :math:`U`, bought and not yet deducted [USD bn].
        bonus_depreciation_share: :math:`b`, deducted at once [1], 0..1.
        cash_tax_rate: :math:`t` [1], 0..1.
        tax_depreciation_rate: :math:`d`, of the balance [1/quarter], 0..1.

    Returns:
        :math:`T` [USD bn/quarter], 0 where :math:`b = 1` and nothing is undeducted; and :math:`U'` [USD bn].

    Source:
        Declining-balance depreciation with a first-year bonus, Section 168; key ``tax_bonus_2025``.
    """
    deferred = (1 - bonus_depreciation_share) * spending_usd_bn
    recovered = tax_depreciation_rate * undeducted_usd_bn
    return cash_tax_rate * (recovered - deferred), undeducted_usd_bn + deferred - recovered


def interest_usd_bn(
    net_debt_usd_bn: Float[Array, "player *world"],
    start_net_debt_usd_bn: Float[Array, "player *world"],
    mean_operating_cash_flow_usd_bn: Float[Array, "player *world"],
    risk_free_rate: Float[Array, "*world"],
    spread_at_no_debt: Float[Array, "*world"],
    spread_per_year_of_debt: Float[Array, "*world"],
    widest_spread: Float[Array, "*world"],
) -> Float[Array, "player *world"]:
    r"""Interest of one quarter on debt raised since the start.

    .. math:: i = \frac{r_f + \min(\bar s, s_0 + s_1 \max(0, N / (4 OCF)))}{4} \max(0, N - N_0)

    A builder without operating cash flow pays the widest spread.

    Args:
        net_debt_usd_bn: :math:`N` [USD bn].
        start_net_debt_usd_bn: :math:`N_0`, whose interest is in the filed cash flow [USD bn].
        mean_operating_cash_flow_usd_bn: :math:`OCF`, four-quarter average [USD bn/quarter].
        risk_free_rate: :math:`r_f` [1/year].
        spread_at_no_debt: :math:`s_0` [1/year].
        spread_per_year_of_debt: :math:`s_1` [1/year for each year of operating cash flow].
        widest_spread: :math:`\bar s` [1/year].

    Returns:
        :math:`i` [USD bn/quarter].

    Source:
        Linear spread in leverage; key ``headrace_model``, docs/decisions/004.
    """
    earns = mean_operating_cash_flow_usd_bn > 0
    annual_cash_flow = QUARTERS_PER_YEAR * jnp.where(earns, mean_operating_cash_flow_usd_bn, 1)
    by_leverage = spread_at_no_debt + spread_per_year_of_debt * jnp.maximum(0, net_debt_usd_bn / annual_cash_flow)
    spread = jnp.where(earns, jnp.minimum(by_leverage, widest_spread), widest_spread)
    annual_rate = risk_free_rate + spread
    return annual_rate / QUARTERS_PER_YEAR * jnp.maximum(0, net_debt_usd_bn - start_net_debt_usd_bn)


def capital_expenditure_usd_bn(
    ai_usd_bn: Float[Array, "player *world"], other_usd_bn: Float[Array, "player *world"]
) -> Float[Array, "player *world"]:
    r"""Cash capital expenditure, the concept of the cash-flow statement.

    .. math:: C_i = x_i + n_i

    Args:
        ai_usd_bn: :math:`x_i`, paid for AI [USD bn/quarter].
        other_usd_bn: :math:`n_i`, everything else [USD bn/quarter].

    Returns:
        :math:`C_i` [USD bn/quarter].

    Source:
        Identity; key ``identity``.
    """
    return ai_usd_bn + other_usd_bn


def borrowing_usd_bn(
    capital_expenditure: Float[Array, "player *world"],
    operating_cash_flow: Float[Array, "player *world"],
    external_funding: Float[Array, "player *world"],
    payout_share: Float[Array, "player *world"],
) -> Float[Array, "player *world"]:
    r"""Change of net debt: what sources leave to borrow.

    .. math:: \Delta N_i = C_i + \mathrm{payout}_i OCF_i - OCF_i - E_i

    Args:
        capital_expenditure: :math:`C_i` [USD bn/quarter].
        operating_cash_flow: :math:`OCF_i` [USD bn/quarter].
        external_funding: :math:`E_i` [USD bn/quarter].
        payout_share: Share of operating cash flow paid to shareholders [1].

    Returns:
        :math:`\Delta N_i` [USD bn/quarter]; negative pays back.

    Source:
        Identity, sources equal uses; key ``identity``.
    """
    return capital_expenditure - (1 - payout_share) * operating_cash_flow - external_funding


def straight_line_depreciation(
    purchases_usd_bn: Float[Array, "vintage *world"],
    ages_quarters: Float[Array, "vintage"],
    life_quarters: Float[Array, "*#world"],
) -> Float[Array, "*world"]:
    r"""Depreciation of one quarter over all vintages.

    .. math:: D = \sum_v \frac{I_v}{N} \mathrm{clip}(N - a_v, 0, 1)

    A life that ends inside a quarter charges the part of it, so that each vintage is written off exactly once.

    Args:
        purchases_usd_bn: :math:`I_v` [USD bn].
        ages_quarters: :math:`a_v`, whole quarters since the first charge; below 0 not yet bought [quarter].
        life_quarters: :math:`N` [quarter], > 0.

    Returns:
        :math:`D` [USD bn/quarter].

    Source:
        Straight-line method; key ``identity``.
    """
    return (
        jnp.sum(in_service(ages_quarters, life_quarters, purchases_usd_bn.ndim) * purchases_usd_bn, axis=0)
        / life_quarters
    )


def in_service(ages_quarters: Float[Array, "vintage"], life_quarters: Float[Array, "*world"], ndim: int) -> Array:
    r"""Part of the quarter in which each vintage is in service.

    .. math:: \mathrm{clip}(N - a_v, 0, 1) \cdot [a_v \ge 0]

    Args:
        ages_quarters: :math:`a_v` [quarter]; below 0 not yet bought.
        life_quarters: :math:`N` [quarter].
        ndim: Number of axes of the purchases that this multiplies [1].

    Returns:
        The part, vintage first [1], 0..1.

    Source:
        Identity; key ``identity``.
    """
    ages = ages_quarters.reshape((-1,) + (1,) * (ndim - 1))
    return jnp.where(ages >= 0, jnp.clip(life_quarters - ages, 0, 1), 0)


def annuity_rate(annual_rate: Float[Array, "*world"], life_quarters: Float[Array, "*world"]) -> Float[Array, "*world"]:
    r"""Level payment a quarter for each dollar, over a life, at a rate.

    .. math:: a = \frac{r_q}{1 - (1 + r_q)^{-L}}, \quad r_q = (1 + r)^{1/4} - 1

    Args:
        annual_rate: :math:`r` [1/year], > 0.
        life_quarters: :math:`L` [quarter], > 0.

    Returns:
        :math:`a` [1/quarter].

    Source:
        Capital recovery factor; key ``identity``.
    """
    quarterly = (1 + annual_rate) ** (1 / QUARTERS_PER_YEAR) - 1
    return quarterly / (1 - (1 + quarterly) ** -life_quarters)
