"""Blocs of nations for the faces: whether to restrict or subsidise when the others may do the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import xarray as xr

from headrace import scenarios
from headrace._types import Assumption
from headrace.analyses.blocs import measured
from headrace.analyses.blocs.dread import USD_BN_PER_POINT
from headrace.analyses.blocs.given import PREFIX
from headrace.analyses.blocs.given import given as given_parameters
from headrace.analyses.blocs.sentences import bloc_headlines
from headrace.ensemble import PRECISION
from headrace.evidence import sources
from headrace.posterior import Posterior
from headrace.scenarios import Spec
from headrace.service.rivalries import DRAWS, world_asked
from headrace.world import QUARTERS, SEED, World

__all__ = ["bloc_headlines", "bloc_parameters", "blocs"]


def blocs(
    of: World | xr.Dataset | Spec = "baseline",
    *,
    file: str | Path | None = None,
    players: Sequence[str] = (),
    strategies: Sequence[str] = (),
    profile: Mapping[str, str] | None = None,
    usd_bn_per_point: float = USD_BN_PER_POINT,
    given: Mapping[str, float] | None = None,
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
    """Should a bloc of nations restrict, subsidise or neither, when the others may do the same?

    Payoffs are simulated: each of the profiles of strategies × blocs is run on the same draws, and a bloc's payoff is
    the present value of what its buyers, owners and suppliers gain, less public money and what raising it costs.

    ::

        found = hr.blocs()
        found["effect_usd_bn"].sel(mover="united_states", move="restrict").quantile([0.05, 0.5, 0.95], "draw")

    Args:
        of: A scenario as :func:`headrace.simulate` takes it, a World, or a Dataset, whose recipe leads back to its
            World.
        file: Blocs of one's own in the form of ``data/blocs.toml``; those that come with headrace when left out.
        players: Two or more of them; all when empty. Those who do not play stay open.
        strategies: Two or more of ``open``, ``restrict``, ``subsidise`` and ``both``; all when empty.
        profile: Strategy of each bloc that plays; what it pays them is then in the answer besides.
        usd_bn_per_point: What a point of share in the world's compute is worth to a bloc that counts standing [USD bn].
        given: Parameters of the accounts held at a value, by dotted name, such as ``bloc.discount_rate``.
        draws: Worlds; this and what follows up to ``precision`` is for scenarios, a Dataset or a World brings its own.
        seed: Of the draws.
        quarters: Of the run.
        as_of: ISO date; only filings made by then.
        settings: Parameters held at a value in every draw; names that begin with ``bloc.`` are those of ``given``.
        without: Fears that are switched off.
        posterior: Draws that stand in the place of priors; of a Dataset, those of its run if their file is gone.
        precision: Bits of the loop's arithmetic.
        progress: Called with what is going on and the share done.

    Returns:
        See :func:`headrace.analyses.blocs.table.read` and :func:`headrace.analyses.blocs.dread.standing`.

    Raises:
        GameError: Fewer than two blocs or strategies, one named twice, a profile that leaves one out, or a worth of
            standing below zero.
        UnknownNameError: A bloc, a strategy or a parameter that there is not.
        ScenarioError: A file of blocs that breaks its form; a move that contradicts the scenario or falls outside the
            run.
        EndedError: No draw runs to the end under every profile.
        HeadraceError: Whatever :func:`headrace.simulate` refuses.
    """
    said = settings or {}
    loop = {name: value for name, value in said.items() if not name.startswith(PREFIX)}
    beyond = {name: value for name, value in said.items() if name not in loop} | dict(given or {})
    return measured.blocs(
        world_asked(of, draws, seed, quarters, as_of, loop, without, posterior, precision),
        table=None if file is None else scenarios.blocs_in(file),
        players=players,
        strategies=strategies,
        profile=profile,
        usd_bn_per_point=usd_bn_per_point,
        given=beyond,
        file="" if file is None else str(file),
        progress=progress,
    )


def bloc_parameters() -> list[Assumption]:
    """What the accounts of blocs take beyond the loop: value, basis and source of each."""
    return [
        Assumption(
            name=entry.name,
            label=entry.label,
            unit=entry.unit,
            basis=entry.basis,
            value=entry.value_text,
            low=entry.low,
            median=entry.value,
            high=entry.high,
            source_id=entry.source,
            source_title=sources.load()[entry.source].title,
            locator=entry.locator,
            quality=entry.quality,
            reason=entry.reason,
        )
        for entry in given_parameters().values()
    ]
