"""What prices are made of: their growth split into growth of earnings and of multiples, exactly."""

from __future__ import annotations

import numpy as np

from headrace.report.answers import Answers
from headrace.report.charts.split import PART, Split, split_chart
from headrace.report.figures import Sentence, at, factor
from headrace.report.section import Chart, Section, Table, against, csv_address, draw, footing, plain_words
from headrace.report.series import Pair, computed
from headrace.report.words import GROUP_NAMES, WAVES
from headrace.variables import GROUPS

_KEYS = {"earnings": "earnings_factor", "multiples": "multiple_factor", "prices": "price_factor"}
"""Parts of growth, the last being the product of the others, with their receipts."""


def prices(pair: Pair, answers: Answers) -> Section:
    """Growth of prices split into growth of earnings and of multiples, exactly."""
    now, later = pair.now, pair.at("2030Q4")
    place = later - now
    logs = {part: answers.market[f"{part}_since_start"].values[:, place] for part in _KEYS}
    mean = {part: answers.market[f"mean_{part}_since_start"].values[:, place] for part in _KEYS}
    quality = computed(pair, answers.market["mean_prices_since_start"].values, "price_growth").quality[later]
    of = {part: f"{part.capitalize()}, mean over groups, to {pair.quarters[later]}" for part in _KEYS}
    paid, earned, valued = (
        factor(mean[part], _KEYS[part], of[part], quality) for part in ("prices", "earnings", "multiples")
    )
    low, high = np.quantile(mean["multiples"], (0.05, 0.95)).tolist()
    verb = {"above": "add to that", "below": "take from that"}.get(against(low, high, 0.0), "may add or take")
    rests = footing(
        ["price_growth"], answers, f"growth of prices to {pair.quarters[later]}, mean over groups", mean["prices"]
    )
    sentence: Sentence = (
        f"From the start to the end of {pair.quarters[later]} earnings grow by a factor of ",
        earned,
        f" on average over groups; multiples {verb}, by a factor of ",
        valued,
        ", and prices, the product of the two, grow by ",
        paid,
        ". Prices are of AI businesses alone: read their order and direction, for no share trades on them and none of "
        "this is a target.",
        *rests.words,
    )
    finding = _split(float(mean["earnings"].mean()), float(mean["multiples"].mean()))
    hues = [hue for _, hue in WAVES.values()]
    wave_of = answers.market["wave_of_group"].values.tolist()
    rows = [
        Split(
            GROUP_NAMES[group],
            WAVES[wave_of[i]][1],
            (float(logs["earnings"][:, i].mean()), float(logs["multiples"][:, i].mean())),
            float(logs["prices"][:, i].mean()),
            *np.quantile(logs["prices"][:, i], (0.05, 0.95)).tolist(),
        )
        for i, group in enumerate(GROUPS)
    ]
    gaps = [i for i in range(len(rows) - 1) if rows[i].colour != rows[i + 1].colour]
    chart = Chart(
        finding=(finding,),
        subtitle=(
            f"Factor from the start to {pair.quarters[later]}, log scale: geometric mean over worlds, so that the two "
            "bars add up to the dot; line: 90\N{NO-BREAK SPACE}% of worlds",
        ),
        drawings=draw("prices", finding, plain_words(sentence), lambda size: split_chart(rows, size, gaps)),
        receipt=_KEYS["prices"],
        key=tuple(
            zip((*hues, PART, "ink"), ("earnings: chips", "sites, power", "revenue", "multiple", "price"), strict=True)
        ),
    )
    return Section(
        "prices", "Do earnings carry prices, or multiples?", sentence, chart,
        _split_table(pair, answers, later, quality),
        ("price_growth", "earnings_growth", "multiple_growth", "log_multiple"), "scenario", quality, "prices.csv",
        _split_download(pair, answers), rests,
    )  # fmt: skip


def _split(earned: float, valued: float) -> str:
    if np.isnan(earned) or np.isnan(valued):
        return "What prices are made of is not known"
    if earned > 0 > valued:
        return "On average over groups earnings rise and multiples fall: prices grow less than earnings"
    if earned > 0:
        return "On average over groups earnings and multiples rise: prices grow more than earnings"
    if valued > 0:
        return "On average over groups earnings fall and multiples rise: prices hold up better than earnings"
    return "On average over groups earnings fall and multiples with them: prices fall more than earnings"


def _split_table(pair: Pair, answers: Answers, later: int, quality: str) -> Table:
    place = later - pair.now
    levels = answers.market["price_over_earnings"].values
    rows = []
    for i, group in enumerate(GROUPS):
        name = GROUP_NAMES[group]
        factors = [
            factor(answers.market[f"{part}_since_start"].values[:, place, i], key, f"{name}, {part}", quality)
            for part, key in _KEYS.items()
        ]
        level = computed(pair, levels[:, :, i], "log_multiple").series(pair)
        multiples = (at(level, i, "multiple_level", "", f"{name}, price over earnings") for i in (pair.now, later))
        rows.append((name, (*factors, *multiples)))
    quarter = pair.quarters[later]
    return Table(
        f"Factors from the start to {quarter}, and price over annual earnings",
        ("", "Earnings", "Multiple", "Price", f"Price over earnings, {pair.quarters[pair.now]}", quarter),
        tuple(rows),
    )


def _split_download(pair: Pair, answers: Answers) -> str:
    lines = ["group,quarter,log_earnings,log_multiple,log_price,log_price_p05,log_price_p95"]
    logs = [answers.market[f"{part}_since_start"].values for part in _KEYS]
    low, high = np.quantile(logs[2], (0.05, 0.95), axis=0)
    means = [part.mean(axis=0) for part in logs]
    for i, group in enumerate(GROUPS):
        for j, quarter in enumerate(pair.future_quarters):
            values = [*(mean[j, i] for mean in means), low[j, i], high[j, i]]
            lines.append(",".join([group, quarter, *(f"{value:.5g}" for value in values)]))
    return csv_address("\n".join(lines) + "\n")
