"""Which assumptions move a figure most: rank correlation of each drawn parameter with it over the draws of a run.

The draws are made again from the recipe of the run, so any saved result can be asked. A correlation is not a gradient:
it weighs a parameter by how uncertain it is, which is what a reader of an interval wants to know. Parameters of a
posterior are left out: a recipe names their file and does not hold their draws.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import registry
from headrace.results import recipe

FEWEST_DRAWS = 30
"""Below it a rank correlation of 200 parameters says more of chance than of any of them."""


@dataclass(frozen=True)
class Mover:
    """A parameter and its Spearman rank correlation with a figure, -1..1."""

    name: str
    correlation: float


def movers(future: xr.Dataset, figure: ArrayLike, most: int = 3, among: Iterable[str] | None = None) -> list[Mover]:
    """The parameters that move a figure most, strongest first.

    Args:
        future: The run that the figure was read in.
        figure: One value a draw, (draw,).
        most: How many at the most.
        among: Names of parameters to choose from; all that are uncertain in the run when left out.

    Returns:
        Nothing where the figure is the same in every draw, is not known in some, or the run has under 30 draws.
    """
    values = np.asarray(figure, dtype=np.float64)
    if values.size < FEWEST_DRAWS or not np.isfinite(values).all() or np.ptp(values) == 0:
        return []
    world = recipe(future)
    kept = future["draw"].values.astype(np.int64).tobytes()
    learnt = (world.get("posterior") or {}).get("parameters", ())
    names, ranks = _ranks(world["seed"], world["draws"], json.dumps(sorted({*world["held"], *learnt})), kept)
    own = _standardised(_ranked(values[np.newaxis]))[0]
    correlations = ranks @ own / values.size
    chosen = set(names if among is None else among)
    found = [Mover(name, float(value)) for name, value in zip(names, correlations, strict=True) if name in chosen]
    return sorted(found, key=lambda mover: -abs(mover.correlation))[:most]


@cache
def _ranks(seed: int, draws: int, held: str, kept: bytes) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Names of the uncertain parameters of a run, and their standardised ranks over kept draws, (parameter, draw)."""
    uncertain = [entry for name, entry in registry().items() if entry.is_uncertain and name not in json.loads(held)]
    drawn = draw_parameters(uncertain, seed, 0, draws)
    values = np.stack(list(drawn.values()))[:, np.frombuffer(kept, np.int64)]
    return tuple(drawn), _standardised(_ranked(values))


def _ranked(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks along the last axis; equal values, which continuous draws do not have, keep their order."""
    return rows.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable").astype(np.float64)


def _standardised(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    scaled: NDArray[np.float64] = centred / centred.std(axis=1, keepdims=True)
    return scaled
