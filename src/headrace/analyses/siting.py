"""Where compute is energised: the share of it that each region holds, and how much of each grid's headroom is used up.

It reads what the loop says of regions; why compute goes where it goes is decided there.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from headrace.variables import REGIONS

UNITED_STATES = ("virginia", "texas", "us_other")
"""Regions that lie in the United States."""


def siting(future: xr.Dataset) -> xr.Dataset:
    """Shares of regions in the world's compute, and the headroom that is gone.

    Args:
        future: Simulated, with ``regional_compute_gw`` and ``grid_headroom`` (draw, quarter, region).

    Returns:
        ``share_of_compute`` and ``headroom_used`` (draw, quarter, region), ``united_states_share`` (draw, quarter); a
        share is missing where there is no compute at all.
    """
    compute = np.asarray(future.variables["regional_compute_gw"].values, dtype=np.float64)
    whole = compute.sum(axis=-1, keepdims=True)
    share = np.divide(compute, whole, out=np.full_like(compute, np.nan), where=whole > 0)
    inside = [REGIONS.index(region) for region in UNITED_STATES]
    used = 1 - np.asarray(future.variables["grid_headroom"].values, dtype=np.float64)
    dims = ("draw", "quarter", "region")
    return xr.Dataset(
        {
            "share_of_compute": (dims, share),
            "united_states_share": (dims[:2], share[..., inside].sum(axis=-1)),
            "headroom_used": (dims, used),
        },
        {"quarter": future["quarter"].values, "region": list(REGIONS)},
    )
