"""Worlds with one mechanism changed, and which difference from the prototype or the counted sites each should explain.

A reason is only as good as its run: the page prints how much of the difference goes away, also where that is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headrace.variables import IT_LAYERS, PLAYERS, SITE_LAYERS

_FROM = "first"


@dataclass(frozen=True)
class Changed:
    """A world with one mechanism changed.

    Attributes:
        what: In words, after "with".
        settings: Parameters held in every draw, before the start is solved.
        page: The scenario; a dict where something changes after the start.
    """

    what: str
    settings: Mapping[str, float] = field(default_factory=dict)
    page: str | Mapping[str, Any] = "baseline"


_IT_TWICE = {
    "title": "IT layers that deliver twice",
    "dated": "2026-09-30",
    "summary": "Every IT layer delivers twice its capacity from the first quarter on, so that IT is not scarce.",
    "changes": [
        {"parameter": f"{layer}.availability", "value": 2.0, "start": _FROM, "reason": "IT is not scarce"}
        for layer in IT_LAYERS
    ],
}
_LONG_LIFE = {"finance.it_economic_life_quarters": 40.0}
_FLAT_FRANCHISE = {f"builder.{player}.franchise_growth": 0.0 for player in PLAYERS}
_TIGHT_MONEY = {"funding.debt_room_factor": 0.0, **_FLAT_FRANCHISE}
_SLOW_SYSTEMS = {
    "systems.fastest_growth": 0.06,
    "systems.growth_under_way": 0.03,
    "systems.trend_growth": 0.02,
    "systems.expansion_response": 0.2,
    "systems.lead_time_quarters": 6.0,
}

CHANGED: Mapping[str, Changed] = {
    "it_twice": Changed("IT layers that deliver twice as much from the first quarter on", page=_IT_TWICE),
    "tight_money": Changed("no room for new debt and franchises that do not grow", _TIGHT_MONEY),
    "it_twice_tight_money": Changed("IT layers that deliver twice as much, and tight money", _TIGHT_MONEY, _IT_TWICE),
    "long_life": Changed("IT that lasts forty quarters, so that few shells come back", _LONG_LIFE),
    "it_twice_long_life": Changed("IT layers that deliver twice as much, and IT that lasts", _LONG_LIFE, _IT_TWICE),
    "no_stock_correction": Changed("orders that look at no stock", {"orders.stock_correction": 0.0}),
    "at_once": Changed("plans that reach their target within the quarter", {"rivalry.adjustment_speed": 1.0}),
    "wide_debt_room": Changed("five times the room for new debt", {"funding.debt_room_factor": 5.0}),
    "flat_franchise": Changed("franchise cash flow that does not grow", _FLAT_FRANCHISE),
    "slow_systems": Changed("makers of systems that expand as slowly as construction", _SLOW_SYSTEMS),
    "long_site_lead": Changed(
        "site layers that take 24 quarters to expand", {f"{layer}.lead_time_quarters": 24.0 for layer in SITE_LAYERS}
    ),
    "fear": Changed("loss aversion 1.75 in every draw", {"rivalry.loss_aversion": 1.75}),
    "no_fear": Changed("loss aversion 1 in every draw", {"rivalry.loss_aversion": 1.0}),
    "fast_users": Changed("imitation 0.14 a quarter in every draw", {"adoption.imitation": 0.14}),
    "slow_users": Changed("imitation 0.07 a quarter in every draw", {"adoption.imitation": 0.07}),
}
"""By name; every one is a run of its own with the draws of the baseline."""


@dataclass(frozen=True)
class Reason:
    """Why a figure may differ: words, and the changed world that tests them.

    ``why`` may name what the page works out, in braces; then ``world`` is None and the arithmetic is the test. A
    ``caveat`` says why a run that closes the difference is no proof.
    """

    figures: tuple[str, ...]
    why: str
    world: str | None = None
    caveat: str = ""


_BURST = (
    "but capacity that doubles at once makes a burst, and the fall follows it: the loop can swing so, which does not "
    "prove that the prototype did for this reason"
)

REASONS = (
    Reason(
        ("spending_start_usd_bn",),
        "The loop starts from the quarter as filed, and plans go part of the way to what was announced; the prototype "
        "started at what had been announced.",
        "at_once",
    ),
    Reason(
        ("spending_fall",),
        "The prototype's trough was one of funding: its room for debt was counted in quarters of cash flow, here it is "
        "in years.",
        "tight_money",
    ),
    Reason(
        ("spending_fall", "chips_fall"),
        "Money follows deliveries, and scarce memory and packaging spread the backlog over years. The prototype had "
        "one chip layer, which delivered within two quarters what it had on order as far as capacity went.",
        "it_twice",
        _BURST,
    ),
    Reason(("spending_fall", "chips_fall"), "With tight money too.", "it_twice_tight_money", _BURST),
    Reason(
        ("chips_2028_usd_bn",),
        "The prototype counted money when it was ordered: chips for 217 could be delivered two quarters after all AI "
        "capital expenditure had been 182. Here deliveries are paid, so they cannot outrun spending.",
    ),
    Reason(
        ("unpowered_peak_gw",), "Scarce memory and packaging hold back the chips that would have waited.", "it_twice"
    ),
    Reason(
        ("unpowered_peak_gw",),
        "Retired IT leaves a powered shell to its successor, which the prototype did not know.",
        "long_life",
    ),
    Reason(("unpowered_peak_gw",), "Both together.", "it_twice_long_life"),
    Reason(
        ("unpowered_peak_gw",),
        "Orders here correct for what already waits; in the prototype they did not.",
        "no_stock_correction",
    ),
    Reason(
        ("net_debt_change_usd_bn",),
        "The prototype counted everyone's debt, here it is that of the five who file. The others spend {rest_gap} USD "
        "bn more than their share of the margin up to 2031Q4: {rest_share} of the difference.",
    ),
    Reason(("net_debt_change_usd_bn",), "The five earn on franchises that grow.", "flat_franchise"),
    Reason(("net_debt_change_usd_bn",), "Lenders hold debt back.", "wide_debt_room"),
    Reason(
        ("stock_at_start",),
        "The count is of {sites} large and visible sites, a part of all AI compute on purpose.",
    ),
    Reason(
        ("added_2026", "added_2027", "growth_2026", "growth_2027"),
        "The count thins out ahead of its present. Sites with power went from {sites_2025} to {sites_2026} in the year "
        "to 2026Q2, adding {added_year} GW a quarter ({added_half} in its second half); they go to {sites_2027} in the "
        "six quarters after it: those that will be found later are not in it.",
    ),
    Reason(
        ("added_2026",),
        "In 2025 the counted sites added {covered} of the IT power of the accelerators that shipped. At that share of "
        "the second half of 2026, all additions would be {scaled} GW a quarter; the baseline energises {energised}.",
    ),
)
