"""What the payoffs of blocs say: which game, what is best, where it settles, and what each move costs whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.blocs.account import PARTS
from headrace.analyses.blocs.playing import Played
from headrace.analyses.blocs.profiles import Play, checked_profile
from headrace.games.against_the_rest import against_the_rest
from headrace.games.anarchy import payoff_lost
from headrace.games.dominance import dominant, dominated
from headrace.games.normal_form import Game, normal_form, restricted
from headrace.games.pure_equilibria import is_equilibrium
from headrace.games.two_by_two import CLASSES, preference

EVERYONE_ELSE = "everyone_else"
"""The party that is no bloc."""

WORLD = "world"
"""All parties together."""

OPEN = "open"
Array = NDArray[np.float64]


def parties(play: Play) -> list[str]:
    """The blocs and then everyone else, as the axis of parties has them."""
    return [*play.blocs, EVERYONE_ELSE]


def game_of(found: Played, play: Play) -> Game:
    """The game of the players, payoffs in cash [USD bn]."""
    return normal_form(play.players, [play.strategies] * len(play.players), _by_profile(found, play, "value"))


def points_of(found: Played, play: Play) -> Array:
    """Share of each player in the world's compute by profile, (draw, player, *strategies) [points]."""
    return _by_profile(found, play, "points")


def read(found: Played, play: Play) -> xr.Dataset:
    """Everything that the table says.

    Returns:
        Dims (draw, bloc: who plays, <a bloc's name>: what it does, part, choice, class, strategy, mover, move, party).
        ``payoff_usd_bn``, ``share_points`` and ``world_usd_bn`` by profile; ``part_usd_bn`` of them; ``class_share``
        [1] of the game of two strategies against the rest, and ``tempting_dilemma_share`` [1] of those dilemmas whose
        trap is the second strategy; ``dominant_share`` and ``dominated_share`` [1];
        ``equilibrium_share`` [1] by profile; ``lost_usd_bn`` and ``world_lost_usd_bn`` by draw, at the worst pure
        equilibrium against the best profile for the players and for the world, NaN where a draw has none. With
        ``open`` among the strategies also ``effect_usd_bn``, what a party gains when one bloc alone is not open, and
        ``own_effect_usd_bn``, what it gains itself by that, by part.
    """
    game = game_of(found, play)
    names = list(play.players)
    pairs = list(combinations(play.strategies, 2))
    whole = found.value_usd_bn.sum(axis=(2, 3)).reshape(len(found.draw), *[len(play.strategies)] * len(names))
    variables: dict[str, Any] = {
        "payoff_usd_bn": (("draw", "bloc", *names), game.payoffs, _usd("Present value to a bloc")),
        "part_usd_bn": (
            ("draw", "bloc", "part", *names),
            _parts(found, play),
            _usd("What it is made of: buyers, owners, suppliers, states"),
        ),
        "share_points": (
            ("draw", "bloc", *names),
            points_of(found, play),
            {"units": "points", "long_name": "Share in the world's quality-weighted compute, mean of the run"},
        ),
        "world_usd_bn": (("draw", *names), whole, _usd("Present value to the world")),
        "class_share": (
            ("choice", "bloc", "class"),
            np.array([[_shares(game, name, pair) for name in names] for pair in pairs]),
            _one("Share of draws in which a bloc ranks the outcomes against the rest as in a game"),
        ),
        "tempting_dilemma_share": (
            ("choice", "bloc"),
            np.array([[_tempting(game, name, pair) for name in names] for pair in pairs]),
            _one("Share of draws with a dilemma in which the second of two strategies tempts and all regret it"),
        ),
        "dominant_share": (
            ("bloc", "strategy"),
            np.stack([dominant(game, name).mean(axis=0) for name in names]),
            _one("Share of draws in which a strategy is best whatever others do"),
        ),
        "dominated_share": (
            ("bloc", "strategy"),
            np.stack([dominated(game, name).mean(axis=0) for name in names]),
            _one("Share of draws in which another strategy is better whatever others do"),
        ),
        "equilibrium_share": (
            names,
            is_equilibrium(game).mean(axis=0),
            _one("Share of draws in which nobody gains by leaving a profile alone"),
        ),
        "lost_usd_bn": ("draw", payoff_lost(game), _usd("Value to the players together lost at equilibrium")),
        "world_lost_usd_bn": ("draw", _world_lost(game, whole), _usd("Value to the world lost at equilibrium")),
    }
    coordinates: dict[str, Any] = {
        "draw": found.draw,
        "bloc": names,
        "label": ("bloc", [play.blocs[name].label for name in names]),
        "part": list(PARTS),
        "strategy": list(play.strategies),
        "choice": [" or ".join(pair) for pair in pairs],
        "class": list(CLASSES),
    } | {name: list(play.strategies) for name in names}
    moves = [name for name in play.strategies if name != OPEN]
    if OPEN in play.strategies:
        variables["effect_usd_bn"] = (
            ("draw", "mover", "move", "party"),
            _effects(found, play, moves),
            _usd("What a party gains when one bloc alone is not open"),
        )
        variables["own_effect_usd_bn"] = (
            ("draw", "mover", "move", "part"),
            _own_effects(found, play, moves),
            _usd("What it gains itself by that, by part of its account"),
        )
        coordinates |= {"mover": names, "move": moves, "party": [*parties(play), WORLD]}
    return xr.Dataset(variables, coordinates)


def payoffs_at(game: Game, play: Play, profile: Mapping[str, str]) -> Array:
    """Present value to each player under one profile, (draw, player) [USD bn]."""
    chosen = checked_profile(play, profile)
    here: tuple[Any, ...] = (..., *(play.strategies.index(one) for one in chosen))
    return np.asarray(game.payoffs[here])


def _by_profile(found: Played, play: Play, what: str) -> Array:
    values = found.value_usd_bn.sum(axis=-1) if what == "value" else found.points
    own = [list(play.blocs).index(name) for name in play.players]
    table = np.moveaxis(values[:, :, own], 1, 2)
    return table.reshape(len(found.draw), len(own), *[len(play.strategies)] * len(own))


def _parts(found: Played, play: Play) -> Array:
    own = [list(play.blocs).index(name) for name in play.players]
    table = np.moveaxis(found.value_usd_bn[:, :, own], 1, 3)
    return table.reshape(*table.shape[:3], *[len(play.strategies)] * len(own))


def _effects(found: Played, play: Play, moves: Sequence[str]) -> Array:
    """(draw, mover, move, party and the world)."""
    value = found.value_usd_bn.sum(axis=-1)
    value = np.concatenate([value, value.sum(axis=-1, keepdims=True)], axis=-1)
    return _less_open(value, play, moves)


def _own_effects(found: Played, play: Play, moves: Sequence[str]) -> Array:
    """(draw, mover, move, part)."""
    changed = _less_open(found.value_usd_bn, play, moves)
    own = [list(play.blocs).index(name) for name in play.players]
    return np.stack([changed[:, place, :, at] for place, at in enumerate(own)], axis=1)


def _less_open(value: Array, play: Play, moves: Sequence[str]) -> Array:
    """Values when one bloc alone makes a move less those when all are open: (draw, mover, move, ...)."""
    nobody = (OPEN,) * len(play.players)
    base = value[:, play.profiles.index(nobody)]
    rows = []
    for place in range(len(play.players)):
        alone = [(*nobody[:place], move, *nobody[place + 1 :]) for move in moves]
        rows.append(np.stack([value[:, play.profiles.index(one)] - base for one in alone], axis=1))
    return np.stack(rows, axis=1)


def _world_lost(game: Game, whole: Array) -> Array:
    """What the world has less at the equilibrium that is worst for it than at the profile that is best for it."""
    every = tuple(range(1, whole.ndim))
    stable = is_equilibrium(game)
    worst = np.where(stable, whole, np.inf).min(axis=every)
    return np.where(stable.any(axis=every), whole.max(axis=every) - worst, np.nan)


def _shares(game: Game, name: str, pair: Sequence[str]) -> list[float]:
    found = preference(against_the_rest(restricted(game, pair), name), name)
    return [float(np.mean(found == one)) for one in CLASSES]


def _tempting(game: Game, name: str, pair: Sequence[str]) -> float:
    """Of the dilemmas those whose trap is the second strategy; in the others it is the first."""
    table = against_the_rest(restricted(game, pair), name)
    trapped = (preference(table, name) == "prisoners_dilemma") & dominant(table, name)[:, 1]
    return float(trapped.mean())


def _usd(long_name: str) -> dict[str, str]:
    return {"units": "USD bn", "long_name": long_name}


def _one(long_name: str) -> dict[str, str]:
    return {"units": "1", "long_name": long_name}
