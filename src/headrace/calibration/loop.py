"""NUTS over the full loop: what growth since the first quarter with adopters teaches of rivalry, supply and demand.

The loop starts once, on what had been filed of its first quarter, and runs freely to the last. Growth is compared, not
levels: the error of the logarithm is a random walk of each series, whose size nobody knows and which is integrated
over. Everything that is not sampled stands at its mode.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from jaxtyping import Array, Float
from numpy.typing import NDArray
from numpyro import distributions
from numpyro.infer import MCMC, NUTS, init_to_median

from headrace.calibration.chains import Chains
from headrace.calibration.prior_probability import latent, quantile
from headrace.calibration.spending import last_complete_quarter
from headrace.errors import PeriodError
from headrace.evidence.archive import Archive
from headrace.evidence.run_rates import revenue_usd_bn_per_year
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import registry
from headrace.past_start.draws import dated
from headrace.past_start.known import filed_by, known
from headrace.periods import quarter_dates, quarter_index, quarter_range
from headrace.simulation import branches
from headrace.simulation.paths import place
from headrace.simulation.simulate import run
from headrace.simulation.start import FiledStart, opening, quarters_since_launch
from headrace.simulation.worlds import stacked
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import GROUPS, IT_LAYERS, PLAYERS

START_DAY = dt.date(2023, 6, 30)
"""Day whose knowledge the loop starts with: the first quarter of 2023 had been filed by all."""

FEWEST_QUARTERS = 6
"""Of growth that must be filed; fewer say nothing of seven parameters."""

GROWTH_OF_CAPACITY = "fastest_growth"
SAMPLED: Mapping[str, tuple[str, ...]] = {
    "rivalry.adjustment_speed": ("rivalry.adjustment_speed",),
    "rivalry.loss_aversion": ("rivalry.loss_aversion",),
    "rivalry.franchise_at_stake": ("rivalry.franchise_at_stake",),
    GROWTH_OF_CAPACITY: tuple(f"{layer}.fastest_growth" for layer in IT_LAYERS),
    "adoption.imitation": ("adoption.imitation",),
    "demand.price_elasticity": ("demand.price_elasticity",),
    "cost.it_usd_bn_per_gw": ("cost.it_usd_bn_per_gw",),
}
"""What is sampled, and the parameters that it moves together by one probability of their priors."""

SERIES = ("capital_expenditure", "data_centre_revenue", "model_revenue")

_WANTED = frozenset({
    "capital_expenditure_usd_bn", "ai_capital_expenditure_usd_bn", "group_revenue_usd_bn",
    "planned_ai_capital_expenditure_usd_bn", "model_revenue_usd_bn",
})  # fmt: skip
_DESIGNERS = GROUPS.index("accelerator_designers")


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class LoopRecord:
    """What the loop is held against.

    Attributes:
        filed: What filings say of the players in the quarter of the start.
        arrays: The world at its modes, on the axes of the loop, one world.
        log_growth: By series of :data:`SERIES` and quarter after the start; NaN where it is not known.
    """

    filed: FiledStart
    arrays: dict[str, Array]
    log_growth: Float[Array, "series quarter"]


def loop_record(archive: Archive) -> LoopRecord:
    """What an archive says, from the first quarter of the full loop on.

    Raises:
        PeriodError: Too few quarters had been filed since.
    """
    start = known(archive, START_DAY)
    last = last_complete_quarter(archive)
    count = quarter_index(last) - quarter_index(start.quarter)
    if count < FEWEST_QUARTERS:
        raise PeriodError(
            f"the last quarter that all five had filed by then is {last}, {max(count, 0)} after {start.quarter}; the "
            f"full loop is calibrated on {FEWEST_QUARTERS} at the least: choose a later day, or leave the loop out"
        )
    quarters = quarter_range(start.quarter, count + 1)
    spending = archive.panel("capital_expenditure", PLAYERS).reindex(quarters).sum(axis="columns", skipna=False)
    sales = archive.panel("data_centre_revenue", ("nvidia",))["nvidia"].reindex(quarters)
    earned = [revenue_usd_bn_per_year(archive.run_rates, quarter_dates(one)[1]) / QUARTERS_PER_YEAR for one in quarters]
    levels = np.array([spending.to_numpy(), sales.to_numpy(), earned], float)
    capex, cash_flow = filed_by(archive, start, start.quarter)
    modes = {name: np.full(1, entry.value) for name, entry in registry().items()}
    filed = FiledStart(capex, cash_flow, float(quarters_since_launch(start.quarter)))  # type: ignore[arg-type]
    arrays: Any = stacked(dated(modes, start))
    return LoopRecord(filed, arrays, np.diff(np.log(levels), axis=1))  # NumPy goes in as it is


def sampled(record: LoopRecord, *, chains: int, warmup: int, draws: int, seed: int) -> Chains:
    """Chains of the posterior after a record.

    Args:
        record: What was known.
        chains: Run together, vectorised.
        warmup: Steps in which the sampler adapts.
        draws: Kept of each chain.
        seed: Of all of it.
    """
    with jax.enable_x64(True):
        sampler = MCMC(
            NUTS(model, init_strategy=init_to_median, dense_mass=True),
            num_warmup=warmup,
            num_samples=draws,
            num_chains=chains,
            chain_method="vectorized",
            progress_bar=False,
        )
        sampler.run(jax.random.key(seed), jax.tree.map(jnp.asarray, record), extra_fields=("diverging", "num_steps"))
        found = {name: np.asarray(values) for name, values in sampler.get_samples(group_by_chain=True).items()}
        extra = {name: np.asarray(values) for name, values in sampler.get_extra_fields().items()}
    probability = {name: found[latent(name)] for name in SAMPLED}
    return Chains(values_at(probability), probability, int(extra["diverging"].sum()), int(extra["num_steps"].sum()))


def prior(count: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Draws of every parameter that is sampled, from its prior, (draw,)."""
    moved = [registry()[name] for names in SAMPLED.values() for name in names]
    return draw_parameters(moved, seed, 0, count)


def values_at(probability: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Values of every moved parameter at probabilities of the priors, in their shape."""
    with jax.enable_x64(True):
        return {
            name: np.asarray(quantile(registry()[name], jnp.asarray(probability[key])))
            for key, names in SAMPLED.items()
            for name in names
        }


def model(record: LoopRecord) -> None:
    """The NumPyro model: priors of the tables, and the growth of each series."""
    probability = {key: numpyro.sample(latent(key), distributions.Uniform(0, 1)) for key in SAMPLED}
    values = {name: quantile(registry()[name], probability[key]) for key, names in SAMPLED.items() for name in names}
    numpyro.factor("growth", log_likelihood(record, values))


def log_likelihood(record: LoopRecord, values: Mapping[str, Array]) -> Float[Array, ""]:
    """Of the growth of every series, errors normal with a spread of each that is integrated over, up to a constant.

    A world that leaves the domain of the loop is as unlikely as one whose growth is wrong by a factor of e.
    """
    error = record.log_growth - log_growth(record, values)
    seen = jnp.isfinite(record.log_growth)
    squares = jnp.where(seen, jnp.where(jnp.isfinite(error), jnp.where(seen, error, 0) ** 2, 1.0), 0)
    count, total = jnp.sum(seen, axis=1), jnp.sum(squares, axis=1)
    return -jnp.sum(count / 2 * jnp.log(jnp.where(count > 0, total, 1)))


def log_growth(record: LoopRecord, values: Mapping[str, Array]) -> Float[Array, "series quarter"]:
    """Growth of the logarithm of every series in the loop, from the quarter of the start on."""
    arrays = with_values(record.arrays, values)
    state, world, closure = opening(arrays, record.filed)
    outputs = run(state, world, record.filed, {}, record.log_growth.shape[1], _WANTED)
    spending = jnp.sum(outputs["capital_expenditure_usd_bn"][:, : len(PLAYERS)], axis=1)[:, 0]
    before = jnp.sum(record.filed.capital_expenditure_usd_bn[-1])
    ai_before = jnp.sum(closure.filed_capex_usd_bn * closure.ai_share, axis=0)[0]
    sales = outputs["group_revenue_usd_bn"][:, _DESIGNERS, 0]
    sales_before = sales[0] * ai_before / jnp.sum(outputs["planned_ai_capital_expenditure_usd_bn"][0])
    earned = outputs["model_revenue_usd_bn"][:, 0]
    # What model makers earned in the quarter of the start is what the loop's first expectation looks back on.
    earned_before = earned[0] / (1 + world["expectation.initial_growth"][0])
    levels = ((before, spending), (sales_before, sales), (earned_before, earned))
    return jnp.stack([jnp.diff(jnp.log(jnp.concatenate([first[jnp.newaxis], path]))) for first, path in levels])


def with_values(arrays: Mapping[str, Array], values: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays of one world with parameters at other values, each a number."""
    changed = dict(arrays)
    for name, value in values.items():
        array, row = place(name)
        column = jnp.reshape(value, (1,))
        if row is None:
            changed[array] = column
        else:
            changed[array] = jnp.asarray(changed[array]).at[row].set(column)
    it = changed["cost.it_usd_bn_per_gw"]
    changed["layer.branch_cost"] = jnp.asarray(changed["layer.branch_cost"]).at[branches.IT].set(it)
    return changed
