"""The dilemma of a World: payoffs simulated, the game read off them, levels varied, and today's spending beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.analyses.dilemma.payoffs import Payoffs, every_profile, payoffs
from headrace.analyses.dilemma.replies import best_replies
from headrace.analyses.dilemma.table import game_of, mixed, read, shares_of_classes
from headrace.analyses.dilemma.today import spending_today
from headrace.analyses.provenance import asked_again
from headrace.changes import drawn_values
from headrace.errors import GameError
from headrace.games.against_the_rest import REST
from headrace.games.normal_form import normal_form
from headrace.games.two_by_two import CLASSES, preference
from headrace.simulation.strategies import STRATEGIES
from headrace.variables import PLAYERS
from headrace.world import World

LEVELS = (0.75, 1.0, 1.25)
"""What the level of a strategy is multiplied by: its definition is a convention, so the answer is shown for others."""

_WHAT = (
    "Each profile of strategies is simulated on the same draws; a payoff is the present value of a builder's operating "
    "cash flow before interest less capital expenditure, and what its compute in service is worth at the end."
)
_FORMULA = "V = sum_t (OCF_t + interest_t - capex_t) / (1 + WACC)^(t/4) + worth at the end / (1 + WACC)^(T/4)"


def dilemma(
    world: World,
    *,
    strategies: Sequence[str] = STRATEGIES,
    terminal_growth: float | None = None,
    other_levels: bool = True,
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """Is it a prisoner's dilemma, and what would break it?

    Args:
        world: Whose draws, quarters and changes the payoffs have.
        strategies: Two or three of ``restrain``, ``follow``, ``race``.
        terminal_growth: At which free cash flow of the last year goes on for ever [1/year]; when left out, compute in
            service at the end runs off over its economic life.
        other_levels: Whether to vary the levels of the first and the last strategy by a quarter, and to look for best
            replies.
        progress: Called with what is going on and the share done.

    Returns:
        What :func:`headrace.analyses.dilemma.table.read` and
        :func:`headrace.analyses.dilemma.today.spending_today` say; with other levels also ``class_share_by_level`` [1]
        over the levels of the first and the last strategy, and what
        :func:`headrace.analyses.dilemma.replies.best_replies` says. Attributes tell how it was made; ``left_out``
        counts draws that ended early.

    Raises:
        GameError: Fewer than two strategies, or one twice.
        UnknownNameError: A strategy that there is not.
        InvestmentError: A cost of capital that is not above ``terminal_growth``.
        EndedError: No draw runs to the end under every profile.
    """
    names = tuple(strategies)
    profiles = every_profile(names)
    if len(names) < 2:
        raise GameError(
            f"the only strategy is {names[0]}; wanted two or three of {', '.join(STRATEGIES)}: who can do "
            "one thing only has no dilemma"
        )
    found = payoffs(world, profiles, terminal_growth=terminal_growth, progress=progress)
    game = game_of(found, names)
    wacc = drawn_values(world.seed, 0, world.draws, world.changes)["finance.wacc"][found.draw]
    now = spending_today(world).sel(draw=found.draw)
    parts = [read(game, found, wacc), now]
    if other_levels:
        parts += [_by_level(world, names, terminal_growth), _replies(world, found, terminal_growth)]
    whole = xr.merge(parts, join="exact")
    recipe = world.recipe()
    command, call = asked_again(recipe, "dilemma")
    options = _options(names, terminal_growth)
    return whole.assign_attrs(
        title="Is it a prisoner's dilemma, and what would break it?",
        what=_WHAT,
        formula=_FORMULA,
        command=" ".join([command, *options[0]]),
        call=", ".join([call.removesuffix(")"), *options[1]]) + ")",
        world=json.dumps(recipe),
        mixed_equilibria=json.dumps(mixed(game)),
        left_out=found.left_out,
        terminal_growth="" if terminal_growth is None else terminal_growth,
    )


def _options(names: tuple[str, ...], terminal_growth: float | None) -> tuple[list[str], list[str]]:
    """How a person says them, on the command line and in Python."""
    command, call = [], []
    if names != STRATEGIES:
        command += [f"--strategy {name}" for name in names]
        call.append(f"strategies={list(names)!r}")
    if terminal_growth is not None:
        command.append(f"--terminal-growth {terminal_growth:g}")
        call.append(f"terminal_growth={terminal_growth:g}")
    return command, call


def _replies(world: World, found: Payoffs, terminal_growth: float | None) -> xr.Dataset:
    """Best replies of the draws kept; not known of one that ends early at some level."""
    return best_replies(world, terminal_growth).reindex(draw=found.draw)


def _by_level(world: World, names: Sequence[str], terminal_growth: float | None) -> xr.Dataset:
    """Which game the first and the last strategy make of it when their levels are others.

    Only corners are needed: all alike, one alone against the rest.
    """
    soft, hard = STRATEGIES.index(names[0]), STRATEGIES.index(names[-1])
    corners = _corners()
    combinations = [(low, high) for low in LEVELS for high in LEVELS]
    choice = np.concatenate([np.where(corners, hard, soft)] * len(combinations))
    level = np.concatenate([np.where(corners, high, low) for low, high in combinations])
    found = payoffs(world, choice, level, terminal_growth=terminal_growth)
    shares = np.empty((len(LEVELS), len(LEVELS), len(PLAYERS), len(CLASSES)))
    for number in range(len(combinations)):
        rows = slice(number * len(corners), (number + 1) * len(corners))
        shares[divmod(number, len(LEVELS))] = [
            _class_at_corners(found, rows, place, (names[0], names[-1])) for place in range(len(PLAYERS))
        ]
    said = {"units": "1", "long_name": f"Share of draws by game of {names[0]} or {names[-1]}, at other levels of them"}
    dims = ("first_level", "last_level", "builder", "class")
    return xr.Dataset(
        {"class_share_by_level": (dims, shares, said)},
        {
            "first_level": list(LEVELS),
            "last_level": list(LEVELS),
            "builder": list(PLAYERS),
            "class": list(CLASSES),
        },
    )


def _corners() -> NDArray[np.bool_]:
    """Who plays the last strategy: nobody, each alone, all but each, everybody; (profile, player)."""
    alone = np.eye(len(PLAYERS), dtype=bool)
    nobody = np.zeros((1, len(PLAYERS)), dtype=bool)
    return np.concatenate([nobody, alone, ~alone, ~nobody])


def _class_at_corners(found: Payoffs, rows: slice, place: int, names: tuple[str, str]) -> list[float]:
    value = found.value_usd_bn[:, rows]
    others = [player for player in range(len(PLAYERS)) if player != place]
    profiles = [[0, 1 + len(PLAYERS) + place], [1 + place, 1 + 2 * len(PLAYERS)]]  # [own][rest]
    mine = value[:, profiles, place]
    rest = value[:, profiles][..., others].mean(axis=-1)
    table = normal_form((PLAYERS[place], REST), (names, names), np.stack([mine, rest], axis=1))
    return shares_of_classes(preference(table, PLAYERS[place]))
