"""What must be true for it to pay back: compute in service, revenue, its cost of capital, and the debt it leaves."""

from __future__ import annotations

import numpy as np

from headrace.report.answers import Answers
from headrace.report.charts.fans import Fan, Look, Reference, fan_chart, fan_panels
from headrace.report.figures import Sentence, at, share
from headrace.report.questions.spending import HISTORY_FROM, SINGLE_WORLDS
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
from headrace.report.series import Array, Pair, ratio, total, worlds
from headrace.report.words import BUILDER_NAMES
from headrace.variables import BUILDERS, PLAYERS

_REVENUES = {
    "compute_revenue_usd_bn": ("Infrastructure", "compute"),
    "model_revenue_usd_bn": ("Models, gross", "physical"),
    "application_revenue_usd_bn": ("Applications, gross", "money"),
}


def active_compute(pair: Pair, answers: Answers) -> Section:
    """Energised AI compute of all builders."""
    name, key = "active_compute_gw", "active_compute_total"
    whole = total(pair, name, BUILDERS)
    series = whole.series(pair)
    now, later = pair.now, pair.at("2028Q4")
    rests = footing(
        [name], answers, f"compute in service at the end of {pair.quarters[later]}", whole.future[:, later - now]
    )
    sentence: Sentence = (
        "AI compute in service grows from ",
        at(series, now, key, "GW", "All builders"),
        f" at the end of {pair.quarters[now]} to ",
        at(series, later, key, "GW", "All builders"),
        f" at the end of {pair.quarters[later]}.",
        *rests.words,
    )
    growth = np.diff(series.median[now:])
    finding = (
        "Compute in service grows every quarter in the median"
        if (growth > 0).all()
        else "Compute in service does not grow in every quarter of the median"
    )
    if growth.size > 8 and (growth > 0).all() and growth[-4:].mean() < growth[:4].mean():
        finding = "Compute in service keeps growing, but by less each year at the end than at the start"
    look = Look(pair.quarters[now])
    fan = Fan("all builders", "compute", series, whole.future[:SINGLE_WORLDS])
    each = [(BUILDER_NAMES[b], worlds(pair, name, builder=b).series(pair), name) for b in BUILDERS]
    named = [("All builders", series, key), *each]
    chart = Chart(
        finding=(finding,),
        subtitle=(f"Energised AI compute, GW of IT power, end of quarter. {MEDIAN_AND_BANDS}",),
        drawings=draw("compute", finding, plain_words(sentence), lambda size: fan_chart([fan], size, look)),
        receipt=key,
        has_worlds=True,
    )
    return Section(
        "compute", "How much compute is in service?", sentence, chart,
        table_of(pair, named, "Energised AI compute, GW of IT power"), (name,), *weakest_shown(named),
        "active_compute.csv", download(named, "GW"), rests,
    )  # fmt: skip


def revenue(pair: Pair, answers: Answers) -> Section:
    """Revenue of the three layers of capital, side by side and never added."""
    each = {name: worlds(pair, name).series(pair) for name in _REVENUES}
    later = pair.at("2028Q4")
    compute, models, applications = (
        at(series, later, name, "USD bn", _REVENUES[name][0]) for name, series in each.items()
    )
    rests = footing(
        list(_REVENUES),
        answers,
        f"compute revenue in {pair.quarters[later]}",
        worlds(pair, "compute_revenue_usd_bn").future[:, later - pair.now],
    )
    sentence: Sentence = (
        f"In {pair.quarters[later]} compute earns ",
        compute,
        " a quarter, model makers take ",
        models,
        " and applications ",
        applications,
        ". Each layer's revenue contains what it pays the one below: they are gross and never added.",
        *rests.words,
    )
    ends = {name: float(series.median[-1]) for name, series in each.items()}
    largest = max(ends, key=ends.__getitem__)
    finding = f"{_REVENUES[largest][0].split(',')[0]} take the most from customers by {pair.quarters[-1]}"
    fans = [Fan(label, colour, each[name]) for name, (label, colour) in _REVENUES.items()]
    look = Look(pair.quarters[pair.now], height={"wide": 240, "narrow": 170}, columns={"wide": 3, "narrow": 1})
    named = [(_REVENUES[name][0], series, name) for name, series in each.items()]
    chart = Chart(
        finding=(finding,),
        subtitle=(f"AI revenue by layer of capital, USD bn a quarter, each gross. {MEDIAN_AND_BANDS}",),
        drawings=draw("revenue", finding, plain_words(sentence), lambda size: fan_panels(fans, size, look)),
        receipt="compute_revenue_usd_bn",
    )
    return Section(
        "revenue", "Who is paid?", sentence, chart, table_of(pair, named, "AI revenue, USD bn a quarter, each gross"),
        tuple(_REVENUES), *weakest_shown(named), "revenue.csv", download(named, "USD bn"), rests,
    )  # fmt: skip


def cover(pair: Pair, answers: Answers) -> Section:
    """The margin on compute over the capital charge of the AI assets in service."""
    key = "capital_cover"
    names = ("compute_margin_usd_bn", "capital_charge_usd_bn")
    margin, charge = (worlds(pair, name) for name in names)
    both = ratio(margin, charge)
    series = both.series(pair)
    now, last = pair.now, len(pair.quarters) - 1
    ever = np.asarray((both.future >= 1).any(axis=1))
    ends = against(float(series.low[last]), float(series.high[last]), 1.0)
    tail = {
        "above": "enough in nine worlds of ten and more",
        "below": "not enough in nine worlds of ten and more",
    }.get(ends, "enough in some worlds and not in others")
    rests = footing(names[:1], answers, f"cover in {pair.quarters[last]}", both.future[:, last - now])
    sentence: Sentence = (
        f"In {pair.quarters[now]} the margin on compute pays ",
        at(series, now, key, "1", "Margin over capital charge"),
        f" of the capital charge, and in {pair.quarters[last]} ",
        at(series, last, key, "1", "Margin over capital charge"),
        f": {tail}. It covers the charge in at least one quarter in ",
        share(ever, key, "Worlds in which the margin covers the capital charge in some quarter", series.quality[last]),
        " of worlds.",
        *rests.words,
    )
    finding = _covered(series.median[now:])
    look = Look(pair.quarters[now], (Reference("covered", (1.0,), "muted"),))
    fan = Fan("cover", "money", series, both.future[:SINGLE_WORLDS])
    named = [
        ("Margin over charge", series, key),
        ("Margin, USD bn", margin.series(pair), names[0]),
        ("Capital charge, USD bn", charge.series(pair), names[1]),
    ]
    chart = Chart(
        finding=(finding,),
        subtitle=(
            f"Margin on compute over the capital charge of AI assets in service, ratio by quarter. {MEDIAN_AND_BANDS}",
        ),
        drawings=draw("cover", finding, plain_words(sentence), lambda size: fan_chart([fan], size, look)),
        receipt=key,
        has_worlds=True,
    )
    return Section(
        "cover", "Does AI revenue cover its cost of capital?", sentence, chart,
        table_of(pair, named, "Margin on compute over the capital charge"), names, *weakest_shown(named),
        "capital_cover.csv", download(named[:1], "1"), rests,
    )  # fmt: skip


def net_debt(pair: Pair, answers: Answers) -> Section:
    """Net debt by builder, filed and simulated."""
    name, key = "net_debt_usd_bn", "players_net_debt"
    each = {builder: worlds(pair, name, builder=builder).series(pair) for builder in PLAYERS}
    total_debt = total(pair, name)
    whole = total_debt.series(pair)
    known = [i for i in range(pair.now) if np.isfinite(whole.median[i])]
    later = pair.at("2028Q4")
    begin = known[-1] if known else pair.now
    level = float(whole.median[begin])
    moved = {"above": "rises", "below": "falls"}.get(
        against(float(whole.low[later]), float(whole.high[later]), level), "may rise or fall"
    )
    rests = footing(
        [name], answers, f"the five players' net debt in {pair.quarters[later]}", total_debt.future[:, later - pair.now]
    )
    sentence: Sentence = (
        f"The five players' net debt {moved} from ",
        at(whole, begin, key, "USD bn", "Five players"),
        f" in {pair.quarters[begin]} to ",
        at(whole, later, key, "USD bn", "Five players"),
        f" at the end of {pair.quarters[later]}; marketable securities are not netted.",
        *rests.words,
    )
    rising = [BUILDER_NAMES[b] for b in PLAYERS if each[b].median[later] > each[b].median[pair.now]]
    finding = _borrowers(rising, pair.quarters[later])
    fans = [Fan(BUILDER_NAMES[builder], builder, each[builder]) for builder in PLAYERS]
    look = Look(HISTORY_FROM, height={"wide": 230, "narrow": 150})
    named = [*((BUILDER_NAMES[b], each[b], name) for b in PLAYERS), ("All five", whole, key)]
    chart = Chart(
        finding=(finding,),
        subtitle=(f"Debt less cash, USD bn, end of quarter; below zero is net cash. {BANDS}",),
        drawings=draw("debt", finding, plain_words(sentence), lambda size: fan_panels(fans, size, look)),
        receipt=name,
    )
    return Section(
        "debt", "Who borrows for it?", sentence, chart, table_of(pair, named, "Net debt, USD bn"), (name,),
        *weakest_shown(named), "net_debt.csv", download(named, "USD bn"), rests,
    )  # fmt: skip


def _covered(medians: Array) -> str:
    known = medians[np.isfinite(medians)]
    if not known.size:
        return "Cover is not known"
    if (known >= 1).all():
        return "In the median, the margin covers its cost of capital throughout"
    if (known < 1).all():
        return "In the median, the margin never covers its cost of capital"
    return "In the median, cover comes" + (" and stays" if known[-1] >= 1 else " and goes")


def _borrowers(names: list[str], quarter: str) -> str:
    if not names:
        return f"No builder's net debt rises to {quarter} in the median"
    if len(names) == len(PLAYERS):
        return f"Every builder's net debt rises to {quarter} in the median"
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"In the median, net debt rises to {quarter} at {listed} alone"
