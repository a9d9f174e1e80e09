"""The game of blocs in five sentences, which say what the figures say and turn round when those do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import xarray as xr

from headrace._types import Figure, Headline
from headrace.analyses.blocs.table import EVERYONE_ELSE, OPEN, WORLD
from headrace.analyses.fear_headlines import is_told_from_zero
from headrace.analyses.figures import drawn_figure
from headrace.results import SIMULATED_QUALITY

RECEIPT = "asked.blocs"
"""What every figure opens in a report."""

_GAMES = {
    "prisoners_dilemma": "a prisoner's dilemma",
    "chicken": "chicken",
    "stag_hunt": "a stag hunt",
    "harmony": "harmony, where what is best for each is best for all",
    "deadlock": "deadlock, where each does best by one thing and nobody would rather all did otherwise",
    "all_equal": "no game, for nobody cares",
}
_DOES = {"open": "stays open", "restrict": "restricts", "subsidise": "subsidises", "both": "does both"}
_MOST = 0.5
_RANKINGS = 24
"""Strict rankings of four outcomes, one of which is a dilemma with a given trap."""


def bloc_headlines(found: xr.Dataset) -> list[Headline]:
    """Which game, what each move alone costs whom, where it settles, and what standing has to be worth.

    Args:
        found: As :func:`headrace.analyses.blocs.measured.blocs` makes it.
    """
    said = [_game(found)]
    said += [_alone(found, move) for move in ("restrict", "subsidise") if _is_played(found, move)]
    return [*said, _settles(found), _standing(found)]


def effect(found: xr.Dataset, mover: str, move: str, party: str) -> Figure:
    """What a party gains when one bloc alone makes a move [USD bn]."""
    draws = found["effect_usd_bn"].sel(mover=mover, move=move, party=party).values
    return drawn_figure(
        f"{mover}.{move}.{party}", f"{_name(found, mover)} alone: {move}, {party}", draws, "USD bn", RECEIPT
    )


def _is_played(found: xr.Dataset, move: str) -> bool:
    return "effect_usd_bn" in found and move in found["move"].values


def _game(found: xr.Dataset) -> Headline:
    choice = next((str(one) for one in found["choice"].values if one == f"{OPEN} or restrict"), None)
    choice = choice or str(found["choice"].values[0])
    share = found["class_share"].sel(choice=choice)
    likeliest = str(share["class"].values[int(share.mean("bloc").argmax("class"))])
    trap = found["tempting_dilemma_share"].sel(choice=choice)
    sentence = (
        f"To be {choice}, one bloc against the others, is {_GAMES.get(likeliest, likeliest.replace('_', ' '))}, in "
        f"{_range(share.sel({'class': likeliest}))} of draws by bloc. It is a prisoner's dilemma in which to "
        f"{choice.split(' or ')[1]} tempts in {_range(trap)}, against {1 / _RANKINGS:.0%} of rankings made at random: "
        f"counted in money, the popular story {'holds in most' if float(trap.mean()) > _MOST else 'fails in most'}."
    )
    best = found["dominant_share"]
    strategy = str(best["strategy"].values[int(best.mean("bloc").argmax("strategy"))])
    words = "To be open" if strategy == OPEN else "To do both" if strategy == "both" else f"To {strategy}"
    sentence += f" {words} is best whatever others do in {_range(best.sel(strategy=strategy))}."
    return Headline("game", "Which game", sentence, (_share("dilemma", "Prisoner's dilemma", trap),))


def _alone(found: xr.Dataset, move: str) -> Headline:
    """What a move costs who makes it alone, each other bloc and the world."""
    figures: list[Figure] = []
    parts = []
    for mover in _names(found):
        own = effect(found, mover, move, mover)
        others = [name for name in [*_names(found), EVERYONE_ELSE] if name != mover]
        rest = found["effect_usd_bn"].sel(mover=mover, move=move, party=others).sum("party").values
        abroad = drawn_figure(
            f"{mover}.{move}.others", f"{_name(found, mover)} alone: {move}, others", rest, "USD bn", RECEIPT
        )
        figures += [own, abroad]
        parts.append(f"{_name(found, mover)} {_amount(own)}, and all others together {_amount(abroad, plural=True)}")
    verb = "restricting" if move == "restrict" else "subsidising"
    label = "What restricting costs" if move == "restrict" else "What subsidies do"
    sentence = f"By {verb} alone, against all open, {'; '.join(parts)}. {_doubts(found, move)}"
    return Headline(move, label, sentence, tuple(figures))


def _amount(one: Figure, *, plural: bool = False) -> str:
    verb = ("gain" if one.median > 0 else "lose") + "s" * (not plural)
    sign = 1 if one.median > 0 else -1
    ends = sorted((sign * one.low, sign * one.high))
    middle, low, high = (f"{round(value) + 0:,d}" for value in (sign * one.median, *ends))
    doubt = "" if is_told_from_zero(one.low, one.high) else ", not told from zero"
    if middle == "0" and low == "0" == high:
        return "neither gain nor lose" if plural else "neither gains nor loses"
    return f"{verb} {middle} [{low} to {high}] USD bn{doubt}"


def _doubts(found: xr.Dataset, move: str) -> str:
    known = [effect(found, mover, move, mover) for mover in _names(found)]
    told = [is_told_from_zero(one.low, one.high) for one in known]
    lost = [name for name, one, sure in zip(_names(found), known, told, strict=True) if sure and one.median < 0]
    won = [name for name, one, sure in zip(_names(found), known, told, strict=True) if sure and one.median > 0]
    world = [effect(found, mover, move, WORLD) for mover in _names(found)]
    down = [name for name, one in zip(_names(found), world, strict=True) if one.high < 0]
    said = []
    if not lost and not won:
        said.append("what it does to whoever does it cannot be told from zero for any bloc")
    if lost:
        said.append(f"it costs {_listed(_name(found, name) for name in lost)} more than it brings")
    if won:
        said.append(f"it pays for {_listed(_name(found, name) for name in won)}")
    if down:
        said.append(f"the world loses by that of {_listed(_name(found, name) for name in down)}")
    whole = "; ".join(said)
    return f"{whole[:1].upper()}{whole[1:]}."


def _settles(found: xr.Dataset) -> Headline:
    names = _names(found)
    share = found["equilibrium_share"].transpose(*names)
    flat = share.values.ravel()
    place = np.unravel_index(int(flat.argmax()), share.shape)
    none = 1 - float(np.isfinite(found["lost_usd_bn"].values).mean())
    by_chance = found.sizes["strategy"] ** -len(names)
    lost = _figure("lost", "Value to the blocs lost at rest", found["lost_usd_bn"])
    world = _figure("world_lost", "Value to the world lost at rest", found["world_lost_usd_bn"])
    sentence = (
        f"The likeliest resting point of {flat.size} is that {_profile(found, names, share, place)}, in "
        f"{flat.max():.0%} of draws, where a game made at random has one there in {by_chance:.1%}"
        f"{f'; no profile holds in {none:.0%}' if none else ''}. At the worst resting point "
        f"of a draw the blocs have {_span(lost)} USD bn less together than at their best profile, and the world "
        f"{_span(world)} USD bn less than at its own."
    )
    return Headline("equilibrium", "Where it settles", sentence, (lost, world))


def _standing(found: xr.Dataset) -> Headline:
    names = _names(found)
    worth = found.attrs["usd_bn_per_point"]
    share = found["standing_equilibrium_share"].transpose(*names)
    place = np.unravel_index(int(share.values.argmax()), share.shape)
    draws = found["break_even_usd_bn"].min("bloc", skipna=False).values
    rests = ~np.isnan(draws)
    leaves = rests & np.isfinite(draws)
    turns = found.attrs["turns_at_usd_bn"]
    sentence = "If a bloc also counts its share of the world's compute, "
    figures: list[Figure] = []
    if leaves.any():
        least = drawn_figure(
            "break_even", "Least worth of a point that turns the game", draws[leaves], "USD bn", RECEIPT
        )
        figures.append(least)
        first = [str(names[at]) for at in found["break_even_usd_bn"].fillna(np.inf).values[leaves].argmin(axis=1)]
        who = max(names, key=first.count)
        sentence += (
            f"somebody leaves that resting point, in the draws that have it, once a point is worth {_span(least)} USD "
            f"bn; first to leave is {_name(found, who)} in {first.count(who) / len(first):.0%}"
        )
        never = float((rests & ~leaves).sum() / rests.sum())
        sentence += f"; in {never:.0%} no worth does it" if never else ""
    else:
        sentence += "nobody leaves that resting point at any worth of a point"
    sentence += f". At {turns:g} USD bn another one is the likeliest" if turns != "" else ""
    sentence += (
        f". At {worth:g} USD bn a point it is that {_profile(found, names, share, place)}, in "
        f"{float(share.values.max()):.0%} of draws."
    )
    return Headline("standing", "How dear standing must be", sentence, tuple(figures))


def _profile(found: xr.Dataset, names: Sequence[str], share: xr.DataArray, place: Sequence[np.intp]) -> str:
    played = [str(share[name].values[at]) for name, at in zip(names, place, strict=True)]
    if len(set(played)) == 1:
        return {"open": "all stay open", "restrict": "all restrict", "subsidise": "all subsidise"}.get(
            played[0], "all restrict and subsidise"
        )
    return ", ".join(f"{_name(found, name)} {_DOES[one]}" for name, one in zip(names, played, strict=True))


def _names(found: xr.Dataset) -> list[str]:
    return [str(name) for name in found["bloc"].values]


def _name(found: xr.Dataset, bloc: str) -> str:
    """As it stands inside a sentence."""
    return str(found["label"].sel(bloc=bloc).values)


def _figure(key: str, label: str, values: xr.DataArray) -> Figure:
    known = values.values[np.isfinite(values.values)]
    return drawn_figure(key, label, known if known.size else np.array([np.nan]), "USD bn", RECEIPT)


def _span(one: Figure) -> str:
    digits = 0 if max(abs(one.low), abs(one.high)) >= 10 else 1
    median, low, high = (f"{value:,.{digits}f}" for value in (one.median, one.low, one.high))
    return f"{median} [{low} to {high}]"


def _share(key: str, label: str, share: xr.DataArray) -> Figure:
    low, middle, high = (float(value) for value in (share.min(), share.mean(), share.max()))
    return Figure(key, label, middle, low, high, "1", RECEIPT, "scenario", SIMULATED_QUALITY)


def _range(share: xr.DataArray) -> str:
    low, high = f"{float(share.min()):.0%}", f"{float(share.max()):.0%}"
    return low if low == high else f"{low} to {high}"


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
