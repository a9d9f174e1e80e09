"""Whether the simulated market answers the build-out: earnings by wave, what moves prices, and how broad the rise is.

Prices are of AI businesses alone and only their growth is read: no level, no target, no share on an exchange.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.variables import GROUPS

WAVES = {
    "compute": (
        "foundry",
        "wafer_equipment",
        "memory",
        "osat",
        "accelerator_designers",
        "server_makers",
        "optics",
        "networking",
    ),
    "physical": (
        "engineering_and_construction",
        "thermal",
        "electrical_equipment",
        "power_equipment",
        "independent_power",
        "utilities",
    ),
    "monetisation": ("compute", "models", "applications"),
}
"""Groups of each wave: chips and machines, the physical system around them, and the three layers of revenue."""

BREADTH_BY_CHANCE = 0.5
"""Breadth of groups whose earnings rise or fall as a coin does: the null that breadth is read against."""


def confirmation(future: xr.Dataset) -> xr.Dataset:
    """Earnings by wave, growth of prices split into earnings and multiples, and breadth from the start to a quarter.

    Args:
        future: Simulated, with the outputs of the market.

    Returns:
        ``wave_earnings_usd_bn`` (draw, quarter, wave): sum over the groups of a wave, each net of what it buys from
        the layer of revenue below; ``lead_of_third_wave_usd_bn`` (draw, quarter): earnings of the third wave less those
        of the other two; ``price_over_earnings`` (draw, quarter, group); ``earnings_since_start``,
        ``multiples_since_start`` and ``prices_since_start`` (draw, quarter, group): logarithms of the factor since the
        quarter of the start, of which the first two add up to the third; ``mean_*`` of the three (draw, quarter): over
        groups; ``breadth_so_far`` (draw, quarter): mean of the breadth of earnings up to the quarter. Coordinate
        ``wave_of_group`` (group), attribute ``breadth_by_chance``.
    """

    def read(name: str) -> NDArray[np.float64]:
        return np.asarray(future.variables[name].values, dtype=np.float64)

    earnings = read("group_earnings_usd_bn")
    waves = [earnings[..., [GROUPS.index(group) for group in groups]].sum(axis=-1) for groups in WAVES.values()]
    since = {
        f"{name}_since_start": read(growth).cumsum(axis=1)
        for name, growth in (
            ("earnings", "earnings_growth"),
            ("multiples", "multiple_growth"),
            ("prices", "price_growth"),
        )
    }
    breadth = read("earnings_breadth")
    so_far = breadth.cumsum(axis=1) / np.arange(1, breadth.shape[1] + 1)
    dims = ("draw", "quarter")
    return xr.Dataset(
        {
            "wave_earnings_usd_bn": ((*dims, "wave"), np.stack(waves, axis=-1)),
            "lead_of_third_wave_usd_bn": (dims, waves[2] - waves[1] - waves[0]),
            "price_over_earnings": ((*dims, "group"), np.exp(read("log_multiple"))),
            **{name: ((*dims, "group"), values) for name, values in since.items()},
            **{f"mean_{name}": (dims, values.mean(axis=-1)) for name, values in since.items()},
            "breadth_so_far": (dims, so_far),
        },
        {
            "quarter": future["quarter"].values,
            "wave": list(WAVES),
            "group": list(GROUPS),
            "wave_of_group": ("group", [next(wave for wave in WAVES if group in WAVES[wave]) for group in GROUPS]),
        },
        {"breadth_by_chance": BREADTH_BY_CHANCE},
    )
