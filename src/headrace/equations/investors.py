"""What investors' mood does to the money that builders can have: the fear of investors, off at sensitivity 0."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def investor_factor(
    log_multiple: Float[Array, "*world"],
    reference_log_multiple: Float[Array, "*world"],
    investor_sensitivity: Float[Array, "*world"],
) -> Float[Array, "*world"]:
    r"""What the multiple of builders does to the room for debt and to shares sold.

    .. math:: f = 1 + \tanh(\chi (m - m_0))

    Near the reference its elasticity to the multiple is :math:`\chi`; far below it doors close, far above it lenders
    give twice as much and no more.

    Args:
        log_multiple: :math:`m`, of compute [1].
        reference_log_multiple: :math:`m_0`, at which limits and programmes were observed [1].
        investor_sensitivity: :math:`\chi` [1], >= 0; 0 is no fear, and a factor of exactly 1.

    Returns:
        :math:`f` [1], 0..2.

    Source:
        headrace; key ``headrace_model``, docs/decisions/008.
    """
    return 1 + jnp.tanh(investor_sensitivity * (log_multiple - reference_log_multiple))


def payout_share(
    observed_payout_share: Float[Array, "player *world"], factor: Float[Array, "*world"]
) -> Float[Array, "player *world"]:
    r"""Share of operating cash flow paid out: more where investors doubt, less where they believe.

    .. math:: y = y_0 [1 + (1 - f)(1 - y_0)]

    Args:
        observed_payout_share: :math:`y_0`, at the reference multiple [1], 0..1.
        factor: :math:`f` of :func:`investor_factor` [1], 0..2.

    Returns:
        :math:`y` [1], between :math:`y_0^2` and :math:`1 - (1 - y_0)^2`.

    Source:
        headrace; key ``headrace_model``, docs/decisions/008.
    """
    return observed_payout_share * (1 + (1 - factor) * (1 - observed_payout_share))
