"""Do capacity and demand alone order the rents of compute: dear in 2023, falling to October 2025, dearer in March 2026?

The price equation of the loop on accelerators as they shipped and adopters as Bass has them, without any term for time:
the price of an H100 equivalent is demand over fleet to the power of one over the price elasticity. Where it fails, the
growth of both sides says why.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtri

from headrace.analyses.recipes import shipments
from headrace.equations import adoption, demand
from headrace.evidence import archive
from headrace.evidence.run_rates import revenue_usd_bn_per_year
from headrace.parameters.priors import draw_parameters, uniform_numbers
from headrace.parameters.registry import registry
from headrace.periods import quarter_index, quarter_range
from headrace.simulation.start import LAUNCH_QUARTER

Array = NDArray[np.float64]

FIRST, LAST_SHIPPED, LAST = "2022Q1", "2025Q4", "2026Q1"
QUARTERS = tuple(quarter_range(FIRST, quarter_index(LAST) - quarter_index(FIRST) + 1))
ORDER = {
    "peak of 2023 above the mean of 2024": (("2023Q1", "2023Q4", "max"), ("2024Q1", "2024Q4", "mean")),
    "mean of 2024 above 2025Q4": (("2024Q1", "2024Q4", "mean"), ("2025Q4", "2025Q4", "mean")),
    "2026Q1 above 2025Q4": (("2026Q1", "2026Q1", "mean"), ("2025Q4", "2025Q4", "mean")),
}
"""Each a dearer and a cheaper span, with what is made of its quarters."""

DRAWS, SEED = 4000, 7
_UPPER_TAIL = 0.95


def rent_order(*, draws: int = DRAWS, seed: int = SEED) -> xr.Dataset:
    """The rent of an H100 equivalent over 2025Q4, and how often it has the order that was reported.

    Args:
        draws: Worlds: parameters from their priors, shipments from their source's intervals.
        seed: Of them.

    Returns:
        ``rent`` (quarter, probability), 1 in 2025Q4; ``fleet_growth`` and ``adoption_growth`` (quarter), medians
        [1/quarter]; ``model_revenue_growth`` (quarter) as reported; ``holds`` (claim, knowledge), the share of worlds,
        weighted by nothing (``prior``) and by how well revenue follows what model makers were reported to earn
        (``after run-rates``). The fleet of 2026Q1 adds what NVIDIA's data-centre revenue says, for no count reaches it.
    """
    drawn = draw_parameters(registry().values(), seed, 0, draws)
    fleet = _fleet(drawn, seed, draws)
    adopters = _adopters(drawn)
    price = _prices(adopters, fleet[_launched() :], drawn["demand.price_elasticity"])
    known = QUARTERS[_launched() :]
    rent = price / price[known.index("2025Q4")]
    weights = {"prior": np.full(draws, 1 / draws), "after run-rates": _weights(rent * fleet[_launched() :], known)}
    holds = [[float(weight @ _holds(rent, known, *claim)) for weight in weights.values()] for claim in ORDER.values()]
    probabilities = (0.05, 0.5, 0.95)
    return xr.Dataset(
        {
            "rent": (("quarter", "probability"), np.quantile(rent, probabilities, axis=1).T, {"units": "1"}),
            "fleet_growth": ("quarter", _growth(np.median(fleet[_launched() :], axis=1)), {"units": "1/quarter"}),
            "adoption_growth": ("quarter", _growth(np.median(adopters, axis=1)), {"units": "1/quarter"}),
            "model_revenue_growth": ("quarter", _growth(_reported(known)), {"units": "1/quarter"}),
            "holds": (("claim", "knowledge"), np.array(holds), {"units": "1"}),
        },
        {"quarter": list(known), "probability": list(probabilities), "claim": list(ORDER), "knowledge": list(weights)},
        {"title": "Rent of compute from capacity and demand alone", "draws": draws},
    )


def _launched() -> int:
    return QUARTERS.index(LAUNCH_QUARTER)


def _fleet(drawn: Mapping[str, Array], seed: int, draws: int) -> Array:
    """H100 equivalents shipped by the end of each quarter, (quarter, draw)."""
    shipped = np.zeros((len(QUARTERS), draws))
    chips = shipments()
    normal = ndtri(uniform_numbers([f"shipped.{chip.chip}" for chip in chips], seed, 0, draws))
    for chip, deviate in zip(chips, normal, strict=True):
        spread = np.log(chip.units_high / chip.units_low) / (2 * ndtri(_UPPER_TAIL))
        first = quarter_index(chip.first_quarter) - quarter_index(FIRST)
        units = chip.units[:, np.newaxis] * np.exp(spread[:, np.newaxis] * deviate)
        shipped[first : first + len(units)] += units * drawn[f"recipe.{chip.generation}.h100e"]
    revenue = archive.load().panel("data_centre_revenue", ("nvidia",))["nvidia"]
    shipped[-1] = shipped[-2] * revenue[LAST] / revenue[LAST_SHIPPED]
    return np.cumsum(shipped, axis=0)


def _adopters(drawn: Mapping[str, Array]) -> Array:
    """Adoption from its launch on, (quarter, draw)."""
    with jax.enable_x64(True):
        innovation, imitation = (jnp.asarray(drawn[f"adoption.{name}"]) for name in ("innovation", "imitation"))
        adopted = jnp.zeros_like(imitation)
        found = []
        for _ in QUARTERS[_launched() :]:
            adopted = adoption.adoption_fraction(adopted, innovation, imitation)
            found.append(np.asarray(adopted))
    return np.array(found)


def _prices(adopters: Array, fleet: Array, elasticity: Array) -> Array:
    """Price of an H100 equivalent over that of the first quarter, (quarter, draw)."""
    with jax.enable_x64(True):
        # The first quarter is the reference of everything, so that levels cancel.
        reference = tuple(map(jnp.asarray, (adopters[0], fleet[0], np.ones_like(elasticity), elasticity)))
        return np.array([
            demand.compute_price_usd_bn_per_gw_quarter(jnp.asarray(wanted), jnp.asarray(there), *reference)
            for wanted, there in zip(adopters, fleet, strict=True)
        ])  # fmt: skip


def _reported(quarters: tuple[str, ...]) -> Array:
    """What model makers were reported to earn at the end of each quarter [USD bn/year]."""
    reports = archive.load().run_rates
    ends = pd.PeriodIndex(list(quarters), freq="Q").end_time
    return np.array([revenue_usd_bn_per_year(reports, end.date()) for end in ends])


def _weights(revenue: Array, quarters: tuple[str, ...]) -> Array:
    """Likelihood of the reported path up to a factor; level and spread of its error are integrated out."""
    error = np.log(revenue) - np.log(_reported(quarters))[:, np.newaxis]
    squares = np.sum((error - error.mean(axis=0)) ** 2, axis=0)
    log_weight = -(len(quarters) - 1) / 2 * np.log(squares)
    weight = np.exp(log_weight - log_weight.max())
    normalised: Array = weight / weight.sum()
    return normalised


def _holds(
    rent: Array, quarters: tuple[str, ...], dearer: tuple[str, str, str], cheaper: tuple[str, str, str]
) -> NDArray[np.bool_]:
    above: NDArray[np.bool_] = _span(rent, quarters, *dearer) > _span(rent, quarters, *cheaper)
    return above


def _span(rent: Array, quarters: tuple[str, ...], first: str, last: str, kind: str) -> Array:
    part = rent[quarters.index(first) : quarters.index(last) + 1]
    found: Array = part.max(axis=0) if kind == "max" else part.mean(axis=0)
    return found


def _growth(path: Array) -> Array:
    """Logarithmic, NaN in the first quarter."""
    return np.concatenate([[np.nan], np.diff(np.log(path))])
