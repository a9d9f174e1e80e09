"""Who does what, and what that makes of a run: every profile of strategies as changes of the same World.

A strategy is a set of moves: neither, to restrict, to subsidise, or both. Every profile has a path for whatever any
bloc can move, so that one compiled program serves them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from headrace import scenarios
from headrace.changes import Changes, changes_of
from headrace.errors import GameError, ScenarioError, unknown_name
from headrace.periods import quarter_index, quarter_label
from headrace.scenarios.bloc_moves import PRIVATE, SOVEREIGN
from headrace.simulation.paths import place
from headrace.world import World

STRATEGIES: Mapping[str, tuple[str, ...]] = {
    "open": (),
    "restrict": ("restrict",),
    "subsidise": ("subsidise",),
    "both": ("restrict", "subsidise"),
}
"""Moves of each strategy."""

Array = NDArray[np.float64]
Profile = tuple[str, ...]
"""Strategy of each player, in their order."""


@dataclass(frozen=True)
class Play:
    """Who plays, among blocs that are there, and what they can do.

    Attributes:
        blocs: All of them by name; those who do not play stay open.
        players: Two or more of them.
        strategies: One or more of :data:`STRATEGIES`.
    """

    blocs: Mapping[str, scenarios.Bloc]
    players: tuple[str, ...]
    strategies: tuple[str, ...]

    @cached_property
    def profiles(self) -> list[Profile]:
        """Every way in which the players can choose, the last one's fastest."""
        return list(product(self.strategies, repeat=len(self.players)))

    def moves(self, profile: Profile) -> list[tuple[str, scenarios.Move]]:
        """Who makes which move under a profile."""
        return [
            (player, self.blocs[player].moves[move])
            for player, strategy in zip(self.players, profile, strict=True)
            for move in STRATEGIES[strategy]
        ]


def play_of(blocs: Mapping[str, scenarios.Bloc], players: Sequence[str] = (), strategies: Sequence[str] = ()) -> Play:
    """Who plays what; everyone everything when left out.

    Raises:
        UnknownNameError: A bloc or a strategy that there is not.
        GameError: Fewer than two blocs or strategies, or one named twice.
    """
    names, choices = tuple(players) or tuple(blocs), tuple(strategies) or tuple(STRATEGIES)
    for kind, found, known in (("bloc", names, blocs), ("strategy", choices, STRATEGIES)):
        for name in found:
            if name not in known:
                raise unknown_name(kind, name, known)
        if len(set(found)) < len(found):
            raise GameError(f"{kind}: {', '.join(found)}; wanted each once")
        if len(found) < 2:
            raise GameError(
                f"the only {kind} is {', '.join(found)}; wanted two or more of {', '.join(known)}: what one does "
                "alone, or must do, is no game"
            )
    return Play(blocs, names, tuple(name for name in STRATEGIES if name in choices))


def checked_profile(play: Play, profile: Mapping[str, str]) -> Profile:
    """Strategies of the players in their order.

    Raises:
        GameError: The profile is empty or leaves a player out.
        UnknownNameError: A bloc that does not play, or a strategy that is not played.
    """
    for name, strategy in profile.items():
        if name not in play.players:
            raise unknown_name("bloc", name, play.players, "profile")
        if strategy not in play.strategies:
            raise unknown_name("strategy", strategy, play.strategies, f"profile, {name}")
    missing = [name for name in play.players if name not in profile]
    if missing:
        lack = f"has no strategy for {', '.join(missing)}" if profile else "is empty"
        raise GameError(f"the profile {lack}; wanted one for each of {', '.join(play.players)}")
    return tuple(profile[name] for name in play.players)


def changes_under(world: World, play: Play, profile: Profile, quarters: int | None = None) -> Changes:
    """What a profile makes of the parameters of a World.

    Raises:
        ScenarioError: A move contradicts the scenario of the World, or falls outside the run.
        ParameterError: Together they take a parameter out of its range.
    """
    pages = [move.scenario for _, move in play.moves(profile)]
    whole = scenarios.combined([world.whole_scenario, *pages])
    return changes_of(
        whole, quarters or world.quarters, world.settings, world.posterior, world.start, also=_moved(play)
    )


def _moved(play: Play) -> frozenset[str]:
    pages = [move.scenario for bloc in play.blocs.values() for move in bloc.moves.values()]
    return frozenset(place(name)[0] for page in pages for change in page.changes for name in change.names)


@dataclass(frozen=True)
class Terms:
    """What a profile says of blocs by quarter of a run; parties are the blocs and then everyone else.

    Attributes:
        public_usd_bn: Money of the state [USD bn/quarter], (quarter, bloc).
        bought_usd_bn: Part of it that buys compute, before the growth of the path it enters, (quarter, bloc).
        private_usd_bn: What is added to spending of the bloc's firms in the rest of the world, likewise,
            (quarter, bloc).
        own_quality: Of what the bloc's firms add, over that of the frontier [1], (quarter, bloc).
        at_home: Part of what they pay for IT that turns to suppliers of their own [1], (quarter, bloc).
    """

    public_usd_bn: Array
    bought_usd_bn: Array
    private_usd_bn: Array
    own_quality: Array
    at_home: Array


def terms_of(world: World, play: Play, profile: Profile) -> Terms:
    """What a profile says of blocs in each quarter of a run.

    Raises:
        ScenarioError: A term falls outside the run.
    """
    names = list(play.blocs)
    shape = (world.quarters, len(names))
    terms = Terms(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.ones(shape), np.zeros(shape))
    first = quarter_label(quarter_index(world.start_quarter) + 1)
    for player, move in play.moves(profile):
        own = names.index(player)
        during = _during(move, first, world.quarters)
        terms.public_usd_bn[during, own] += move.public_usd_bn
        terms.own_quality[during, own] *= move.own_quality
        terms.at_home[during, own] = 1 - (1 - terms.at_home[during, own]) * (1 - move.at_home)
        timetable = scenarios.schedule(move.scenario, first, world.quarters)
        for parameter, room, whose in (
            (SOVEREIGN, terms.bought_usd_bn, own),
            (PRIVATE, terms.private_usd_bn, names.index(move.falls_on) if move.falls_on else own),
        ):
            if parameter in timetable.names:
                room[:, whose] += timetable.shift[:, timetable.names.index(parameter)]
    return terms


def _during(move: scenarios.Move, first_quarter: str, quarters: int) -> slice:
    first = quarter_index(first_quarter)
    begin = 0 if move.start == "first" else quarter_index(move.start) - first
    end = quarters if move.end is None else quarter_index(move.end) - first + 1
    if begin < 0 or begin >= quarters or end < 1:
        raise ScenarioError(
            f"{move.scenario.name}: its term, from {move.start} to {move.end or 'the end'}, is outside the run from "
            f"{first_quarter} to {quarter_label(first + quarters - 1)}; choose quarters inside it, or more --quarters"
        )
    return slice(begin, end)
