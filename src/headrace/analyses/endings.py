"""Worlds that left the domain of the loop: how many, when and why; and the others, which every summary is over.

A world that ended is counted and named, never dropped in silence.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from headrace._types import Ending, Headline
from headrace.analyses.figures import drawn_figure
from headrace.errors import EndedError
from headrace.variables import ENDINGS


def endings(future: xr.Dataset) -> list[Ending]:
    """Why worlds of a future ended, the most frequent cause first; empty where all run to the end.

    Args:
        future: Simulated, with ``world_status`` (draw, quarter).
    """
    codes = future["world_status"].values
    quarters = [str(quarter) for quarter in future["quarter"].values]
    found = []
    for code, (name, text) in enumerate(ENDINGS.items()):
        if code == 0:
            continue
        ended = codes[:, -1] == code
        if ended.any():
            moments = (codes[ended] == code).argmax(axis=1)
            middle = quarters[int(np.median(moments))]
            found.append(Ending(name, text, int(ended.sum()), float(ended.mean()), quarters[moments.min()], middle))
    return sorted(found, key=lambda ending: -ending.draws)


def running(future: xr.Dataset) -> xr.Dataset:
    """The draws that run to the end.

    Raises:
        EndedError: There are none; the causes are named.
    """
    alive = future["world_status"].values[:, -1] == 0
    if alive.all():
        return future
    if not alive.any():
        causes = "; ".join(_sentence(ending) for ending in endings(future))
        raise EndedError(f"no world runs to {future['quarter'].values[-1]}: {causes}")
    return future.isel(draw=np.flatnonzero(alive))


def endings_headline(future: xr.Dataset) -> Headline | None:
    """How many worlds are left out of the other headlines, and why; None where none is."""
    found = endings(future)
    if not found:
        return None
    left = np.array([sum(ending.draws for ending in found) / future.sizes["draw"]])
    figure = drawn_figure("ended", "Worlds that end early", left, "1", "world_status")
    sentence = f"{figure.median:.1%} of draws end before {future['quarter'].values[-1]} and are left out of every "
    sentence += f"other number: {'; '.join(_sentence(ending) for ending in found)}."
    return Headline("endings", "Worlds that end early", sentence, (figure,))


def _sentence(ending: Ending) -> str:
    worlds = "1 world ends" if ending.draws == 1 else f"{ending.draws:,} worlds end"
    return f"{worlds} from {ending.first_quarter} on, half of them by {ending.median_quarter}, because {ending.text}"
