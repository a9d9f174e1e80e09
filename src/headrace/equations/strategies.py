"""What a builder would spend if it had decided how to play: restrain, follow or race, whatever its own best reply.

Each is a level, not a rule of adjustment: funding, inertia and suppliers stand between it and what is paid.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def restrained_spending_usd_bn(
    share: Float[Array, "player *world"],
    pool_usd_bn: Float[Array, "*world"],
    pool_elasticity: Float[Array, "*world"],
) -> Float[Array, "player *world"]:
    r"""A fixed share of what all together would spend.

    .. math:: x_i = s_i \beta \Pi

    Args:
        share: :math:`s_i`, held at the start [1].
        pool_usd_bn: :math:`\Pi`, expected by builders [USD bn/quarter].
        pool_elasticity: :math:`\beta` [1], 0..1.

    Returns:
        :math:`x_i` [USD bn/quarter].

    Source:
        First-order condition of joint profit on a pool :math:`A X^\beta`; key ``tullock1980``.
    """
    return share * pool_elasticity * pool_usd_bn


def following_spending_usd_bn(
    share: Float[Array, "player *world"], spending_usd_bn: Float[Array, "builder *world"]
) -> Float[Array, "player *world"]:
    r"""What holds the share against what rivals spent last.

    .. math:: x_i = \frac{s_i}{1 - s_i} \sum_{j \ne i} x_j

    Args:
        share: :math:`s_i`, held at the start [1], < 1.
        spending_usd_bn: :math:`x_j` of all builders, last quarter [USD bn/quarter].

    Returns:
        :math:`x_i` [USD bn/quarter].

    Source:
        Best reply inside the band of loss aversion, Tversky and Kahneman (1991); key ``tversky1991``.
    """
    rivals = jnp.sum(spending_usd_bn, axis=0) - spending_usd_bn[: share.shape[0]]
    return share / (1 - share) * rivals


def racing_spending_usd_bn(
    share: Float[Array, "player *world"],
    pool_usd_bn: Float[Array, "*world"],
    upper: Float[Array, "player *world"],
) -> Float[Array, "player *world"]:
    r"""Its own share of the most that the industry can spend without somebody cutting.

    .. math:: x_i = s_i \min_j \mathrm{upper}_j \, \Pi

    Args:
        share: :math:`s_i`, held at the start [1].
        pool_usd_bn: :math:`\Pi`, expected by builders [USD bn/quarter].
        upper: Upper bounds of :func:`headrace.equations.rivalry.deviation_bounds` [1].

    Returns:
        :math:`x_i` [USD bn/quarter].

    Source:
        Top of the band of loss aversion, Tversky and Kahneman (1991); key ``tversky1991``.
    """
    return share * jnp.min(upper, axis=0) * pool_usd_bn
