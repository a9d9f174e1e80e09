"""Who plays what: strategies of players in place of the best reply that the loop would have them choose.

A world without ``strategy.played`` plays as the loop has it.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations import strategies as levels

STRATEGIES = ("restrain", "follow", "race")
"""What a player can do, in the order of the axis."""

PLAYED = "strategy.played"
"""In a world: part of each strategy that a player plays, (strategy, player, world); 0 of each is as the loop."""

LEVEL = "strategy.level"
"""In a world: what the level that a player plays is multiplied by, (player, world)."""

SHARE = "strategy.share"
"""In a world: share that a player's strategies are about, held over the run, (player, world)."""


def wanted_spending_usd_bn(
    wanted_usd_bn: Float[Array, "player world"],
    spending_usd_bn: Float[Array, "builder world"],
    pool_usd_bn: Float[Array, "world"],
    upper: Float[Array, "player world"],
    world: Mapping[str, Array],
) -> Float[Array, "player world"]:
    """What each player would spend before it looks at its funding.

    Args:
        wanted_usd_bn: As the loop has it; of players who play nothing else [USD bn/quarter].
        spending_usd_bn: Of all builders, last quarter [USD bn/quarter].
        pool_usd_bn: Expected by builders [USD bn/quarter].
        upper: Spend over pool above which a player cuts [1].
        world: With ``strategy.*``.
    """
    share = world[SHARE]
    each = jnp.stack(
        [
            levels.restrained_spending_usd_bn(share, pool_usd_bn, world["rivalry.pool_elasticity"]),
            levels.following_spending_usd_bn(share, spending_usd_bn),
            levels.racing_spending_usd_bn(share, pool_usd_bn, upper),
        ]
    )
    played = world[PLAYED]
    chosen = world[LEVEL] * jnp.sum(played * each, axis=0)
    return chosen + (1 - jnp.sum(played, axis=0)) * wanted_usd_bn
