"""Powers of positive numbers, as compilers like them."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def power(base: Float[Array, "*base"], exponent: Float[Array, "*exponent"]) -> Float[Array, "*shape"]:
    r"""A positive number to any power, from an exponential and a logarithm.

    .. math:: b^e = \exp(e \ln b)

    Compilers for processors vectorise both and call a library for every single power: most of a quarter's time went
    there.

    Args:
        base: :math:`b` [1], > 0; the result is 0 at 0 where the exponent is positive.
        exponent: :math:`e` [1], broadcasts with the base.

    Returns:
        :math:`b^e` [1].

    Source:
        Identity; key ``identity``.
    """
    return jnp.exp(exponent * jnp.log(base))
