"""What the specification curve says, in sentences that turn with its numbers."""

from __future__ import annotations

import numpy as np
import xarray as xr

from headrace._types import Headline

_LEVEL = 0.05

_PLAIN = {"relation": "growth", "form": "simple", "builders": 4, "weights": "equal", "fixed_effects": "none"}
_PLAIN |= {"frequency": "annual", "control": "none"}

_WHAT = {"growth": "growth on growth of rivals", "level": "level on lagged level of rivals"}


def reaction_headlines(found: xr.Dataset) -> list[Headline]:
    """The plain regression, each question with its placebo, which way all of it falls, and what it cannot say.

    Args:
        found: As :func:`headrace.analyses.reactions.reactions` makes it.
    """
    names = [str(name) for name in found["question"].values]
    lines = [_plain(found), *(_question(found, name) for name in names), _verdict(found, names)]
    said = (
        "None of this is an identified best response: builders that answer one common shock and builders that answer "
        "each other leave the same figures (the reflection problem, Manski 1993)."
    )
    return [line for line in lines if line] + [Headline("reflection", "What it cannot say", said, ())]


def _plain(found: xr.Dataset) -> Headline | None:
    """Pooled least squares over the whole span, where the curve has it."""
    kept = np.ones(found.sizes["specification"], dtype=bool)
    for name, value in _PLAIN.items():
        kept &= found[name].values == value
    if not kept.any():
        return None
    rows = found.isel(specification=kept)
    one = rows.isel(specification=int(np.argmax((rows["last"] - rows["first"]).values)))
    t_value, p_value = (float(one[name].sel(errors="classical")) for name in ("t_value", "p_value"))
    sentence = (
        f"Where the three rivals of one of the four grew by one per cent more in a year from {int(one['first'])} to "
        f"{int(one['last'])}, it grew by {float(one['slope']):.3f} per cent more (pooled least squares, t "
        f"{t_value:.2f}, p {p_value:.3f}, n {int(one['observations'])}; with Newey-West errors p "
        f"{float(one['p_value'].sel(errors='newey_west')):.2f}; with growth shuffled "
        f"{float(one['placebo_p_value'].sel(placebo='permuted')):.2f})."
    )
    return Headline("plain", "The plain regression", sentence, ())


def _question(found: xr.Dataset, name: str) -> Headline:
    row = found["curve"].sel(question=name)
    one = {str(key): float(row.sel(statistic=key)) for key in found["statistic"].values}
    sentence = (
        f"Of {one['specifications']:.0f} specifications {one['positive']:.0%} have a positive slope, the median is "
        f"{one['median_slope']:.2f}; p is below {_LEVEL} in {one['significant_classical']:.0%} with classical and in "
        f"{one['significant_newey_west']:.0%} with Newey-West errors. With "
        f"each builder's growth in an order of its own, and so no reaction, p is below "
        f"{_LEVEL} in {one['placebo_significant_classical']:.0%} with classical errors, the median slope lies between "
        f"{one['placebo_median_low']:.2f} and {one['placebo_median_high']:.2f} in 90% of shuffles; "
        f"by its rank among them the p of the filed one is {one['p_value_permuted']:.2f}, and "
        f"{one['p_value_shifted']:.2f} among orders turned in a circle, which keep what follows what."
    )
    frequency, relation = name.split()
    return Headline(name.replace(" ", "_"), f"{frequency.capitalize()}, {_WHAT[relation]}", sentence, ())


def _verdict(found: xr.Dataset, names: list[str]) -> Headline:
    # The harder of the two nulls: a permutation forgets what follows what.
    chance = found["curve"].sel(statistic=["p_value_permuted", "p_value_shifted"]).max("statistic")
    slope = found["curve"].sel(statistic="median_slope")
    beyond = [name for name in names if float(chance.sel(question=name)) < _LEVEL]
    parts = {
        "together, which is what matching rivals and a common shock both predict": [
            name for name in beyond if float(slope.sel(question=name)) > 0
        ],
        "apart": [name for name in beyond if float(slope.sel(question=name)) < 0],
    }
    said = [f"{' and '.join(which)}: builders move {words}" for words, which in parts.items() if which]
    rest = [name for name in names if name not in beyond]
    if rest:
        said.append(f"{' and '.join(rest)}: not to be told from builders that ignore each other")
    text = "; ".join(said)
    sentence = f"{text[:1].upper()}{text[1:]}."
    return Headline("verdict", "Which way it falls", sentence, ())
