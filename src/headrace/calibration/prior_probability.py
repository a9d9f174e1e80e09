"""Parameters as probabilities of their priors: one scale for a sampler, and exactly the priors of the tables."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtri

from headrace.parameters.schema import Parameter

_TINY = 1e-12


def quantile(entry: Parameter, probability: Any) -> Any:
    """The inverse distribution function of :func:`headrace.parameters.priors.quantiles`, for one parameter, in JAX."""
    low, mode, high = entry.low, entry.value, entry.high
    if entry.shape == "uniform":
        return low + probability * (high - low)
    if entry.shape == "lognormal":
        centre, spread = np.log(low * high) / 2, np.log(high / low) / (2 * ndtri(0.95))
        return jnp.clip(jnp.exp(centre + spread * ndtri(probability)), *entry.range)
    # A root has no slope at 0, so each side is kept off the end where the other one holds.
    rising = low + jnp.sqrt(jnp.maximum(probability, _TINY) * (high - low) * (mode - low)) if mode > low else low
    falling = (
        high - jnp.sqrt(jnp.maximum(1 - probability, _TINY) * (high - low) * (high - mode)) if mode < high else high
    )
    return jnp.where(probability < (mode - low) / (high - low), rising, falling)


def latent(name: str) -> str:
    """The sampler's name of the probability that stands for a parameter."""
    return f"probability of {name}"
