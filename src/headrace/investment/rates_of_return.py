"""What a stream of cash is worth at a rate, and the rate at which it is worth nothing, if there is one and no other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headrace.errors import InvestmentError
from headrace.investment.cash_flow import cash_flow_by_period

FOUND, NO_SIGN_CHANGE, SEVERAL_SIGN_CHANGES = "found", "no_sign_change", "several_sign_changes"
"""What became of the search for a rate."""

Array = NDArray[np.float64]

_STEEPEST = 700.0
"""Logarithm of one plus the rate beyond which nothing is looked for; e to that power is the largest number there is."""

_FIRST_HALVINGS, _HALVINGS = 22, 110
"""Of a span of 1400, until Newton's steps are sure of the rest; and until what is left is the spacing of numbers."""

_STEPS, _STILL = 5, 1e-13
"""Newton's steps, and the last of them that a rate found by them may have made."""


@dataclass(frozen=True)
class InternalRates:
    """Internal rates of return of many streams.

    Attributes:
        rate: [1/period], > -1; NaN where ``cause`` is not ``found``.
        cause: ``found``, ``no_sign_change`` or ``several_sign_changes``.
    """

    rate: Array
    cause: NDArray[np.str_]


def net_present_value(cash_flow: ArrayLike, discount_rate: ArrayLike) -> Array:
    r"""Value now of a stream of cash.

    .. math:: \sum_t \frac{C_t}{(1 + r)^t}

    Args:
        cash_flow: :math:`C_t` by period, the first one now, in any unit; draws may trail.
        discount_rate: :math:`r` [1/period], > -1, with the axes that trail or none.

    Returns:
        The value, in the unit of the cash flow.

    Raises:
        InvestmentError: A stream of fewer than two periods or with no number in it, or a rate of -1 or less.
    """
    flows = cash_flow_by_period(cash_flow)
    rate = np.asarray(discount_rate, dtype=np.float64)
    if not (rate > -1).all():
        raise InvestmentError(f"discount rate falls to {rate.min()}; wanted more than -1, a fraction of a period")
    periods = np.arange(len(flows)).reshape(-1, *[1] * max(flows.ndim - 1, rate.ndim))
    return np.asarray((flows.reshape(len(flows), *_trailing(flows, rate)) * (1 + rate) ** -periods).sum(axis=0))


def internal_rates(cash_flow: ArrayLike) -> InternalRates:
    r"""The rate at which each stream is worth nothing.

    .. math:: \sum_t \frac{C_t}{(1 + r)^t} = 0

    A stream that changes sign once has exactly one rate above -1 (Descartes' rule of signs). One that never does has
    none, and one that does so more often may have several, of which none is the right one: both are said, not guessed.

    Args:
        cash_flow: :math:`C_t` by period, the first one now; draws may trail.

    Returns:
        Rates [1/period] and causes with the axes that trail.

    Raises:
        InvestmentError: A stream of fewer than two periods or with no number in it.
    """
    flows = cash_flow_by_period(cash_flow)
    changes = _sign_changes(flows)
    cause = np.where(changes == 1, FOUND, np.where(changes == 0, NO_SIGN_CHANGE, SEVERAL_SIGN_CHANGES))
    rate = np.full(changes.shape, np.nan)
    rate[changes == 1] = np.expm1(_log_rates(flows[:, changes == 1]))
    return InternalRates(np.asarray(rate), np.asarray(cause))


def internal_rate(cash_flow: ArrayLike) -> float:
    """The internal rate of return of one stream [1/period].

    Args:
        cash_flow: By period, the first one now, in any unit.

    Raises:
        InvestmentError: The stream never changes sign, so no rate returns it, or does so more than once, so several
            may; more than one stream, fewer than two periods, or a flow that is no number.
    """
    flows = cash_flow_by_period(cash_flow)
    if flows.ndim > 1:
        raise InvestmentError(f"cash flow has the shape {flows.shape}; wanted one stream, or internal_rates for many")
    found = internal_rates(flows)
    if found.cause == NO_SIGN_CHANGE:
        kind = "nothing but costs" if (flows < 0).any() else "no cost" if (flows > 0).any() else "nothing at all"
        raise InvestmentError(
            f"cash flow never changes sign, it has {kind}: no rate returns it; wanted a cost and income after it"
        )
    if found.cause == SEVERAL_SIGN_CHANGES:
        signs = np.flatnonzero(flows)
        where = signs[1:][np.diff(np.sign(flows[signs])) != 0]
        raise InvestmentError(
            f"cash flow changes sign {len(where)} times, in periods {', '.join(map(str, where))}: several rates may "
            "return it and none is the right one; wanted one change, or use the net present value at a stated rate"
        )
    return float(found.rate)


def _log_rates(flows: Array) -> Array:
    """Logarithm of one plus the rate of streams that change sign once, (period, stream): halvings, then Newton's steps.

    A stream on which the steps do not come to rest is halved to the end.
    """
    low, high = np.full(flows.shape[1], -_STEEPEST), np.full(flows.shape[1], _STEEPEST)
    start = np.sign(_weighted(flows, low)[0].sum(axis=0))
    low, high = _halved(flows, start, low, high, _FIRST_HALVINGS)
    found, step = (low + high) / 2, np.zeros(low.shape)
    for _ in range(_STEPS):
        weighted, ages = _weighted(flows, found)
        worth, slope = weighted.sum(axis=0), -(weighted * ages).sum(axis=0)
        step = np.divide(worth, slope, out=np.full(low.shape, np.inf), where=slope != 0)
        found = np.clip(found - step, low, high)
    restless = ~(np.abs(step) < _STILL)
    if restless.any():
        low, high = _halved(flows[:, restless], start[restless], low[restless], high[restless], _HALVINGS)
        found[restless] = (low + high) / 2
    return found


def _halved(flows: Array, start: Array, low: Array, high: Array, times: int) -> tuple[Array, Array]:
    """Ends between which the worth leaves the sign that it has at the lowest rate."""
    for _ in range(times):
        middle = (low + high) / 2
        before = np.sign(_weighted(flows, middle)[0].sum(axis=0)) == start
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return low, high


def _trailing(flows: Array, rate: Array) -> tuple[int, ...]:
    return flows.shape[1:] if flows.ndim > 1 else (1,) * rate.ndim


def _sign_changes(flows: Array) -> NDArray[np.int64]:
    """How often a stream changes sign, zeros left out: (...)."""
    changes = np.zeros(flows.shape[1:], dtype=np.int64)
    last = np.zeros(flows.shape[1:])
    for sign in np.sign(flows):
        changes += (sign * last) < 0
        last = np.where(sign == 0, last, sign)
    return changes


def _weighted(flows: Array, log_rate: Array) -> tuple[Array, NDArray[np.int64]]:
    """Flows whose sum is the present value times something above 0, the largest weight of one that counts being one.

    And the periods from the one with that weight.
    """
    counts = flows != 0
    first = np.argmax(counts, axis=0)
    last = len(flows) - 1 - np.argmax(counts[::-1], axis=0)
    ages = np.arange(len(flows)).reshape(-1, *[1] * (flows.ndim - 1)) - np.where(log_rate >= 0, first, last)
    # weights of periods outside first..last do not count, their flow is 0; the cap keeps them finite
    return flows * np.exp(np.minimum(-log_rate * ages, 0)), np.asarray(ages)
