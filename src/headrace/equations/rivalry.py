"""The race: what builders expect to win, between which bounds no one deviates, and what each plans to spend.

The contest is over all builders, the rest of the world included; only players decide. Loss aversion of one and equal
shares give the Nash equilibrium of the share contest on an elastic pie.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from headrace.equations.powers import power


def expected_growth(
    growth: Float[Array, "*world"],
    revenue_usd_bn: Float[Array, "*world"],
    previous_revenue_usd_bn: Float[Array, "*world"],
    learning_weight: Float[Array, "*world"],
    lowest_growth: Float[Array, "*world"],
    highest_growth: Float[Array, "*world"],
) -> Float[Array, "*world"]:
    r"""Growth of compute revenue that builders extrapolate.

    .. math:: g' = \mathrm{clip}\left(\theta (R / R_{-1} - 1) + (1 - \theta) g\right)

    Args:
        growth: :math:`g`, expected before the quarter [1/quarter].
        revenue_usd_bn: :math:`R` [USD bn/quarter].
        previous_revenue_usd_bn: :math:`R_{-1}` [USD bn/quarter], > 0.
        learning_weight: :math:`\theta` [1], 0..1.
        lowest_growth: Lower clip [1/quarter].
        highest_growth: Upper clip [1/quarter].

    Returns:
        :math:`g'` [1/quarter].

    Source:
        Adaptive expectations, Cagan (1956); key ``cagan1956``.
    """
    observed = revenue_usd_bn / previous_revenue_usd_bn - 1
    return jnp.clip(learning_weight * observed + (1 - learning_weight) * growth, lowest_growth, highest_growth)


def expected_pool_usd_bn(
    compute_margin_usd_bn: Float[Array, "*world"],
    growth: Float[Array, "*world"],
    horizon_quarters: Float[Array, "*world"],
    franchise_at_stake: Float[Array, "*world"],
    franchise_cash_flow_usd_bn: Float[Array, "player *world"],
) -> Float[Array, "*world"]:
    r"""Quarterly profit that builders believe they contest.

    .. math:: \Pi = \mu R (1 + g)^H + \omega \sum_i OCF_{base,i}

    Franchise cash flow leaves the margin on AI compute out, so that nothing is counted twice.

    Args:
        compute_margin_usd_bn: :math:`\mu R` [USD bn/quarter].
        growth: :math:`g` [1/quarter], > -1.
        horizon_quarters: :math:`H` [quarter], >= 0.
        franchise_at_stake: :math:`\omega` [1], >= 0.
        franchise_cash_flow_usd_bn: :math:`OCF_{base,i}` of the players [USD bn/quarter].

    Returns:
        :math:`\Pi` [USD bn/quarter].

    Source:
        headrace; key ``headrace_model``, docs/decisions/004.
    """
    prize = compute_margin_usd_bn * power(1 + growth, horizon_quarters)
    return prize + franchise_at_stake * jnp.sum(franchise_cash_flow_usd_bn, axis=0)


def spend_to_pool_ratio(
    spending_usd_bn: Float[Array, "builder *world"], pool_usd_bn: Float[Array, "*world"]
) -> Float[Array, "*world"]:
    r"""AI capital expenditure of all builders over the pool they expect.

    .. math:: X / \Pi

    Args:
        spending_usd_bn: :math:`x_i` [USD bn/quarter].
        pool_usd_bn: :math:`\Pi` [USD bn/quarter], > 0.

    Returns:
        The ratio [1].

    Source:
        Identity; key ``identity``.
    """
    return jnp.sum(spending_usd_bn, axis=0) / pool_usd_bn


def nash_ratio(
    builders: int, decisiveness: Float[Array, "*world"], pool_elasticity: Float[Array, "*world"]
) -> Float[Array, "*world"]:
    r"""Spend over pool in the symmetric Nash equilibrium; with one builder, the cooperative ratio :math:`\beta`.

    .. math:: X_N / \Pi = [r (n - 1) + \beta] / n

    Args:
        builders: :math:`n`, >= 1.
        decisiveness: :math:`r` [1].
        pool_elasticity: :math:`\beta` [1], 0..1.

    Returns:
        The ratio [1].

    Source:
        First-order condition of the share contest (Tullock 1980) on a pool :math:`A X^\beta`; key ``tullock1980``.
    """
    return (decisiveness * (builders - 1) + pool_elasticity) / builders


def overspend_factor(
    builders: int, decisiveness: Float[Array, "*world"], pool_elasticity: Float[Array, "*world"]
) -> Float[Array, "*world"]:
    r"""Nash over cooperative spending in levels, the pool responding to both.

    .. math:: X_N / X_C = \left\{\frac{r (n - 1) + \beta}{n \beta}\right\}^{1/(1 - \beta)}

    Args:
        builders: :math:`n`, >= 1.
        decisiveness: :math:`r` [1].
        pool_elasticity: :math:`\beta` [1], inside 0..1.

    Returns:
        The factor [1].

    Source:
        Ratio of the two first-order conditions; key ``tullock1980``.
    """
    ratio = nash_ratio(builders, decisiveness, pool_elasticity) / pool_elasticity
    return power(ratio, 1 / (1 - pool_elasticity))


def deviation_bounds(
    share: Float[Array, "player *world"],
    loss_aversion: Float[Array, "*world"],
    decisiveness: Float[Array, "*world"],
    pool_elasticity: Float[Array, "*world"],
) -> tuple[Float[Array, "player *world"], Float[Array, "player *world"]]:
    r"""Spend over pool below which a player raises its spending, and above which it cuts.

    .. math:: \mathrm{lower}_i = r (1 - s_i) + \beta s_i, \quad \mathrm{upper}_i = \lambda r (1 - s_i) + \beta s_i

    The kink of loss aversion at current shares opens the band; at :math:`\lambda = 1` each player has one point.

    Args:
        share: :math:`s_i` of the players [1].
        loss_aversion: :math:`\lambda` [1], >= 1.
        decisiveness: :math:`r` [1].
        pool_elasticity: :math:`\beta` [1], 0..1.

    Returns:
        ``lower`` and ``upper`` by player [1]; the band is max(lower) .. min(upper) and may be empty.

    Source:
        Reference dependence of Tversky and Kahneman (1991) in the share contest; key ``tversky1991``.
    """
    others = decisiveness * (1 - share)
    own = pool_elasticity * share
    return others + own, loss_aversion * others + own


def watched_spending_usd_bn(
    spending_usd_bn: Float[Array, "builder *world"],
    announced_usd_bn: Float[Array, "builder *world"],
    guided_quarters: Float[Array, "*world"],
    quarters: Float[Array, ""],
) -> Float[Array, "*world"]:
    r"""Total spending that builders look at: what all have announced while guidance lasts, what all spent after it.

    .. math:: X = a \sum_i x_i^{a} + (1 - a) \sum_i x_i, \quad a = \mathrm{clip}(T_a - t, 0, 1)

    Args:
        spending_usd_bn: :math:`x_i`, last quarter [USD bn/quarter].
        announced_usd_bn: :math:`x_i^{a}`, quarterly AI spending that guidance implies [USD bn/quarter].
        guided_quarters: :math:`T_a`, quarters that guidance covers; the last may be a part [quarter].
        quarters: :math:`t`, whole quarters gone since the start [quarter].

    Returns:
        :math:`X` [USD bn/quarter].

    Source:
        headrace; key ``headrace_model``, docs/decisions/004.
    """
    guided = jnp.clip(guided_quarters - quarters, 0, 1)
    return guided * jnp.sum(announced_usd_bn, axis=0) + (1 - guided) * jnp.sum(spending_usd_bn, axis=0)


def target_spending_usd_bn(
    watched_usd_bn: Float[Array, "*world"],
    pool_usd_bn: Float[Array, "*world"],
    share: Float[Array, "player *world"],
    lower: Float[Array, "player *world"],
    upper: Float[Array, "player *world"],
) -> Float[Array, "player *world"]:
    r"""What each player would spend before it looks at its funding.

    .. math:: x_i^* = s_i \, \mathrm{clip}(X, \max_j \mathrm{lower}_j \Pi, \min_j \mathrm{upper}_j \Pi)

    Inside the band the best response is to match; where the band is empty each player clips to its own bounds.

    Args:
        watched_usd_bn: :math:`X`, total spending of all builders as players see it [USD bn/quarter].
        pool_usd_bn: :math:`\Pi` [USD bn/quarter].
        share: :math:`s_i` of the players [1].
        lower: Own lower bounds over the pool [1].
        upper: Own upper bounds over the pool [1], >= lower.

    Returns:
        :math:`x_i^*` [USD bn/quarter].

    Source:
        headrace; key ``headrace_model``, docs/decisions/004.
    """
    bottom, top = jnp.max(lower, axis=0), jnp.min(upper, axis=0)
    empty = bottom > top
    floor = jnp.where(empty, lower, bottom) * pool_usd_bn
    ceiling = jnp.where(empty, upper, top) * pool_usd_bn
    return share * jnp.clip(watched_usd_bn, floor, ceiling)


def planned_spending_usd_bn(
    spending_usd_bn: Float[Array, "player *world"],
    target_usd_bn: Float[Array, "player *world"],
    adjustment_speed: Float[Array, "*world"],
    fastest_cut: Float[Array, "*world"],
    fastest_rise: Float[Array, "*world"],
    pause_share: Float[Array, "player *world"],
) -> Float[Array, "player *world"]:
    r"""Planned spending after one quarter's adjustment to the target.

    .. math:: x_i' = (1 - h_i) \, x_i \left(1 + \mathrm{clip}(\kappa (x_i^* / x_i - 1), g_{cut}, g_{max})\right)

    Args:
        spending_usd_bn: :math:`x_i`, last quarter [USD bn/quarter], >= 0.
        target_usd_bn: :math:`x_i^*`, capped by funding [USD bn/quarter].
        adjustment_speed: :math:`\kappa` [1], 0..1.
        fastest_cut: :math:`g_{cut}` [1/quarter], < 0.
        fastest_rise: :math:`g_{max}` [1/quarter], > 0.
        pause_share: :math:`h_i`, share of the plan that is withheld [1], 0..1.

    Returns:
        :math:`x_i'` [USD bn/quarter].

    Source:
        Partial adjustment, Nerlove (1958); key ``nerlove1958``.
    """
    moved = spending_usd_bn + adjustment_speed * (target_usd_bn - spending_usd_bn)
    within = jnp.clip(moved, spending_usd_bn * (1 + fastest_cut), spending_usd_bn * (1 + fastest_rise))
    return (1 - pause_share) * within


def rest_of_world_spending_usd_bn(
    private_usd_bn: Float[Array, "*world"],
    sovereign_usd_bn: Float[Array, "*world"],
    growth: Float[Array, "*world"],
    quarters: Float[Array, ""],
) -> Float[Array, "*world"]:
    r"""Planned spending of everyone who is no player: private builders and states, on a path of their own.

    .. math:: x_{row} = (x_{private} + x_{sovereign}) (1 + g)^{t + 1}

    Args:
        private_usd_bn: :math:`x_{private}` at the start [USD bn/quarter].
        sovereign_usd_bn: :math:`x_{sovereign}` at the start [USD bn/quarter].
        growth: :math:`g` [1/quarter], > -1.
        quarters: :math:`t`, whole quarters gone since the start [quarter].

    Returns:
        :math:`x_{row}` [USD bn/quarter].

    Source:
        headrace; key ``headrace_model``, docs/decisions/009.
    """
    return (private_usd_bn + sovereign_usd_bn) * power(1 + growth, quarters + 1)
