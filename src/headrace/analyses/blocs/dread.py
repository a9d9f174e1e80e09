"""The same game when a bloc also counts where it stands: how dear a point of share must be before the game turns.

Standing is a bloc's share in the world's quality-weighted compute, mean of the run. What a point of it is worth to a
state nobody knows, so it is varied, and the least worth at which today's answer changes is the answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.blocs.playing import Played
from headrace.analyses.blocs.profiles import Play
from headrace.analyses.blocs.table import game_of, points_of
from headrace.errors import GameError
from headrace.games.normal_form import Game, normal_form
from headrace.games.pure_equilibria import is_equilibrium

WORTHS_USD_BN = (0.0, *(float(f"{10 ** (step / 20):.3g}") for step in range(0, 81)))
"""What a point of share may be worth to a bloc, present value: nothing, and 1 to 10,000 by twentieths of a decade."""

USD_BN_PER_POINT = 100.0
"""Shown beside cash unless someone names another worth: a convention, not a finding."""

Array = NDArray[np.float64]


def checked_worth(usd_bn_per_point: float) -> float:
    """The worth of a point if it is one.

    Raises:
        GameError: No number, or below zero.
    """
    if not (np.isfinite(usd_bn_per_point) and usd_bn_per_point >= 0):
        raise GameError(f"a point of share is worth {usd_bn_per_point:g} USD bn; wanted a finite number, 0 or more")
    return float(usd_bn_per_point)


def with_standing(found: Played, play: Play, usd_bn_per_point: float) -> Game:
    """The game when a point of share is worth something to every player [USD bn]."""
    cash = game_of(found, play)
    return normal_form(cash.players, cash.strategies, cash.payoffs + usd_bn_per_point * points_of(found, play))


def standing(found: Played, play: Play, usd_bn_per_point: float = USD_BN_PER_POINT) -> xr.Dataset:
    """What counting standing does to the game.

    Args:
        found: Payoffs of every profile.
        play: Who plays.
        usd_bn_per_point: Worth of a point that is shown beside cash [USD bn].

    Returns:
        ``standing_equilibrium_share`` [1] by profile at that worth; ``equilibrium_share_by_worth`` [1] by worth and
        profile; ``break_even_usd_bn`` by draw and bloc, the least worth of a point at which the bloc leaves the
        likeliest resting point of the game in cash: infinite where no worth makes it leave, NaN where the draw does not
        rest there. Attribute ``turns_at_usd_bn``: the least worth at which another profile is the likeliest resting
        point, empty where none up to 10,000 does it.
    """
    names = list(play.players)
    cash, points = game_of(found, play), points_of(found, play)
    by_worth = np.stack([is_equilibrium(with_standing(found, play, worth)).mean(axis=0) for worth in WORTHS_USD_BN])
    flat = by_worth.reshape(len(by_worth), -1)
    likeliest = np.unravel_index(int(flat[0].argmax()), by_worth.shape[1:])
    turned = np.flatnonzero(flat.max(axis=1) > flat[:, int(flat[0].argmax())])
    shown = with_standing(found, play, usd_bn_per_point)
    variables: dict[str, Any] = {
        "standing_equilibrium_share": (
            names,
            is_equilibrium(shown).mean(axis=0),
            {"units": "1", "long_name": "Share of draws in which a profile is a resting point when standing counts"},
        ),
        "equilibrium_share_by_worth": (
            ("worth_usd_bn", *names),
            by_worth,
            {"units": "1", "long_name": "The same by what a point of share is worth"},
        ),
        "break_even_usd_bn": (
            ("draw", "bloc"),
            _break_even(cash, points, tuple(int(place) for place in likeliest)),
            {"units": "USD bn/point", "long_name": "Least worth of a point at which a bloc leaves the resting point"},
        ),
    }
    coordinates: dict[str, Any] = {
        "worth_usd_bn": ("worth_usd_bn", list(WORTHS_USD_BN), {"units": "USD bn/point"}),
        "bloc": names,
        "draw": found.draw,
    } | {name: list(play.strategies) for name in names}
    attributes = {
        "usd_bn_per_point": usd_bn_per_point,
        "turns_at_usd_bn": WORTHS_USD_BN[int(turned[0])] if len(turned) else "",
    }
    return xr.Dataset(variables, coordinates, attributes)


def _break_even(cash: Game, points: Array, profile: tuple[int, ...]) -> Array:
    """Least worth at which each player would rather do something else at a profile, (draw, player)."""
    here: tuple[Any, ...] = (slice(None), *profile)
    rests = is_equilibrium(cash)[here]
    least = np.full(cash.payoffs.shape[:2], np.inf)
    for player in range(len(profile)):
        own: list[Any] = list(profile)
        own[player] = slice(None)
        at: tuple[Any, ...] = (slice(None), player, *own)
        stays = (slice(None), [profile[player]])
        loses = cash.payoffs[at][stays] - cash.payoffs[at]
        rises = points[at] - points[at][stays]
        gains = rises > 0
        worth = np.where(gains, np.maximum(loses, 0) / np.where(gains, rises, 1), np.inf)
        least[:, player] = worth.min(axis=1)
    least[~rests] = np.nan
    return least
