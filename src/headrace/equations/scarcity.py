"""Scarcity and its answer: how tight a layer is, what that does to its price, what it costs, how it expands.

Nothing is clamped to hide a shortage: tightness may exceed one without limit, and price follows.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations.powers import power


def usable_capacity_gw(
    capacity_gw: Float[Array, "layer *world"],
    availability: Float[Array, "layer *world"],
    recipe_growth: Float[Array, "layer *world"],
    transition_quarters: Float[Array, "*world"],
    quarters: Float[Array, ""],
) -> Float[Array, "layer *world"]:
    r"""What a layer can deliver this quarter, in GW of the generation that ships.

    .. math:: \tilde K_k = \frac{a_k K_k}{1 + (\varrho_k - 1) \, \mathrm{clip}((t + 1) / T, 0, 1)}

    A generation that takes more wafers for a GW makes fewer GW of the same wafers.

    Args:
        capacity_gw: :math:`K_k`, in GW of the generations that ship at the start [GW/quarter].
        availability: :math:`a_k`, share that can be used [1], > 0.
        recipe_growth: :math:`\varrho_k`, native units per GW of the next mix of generations over the present one [1].
        transition_quarters: :math:`T`, until the next mix is all that ships [quarter], > 0.
        quarters: :math:`t`, whole quarters gone since the start [quarter].

    Returns:
        :math:`\tilde K_k` [GW/quarter].

    Source:
        Fixed proportions, Leontief (1936); key ``leontief1936``.
    """
    shipped = jnp.clip((quarters + 1) / transition_quarters, 0, 1)
    return availability * capacity_gw / (1 + (recipe_growth - 1) * shipped)


def tightness(
    flow_gw: Float[Array, "layer *world"],
    desired_flow_gw: Float[Array, "layer *world"],
    capacity_gw: Float[Array, "layer *world"],
    demand_weight: Float[Array, "layer *world"],
) -> Float[Array, "layer *world"]:
    r"""What flows and what is wanted, over what a layer can deliver.

    .. math:: T_k = S^{1 - \varphi} D^{\varphi} / K_k

    Args:
        flow_gw: :math:`S` of the branch [GW/quarter], > 0.
        desired_flow_gw: :math:`D` of the branch [GW/quarter], > 0.
        capacity_gw: :math:`K_k`; for grid or generation, their sum [GW/quarter], > 0.
        demand_weight: :math:`\varphi` [1], 0..1.

    Returns:
        :math:`T_k` [1]; above 1 the layer is short.

    Source:
        headrace; key ``headrace_model``, docs/decisions/004.
    """
    return flow_gw * power(desired_flow_gw / flow_gw, demand_weight) / capacity_gw


def scarcity_price(
    tightness_ratio: Float[Array, "layer *world"], scarcity_elasticity: Float[Array, "layer *world"]
) -> Float[Array, "layer *world"]:
    r"""Price of a layer over its learning-curve cost.

    .. math:: p_k = T_k^{\eta_k}

    Args:
        tightness_ratio: :math:`T_k` [1], > 0.
        scarcity_elasticity: :math:`\eta_k` [1], >= 0.

    Returns:
        :math:`p_k` [1].

    Source:
        Constant-elasticity supply price; key ``headrace_model``, docs/decisions/004.
    """
    return power(tightness_ratio, scarcity_elasticity)


def unit_cost_wright1936(
    cumulative_output_gw: Float[Array, "layer *world"],
    reference_output_gw: Float[Array, "layer *world"],
    reference_unit_cost_usd_bn_per_gw: Float[Array, "layer *world"],
    learning_rate: Float[Array, "layer *world"],
) -> Float[Array, "layer *world"]:
    r"""Unit cost of a layer after cumulative output, scarcity apart.

    .. math:: c(x) = c_0 (x / x_0)^{\log_2(1 - \ell)}

    Valid for :math:`x \ge x_0`.

    Args:
        cumulative_output_gw: :math:`x`, ever delivered [GW], > 0.
        reference_output_gw: :math:`x_0`, ever delivered at the start [GW], > 0.
        reference_unit_cost_usd_bn_per_gw: :math:`c_0` [USD bn/GW].
        learning_rate: :math:`\ell`, fall in cost for each doubling [1], < 1.

    Returns:
        :math:`c` [USD bn/GW].

    Source:
        Wright (1936), Journal of the Aeronautical Sciences 3(4), 122-128; key ``wright1936``.
    """
    doublings = jnp.log2(cumulative_output_gw / reference_output_gw)
    return reference_unit_cost_usd_bn_per_gw * power(1 - learning_rate, doublings)


def branch_unit_cost_usd_bn_per_gw(
    layer_unit_cost_usd_bn_per_gw: Float[Array, "member *world"], use_share: Float[Array, "member *world"]
) -> Float[Array, "*world"]:
    r"""Price of one GW of a branch.

    .. math:: c_b = \sum_k w_k \, c_k p_k

    Args:
        layer_unit_cost_usd_bn_per_gw: :math:`c_k p_k`, scarcity included [USD bn/GW].
        use_share: :math:`w_k`: 1, but for grid and generation, which share one GW [1].

    Returns:
        :math:`c_b` [USD bn/GW].

    Source:
        Identity; key ``identity``.
    """
    return jnp.sum(use_share * layer_unit_cost_usd_bn_per_gw, axis=0)


def expansion_gw_per_quarter(
    tightness_ratio: Float[Array, "layer *world"],
    capacity_gw: Float[Array, "layer *world"],
    pipeline_gw: Float[Array, "layer *world"],
    lead_time_quarters: Float[Array, "layer *world"],
    expansion_response: Float[Array, "layer *world"],
    trend_growth: Float[Array, "layer *world"],
    pipeline_weight: Float[Array, "*world"],
    fastest_growth: Float[Array, "layer *world"],
) -> Float[Array, "layer *world"]:
    r"""Capacity a layer decides to add this quarter.

    .. math:: z = \mathrm{clip}\left(\alpha (T - 1) K + g_0 K - b \, \mathrm{pipe} / \tau, 0, \bar g K\right)

    Args:
        tightness_ratio: :math:`T` [1].
        capacity_gw: :math:`K` [GW/quarter].
        pipeline_gw: Decided and not yet in service [GW/quarter].
        lead_time_quarters: :math:`\tau` [quarter], >= 1.
        expansion_response: :math:`\alpha` [1/quarter].
        trend_growth: :math:`g_0` [1/quarter].
        pipeline_weight: :math:`b` [1], 0..1.
        fastest_growth: :math:`\bar g` [1/quarter].

    Returns:
        :math:`z` [GW/quarter, decided per quarter].

    Source:
        Stock management with a supply line, Sterman (1989), Management Science 35(3), 321-339; key ``sterman1989``.
    """
    wanted = expansion_response * (tightness_ratio - 1) * capacity_gw + trend_growth * capacity_gw
    return jnp.clip(wanted - pipeline_weight * pipeline_gw / lead_time_quarters, 0, fastest_growth * capacity_gw)


def capacity_gw_per_quarter(
    capacity_gw: Float[Array, "layer *world"],
    arrivals_gw: Float[Array, "layer *world"],
    decay: Float[Array, "layer *world"],
) -> Float[Array, "layer *world"]:
    r"""Capacity at the end of the quarter.

    .. math:: K' = (1 - \delta) K + z_{t - \tau}

    Args:
        capacity_gw: :math:`K` [GW/quarter].
        arrivals_gw: Expansion that comes into service [GW/quarter].
        decay: :math:`\delta` [1/quarter], 0..1.

    Returns:
        :math:`K'` [GW/quarter].

    Source:
        Perpetual inventory; key ``identity``.
    """
    return (1 - decay) * capacity_gw + arrivals_gw
