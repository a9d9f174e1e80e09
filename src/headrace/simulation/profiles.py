"""Every profile of strategies from one start: what each player's AI build-out is then worth, and what it spends.

The start is solved once for each draw and shared by all profiles; a profile is one more world beside the others, so a
table of payoffs is the same program as a run, only wider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from headrace.simulation import strategies
from headrace.simulation.paths import Path
from headrace.simulation.simulate import run
from headrace.simulation.start import FiledStart, opening
from headrace.simulation.step import N_PLAYERS
from headrace.units import QUARTERS_PER_YEAR

_READ = frozenset(
    {
        "operating_cash_flow_usd_bn",
        "capital_expenditure_usd_bn",
        "interest_usd_bn",
        "compute_margin_usd_bn",
        "market_share",
        "spend_to_pool_ratio",
        "world_status",
    }
)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Played:
    """What comes of each profile, worlds last.

    Attributes:
        cash_value_usd_bn: Present value of free cash flow over the run: operating cash flow before interest, less
            capital expenditure, (profile, player, world).
        cash_at_end_usd_bn: Free cash flow of the last year, by quarter, (profile, player, world) [USD bn/quarter].
        margin_at_end_usd_bn: Margin on AI compute in the last quarter, (profile, player, world) [USD bn/quarter].
        spending_value_usd_bn: Present value of capital expenditure over the run, (profile, player, world).
        spending_usd_bn: Capital expenditure of the first two years, (profile, player, world) [USD bn].
        ratio: Mean spend over pool of the first two years, (profile, world) [1].
        ended: Whether the world left the domain of the loop, (profile, world).
    """

    cash_value_usd_bn: Float[Array, "profile player world"]
    cash_at_end_usd_bn: Float[Array, "profile player world"]
    margin_at_end_usd_bn: Float[Array, "profile player world"]
    spending_value_usd_bn: Float[Array, "profile player world"]
    spending_usd_bn: Float[Array, "profile player world"]
    ratio: Float[Array, "profile world"]
    ended: Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Today:
    """What the race stands at when a run begins, worlds last.

    Attributes:
        spending_usd_bn: AI capital expenditure of all builders, last quarter, (world,) [USD bn/quarter].
        share: Of the players in the contest, (player, world) [1].
        margin_usd_bn: On compute, in the quarter that follows, (world,) [USD bn/quarter].
        franchise_usd_bn: Franchise cash flow of the players together, (world,) [USD bn/quarter].
    """

    spending_usd_bn: Float[Array, "world"]
    share: Float[Array, "player world"]
    margin_usd_bn: Float[Array, "world"]
    franchise_usd_bn: Float[Array, "world"]


@jax.jit
def today(arrays: Mapping[str, Array], filed: FiledStart) -> Today:
    """What the race stands at when a run begins."""
    state, world, _ = opening(arrays, filed)
    return Today(
        spending_usd_bn=jnp.sum(state.ai_capital_expenditure_usd_bn, axis=0),
        share=state.market_share[:N_PLAYERS],
        margin_usd_bn=world["demand.compute_margin"] * world["demand.reference_revenue_usd_bn"],
        franchise_usd_bn=jnp.sum(world["start.franchise_cash_flow_usd_bn"], axis=0),
    )


@partial(jax.jit, static_argnames=("quarters",), compiler_options={"xla_llvm_disable_expensive_passes": True})
def played(
    arrays: Mapping[str, Array],
    filed: FiledStart,
    paths: Mapping[str, Path],
    choice: Int[Array, "profile player"],
    level: Float[Array, "profile player"],
    *,
    quarters: int,
) -> Played:
    """What comes of some profiles in every world.

    Args:
        arrays: Parameters on their axes, worlds last.
        filed: What filings say of the players.
        paths: Parameters that move over the run; strategies, like these, leave the start alone.
        choice: Place of what each player plays in :data:`~headrace.simulation.strategies.STRATEGIES`; -1 plays as the
            loop has it.
        level: What its level is multiplied by [1], >= 0.
        quarters: How many to run, >= 1.
    """
    state, world, _ = opening(arrays, filed)
    profiles, worlds = choice.shape[0], state.adoption.shape[-1]
    dtype = state.adoption.dtype

    def beside(values: Array) -> Array:
        """The same worlds once for each profile, profiles the slower."""
        if values.ndim == 0 or values.shape[-1] != worlds:
            return values
        return jnp.tile(values, profiles)

    one_hot = jax.nn.one_hot(choice, len(strategies.STRATEGIES), axis=0, dtype=dtype)
    everywhere = jax.tree.map(beside, dict(world)) | {
        strategies.PLAYED: jnp.repeat(jnp.swapaxes(one_hot, 1, 2), worlds, axis=-1),
        strategies.LEVEL: jnp.repeat(level.T, worlds, axis=-1),
        strategies.SHARE: beside(state.market_share[:N_PLAYERS]),
    }
    outputs = run(jax.tree.map(beside, state), everywhere, filed, paths, quarters, _READ)
    cash = outputs["operating_cash_flow_usd_bn"] + outputs["interest_usd_bn"] - outputs["capital_expenditure_usd_bn"]
    clock = jnp.arange(1, quarters + 1, dtype=dtype)[:, jnp.newaxis]
    discount = (1 + everywhere["finance.wacc"]) ** (-clock / QUARTERS_PER_YEAR)
    spending = outputs["capital_expenditure_usd_bn"]
    soon = slice(0, 2 * QUARTERS_PER_YEAR)
    margin = outputs["market_share"][-1, :N_PLAYERS] * outputs["compute_margin_usd_bn"][-1]

    def by_profile(values: Array) -> Array:
        return jnp.moveaxis(values.reshape(*values.shape[:-1], profiles, worlds), -2, 0)

    return Played(
        cash_value_usd_bn=by_profile(jnp.sum(discount[:, jnp.newaxis] * cash, axis=0)),
        cash_at_end_usd_bn=by_profile(jnp.mean(cash[-QUARTERS_PER_YEAR:], axis=0)),
        margin_at_end_usd_bn=by_profile(margin),
        spending_value_usd_bn=by_profile(jnp.sum(discount[:, jnp.newaxis] * spending, axis=0)),
        spending_usd_bn=by_profile(jnp.sum(spending[soon], axis=0)),
        ratio=by_profile(jnp.mean(outputs["spend_to_pool_ratio"][soon], axis=0)),
        ended=by_profile(outputs["world_status"][-1] > 0),
    )
