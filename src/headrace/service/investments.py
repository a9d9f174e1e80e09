"""Investment for the faces: when what is paid for AI comes back, and what must be true for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import xarray as xr

from headrace.analyses.payback import question
from headrace.analyses.payback.drivers import driver
from headrace.analyses.payback.question import TARGET_YEARS, headlines
from headrace.analyses.payback.records import records
from headrace.ensemble import PRECISION
from headrace.posterior import Posterior
from headrace.scenarios import Spec
from headrace.world import QUARTERS, SEED, World, world_of

__all__ = ["check_drivers", "payback", "payback_headlines", "payback_records"]

DRAWS = 1000
"""Worlds, unless someone asks for another number."""

payback_headlines = headlines
payback_records = records


def check_drivers(names: Sequence[str]) -> None:
    """Refuse drivers that do not exist, before anything is computed.

    Raises:
        UnknownNameError: Naming what is unknown, and near matches.
    """
    for name in names:
        driver(name)


def payback(
    of: World | xr.Dataset | Spec = "baseline",
    *,
    vintage: str | None = None,
    target_years: float = TARGET_YEARS,
    drivers: Sequence[str] = (),
    interest: bool = False,
    players_only: bool = False,
    terminal_growth: float | None = None,
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
    """When AI assets pay back, what moves that, and what must be true for a stated payback.

    ::

        answer = hr.payback("baseline", vintage="2027Q1", target_years=4.2, drivers=["price", "it_life"])
        answer["required_value"].sel(driver="price")

    A vintage is what was paid for AI in one quarter. Its cost is what was paid for IT and sites, and for used shells
    that its IT takes over; its income is price × utilisation × its GW × their quality × margin share, until its IT has
    retired as the loop retires it (a share of one over the economic life a quarter), and the residual value of the
    shells it leaves. Revenue of all vintages and of what was paid before the run adds up to that of the fleet. Cash is
    after tax.

    Args:
        of: A future that :func:`simulate` returned, a history, a World, or a scenario as :func:`simulate` takes it.
        vintage: Such as ``"2027Q1"``, of which drivers are asked; the first of the run when left out.
        target_years: Payback looked for [year], > 0.
        drivers: ``utilisation``, ``price``, ``adoption``, ``it_life``, ``cost_of_capital``, ``unit_cost``,
            ``elasticity``, ``margin``, ``progress``, ``power``, ``fear``, ``facility_life``, ``tax``; the first six
            when empty.
        interest: Look for a payback with interest at the cost of capital; for the driver ``cost_of_capital`` it always
            is.
        players_only: Follow what the five players have paid for alone.
        terminal_growth: Of the margin of a GW in service after the run [1/quarter], > -1; that of the last year of the
            run, and no more than 0, when left out.
        draws: Worlds; this and what follows is for scenarios, a Dataset or a World brings its own.
        seed: Of the draws.
        quarters: How many to simulate; vintages are followed that have one economic life of IT left.
        as_of: ISO date; only filings made by then.
        settings: Parameters held at a value in every draw.
        without: Fears that are switched off.
        posterior: Draws that stand in the place of priors; of a Dataset, those of its run if their file is gone.
        precision: Bits of the loop's arithmetic.
        progress: Called with what is going on and the share done.

    Returns:
        By draw and vintage cost, payback [quarter, infinite where never], rate of return, net present value and what
        they are made of; by vintage the shares of draws that pay back; by ``moved`` driver the tornado of the stated
        vintage; by ``driver`` what must be true; by year the fleet, and by year and player the financing. Units,
        status and quality of each in its attributes.

    Raises:
        UnknownNameError: A driver, a scenario, a parameter or a fear does not exist.
        PeriodError: The vintage is outside the run.
        InvestmentError: The vintage or the run is shorter than an economic life, or what comes after the run grows as
            fast as it is discounted.
        RequestError: The Dataset lacks variables and has no recipe, or a number is outside its range.
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
    return question.payback(
        source,
        vintage=vintage,
        target_years=target_years,
        drivers=drivers,
        interest=interest,
        players_only=players_only,
        terminal_growth=terminal_growth,
        posterior=posterior,
        progress=progress,
    )
