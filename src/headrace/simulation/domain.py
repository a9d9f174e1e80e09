"""Where the loop stops meaning anything: a world that gets there ends, with a code whose text gives the cause.

A code is found in the quarter in which the cause appears; the quarter before it is the last good one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import jax.numpy as jnp
from jaxtyping import Array, Bool, Int

from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import ENDINGS

_CODES = {name: code for code, name in enumerate(ENDINGS)}


def status_code(
    outputs: Mapping[str, Array], world: Mapping[str, Array], checked: Iterable[Array]
) -> Int[Array, "world"]:
    """Code of how each world stands in a quarter.

    Of several causes supply comes before demand and demand before funding; numbers out of range are named only where
    none of these explains them.

    Args:
        outputs: Of the quarter, axes leading and worlds last.
        world: Parameters and what the start fixed.
        checked: Arrays that have to hold numbers: what is kept of the quarter, and what the next one starts from.
    """
    revenue, reference = outputs["compute_revenue_usd_bn"], world["demand.reference_revenue_usd_bn"]
    causes = {
        "out_of_numbers": ~_all_are_numbers(checked),
        "unfunded": _is_unfunded(outputs, world),
        "demand_collapsed": revenue < world["demand.smallest_revenue_share"] * reference,
        "supply_stopped": _stands_still(outputs, "it") | _stands_still(outputs, "site"),
    }
    code = jnp.zeros(revenue.shape, jnp.int32)
    for name, holds in causes.items():
        code = jnp.where(holds, _CODES[name], code)
    return code


def _is_unfunded(outputs: Mapping[str, Array], world: Mapping[str, Array]) -> Bool[Array, "world"]:
    most = world["funding.insolvency_years"] * QUARTERS_PER_YEAR * outputs["mean_operating_cash_flow_usd_bn"]
    owes_too_much = outputs["net_debt_usd_bn"] > jnp.maximum(0, most)
    return jnp.any(owes_too_much & (outputs["borrowing_usd_bn"] > 0), axis=0)


def _stands_still(outputs: Mapping[str, Array], branch: str) -> Bool[Array, "world"]:
    """Whether nothing is on order in a branch, or nothing is delivered of what is."""
    nothing_delivered = jnp.sum(outputs[f"{branch}_shipments_gw"], axis=0) <= 0
    return nothing_delivered | (outputs[f"{branch}_desired_flow_gw"] <= 0)


def _all_are_numbers(checked: Iterable[Array]) -> Bool[Array, "world"]:
    good = [jnp.all(jnp.isfinite(values), axis=tuple(range(values.ndim - 1))) for values in checked]
    return jnp.all(jnp.stack(good), axis=0)
