"""What accelerators that shipped could compute per MW, what they took of each layer, and the mix of every year.

Shipments are a count by others (Epoch AI, key ``epoch_chip_counts``); power and compute of a chip are our recipes.
Quarters of a chip rise and fall together, as the published percentiles of its quarters and of its total do; chips are
drawn apart, so a total over chips is a little too sure of itself. Percentiles are never summed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace.parameters import recipes
from headrace.parameters.priors import uniform_numbers
from headrace.periods import quarter_index
from headrace.units import KW_PER_GW, KW_PER_MW, QUARTERS_PER_YEAR

Draws = NDArray[np.float64]
Values = Mapping[str, Draws]

YEARS = (2022, 2023, 2024, 2025)
"""Calendar years that the counts cover from first to last day: NVIDIA in all of them, TPU from 2023, AMD and Trainium
from 2024."""

_UPPER_TAIL = 0.95
"""Shipments are published with their 5th and 95th percentile."""


@dataclass(frozen=True)
class Shipments:
    """One chip: who makes it, which recipe it has, and how many shipped by quarter.

    Attributes:
        chip: As the source calls it.
        maker: Who sells it.
        generation: Of ``recipe.toml``.
        first_quarter: Of the arrays.
        units_low: 5th percentile, (quarter,).
        units: Median, (quarter,).
        units_high: 95th percentile, (quarter,).
    """

    chip: str
    maker: str
    generation: str
    first_quarter: str
    units_low: Draws
    units: Draws
    units_high: Draws


def compute_per_mw(draws: Values, shipped: Mapping[str, Draws]) -> tuple[Draws, Draws]:
    """H100 equivalents per MW of IT: of everything shipped by the end of a year, and of what shipped in it.

    Args:
        draws: Parameters by dotted name, shape (world,).
        shipped: Units by generation, (year, world), from :func:`shipped_units`.

    Returns:
        Fleet and frontier, both (year, world). Nothing retires: the oldest here is four years old.
    """
    compute = np.sum([units * _fact(draws, generation, "h100e") for generation, units in shipped.items()], axis=0)
    power = np.sum(list(_power_mw(draws, shipped).values()), axis=0)
    return np.cumsum(compute, axis=0) / np.cumsum(power, axis=0), compute / power


def mix_compute_per_mw(draws: Values, field: str) -> Draws:
    """H100 equivalents per MW of IT of what ships at a time: ``share_now`` or ``share_next``, shape (world,)."""
    mix = recipes.mix_of(draws, field)
    per_kw = np.stack([share * _fact(draws, g, "h100e") / _fact(draws, g, "it_power_kw") for g, share in mix.items()])
    return np.asarray(per_kw.sum(axis=0) * KW_PER_MW)


def shipped_power_shares(draws: Values, shipped: Mapping[str, Draws]) -> dict[str, Draws]:
    """Share of each generation in the IT power that shipped, by generation, (year, world)."""
    power = _power_mw(draws, shipped)
    whole = np.sum(list(power.values()), axis=0)
    return {generation: mw / whole for generation, mw in power.items()}


def units_needed(draws: Values, shipped: Mapping[str, Draws], layer: str) -> tuple[Draws, Draws]:
    """Native units of an IT layer that went into what shipped, and the share of its IT power that is accounted for.

    Generations without a full recipe are left out of the first, and their power out of the second.

    Returns:
        Units and share, both (year, world).
    """
    power = _power_mw(draws, shipped)
    known = {g: mw for g, mw in power.items() if f"{recipes.PREFIX}{g}.hbm_stacks" in draws}
    units = np.sum([mw * KW_PER_MW / KW_PER_GW * recipes.per_gw(draws, g, layer) for g, mw in known.items()], axis=0)
    return units, np.sum(list(known.values()), axis=0) / np.sum(list(power.values()), axis=0)


def shipped_units(seed: int, count: int, maker: str | None = None) -> dict[str, Draws]:
    """Joint draws of units shipped in each of :data:`YEARS` by generation, (year, world).

    Args:
        seed: Any integer in 0 .. 2**63 - 1.
        count: Number of worlds.
        maker: Only what this maker sold; every maker when left out.
    """
    from scipy.special import ndtri  # here, because importing it takes a quarter of a second

    chips = [one for one in shipments() if maker in (None, one.maker)]
    normal = ndtri(uniform_numbers([f"shipped.{one.chip}" for one in chips], seed, 0, count))
    found: dict[str, Draws] = {}
    for one, deviate in zip(chips, normal, strict=True):
        spread = np.log(one.units_high / one.units_low) / (2 * ndtri(_UPPER_TAIL))
        by_quarter = one.units[:, np.newaxis] * np.exp(spread[:, np.newaxis] * deviate)
        before = found.get(one.generation, np.zeros((len(YEARS), count)))
        found[one.generation] = before + _by_year(by_quarter, one.first_quarter)
    return found


@cache
def shipments() -> tuple[Shipments, ...]:
    """Every chip of ``data/shipped_accelerators.toml``."""
    return tuple(
        Shipments(
            chip=chip,
            maker=row["maker"],
            generation=row["generation"],
            first_quarter=row["first_quarter"],
            units_low=np.array(row["units_low"], dtype=np.float64),
            units=np.array(row["units"], dtype=np.float64),
            units_high=np.array(row["units_high"], dtype=np.float64),
        )
        for chip, row in _table().items()
        if chip != "total"
    )


def published_compute_per_mw() -> tuple[dict[str, float], dict[int, float]]:
    """What the source makes of NVIDIA: H100 equivalents per MW of the chips alone, hosts and switches left out.

    Returns:
        Of everything shipped from 2022Q1 to the end of a quarter, by quarter; and of what shipped in a year, by year.
    """
    totals = {row["quarter"]: (row["h100e"], row["chip_power_mw"]) for row in _table()["total"]}
    fleet = {quarter: h100e / mw for quarter, (h100e, mw) in totals.items()}
    frontier: dict[int, float] = {}
    before = (0.0, 0.0)
    for year in YEARS:
        h100e, mw = totals[f"{year}Q4"]
        frontier[year] = (h100e - before[0]) / (mw - before[1])
        before = (h100e, mw)
    return fleet, frontier


@cache
def _table() -> dict[str, Any]:
    text = (files("headrace") / "data" / "shipped_accelerators.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _power_mw(draws: Values, shipped: Mapping[str, Draws]) -> dict[str, Draws]:
    return {g: units * _fact(draws, g, "it_power_kw") / KW_PER_MW for g, units in shipped.items()}


def _by_year(by_quarter: Draws, first_quarter: str) -> Draws:
    years = (quarter_index(first_quarter) + np.arange(len(by_quarter))) // QUARTERS_PER_YEAR
    return np.stack([by_quarter[years == year].sum(axis=0) for year in YEARS])


def _fact(draws: Values, generation: str, field: str) -> Draws:
    return draws[f"{recipes.PREFIX}{generation}.{field}"]
