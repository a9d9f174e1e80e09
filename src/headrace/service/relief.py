"""Chokepoints for the faces: what binds, what relief is worth, and where the money must go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import xarray as xr

from headrace.analyses.chokepoints import question
from headrace.analyses.chokepoints.question import DATE, TARGET_GW
from headrace.analyses.chokepoints.sentences import chokepoint_headlines
from headrace.ensemble import PRECISION
from headrace.posterior import Posterior
from headrace.scenarios import Spec
from headrace.world import QUARTERS, SEED, World, world_of

__all__ = ["chokepoint_headlines", "chokepoints"]

DRAWS = 500
"""Worlds, unless someone asks for another number: a block of a run, so that its compiled program serves here too."""


def chokepoints(
    of: World | xr.Dataset | Spec = "baseline",
    *,
    date: str = DATE,
    target_gw: float = TARGET_GW,
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
    """What holds the build-out and what follows, what more of each layer is worth, and where the money must go.

    ::

        found = hr.chokepoints(date="2028Q4")
        found["use_value_usd"].sel(layer="packaging").isel(quarter=0).quantile([0.05, 0.5, 0.95])

    Args:
        of: A scenario as :func:`simulate` takes it, a future that it returned, a history, or a World.
        date: Quarter of the run at whose end compute is counted.
        target_gw: Compute that the cheapest bundle is to add by then [GW], > 0.
        draws: Worlds; this and what follows is for scenarios, a Dataset or a World brings its own.
        seed: Of the draws.
        quarters: How many to simulate.
        as_of: ISO date; only filings made by then.
        settings: Parameters held at a value in every draw.
        without: Fears that are switched off.
        posterior: Draws that stand in the place of priors; of a Dataset, those of its run if their file is gone.
        precision: Bits of the loop's arithmetic.
        progress: Called with what is going on and the share done.

    Returns:
        By draw, quarter and layer: ``tightness``, ``scarcity_price``, ``static_shadow_price`` [GW/GW] and, of one
        native unit (coordinate ``unit``) more in the quarter, ``static_value_usd`` if nothing else moved,
        ``gross_profit_usd`` to builders, ``use_value_usd`` to users, ``compute_w`` in service at the date, and
        ``use_value_over_price``; ``scarcity_rent_usd_bn`` by layer and ``scarcity_paid_usd_bn`` by builder;
        ``tightest_probability`` and ``binding_probability`` by quarter; what follows what, beside chance
        (:func:`headrace.analyses.chokepoints.sequence.sequence`); the cheapest bundle (``raised_share``, ``added_gw``,
        ``bundle_cost_usd_bn``, ``gained_gw``); and by year ``layer_spend_usd_bn`` and ``group_spend_usd_bn``, with
        ``group_spend_over_revenue`` of each supplier that files.

    Raises:
        PeriodError: The date is outside the run.
        RequestError: The target is not above 0, or the Dataset has no recipe.
        EndedError: No world reaches the end.
        HeadraceError: Whatever :func:`simulate` refuses.
    """
    if isinstance(of, World | xr.Dataset):
        source: World | xr.Dataset = of
    else:
        source = world_of(
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
    return question.chokepoints(source, date=date, target_gw=target_gw, posterior=posterior, progress=progress)
