"""How long the parts of a run take: timed by ``make bench``, run once and untimed by ``make test``."""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr
from pytest_benchmark.fixture import BenchmarkFixture

from headrace import service

pytestmark = pytest.mark.benchmark


@pytest.fixture(scope="module")
def future() -> xr.Dataset:
    """One block of draws over the usual span; compiles what the timings below use."""
    return service.simulate(draws=500, quarters=40)


def test_history(benchmark: BenchmarkFixture) -> None:
    past = benchmark(service.history)
    assert past.sizes["draw"] == 1


def test_simulate_one_block(benchmark: BenchmarkFixture, future: xr.Dataset) -> None:
    again = benchmark(service.simulate, draws=500, quarters=40)
    assert again.sizes == future.sizes


def test_headlines(benchmark: BenchmarkFixture, future: xr.Dataset) -> None:
    past = service.history()
    assert len(benchmark(service.headlines, future, past)) == 5


def test_save(benchmark: BenchmarkFixture, future: xr.Dataset, tmp_path: Path) -> None:
    benchmark(service.save, future, tmp_path / "results.zarr")
    assert (tmp_path / "results.zarr").stat().st_size > 0
