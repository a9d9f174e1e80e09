"""Which constraint follows which, when, and how surely: changes of the binding limit in every draw."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.variables import LIMITS

Array = NDArray[np.float64]


def sequence(codes: xr.DataArray) -> xr.Dataset:
    """What follows each limit when it stops binding for the first time, beside what chance would have follow.

    Args:
        codes: ``binding_layer`` (draw, quarter); -1 is unresolved and counts as no limit.

    Returns:
        ``ever_share`` (limit): draws in which it ever binds [1]; ``time_share`` (limit): of all quarters [1];
        ``leaves_share`` (limit): draws in which another takes over from it [1]; ``follows_share`` (limit, following):
        of those, each successor [1], NaN where none; ``follows_by_chance`` (limit, following): the share of quarters in
        which the successor binds among those in which ``limit`` does not: who comes next if the last one did not matter
        [1]; ``first_quarter`` (limit, statistic): place of the first quarter in which it binds, over the draws in which
        it does [quarter], NaN where it never does.
    """
    values = np.asarray(codes.values)
    count = len(LIMITS)
    binds = values[..., np.newaxis] == np.arange(count)
    ever = binds.any(axis=1)
    time = binds.mean(axis=(0, 1))
    moments = np.full((count, 3), np.nan)
    for code in range(count):
        if ever[:, code].any():
            first = binds[ever[:, code], :, code].argmax(axis=1)
            moments[code] = np.quantile(first, (0.5, 0.05, 0.95))
    following = np.zeros((count, count))
    for code in range(count):
        for draw in np.flatnonzero(ever[:, code]):
            after = values[draw, int(binds[draw, :, code].argmax()) :]
            others = after[(after != code) & (after >= 0)]
            if len(others):
                following[code, others[0]] += 1
    leaves = following.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = following / leaves[:, np.newaxis]
        chance = np.where(np.eye(count, dtype=bool), 0, time) / (time.sum() - time)[:, np.newaxis]
    one = {"units": "1"}
    return xr.Dataset(
        {
            "ever_share": ("limit", ever.mean(axis=0), one | {"long_name": "Share of draws in which it ever binds"}),
            "time_share": ("limit", time, one | {"long_name": "Share of quarters in which it binds"}),
            "leaves_share": ("limit", leaves / len(values), one | {"long_name": "Share of draws in which it is left"}),
            "follows_share": (("limit", "following"), share, one | {"long_name": "Share of draws by successor"}),
            "follows_by_chance": (
                ("limit", "following"),
                np.where(np.isfinite(share), chance, np.nan),
                one | {"long_name": "Share of successors if the last limit did not matter"},
            ),
            "first_quarter": (
                ("limit", "statistic"),
                moments,
                {"units": "quarter", "long_name": "First quarter in which it binds, quarters since the first"},
            ),
        },
        {"limit": list(LIMITS), "following": list(LIMITS), "statistic": ["median", "low", "high"]},
    )
