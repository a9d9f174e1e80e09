"""Is it a prisoner's dilemma, and which beliefs make today's spending rational?

Shown where the question was asked of the World; every figure opens the receipt of that answer.
"""

from __future__ import annotations

import csv
import io

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from headrace.report.answers import Answers
from headrace.report.asked_receipts import ASKED
from headrace.report.charts.beliefs import Cells, cells_chart
from headrace.report.charts.dots import Dot, Rows, dot_chart
from headrace.report.charts.heat import Scale
from headrace.report.figures import Part, Sentence, Shown, share
from headrace.report.numbers import interval, percent, plain
from headrace.report.section import Chart, Footing, Section, Table, csv_address, draw, plain_words
from headrace.report.series import Pair
from headrace.report.words import BUILDER_NAMES
from headrace.variables import PLAYERS

_NAME = "dilemma"
_KEY = ASKED + _NAME
_STATUS, _QUALITY = "scenario", "C"
_NO_FOOTING = Footing((), "", ())
_LEVELS = (0.5, 0.05, 0.95)
_FEAR = Scale((1.0001, 1.5, 2.0, 2.5), ("chance0", "chance1", "chance2", "chance3", "chance5"))
_DEEP = ("chance5",)
_CALLED = {
    "prisoners_dilemma": "a prisoner's dilemma",
    "chicken": "chicken",
    "stag_hunt": "a stag hunt",
    "harmony": "harmony, where what is best for each is best for all",
    "deadlock": "deadlock, where each does best by one thing and nobody would rather all did otherwise",
}


def game(pair: Pair, answers: Answers) -> Section | None:
    """Which game each builder plays against the rest, and what racing gains; None where nobody asked."""
    if _NAME not in answers.asked:
        return None
    answer = answers.asked[_NAME]
    soft, hard = (str(answer["own_strategy"].values[place]) for place in (0, -1))
    shares = answer["class_share"].sel(pair=f"{soft} or {hard}")
    likeliest = str(shares["class"].values[int(shares.mean("builder").argmax("class"))])
    dilemmas = shares.sel({"class": "prisoners_dilemma"})
    gain = _gain(answer)
    sentence: Sentence = (
        f"To {soft} or {hard}, one builder against the other four, is ",
        f"{_CALLED.get(likeliest, likeliest.replace('_', ' '))}, in ",
        _part(shares.sel({"class": likeliest}).mean(), f"Worlds in which it is {likeliest}, mean over builders"),
        " of worlds and a prisoner's dilemma in ",
        _part(dilemmas.mean(), "Worlds in which it is a prisoner's dilemma, mean over builders"),
        "; all five are in one together in ",
        _part(answer["dilemma_of_five"].mean(), "Worlds in which all five face one dilemma"),
        f". To {soft} is best whatever others do in ",
        _part(answer["dominant_share"].sel(own_strategy=soft).mean(), f"Worlds in which to {soft} is best, mean"),
        ".",
    )
    finding = (
        "It is a prisoner's dilemma in most worlds"
        if float(dilemmas.mean()) > 0.5
        else "Counted in cash, it is seldom a prisoner's dilemma"
        if float(dilemmas.mean()) < 0.25
        else "Counted in cash, it is a prisoner's dilemma in some worlds"
    )
    groups = [
        Rows(
            f"while the others {rest}",
            tuple(
                Dot(BUILDER_NAMES[player], "compute", *_three(gain.sel(builder=player, rest_strategy=rest).values))
                for player in PLAYERS
            ),
        )
        for rest in (soft, hard)
    ]
    chart = Chart(
        finding=(finding,),
        subtitle=(
            f"What a builder gains when it decides to {hard} instead of to {soft}, present value of free cash flow, "
            "USD bn. Dot: median; line: 90\N{NO-BREAK SPACE}% of worlds",
        ),
        drawings=draw(
            "dilemma", finding, plain_words(sentence),
            lambda size: dot_chart(groups, 0.0, (f"to {soft} pays", f"to {hard} pays"), (), size),
        ),
        receipt=_KEY,
    )  # fmt: skip
    return Section(
        "dilemma", "Is it a prisoner's dilemma?", sentence, chart, _by_builder(answer, shares, gain, soft, hard),
        (_KEY,), _STATUS, _QUALITY, "dilemma.csv", _download(answer), _NO_FOOTING, note=_price(answer),
    )  # fmt: skip


def beliefs(pair: Pair, answers: Answers) -> Section | None:
    """The fear that today's spending takes, over two other beliefs; None where nobody asked."""
    if _NAME not in answers.asked:
        return None
    answer = answers.asked[_NAME]
    needed = answer["loss_aversion_needed"]
    middle = needed.median("draw")
    within = float((answer["spend_to_pool"] <= answer["band_top"]).mean())
    half = needed.sel(franchise_at_stake=0.5, expected_growth=0.12, method="nearest")
    sentence: Sentence = (
        "Builders spend ",
        _number(answer["spend_to_pool"], 2, "AI spending over the pool that builders expect"),
        " times the pool they expect. All together would choose ",
        _number(answer["cooperative"], 2, "Spend over pool that all together would choose"),
        ", without fear nobody would leave ",
        _number(answer["nash"], 2, "Spend over pool at which nobody gains by leaving, without fear"),
        ", and the fear drawn carries ",
        _number(answer["band_top"], 2, "Spend over pool at the top of the band"),
        "; today's spending lies within it in ",
        _part(within, "Worlds in which today's spending is within what fear carries"),
        " of worlds. With half of the franchises at stake and revenue growing by ",
        _given(f"{100 * float(half['expected_growth']):.0f}\N{NO-BREAK SPACE}%", "Growth believed in"),
        " a quarter a point of share lost must hurt ",
        _number(half, 1, "Loss aversion that makes today's spending rational"),
        " times as much as one gained pleases.",
    )
    finding = "Fear, franchises at stake or growth: each can carry today's spending, and spending cannot tell which"
    drawings = draw(
        "beliefs",
        finding,
        plain_words(sentence),
        lambda size: cells_chart(_cells(middle, size.name), _FEAR, _DEEP, size),
    )
    chart = Chart(
        finding=(finding,),
        subtitle=(
            "Least loss aversion at which today's spending is rational, by part of franchise cash flow at stake (down) "
            "and growth of compute revenue expected, a quarter (across). Median of worlds",
        ),
        drawings=drawings,
        receipt=_KEY,
    )
    return Section(
        "beliefs", "What makes today's spending rational?", sentence, chart, _needed_table(needed), (_KEY,), _STATUS,
        _QUALITY, "beliefs.csv", _beliefs_download(needed), _NO_FOOTING,
    )  # fmt: skip


def _gain(answer: xr.Dataset) -> xr.DataArray:
    mine = answer["matrix_usd_bn"].sel(party="builder")
    return mine.isel(own_strategy=-1) - mine.isel(own_strategy=0)


def _price(answer: xr.Dataset) -> Sentence:
    if "temptation_usd_bn" not in answer:
        return ()
    return (
        " Side payments that keep all five restrained: USD ",
        _number(answer["temptation_usd_bn"].sum("builder"), 0, "Side payments that keep all five restrained"),
        " bn of present value; somebody needs one in ",
        _part((answer["temptation_usd_bn"] > 0).any("builder").mean(), "Worlds in which restraint tempts somebody"),
        " of worlds.",
    )


def _by_builder(answer: xr.Dataset, shares: xr.DataArray, gain: xr.DataArray, soft: str, hard: str) -> Table:
    rows = []
    for player in PLAYERS:
        own, name = shares.sel(builder=player), BUILDER_NAMES[player]
        parts: list[Part] = [
            _part(own.sel({"class": "prisoners_dilemma"}), f"{name}, prisoner's dilemma"),
            _part(own.sel({"class": "harmony"}), f"{name}, harmony"),
            _part(answer["dominant_share"].sel(builder=player, own_strategy=soft), f"{name}, to {soft} is best"),
            _part(answer["dominant_share"].sel(builder=player, own_strategy=hard), f"{name}, to {hard} is best"),
            _number(gain.sel(builder=player, rest_strategy=soft), 0, f"{name}, gain while others {soft}"),
            _number(gain.sel(builder=player, rest_strategy=hard), 0, f"{name}, gain while others {hard}"),
        ]
        rows.append((name, tuple(parts)))
    head = (
        "Builder", "Prisoner's dilemma", "Harmony", f"To {soft} is best", f"To {hard} is best",
        f"Gain of that while others {soft}, USD bn", f"while others {hard}, USD bn",
    )  # fmt: skip
    return Table("Share of worlds by game and best strategy, and what it gains", head, tuple(rows))


def _cells(middle: xr.DataArray, size: str) -> Cells:
    """Every second belief, and on a narrow page every fourth growth."""
    shown = middle.isel(franchise_at_stake=slice(None, None, 2))
    shown = shown.isel(expected_growth=slice(None, None, 2 if size == "wide" else 4))
    stakes, growths = shown["franchise_at_stake"].values, shown["expected_growth"].values
    values = shown.transpose("franchise_at_stake", "expected_growth").values
    return Cells(
        rows=tuple(percent(float(stake)) for stake in stakes),
        columns=tuple(percent(float(growth)) for growth in growths),
        column_title="growth expected, a quarter",
        values=values,
        words=tuple(tuple(plain(float(value), 1) for value in row) for row in values),
    )


def _needed_table(needed: xr.DataArray) -> Table:
    some = needed.isel(franchise_at_stake=slice(None, None, 5), expected_growth=slice(None, None, 2))
    growths = [float(growth) for growth in some["expected_growth"].values]
    rows = tuple(
        (
            f"{percent(float(stake))} of franchises at stake",
            tuple(
                _number(
                    some.sel(franchise_at_stake=stake, expected_growth=growth), 1,
                    f"Loss aversion needed, {percent(float(stake))} at stake, growth {percent(growth)}",
                )
                for growth in growths
            ),
        )
        for stake in some["franchise_at_stake"].values
    )  # fmt: skip
    head = ("", *(f"{percent(growth)} a quarter" for growth in growths))
    return Table("Least loss aversion that makes today's spending rational, by growth expected", head, rows)


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    median, low, high = (float(level) for level in np.quantile(values, _LEVELS))
    return median, low, high


def _number(values: xr.DataArray, decimals: int, of: str) -> Shown:
    median, low, high = _three(values.values)
    text = plain(median, decimals)
    return Shown(
        text, f"{median:.6g}", interval(low, high, decimals), "", "", _STATUS, _QUALITY, _KEY, of
    )  # fmt: skip


def _part(value: xr.DataArray | float, of: str) -> Shown:
    return share(float(value), _KEY, of, _QUALITY)


def _given(text: str, of: str) -> Shown:
    return Shown(text, "", "", "", "", _STATUS, _QUALITY, _KEY, of)


def _download(answer: xr.Dataset) -> str:
    """Every cell of every builder's table against the rest."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["builder", "own_strategy", "rest_strategy", "p05", "median", "p95", "unit"])
    mine = answer["matrix_usd_bn"].sel(party="builder")
    for player in PLAYERS:
        for own in mine["own_strategy"].values:
            for rest in mine["rest_strategy"].values:
                values = mine.sel(builder=player, own_strategy=own, rest_strategy=rest).values
                median, low, high = _three(values)
                writer.writerow([player, own, rest, *(f"{value:.6g}" for value in (low, median, high)), "USD bn"])
    return csv_address(out.getvalue())


def _beliefs_download(needed: xr.DataArray) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["franchise_at_stake", "expected_growth_per_quarter", "p05", "median", "p95", "unit"])
    for stake in needed["franchise_at_stake"].values:
        for growth in needed["expected_growth"].values:
            median, low, high = _three(needed.sel(franchise_at_stake=stake, expected_growth=growth).values)
            row = [f"{stake:.2f}", f"{growth:.2f}", *(f"{value:.6g}" for value in (low, median, high)), "1"]
            writer.writerow(row)
    return csv_address(out.getvalue())
