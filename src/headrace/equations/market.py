"""The market's answer to earnings: what groups earn, what investors pay for it, and how many groups carry the rise.

Prices move in logarithms, and what moves a price is split exactly into earnings and the multiple paid for them.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def delivered_usd_bn(
    flow_gw: Float[Array, "layer *world"],
    use_share: Float[Array, "layer *world"],
    unit_cost_usd_bn_per_gw: Float[Array, "layer *world"],
) -> Float[Array, "layer *world"]:
    r"""What a layer delivers in the quarter at its price, duties apart.

    .. math:: V_k = c_k p_k \, w_k S

    Args:
        flow_gw: :math:`S` of the layer's branch [GW/quarter].
        use_share: :math:`w_k`, share of a GW that the layer serves [1], 0..1.
        unit_cost_usd_bn_per_gw: :math:`c_k p_k`, scarcity included [USD bn/GW].

    Returns:
        :math:`V_k` [USD bn/quarter].

    Source:
        Identity; key ``identity``.
    """
    return unit_cost_usd_bn_per_gw * use_share * flow_gw


def installed_capacity_usd_bn(
    pipeline_gw: Float[Array, "layer *world"],
    lead_time_quarters: Float[Array, "layer *world"],
    unit_cost_usd_bn_per_gw: Float[Array, "layer *world"],
) -> Float[Array, "layer *world"]:
    r"""Capacity built this quarter, at what a quarter of its output sells for in balance.

    .. math:: v_k = c_k \, \mathrm{pipe}_k / \tau_k

    What is decided is built evenly over its lead time.

    Args:
        pipeline_gw: Decided and not yet in service [GW/quarter].
        lead_time_quarters: :math:`\tau_k` [quarter], >= 1.
        unit_cost_usd_bn_per_gw: :math:`c_k`, scarcity apart [USD bn/GW].

    Returns:
        :math:`v_k` [USD bn/quarter of output, built per quarter].

    Source:
        Identity; key ``identity``.
    """
    return unit_cost_usd_bn_per_gw * pipeline_gw / lead_time_quarters


def equipment_revenue_usd_bn(
    installed: Float[Array, "layer *world"], equipment_quarters: Float[Array, "layer *world"]
) -> Float[Array, "*world"]:
    r"""What makers of equipment earn on capacity that others build.

    .. math:: R_{eq} = \sum_k e_k v_k

    Args:
        installed: :math:`v_k`, built this quarter [USD bn/quarter of output, built per quarter].
        equipment_quarters: :math:`e_k`, equipment over a quarter's output of the capacity it makes [quarter].

    Returns:
        :math:`R_{eq}` [USD bn/quarter].

    Source:
        Capital-output ratio; key ``headrace_model``, docs/decisions/008.
    """
    return jnp.sum(equipment_quarters * installed, axis=0)


def divided_usd_bn(
    value_usd_bn: Float[Array, "*world"], share: Float[Array, "*world"]
) -> tuple[Float[Array, "*world"], Float[Array, "*world"]]:
    r"""What two groups earn from one layer.

    .. math:: R_1 = s V, \quad R_2 = V - R_1

    Args:
        value_usd_bn: :math:`V`, delivered by the layer at price [USD bn/quarter].
        share: :math:`s` of the first group [1], 0..1.

    Returns:
        :math:`R_1, R_2`, which sum to :math:`V` [USD bn/quarter].

    Source:
        Identity; key ``identity``.
    """
    first = share * value_usd_bn
    return first, value_usd_bn - first


def group_earnings_usd_bn(
    kept_usd_bn: Float[Array, "group *world"], earnings_margin: Float[Array, "group *world"]
) -> Float[Array, "group *world"]:
    r"""Net earnings of each group.

    .. math:: E = m (R - B)

    Args:
        kept_usd_bn: :math:`R - B`, revenue less what is bought from the layer of revenue below [USD bn/quarter].
        earnings_margin: :math:`m`, share of it that is left after every other cost and tax [1], > 0.

    Returns:
        :math:`E` [USD bn/quarter]; below 0 where more is bought than sold.

    Source:
        Identity; key ``identity``.
    """
    return earnings_margin * kept_usd_bn


def log_earning_power(
    earnings_usd_bn: Float[Array, "group *world"],
    revenue_usd_bn: Float[Array, "group *world"],
    earning_power_share: Float[Array, "*world"],
    smallest_earnings_usd_bn: Float[Array, "*world"],
) -> Float[Array, "group *world"]:
    r"""Logarithm of the earnings that investors put a multiple on.

    .. math:: \ln E^* = \ln \tfrac12 \left(E + \sqrt{E^2 + 4 \phi^2}\right), \quad \phi = \pi R + \phi_0

    Earnings far above :math:`\phi` are taken as they are. Who earns nothing is priced on :math:`\phi`, a share of
    revenue; who loses money on less the more it loses, and never on nothing. Where earnings are a fixed share of
    revenue, both grow alike.

    Args:
        earnings_usd_bn: :math:`E`, of any sign [USD bn/quarter].
        revenue_usd_bn: :math:`R` [USD bn/quarter], >= 0.
        earning_power_share: :math:`\pi`, thought attainable by who earns nothing yet [1], >= 0.
        smallest_earnings_usd_bn: :math:`\phi_0` [USD bn/quarter], > 0.

    Returns:
        :math:`\ln E^*`, of earnings in USD bn/quarter [1].

    Source:
        headrace; key ``headrace_model``, docs/decisions/008.
    """
    attainable = earning_power_share * revenue_usd_bn + smallest_earnings_usd_bn
    gains = earnings_usd_bn >= 0
    size = jnp.where(gains, earnings_usd_bn, -earnings_usd_bn)
    larger_root = (size + jnp.sqrt(size**2 + (2 * attainable) ** 2)) / 2
    # A loss takes the other root, whose product with this one is attainable squared: nothing cancels.
    return jnp.log(jnp.where(gains, larger_root, attainable**2 / larger_root))


def multiple_growth(
    log_multiple: Float[Array, "group *world"],
    log_long_run_multiple: Float[Array, "group *world"],
    earnings_growth: Float[Array, "group *world"],
    last_price_growth: Float[Array, "group *world"],
    expected_growth: Float[Array, "*world"],
    reversion: Float[Array, "*world"],
    surprise_response: Float[Array, "*world"],
    extrapolation: Float[Array, "*world"],
    log_shift: Float[Array, "*world"],
) -> Float[Array, "group *world"]:
    r"""Change of the log multiple: back to its mean, with surprises in earnings, after past prices, and by shocks.

    .. math:: \Delta m = a (\bar m - m) + b (\Delta \ln E^* - g) + c (\Delta \ln P_{-1} - g) + h

    Args:
        log_multiple: :math:`m` [1].
        log_long_run_multiple: :math:`\bar m` [1].
        earnings_growth: :math:`\Delta \ln E^*` of the quarter [1].
        last_price_growth: :math:`\Delta \ln P_{-1}`, of the quarter before [1].
        expected_growth: :math:`g`, of earnings and price when nothing surprises [1].
        reversion: :math:`a` [1/quarter], 0..1.
        surprise_response: :math:`b`; below 0 prices follow earnings less than one for one [1].
        extrapolation: :math:`c` [1], < 1.
        log_shift: :math:`h`, from outside [1].

    Returns:
        :math:`\Delta m` [1].

    Source:
        Mean reversion with extrapolating investors; key ``headrace_model``, docs/decisions/008.
    """
    back = reversion * (log_long_run_multiple - log_multiple)
    surprise = surprise_response * (earnings_growth - expected_growth)
    return back + surprise + extrapolation * (last_price_growth - expected_growth) + log_shift


def price_growth(
    earnings_growth: Float[Array, "group *world"], growth_of_multiple: Float[Array, "group *world"]
) -> Float[Array, "group *world"]:
    r"""Change of the log price.

    .. math:: \Delta \ln P = \Delta \ln E^* + \Delta \ln M

    Args:
        earnings_growth: :math:`\Delta \ln E^*` [1].
        growth_of_multiple: :math:`\Delta \ln M` [1].

    Returns:
        :math:`\Delta \ln P` [1].

    Source:
        Identity; key ``identity``.
    """
    return earnings_growth + growth_of_multiple


def earnings_breadth(
    earnings_usd_bn: Float[Array, "group *world"], last_earnings_usd_bn: Float[Array, "group *world"]
) -> Float[Array, "*world"]:
    r"""Share of groups whose earnings rise.

    .. math:: \frac{1}{n} \sum_g [E_g > E_{g,-1}]

    Args:
        earnings_usd_bn: :math:`E_g`, of any sign [USD bn/quarter].
        last_earnings_usd_bn: :math:`E_{g,-1}`, of the quarter before [USD bn/quarter].

    Returns:
        The share [1], 0..1.

    Source:
        Identity; key ``identity``.
    """
    rising = jnp.where(earnings_usd_bn > last_earnings_usd_bn, jnp.ones_like(earnings_usd_bn), 0)
    return jnp.mean(rising, axis=0)


def contributors(
    earnings_usd_bn: Float[Array, "group *world"], last_earnings_usd_bn: Float[Array, "group *world"]
) -> Float[Array, "*world"]:
    r"""Effective number of groups that carry the rise of earnings.

    .. math:: \frac{1}{\sum_g w_g^2}, \quad w_g = \frac{\max(0, \Delta E_g)}{\sum_j \max(0, \Delta E_j)}

    Args:
        earnings_usd_bn: :math:`E_g` [USD bn/quarter].
        last_earnings_usd_bn: :math:`E_{g,-1}`, of the quarter before [USD bn/quarter].

    Returns:
        The number [1]; k when k groups rise alike, 0 when none rises.

    Source:
        Inverse of the Herfindahl index; key ``identity``.
    """
    rise = jnp.maximum(0, earnings_usd_bn - last_earnings_usd_bn)
    total = jnp.sum(rise, axis=0)
    some = total > 0
    concentration = jnp.sum((rise / jnp.where(some, total, 1)) ** 2, axis=0)
    return jnp.where(some, 1 / jnp.where(some, concentration, 1), 0)
