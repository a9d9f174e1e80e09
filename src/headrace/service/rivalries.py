"""Rivalry for the faces: which game it is, what fears hold up, and whether filings show builders following."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import xarray as xr

from headrace.analyses import fears as fear_game
from headrace.analyses import reactions as reaction_curve
from headrace.analyses.dilemma import measured
from headrace.analyses.dilemma import safety as safety_game
from headrace.analyses.dilemma.safety_sentences import safety_headlines
from headrace.analyses.dilemma.sentences import dilemma_headlines
from headrace.analyses.fear_headlines import fear_headlines, is_told_from_zero
from headrace.analyses.reaction_headlines import reaction_headlines
from headrace.ensemble import PRECISION
from headrace.evidence.history import history
from headrace.posterior import Posterior
from headrace.scenarios import Spec
from headrace.simulation.strategies import STRATEGIES
from headrace.world import QUARTERS, SEED, World, world_behind, world_of

__all__ = [
    "dilemma",
    "dilemma_headlines",
    "fear_headlines",
    "fears",
    "is_told_from_zero",
    "reaction_headlines",
    "reactions",
    "safety",
    "safety_headlines",
]

DRAWS = 256
"""Worlds, unless someone asks for another number: each is simulated many times."""


def dilemma(
    of: World | xr.Dataset | Spec = "baseline",
    *,
    strategies: Sequence[str] = (),
    draws: int = DRAWS,
    seed: int = SEED,
    quarters: int = QUARTERS,
    as_of: str | None = None,
    settings: Mapping[str, float] | None = None,
    without: Sequence[str] = (),
    posterior: Posterior | str | Path | None = None,
    precision: Literal[32, 64] = PRECISION,
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
            World.
        strategies: Two or three of ``restrain`` (a fixed share of what all together would spend), ``follow`` (hold the
            share against what rivals spent last) and ``race`` (its share of the most that fear carries), all under
            funding; all three when empty.
        draws: Worlds; this and what follows up to ``precision`` is for scenarios, a Dataset or a World brings its own.
        seed: Of the draws.
        quarters: Of the run.
        as_of: ISO date; only filings made by then.
        settings: Parameters held at a value in every draw.
        without: Fears that are switched off.
        posterior: Draws that stand in the place of priors; of a Dataset, those of its run if their file is gone.
        precision: Bits of the loop's arithmetic.
        terminal_growth: At which free cash flow of the last year goes on for ever [1/year]; when left out, compute in
            service at the end runs off over its economic life.
        other_levels: Whether to vary the levels of the first and the last strategy by a quarter, and to look for best
            replies.
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
    world = world_asked(of, draws, seed, quarters, as_of, settings, without, posterior, precision)
    return measured.dilemma(
        world,
        strategies=strategies or STRATEGIES,
        terminal_growth=terminal_growth,
        other_levels=other_levels,
        progress=progress,
    )


def safety(
    of: World | xr.Dataset | Spec = "baseline",
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    quarters: int = QUARTERS,
    as_of: str | None = None,
    settings: Mapping[str, float] | None = None,
    without: Sequence[str] = (),
    posterior: Posterior | str | Path | None = None,
    precision: Literal[32, 64] = PRECISION,
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """What builders would keep of safety in the race, under assumptions that stand on the axes: a what-if.

    ::

        found = hr.safety()
        found["safety"].sel(capability_weight=1).median("draw").to_pandas()

    Args:
        of: A scenario as :func:`headrace.simulate` takes it, a World, or a Dataset, whose recipe leads back to its
            World.
        draws: Worlds; this and what follows up to ``precision`` is for scenarios, a Dataset or a World brings its own.
        seed: Of the draws.
        quarters: Of the run; only its start is asked for.
        as_of: ISO date; only filings made by then.
        settings: Parameters held at a value in every draw.
        without: Fears that are switched off.
        posterior: Draws that stand in the place of priors; of a Dataset, those of its run if their file is gone.
        precision: Bits of the loop's arithmetic.
        progress: Called with what is going on and the share done.

    Returns:
        See :func:`headrace.analyses.dilemma.safety.safety`.

    Raises:
        HeadraceError: Whatever :func:`headrace.simulate` refuses.
    """
    world = world_asked(of, draws, seed, quarters, as_of, settings, without, posterior, precision)
    return safety_game.safety(world, progress)


def fears(
    of: World | xr.Dataset | Spec = "baseline",
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    quarters: int = QUARTERS,
    as_of: str | None = None,
    settings: Mapping[str, float] | None = None,
    without: Sequence[str] = (),
    posterior: Posterior | str | Path | None = None,
    precision: Literal[32, 64] = PRECISION,
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """What the four fears hold up of the capital expenditure of the five, and whether weaker ones would halve it.

    ::

        answer = hr.fears("baseline")
        answer["contribution_usd_bn"].sum("year").quantile([0.05, 0.5, 0.95], "draw")

    Every coalition of fears is a run of the same draws with the other fears off from the first quarter on, and so is
    every strength at which they are weakened.

    Args:
        of: A scenario as :func:`simulate` takes it, a future that it returned, a history, or a World.
        draws: Worlds, 1 .. 1,000,000; this and what follows is for scenarios, a Dataset or a World brings its own.
        seed: Of the draws, 0 .. 2**63 - 1.
        quarters: How many to simulate, 1 .. 400; halving is asked of the eighth.
        as_of: ISO date; only filings made by then.
        settings: Parameters held at a value in every draw.
        without: Fears that are switched off throughout: they are no players.
        posterior: Draws that stand in the place of priors; of a Dataset, those of its run if their file is gone.
        precision: Bits of the loop's arithmetic.
        progress: Called with what is going on and the share done.

    Returns:
        As :func:`headrace.analyses.fears.fears` has it: ``spending_usd_bn`` (coalition, draw, year),
        ``contribution_usd_bn`` (fear, draw, year), ``left_share`` (fear, draw), ``ratio`` (weakened, strength, draw)
        and ``halving_strength`` (weakened, draw), with units and status in their attributes and the recipe of the
        World in ``attrs["world"]``.

    Raises:
        ScenarioError: The scenario moves what carries a fear, so that the fear cannot be switched off.
        RequestError: Every fear is off already, or a Dataset has no recipe.
        EndedError: No draw runs to the end in every run.
        HeadraceError: Whatever :func:`simulate` refuses.
    """
    world = world_asked(of, draws, seed, quarters, as_of, settings, without, posterior, precision)
    return fear_game.fears(world, progress)


def reactions(
    *,
    as_of: str | None = None,
    only: Mapping[str, object] | None = None,
    permutations: int = reaction_curve.SHUFFLES,
    seed: int = reaction_curve.SEED,
) -> xr.Dataset:
    """Whether builders have spent more where their rivals did: a specification curve over filings, and a placebo.

    ::

        curve = hr.reactions()["curve"].to_pandas()

    It is not an identified best response: a common shock and an answer to rivals leave the same figures.

    Args:
        as_of: ISO date; only filings made by then.
        only: Choices that are kept, such as ``{"frequency": "annual", "builders": 4}``; every one when left out.
        permutations: Shuffles of each placebo, 19 or more.
        seed: Of them.

    Returns:
        As :func:`headrace.analyses.reactions.reactions` has it, by specification and by question.

    Raises:
        PeriodError: ``as_of`` is no date, or before the first filing.
        EvidenceError: Too few whole years had been filed by then.
        RequestError: Too few permutations, or choices that no specification makes.
    """
    past = history(as_of).isel(draw=0)
    spending, cash_flow = (past[f"{name}_usd_bn"] for name in ("capital_expenditure", "operating_cash_flow"))
    found = reaction_curve.reactions(spending, cash_flow, only=only, permutations=permutations, seed=seed)
    return found.assign_attrs(
        as_of=past.attrs["as_of"],
        command=f"headrace reactions --as-of {past.attrs['as_of']}",
        call=f'hr.reactions(as_of="{past.attrs["as_of"]}")',
        world=past.attrs["world"],
    )


def world_asked(
    of: World | xr.Dataset | Spec,
    draws: int,
    seed: int,
    quarters: int,
    as_of: str | None,
    settings: Mapping[str, float] | None,
    without: Sequence[str],
    posterior: Posterior | str | Path | None,
    precision: Literal[32, 64],
) -> World:
    """The World that is asked: itself, the one behind a Dataset, or that of a scenario."""
    if isinstance(of, World):
        return of
    if isinstance(of, xr.Dataset):
        return world_behind(of, posterior)
    return world_of(
        of,
        draws=draws,
        seed=seed,
        quarters=quarters,
        as_of=as_of,
        settings=settings,
        without=without,
        posterior=posterior,
        precision=precision,
    )
