"""Safety in the race in five sentences. Each says what is assumed in it, for nothing in it is measured."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace._types import Figure, Headline
from headrace.analyses.dilemma.safety import ASSUMED_WEIGHT, SAFETY_COST
from headrace.results import SIMULATED_QUALITY
from headrace.variables import BUILDERS

_LEVELS = (0.5, 0.05, 0.95)
_STEEP = 0.9
_MIDDLE_ENMITY = 0.6
_ALL = SAFETY_COST[-1]


def safety_headlines(found: xr.Dataset) -> list[Headline]:
    """What is assumed, when skimping pays, what racers and knowledge do, what would restore trust, and spending.

    Args:
        found: As :func:`headrace.analyses.dilemma.safety.safety` makes it.
    """
    return [_assumed(found), _skimping(found), _racers(found), _price(found), _spending(found)]


def _assumed(found: xr.Dataset) -> Headline:
    enmity = _figure("assumed_enmity", "Enmity, assumed", found["assumed_enmity"])
    decisive = _figure("decisiveness", "Decisiveness of scale, a judgement", found["decisiveness"])
    sentence = (
        "A what-if and no measurement: nothing filed says what safety takes, how far abilities spread, or what a "
        f"rival's win is to a builder. If ruin took all franchises and a rival's win the part drawn, enmity would be "
        f"{_words(enmity)}, from 0, as glad if another wins, to 1, as bad as ruin; decisiveness of scale is judged to "
        f"be {_words(decisive)}."
    )
    return Headline("assumed", "What is assumed", sentence, (enmity, decisive))


def _skimping(found: xr.Dataset) -> Headline:
    borne = found["safety_cost_borne"].sel(enmity=_MIDDLE_ENMITY, capability_weight=ASSUMED_WEIGHT)
    most = _figure("safety_cost_borne", "Most that full safety may take and be kept, assumed", borne)
    here = found["safety_of_racers"].sel(racers=len(BUILDERS))
    steep = _figure("safety_steep", "Safety where it takes most compute, assumed", here.sel(safety_cost=_STEEP))
    all_ = _figure("safety_all", "Safety where the highest wins, assumed", here.sel(safety_cost=_ALL))
    sentence = (
        f"Assume an enmity of {_MIDDLE_ENMITY:g} and abilities that spread by as much as full safety costs: as the "
        f"market is shared by compute, none of the {len(BUILDERS)} builders skimps unless full safety takes more than "
        f"{_percent(most)} of effective compute. At the enmity of the stakes drawn, safety, which is the chance that "
        f"it goes well, is {_words(steep)} if it takes {_STEEP:.0%}, and {_words(all_)} if the winner takes all, which "
        "is the race to the precipice."
    )
    return Headline("skimping", "When skimping pays", sentence, (most, steep, all_))


def _racers(found: xr.Dataset) -> Headline:
    alone = found["safety_of_racers"].sel(safety_cost=_ALL)
    known = found["goes_well_knowing_oneself"]
    few, many = (int(found["racers"].values[at]) for at in (0, -1))
    two, last = (_figure(f"racers_{n}", f"Safety of {n} racers, assumed", alone.sel(racers=n)) for n in (few, many))
    own, nobody = (values.sel(racers=len(BUILDERS)) for values in (known, alone))
    worse = float((own < nobody).mean())
    knows = _figure("knowing_oneself", "Chance that it goes well, knowing oneself, assumed", own)
    ignorant = _figure("knowing_nothing", "Chance that it goes well, knowing nothing, assumed", nobody)
    verb = "lowers" if worse else "never lowers"
    sentence = (
        f"If the winner takes all, at the assumed enmity, {few} racers keep a safety of {_words(two)} and {many} of "
        f"{_words(last)}: each racer added takes some of it. That each of {len(BUILDERS)} knows its own ability {verb} "
        f"the chance that it goes well, in {worse:.0%} of draws: it is {_words(knows)} then, and {_words(ignorant)} if "
        "nobody knows any."
    )
    return Headline("racers", "More racers, more knowledge", sentence, (two, last, knows, ignorant))


def _price(found: xr.Dataset) -> Headline:
    tax = found["tax"].sel(enmity=_MIDDLE_ENMITY)
    steep = _figure("tax_steep", "Tax that restores safety, assumed", tax.sel(safety_cost=_STEEP))
    all_ = _figure("tax_all", "Tax that restores safety where the winner takes all, assumed", tax.sel(safety_cost=_ALL))
    tenth = found["enmity_that_costs"].sel(cost=0.1)
    share = float(tenth.sel(safety_cost=_STEEP).notnull().mean())
    costly = _figure("enmity_tenth", "Enmity at which racing costs a tenth", tenth.sel(safety_cost=_STEEP))
    bare = _figure("enmity_tenth_all", "The same where the winner takes all", tenth.sel(safety_cost=_ALL))
    builders = len(BUILDERS)
    sentence = (
        f"All together would keep full safety. At an assumed enmity of {_MIDDLE_ENMITY:g} it is restored by a tax on "
        f"safety not kept of {_percent(steep)} of the pie for all of one builder's safety if that takes {_STEEP:.0%} "
        f"of its compute, and of {_percent(all_)} if the winner takes all; the same paid to all {builders} as a reward "
        f"would take {builders * steep.median:.2f} and {builders * all_.median:.2f} times the pie. Racing takes a "
        "tenth of the chance that it goes well from an enmity of "
        f"{_words(costly) if share else 'more than 1'} on if safety takes {_STEEP:.0%}"
        f"{f' (in {share:.0%} of draws; in the others from none)' if 0 < share < 1 else ''}, from {_words(bare)} on if "
        "the winner takes all."
    )
    return Headline("trust", "The price of trust", sentence, (steep, all_, costly, bare))


def _spending(found: xr.Dataset) -> Headline:
    ratio, settles = found["spend_to_pool"], found["settles"]
    cheap, steep = (
        _figure(f"spend_{cost:g}", "Spend over the pool of full trust, assumed", ratio.sel(safety_cost=cost))
        for cost in (SAFETY_COST[0], _STEEP)
    )
    unsettled = 1 - float(settles.sel(safety_cost=SAFETY_COST[0]).mean())
    less = float((ratio.sel(safety_cost=_STEEP) < ratio.sel(safety_cost=SAFETY_COST[0])).mean())
    sentence = (
        f"At the assumed enmity builders spend {_words(cheap)} of the pool that full trust would leave if safety takes "
        f"{SAFETY_COST[0]:.0%} of compute, and {_words(steep)} if it takes {_STEEP:.0%}, less in {less:.0%} of draws: "
        "safety skimped on thins the pie, and abilities, assumed to spread as far as safety costs, leave spending less "
        "to sway."
    )
    if unsettled:
        sentence += (
            f" In {unsettled:.0%} of draws with safety at {SAFETY_COST[0]:.0%} a builder gains by leaving, so that "
            "there is no equilibrium in pure strategies that all share."
        )
    return Headline("spending", "What it does to spending", sentence, (cheap, steep))


def _figure(key: str, label: str, values: xr.DataArray) -> Figure:
    """Median and 90 % interval over draws, those without a value left out."""
    known: NDArray[np.float64] = values.values[np.isfinite(values.values)]
    nothing = float("nan")
    median, low, high = np.quantile(known, _LEVELS).tolist() if known.size else (nothing, nothing, nothing)
    return Figure(key, label, median, low, high, "1", str(values.name), "scenario", SIMULATED_QUALITY)


def _words(figure: Figure) -> str:
    median, low, high = (f"{value:.2f}" for value in (figure.median, figure.low, figure.high))
    return median if low == high else f"{median} [{low} to {high}]"


def _percent(figure: Figure) -> str:
    median, low, high = (f"{value:.0%}" for value in (figure.median, figure.low, figure.high))
    return median if low == high else f"{median} [{low} to {high}]"
