"""What assets of every age cost in a quarter: depreciation of new ones, annuity of all that are in service.

Reads the outputs of a run; nothing here feeds back into the loop.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations import funding
from headrace.simulation import branches
from headrace.simulation.state import State
from headrace.simulation.step import N_PLAYERS

FIRST_VINTAGE = "2021Q1"
"""First quarter whose purchases count: older AI assets are small and beyond the life of their IT."""

READ_BY_DEPRECIATION = frozenset({"it_payment_usd_bn", "site_payment_usd_bn"})

READ_BY_CAPITAL_CHARGE = frozenset(
    {
        "energised_gw",
        "it_economic_life_quarters",
        "it_unit_cost_usd_bn_per_gw",
        "site_shipments_gw",
        "site_unit_cost_usd_bn_per_gw",
    }
)


def depreciation_usd_bn(
    outputs: Mapping[str, Array], world: Mapping[str, Array]
) -> Float[Array, "quarter player world"]:
    """Straight-line depreciation of AI assets bought since the start [USD bn/quarter].

    Args:
        outputs: Of a run, (quarter, builder, world).
        world: Parameters by name.
    """
    it, site = outputs["it_payment_usd_bn"][:, :N_PLAYERS], outputs["site_payment_usd_bn"][:, :N_PLAYERS]
    vintages = jnp.arange(it.shape[0], dtype=it.dtype)

    def in_quarter(quarter: Float[Array, ""]) -> Array:
        ages = quarter - vintages
        it_charge = funding.straight_line_depreciation(it, ages, world["builder.accounting_life_quarters"])
        return it_charge + funding.straight_line_depreciation(
            site, ages, world["funding.facility_accounting_life_quarters"]
        )

    charges: Array = jax.lax.map(in_quarter, vintages)
    return charges


def capital_charge_usd_bn(
    outputs: Mapping[str, Array],
    world: Mapping[str, Array],
    past_capital_expenditure_usd_bn: Float[Array, "past player"],
    start: State,
) -> Float[Array, "quarter world"]:
    """Annuity of every AI vintage in service, all builders [USD bn/quarter].

    Args:
        outputs: Of a run, quarters first.
        world: Parameters by name.
        past_capital_expenditure_usd_bn: As filed, every quarter from FIRST_VINTAGE to the start.
        start: State before the first quarter: what was paid for and is not in service does not count yet.
    """
    past_it, past_site = _past_purchases(world, past_capital_expenditure_usd_bn, start)
    new_it = outputs["it_unit_cost_usd_bn_per_gw"] * jnp.sum(outputs["energised_gw"], axis=1)
    new_site = outputs["site_unit_cost_usd_bn_per_gw"] * jnp.sum(outputs["site_shipments_gw"], axis=1)
    it, site = jnp.concatenate([past_it, new_it]), jnp.concatenate([past_site, new_site])
    bought = jnp.arange(it.shape[0], dtype=it.dtype) - past_it.shape[0]
    site_life = world["finance.facility_economic_life_quarters"]
    site_rate = funding.annuity_rate(world["finance.wacc"], site_life)

    def in_quarter(now: tuple[Float[Array, ""], Float[Array, "world"]]) -> Array:
        quarter, it_life = now
        ages = quarter - bought
        it_rate = funding.annuity_rate(world["finance.wacc"], it_life)
        it_cost = jnp.sum(funding.in_service(ages, it_life, it.ndim) * it, axis=0)
        site_cost = jnp.sum(funding.in_service(ages, site_life, site.ndim) * site, axis=0)
        return it_rate * it_cost + site_rate * site_cost

    clock = jnp.arange(new_it.shape[0], dtype=it.dtype)
    charges: Array = jax.lax.map(in_quarter, (clock, outputs["it_economic_life_quarters"]))
    return charges


def _past_purchases(world: Mapping[str, Array], past: Float[Array, "past player"], start: State) -> tuple[Array, Array]:
    """AI assets bought before the start and in service by then, by branch.

    Filed spending times a rising AI share, others in proportion, less what was paid in advance or waits for power: that
    is the spending of the last quarters. Branches share it by their prices at the start, which no later duty changes.
    """
    quarters = past.shape[0]
    rise = jnp.linspace(0, 1, quarters, dtype=past.dtype)[:, jnp.newaxis, jnp.newaxis]
    first_share = world["finance.ai_share_2021"]
    share = first_share + (world["builder.ai_share"] - first_share) * rise
    players = jnp.sum(share * past[:, :, jnp.newaxis], axis=1)
    everyone = players * (1 + world["start.rest_of_world_spending_usd_bn"] / players[-1])
    it_cost, site_cost = branches.unit_costs_usd_bn_per_gw(start.unit_cost_usd_bn_per_gw, start.power_use_share)
    it_share = it_cost / (it_cost + site_cost)
    it_waiting = jnp.sum(start.it_advances_usd_bn + start.unpowered_it_gw * it_cost, axis=0)
    site_waiting = jnp.sum(start.site_advances_usd_bn, axis=0)
    return (
        _without_latest(everyone * it_share, it_waiting),
        _without_latest(everyone * (1 - it_share), site_waiting),
    )


def _without_latest(purchases: Float[Array, "past world"], amount: Float[Array, "world"]) -> Array:
    """Purchases with ``amount`` taken from the latest ones."""
    later = jnp.cumsum(purchases[::-1], axis=0)[::-1] - purchases
    return purchases - jnp.clip(amount - later, 0, purchases)
