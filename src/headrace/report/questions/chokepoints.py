"""Where the money has no choice but to go: tightness, what binds, and what waits for what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headrace.report.answers import Answers
from headrace.report.charts.fans import Fan, Look, fan_chart
from headrace.report.charts.heat import CHANCE, TIGHTNESS, Heat, heat_chart
from headrace.report.figures import Sentence, Shown, at, share
from headrace.report.section import (
    MEDIAN_AND_BANDS,
    Chart,
    Section,
    Table,
    csv_address,
    download,
    draw,
    footing,
    plain_words,
    table_of,
    weakest_shown,
)
from headrace.report.series import Array, Pair, Series, probabilities, total, worlds
from headrace.report.words import LIMIT_NAMES
from headrace.variables import BUILDERS, IT_LAYERS, LAYERS, LIMITS, SITE_LAYERS

_TIGHTNESS_KEY = (
    ("slack3", "slack: under 0.5"), ("slack2", "to 0.75"), ("slack1", "to 0.95"), ("even", "about 1"),
    ("short1", "short: to 1.25"), ("short2", "to 1.6"), ("short3", "to 2.2"), ("short4", "more"),
)  # fmt: skip
_CHANCE_KEY = (
    ("chance0", "under 1\N{NO-BREAK SPACE}%"), ("chance1", "to 10\N{NO-BREAK SPACE}%"),
    ("chance2", "to 25\N{NO-BREAK SPACE}%"), ("chance3", "to 50\N{NO-BREAK SPACE}%"),
    ("chance4", "to 75\N{NO-BREAK SPACE}%"), ("chance5", "more"),
)  # fmt: skip


def tightness(pair: Pair, answers: Answers) -> Section:
    """Median tightness of each layer over time, in the order of the chain."""
    name = "tightness"
    each = {layer: worlds(pair, name, layer=layer).series(pair) for layer in LAYERS}
    medians = np.stack([series.median[pair.now :] for series in each.values()])
    it, site = (_tightest(each, layers, pair.now) for layers in (IT_LAYERS, SITE_LAYERS))
    short = int((medians[:, 0] > 1).sum())
    sample = each[it]
    count = Shown(
        _count(short), str(short), "", "", "", sample.status[pair.now], sample.quality[pair.now], name,
        f"Layers with median tightness above one, {pair.quarters[pair.now]}",
    )  # fmt: skip
    rests = footing(
        [name], answers, f"tightness of {it} in {pair.quarters[pair.now]}", worlds(pair, name, layer=it).future[:, 0]
    )
    sentence: Sentence = (
        f"In {pair.quarters[pair.now]} ",
        count,
        f" of ten layers {'is' if short == 1 else 'are'} short in the median world; the tightest are {it} at ",
        at(each[it], pair.now, name, "1", LIMIT_NAMES[it]),
        f" in IT and {site} at ",
        at(each[site], pair.now, name, "1", LIMIT_NAMES[site]),
        " on sites, where one is just enough.",
        *rests.words,
    )
    later = pair.at("2030Q4")
    it_then, site_then = (_tightest(each, layers, later) for layers in (IT_LAYERS, SITE_LAYERS))
    same = (it, site) == (it_then, site_then)
    finding = f"{LIMIT_NAMES[it]} and {site} are tightest now"
    finding += (
        f", and still in {pair.quarters[later]}" if same else f"; {it_then} and {site_then} in {pair.quarters[later]}"
    )
    heat = Heat("", tuple(LIMIT_NAMES[layer] for layer in LAYERS), medians, (len(IT_LAYERS) - 1,))
    quarters = pair.future_quarters
    named = [(LIMIT_NAMES[layer], series, name) for layer, series in each.items()]
    chart = Chart(
        finding=(finding,),
        subtitle=("Wanted and delivered over what a layer can deliver; median over worlds, by quarter",),
        drawings=draw(
            "tightness", finding, plain_words(sentence), lambda size: heat_chart([heat], quarters, TIGHTNESS, size)
        ),
        receipt=name,
        key=_TIGHTNESS_KEY,
    )
    return Section(
        "tightness", "Which layer is short, and when?", sentence, chart,
        table_of(pair, named, "Tightness of each layer"), (name,), *weakest_shown(named),
        "tightness.csv", download(named, "1"), rests,
    )  # fmt: skip


def binding(pair: Pair, answers: Answers) -> Section:
    """Probability that each layer, demand or funding binds, and that each layer is the tightest of its branch."""
    name = "binding_layer"
    binds = worlds(pair, name)
    chances = probabilities(binds.future, len(LIMITS))
    tightest = sum(
        probabilities(worlds(pair, f"tightest_{branch}_layer").future, len(LAYERS)) for branch in ("it", "site")
    )
    quality = binds.quality[-1]
    now, later = 0, pair.at("2030Q4") - pair.now
    first, second = (LIMITS[int(np.argmax(chances[:, column]))] for column in (now, later))
    quarters = pair.future_quarters
    rests = footing(
        ["capacity_gw_per_quarter"],
        answers,
        f"how much more of {first} would energise, in {quarters[now]}",
        _relief(pair, first),
    )
    sentence: Sentence = (
        f"In {quarters[now]} {first} is likeliest to bind, in ",
        _chance_of(first, chances[:, now], quality),
        f" of worlds; in {quarters[later]} it is {second}, in ",
        _chance_of(second, chances[:, later], quality),
        ". A layer binds where a little more of it would energise the most compute; the tightest need not be it.",
        *rests.words,
    )
    leaders = list(dict.fromkeys(LIMITS[int(row)] for row in chances.argmax(axis=0)))
    finding = (
        f"{LIMIT_NAMES[first]} stays the likeliest to bind throughout"
        if len(leaders) == 1
        else f"What is likeliest to bind passes from {' to '.join(leaders[:4])}"
    )
    names = tuple(LIMIT_NAMES[limit] for limit in LIMITS)
    gap = len(IT_LAYERS) - 1
    maps = [
        Heat("Binds", names, chances, (gap, len(LAYERS) - 1), marked=True),
        Heat("Tightest of its branch", names[: len(LAYERS)], np.asarray(tightest), (gap,)),
    ]
    chart = Chart(
        finding=(finding,),
        subtitle=("Share of worlds, by quarter. Dot: the likeliest to bind",),
        drawings=draw("binding", finding, plain_words(sentence), lambda size: heat_chart(maps, quarters, CHANCE, size)),
        receipt="binding_probability",
        key=_CHANCE_KEY,
    )
    return Section(
        "binding", "What holds the build-out back?", sentence, chart,
        _chance_table(chances, np.asarray(tightest), quarters, quality),
        (name, "tightest_it_layer", "tightest_site_layer"), binds.status[-1], quality,
        "binding.csv", _chance_download(chances, np.asarray(tightest), quarters), rests,
    )  # fmt: skip


def waiting(pair: Pair, answers: Answers) -> Section:
    """IT that waits for power against powered shells that wait for IT."""
    unpowered, shells = (total(pair, name, BUILDERS) for name in ("unpowered_it_gw", "empty_shells_gw"))
    w, z = unpowered.series(pair), shells.series(pair)
    later = pair.at("2027Q4")
    ahead = later - pair.now
    more = unpowered.future[:, ahead] > shells.future[:, ahead]
    rests = footing(
        ["unpowered_it_gw", "empty_shells_gw"],
        answers,
        f"shells that wait less IT that waits, {pair.quarters[later]}",
        shells.future[:, ahead] - unpowered.future[:, ahead],
    )
    sentence: Sentence = (
        f"At the end of {pair.quarters[later]} ",
        at(w, later, "unpowered_it_total", "GW", "Unpowered IT, all builders"),
        " of IT wait for a powered shell and ",
        at(z, later, "empty_shells_total", "GW", "Empty shells, all builders"),
        " of powered shells wait for IT; more IT waits than shells in ",
        share(more, "unpowered_it_total", "Worlds in which more IT waits than shells", w.quality[later]),
        " of worlds.",
        *rests.words,
    )
    finding = _waiting(w.median[pair.now :], z.median[pair.now :])
    look = Look(pair.quarters[pair.now])
    fans = [Fan("empty shells", "physical", z), Fan("unpowered IT", "compute", w)]
    named = [("Unpowered IT", w, "unpowered_it_total"), ("Empty powered shells", z, "empty_shells_total")]
    chart = Chart(
        finding=(finding,),
        subtitle=(f"GW of IT power, all builders, end of quarter. {MEDIAN_AND_BANDS}",),
        drawings=draw("waiting", finding, plain_words(sentence), lambda size: fan_chart(fans, size, look)),
        receipt="unpowered_it_total",
    )
    return Section(
        "waiting", "Do chips wait for power, or power for chips?", sentence, chart,
        table_of(pair, named, "GW of IT power, all builders"), ("unpowered_it_gw", "empty_shells_gw"),
        *weakest_shown(named), "waiting.csv", download(named, "GW"), rests,
    )  # fmt: skip


def _tightest(each: dict[str, Series], layers: Sequence[str], place: int) -> str:
    medians = [float(each[layer].median[place]) for layer in layers]
    return layers[int(np.nanargmax(medians))] if np.isfinite(medians).any() else layers[0]


def _relief(pair: Pair, limit: str) -> Array:
    """Elasticity of energised compute to a layer, demand or funding in the first quarter, (draw,)."""
    if limit in LAYERS:
        return worlds(pair, "layer_elasticity", layer=limit).future[:, 0]
    return worlds(pair, f"{limit}_elasticity").future[:, 0]


def _chance_of(limit: str, chances: Array, quality: str) -> Shown:
    return share(float(chances[LIMITS.index(limit)]), "binding_probability", f"{LIMIT_NAMES[limit]} binds", quality)


def _count(number: int) -> str:
    return ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")[number]


def _waiting(unpowered: Array, shells: Array) -> str:
    longer = unpowered > shells
    if longer.all():
        return "In the median, IT waits for power throughout"
    if not longer.any():
        return "In the median, more shells wait for IT than IT for shells"
    return "In the median, the wait changes sides: " + (
        "first IT waits for power, then shells for IT" if longer[0] else "first shells wait for IT, then IT for power"
    )


def _chance_table(chances: Array, tightest: Array, quarters: Sequence[str], quality: str) -> Table:
    columns = [0, *(i for i in range(1, len(quarters)) if quarters[i].endswith("Q4"))]
    rows: list[tuple[str, tuple[Shown, ...]]] = []
    for kind, key, values in (
        ("binds", "binding_probability", chances),
        ("tightest", "tightest_probability", tightest),
    ):
        for limit, row in zip(LIMITS, values, strict=False):
            label = f"{LIMIT_NAMES[limit]} {kind}"
            cells = tuple(share(float(row[i]), key, f"{label}, {quarters[i]}", quality) for i in columns)
            rows.append((label, cells))
    return Table("Share of worlds", ("", *(quarters[i] for i in columns)), tuple(rows))


def _chance_download(chances: Array, tightest: Array, quarters: Sequence[str]) -> str:
    lines = ["limit,quarter,share_of_worlds_binding,share_of_worlds_tightest_of_branch"]
    for i, limit in enumerate(LIMITS):
        for j, quarter in enumerate(quarters):
            second = f"{tightest[i, j]:.4g}" if i < len(tightest) else ""
            lines.append(f"{limit},{quarter},{chances[i, j]:.4g},{second}")
    return csv_address("\n".join(lines) + "\n")
