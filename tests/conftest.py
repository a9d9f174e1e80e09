"""What every test stands on: shapes checked, 64-bit, silent rank promotion refused, Hypothesis profiles, a clean shell.

The shape check is a hook on import, so it is placed here, before any test can import an equation.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest
from jaxtyping import install_import_hook

ROOT = Path(__file__).resolve().parent.parent

# Kept between runs of the suite and shared by its processes: each shape of the loop is compiled once.
COMPILED = ROOT / ".pytest_cache" / "compiled"
os.environ["JAX_COMPILATION_CACHE_DIR"] = str(COMPILED)

# No test reads or writes the facts that whoever runs it has fetched; this folder is never made.
os.environ["HEADRACE_STORE"] = str(ROOT / ".pytest_cache" / "no store")

# A shell that starts the suite in the background has it ignore Ctrl-C, and whatever a test starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

install_import_hook("headrace.equations", "beartype.beartype")

hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=5000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

_STRICT_NUMERICS = {"equations", "simulation", "laws", "oracles"}


@pytest.fixture(scope="module", autouse=True)
def strict_numerics(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests of the equations and the loop run in 64-bit and fail on a broadcast that nobody wrote down."""
    if not _STRICT_NUMERICS & set(request.path.parts):
        yield
        return
    import jax

    with jax.enable_x64(True), jax.numpy_rank_promotion("raise"):
        yield


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store of whoever asks for none by name: an empty one, another for each test."""
    store = tmp_path / "own store"
    monkeypatch.setenv("HEADRACE_STORE", str(store))
    return store


@pytest.fixture
def planted_fears(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, float]:
    """Worlds that spend a known sum for each fear a quarter and one unit without any, in proportion to its strength."""
    import numpy as np

    from headrace import scenarios
    from headrace.world import World

    added = {"corporate": 3.0, "technological": 0.0, "investor": 0.75, "national": -0.25}

    def outputs(world: World, wanted: frozenset[str], progress: object = None) -> tuple[dict[str, object], object]:
        strength = {name: 0.0 if name in world.without else 1.0 for name in added}
        for change in world.scenario.changes:
            for name, fear in scenarios.fears().items():
                if change.multiply is not None and change.parameter in fear.off:
                    strength[name] = change.multiply
        spent = 1 + sum(strength[name] * size for name, size in added.items())
        # Draws differ by a factor that neither a share nor a strength knows of.
        paid = np.multiply.outer(1 + np.arange(world.draws), np.full((world.quarters, 5), spent / 5))
        return {"capital_expenditure_usd_bn": paid, "world_status": np.zeros(paid.shape[:2], int)}, None

    monkeypatch.setattr(World, "outputs", outputs)
    return added


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def filings() -> ModuleType:
    """Companyfacts documents written by hand: ``tests/filings.py``."""
    spec = importlib.util.spec_from_file_location("filings", ROOT / "tests" / "filings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["filings"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def headrace(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``headrace`` as a user does: another process, an empty folder, warnings not errors."""

    def command(
        *arguments: str, cwd: Path = tmp_path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "headrace", *arguments],
            cwd=cwd,
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")} | dict(environment or {}),
            capture_output=True,
            text=True,
        )

    return command
