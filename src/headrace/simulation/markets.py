"""Step 11 of a quarter: which group earns from which flow, and what the market makes of it.

Logic, memory, packaging, systems and optics are the first wave, sites and power the second, the three layers of
revenue the third. Makers of wafer equipment earn on capacity built, everyone else on what flows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations import investors, market
from headrace.variables import GROUPS, LAYERS

COMPUTE = GROUPS.index("compute")
"""The group whose multiple is that of builders."""

PerGroup = Float[Array, "group world"]
PerLayer = Float[Array, "layer world"]
PerWorld = Float[Array, "world"]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Market:
    """What the market remembers from one quarter to the next."""

    log_multiple: PerGroup
    log_earning_power: PerGroup
    earnings_usd_bn: PerGroup
    price_growth: PerGroup


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Sales:
    """What was sold in a quarter.

    Attributes:
        layer_value_usd_bn: Delivered by each layer at its price: flow × use share × unit cost, duties apart
        [USD bn/quarter].
        installed_usd_bn: Capacity built, from :func:`headrace.equations.market.installed_capacity_usd_bn`
        [USD bn/quarter of output, built per quarter].
        compute_usd_bn: Compute revenue [USD bn/quarter].
        compute_margin_usd_bn: Margin on it before depreciation [USD bn/quarter].
        model_usd_bn: Model revenue, gross [USD bn/quarter].
        application_usd_bn: Application revenue, gross [USD bn/quarter].
    """

    layer_value_usd_bn: PerLayer
    installed_usd_bn: PerLayer
    compute_usd_bn: PerWorld
    compute_margin_usd_bn: PerWorld
    model_usd_bn: PerWorld
    application_usd_bn: PerWorld


def opened(world: Mapping[str, Array], sales: Sales) -> tuple[Market, dict[str, Array]]:
    """The market at the start, and what it fixes for the run.

    Args:
        world: Parameters on their axes.
        sales: Of the quarter of the start.

    Returns:
        The market, and entries of the world under ``start.*``. Prices are taken to have grown as expected.
    """
    _, earnings, log_power = _earned(world, sales)
    log_multiple = jnp.log(world["group.start_multiple"])
    fixed = {
        "start.log_long_run_multiple": jnp.log(world["group.long_run_multiple"]),
        "start.builder_log_multiple": log_multiple[COMPUTE],
    }
    expected = jnp.broadcast_to(world["market.expected_earnings_growth"], log_multiple.shape)
    return Market(log_multiple, log_power, earnings, expected), fixed


def traded(last: Market, world: Mapping[str, Array], sales: Sales) -> tuple[Market, dict[str, Array]]:
    """The market after a quarter's sales, and what is said of it.

    Args:
        last: The market at the end of the quarter before.
        world: Parameters, and what :func:`opened` fixed.
        sales: Of the quarter.

    Returns:
        The market and outputs by name.
    """
    revenue, earnings, log_power = _earned(world, sales)
    earnings_growth = log_power - last.log_earning_power
    multiple_growth = market.multiple_growth(
        last.log_multiple,
        world["start.log_long_run_multiple"],
        earnings_growth,
        last.price_growth,
        world["market.expected_earnings_growth"],
        world["market.reversion"],
        world["market.surprise_response"],
        world["market.extrapolation"],
        world["market.log_multiple_shift"],
    )
    price_growth = market.price_growth(earnings_growth, multiple_growth)
    log_multiple = last.log_multiple + multiple_growth
    outputs = {
        "group_revenue_usd_bn": revenue,
        "group_earnings_usd_bn": earnings,
        "log_multiple": log_multiple,
        "price_growth": price_growth,
        "earnings_growth": earnings_growth,
        "multiple_growth": multiple_growth,
        "earnings_breadth": market.earnings_breadth(earnings, last.earnings_usd_bn),
        "contributors": market.contributors(earnings, last.earnings_usd_bn),
    }
    return Market(log_multiple, log_power, earnings, price_growth), outputs


def investor_factor(last: Market, world: Mapping[str, Array]) -> PerWorld:
    """What investors make of builders: factor on room for debt and shares sold, 1 at the multiple of the start."""
    return investors.investor_factor(
        last.log_multiple[COMPUTE], world["start.builder_log_multiple"], world["funding.investor_sensitivity"]
    )


def _earned(world: Mapping[str, Array], sales: Sales) -> tuple[PerGroup, PerGroup, PerGroup]:
    """Revenue, earnings and log earning power of every group."""
    value = dict(zip(LAYERS, sales.layer_value_usd_bn, strict=True))
    foundry, osat = market.divided_usd_bn(value["packaging"], world["market.foundry_share_of_packaging"])
    designers, servers = market.divided_usd_bn(value["systems"], world["market.designer_share_of_systems"])
    optics, networking = market.divided_usd_bn(value["optics"], world["market.optics_share_of_optics"])
    equipment, power = market.divided_usd_bn(value["generation"], world["market.equipment_share_of_generation"])
    sold = {
        "foundry": value["logic"] + foundry,
        "wafer_equipment": _equipment(world, sales),
        "memory": value["memory"],
        "osat": osat,
        "accelerator_designers": designers,
        "server_makers": servers,
        "optics": optics,
        "networking": networking,
        "engineering_and_construction": value["construction"],
        "thermal": value["cooling"],
        "electrical_equipment": value["electrical"],
        "power_equipment": equipment,
        "independent_power": power,
        "utilities": value["grid"],
        "compute": sales.compute_usd_bn,
        "models": sales.model_usd_bn,
        "applications": sales.application_usd_bn,
    }
    kept = sold | {
        "compute": sales.compute_margin_usd_bn,
        "models": sold["models"] - world["market.compute_bought_by_models"] * sold["compute"],
        "applications": sold["applications"] - world["market.models_bought_by_applications"] * sold["models"],
    }
    revenue = jnp.stack([sold[group] for group in GROUPS])
    earnings = market.group_earnings_usd_bn(
        jnp.stack([kept[group] for group in GROUPS]), world["group.earnings_margin"]
    )
    log_power = market.log_earning_power(
        earnings, revenue, world["market.earning_power_share"], world["market.smallest_earnings_usd_bn"]
    )
    return revenue, earnings, log_power


def _equipment(world: Mapping[str, Array], sales: Sales) -> PerWorld:
    layers = ("logic", "memory", "packaging")
    installed = jnp.stack([sales.installed_usd_bn[LAYERS.index(layer)] for layer in layers])
    quarters = jnp.stack([world[f"market.{layer}_equipment_quarters"] for layer in layers])
    return market.equipment_revenue_usd_bn(installed, quarters)
