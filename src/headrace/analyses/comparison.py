"""Two futures of the same worlds under two scenarios: what differs, draw by draw, and which links carried it.

Both runs draw the same random numbers, so a difference within a draw is the scenario's doing and nothing else's, and
its interval is far narrower than that of two independent runs would be.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace._types import Headline
from headrace.analyses.binding import probabilities
from headrace.analyses.comparison_headlines import comparison_headlines
from headrace.analyses.figures import interval
from headrace.analyses.links import LINK_VARIABLES, carried_by
from headrace.analyses.main_outputs import FLOWS, LEVELS, Output, main_outputs
from headrace.errors import EndedError, RequestError
from headrace.results import recipe
from headrace.variables import ENDINGS, LIMITS

COMPARED = tuple(
    dict.fromkeys((*FLOWS, *LEVELS, "compute_margin_usd_bn", "capital_charge_usd_bn", "binding_layer", *LINK_VARIABLES))
)
"""Variables of the table that a comparison reads, where a future holds them."""

STATISTICS = ("median", "low", "high")

_SHARED = ("seed", "draws", "quarters", "start_quarter", "as_of", "precision", "version")
_DIMS = ("figure", "statistic")
_SHIFTS = 32


@dataclass(frozen=True)
class Comparison:
    """What is different.

    Attributes:
        figures: Main outputs (figure), links (link) and what binds (quarter, limit), with the recipes of both worlds
            and the draws that were left out in its attributes; see :func:`compare`.
        headlines: The same in sentences.
    """

    figures: xr.Dataset
    headlines: tuple[Headline, ...]


def compare(base: xr.Dataset, other: xr.Dataset) -> Comparison:
    """Paired differences of two futures that share seed, draws, quarters and everything else but the scenario.

    Args:
        base: One future.
        other: Another; differences are ``other`` less ``base``.

    Returns:
        ``figures`` with, by figure, ``base``, ``other``, ``difference`` and ``relative`` difference (statistic: median
        and 90 % interval over draws), ``share_higher`` and ``share_lower`` of draws, and ``pairing``: the width of the
        interval of paired differences over that of unpaired ones. The links are those of
        :func:`headrace.analyses.links.carried_by`. ``binding_differs`` (quarter) is the share of draws in which another
        limit binds, ``binding_base`` and ``binding_other`` (quarter, limit) the shares of draws that name each limit.

        Draws whose world ends in either future are in none of it; ``draws_left_out`` counts them, and ``endings`` says
        in which future and why.

    Raises:
        RequestError: The recipes differ in something else than the scenario.
        EndedError: No draw runs to the end in both futures.
    """
    _require_paired(base, other)
    kept = _runs(base) & _runs(other)
    if not kept.any():
        raise EndedError(
            f"no draw runs to the end in both futures ({_endings(base, other)}); compare fewer quarters, or milder "
            "scenarios"
        )
    one, two = base.isel(draw=kept), other.isel(draw=kept)
    figures = xr.merge([_differences(main_outputs(one), main_outputs(two)), carried_by(one, two), _binding(one, two)])
    figures.attrs = {
        "base": base.attrs["title"],
        "other": other.attrs["title"],
        "base_world": base.attrs["world"],
        "other_world": other.attrs["world"],
        "draws_compared": int(kept.sum()),
        "draws_left_out": int((~kept).sum()),
        "endings": _endings(base, other),
    }
    return Comparison(figures, tuple(comparison_headlines(figures)))


def _require_paired(base: xr.Dataset, other: xr.Dataset) -> None:
    recipes = []
    for name, future in (("first", base), ("second", other)):
        read = recipe(future) if "world" in future.attrs else {}
        if read.get("seed") is None:
            raise RequestError(f"the {name} Dataset is no simulated future; wanted what simulate or load returns")
        recipes.append(read)
    differing = [field for field in _SHARED if recipes[0].get(field) != recipes[1].get(field)]
    if differing:
        said = "; ".join(f"{field}: {recipes[0].get(field)} and {recipes[1].get(field)}" for field in differing)
        raise RequestError(
            f"the futures do not share their random numbers and start ({said}); simulate both with the same "
            f"{', '.join(differing)}"
        )


def _runs(future: xr.Dataset) -> NDArray[np.bool_]:
    """Whether each draw runs to the end."""
    if "world_status" not in future:
        return np.ones(future.sizes["draw"], dtype=bool)
    runs: NDArray[np.bool_] = (future["world_status"].values == 0).all(axis=1)
    return runs


def _endings(base: xr.Dataset, other: xr.Dataset) -> str:
    """How many draws end in each future and why, such as ``{"base": {}, "other": {"unfunded": 3}}``."""
    names = list(ENDINGS)
    said: dict[str, dict[str, int]] = {}
    for word, future in (("base", base), ("other", other)):
        codes = future["world_status"].values[:, -1].astype(int).tolist() if "world_status" in future else []
        said[word] = dict(Counter(names[code] for code in codes if code > 0))
    return json.dumps(said)


def _differences(base: list[Output], other: list[Output]) -> xr.Dataset:
    columns: dict[str, list[object]] = {}
    for one, two in zip(base, other, strict=True):
        difference = two.draws - one.draws
        known = one.unit != "year" and bool((one.draws > 0).all())
        row: dict[str, object] = {
            "base": interval(one.draws),
            "other": interval(two.draws),
            "difference": interval(difference),
            "relative": interval(two.draws / one.draws - 1) if known else (np.nan,) * 3,
            "share_higher": float((difference > 0).mean()),
            "share_lower": float((difference < 0).mean()),
            "pairing": _pairing(one.draws, two.draws),
        }
        for key, value in row.items():
            columns.setdefault(key, []).append(value)
    dims = {
        key: ("figure", "statistic") if isinstance(rows[0], tuple) else ("figure",) for key, rows in columns.items()
    }
    return xr.Dataset(
        {key: (dims[key], np.array(rows)) for key, rows in columns.items()},
        {
            "figure": [output.key for output in base],
            "label": ("figure", [output.label for output in base]),
            "unit": ("figure", [output.unit for output in base]),
            "variable": ("figure", [output.variable for output in base]),
            "statistic": list(STATISTICS),
        },
    )


def _pairing(base: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Width of the interval of paired differences over that of differences of unlike draws; NaN where that is 0.

    Unlike draws are taken by turning the draws of one future against those of the other, up to 32 times.
    """
    turns = range(1, min(len(base), _SHIFTS + 1))
    apart = [_width(np.concatenate([other - np.roll(base, turn) for turn in turns]))] if turns else [0.0]
    return _width(other - base) / apart[0] if apart[0] > 0 else float("nan")


def _width(draws: NDArray[np.float64]) -> float:
    _, low, high = interval(draws)
    return high - low


def _binding(base: xr.Dataset, other: xr.Dataset) -> xr.Dataset:
    one, two = base["binding_layer"], other["binding_layer"]
    differs = (one.values != two.values).mean(axis=0)
    return xr.Dataset(
        {
            "binding_differs": ("quarter", differs),
            "binding_base": probabilities(one),
            "binding_other": probabilities(two),
        },
        {"limit": list(LIMITS)},
    )
