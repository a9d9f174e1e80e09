"""The cash of one vintage: what was paid for AI assets in a quarter, and what they bring in for as long as they serve.

Reads the outputs of a run; nothing here feeds back into the loop. Everything is smooth almost everywhere, so that a
slope of a payback reaches every parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from headrace.simulation.paths import Path
from headrace.units import QUARTERS_PER_YEAR

READ = frozenset(
    {
        "active_compute_gw",
        "compute_margin_usd_bn",
        "compute_quality_index",
        "compute_revenue_usd_bn",
        "energised_gw",
        "frontier_quality_index",
        "it_advances_usd_bn",
        "it_payment_usd_bn",
        "it_retired_gw",
        "it_shipments_gw",
        "it_unit_cost_usd_bn_per_gw",
        "site_payment_usd_bn",
        "site_unit_cost_usd_bn_per_gw",
        "unpowered_it_gw",
    }
)
"""Outputs that the cash of a vintage is read from."""

READ_OF_WORLD = (
    "energise.frontier_quality_factor",
    "finance.facility_economic_life_quarters",
    "finance.it_economic_life_quarters",
    "finance.wacc",
    "funding.cash_tax_rate",
    "funding.tax_depreciation_rate",
    "national.bonus_depreciation_share",
)
"""Parameters that it is read from besides."""

TAIL_QUARTERS = 100
"""Quarters after the run that are written out; what comes later still is in the terminal value alone."""

BEFORE_THE_RUN = -1
"""Number of the vintage that holds everything paid for before the first quarter."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Fleet:
    """What all vintages of a run share, (quarter, world).

    Attributes:
        paid_for_gw: IT in service, waiting or paid for in advance since the start, cumulative, its start in front:
            (quarter + 1, world) [GW].
        energised_gw: Cumulative, 0 in front: (quarter + 1, world) [GW].
        quality_index: Of the IT energised in the quarter [1].
        retired_share: Of the IT in service that retires [1].
        revenue_per_hardware: Revenue of a GW of quality one in service [USD bn/(GW quarter)].
        margin_per_hardware: Its margin likewise.
        it_payment_usd_bn: Paid for IT [USD bn/quarter].
        site_payment_usd_bn: Paid for shells and power [USD bn/quarter].
        shell_value_usd_bn_per_gw: Of a used shell [USD bn/GW].
        reused_share: Of the IT energised, what goes into shells that retired IT has left [1].
        resold_share: Of the shells that retired IT leaves, what new IT takes over [1].
        in_service_gw: At the start, (world,) [GW].
    """

    paid_for_gw: Float[Array, "edge world"]
    energised_gw: Float[Array, "edge world"]
    quality_index: Float[Array, "quarter world"]
    retired_share: Float[Array, "quarter world"]
    revenue_per_hardware: Float[Array, "quarter world"]
    margin_per_hardware: Float[Array, "quarter world"]
    it_payment_usd_bn: Float[Array, "quarter world"]
    site_payment_usd_bn: Float[Array, "quarter world"]
    shell_value_usd_bn_per_gw: Float[Array, "quarter world"]
    reused_share: Float[Array, "quarter world"]
    resold_share: Float[Array, "quarter world"]
    in_service_gw: Float[Array, "world"]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Stream:
    """One vintage, (quarter, world); flows [USD bn/quarter], those after the run in TAIL_QUARTERS more quarters.

    Attributes:
        energised_gw: Its IT that goes into service [GW/quarter].
        active_gw: Its IT in service at the end of the quarter [GW].
        revenue_usd_bn: What its compute earns.
        margin_usd_bn: Less power and operations, the quarters after the run included.
        resale_usd_bn: What the shells that it leaves are worth to those who take them over, likewise.
        deduction_usd_bn: What tax law lets its owner deduct, likewise.
        cash_usd_bn: After tax, the cost included, likewise.
        used_shells_usd_bn: What it pays for shells that older IT has left, (world,) [USD bn].
        cost_usd_bn: All that it pays, (world,) [USD bn].
    """

    energised_gw: Float[Array, "quarter world"]
    active_gw: Float[Array, "quarter world"]
    revenue_usd_bn: Float[Array, "quarter world"]
    margin_usd_bn: Float[Array, "later world"]
    resale_usd_bn: Float[Array, "later world"]
    deduction_usd_bn: Float[Array, "later world"]
    cash_usd_bn: Float[Array, "later world"]
    used_shells_usd_bn: Float[Array, "world"]
    cost_usd_bn: Float[Array, "world"]


def fleet_of(outputs: Mapping[str, Array], world: Mapping[str, Array], paths: Mapping[str, Path], owners: int) -> Fleet:
    """What all vintages of a run share.

    IT counts as paid for when the sum of what is in service, waits for power or has been paid in advance passes it;
    first paid, first energised. A used shell is worth what a new one costs, less straight-line wear over one economic
    life of IT.

    Args:
        outputs: Those of READ, (quarter, builder, world) or (quarter, world).
        world: Those of READ_OF_WORLD, (world,).
        paths: Parameters that move over the run.
        owners: How many builders, from the first, own the vintages; prices and retirement are those of all.
    """
    active, energised, retired = (
        jnp.sum(outputs[name], axis=1) for name in ("active_compute_gw", "energised_gw", "it_retired_gw")
    )
    start = active[:1] + retired[:1] - energised[:1]
    hardware = jnp.sum(outputs["active_compute_gw"] * outputs["compute_quality_index"], axis=1)
    serving = jnp.concatenate([start, hardware[:-1]])  # quality is measured in that of the fleet at the start
    before = jnp.concatenate([start, active[:-1]])
    own = {
        name: jnp.sum(outputs[name][:, :owners], axis=1)
        for name in ("energised_gw", "it_payment_usd_bn", "site_payment_usd_bn", "it_shipments_gw")
    }
    waiting, advances = (
        jnp.sum(outputs[name][:, :owners], axis=1) for name in ("unpowered_it_gw", "it_advances_usd_bn")
    )
    cost = outputs["it_unit_cost_usd_bn_per_gw"]
    waiting_before = waiting[:1] + own["energised_gw"][:1] - own["it_shipments_gw"][:1]
    advances_before = advances[:1] - (own["it_payment_usd_bn"][:1] - cost[:1] * own["it_shipments_gw"][:1])
    since_start = jnp.concatenate([jnp.zeros_like(start), jnp.cumsum(own["energised_gw"], axis=0)])
    held = jnp.concatenate([waiting_before + advances_before / cost[:1], waiting + advances / cost])
    reused = jnp.minimum(retired, energised)
    life, facility_life = (
        _over_run(world, paths, f"finance.{name}_economic_life_quarters", cost) for name in ("it", "facility")
    )
    mine = outputs["active_compute_gw"][0, :owners] + outputs["it_retired_gw"][0, :owners]
    return Fleet(
        paid_for_gw=jax.lax.cummax(since_start + held, axis=0),
        energised_gw=since_start,
        quality_index=_over_run(world, paths, "energise.frontier_quality_factor", cost)
        * outputs["frontier_quality_index"],
        retired_share=retired / before,
        revenue_per_hardware=outputs["compute_revenue_usd_bn"] / serving,
        margin_per_hardware=outputs["compute_margin_usd_bn"] / serving,
        it_payment_usd_bn=own["it_payment_usd_bn"],
        site_payment_usd_bn=own["site_payment_usd_bn"],
        shell_value_usd_bn_per_gw=outputs["site_unit_cost_usd_bn_per_gw"] * jnp.maximum(0, 1 - life / facility_life),
        reused_share=_part(reused, energised),
        resold_share=_part(reused, retired),
        in_service_gw=jnp.sum(mine - outputs["energised_gw"][0, :owners], axis=0),
    )


def stream_of(
    fleet: Fleet,
    world: Mapping[str, Array],
    paths: Mapping[str, Path],
    vintage: Int[Array, ""],
    margin_growth: Float[Array, "world"],
) -> Stream:
    r"""The cash of one vintage.

    .. math::
        G_t = (1 - \rho_t) G_{t-1} + A_t, \quad H_t = (1 - \rho_t) H_{t-1} + A_t Q_t, \quad R_t = p_t H_{t-1}

    :math:`A` are its GW as they are energised, :math:`Q` the quality of the quarter's hardware, :math:`\rho` the share
    of the fleet that retires and :math:`p` the revenue of hardware in service. After the run, revenue of hardware
    moves at ``margin_growth`` and IT retires at the share of the last quarter.

    Args:
        fleet: Of the run.
        world: Those of READ_OF_WORLD, (world,).
        paths: Parameters that move over the run.
        vintage: Quarters since the first simulated; BEFORE_THE_RUN for all that was paid before, whose cost is not
            known and stands at 0.
        margin_growth: Of the margin of hardware in service after the run [1/quarter], > -1.

    Source:
        Geometric retirement as in the loop; identity.
    """
    low, high = fleet.paid_for_gw[vintage], fleet.paid_for_gw[vintage + 1]
    is_old = vintage == BEFORE_THE_RUN
    low = jnp.where(is_old, 0, low)
    high = jnp.where(is_old, fleet.paid_for_gw[0], high)
    edges = jnp.clip(fleet.energised_gw, low, high)
    energised = edges[1:] - edges[:-1]
    start = jnp.where(is_old, fleet.in_service_gw, 0)
    active, hardware = _survivors(start, energised, fleet)
    in_service, serving = (jnp.concatenate([start[jnp.newaxis], series[:-1]]) for series in (active, hardware))
    revenue = fleet.revenue_per_hardware * serving
    margin = fleet.margin_per_hardware * serving
    resale = fleet.retired_share * in_service * fleet.resold_share * fleet.shell_value_usd_bn_per_gw
    used_shells = jnp.sum(energised * fleet.reused_share * fleet.shell_value_usd_bn_per_gw, axis=0)
    cost = jnp.where(is_old, 0, fleet.it_payment_usd_bn[vintage] + fleet.site_payment_usd_bn[vintage] + used_shells)

    later = jnp.arange(TAIL_QUARTERS, dtype=cost.dtype)[:, jnp.newaxis]
    kept = 1 - fleet.retired_share[-1]
    margin_then = fleet.margin_per_hardware[-1] * (1 + margin_growth) * hardware[-1]
    resale_then = fleet.retired_share[-1] * active[-1] * fleet.resold_share[-1] * fleet.shell_value_usd_bn_per_gw[-1]
    margin = jnp.concatenate([margin, margin_then * ((1 + margin_growth) * kept) ** later])
    resale = jnp.concatenate([resale, resale_then * kept**later])

    age = jnp.arange(margin.shape[0], dtype=cost.dtype)[:, jnp.newaxis] - vintage
    at_once = _over_run(world, paths, "national.bonus_depreciation_share", revenue)[vintage]
    rate = world["funding.tax_depreciation_rate"]
    of_balance = (1 - at_once) * rate * (1 - rate) ** jnp.maximum(age - 1, 0)
    deduction = cost * (jnp.where(age == 0, at_once, 0) + jnp.where(age > 0, of_balance, 0))
    tax = world["funding.cash_tax_rate"]
    paid = jnp.where(age == 0, cost, 0)
    return Stream(
        energised_gw=energised,
        active_gw=active,
        revenue_usd_bn=revenue,
        margin_usd_bn=margin,
        resale_usd_bn=resale,
        deduction_usd_bn=deduction,
        cash_usd_bn=(1 - tax) * (margin + resale) + tax * deduction - paid,
        used_shells_usd_bn=used_shells,
        cost_usd_bn=cost,
    )


def own_growth(fleet: Fleet) -> Float[Array, "world"]:
    """Growth of the margin of hardware in service over the last year of the run [1/quarter].

    None where it rose, and where there was no margin to fall.
    """
    last, before = fleet.margin_per_hardware[-1], fleet.margin_per_hardware[-1 - QUARTERS_PER_YEAR]
    falls = (last < before) & (last > 0)
    return jnp.where(falls, jnp.where(falls, last / before, 1) ** (1 / QUARTERS_PER_YEAR) - 1, 0)


def discounted(cash: Float[Array, "later world"], rate: Float[Array, "world"], vintage: Int[Array, ""]) -> Array:
    """Cash as it is worth in the quarter of the vintage.

    Args:
        cash: By quarter [USD bn/quarter].
        rate: [1/quarter], > -1.
        vintage: Quarters since the first simulated.
    """
    age = jnp.arange(cash.shape[0], dtype=cash.dtype)[:, jnp.newaxis] - vintage
    factor: Array = cash * (1 + rate) ** -jnp.maximum(age, 0)
    return factor


def recovered_after(
    cash: Float[Array, "later world"], vintage: Int[Array, ""], quarters: Float[Array, ""]
) -> Float[Array, "world"]:
    """Sum of cash up to a time after the payment, that of a part of a quarter evenly [USD bn].

    Args:
        cash: By quarter, the cost included.
        vintage: Quarters since the first simulated.
        quarters: Since the payment [quarter], 0 or more.
    """
    age = jnp.arange(cash.shape[0], dtype=cash.dtype)[:, jnp.newaxis] - vintage
    return jnp.sum(cash * jnp.clip(quarters - age + 1, 0, 1), axis=0)


def payback_quarters(cash: Float[Array, "later world"], vintage: Int[Array, ""]) -> Float[Array, "world"]:
    """Quarters from the payment until what came in has covered what went out for good.

    Cash of a quarter comes evenly within it, so the crossing is interpolated and has a slope.

    Args:
        cash: By quarter, the cost included, 0 before the payment.
        vintage: Quarters since the first simulated.

    Returns:
        [quarter]; infinite where it never does within the quarters given.
    """
    total = jnp.cumsum(cash, axis=0)
    last_out = cash.shape[0] - 1 - jnp.argmax((total < 0)[::-1], axis=0)
    back = jnp.minimum(last_out + 1, cash.shape[0] - 1)
    owed = -jnp.take_along_axis(total, last_out[jnp.newaxis], axis=0)[0]
    income = jnp.take_along_axis(cash, back[jnp.newaxis], axis=0)[0]
    returned = (total[-1] >= 0) & (income > 0)
    part = owed / jnp.where(returned, income, 1)
    never_out = jnp.all(total >= 0, axis=0)
    return jnp.where(never_out, 0, jnp.where(returned, last_out - vintage + part, jnp.inf))


def quarterly_rate(annual_rate: Float[Array, "*world"]) -> Float[Array, "*world"]:
    """Rate a quarter that compounds to an annual one [1/quarter]."""
    return (1 + annual_rate) ** (1 / QUARTERS_PER_YEAR) - 1


def _survivors(start: Array, energised: Array, fleet: Fleet) -> tuple[Array, Array]:
    """GW in service, and GW times quality, at the end of each quarter."""

    def quarter_of(held: tuple[Array, Array], now: tuple[Array, Array, Array]) -> tuple[tuple[Array, Array], Array]:
        (active, hardware), (joined, quality, retired) = held, now
        following = ((1 - retired) * active + joined, (1 - retired) * hardware + joined * quality)
        return following, jnp.stack(following)

    each = jax.lax.scan(quarter_of, (start, start), (energised, fleet.quality_index, fleet.retired_share))[1]
    return each[:, 0], each[:, 1]


def _over_run(world: Mapping[str, Array], paths: Mapping[str, Path], name: str, like: Array) -> Array:
    """A parameter in every quarter, (quarter, world)."""
    values = jnp.broadcast_to(world[name], like.shape)
    if name not in paths:
        return values
    path = paths[name]
    return path.factor[: like.shape[0], jnp.newaxis] * values + path.shift[: like.shape[0], jnp.newaxis]


def _part(above: Array, below: Array) -> Array:
    return above / jnp.where(below > 0, below, 1)
