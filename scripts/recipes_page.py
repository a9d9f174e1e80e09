"""The page on recipes: units for a GW by generation, the mixes, and compute per MW beside the count of others.

Figures are medians and 90 % intervals of the draws that a run of the same seed makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from headrace.analyses import recipes as history
from headrace.parameters import recipes
from headrace.parameters.priors import draw_parameters
from headrace.parameters.registry import registry
from headrace.units import KW_PER_MW
from headrace.variables import IT_LAYERS, LAYERS

SEED, DRAWS = 7, 2000
UNITS = {
    "logic": "leading-edge wafers",
    "memory": "HBM stacks of 36 GB",
    "packaging": "CoWoS wafers",
    "systems": "accelerators",
    "optics": "transceivers, 800G",
}

Values = NDArray[np.float64]
Table = Callable[[Sequence[str], Iterable[Sequence[str]]], str]


def recipes_page(table: Table) -> str:
    """What a GW takes and what a MW computes, by generation, mix and year."""
    draws = draw_parameters(registry().values(), SEED, 0, DRAWS)
    every, nvidia = history.shipped_units(SEED, DRAWS), history.shipped_units(SEED, DRAWS, "nvidia")
    return "\n".join(
        [
            "## One GW of IT, by generation\n",
            table(("generation", *UNITS.values(), "kW each", "H100e per MW", "sources"), _generations(draws)),
            "## What ships now and what comes next\n",
            "GW of a layer at a recipe: native capacity × usable share / units for a GW. A recipe that grows by half "
            "takes a third of a layer's GW away.\n",
            table(("", *UNITS.values(), "H100e per MW"), _mixes(draws)),
            "## Shares of IT power shipped\n",
            "From units by chip as counted by Epoch AI (`epoch_chip_counts`) and IT power by our recipes.\n",
            table(("generation", *map(str, history.YEARS)), _shares(draws, every)),
            "## H100 equivalents per MW\n",
            "By 8-bit operations. Fleet: all that shipped since 2022Q1, nothing retired; frontier: what shipped in the "
            "year. Epoch AI counts the rated power of NVIDIA's chips alone, we count IT power with hosts, switches and "
            "racks: about twice that of the chip for an A100 or H100 and 1.4 to 1.6 times for Blackwell. Ours is "
            "therefore lower, and grows more.\n",
            table(("", *map(str, history.YEARS), "2025 / 2022"), _compute(draws, every, nvidia)),
            _doubling(),
            "## What the shipments of 2025 took\n",
            "Native units by recipe, for the part of the IT power that has a full recipe. The usable shares of "
            "packaging and optics in `docs/parameters.md` stand beside it.\n",
            table(("layer", "unit", "needed in 2025", "power accounted for"), _needed(draws, every)),
        ]
    )


def _generations(draws: dict[str, Values]) -> Iterable[Sequence[str]]:
    for generation in recipes.generations(draws):
        stem = f"{recipes.PREFIX}{generation}."
        power, compute = draws[f"{stem}it_power_kw"], draws[f"{stem}h100e"]
        full = f"{stem}hbm_stacks" in draws
        units = [_span(recipes.per_gw(draws, generation, layer)) if full else "-" for layer in IT_LAYERS]
        sources = dict.fromkeys(entry.source for name, entry in registry().items() if name.startswith(stem))
        keys = " ".join(f"`{key}`" for key in sources)
        yield (f"`{generation}`", *units, _span(power, 2), _span(compute / power * KW_PER_MW), keys)


def _mixes(draws: dict[str, Values]) -> Iterable[Sequence[str]]:
    now, following = recipes.recipes_now_and_next(draws)
    rows = [LAYERS.index(layer) for layer in IT_LAYERS]
    compute_now, compute_next = (history.mix_compute_per_mw(draws, field) for field in ("share_now", "share_next"))
    yield ("2026Q2", *(_span(now[row]) for row in rows), _span(compute_now))
    yield ("next", *(_span(following[row]) for row in rows), _span(compute_next))
    growth = (_span(following[row] / now[row], 2) for row in rows)
    yield ("next / 2026Q2", *growth, _span(compute_next / compute_now, 2))


def _shares(draws: dict[str, Values], shipped: dict[str, Values]) -> Iterable[Sequence[str]]:
    for generation, share in history.shipped_power_shares(draws, shipped).items():
        medians = np.median(share, axis=1)
        yield (f"`{generation}`", *(f"{value:.3f}" if value else "-" for value in medians))


def _compute(draws: dict[str, Values], every: dict[str, Values], nvidia: dict[str, Values]) -> Iterable[Sequence[str]]:
    for who, shipped in (("every maker", every), ("NVIDIA", nvidia)):
        for what, values in zip(("fleet", "frontier"), history.compute_per_mw(draws, shipped), strict=True):
            yield (f"headrace, {who}, {what}", *(_span(year) for year in values), _span(values[-1] / values[0], 2))
    fleet, frontier = history.published_compute_per_mw()
    by_year = {"fleet": [fleet[f"{year}Q4"] for year in history.YEARS], "frontier": list(frontier.values())}
    for what, published in by_year.items():
        cells = (f"{value:,.0f}" for value in published)
        yield (f"Epoch AI, NVIDIA, {what}, per MW of chips", *cells, f"{published[-1] / published[0]:.2f}")


def _doubling() -> str:
    fleet, _ = history.published_compute_per_mw()
    first, last = fleet["2022Q1"], fleet["2025Q4"]
    return (
        f"\nThe published growth of {last / first:.2f} times is that of the fleet from 2022Q1 ({first:,.0f}) to 2025Q4 "
        f"({last:,.0f}).\n"
    )


def _needed(draws: dict[str, Values], shipped: dict[str, Values]) -> Iterable[Sequence[str]]:
    for layer in IT_LAYERS:
        units, accounted = history.units_needed(draws, shipped, layer)
        yield (layer, UNITS[layer], _span(units[-1]), f"{np.median(accounted[-1]):.3f}")


def _span(values: Values, digits: int = 0) -> str:
    """Median and 90 % interval; thousands and millions by name, three digits that count."""
    low, median, high = np.quantile(values, (0.05, 0.5, 0.95))
    if median >= 1e6:
        return f"{median / 1e6:.2f} [{low / 1e6:.2f} - {high / 1e6:.2f}] million"
    if median >= 1e4:
        return f"{median / 1e3:.3g} [{low / 1e3:.3g} - {high / 1e3:.3g}] thousand"
    if f"{low:,.{digits}f}" == f"{high:,.{digits}f}":
        return f"{median:,.{digits}f}"
    return f"{median:,.{digits}f} [{low:,.{digits}f} - {high:,.{digits}f}]"
