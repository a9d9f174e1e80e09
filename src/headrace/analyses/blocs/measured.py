"""The game of blocs of a World: every profile run, the game read off, and what standing would have to be worth."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

import xarray as xr

from headrace import scenarios
from headrace.analyses.blocs.dread import USD_BN_PER_POINT, checked_worth, standing
from headrace.analyses.blocs.given import checked
from headrace.analyses.blocs.playing import played
from headrace.analyses.blocs.profiles import STRATEGIES, Play, checked_profile, play_of
from headrace.analyses.blocs.table import game_of, payoffs_at, read
from headrace.analyses.provenance import asked_again
from headrace.periods import quarter_range
from headrace.world import World

_WHAT = (
    "Each profile of strategies of the blocs is simulated on the same draws. A bloc's payoff is the present value of "
    "what its buyers gain from cheaper compute, its owners earn on compute less what they pay for it, and its "
    "suppliers earn, less public money and what raising it costs."
)
_FORMULA = (
    "W_b = sum_t (buyers + margin - payments + supplier earnings - (1 + burden) × public money) / (1 + rate)^(t/4)"
)


def blocs(
    world: World,
    *,
    table: Mapping[str, scenarios.Bloc] | None = None,
    players: Sequence[str] = (),
    strategies: Sequence[str] = (),
    profile: Mapping[str, str] | None = None,
    usd_bn_per_point: float = USD_BN_PER_POINT,
    given: Mapping[str, float] | None = None,
    file: str = "",
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """Should a bloc restrict, subsidise or neither, when the others may do the same?

    Args:
        world: Whose draws, quarters and changes the payoffs have.
        table: Blocs by name; those that come with headrace when left out.
        players: Two or more of them; all when empty. Those who do not play stay open.
        strategies: Two or more of :data:`STRATEGIES`; all when empty.
        profile: Strategy of each player; what it pays them is then ``at_profile_usd_bn`` by draw and bloc.
        usd_bn_per_point: What a point of share in the world's compute is worth to a bloc that counts standing [USD bn].
        given: Parameters of the accounts held at a value, by dotted name.
        file: Where ``table`` was read from, for the command that asks again.
        progress: Called with what is going on and the share done.

    Returns:
        What :func:`headrace.analyses.blocs.table.read` and :func:`headrace.analyses.blocs.dread.standing` say;
        attributes tell how it was made; ``left_out`` counts draws that ended early.

    Raises:
        GameError: Fewer than two blocs or strategies, a profile that leaves one out, or a worth
            below zero.
        UnknownNameError: A bloc, a strategy or a parameter that there is not.
        ScenarioError: A move contradicts the scenario of the World, or falls outside the run.
        ParameterError: A parameter of the accounts outside its range.
        EndedError: No draw runs to the end under every profile.
    """
    play = play_of(table or scenarios.blocs(), players, strategies)
    if profile is not None:
        checked_profile(play, profile)
    held = checked(given or {})
    worth = checked_worth(usd_bn_per_point)
    found = played(world, play, held, progress)
    beside = standing(found, play, worth)
    whole = xr.merge([read(found, play), beside], join="exact")
    if profile is not None:
        said = {"units": "USD bn", "long_name": "Present value to a bloc at the profile asked about"}
        whole["at_profile_usd_bn"] = (("draw", "bloc"), payoffs_at(game_of(found, play), play, profile), said)
    recipe = world.recipe()
    command, call = asked_again(recipe, "blocs")
    options, keywords = _options(play, profile, worth, held, file)
    quarters = quarter_range(world.start_quarter, world.quarters + 1)
    return whole.assign_attrs(
        **beside.attrs,
        title="Should a bloc restrict or subsidise?",
        what=_WHAT,
        formula=_FORMULA,
        command=" ".join([command, *options]),
        call=", ".join([call.removesuffix(")"), *keywords]) + ")",
        world=json.dumps(recipe),
        moves=json.dumps({
            name: {move: one.scenario.document for move, one in bloc.moves.items()} for name, bloc in play.blocs.items()
        }),
        profile=json.dumps(dict(profile or {})),
        left_out=found.left_out,
        first_quarter=quarters[1],
        last_quarter=quarters[-1],
    )  # fmt: skip


def _options(
    play: Play, profile: Mapping[str, str] | None, worth: float, held: Mapping[str, float], file: str
) -> tuple[list[str], list[str]]:
    """How a person says them, on the command line and in Python."""
    command, call = [], []
    if play.players != tuple(play.blocs):
        command += [f"--bloc {name}" for name in play.players]
        call.append(f"players={list(play.players)!r}")
    if play.strategies != tuple(STRATEGIES):
        command += [f"--strategy {name}" for name in play.strategies]
        call.append(f"strategies={list(play.strategies)!r}")
    if profile:
        command += [f"--profile {name}={strategy}" for name, strategy in profile.items()]
        call.append(f"profile={dict(profile)!r}")
    if worth != USD_BN_PER_POINT:
        command.append(f"--per-point {worth:g}")
        call.append(f"usd_bn_per_point={worth:g}")
    command += [f"--set {name}={value:g}" for name, value in held.items()]
    if held:
        call.append(f"given={dict(held)!r}")
    if file:
        command.append(f"--blocs {file}")
        call.append(f"file={file!r}")
    return command, call
