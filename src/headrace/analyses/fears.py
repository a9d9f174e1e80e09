"""What holds the spending up: each fear's share of capital expenditure, what is left without it, how far it must fall.

The four fears are the players of a game whose worth is what the five builders spend, and every coalition of them is a
run of the same draws with the other fears off. A fear is off from the first quarter on and the start is left alone:
what fear has built until then, and the pace of spending it has set, stay. Sentences about it are in
:mod:`headrace.analyses.fear_headlines`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace import scenarios
from headrace.analyses.provenance import asked_again
from headrace.errors import EndedError, RequestError
from headrace.games.shapley import coalitions, shapley_values
from headrace.periods import quarter_range
from headrace.results import SIMULATED_QUALITY
from headrace.variables import PLAYERS
from headrace.world import World

SPENDING = "capital_expenditure_usd_bn"
HALVING_QUARTER = 8
"""Spending is to be half of what it would be in this quarter of the run."""

STRENGTHS = tuple(step / 8 for step in range(9))
"""Of a fear, at which spending is simulated; between them it is taken as a straight line."""

ALL = "all"
"""The fears weakened together, beside their names."""

NO_FEAR = "none"
"""The coalition in which every fear is off."""

_HALF = 0.5

_WHAT = (
    "Shapley value of each fear: the mean of what capital expenditure of the five gains when the fear comes on, over "
    "all orders in which fears may come on, in every draw. Off values hold from the first quarter of the run on; the "
    "start, which past fear has shaped, is the same in every run."
)
_FORMULA = "sum over coalitions S without i of |S|! (n - |S| - 1)! / n! × [spending(S and i) - spending(S)]"

Array = NDArray[np.float64]
Report = Callable[[str, float], None]


def fears(world: World, progress: Report | None = None) -> xr.Dataset:
    r"""Shapley values of the fears, the spending that each leaves, and the strength at which spending is halved.

    .. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|! \, (n - |S| - 1)!}{n!} \left[v(S \cup i) - v(S)\right]

    Args:
        world: Its own fears that are switched off are no players; what it says of the others is their full strength.
        progress: Called with what is going on and the share done, 0 .. 1.

    Returns:
        Of draws that run to the end in every run:

        - ``spending_usd_bn`` (coalition, draw, year): capital expenditure of the five with the fears that the
          coalition names on, over the quarters of each calendar year that are simulated (coordinate ``quarters``)
          [USD bn];
        - ``contribution_usd_bn`` (fear, draw, year): Shapley values [USD bn]; they add up over fears to spending with
          all of them less spending with none, and over years to the Shapley values of the whole run;
        - ``left_share`` (fear, draw): spending without this fear alone over spending with all, whole run [1];
        - ``ratio`` (weakened, strength, draw): spending in quarter 8 of the run with a fear, or all of them, at a
          strength, over that at full strength [1]; NaN in a run of fewer quarters;
        - ``halving_strength`` (weakened, draw): the largest strength at which ``ratio`` is a half [1]; NaN where there
          is none.

        ``status`` of each is in its attributes; ``draws_left_out`` counts draws that end in some run.

    Raises:
        ScenarioError: The scenario moves what carries a fear, so that the fear cannot be switched off.
        RequestError: No fear is left to play.
        EndedError: No draw runs to the end in every run.

    Source:
        Shapley (1953), Contributions to the Theory of Games II, 307-317.
    """
    members = [name for name in scenarios.fears() if name not in world.without]
    if not members:
        raise RequestError(
            "every fear of this World is switched off, so none can hold spending up; ask of a World with at least one"
        )
    groups = coalitions(members)
    weak = {ALL: members, **{name: [name] for name in members}} if world.quarters >= HALVING_QUARTER else {}
    inner = [(name, strength) for name in weak for strength in STRENGTHS[1:-1]]
    worlds = [_with_only(world, group, members) for group in groups]
    worlds += [_weakened(world, weak[name], strength) for name, strength in inner]
    spent, runs = _spent(worlds, progress or (lambda _text, _share: None))
    if not runs.any():
        raise EndedError(
            f"no draw runs to the end with the fears on, off and weakened ({world.draws} draws of "
            f"{world.quarters} quarters); ask for fewer quarters, or a milder scenario"
        )
    by_group = {group: values[runs] for group, values in zip(groups, spent, strict=False)}
    years, quarters_of = _years(world)
    worth = {group: _by_year(values, years) for group, values in by_group.items()}
    found = shapley_values(members, worth)
    whole = frozenset(members)
    total = {group: values.sum(axis=1) for group, values in worth.items()}
    eighth = {
        (name, strength): values[runs, HALVING_QUARTER - 1]
        for (name, strength), values in zip(inner, spent[len(groups) :], strict=True)
    }
    for name, on in weak.items():
        eighth[name, 0.0] = by_group[whole - set(on)][:, HALVING_QUARTER - 1]
        eighth[name, 1.0] = by_group[whole][:, HALVING_QUARTER - 1]
    ratio = _ratio([ALL, *members], eighth, int(runs.sum()))
    arrays = {
        "spending_usd_bn": (("coalition", "draw", "year"), np.array([worth[group] for group in groups]), "USD bn"),
        "contribution_usd_bn": (("fear", "draw", "year"), np.array([found[name] for name in members]), "USD bn"),
        "left_share": (("fear", "draw"), np.array([total[whole - {name}] / total[whole] for name in members]), "1"),
        "ratio": (("weakened", "strength", "draw"), ratio, "1"),
        "halving_strength": (("weakened", "draw"), np.array([_halving_strength(one) for one in ratio]), "1"),
    }
    return xr.Dataset(
        {
            name: (dims, values, {"units": unit, "status": "scenario", "quality": SIMULATED_QUALITY})
            for name, (dims, values, unit) in arrays.items()
        },
        {
            "coalition": [coalition(group) for group in groups],
            "draw": np.flatnonzero(runs),
            "year": list(quarters_of),
            "quarters": ("year", list(quarters_of.values())),
            "fear": members,
            "label": ("fear", [scenarios.fears()[name].label for name in members]),
            "weakened": [ALL, *members],
            "strength": list(STRENGTHS),
        },
        {
            **_told(world),
            "draws_left_out": int((~runs).sum()),
            "runs": len(worlds),
            "off_already": sorted(set(world.without)),
        },
    )


def coalition(names: Iterable[str]) -> str:
    """What a coalition is called: its fears in the order of the file with ``+`` between them, or ``none``."""
    inside = set(names)
    return "+".join(name for name in scenarios.fears() if name in inside) or NO_FEAR


def _with_only(world: World, group: frozenset[str], members: Sequence[str]) -> World:
    return replace(world, without=(*world.without, *(name for name in members if name not in group)))


def _weakened(world: World, names: Sequence[str], strength: float) -> World:
    weak = scenarios.weakened(dict.fromkeys(names, strength))
    return replace(world, scenario=scenarios.combined([world.scenario, weak]))


def _spent(worlds: Sequence[World], progress: Report) -> tuple[list[Array], NDArray[np.bool_]]:
    """Spending of the five in every world, (draw, quarter) [USD bn], and the draws that run to the end in all."""
    for world in worlds:
        _ = world.changes  # a fear that cannot be switched off is refused before anything runs
    spent, runs = [], np.ones(worlds[0].draws, dtype=bool)
    for number, world in enumerate(worlds):
        progress("compiling the loop" if number == 0 else "switch fears off and weaken them", number / len(worlds))
        outputs, _ = world.outputs(frozenset({SPENDING}))
        spent.append(np.asarray(outputs[SPENDING][:, :, : len(PLAYERS)].sum(axis=2), dtype=np.float64))
        runs &= (outputs["world_status"] == 0).all(axis=1)
    progress("add it up", 1.0)
    return spent, runs


def _years(world: World) -> tuple[NDArray[np.int64], dict[int, int]]:
    """Calendar year of each quarter of the run, and how many quarters of each year it has."""
    quarters = quarter_range(world.start_quarter, world.quarters + 1)[1:]
    years = np.array([int(quarter[:4]) for quarter in quarters])
    return years, {int(year): int((years == year).sum()) for year in np.unique(years)}


def _by_year(values: Array, years: NDArray[np.int64]) -> Array:
    return np.stack([values[:, years == year].sum(axis=1) for year in np.unique(years)], axis=1)


def _ratio(names: Sequence[str], eighth: Mapping[tuple[str, float], Array], draws: int) -> Array:
    """Spending over that at full strength, (weakened, strength, draw)."""
    unknown = np.full(draws, np.nan)
    return np.array([
        [eighth.get((name, strength), unknown) / eighth.get((name, 1.0), unknown) for strength in STRENGTHS]
        for name in names
    ])  # fmt: skip


def _halving_strength(ratio: Array) -> Array:
    """The largest strength at which a draw has a half, on straight lines between strengths, (strength, draw)."""
    strengths = np.array(STRENGTHS)
    is_half = ratio <= _HALF
    last = len(strengths) - 1 - np.argmax(is_half[::-1], axis=0)
    reached = is_half.any(axis=0)
    below = np.where(reached, last, 0)
    low, high = (np.take_along_axis(ratio, place[np.newaxis], axis=0)[0] for place in (below, below + 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        between = strengths[below] + (_HALF - low) / (high - low) * (strengths[below + 1] - strengths[below])
    return np.where(reached, between, np.nan)


def _told(world: World) -> dict[str, str]:
    """What the answer says of itself: title, what it is, and how to compute it again."""
    recipe = world.recipe()
    command, call = asked_again(recipe, "fears")
    return {
        "title": "What each fear adds to spending",
        "what": _WHAT,
        "formula": _FORMULA,
        "command": command,
        "call": call,
        "world": json.dumps(recipe),
        "scenario": world.scenario.title,
        "first_quarter": quarter_range(world.start_quarter, 2)[1],
        "last_quarter": quarter_range(world.start_quarter, world.quarters + 1)[-1],
        "halving_quarter": quarter_range(world.start_quarter, HALVING_QUARTER + 1)[-1],
    }
