"""Safety in the race: what builders would keep of it, how likely it is to go well, and what would restore it.

Nothing filed says what safety costs, what a rival's win is to a builder, or how far abilities spread: everything here
is a what-if over those three, and each is called assumed wherever it is read. Only decisiveness, the elasticity of the
pool and what the stakes are made of are drawn as in a run, and they are judgements too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.dilemma.payoffs import race_today
from headrace.analyses.dilemma.today import growth_believed
from headrace.analyses.provenance import asked_again
from headrace.changes import drawn_values
from headrace.errors import GameError
from headrace.games.informed_safety_contest import safety_knowing_itself
from headrace.games.safety_and_spending import (
    effort_of_safety,
    enmity_of_stakes,
    gain_from_leaving,
    spending_over_pool,
)
from headrace.games.safety_contest import (
    chance_lost,
    enmity_that_costs,
    least_tax,
    safety_in_contest,
    spread_borne,
)
from headrace.games.safety_race import chance_knowing_oneself
from headrace.variables import BUILDERS
from headrace.world import World

RACERS = (2, 3, 4, 5, 6, 7, 8)
ENMITY = (0.2, 0.4, 0.6, 0.8, 1.0)
CAPABILITY_WEIGHT = (0.5, 1.0, 2.0)
SAFETY_COST = (0.5, 0.75, 0.9, 0.99, 1.0)
"""Part of effective compute that full safety takes; at 1 the highest c - s wins, whatever compute a builder has."""

COST = (0.01, 0.1, 0.5)
"""Chances that all goes well which racing takes."""

ASSUMED_WEIGHT = 1.0
"""Where only one spread of ability is shown: as much between the ablest and the least able as full safety costs."""

NO_GAIN = 1e-3
"""Gain from leaving, in parts of the pie, up to which a profile counts as settled."""

Array = NDArray[np.float64]

_WHAT = (
    "What-if, not measured. Builders contest a pie that is there with the chance of the winner's safety, and safety "
    "takes effective compute. What safety takes, how far abilities spread and what a rival's win is to a builder are "
    "assumed; decisiveness and the elasticity of the pool are the loop's judgements."
)
_FORMULA = "payoff_i = A X^beta [p_i s_i + (1 - e) sum over others of p_j s_j] - x_i; s = min(1, 1 / (n e k))"


def safety(world: World, progress: Callable[[str, float], None] | None = None) -> xr.Dataset:
    """What builders would keep of safety over the draws of a World, under assumptions that stand on the axes.

    Args:
        world: Whose decisiveness, elasticity of the pool and stakes are drawn.
        progress: Called with what is going on and the share done.

    Returns:
        By draw: ``decisiveness`` [1] and ``assumed_enmity`` [1], that of the stakes drawn if ruin takes the franchises.
        For all builders, who know no capability: ``safety`` [1] by enmity, capability weight and safety cost, which is
        the chance that all goes well, ``safety_cost_borne`` [1], the most that full safety may take before it is
        skimped on, ``tax`` [1] and ``enmity_that_costs`` [1]. At the assumed enmity: ``safety_of_racers`` [1],
        ``goes_well_knowing_oneself`` [1] where the highest wins, ``spend_to_pool`` [1] and ``settles``, whether nobody
        gains by other spending and other safety. At the median decisiveness ``goes_well_informed`` [1] and
        ``informed_gain`` [1], by the equilibrium that is solved for; NaN and infinite where none is found. Where no
        capability weight stands on the axes it is 1. Everything has the status scenario.

    Raises:
        HeadraceError: Whatever the start of the World refuses.
    """
    report = progress or (lambda _text, _share: None)
    report("starting the loop", 0.0)
    drawn = drawn_values(world.seed, 0, world.draws, world.changes)
    decisive, elasticity = drawn["rivalry.decisiveness"], drawn["rivalry.pool_elasticity"]
    enmity = _assumed_enmity(world, drawn)
    report("solving the contest", 0.2)
    racers = len(BUILDERS)
    sharp = np.multiply.outer(decisive, effort_of_safety(SAFETY_COST))
    lost = {n: chance_lost(n, sharp, ASSUMED_WEIGHT) for n in RACERS}
    variables: dict[str, Any] = {
        "decisiveness": ("draw", decisive, _said("Decisiveness of the share contest, drawn")),
        "assumed_enmity": ("draw", enmity, _said("Enmity if ruin took the franchises of today, assumed")),
        "safety": (
            ("draw", "enmity", "capability_weight", "safety_cost"),
            _by_enmity_and_weight(racers, sharp),
            _said("Safety that nobody gains by leaving: the chance that it goes well"),
        ),
        "safety_cost_borne": (
            ("draw", "enmity", "capability_weight"),
            _borne(racers, decisive),
            _said("Most of effective compute that full safety may take and still be kept by all"),
        ),
        "safety_of_racers": (
            ("draw", "racers", "safety_cost"),
            np.stack([safety_in_contest(n, enmity[:, np.newaxis], lost[n]) for n in RACERS], axis=1),
            _said("Safety by number of racers, at the assumed enmity"),
        ),
        "goes_well_knowing_oneself": (
            ("draw", "racers"),
            np.array([[chance_knowing_oneself(n, float(e), ASSUMED_WEIGHT) for n in RACERS] for e in enmity]),
            _said("Chance that it goes well if each knows its own ability and the highest wins"),
        ),
        "tax": (
            ("draw", "enmity", "safety_cost"),
            np.array([[least_tax(racers, ENMITY, float(r), ASSUMED_WEIGHT) for r in row] for row in sharp]).transpose(
                0, 2, 1
            ),
            _said("Least tax on a unit of safety not kept, in parts of the pie, that restores full safety"),
        ),
        "enmity_that_costs": (
            ("draw", "cost", "safety_cost"),
            enmity_that_costs(racers, lost[racers][:, np.newaxis], np.array(COST)[:, np.newaxis]),
            _said("Enmity at which racing takes this chance that it goes well; NaN where none does"),
        ),
        **_spending(racers, enmity, decisive, elasticity),
        **_informed(racers, float(np.median(decisive))),
    }
    coordinates = {
        "draw": np.arange(world.draws),
        "racers": ("racers", list(RACERS), {"units": "1", "long_name": "Number of racers"}),
        "enmity": ("enmity", list(ENMITY), _said("What a rival's win costs, of what ruin costs; assumed")),
        "capability_weight": (
            "capability_weight",
            list(CAPABILITY_WEIGHT),
            _said("Spread of ability, in units of what full safety costs; assumed"),
        ),
        "safety_cost": ("safety_cost", list(SAFETY_COST), _said("Effective compute that full safety takes; assumed")),
        "cost": ("cost", list(COST), _said("Chance that it goes well which racing takes")),
    }
    recipe = world.recipe()
    return xr.Dataset(variables, coordinates).assign_attrs(
        title="What is left of safety in the race?",
        what=_WHAT,
        formula=_FORMULA,
        command=asked_again(recipe, "dilemma")[0] + " --safety",
        call=asked_again(recipe, "safety")[1],
        world=json.dumps(recipe),
        no_gain=NO_GAIN,
    )


def _assumed_enmity(world: World, drawn: Mapping[str, Array]) -> Array:
    known = race_today(world)
    prize = np.asarray(known.margin_usd_bn) * (1 + growth_believed(drawn)) ** drawn["expectation.horizon_quarters"]
    part = np.clip(drawn["rivalry.franchise_at_stake"], 0, 1)
    return enmity_of_stakes(prize, np.asarray(known.franchise_usd_bn), part, drawn["rivalry.loss_aversion"])


def _by_enmity_and_weight(racers: int, sharp: Array) -> Array:
    """Safety, (draw, enmity, capability weight, safety cost)."""
    by_weight = np.stack([chance_lost(racers, sharp, weight) for weight in CAPABILITY_WEIGHT], axis=1)
    return safety_in_contest(racers, np.array(ENMITY)[:, np.newaxis, np.newaxis], by_weight[:, np.newaxis])


def _borne(racers: int, decisive: Array) -> Array:
    """Part of effective compute, (draw, enmity, capability weight)."""
    spread = np.array([[spread_borne(racers, e, weight) / weight for weight in CAPABILITY_WEIGHT] for e in ENMITY])
    return -np.expm1(-spread / decisive[:, np.newaxis, np.newaxis])


def _spending(racers: int, enmity: Array, decisive: Array, elasticity: Array) -> dict[str, Any]:
    """Spend over pool and whether it settles, (draw, safety cost); not known where compute sways no race."""
    shape = (len(decisive), len(SAFETY_COST))
    ratio, gain = np.full(shape, np.nan), np.full(shape, np.nan)
    for at, effort in enumerate(effort_of_safety(SAFETY_COST[:-1])):
        ratio[:, at] = spending_over_pool(racers, enmity, decisive, float(effort), ASSUMED_WEIGHT, elasticity)
        gain[:, at] = [
            gain_from_leaving(racers, float(e), float(r), float(effort), ASSUMED_WEIGHT, float(beta))
            for e, r, beta in zip(enmity, decisive, elasticity, strict=True)
        ]
    settles = np.where(np.isnan(gain), np.nan, gain <= NO_GAIN)
    dims = ("draw", "safety_cost")
    return {
        "spend_to_pool": (dims, ratio, _said("Spend over the pool of full trust, with safety chosen too")),
        "settles": (dims, settles, _said("Whether nobody gains by other spending and other safety, 1 or 0")),
    }


def _informed(racers: int, decisive: float) -> dict[str, Any]:
    """Chance that it goes well where each knows its own ability, (enmity, safety cost), and the gain from leaving."""
    chance, gain = (np.empty((len(ENMITY), len(SAFETY_COST))) for _ in range(2))
    for row, enmity in enumerate(ENMITY):
        for column, effort in enumerate(effort_of_safety(SAFETY_COST[:-1])):
            try:
                found = safety_knowing_itself(racers, enmity, decisive * float(effort), ASSUMED_WEIGHT)
            except GameError:  # no pure equilibrium found: everything is open
                chance[row, column], gain[row, column] = np.nan, np.inf
            else:
                chance[row, column], gain[row, column] = found.goes_well, found.gain
        chance[row, -1], gain[row, -1] = chance_knowing_oneself(racers, enmity, ASSUMED_WEIGHT), 0.0
    dims = ("enmity", "safety_cost")
    return {
        "goes_well_informed": (dims, chance, _said("Chance that it goes well if each knows its own ability")),
        "informed_gain": (dims, gain, _said("Most that anybody gains by leaving it, in parts of the pie")),
    }


def _said(long_name: str) -> dict[str, str]:
    return {"units": "1", "long_name": long_name, "status": "scenario", "quality": "C"}
