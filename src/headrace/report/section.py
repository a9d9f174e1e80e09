"""One question of the report: a computed sentence, a chart, the table behind it, and where it comes from."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from headrace._types import Assumption
from headrace.periods import quarter_index
from headrace.report.answers import Answers, weakest_assumption
from headrace.report.charts.frame import SIZES, Size
from headrace.report.charts.paint import Spec, svg
from headrace.report.figures import Part, Pointer, Resting, Sentence, column, resting
from headrace.report.numbers import signed
from headrace.report.series import Array, Pair, Series, weakest


@dataclass(frozen=True)
class Chart:
    """Two drawings of one chart, its finding, what it shows, and the receipt of what is drawn."""

    finding: Sentence
    subtitle: Sentence
    drawings: Mapping[str, Markup]
    receipt: str
    key: tuple[tuple[str, str], ...] = ()
    has_worlds: bool = False


@dataclass(frozen=True)
class Table:
    """The numbers behind a chart: a heading for each column, and rows of a label and cells."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Part, ...]], ...]


@dataclass(frozen=True)
class Footing:
    """What an answer stands on.

    Attributes:
        words: The end of its sentence: the weakest assumption behind it.
        figure: The figure asked about.
        movers: Assumptions that move that figure most, strongest first, with their rank correlation over worlds.
    """

    words: Sentence
    figure: str
    movers: tuple[tuple[Assumption, str], ...]


@dataclass(frozen=True)
class Section:
    """One question, answered first.

    Attributes:
        chart: None where the table says it all.
        variables: Receipts that it needs beside those of its figures; the first is its own where it has no chart.
        source: What it is made from beside company filings.
    """

    key: str
    kicker: str
    sentence: Sentence
    chart: Chart | None
    table: Table
    variables: tuple[str, ...]
    status: str
    quality: str
    data_name: str
    data_address: str
    footing: Footing
    note: Sentence = ()
    source: str = "headrace simulation"

    @property
    def receipt(self) -> str:
        """Key of the receipt of the whole answer."""
        return self.chart.receipt if self.chart else self.variables[0]


_BOTH = "bands: 50\N{NO-BREAK SPACE}% and 90\N{NO-BREAK SPACE}% of worlds"
BANDS = f"Line: filed, then median; {_BOTH}"
MEDIAN_AND_BANDS = f"Line: median; {_BOTH}"

_BASIS_WORDS = {"judgement": "a judgement", "filing": "a filed figure", "statute": "a statute"}


def draw(key: str, title: str, description: str, spec_of: Callable[[Size], Spec]) -> Mapping[str, Markup]:
    """A chart at both sizes."""
    return {size.name: svg(spec_of(size), f"{key}-{size.name}", title, description) for size in SIZES}


def footing(variables: Sequence[str], answers: Answers, figure: str, values: Array) -> Footing:
    """The weakest assumption behind a figure, and those that move it most.

    Of the assumptions with the weakest basis it is the one that moves the figure most over the worlds of the run; in a
    run too small to tell, the nearest and widest one.

    Args:
        variables: What the figure is made from.
        answers: Of the service.
        figure: What the figure is, in words.
        values: The figure in every world, (draw,).
    """
    rows = {row.name: row for row in answers.assumptions}
    moved = tuple((rows[found.name], signed(found.correlation)) for found in answers.movers(values, [*rows]))
    weakest_basis = next(iter(rows.values())).basis if rows else ""
    among = answers.movers(values, [name for name, row in rows.items() if row.basis == weakest_basis])
    row = rows[among[0].name] if among else weakest_assumption(variables, answers.assumptions)
    if row is None:
        return Footing((" It rests on filed figures alone.",), figure, moved)
    words = _BASIS_WORDS.get(row.basis, f"a {row.basis} figure")
    return Footing((f" Weakest assumption behind it, {words}: ", resting(row), "."), figure, moved)


def plain_words(sentence: Sentence) -> str:
    """A sentence as text, for a title or a reader of the screen."""
    return "".join(_plain(part) for part in sentence)


def table_of(pair: Pair, named: Sequence[tuple[str, Series, str]], caption: str) -> Table:
    """Selected quarters down, series across.

    Args:
        pair: The two Datasets.
        named: Heading, series and receipt key of each column.
        caption: Quantity and unit.
    """
    places = _selected(pair, [series for _, series, _ in named])
    columns = [column(series, places, key, name) for name, series, key in named]
    rows = tuple((pair.quarters[place], cells) for place, cells in zip(places, zip(*columns, strict=True), strict=True))
    return Table(caption, ("Quarter", *(name for name, _, _ in named)), rows)


def year_ends(pair: Pair, until: int) -> list[int]:
    """Positions of the first simulated quarter, the ends of the years after it up to a position, and the last one."""
    ends = [i for i in range(pair.now + 4, until + 1) if quarter_index(pair.quarters[i]) % 4 == 3]
    return list(dict.fromkeys([pair.now, *ends, len(pair.quarters) - 1]))


def table_by_row(pair: Pair, named: Sequence[tuple[str, Series, str]], places: Sequence[int], caption: str) -> Table:
    """Series down, selected quarters across.

    Args:
        pair: The two Datasets.
        named: Heading, series and receipt key of each row.
        places: Positions of the quarters.
        caption: Quantity and unit.
    """
    rows = tuple((name, tuple(column(series, places, key, name))) for name, series, key in named)
    return Table(caption, ("", *(pair.quarters[place] for place in places)), rows)


def download(named: Sequence[tuple[str, Series, str]], unit: str) -> str:
    """Every quarter of every series as CSV in a data address."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["series", "quarter", "p05", "p25", "median", "p75", "p95", "unit", "status", "quality"])
    for name, series, _ in named:
        for i, quarter in enumerate(series.quarters):
            if np.isfinite(series.median[i]):
                levels = [f"{value:.6g}" for value in series.quantiles[:, i]]
                writer.writerow([name, quarter, *levels, unit, series.status[i], series.quality[i]])
    return csv_address(out.getvalue())


def csv_address(text: str) -> str:
    """A CSV text as an address that a browser downloads without asking anyone."""
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.encode()).decode()


def weakest_shown(named: Sequence[tuple[str, Series, str]]) -> tuple[str, str]:
    """Weakest status and quality among what is drawn; what is not known is not drawn."""
    known = [(s, q) for _, series, _ in named for s, q in zip(series.status, series.quality, strict=True)]
    known = [pair for pair in known if pair[0] != "unresolved"]
    return weakest(status for status, _ in known), max((quality for _, quality in known), default="")


def against(low: float, high: float, level: float) -> str:
    """How an interval stands to a level: ``above``, ``below``, or the two it cannot tell apart."""
    if low > level:
        return "above"
    return "below" if high < level else "above or below"


def _selected(pair: Pair, columns: Sequence[Series]) -> list[int]:
    now = pair.now
    known = [i for i in range(now) if any(np.isfinite(series.median[i]) for series in columns)]
    year_ends = [i for i in range(now + 4, len(pair.quarters)) if quarter_index(pair.quarters[i]) % 4 == 3]
    last = len(pair.quarters) - 1
    ahead = [*range(now, min(now + 4, last + 1)), *year_ends]
    return [*known[-5:], *ahead, *([last] if last not in ahead else [])]


def _plain(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Resting):
        return part.label
    if isinstance(part, Pointer):
        return part.words
    unit = f"{part.before} {part.text} {part.after}".strip()
    return f"{unit} ({part.interval})" if part.interval else unit
