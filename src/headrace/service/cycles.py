"""Whether the spending core transfers to capital cycles of the past, for the faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from headrace.analyses.past_cycles import players
from headrace.analyses.past_cycles.transfer import transfer
from headrace.errors import unknown_name

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["past_cycles"]


def past_cycles(cycle: str | Sequence[str] = (), *, progress: Callable[[str, float], None] | None = None) -> xr.Dataset:
    """Forecasts of past cycles by the spending core, beside rivals that cost nothing, and what the cycles taught.

    All cycles take minutes, one takes seconds to a minute.

    Args:
        cycle: Names, such as ``"railroads"`` or ``"telecom_without_verizon"``; all when left out.
        progress: Called with what is going on and the share done.

    Returns:
        Forecasts [USD bn/quarter] and scores by cycle, origin, horizon and forecaster; ratios of scores with intervals,
        tests and coverage by cycle, horizon, forecaster and rival; parameters' priors and posteriors by cycle, those of
        the AI builders beside; see :func:`headrace.analyses.past_cycles.transfer.transfer`.

    Raises:
        UnknownNameError: A cycle does not exist.
    """
    known = players.cycles()
    wanted = [cycle] if isinstance(cycle, str) else list(cycle)
    for name in wanted:
        if name not in known:
            raise unknown_name("cycle", name, known, "cycle")
    return transfer([known[name] for name in dict.fromkeys(wanted)] or list(known.values()), progress=progress)
