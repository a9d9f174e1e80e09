"""Comparisons for the faces: two scenarios on the same random numbers, and what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import xarray as xr

from headrace.analyses import comparison
from headrace.analyses.comparison import Comparison
from headrace.ensemble import PRECISION
from headrace.posterior import Posterior
from headrace.scenarios import Spec
from headrace.service import worlds
from headrace.variables import table

__all__ = ["compare"]


def compare(
    base: Spec | xr.Dataset,
    other: Spec | xr.Dataset,
    *,
    draws: int = 2000,
    seed: int = 7,
    quarters: int = 40,
    as_of: str | None = None,
    settings: Mapping[str, float] | None = None,
    without: Sequence[str] = (),
    posterior: Posterior | str | Path | None = None,
    precision: Literal[32, 64] = PRECISION,
    progress: Callable[[str, float], None] | None = None,
) -> Comparison:
    """Paired differences of two scenarios, draw by draw, and which links of the loop carried them.

    Args:
        base: A scenario as :func:`headrace.simulate` takes it, or a future that it returned.
        other: Likewise; differences are ``other`` less ``base``.
        draws: Worlds of each; with the options below up to ``precision`` it is for scenarios, futures bring their own.
        seed: Of both.
        quarters: Of both.
        as_of: ISO date; only filings made by then.
        settings: Parameters held at a value in every draw of both.
        without: Fears that are switched off in both.
        posterior: Draws that stand in the place of priors in both.
        precision: Bits of the loop's arithmetic.
        progress: Called with what is going on and the share done.

    Returns:
        ``figures``, a Dataset of differences, links and what binds, and ``headlines``, the same in sentences.

    Raises:
        RequestError: The two do not share seed, draws, quarters or start.
        EndedError: No draw runs to the end in both.
        HeadraceError: Whatever :func:`headrace.simulate` refuses.
    """
    report = progress or (lambda _text, _share: None)
    kept = [name for name in comparison.COMPARED if name in table()]

    def future(spec: Spec | xr.Dataset, done: float) -> xr.Dataset:
        if isinstance(spec, xr.Dataset):
            return spec
        return worlds.simulate(
            spec,
            draws=draws,
            seed=seed,
            quarters=quarters,
            as_of=as_of,
            settings=settings,
            without=without,
            posterior=posterior,
            variables=kept,
            precision=precision,
            progress=lambda text, share: report(text, done + share / 2),
        )

    return comparison.compare(future(base, 0.0), future(other, 0.5))
