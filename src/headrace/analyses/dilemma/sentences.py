"""The dilemma in five sentences, which say what the figures say and turn round when those do."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace._types import Figure, Headline
from headrace.analyses.dilemma.today import MOST_AVERSE
from headrace.results import SIMULATED_QUALITY
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS

_GAMES = {
    "prisoners_dilemma": "a prisoner's dilemma",
    "chicken": "chicken",
    "stag_hunt": "a stag hunt",
    "harmony": "harmony: what is best for each is best for all",
    "deadlock": "deadlock: each does best by one thing, and nobody would rather all did otherwise",
    "coordination": "a coordination game",
    "battle_of_the_sexes": "a battle of the sexes",
    "matching_pennies": "matching pennies",
    "all_equal": "no game: nobody cares",
    "other": "no game with a name",
}
_LEVELS = (0.5, 0.05, 0.95)
_NAMED = ("cooperative", "nash", "break_even", "band_top")


def dilemma_headlines(found: xr.Dataset) -> list[Headline]:
    """Which game, where it settles, its cost, what keeps restraint, what pays best, and whether spending is rational.

    Args:
        found: As :func:`headrace.analyses.dilemma.measured.dilemma` makes it.
    """
    said = [_game(found), _settles(found), _costs(found)]
    if "temptation_usd_bn" in found:
        said.append(_restraint(found))
    if "best_reply_slope" in found:
        said.append(_reply(found))
    return [*said, _today(found)]


def _game(found: xr.Dataset) -> Headline:
    pair = str(found["pair"].values[-1 if found.sizes["pair"] < 3 else 1])
    share = found["class_share"].sel(pair=pair)
    likeliest = str(share["class"].values[int(share.mean("builder").argmax("class"))])
    own, pd = share.sel({"class": likeliest}), share.sel({"class": "prisoners_dilemma"})
    sentence = (
        f"To {pair}, one builder against the other four, is {_GAMES[likeliest]}, in {_range(own)} of draws by builder. "
    )
    if likeliest == "prisoners_dilemma":
        sentence += "The popular story holds."
    else:
        sentence += f"It is a prisoner's dilemma in {_range(pd)}: told in cash, the popular story fails in most."
    five = float(found["dilemma_of_five"].mean())
    sentence += f" All five are in one together in {five:.0%}."
    dominant = found["dominant_share"]
    best = str(dominant["own_strategy"].values[int(dominant.mean("builder").argmax("own_strategy"))])
    sentence += f" To {best} is best whatever others do in {_range(dominant.sel(own_strategy=best))}."
    return Headline("game", "Which game", sentence, (_share_figure("class_share", "Prisoner's dilemma", pd),))


def _settles(found: xr.Dataset) -> Headline:
    share = found["equilibrium_share"]
    flat = share.values.ravel()
    place = np.unravel_index(int(flat.argmax()), share.shape)
    played = [str(share[name].values[at]) for name, at in zip(PLAYERS, place, strict=True)]
    who = f"all five {played[0]}" if len(set(played)) == 1 else _profile(played)
    everybody_hard = float(share.values[(-1,) * len(PLAYERS)])
    last = str(share[PLAYERS[0]].values[-1])
    none = 1 - float(np.isfinite(found["overspend"].values).mean())
    sentence = f"The likeliest resting point of {flat.size} is that {who}, in {flat.max():.0%} of draws"
    sentence += "" if set(played) == {last} else f"; that all five {last}, in {everybody_hard:.0%}"
    sentence += f". No profile holds in {none:.0%}." if none else "."
    return Headline("equilibrium", "Where it settles", sentence, ())


def _costs(found: xr.Dataset) -> Headline:
    over, lost = _quantiles(found["overspend"]), _quantiles(found["payoff_lost_usd_bn"])
    above = float((found["overspend"] > 1 + 1e-6).mean())
    sentence = (
        f"At its worst resting point the five spend {over[0]:.2f} [{over[1]:.2f} to {over[2]:.2f}] times what would "
        f"serve them best together, and more than that in {above:.0%} of draws; it costs them {lost[0]:,.0f} "
        f"[{lost[1]:,.0f} to {lost[2]:,.0f}] USD bn of present value."
    )
    figure = Figure(
        "overspend", "Spending at the worst equilibrium over the best profile", *over, "1", "overspend", "scenario",
        SIMULATED_QUALITY,
    )  # fmt: skip
    return Headline("anarchy", "What it costs", sentence, (figure,))


def _restraint(found: xr.Dataset) -> Headline:
    gain = found["temptation_usd_bn"]
    tempted = float((gain > 0).any("builder").mean())
    price = _quantiles(gain.sum("builder"))
    tax = _quantiles(found["restraint_tax"].max("builder"))
    lasting = _lasting(found)
    sentence = (
        f"Restraint of all five tempts at least one of them to leave in {tempted:.0%} of draws; to keep all in costs "
        f"{price[0]:,.0f} [{price[1]:,.0f} to {price[2]:,.0f}] USD bn of side payments, or a tax of {tax[0]:.2f} "
        f"[{tax[1]:.2f} to {tax[2]:.2f}] USD on each USD beyond restraint. Played for ever and seen at once "
        f"it lasts in {lasting[1]:.0%} of draws, seen after two years in {lasting[2 * QUARTERS_PER_YEAR]:.0%}."
    )
    figure = Figure(
        "temptation_usd_bn", "Side payments that keep all five restrained", *price, "USD bn", "temptation_usd_bn",
        "scenario", SIMULATED_QUALITY,
    )  # fmt: skip
    return Headline("restraint", "What would keep restraint", sentence, (figure,))


def _reply(found: xr.Dataset) -> Headline:
    level = found["best_reply_level"].isel(rivals_level=-1)
    nothing = float((level == 0).mean("draw").mean())
    slope = _quantiles(found["best_reply_slope"])
    inside = float(found["best_reply_slope"].notnull().mean())
    sentence = f"If all others race, a builder does best to plan no AI spending at all in {nothing:.0%} of draws."
    if inside:
        words = "it matches them" if slope[1] > 0 else "it gives way" if slope[2] < 0 else "the sign is not known"
        sentence += (
            f" Where the best reply is neither nothing nor the most that was tried, in {inside:.0%} of draws, its "
            f"slope on rivals' spending is {slope[0]:.2f} [{slope[1]:.2f} to {slope[2]:.2f}] in logarithms: {words}."
        )
    figure = Figure(
        "best_reply_slope", "Slope of the best reply", *slope, "1", "best_reply_slope", "scenario", SIMULATED_QUALITY
    )
    return Headline("reply", "I build because you build", sentence, (figure,))


def _lasting(found: xr.Dataset) -> dict[int, float]:
    """Share of draws in which no builder gains by leaving for ever, by quarters until it is seen.

    Where a draw has no resting point there is nothing to fall back to, and restraint counts as lost if it tempts.
    """
    lag = found["detection_lag_quarters"].fillna(0.0).where(found["temptation_usd_bn"] > 0, np.inf)
    shortest = lag.min("builder")
    return {quarters: float((shortest >= quarters).mean()) for quarters in (1, 2 * QUARTERS_PER_YEAR)}


def _today(found: xr.Dataset) -> Headline:
    ratio = _quantiles(found["spend_to_pool"])
    lines = {name: _quantiles(found[name])[0] for name in _NAMED}
    under = float((found["spend_to_pool"] <= found["band_top"]).mean())
    needed = found["loss_aversion_needed"]
    half = _quantiles(needed.sel(franchise_at_stake=0.5, expected_growth=0.12, method="nearest"))
    none = _quantiles(needed.sel(franchise_at_stake=0.0, expected_growth=0.12, method="nearest"))
    sentence = (
        f"Builders spend {ratio[0]:.2f} [{ratio[1]:.2f} to {ratio[2]:.2f}] times the pool they expect: all together "
        f"would choose {lines['cooperative']:.2f}, without fear nobody would leave {lines['nash']:.2f}, at 1 the pool "
        f"is exhausted, and fear carries {lines['band_top']:.2f}. It is within what fear carries in {under:.0%} of "
        f"draws. With revenue growing by 12 % a quarter it takes a loss aversion of {half[0]:.1f} "
        f"[{half[1]:.1f} to {half[2]:.1f}] if half of the franchises are at stake, and {none[0]:.1f} if nothing is"
        f"{', more than people show' if none[0] > MOST_AVERSE else ''}."
    )
    figure = Figure(
        "spend_to_pool", "AI spending over the expected pool", *ratio, "1", "spend_to_pool_ratio", "scenario",
        SIMULATED_QUALITY,
    )  # fmt: skip
    return Headline("today", "Is spending rational today", sentence, (figure,))


def _profile(played: list[str]) -> str:
    return ", ".join(f"{name} {verb}s" for name, verb in zip(PLAYERS, played, strict=True))


def _range(share: xr.DataArray) -> str:
    low, high = float(share.min()), float(share.max())
    return f"{low:.0%}" if f"{low:.0%}" == f"{high:.0%}" else f"{low:.0%} to {high:.0%}"


def _share_figure(key: str, label: str, share: xr.DataArray) -> Figure:
    low, middle, high = (float(value) for value in (share.min(), share.mean(), share.max()))
    return Figure(key, label, middle, low, high, "1", key, "scenario", SIMULATED_QUALITY)


def _quantiles(values: xr.DataArray) -> tuple[float, float, float]:
    """Median and 90 % interval over draws, those without a value left out."""
    known: NDArray[np.float64] = values.values[np.isfinite(values.values)]
    if not known.size:
        return (float("nan"),) * 3
    median, low, high = (float(value) for value in np.quantile(known, _LEVELS))
    return median, low, high
