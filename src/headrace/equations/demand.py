"""The market for compute: what a gigawatt sells for, what that makes in all, and who gets which share.

The price clears the market for used, quality-weighted compute against adoption; revenue layers above contain the
compute below.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations.powers import power


def demand_index(adoption: Float[Array, "*world"], procurement_share: Float[Array, "*world"]) -> Float[Array, "*world"]:
    r"""What users and governments together ask for at a given price.

    .. math:: A = F (1 + \pi)

    Args:
        adoption: :math:`F`, share of users who have adopted [1], 0..1.
        procurement_share: :math:`\pi`, demand of governments over that of everyone else [1], >= 0.

    Returns:
        :math:`A` [1].

    Source:
        headrace; key ``headrace_model``, docs/decisions/009.
    """
    return adoption * (1 + procurement_share)


def compute_price_usd_bn_per_gw_quarter(
    demand: Float[Array, "*world"],
    effective_compute_gw: Float[Array, "*world"],
    reference_demand: Float[Array, "*world"],
    reference_effective_compute_gw: Float[Array, "*world"],
    reference_price_usd_bn_per_gw_quarter: Float[Array, "*world"],
    price_elasticity: Float[Array, "*world"],
) -> Float[Array, "*world"]:
    r"""Price at which adopters use all the compute there is.

    .. math:: P = P_{ref} \left(\frac{A}{A_{ref}} \cdot \frac{u_{ref} K_{ref} Q_{ref}}{u K Q}\right)^{1/\varepsilon}

    Args:
        demand: :math:`A`, of users and governments [1], > 0.
        effective_compute_gw: :math:`u K Q`, used compute weighted by quality [GW], > 0.
        reference_demand: :math:`A_{ref}` [1], > 0.
        reference_effective_compute_gw: :math:`u_{ref} K_{ref} Q_{ref}` [GW], > 0.
        reference_price_usd_bn_per_gw_quarter: :math:`P_{ref}` [USD bn/(GW quarter)].
        price_elasticity: :math:`\varepsilon`, absolute own-price elasticity [1], > 1 so that more compute earns more.

    Returns:
        :math:`P` [USD bn/(GW quarter)].

    Source:
        Constant-elasticity demand; elasticities in Demirer, Fradkin, Tadelis and Peng (2025); key ``llm_elasticity``.
    """
    scarcity = demand / reference_demand * reference_effective_compute_gw / effective_compute_gw
    return reference_price_usd_bn_per_gw_quarter * power(scarcity, 1 / price_elasticity)


def compute_revenue_usd_bn(
    price_usd_bn_per_gw_quarter: Float[Array, "*world"], effective_compute_gw: Float[Array, "*world"]
) -> Float[Array, "*world"]:
    r"""Revenue of active compute in the quarter, own use at the market price included.

    .. math:: R = P \, u \, K \, Q

    Args:
        price_usd_bn_per_gw_quarter: :math:`P` [USD bn/(GW quarter)].
        effective_compute_gw: :math:`u K Q` [GW].

    Returns:
        :math:`R` [USD bn/quarter].

    Source:
        Identity; key ``identity``.
    """
    return price_usd_bn_per_gw_quarter * effective_compute_gw


def compute_margin_usd_bn(
    revenue_usd_bn: Float[Array, "*world"], compute_margin: Float[Array, "*world"]
) -> Float[Array, "*world"]:
    r"""Margin on compute after power and operations, before depreciation.

    .. math:: \mu R

    Args:
        revenue_usd_bn: :math:`R` [USD bn/quarter].
        compute_margin: :math:`\mu` [1], 0..1.

    Returns:
        :math:`\mu R` [USD bn/quarter].

    Source:
        Identity; key ``identity``.
    """
    return compute_margin * revenue_usd_bn


def layer_revenue_usd_bn(
    compute_revenue: Float[Array, "*world"],
    adoption: Float[Array, "*world"],
    reference_adoption: Float[Array, "*world"],
    ratio_now: Float[Array, "*world"],
    ratio_long_run: Float[Array, "*world"],
) -> Float[Array, "*world"]:
    r"""Gross end-revenue of a layer above compute (models, or applications).

    .. math:: R_l = R \left[v_0 + (v_\infty - v_0) \frac{F - F_{ref}}{1 - F_{ref}}\right]

    A judgement, not a law: the ratio to compute moves from what run-rates show today to a long-run ratio as users
    adopt.

    Args:
        compute_revenue: :math:`R` [USD bn/quarter].
        adoption: :math:`F` [1], 0..1.
        reference_adoption: :math:`F_{ref}`, adoption when the ratio was observed [1], < 1.
        ratio_now: :math:`v_0`, revenue of the layer over compute revenue at the reference [1].
        ratio_long_run: :math:`v_\infty`, the same when all have adopted [1].

    Returns:
        :math:`R_l`, which contains :math:`R` [USD bn/quarter].

    Source:
        headrace; key ``headrace_judgement``, docs/decisions/004.
    """
    progress = (adoption - reference_adoption) / (1 - reference_adoption)
    return compute_revenue * (ratio_now + (ratio_long_run - ratio_now) * progress)


def market_share(
    share: Float[Array, "builder *world"],
    active_compute_gw: Float[Array, "builder *world"],
    quality_index: Float[Array, "builder *world"],
    share_adjustment: Float[Array, "*world"],
    decisiveness: Float[Array, "*world"],
    technology_weight: Float[Array, "*world"],
) -> Float[Array, "builder *world"]:
    r"""Share of compute revenue, moving with inertia to the contest share of quality-weighted compute.

    .. math:: s_i' = (1 - \iota) s_i + \iota \frac{(K_i Q_i^\tau)^r}{\sum_j (K_j Q_j^\tau)^r}

    A builder that is alone has the whole of it.

    Args:
        share: :math:`s_i` [1], sums to 1 over builders.
        active_compute_gw: :math:`K_i` [GW], >= 0, not all zero.
        quality_index: :math:`Q_i` [1], > 0.
        share_adjustment: :math:`\iota` [1], 0..1.
        decisiveness: :math:`r` [1], > 0.
        technology_weight: :math:`\tau`, 1 where quality counts in the contest, 0 where gigawatts alone do [1], 0..1.

    Returns:
        :math:`s_i'` [1], sums to 1 over builders.

    Source:
        Tullock (1980) contest success function; key ``tullock1980``.
    """
    effort = power(active_compute_gw * power(quality_index, technology_weight), decisiveness)
    return (1 - share_adjustment) * share + share_adjustment * effort / jnp.sum(effort, axis=0)
