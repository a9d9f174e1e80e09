"""Should a bloc of nations restrict or subsidise, and how dear would standing have to be before all do?

Shown where the question was asked of the World; every figure opens the receipt of that answer.
"""

from __future__ import annotations

import csv
import io
from itertools import product

import numpy as np
import xarray as xr

from headrace import service
from headrace.report.answers import Answers
from headrace.report.asked_receipts import ASKED
from headrace.report.charts.dots import Dot, Rows, dot_chart
from headrace.report.figures import Part, Shown, share
from headrace.report.numbers import plain
from headrace.report.section import Chart, Footing, Section, Table, csv_address, draw, plain_words
from headrace.report.sentences import linked
from headrace.report.series import Array, Pair

_NAME = "blocs"
_KEY = ASKED + _NAME
_STATUS, _QUALITY = "scenario", "C"
_LEVELS = (0.5, 0.05, 0.95)
_SIDES = ("loses", "gains")
_HEADS = {"wide": ("USD bn", "told from zero"), "narrow": ("USD bn",)}
"""Above the columns to the right of the plot."""
_WORLD = "world"
_CALLED = {"restrict": "Restricts alone", "subsidise": "Subsidises alone", "both": "Does both alone"}
_WORTHS = (0.0, 10.0, 31.6, 100.0, 316.0, 1000.0)
"""Of a point of share, in the table of resting points [USD bn]."""


def blocs(pair: Pair, answers: Answers) -> Section | None:
    """What each move alone does to each party, and where the game settles; None where nobody asked."""
    if _NAME not in answers.asked or "effect_usd_bn" not in answers.asked[_NAME]:
        return None
    found = answers.asked[_NAME]
    said = {line.key: line for line in service.bloc_headlines(found)}
    sentence = (*linked(said["equilibrium"]), " ", *linked(said["standing"]))
    moves = [str(move) for move in found["move"].values if move != "both"]
    rows = [Rows(_CALLED[move], tuple(_dots(found, move))) for move in moves]
    finding = _finding(found)
    span = f"{found.attrs['first_quarter']} to {found.attrs['last_quarter']}"
    chart = Chart(
        finding=(finding,),
        subtitle=(
            f"What one bloc's move does to itself and to all others, present value of {span}, USD bn. Dot: median; "
            "line: 90\N{NO-BREAK SPACE}% of worlds",
        ),
        drawings=draw(
            _NAME, finding, plain_words(sentence), lambda size: dot_chart(rows, 0.0, _SIDES, _HEADS[size.name], size)
        ),
        receipt=_KEY,
    )
    return Section(
        _NAME, "Should a bloc restrict or subsidise?", sentence, chart, _table(found), (_KEY,), _STATUS, _QUALITY,
        "blocs.csv", _download(found), Footing((), "", ()), note=linked(said["game"]),
    )  # fmt: skip


def _finding(found: xr.Dataset) -> str:
    names = [str(name) for name in found["bloc"].values]
    move = "restrict" if "restrict" in found["move"].values else str(found["move"].values[0])
    own = [_three(_effect(found, name, move, name)) for name in names]
    rest = [_three(_others(found, name, move)) for name in names]
    pays = "some who do it" if any(low > 0 for _, low, _ in own) else "nobody who does it"
    if move != "restrict":
        helped = any(low > 0 for _, low, _ in rest)
        return f"What a bloc spends alone does others {'good' if helped else 'no good that can be told from zero'}"
    if not any(high < 0 for _, _, high in rest):
        return f"What restricting alone does to others cannot be told from zero, and it pays for {pays}"
    hurt = "others" if all(high < 0 for _, _, high in rest) else "others where some do it"
    return f"Restricting alone hurts {hurt} and pays for {pays}"


def _dots(found: xr.Dataset, move: str) -> list[Dot]:
    dots = []
    for name in (str(one) for one in found["bloc"].values):
        label = _label(found, name)
        for who, colour, values in (
            (f"{label}: itself", "compute", _effect(found, name, move, name)),
            ("all others", "muted", _others(found, name, move)),
        ):
            median, low, high = _three(values)
            dots.append(Dot(who, colour, median, low, high, (plain(median, 0), _told(low, high))))
    return dots


def _effect(found: xr.Dataset, mover: str, move: str, party: str) -> Array:
    return np.asarray(found["effect_usd_bn"].sel(mover=mover, move=move, party=party).values)


def _others(found: xr.Dataset, mover: str, move: str) -> Array:
    return _effect(found, mover, move, _WORLD) - _effect(found, mover, move, mover)


def _told(low: float, high: float) -> str:
    return "yes" if service.is_told_from_zero(low, high) else "no"


def _label(found: xr.Dataset, name: str) -> str:
    return str(found["label"].sel(bloc=name).values).removeprefix("the ")


def _table(found: xr.Dataset) -> Table:
    """Likeliest resting points by what a point of share is worth."""
    names = [str(name) for name in found["bloc"].values]
    by_worth = found["equilibrium_share_by_worth"].transpose("worth_usd_bn", *names)
    rows = []
    for worth in _WORTHS:
        at = by_worth.sel(worth_usd_bn=worth, method="nearest")
        place = np.unravel_index(int(at.values.argmax()), at.shape)
        said = "Money alone" if worth == 0 else f"USD {float(at['worth_usd_bn']):,.0f} bn"
        cells: list[Part] = [
            _word(str(at[name].values[where]), f"{_label(found, name)}, {said}")
            for name, where in zip(names, place, strict=True)
        ]
        cells.append(share(float(at.values.max()), _KEY, f"Worlds that rest there, {said}", _QUALITY))
        rows.append((said, tuple(cells)))
    head = ("A point of share is worth", *(_label(found, name) for name in names), "Share of worlds")
    return Table("Likeliest resting point by worth of a point of share", head, tuple(rows))


def _word(text: str, of: str) -> Shown:
    return Shown(text, "", "", "", "", _STATUS, _QUALITY, _KEY, of)


def _three(values: Array) -> tuple[float, float, float]:
    median, low, high = (float(level) for level in np.quantile(values, _LEVELS))
    return median, low, high


def _download(found: xr.Dataset) -> str:
    """Every move and party as CSV in a data address."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["mover", "move", "party", "p05", "median", "p95", "unit", "status", "quality"])
    effect = found["effect_usd_bn"]
    for mover, move, party in product(*(effect[name].values.tolist() for name in ("mover", "move", "party"))):
        median, low, high = _three(_effect(found, mover, move, party))
        levels = [f"{level:.6g}" for level in (low, median, high)]
        writer.writerow([mover, move, party, *levels, "USD bn", _STATUS, _QUALITY])
    return csv_address(out.getvalue())
