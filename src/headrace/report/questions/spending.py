"""Who must spend, why, and what would stop them: capital expenditure, the race, and what cash flow carries."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from headrace.report.answers import Answers
from headrace.report.charts.fans import Fan, Look, Reference, fan_chart, fan_panels
from headrace.report.figures import Sentence, at, over_worlds, share
from headrace.report.section import (
    BANDS,
    MEDIAN_AND_BANDS,
    Chart,
    Section,
    against,
    download,
    draw,
    footing,
    plain_words,
    table_of,
    weakest_shown,
)
from headrace.report.sentences import linked
from headrace.report.series import Array, Pair, Series, Worlds, four_quarter_sum, ratio, total, worlds
from headrace.report.words import BUILDER_NAMES
from headrace.variables import PLAYERS

CAPEX = "capital_expenditure_usd_bn"
CASH_FLOW = "operating_cash_flow_usd_bn"
HISTORY_FROM = "2019Q1"
SINGLE_WORLDS = 5


def capital_expenditure(pair: Pair, answers: Answers) -> Section:
    """Cash capital expenditure by builder, filed and simulated."""
    each = {builder: worlds(pair, CAPEX, builder=builder).series(pair) for builder in PLAYERS}
    whole = total(pair, CAPEX)
    annual = four_quarter_sum(whole)
    year = annual.series(pair)
    ahead, behind = min(pair.now + 3, len(pair.quarters) - 1), pair.now - 1
    then = float(year.median[behind])
    side = {"above": "more than", "below": "less than"}.get(
        against(float(year.low[ahead]), float(year.high[ahead]), then), "and cannot be told apart from"
    )
    rests = footing(
        ["planned_ai_capital_expenditure_usd_bn"],
        answers,
        f"the five players' spending over four quarters to {pair.quarters[ahead]}",
        annual.future[:, ahead - pair.now],
    )
    sentence: Sentence = (
        f"In the four quarters to {pair.quarters[ahead]} the five players pay ",
        at(year, ahead, "capex_four_quarters", "USD bn", "Five players, four quarters"),
        f" of cash capital expenditure, {side} the ",
        at(year, behind, "capex_four_quarters", "USD bn", "Five players, four quarters"),
        f" of the four quarters to {pair.quarters[behind]}.",
        *rests.words,
    )
    later = pair.at("2028Q4")
    first, second = (_largest(each, place) for place in (behind, later))
    finding = f"{first} spends most" + (" and stays first" if first == second else f"; {second} passes it")
    finding += f" by {pair.quarters[later]}"
    fans = [Fan(BUILDER_NAMES[builder], builder, each[builder]) for builder in PLAYERS]
    look = Look(HISTORY_FROM, height={"wide": 230, "narrow": 150})
    named = [
        *((BUILDER_NAMES[b], each[b], CAPEX) for b in PLAYERS),
        ("All five", whole.series(pair), "players_capital_expenditure"),
    ]
    chart = Chart(
        finding=(finding,),
        subtitle=(f"Cash capital expenditure, USD bn a quarter. {BANDS}. Dotted: filed to {pair.quarters[behind]}",),
        drawings=draw("capex", finding, plain_words(sentence), lambda size: fan_panels(fans, size, look)),
        receipt=CAPEX,
    )
    return Section(
        "capex", "How much do they spend?", sentence, chart,
        table_of(pair, named, "Cash capital expenditure, USD bn a quarter"), (CAPEX,), *weakest_shown(named),
        "capital_expenditure.csv", download(named, "USD bn"), rests, linked(answers.guidance),
    )  # fmt: skip


def spend_to_pool(pair: Pair, answers: Answers) -> Section:
    """AI spend over the expected pool beside its four lines."""
    name = "spend_to_pool_ratio"
    spend = worlds(pair, name)
    series = spend.series(pair)
    lines = {key: worlds(pair, key) for key in ("cooperative_ratio", "nash_ratio", "band_top_ratio")}
    drawn = {key: line.series(pair) for key, line in lines.items()}
    now, last = pair.now, len(pair.quarters) - 1
    quality = series.quality[now]
    above_pool = share(spend.future[:, 0] > 1, "spend_above_lines", "Spend above the pool", quality)
    top = share(
        spend.future[:, 0] > lines["band_top_ratio"].future[:, 0],
        "spend_above_lines",
        "Spend above the band top",
        quality,
    )
    rests = footing(["expected_pool_usd_bn"], answers, f"the ratio in {pair.quarters[now]}", spend.future[:, 0])
    sentence: Sentence = (
        f"In {pair.quarters[now]} AI spend is ",
        at(series, now, name, "1", "AI spend over expected pool"),
        " times the pool that builders expect to contest: above the pool itself in ",
        above_pool,
        " of worlds and above the top of the band in ",
        top,
        f"; by {pair.quarters[last]} it is ",
        at(series, last, name, "1", "AI spend over expected pool"),
        ".",
        *rests.words,
    )
    begin, end = (_standing(series.median[i], {k: d.median[i] for k, d in drawn.items()}) for i in (now, last))
    finding = f"Spend starts {begin}" + (" and stays there" if begin == end else f" and ends {end}")
    labels = {"cooperative_ratio": "cooperative β", "nash_ratio": "Nash", "band_top_ratio": "band top"}
    references = [Reference(labels[key], tuple(drawn[key].median[now:].tolist()), "muted") for key in drawn]
    references.insert(2, Reference("pool spent", (1.0,), "muted"))
    look = Look(pair.quarters[now], tuple(references))
    fan = Fan("AI spend", "compute", series, spend.future[:SINGLE_WORLDS])
    named = [
        ("AI spend over pool", series, name),
        *((labels[key][0].upper() + labels[key][1:], drawn[key], key) for key in drawn),
    ]
    chart = Chart(
        finding=(finding,),
        subtitle=(f"AI spend over the expected pool, ratio by quarter. {MEDIAN_AND_BANDS}. Dashed: medians",),
        drawings=draw("pool", finding, plain_words(sentence), lambda size: fan_chart([fan], size, look)),
        receipt=name,
        has_worlds=True,
    )
    return Section(
        "pool", "Is the race past what it can win?", sentence, chart,
        table_of(pair, named, "AI spend over the expected pool, and the levels beside it"), (name, *drawn),
        *weakest_shown(named), "spend_to_pool.csv", download(named, "1"), rests,
    )  # fmt: skip


def over_cash_flow(pair: Pair, answers: Answers) -> Section:
    """Capital expenditure over operating cash flow, four-quarter sums of the five players."""
    key = "capex_over_cash_flow"
    known = ratio(four_quarter_sum(total(pair, CAPEX)), four_quarter_sum(total(pair, CASH_FLOW)))
    values = np.asarray(answers.over_cash_flow.values, dtype=np.float64)
    both = Worlds(values[0, : pair.now], values[:, pair.now :], known.status, known.quality)
    series = both.series(pair)
    each = {b: ratio(*(four_quarter_sum(worlds(pair, n, builder=b)) for n in (CAPEX, CASH_FLOW))) for b in PLAYERS}
    peak = values[:, pair.now - 1 :].max(axis=1)
    behind = pair.now - 1
    rests = footing(["compute_revenue_usd_bn"], answers, "the peak", peak)
    sentence: Sentence = (
        f"Over the four quarters to {pair.quarters[behind]} capital expenditure took ",
        at(series, behind, key, "1", "Five players, four quarters"),
        " of operating cash flow; from there it peaks at ",
        over_worlds(peak, key, "1", "Five players, peak of each world", series),
        "; it takes more than operations bring in at some time in ",
        share(peak > 1, key, "Worlds in which capital expenditure passes operating cash flow", series.quality[-1]),
        " of worlds.",
        *rests.words,
    )
    finding = _carried(series.median[pair.now :])
    look = Look(HISTORY_FROM, (Reference("all cash flow", (1.0,), "muted"),))
    fan = Fan("five players", "ink", series, both.future[:SINGLE_WORLDS])
    named = [
        ("Five players", series, key),
        *((BUILDER_NAMES[b], each[b].series(pair), key) for b in PLAYERS),
    ]
    chart = Chart(
        finding=(finding,),
        subtitle=(f"Capital expenditure over operating cash flow, five players, four-quarter sums. {BANDS}",),
        drawings=draw("cashflow", finding, plain_words(sentence), lambda size: fan_chart([fan], size, look)),
        receipt=key,
        has_worlds=True,
    )
    return Section(
        "cashflow", "Can cash flow carry it?", sentence, chart,
        table_of(pair, named, "Capital expenditure over operating cash flow, four-quarter sums"), (CAPEX, CASH_FLOW),
        *weakest_shown(named), "capex_over_cash_flow.csv", download(named, "1"), rests,
    )  # fmt: skip


def _largest(each: Mapping[str, Series], place: int) -> str:
    medians = {builder: float(series.median[place]) for builder, series in each.items()}
    known = {builder: value for builder, value in medians.items() if np.isfinite(value)}
    return BUILDER_NAMES[max(known, key=known.__getitem__)] if known else "No builder whose filings are known"


def _standing(value: float, lines: dict[str, float]) -> str:
    if np.isnan(value) or np.isnan([*lines.values()]).any():
        return "where it is not known"
    levels = [
        (lines["cooperative_ratio"], "the cooperative level"),
        (lines["nash_ratio"], "the Nash level"),
        (1.0, "the exhausted pool"),
        (lines["band_top_ratio"], "the band top"),
    ]
    below = [pair for pair in levels if pair[0] <= value]
    above = [pair for pair in levels if pair[0] > value]
    if not below:
        return f"below {min(above)[1]}"
    if not above:
        return f"above {max(below)[1]}"
    return f"between {max(below)[1]} and {min(above)[1]}"


def _carried(medians: Array) -> str:
    known = medians[np.isfinite(medians)]
    if not known.size:
        return "Cash flow is not known"
    if (known <= 1).all():
        return "In the median, cash flow carries all of it"
    if (known > 1).all():
        return "In the median, spending stays above cash flow throughout"
    return "In the median, spending outruns cash flow for a time"
