"""What a run is worth to whom: buyers, owners and suppliers of compute by bloc, less what states spend.

Every part adds up over the blocs and everyone else to that of the world, so nothing is counted twice or lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.analyses.blocs.given import shares
from headrace.analyses.blocs.ownership import Owned
from headrace.analyses.blocs.profiles import Terms
from headrace.investment.terminal_value import growing_perpetuity
from headrace.scenarios import Bloc
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import GROUPS, REGIONS

PARTS = ("buyers", "owners", "suppliers", "states")
"""Of an account, in the order of its axis."""

DESIGNERS = ("accelerator_designers", "networking")
MAKERS = ("foundry", "wafer_equipment", "memory", "osat", "server_makers", "optics")
BUILDERS_OF_SITES = (
    "engineering_and_construction",
    "thermal",
    "electrical_equipment",
    "power_equipment",
    "independent_power",
    "utilities",
)
"""Groups that earn where sites stand."""

Array = NDArray[np.float64]


def buyers_gain_usd_bn(revenue_usd_bn: ArrayLike, relative_price: ArrayLike, price_elasticity: ArrayLike) -> Array:
    r"""What buyers gain from a price that is not that of the start, demand as it is now.

    .. math:: \int_p^{p_0} q(s) \, ds = R \, \frac{1 - (p/p_0)^{\varepsilon - 1}}{\varepsilon - 1}

    which is :math:`R \ln(p_0/p)` at an elasticity of 1, and finite at every one.

    Args:
        revenue_usd_bn: :math:`R`, what they pay now [USD bn/quarter].
        relative_price: :math:`p/p_0` [1], > 0.
        price_elasticity: :math:`\varepsilon`, absolute [1], > 0.

    Returns:
        The gain [USD bn/quarter]; a loss where the price is above that of the start.

    Source:
        Area under constant-elasticity demand; Marshall (1890), Principles of Economics, book III.
    """
    exponent = (np.asarray(price_elasticity, float) - 1) * np.log(relative_price)
    near_one = np.where(np.abs(exponent) < 1e-12, 1.0, exponent)
    return np.asarray(
        -np.asarray(revenue_usd_bn)
        * np.log(relative_price)
        * np.where(exponent == near_one, np.expm1(near_one) / near_one, 1.0)
    )


def account(
    outputs: Mapping[str, Array],
    blocs: Mapping[str, Bloc],
    owned: Owned,
    terms: Terms,
    given: Mapping[str, Array],
    drawn: Mapping[str, Array],
) -> Array:
    """Present value of each part to each party, (draw, party, part) [USD bn].

    Args:
        outputs: Of the loop, (draw, quarter, *axes).
        blocs: All of them.
        owned: By party and quarter.
        terms: Of the profile.
        given: Draws of what accounts take beyond the loop, (draw,).
        drawn: Draws of the loop's parameters, (draw,).
    """
    names = list(blocs)
    revenue, price, margin = (
        outputs[f"compute_{name}"].T for name in ("revenue_usd_bn", "price_usd_bn_per_gw_quarter", "margin_usd_bn")
    )
    gain = buyers_gain_usd_bn(revenue, price / price[0], drawn["demand.price_elasticity"])
    buyers = shares(given, names, "demand_share") * gain[:, np.newaxis]
    earned = owned.share * margin[:, np.newaxis]
    quarters = len(revenue)
    states = np.zeros_like(buyers)
    beyond = owned.bought_usd_bn[:, :-1] - terms.bought_usd_bn[..., np.newaxis]
    states[:, :-1] = -(1 + given["excess_burden"]) * (terms.public_usd_bn[..., np.newaxis] + beyond)
    flows = np.stack([buyers, earned - owned.paid_usd_bn, _suppliers(outputs, blocs, owned, terms, given), states])
    rate = given["discount_rate"]
    clock = np.arange(1, quarters + 1)[:, np.newaxis]
    discount = (1 + rate) ** (-clock / QUARTERS_PER_YEAR)
    value = np.einsum("qd,kqod->dok", discount, flows)
    quarterly = (1 + rate) ** (1 / QUARTERS_PER_YEAR) - 1
    life = drawn["finance.it_economic_life_quarters"]
    for part, last in enumerate((buyers[-1], earned[-1])):
        value[..., part] += (discount[-1] * growing_perpetuity(last, quarterly, -1 / life)).T
    return np.asarray(value)


def _suppliers(
    outputs: Mapping[str, Array],
    blocs: Mapping[str, Bloc],
    owned: Owned,
    terms: Terms,
    given: Mapping[str, Array],
) -> Array:
    """Earnings of the chain by party, (quarter, party, draw) [USD bn/quarter]."""
    names = list(blocs)
    earnings = np.moveaxis(outputs["group_earnings_usd_bn"], 0, -1)

    def sum_of(groups: Sequence[str]) -> Array:
        return np.asarray(earnings[:, [GROUPS.index(group) for group in groups]].sum(axis=1))[:, np.newaxis]

    designers, makers = sum_of(DESIGNERS), sum_of(MAKERS)
    abroad = shares(given, names, "designer_share") * designers + shares(given, names, "maker_share") * makers
    turned = np.zeros_like(owned.paid_for_it)
    turned[:, :-1] = terms.at_home[..., np.newaxis] * owned.paid_for_it[:, :-1]
    machines = abroad * (1 - turned.sum(axis=1, keepdims=True)) + turned * (designers + makers)
    sited = np.moveaxis(outputs["regional_energised_gw"], 0, -1)
    total = sited.sum(axis=1)
    where = np.zeros_like(owned.share)
    for number, bloc in enumerate(blocs.values()):
        where[:, number] = sited[:, [REGIONS.index(region) for region in bloc.regions]].sum(axis=1)
    where[:, -1] = total - where[:, :-1].sum(axis=1)
    return np.asarray(machines + where / np.where(total > 0, total, 1)[:, np.newaxis] * sum_of(BUILDERS_OF_SITES))
