"""What filings teach about parameters, for the faces."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headrace import __version__, posterior
from headrace.analyses.calibration import calibration, loop_calibration
from headrace.calibration import loop as full_loop
from headrace.calibration import sampler
from headrace.calibration.chains import Chains
from headrace.calibration.spending import last_complete_quarter, spending_record
from headrace.errors import RequestError
from headrace.evidence import archive
from headrace.evidence.archive import Archive
from headrace.parameters.registry import registry
from headrace.periods import parse_date
from headrace.posterior import Posterior

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Calibration", "calibrate", "read_posterior", "save_posterior"]

_MOST = {"chains": 64, "warmup": 100_000, "draws": 100_000}
_FEWEST = {"chains": 2, "warmup": 100, "draws": 100}


@dataclass(frozen=True)
class Calibration:
    """What :func:`calibrate` returns.

    Attributes:
        posterior: Draws, for ``hr.simulate(posterior=...)``.
        summary: Parameters before and after; see :func:`headrace.analyses.calibration.calibration`.
    """

    posterior: Posterior
    summary: xr.Dataset


def calibrate(
    *,
    as_of: str | None = None,
    loop: bool = False,
    chains: int = 4,
    warmup: int = 1000,
    draws: int = 1000,
    seed: int = 7,
) -> Calibration:
    """The posterior of parameters, from what had been filed and reported by a day.

    Args:
        as_of: ISO date; everything known when left out.
        loop: Whether to run the full loop from 2023Q1 and compare growth of spending, of accelerator sales and of
            model revenue, in place of the spending core and each quarter's spending.
        chains: 2 .. 64, run together.
        warmup: Steps of each in which the sampler adapts, 100 .. 100,000.
        draws: Kept of each chain, 100 .. 100,000.
        seed: 0 .. 2**63 - 1.

    Returns:
        Posterior and summary. A posterior whose chains disagree says so in ``posterior.fault`` and cannot be saved.

    Raises:
        PeriodError: ``as_of`` is no date, or what the core needs had not been filed by then.
        RequestError: A count is outside its range.
    """
    for name, value in (("chains", chains), ("warmup", warmup), ("draws", draws)):
        if not _FEWEST[name] <= value <= _MOST[name]:
            raise RequestError(f"{name} is {value:,}; wanted {_FEWEST[name]} to {_MOST[name]:,}")
    if not 0 <= seed < 2**63:
        raise RequestError(f"seed is {seed}; wanted a number of 63 bits, 0 or more")
    known = archive.load()
    if as_of is not None:
        known = known.as_of(parse_date(as_of, "as_of"))
    summary, found = (_of_loop if loop else _of_core)(known, chains=chains, warmup=warmup, draws=draws, seed=seed)
    parameters = [name for name in found.values if name in registry()]
    learnt = Posterior(
        draws={name: found.values[name].ravel() for name in parameters},
        as_of=as_of or f"{known.figures['filed'].max():%Y-%m-%d}",
        seed=seed,
        chains=chains,
        r_hat=max(found.r_hat(name) for name in found.probability),
        divergences=found.divergences,
        model=posterior.fingerprint(parameters),
        version=__version__,
    )
    summary.attrs |= {"as_of": learnt.as_of, "last_quarter": last_complete_quarter(known)}
    return Calibration(learnt, summary)


def _of_core(known: Archive, *, chains: int, warmup: int, draws: int, seed: int) -> tuple[xr.Dataset, Chains]:
    record = spending_record(known)
    found = sampler.sampled(record, chains=chains, warmup=warmup, draws=draws, seed=seed)
    return calibration(record, found, seed), found


def _of_loop(known: Archive, *, chains: int, warmup: int, draws: int, seed: int) -> tuple[xr.Dataset, Chains]:
    record = full_loop.loop_record(known)
    found = full_loop.sampled(record, chains=chains, warmup=warmup, draws=draws, seed=seed)
    return loop_calibration(found, seed), found


def read_posterior(path: str | os.PathLike[str]) -> Posterior:
    """A posterior that :func:`save_posterior` wrote.

    Raises:
        PosteriorError: The file is none, belongs to other priors, or its chains cannot be relied upon.
    """
    return posterior.read(Path(path))


def save_posterior(found: Posterior, path: str | os.PathLike[str]) -> None:
    """Write a posterior to a file, whole or not at all.

    Raises:
        PosteriorError: Its chains cannot be relied upon.
        OutputError: The file cannot be written.
    """
    posterior.write(found, Path(path))
