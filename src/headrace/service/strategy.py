"""Strategy for the faces: which game the race is, what holds it up and what would stop it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import xarray as xr

from headrace.analyses.dilemma import measured
from headrace.analyses.dilemma.sentences import dilemma_headlines
from headrace.posterior import Posterior
from headrace.scenarios import Spec
from headrace.simulation.strategies import STRATEGIES
from headrace.world import QUARTERS, SEED, World, world_behind, world_of

__all__ = ["dilemma", "dilemma_headlines"]

DRAWS = 256
"""Worlds of a question, unless someone asks for another number: each is run under every profile."""


def dilemma(
    of: Spec | World | xr.Dataset = "baseline",
    *,
    strategies: Sequence[str] = STRATEGIES,
    draws: int = DRAWS,
    seed: int = SEED,
    quarters: int = QUARTERS,
    as_of: str | None = None,
    settings: Mapping[str, float] | None = None,
    without: Sequence[str] = (),
    posterior: Posterior | str | Path | None = None,
    terminal_growth: float | None = None,
    other_levels: bool = True,
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """Is the race for compute a prisoner's dilemma, and what would break it?

    Payoffs are simulated: each of the profiles of ``strategies`` × five builders is run on the same draws, and a
    builder's payoff is the present value of its free cash flow.

    ::

        found = hr.dilemma()
        found["class_share"].sel(pair="restrain or race").to_pandas()

    Args:
        of: A scenario as :func:`headrace.simulate` takes it, a World, or a Dataset, whose recipe leads back to its
            World; of a Dataset at most the first ``draws`` draws.
        strategies: Two or three of ``restrain`` (a fixed share of what all together would spend), ``follow`` (hold the
            share against what rivals spent last) and ``race`` (its share of the most that fear carries), all under
            funding.
        draws: Worlds.
        seed: Of the draws; with the five options below it is for scenarios, a World brings its own.
        quarters: Of the run.
        as_of: ISO date; only filings made by then.
        settings: Parameters held at a value in every draw.
        without: Fears that are switched off.
        posterior: Draws that stand in the place of priors.
        terminal_growth: At which free cash flow of the last year goes on for ever [1/year]; when left out, compute in
            service at the end runs off over its economic life.
        other_levels: Whether to vary the levels of the first and the last strategy by a quarter.
        progress: Called with what is going on and the share done.

    Returns:
        See :func:`headrace.analyses.dilemma.table.read` and :func:`headrace.analyses.dilemma.today.spending_today`.

    Raises:
        GameError: Fewer than two strategies, or one twice.
        UnknownNameError: A strategy that there is not.
        InvestmentError: A cost of capital that is not above ``terminal_growth``.
        EndedError: No draw runs to the end under every profile.
        HeadraceError: Whatever :func:`headrace.simulate` refuses.
    """
    if isinstance(of, xr.Dataset):
        world = world_behind(of, posterior)
        world = replace(world, draws=min(world.draws, draws))
    elif isinstance(of, World):
        world = of
    else:
        world = world_of(
            of,
            draws=draws,
            seed=seed,
            quarters=quarters,
            as_of=as_of,
            settings=settings,
            without=without,
            posterior=posterior,
        )
    return measured.dilemma(
        world, strategies=strategies, terminal_growth=terminal_growth, other_levels=other_levels, progress=progress
    )
