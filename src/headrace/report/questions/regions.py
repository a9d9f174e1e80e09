"""Where it is energised: compute by region, and what it leaves of each region's grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headrace.report.answers import Answers
from headrace.report.charts.fans import Fan, Look, fan_panels
from headrace.report.charts.heat import FILLING, Heat, heat_chart
from headrace.report.figures import Sentence, at, portion
from headrace.report.section import (
    MEDIAN_AND_BANDS,
    Chart,
    Section,
    Table,
    against,
    download,
    draw,
    footing,
    plain_words,
    table_by_row,
    weakest_shown,
    year_ends,
)
from headrace.report.series import Array, Pair, Series, computed, worlds
from headrace.report.words import REGION_NAMES, REGIONS_IN_PROSE
from headrace.variables import REGIONS

_FILLING_KEY = (
    ("chance0", "under 2\N{NO-BREAK SPACE}%"), ("chance1", "to 5\N{NO-BREAK SPACE}%"),
    ("chance2", "to 10\N{NO-BREAK SPACE}%"), ("chance3", "to 20\N{NO-BREAK SPACE}%"),
    ("chance4", "to 40\N{NO-BREAK SPACE}%"), ("chance5", "more"),
)  # fmt: skip

LEAST_MOVE = 0.005
"""A share that moves by less than half a hundredth is said to stay."""


def compute_by_region(pair: Pair, answers: Answers) -> Section:
    """Active compute of each region, and what share of it is in the United States."""
    name = "regional_compute_gw"
    each = {region: worlds(pair, name, region=region) for region in REGIONS}
    series = {region: found.series(pair) for region, found in each.items()}
    total = computed(pair, np.sum([found.future for found in each.values()], axis=0), name).series(pair)
    share = answers.siting["share_of_compute"].values
    home = answers.siting["united_states_share"].values
    at_home = computed(pair, home, name).series(pair)
    now, later = pair.now, pair.at("2030Q4")
    change = home[:, later - now] - home[:, 0]
    low, high = np.quantile(change, (0.05, 0.95)).tolist()
    side = {"above": "more than the ", "below": "less than the "}.get(
        against(low, high, 0.0), "which may be more or less than the "
    )
    first = _largest({region: found.median[later] for region, found in series.items()})
    rests = footing(
        [name], answers, f"share of the United States in compute in {pair.quarters[later]}", home[:, later - now]
    )
    sentence: Sentence = (
        f"At the end of {pair.quarters[later]} ",
        at(series[first], later, name, "GW", REGION_NAMES[first]),
        " of ",
        at(total, later, "regional_compute_total", "GW", "All regions"),
        f" in service stand in {REGIONS_IN_PROSE[first]}, more than anywhere else. The United States as a whole holds ",
        portion(at_home, later, "united_states_share", "United States, share of AI compute"),
        f" of AI compute, {side}",
        portion(at_home, now, "united_states_share", "United States, share of AI compute"),
        f" of {pair.quarters[now]}.",
        *rests.words,
    )
    moves = np.median(share[:, later - now] - share[:, 0], axis=0)
    finding = _moved(dict(zip(REGIONS, moves.tolist(), strict=True)), pair.quarters[later])
    look = Look(pair.quarters[now], height={"wide": 190, "narrow": 130}, columns={"wide": 4, "narrow": 2})
    fans = [Fan(REGION_NAMES[region], "compute", found) for region, found in series.items()]
    named = [
        *((REGION_NAMES[region], found, name) for region, found in series.items()),
        ("All regions", total, "regional_compute_total"),
    ]
    chart = Chart(
        finding=(finding,),
        subtitle=(f"Energised AI compute by region, GW of IT power, end of quarter. {MEDIAN_AND_BANDS}",),
        drawings=draw("regions", finding, plain_words(sentence), lambda size: fan_panels(fans, size, look)),
        receipt=name,
    )
    return Section(
        "regions", "Which region gets it?", sentence, chart,
        table_by_row(pair, named, year_ends(pair, later), "Energised AI compute, GW of IT power"), (name,),
        *weakest_shown(named), "compute_by_region.csv", download(named, "GW"), rests,
    )  # fmt: skip


def grid(pair: Pair, answers: Answers) -> Section:
    """Data centres' share of load and headroom used, region by region, and what that leaves of interconnection."""
    load, used = "data_centre_share_of_load", "headroom_used"
    loads = {region: worlds(pair, load, region=region).series(pair) for region in REGIONS}
    values = answers.siting[used].values
    fills = {region: computed(pair, values[..., i], "grid_headroom").series(pair) for i, region in enumerate(REGIONS)}
    open_share = worlds(pair, "interconnection_factor")
    left = open_share.series(pair)
    now, later = pair.now, pair.at("2030Q4")
    lowest = now + _lowest(left.median[now:])
    first = _largest({region: found.median[later] for region, found in loads.items()})
    rests = footing(
        ["interconnection_factor"],
        answers,
        f"interconnection that can be used in {pair.quarters[lowest]}",
        open_share.future[:, lowest - now],
    )
    of_load, of_room = (f"{REGION_NAMES[first]}, {words}" for words in ("data centres in load", "headroom used up"))
    sentence: Sentence = (
        f"Data centres weigh most in {REGIONS_IN_PROSE[first]}: ",
        portion(loads[first], now, load, of_load),
        f" of load in {pair.quarters[now]} and ",
        portion(loads[first], later, load, of_load),
        f" in {pair.quarters[later]}, when ",
        portion(fills[first], later, used, of_room),
        " of its grid's headroom is used up. Of the world's interconnection, full grids and closed regions leave ",
        portion(left, lowest, "interconnection_factor", "Interconnection that can be used"),
        f" to be used in {pair.quarters[lowest]}, the least in the median of this run.",
        *rests.words,
    )
    finding = _filled({region: float(found.median[later]) for region, found in fills.items()}, pair.quarters[later])
    maps = [
        Heat(title, tuple(REGION_NAMES.values()), np.stack([found.median[now:] for found in each.values()]), (2,))
        for title, each in (("Data centres in load", loads), ("Headroom used up", fills))
    ]
    quarters = pair.future_quarters
    chart = Chart(
        finding=(finding,),
        subtitle=("Share of load on the grid, and of the headroom at the start; median over worlds, by quarter",),
        drawings=draw("grid", finding, plain_words(sentence), lambda size: heat_chart(maps, quarters, FILLING, size)),
        receipt=load,
        key=_FILLING_KEY,
    )
    named = [
        *((f"{REGION_NAMES[region]}: data centres in load", found, load) for region, found in loads.items()),
        *((f"{REGION_NAMES[region]}: headroom used up", found, used) for region, found in fills.items()),
        ("Interconnection that can be used", left, "interconnection_factor"),
    ]
    return Section(
        "grid", "Does the grid let it in?", sentence, chart, _shares(pair, named, year_ends(pair, later)),
        (load, "grid_headroom", "interconnection_factor"), *weakest_shown(named), "grid_by_region.csv",
        download(named, "1"), rests,
    )  # fmt: skip


def _shares(pair: Pair, named: Sequence[tuple[str, Series, str]], places: Sequence[int]) -> Table:
    rows = tuple((name, tuple(portion(series, place, key, name) for place in places)) for name, series, key in named)
    return Table("Shares of load, of headroom and of interconnection", ("", *(pair.quarters[i] for i in places)), rows)


def _largest(values: dict[str, float]) -> str:
    return max(values, key=lambda region: values[region] if np.isfinite(values[region]) else -np.inf)


def _lowest(medians: Array) -> int:
    return int(np.where(np.isfinite(medians), medians, np.inf).argmin())


def _moved(moves: dict[str, float], quarter: str) -> str:
    if np.isnan([*moves.values()]).any():
        return "Where compute stands is not known"
    gains, loses = max(moves, key=moves.__getitem__), min(moves, key=moves.__getitem__)
    parts = [f"{REGIONS_IN_PROSE[gains]} gains most share of compute"] if moves[gains] >= LEAST_MOVE else []
    parts += [f"{REGIONS_IN_PROSE[loses]} loses most"] if moves[loses] <= -LEAST_MOVE else []
    if not parts:
        return f"In the median, regions keep their shares of compute to {quarter}"
    return f"In the median, {' and '.join(parts)} to {quarter}"


def _filled(used: dict[str, float], quarter: str) -> str:
    filling = sorted((region for region in used if used[region] >= LEAST_MOVE), key=lambda region: -used[region])
    if not filling:
        return f"In the median, no region's grid is fuller in {quarter} than at the start"
    first, *others = [REGIONS_IN_PROSE[region] for region in filling]
    if not others:
        return f"In the median, the grid of {first} alone fills to {quarter}"
    listed = others[0] if len(others) == 1 else f"{', '.join(others[:-1])} and {others[-1]}"
    return f"In the median, the grid of {first} fills most to {quarter}, then that of {listed}"
