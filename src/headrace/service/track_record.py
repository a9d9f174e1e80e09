"""Who said what before it happened, and how it came out, for the faces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from headrace.analyses import league as forecasters
from headrace.evidence import forecasts

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["league"]


def league(*, as_of: str | None = None, with_rows: str | Path | None = None) -> xr.Dataset:
    """Published forecasts against how it came out, beside a rival that costs nothing.

    Args:
        as_of: ISO date: only what had been announced and published by then.
        with_rows: A TOML file of your own forecasts or others', in the form of ``data/forecasts.toml``, ranked with
            those that ship.

    Returns:
        One row a forecast, scored ones first and best first; see :func:`headrace.analyses.league.league`.

    Raises:
        PeriodError: ``as_of`` is no date, or lies before the first filing.
        EvidenceError: ``with_rows`` cannot be read, or a row of it breaks the schema: which, and what was wanted.
    """
    added = None if with_rows is None else Path(with_rows)
    return forecasters.league(forecasts.load(as_of, added), as_of=as_of)
