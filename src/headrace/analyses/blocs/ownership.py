"""Whose compute it is: a ledger of quality-weighted compute and of what is paid for it, by bloc, beside the loop.

The loop knows five builders and one for the rest of the world. The five belong to one bloc; what the rest orders
belongs to who pays, mixes in one backlog, and is delivered, paid and energised in the parts that the backlog has then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headrace.analyses.blocs.profiles import Terms
from headrace.variables import PLAYERS

HOME_OF_PLAYERS = "united_states"
"""Bloc to which the five builders belong."""

Array = NDArray[np.float64]
REST = len(PLAYERS)


@dataclass(frozen=True)
class Owned:
    """By party, the blocs and then everyone else, quarter and draw.

    Attributes:
        share: Of the world's quality-weighted compute when the quarter begins [1], (quarter, party, draw).
        paid_usd_bn: For AI compute by firms, (quarter, party, draw) [USD bn/quarter].
        paid_for_it: Share in all that is paid for IT, states included [1], (quarter, party, draw).
        bought_usd_bn: Compute that states order with public money, (quarter, party, draw) [USD bn/quarter].
    """

    share: Array
    paid_usd_bn: Array
    paid_for_it: Array
    bought_usd_bn: Array


def ownership(
    outputs: Mapping[str, Array],
    blocs: list[str],
    owner_share: Array,
    terms: Terms,
    growth: Array,
    life_quarters: Array,
) -> Owned:
    r"""Follow who owns what from the end of the first quarter on.

    .. math:: H_o' = H_o - H_o/N + \kappa_o \, Q_f \, (A_{five} [o = home] + b_o A_{row})

    with :math:`b_o` the part of the backlog of the rest of the world that is of owner :math:`o`: what is ordered enters
    it in proportion to spending, and what is delivered leaves it as it is mixed.

    Args:
        outputs: Of the loop, (draw, quarter, builder) or (draw, quarter).
        blocs: Names.
        owner_share: Of parties in spending of the rest of the world, states included [1], (party, draw).
        terms: Of the profile.
        growth: Of spending of the rest of the world [1/quarter], (draw,).
        life_quarters: Economic life of IT [quarter], (draw,).
    """
    energised, paid, backlog, orders = (
        np.moveaxis(outputs[name], 0, -1)
        for name in ("energised_gw", "ai_capital_expenditure_usd_bn", "it_backlog_gw", "it_orders_gw")
    )
    planned = outputs["planned_ai_capital_expenditure_usd_bn"][..., REST].T
    frontier = outputs["frontier_quality_index"].T
    start = np.moveaxis(outputs["active_compute_gw"] * outputs["compute_quality_index"], 0, -1)[0]
    quarters, parties, draws = len(planned), len(owner_share), planned.shape[-1]
    home = np.zeros((parties, 1))
    home[blocs.index(HOME_OF_PLAYERS) if HOME_OF_PLAYERS in blocs else -1] = 1
    firms, states = owner_share, np.zeros((parties, draws))
    held = home * start[:REST].sum(axis=0) + owner_share * start[REST]
    found = Owned(*(np.zeros((quarters, parties, draws)) for _ in range(4)))
    for quarter in range(quarters):
        grown = (1 + growth) ** (quarter + 1)
        private = _with_rest(terms.private_usd_bn[quarter]) * grown
        bought = _with_rest(terms.bought_usd_bn[quarter]) * grown
        others = planned[quarter] - private.sum(axis=0) - bought.sum(axis=0)
        spent = np.maximum(owner_share * others + private, 0)
        total = spent.sum(axis=0) + bought.sum(axis=0)
        fresh = np.clip(orders[quarter, REST] / backlog[quarter, REST], 0, 1)
        firms = (1 - fresh) * firms + fresh * spent / total
        states = (1 - fresh) * states + fresh * bought / total
        found.share[quarter] = held / held.sum(axis=0)
        five = home * paid[quarter, :REST].sum(axis=0)
        found.paid_usd_bn[quarter] = five + firms * paid[quarter, REST]
        found.paid_for_it[quarter] = (five + (firms + states) * paid[quarter, REST]) / paid[quarter].sum(axis=0)
        found.bought_usd_bn[quarter] = bought
        if quarter:
            added = home * energised[quarter, :REST].sum(axis=0) + (firms + states) * energised[quarter, REST]
            quality = _with_rest(terms.own_quality[quarter], otherwise=1.0)
            held = held * (1 - 1 / life_quarters) + quality * frontier[quarter] * added
    return found


def _with_rest(by_bloc: Array, otherwise: float = 0.0) -> Array:
    """Values of blocs and of everyone else, (party, 1)."""
    return np.append(by_bloc, otherwise)[:, np.newaxis]
