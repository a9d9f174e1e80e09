"""What binds: the layer, demand or funding that holds the build-out now, the next one, and which layer is tightest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.variables import LIMITS


@dataclass(frozen=True)
class Likeliest:
    """The likeliest of several limits, and the share of draws that name it."""

    name: str
    probability: float


@dataclass(frozen=True)
class Succession:
    """What binds first, what follows it, and what is tightest at the same time.

    Attributes:
        quarter: The quarter judged.
        binding: Likeliest binding limit in that quarter.
        following: Likeliest limit to take over, among draws that start with ``binding`` and leave it; None where
        none does.
        following_quarter: Median quarter of the change in those draws.
        changing: Share of draws in which another limit takes over before the end.
        tightest_it: Likeliest tightest layer of the IT branch.
        tightest_site: Likeliest tightest layer of the site branch.
    """

    quarter: str
    binding: Likeliest
    following: Likeliest | None
    following_quarter: str
    changing: float
    tightest_it: Likeliest
    tightest_site: Likeliest


def probabilities(codes: xr.DataArray) -> xr.DataArray:
    """Share of draws that name each limit.

    Args:
        codes: ``binding_layer`` or a tightest layer, (draw, quarter); -1 is unresolved.

    Returns:
        (quarter, limit), NaN where nothing is resolved; sums to 1 over limits elsewhere.
    """
    values = codes.values
    counts = np.stack([(values == code).sum(axis=0) for code in range(len(LIMITS))], axis=-1)
    known = counts.sum(axis=-1, keepdims=True)
    shares = np.divide(counts, known, out=np.full(counts.shape, np.nan), where=known > 0)
    return xr.DataArray(
        shares,
        dims=("quarter", "limit"),
        coords={"quarter": codes["quarter"].values, "limit": list(LIMITS)},
        attrs={"units": "1", "long_name": "Share of draws"},
    )


def succession(future: xr.Dataset) -> Succession:
    """What binds in the first quarter of a future, and what comes next."""
    codes = future["binding_layer"].values
    first_codes = codes[:, 0]
    binding = _likeliest(first_codes)
    differs = codes != first_codes[:, np.newaxis]
    changes = differs.any(axis=1)
    following = None
    following_quarter = ""
    judged = changes & (first_codes == LIMITS.index(binding.name))
    if judged.any():
        moments = differs.argmax(axis=1)[judged]
        following = _likeliest(codes[judged, moments])
        following_quarter = str(future["quarter"].values[int(np.median(moments))])
    return Succession(
        quarter=str(future["quarter"].values[0]),
        binding=binding,
        following=following,
        following_quarter=following_quarter,
        changing=float(changes.mean()),
        tightest_it=_likeliest(future["tightest_it_layer"].values[:, 0]),
        tightest_site=_likeliest(future["tightest_site_layer"].values[:, 0]),
    )


def _likeliest(codes: NDArray[np.int64]) -> Likeliest:
    counts = np.bincount(codes[codes >= 0], minlength=len(LIMITS))
    code = int(counts.argmax())
    return Likeliest(LIMITS[code], float(counts[code] / max(counts.sum(), 1)))
