"""One small future for every unit test that reads one, and strict arithmetic wherever a test computes with JAX.

Each shape of a run costs a compilation, so tests share one number of draws and of quarters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

DRAWS, QUARTERS = 64, 40


@pytest.fixture(scope="module", autouse=True)
def strict_numerics(request: pytest.FixtureRequest) -> Iterator[None]:
    """Files that import ``jax.numpy`` run in 64-bit and fail on a broadcast that nobody wrote down."""
    if "jnp" not in vars(request.module):
        yield
        return
    import jax

    with jax.enable_x64(True), jax.numpy_rank_promotion("raise"):
        yield


@pytest.fixture(scope="session")
def past() -> Any:
    from headrace import service

    return service.history()


@pytest.fixture(scope="session")
def future() -> Any:
    """The baseline, 64 draws; tests that change it change a copy."""
    from headrace import service

    return service.simulate("baseline", draws=DRAWS, quarters=QUARTERS)
