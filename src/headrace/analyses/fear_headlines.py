"""What holds the spending up, in sentences: computed from the numbers, saying also what cannot be told from zero."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace._types import Figure, Headline
from headrace.analyses.fears import ALL, HALVING_QUARTER, NO_FEAR, coalition
from headrace.analyses.figures import drawn_figure, percent_span, span
from headrace.results import SIMULATED_QUALITY

RECEIPT = "asked.fears"
"""What every figure opens in a report."""

_WORDS = {2: "two", 3: "three", 4: "four"}


def fear_headlines(found: xr.Dataset) -> list[Headline]:
    """What fears hold up, what is left without one, whether a weaker one halves spending, and what was left out.

    Args:
        found: As :func:`headrace.analyses.fears.fears` makes it.
    """
    return [_held_up(found), _left(found), _halved(found), _runs(found)]


def is_told_from_zero(low: float, high: float) -> bool:
    """Whether an interval lies on one side of zero."""
    return low > 0 or high < 0


def _held_up(found: xr.Dataset) -> Headline:
    names = [str(name) for name in found["fear"].values]
    spent = found["spending_usd_bn"].sum("year")
    all_on = spent.sel(coalition=coalition(names)).values
    held = all_on - spent.sel(coalition=NO_FEAR).values
    whole = _figure("spending", "Capital expenditure of the five", all_on, "USD bn")
    share = _figure("held_share", "Share that the fears hold up", held / all_on, "1")
    who = f"the {_WORDS[len(names)]} fears" if len(names) > 1 else f"{names[0]} fear"
    doubt = "" if is_told_from_zero(share.low, share.high) else ", which cannot be told from zero"
    figures = [
        _figure(name, f"{label} adds", found["contribution_usd_bn"].sel(fear=name).sum("year").values, "USD bn")
        for name, label in zip(names, found["label"].values, strict=True)
    ]
    told = [one for one in figures if is_told_from_zero(one.low, one.high)]
    untold = [one for one in figures if one not in told]
    parts = [f"{one.key} fear adds {_money_span(one)} USD bn" for one in sorted(told, key=lambda one: -abs(one.median))]
    if untold:
        added = _listed(f"{one.key} fear ({_money_span(one)})" for one in untold)
        parts.append(f"what {added} {'add' if len(untold) > 1 else 'adds'} cannot be told from zero")
    said = "; ".join(parts)
    sentence = (
        f"From {found.attrs['first_quarter']} to {found.attrs['last_quarter']} the five spend {span(whole, 0)} USD bn, "
        f"of which {who} {'hold' if len(names) > 1 else 'holds'} up {percent_span(share)}{doubt}. "
        f"{said[:1].upper()}{said[1:]}."
    )
    return Headline("held_up", "What holds the spending up", sentence, (whole, share, *figures))


def _left(found: xr.Dataset) -> Headline:
    figures = [
        _figure(str(name), f"Spending left without {name} fear", found["left_share"].sel(fear=name).values, "1")
        for name in found["fear"].values
    ]
    ordered = sorted(figures, key=lambda one: one.median)
    said = _listed(f"{_share_span(one)} without {one.key} fear" for one in ordered)
    sentence = f"When one fear goes and the others stay, of spending there is left {said}."
    return Headline("left", "What is left of it", sentence, tuple(ordered))


def _halved(found: xr.Dataset) -> Headline:
    label = "What would halve it"
    when = found.attrs["halving_quarter"]
    if np.isnan(found["ratio"].values).all():
        sentence = (
            f"Whether a weaker fear halves spending is asked of quarter {HALVING_QUARTER} of a run, and this one ends "
            f"with {found.attrs['last_quarter']}; simulate {HALVING_QUARTER} quarters or more."
        )
        return Headline("halved", label, sentence, (_count("Quarter asked about", HALVING_QUARTER),))
    strength = found["halving_strength"]
    halved = {str(name): float(np.isfinite(strength.sel(weakened=name)).mean()) for name in found["weakened"].values}
    able = {name: share for name, share in halved.items() if share}
    least = {
        name: _figure(
            name, f"Least spending in {when}, {name}", found["ratio"].sel(weakened=name).min("strength").values, "1"
        )
        for name in halved
    }
    together = least.pop(ALL)
    most = min(least.values(), key=lambda one: one.median)
    floor = (
        f"All fears weakened together take it no lower than {_share_span(together)} of what it would be; of single "
        f"ones {most.key} fear takes it lowest, to {_share_span(most)}"
    )
    if not able:
        sentence = (
            f"No strength of a fear, nor of all together, from the first quarter on halves spending in {when} in any "
            f"draw. {floor}."
        )
    else:
        said = []
        for name, share in able.items():
            known = strength.sel(weakened=name).values
            value = _figure(name, "Strength that halves spending", known[np.isfinite(known)], "1")
            subject = "all fears together" if name == ALL else f"{name} fear"
            said.append(f"{subject} at {span(value, 2)} of full strength in {share:.0%} of draws")
        rest = [name for name in halved if name not in able]
        no = f"; no strength of {' or '.join(_fear(name) for name in rest)} does" if rest else ""
        sentence = f"Spending in {when} is halved by {'; by '.join(said)}{no}. {floor}."
    return Headline("halved", label, sentence, (together, *least.values()))


def _runs(found: xr.Dataset) -> Headline:
    kept, out = found.sizes["draw"], int(found.attrs["draws_left_out"])
    runs = found.attrs["runs"]
    said = f"All {kept} draws run" if not out else f"{kept} of {kept + out} draws run"
    off = found.attrs["off_already"]
    away = f" {' and '.join(off)} fear is off in all of them and adds nothing here." if off else ""
    sentence = (
        f"{said} to the end in all {runs} runs, which share their random numbers; the start is that of full fear."
    )
    return Headline("runs", "Draws", sentence + away, (_count("Draws kept", kept),))


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _fear(name: str) -> str:
    return "all fears together" if name == ALL else f"{name} fear"


def _money_span(figure: Figure) -> str:
    """Ends apart by a word, for one of them may be below zero."""
    median, low, high = (f"{round(value) + 0:,d}" for value in (figure.median, figure.low, figure.high))
    return f"{median} [{low} to {high}]"


def _share_span(figure: Figure) -> str:
    """With a digit more than :func:`percent_span`: what is left is often nearly all."""
    median, low, high = (f"{100 * value:.1f}%" for value in (figure.median, figure.low, figure.high))
    return f"{median} [{low} - {high}]"


def _count(label: str, number: int) -> Figure:
    return Figure("count", label, number, number, number, "1", RECEIPT, "scenario", SIMULATED_QUALITY)


def _figure(key: str, label: str, draws: NDArray[np.float64], unit: str) -> Figure:
    return drawn_figure(key, label, draws, unit, RECEIPT)
