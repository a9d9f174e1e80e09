"""NUTS over the spending core: the posterior of what the players' filed spending can teach.

Each parameter is sampled as the probability of its prior, uniform on 0..1, so that the sampler sees one scale and the
prior is exactly that of the tables. What the players do not share stays at its mode: nothing here identifies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
from jaxtyping import Array, Float
from numpyro import distributions
from numpyro.infer import MCMC, NUTS, init_to_median
from numpyro.infer.hmc import hmc
from numpyro.infer.util import initialize_model

from headrace.calibration.chains import Chains, Draws
from headrace.calibration.prior_probability import latent, quantile
from headrace.calibration.spending import core_world
from headrace.parameters.registry import registry
from headrace.parameters.schema import Parameter
from headrace.simulation.spending_core import PARAMETERS, PLAYER_PARAMETERS, SpendingRecord, World, one_quarter_ahead
from headrace.variables import PLAYERS

SAMPLED = tuple(name for name in PARAMETERS if registry()[name].is_uncertain)
"""Parameters common to players that have a range."""

SPREAD = "spread"
"""Standard deviation of the error of the logarithm of the total one quarter ahead; no parameter of the loop."""

SPREAD_RANGE = (0.02, 0.5)
"""Of it before anything is seen, evenly in logarithms: errors of a fiftieth, or of a factor of five thirds."""

_NO_LIMIT_USD_BN = 1e6
"""Cash with which nobody's funding binds, where net debt is not filed; an infinite sum has no gradient."""

_SHORT_TREES = 6
"""Doublings of a step where many chains wait for the longest one."""


def sampled(record: SpendingRecord, *, chains: int, warmup: int, draws: int, seed: int) -> Chains:
    """Chains of the posterior after a record.

    Args:
        record: What was known.
        chains: Run together, vectorised.
        warmup: Steps in which the sampler adapts.
        draws: Kept of each chain.
        seed: Of all of it.
    """
    with jax.enable_x64(True):
        sampler = _sampler(chains, warmup, draws, record.spending_usd_bn.shape[1])
        fields = ("diverging", "num_steps")
        sampler.run(jax.random.key(seed), jax.tree.map(jnp.asarray, record), extra_fields=fields)
        found = {name: np.asarray(values) for name, values in sampler.get_samples(group_by_chain=True).items()}
        extra = {name: np.asarray(values) for name, values in sampler.get_extra_fields().items()}
    probability = {name: found[latent(name)] for name in (*SAMPLED, SPREAD)}
    values = {name: found[name] for name in (*SAMPLED, SPREAD)}
    return Chains(values, probability, int(extra["diverging"].sum()), int(extra["num_steps"].sum()))


def one_chain_each(records: SpendingRecord, *, warmup: int, draws: int, seed: int) -> list[Draws]:
    """One chain after each of many records, in one compiled program.

    Args:
        records: One record whose arrays have another axis in front, (record, ...).
        warmup: Steps in which each chain adapts.
        draws: Kept of each.
        seed: Of all of them.

    Returns:
        By record, values by parameter, (draw,).
    """
    with jax.enable_x64(True):
        records = jax.tree.map(jnp.asarray, records)
        count = records.spending_usd_bn.shape[0]
        first = jax.tree.map(lambda values: values[0], records)
        begun = initialize_model(
            jax.random.key(seed), model, model_args=(first,), dynamic_args=True, init_strategy=init_to_median
        )
        start, move = hmc(potential_fn_gen=begun.potential_fn, algo="NUTS")

        def chain(key: Array, record: SpendingRecord) -> Any:
            state = start(
                begun.param_info.z,
                warmup,
                model_args=(record,),
                dense_mass=True,
                rng_key=key,
                max_tree_depth=_SHORT_TREES,
            )
            _, path = jax.lax.scan(lambda at, _: (move(at, model_args=(record,)),) * 2, state, length=warmup + draws)
            return {name: values[warmup:] for name, values in path.z.items()}

        keys = jax.random.split(jax.random.key(seed + 1), count)
        unbounded = jax.jit(jax.vmap(chain))(keys, records)
        probability = {name: np.asarray(jax.nn.sigmoid(unbounded[latent(name)])) for name in (*SAMPLED, SPREAD)}
        values = {name: np.asarray(quantile(registry()[name], jnp.asarray(probability[name]))) for name in SAMPLED}
    values[SPREAD] = np.asarray(spread_of(probability[SPREAD]))
    return [{name: rows[number] for name, rows in values.items()} for number in range(count)]


@cache
def _sampler(chains: int, warmup: int, draws: int, _past: int) -> MCMC:
    """One compiled program for all records of as many quarters: it cannot be run again on another number."""
    kernel = NUTS(model, init_strategy=init_to_median, dense_mass=True)
    return MCMC(
        kernel,
        num_warmup=warmup,
        num_samples=draws,
        num_chains=chains,
        chain_method="vectorized",
        progress_bar=False,
        jit_model_args=True,
    )


def model(record: SpendingRecord) -> None:
    """The NumPyro model: priors of the tables, and the total of each quarter one quarter ahead."""
    values = {name: _drawn(name, registry()[name]) for name in SAMPLED}
    probability = numpyro.sample(latent(SPREAD), distributions.Uniform(0, 1))
    spread = numpyro.deterministic(SPREAD, spread_of(probability))
    numpyro.factor("filed spending", log_likelihood(record, world_of(values), jnp.atleast_1d(spread))[0])


def world_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The core's world at sampled values, everything else at its mode; values are numbers or (world,)."""
    count = max(jnp.size(value) for value in values.values())
    rows = [f"builder.{player}.{field}" for player in PLAYERS for field in PLAYER_PARAMETERS]
    modes: dict[str, Any] = {name: np.full(count, registry()[name].value) for name in (*PARAMETERS, *rows)}
    return core_world(modes | {name: jnp.atleast_1d(value) for name, value in values.items()})


def total_errors(record: SpendingRecord, world: World) -> Float[Array, "quarter world"]:
    """Logarithm of the filed total over the predicted one; NaN where either is not known."""
    # A gradient through what nobody filed is no number even where it is masked later, so it never enters.
    known = jnp.isfinite(record.spending_usd_bn) & jnp.isfinite(record.cash_flow_usd_bn) & jnp.isfinite(record.share)
    debt = record.net_debt_usd_bn
    filled = replace(
        record,
        spending_usd_bn=jnp.where(known, record.spending_usd_bn, 1),
        share=jnp.where(known, record.share, 1),
        cash_flow_usd_bn=jnp.where(known, record.cash_flow_usd_bn, 1),
        net_debt_usd_bn=jnp.where(jnp.isfinite(debt), debt, -_NO_LIMIT_USD_BN),
    )
    predicted = jnp.sum(one_quarter_ahead(filled, world), axis=0)[:-1]
    filed = jnp.sum(filled.spending_usd_bn, axis=0)[1:, jnp.newaxis]
    complete = jnp.all(known, axis=0)
    seen = (complete[1:] & complete[:-1])[:, jnp.newaxis]
    return jnp.where(seen, jnp.log(filed) - jnp.log(predicted), jnp.nan)


def log_likelihood(record: SpendingRecord, world: World, spread: Float[Array, "world"]) -> Float[Array, "world"]:
    """Of the total of each quarter one quarter ahead, errors normal with a given spread."""
    error = total_errors(record, world)
    seen = jnp.isfinite(error)
    density = distributions.Normal(0, spread).log_prob(jnp.where(seen, error, 0))
    return jnp.sum(jnp.where(seen, density, 0), axis=0)


def spread_of(probability: Any) -> Any:
    """The spread at a probability of its prior."""
    low, high = SPREAD_RANGE
    return low * (high / low) ** probability


def _drawn(name: str, entry: Parameter) -> Any:
    probability = numpyro.sample(latent(name), distributions.Uniform(0, 1))
    return numpyro.deterministic(name, quantile(entry, probability))
