"""What a table of payoffs says: which game, what is best, where it settles, what it costs and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.dilemma.payoffs import Payoffs
from headrace.errors import GameError
from headrace.games.against_the_rest import REST, against_the_rest
from headrace.games.anarchy import overspend, payoff_lost, price_of_anarchy
from headrace.games.dominance import dominant, dominated
from headrace.games.mixed_equilibria import mixed_equilibria
from headrace.games.normal_form import Game, normal_form, restricted
from headrace.games.pure_equilibria import deviation_gain, is_equilibrium
from headrace.games.repeated import critical_discount_factor, longest_detection_lag
from headrace.games.two_by_two import CLASSES, preference
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS

RESTRAIN = "restrain"
Array = NDArray[np.float64]
Variables = dict[str, Any]

_PARTIES = ("builder", REST)


def game_of(found: Payoffs, strategies: Sequence[str]) -> Game:
    """The game of the five, from payoffs of every profile in the order of ``every_profile``."""
    sizes = [len(strategies)] * len(PLAYERS)
    table = np.moveaxis(found.value_usd_bn, 1, 2).reshape(len(found.draw), len(PLAYERS), *sizes)
    return normal_form(PLAYERS, [strategies] * len(PLAYERS), table)


def read(game: Game, found: Payoffs, wacc: Array) -> xr.Dataset:
    """Everything that the table says.

    Args:
        game: Of the five players, all with the same strategies.
        found: The payoffs it was made from.
        wacc: Cost of capital of the draws kept, (draw,) [1/year].

    A name of a game is read off one builder's own ranking of the four outcomes against the rest. The four others
    together rank them otherwise even where all five are alike: one alone is too small for them to live off.

    Returns:
        Dims (draw, builder, <a builder's name>: what it plays, party, own_strategy, rest_strategy, pair, class).
        ``payoff_usd_bn`` and ``joint_spending_usd_bn`` by profile; ``matrix_usd_bn`` of each builder against the rest;
        ``class_share`` [1] of each pair of strategies; ``dominant_share`` and ``dominated_share`` [1];
        ``equilibrium_share`` [1] by profile; ``overspend`` [1], ``payoff_lost_usd_bn`` and ``price_of_anarchy`` [1]
        by draw, NaN where a draw has no pure equilibrium; ``dilemma_of_five``, whether in a draw the last strategy is
        best for everyone whatever others do while all would rather all play the first. With restraint among the
        strategies also ``temptation_usd_bn``, ``restraint_tax``, ``critical_discount_factor`` and
        ``detection_lag_quarters``.
    """
    names = game.strategies[0]
    spending = found.spending_value_usd_bn.sum(axis=-1).reshape(len(found.draw), *[len(names)] * len(PLAYERS))
    pairs = list(combinations(names, 2))
    variables: Variables = {
        "payoff_usd_bn": (("draw", "builder", *PLAYERS), game.payoffs, _usd("Present value of free cash flow")),
        "joint_spending_usd_bn": (("draw", *PLAYERS), spending, _usd("Present value of capital expenditure")),
        "matrix_usd_bn": (
            ("draw", "builder", "party", "own_strategy", "rest_strategy"),
            np.stack([against_the_rest(game, player).payoffs for player in PLAYERS], axis=1),
            _usd("Value to a builder and to the mean of the others, who all choose alike"),
        ),
        "class_share": (
            ("pair", "builder", "class"),
            np.array([[_shares(game, player, pair) for player in PLAYERS] for pair in pairs]),
            _one("Share of draws in which a builder ranks the outcomes against the rest as in a game"),
        ),
        "dominant_share": (
            ("builder", "own_strategy"),
            np.stack([dominant(game, player).mean(axis=0) for player in PLAYERS]),
            _one("Share of draws in which a strategy is best whatever others do"),
        ),
        "dominated_share": (
            ("builder", "own_strategy"),
            np.stack([dominated(game, player).mean(axis=0) for player in PLAYERS]),
            _one("Share of draws in which another strategy is better whatever others do"),
        ),
        "equilibrium_share": (
            PLAYERS,
            is_equilibrium(game).mean(axis=0),
            _one("Share of draws in which nobody gains by leaving a profile alone"),
        ),
        "overspend": ("draw", overspend(game, spending), _one("Spending at equilibrium over that of the best profile")),
        "payoff_lost_usd_bn": ("draw", payoff_lost(game), _usd("Joint value at the best profile less at equilibrium")),
        "price_of_anarchy": ("draw", price_of_anarchy(game), _one("Joint value at the best profile over equilibrium")),
    }
    if len(names) > 1:
        variables["dilemma_of_five"] = ("draw", _dilemma_of_five(game), _one("Whether all five face one dilemma"))
    if RESTRAIN in names and len(names) > 1:
        variables |= _restraint(game, found, wacc)
    coordinates: Variables = {
        "draw": found.draw,
        "builder": list(PLAYERS),
        "party": list(_PARTIES),
        "own_strategy": list(names),
        "rest_strategy": list(names),
        "pair": [" or ".join(pair) for pair in pairs],
        "class": list(CLASSES),
    }
    return xr.Dataset(variables, coordinates | {player: list(names) for player in PLAYERS})


def mixed(game: Game) -> dict[str, list[dict[str, float]]]:
    """Equilibria of each builder against the rest at median payoffs, pure ones included: what the builder plays.

    Returns:
        By builder, one row an equilibrium: the probability of each of its strategies. Empty where it cares for none.
    """
    middle = np.median(game.payoffs, axis=0)
    found: dict[str, list[dict[str, float]]] = {}
    for player in PLAYERS:
        table = against_the_rest(normal_form(game.players, game.strategies, middle), player)
        try:
            found[player] = [one.probabilities[player] for one in mixed_equilibria(table)]
        except GameError:  # all payoffs equal: whatever it does is part of an equilibrium
            found[player] = []
    return found


def _dilemma_of_five(game: Game) -> NDArray[np.bool_]:
    """Whether the last strategy dominates the first for all, and all prefer that all play the first: (draw,)."""
    ends = restricted(game, (game.strategies[0][0], game.strategies[0][-1]))
    tempted = np.stack([dominant(ends, player)[:, -1] for player in PLAYERS], axis=1)
    all_first: tuple[Any, ...] = (..., *[0] * len(PLAYERS))
    all_last: tuple[Any, ...] = (..., *[1] * len(PLAYERS))
    better = ends.payoffs[all_first] > ends.payoffs[all_last]
    return np.asarray((tempted & better).all(axis=1))


def _restraint(game: Game, found: Payoffs, wacc: Array) -> Variables:
    names = game.strategies[0]
    at = names.index(RESTRAIN)
    alike: tuple[Any, ...] = (slice(None), slice(None), *[at] * len(PLAYERS))
    gain = deviation_gain(game)[alike]
    reward = game.payoffs[alike]
    settled = _worst_equilibrium(game)
    spent = np.moveaxis(found.spending_value_usd_bn, 1, 2).reshape(game.payoffs.shape)
    extra = np.stack([_spent_more(game, spent, place, at) for place in range(len(PLAYERS))], axis=1)
    tax = np.where(gain > 0, gain / np.where(extra > 0, extra, np.nan), 0.0)
    critical = np.full(gain.shape, np.nan)
    known = np.isfinite(settled)
    critical[known] = critical_discount_factor((reward + gain)[known], reward[known], settled[known])
    patience = ((1 + wacc) ** (-1 / QUARTERS_PER_YEAR))[:, np.newaxis] + np.zeros_like(gain)
    lag = np.full(gain.shape, np.nan)
    lag[known] = longest_detection_lag(patience[known], critical[known])
    dims = ("draw", "builder")
    return {
        "temptation_usd_bn": (dims, gain, _usd("Least side payment or fine that keeps a builder restrained with all")),
        "restraint_tax": (dims, tax, _one("Least tax on spending beyond restraint that does, USD per USD")),
        "critical_discount_factor": (dims, critical, _one("Discount factor of a period from which restraint lasts")),
        "detection_lag_quarters": (dims, lag, {"units": "quarter", "long_name": "Longest lag it survives"}),
    }


def _spent_more(game: Game, spent: Array, place: int, at: int) -> Array:
    """What a builder spends beyond restraint when it makes its best reply to restraint of all others: (draw,)."""
    others: list[Any] = [at] * len(PLAYERS)
    others[place] = slice(None)
    own = game.payoffs[(slice(None), place, *others)]
    paid = spent[(slice(None), place, *others)]
    best = own.argmax(axis=1)
    return np.asarray(paid[np.arange(len(paid)), best] - paid[:, at])


def _worst_equilibrium(game: Game) -> Array:
    """What each builder gets at the pure equilibrium worst for all, NaN where there is none: (draw, player)."""
    stable = is_equilibrium(game)
    joint = np.where(stable, game.payoffs.sum(axis=1), np.inf).reshape(len(stable), -1)
    place = joint.argmin(axis=1)
    flat = game.payoffs.reshape(*game.payoffs.shape[:2], -1)
    values = flat[np.arange(len(flat)), :, place]
    return np.where(np.isfinite(joint.min(axis=1))[:, np.newaxis], values, np.nan)


def _shares(game: Game, player: str, pair: Sequence[str]) -> list[float]:
    return shares_of_classes(preference(against_the_rest(restricted(game, pair), player), player))


def shares_of_classes(found: NDArray[np.str_]) -> list[float]:
    """Share of draws with each name of :data:`CLASSES` [1]."""
    return [float(np.mean(found == name)) for name in CLASSES]


def _usd(long_name: str) -> dict[str, str]:
    return {"units": "USD bn", "long_name": long_name}


def _one(long_name: str) -> dict[str, str]:
    return {"units": "1", "long_name": long_name}
