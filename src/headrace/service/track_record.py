"""Who said what before it happened, and how it came out, for the faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.analyses import league as forecasters

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["league"]


def league(*, as_of: str | None = None) -> xr.Dataset:
    """Published forecasts against what was filed, beside a rival that costs nothing.

    Args:
        as_of: ISO date: only what had been announced and filed by then.

    Returns:
        One row a forecast, scored ones first and best first; see :func:`headrace.analyses.league.league`.

    Raises:
        PeriodError: ``as_of`` is no date, or lies before the first filing.
    """
    return forecasters.league(as_of=as_of)
