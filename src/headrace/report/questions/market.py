"""Does the market answer: who earns, how broad the rise is, and what investors make of it."""

from __future__ import annotations

import numpy as np

from headrace.report.answers import Answers
from headrace.report.charts.fans import Fan, Look, Reference, fan_panels
from headrace.report.figures import Sentence, at, portion, share
from headrace.report.section import (
    MEDIAN_AND_BANDS,
    Chart,
    Section,
    against,
    download,
    draw,
    footing,
    plain_words,
    table_by_row,
    table_of,
    weakest_shown,
    year_ends,
)
from headrace.report.series import Array, Pair, computed, worlds
from headrace.report.words import GROUP_NAMES, WAVES
from headrace.variables import GROUPS


def earnings(pair: Pair, answers: Answers) -> Section:
    """Net earnings by wave and group."""
    name, key = "group_earnings_usd_bn", "wave_earnings"
    values = answers.market["wave_earnings_usd_bn"]
    lead = answers.market["lead_of_third_wave_usd_bn"].values
    each = {wave: computed(pair, values.sel(wave=wave).values, name).series(pair) for wave in WAVES}
    groups = [(GROUP_NAMES[group], worlds(pair, name, group=group).series(pair), name) for group in GROUPS]
    now, later = pair.now, pair.at("2030Q4")
    first, second, third = (at(each[wave], later, key, "USD bn", WAVES[wave][0]) for wave in WAVES)
    ahead = lead[:, later - now]
    rests = footing(
        [name], answers, f"earnings of the third wave less those of its suppliers, {pair.quarters[later]}", ahead
    )
    sentence: Sentence = (
        f"In {pair.quarters[later]} makers of chips and machines earn ",
        first,
        " a quarter on AI, builders of sites and power ",
        second,
        " and those who sell compute, models and applications ",
        third,
        ", net of what they buy from each other; the last earn more than all their suppliers in ",
        share(ahead > 0, "wave_earnings_above", "Worlds in which the third wave earns more than the first two",
              each["monetisation"].quality[later]),
        " of worlds.",
        *rests.words,
    )  # fmt: skip
    finding = _overtaking(np.median(lead, axis=0), pair.future_quarters)
    look = Look(
        pair.quarters[now], height={"wide": 220, "narrow": 150}, columns={"wide": 3, "narrow": 1}, own_axes=True
    )
    fans = [Fan(label, hue, each[wave]) for wave, (label, hue) in WAVES.items()]
    named = [*((WAVES[wave][0], found, key) for wave, found in each.items()), *groups]
    chart = Chart(
        finding=(finding,),
        subtitle=(f"Net earnings from AI, USD bn a quarter; each panel has its own scale. {MEDIAN_AND_BANDS}",),
        drawings=draw("earnings", finding, plain_words(sentence), lambda size: fan_panels(fans, size, look)),
        receipt=key,
    )
    return Section(
        "earnings", "Who earns?", sentence, chart,
        table_by_row(pair, named, year_ends(pair, later), "Net earnings from AI, USD bn a quarter"), (name,),
        *weakest_shown(named), "earnings.csv", download(named, "USD bn"), rests,
    )  # fmt: skip


def breadth(pair: Pair, answers: Answers) -> Section:
    """How many groups rise, how many carry the rise, and what investors make of builders."""
    now, later = pair.now, pair.at("2030Q4")
    chance = float(answers.market.attrs["breadth_by_chance"])
    values = answers.market["breadth_so_far"].values
    so_far = computed(pair, values, "earnings_breadth").series(pair)
    names = ("earnings_breadth", "contributors", "investor_factor")
    rising, carrying, mood = (worlds(pair, name).series(pair) for name in names)
    versus = {
        "above": "above the half that earnings would show if they rose and fell by chance",
        "below": "below the half that earnings would show if they rose and fell by chance",
    }.get(
        against(float(so_far.low[later]), float(so_far.high[later]), chance),
        "which cannot be told from the half that chance would show",
    )
    money = _mood(float(mood.low[later]), float(mood.high[later]))
    rests = footing(
        ["earnings_breadth"], answers, f"breadth from the start to {pair.quarters[later]}", values[:, later - now]
    )
    sentence: Sentence = (
        f"From the start to {pair.quarters[later]}, ",
        portion(so_far, later, "breadth_so_far", "Breadth, mean over quarters"),
        f" of groups earn more than the quarter before, {versus}; they all sell to one build-out, so that a common "
        f"rise is no agreement of independent witnesses. In {pair.quarters[later]} the rise is as concentrated as if ",
        at(carrying, later, "contributors", "1", "Effective number of groups"),
        " equal groups made it all. Investors give builders ",
        at(mood, later, "investor_factor", "1", "Investors' factor"),
        f" times the room for debt and share sales of the start, {money}.",
        *rests.words,
    )
    finding = _spread(so_far.median[later], chance, carrying.median[later], len(GROUPS))
    half, one = (Reference("", (level,), "muted") for level in (chance, 1.0))
    fans = [
        Fan("Share of groups that rise", "ink", rising, references=(half,)),
        Fan("Groups that carry it", "ink", carrying),
        Fan("Investors' factor", "ink", mood, references=(one,)),
    ]
    look = Look(
        pair.quarters[now], height={"wide": 220, "narrow": 150}, columns={"wide": 3, "narrow": 1}, own_axes=True
    )
    named = [
        ("Breadth", rising, names[0]),
        ("Breadth since the start", so_far, "breadth_so_far"),
        ("Contributors", carrying, names[1]),
        ("Investors' factor", mood, names[2]),
    ]
    chart = Chart(
        finding=(finding,),
        subtitle=(
            "By quarter; each panel has its own scale. Dashed: half of the groups, and the factor at the start. "
            f"{MEDIAN_AND_BANDS}",
        ),
        drawings=draw("breadth", finding, plain_words(sentence), lambda size: fan_panels(fans, size, look)),
        receipt=names[0],
    )
    return Section(
        "breadth", "How broad is it, and do investors follow?", sentence, chart,
        table_of(pair, named, "Breadth, contributors and investors' factor"), names, *weakest_shown(named),
        "breadth.csv", download(named, "1"), rests,
    )  # fmt: skip


def _mood(low: float, high: float) -> str:
    if low == high == 1:
        return "the same as at the start"
    words = {"above": "more than they do at the start", "below": "less than they do at the start"}
    return words.get(against(low, high, 1.0), "which may be more or less than at the start")


def _overtaking(lead: Array, quarters: list[str]) -> str:
    if np.isnan(lead).any():
        return "Who earns is not known"
    if (lead > 0).all():
        return "In the median, those who sell compute and what runs on it earn more than their suppliers throughout"
    if not (lead > 0).any():
        return "In the median, suppliers earn more than those who sell compute and what runs on it throughout"
    behind = np.flatnonzero(lead <= 0)
    if lead[-1] > 0:
        from_then = quarters[behind[-1] + 1]
        return f"In the median, those who sell compute and what runs on it out-earn their suppliers from {from_then} on"
    return "In the median, those who sell compute and what runs on it out-earn their suppliers for a time"


def _spread(breadth: float, chance: float, carrying: float, groups: int) -> str:
    if np.isnan(breadth) or np.isnan(carrying):
        return "How broad the rise is is not known"
    broad = breadth > chance
    few = carrying < groups * chance
    if broad:
        return f"Most groups rise, {'but few of them carry the rise' if few else 'and most of them carry the rise'}"
    return f"No more than half of the groups rise, and {'few' if few else 'most'} of them carry the rise"
