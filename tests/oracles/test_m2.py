"""M2: effective number of contributors where k groups rise alike.

Expected: k, whatever the others do and whatever the unit.
Source: definition of an effective number.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from headrace.equations.market import contributors

GROUPS = 17


@pytest.mark.parametrize("k", range(1, GROUPS + 1))
@pytest.mark.parametrize("rise", [1e-6, 0.25, 4e5])
def test_k_equal_contributors_count_as_k(k: int, rise: float) -> None:
    before = np.zeros(GROUPS)
    after = np.where(np.arange(GROUPS) < k, rise, -3.0 * rise)
    assert float(contributors(jnp.asarray(after), jnp.asarray(before))) == pytest.approx(k, rel=1e-14)


def test_one_that_outweighs_all_is_one() -> None:
    after = np.full(GROUPS, 1e-9)
    after[3] = 1.0
    assert float(contributors(jnp.asarray(after), jnp.zeros(GROUPS))) == pytest.approx(1, abs=1e-7)
