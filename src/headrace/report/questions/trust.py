"""How far to trust this: how forecasts of headrace have done, the ones it loses first, and what a run cannot know."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import fields

import numpy as np

from headrace._types import PairedForecast, SkillLine, Trust
from headrace.report.answers import Answers
from headrace.report.charts.dots import Dot, Rows, dot_chart
from headrace.report.figures import Part, Pointer, Sentence, Shown
from headrace.report.numbers import NOT_KNOWN, interval, percent, plain
from headrace.report.receipts import JUDGEMENTS
from headrace.report.section import Chart, Footing, Section, Table, against, csv_address, draw, plain_words
from headrace.report.series import Pair
from headrace.report.trust_receipts import LEAGUE, SKILL
from headrace.report.words import BUILDER_NAMES

_SUM = "capital_expenditure"
_AHEAD = {1: "one quarter", 2: "two quarters", 4: "four quarters", 8: "eight quarters"}
_COUNTS = ("none", "one", "two", "three", "four", "five")
_BAND = "90\N{NO-BREAK SPACE}% band"
_WITHOUT_ASSUMPTION = Footing((), "", ())


def hindcast(pair: Pair, answers: Answers) -> Section:
    """Ratios of scores on past days to those of the best baseline, losing ones first."""
    found = answers.trust
    losing, winning = _of_the_five(found.losing), _of_the_five(found.winning)
    sentence: Sentence = (*_against_baseline(losing, winning), *_worst_company(found))
    finding = _finding(len(losing), len(winning))
    groups = _groups(found)
    chart = Chart(
        finding=(finding,),
        subtitle=(
            "Mean score of a forecast (CRPS, the error of a whole distribution) over that of the best baseline, by "
            "quarters ahead; of each company its worst line. Line and brackets: 90\N{NO-BREAK SPACE}% of resamples of "
            "the days",
        ),
        drawings=draw(
            "trust",
            finding,
            plain_words(sentence),
            lambda size: dot_chart(groups, 1.0, _SIDES, _HEADS[size.name], size),
        ),
        receipt=SKILL,
    )
    return Section(
        "trust", "Has it forecast better than simple rules?", sentence, chart, _skill_table(found), (SKILL,),
        "estimated", "C", "hindcast.csv", _skill_download(found), _WITHOUT_ASSUMPTION,
        note=(*_alone(found), *_band(losing + winning), *_missing(found), _WHAT_IS_SCORED),
        source=f"hindcasts of headrace from {found.first_origin} to {found.last_origin}",
    )  # fmt: skip


def league(pair: Pair, answers: Answers) -> Section:
    """Published forecasts beside what headrace would have said on the same day, and what a run cannot know."""
    found = answers.trust
    own, others = (_mean([getattr(one, name) for one in found.pairs]) for name in ("ours_error", "error"))
    nearer = sum(one.ours_error < one.error for one in found.pairs)
    count = len(found.pairs)
    sentence: Sentence = (
        "Of ",
        _count(found.forecasts, "Published forecasts in the ledger"),
        " published forecasts ",
        _count(found.scored, "Published forecasts that can be scored"),
        " can be scored, and headrace can be put beside ",
        _count(count, "Scored forecasts beside which headrace can be put"),
        " of them",
        *(
            (
                f". On average it misses by {_compared(own, others)}: by ",
                _error(own, "headrace, mean size of error"),
                ", they by ",
                _error(others, "Others, mean size of error"),
                ", in logarithms, where a tenth is about ten per cent. It is nearer in ",
                _count(nearer, "Outcomes to which headrace is nearer"),
                " of them. Ours were made after the fact from what was known on the day; one surprise is in many rows.",
            )
            if found.pairs
            else (".",)
        ),
    )
    judged = sum(row.basis == "judgement" for row in answers.assumptions)
    note: Sentence = (
        *_recorded(found),
        " What a run does not know: ",
        _shown(str(judged), JUDGEMENTS, "Parameters that are judgements", "derived"),
        " of its ",
        _shown(str(len(answers.assumptions)), JUDGEMENTS, "Parameters in use", "derived"),
        " parameters are judgements, ",
        Pointer("listed below, weakest first", "#assumed"),
        ".",
    )
    return Section(
        "league", "Has it forecast better than others?", sentence, None, _league_table(found.pairs),
        (LEAGUE, JUDGEMENTS), "estimated", "C", "league.csv", _league_download(found.pairs), _WITHOUT_ASSUMPTION,
        note=note, source="published forecasts, each linked in the receipt",
    )  # fmt: skip


_SIDES = ("better", "worse")
_HEADS = {"wide": ("ratio", "days", "in band"), "narrow": ("ratio",)}
"""Above the columns to the right of the plot."""

_WHAT_IS_SCORED = (
    "The best baseline is the one that turned out best, which nobody could have picked on the day; the method was "
    "chosen in sight of these scores."
)


def _of_the_five(lines: Iterable[SkillLine]) -> list[SkillLine]:
    return [line for line in lines if line.series == _SUM]


def _against_baseline(losing: Sequence[SkillLine], winning: Sequence[SkillLine]) -> Sentence:
    if not losing and not winning:
        return ("The table that ships has no line of the five together.",)
    parts: list[Part] = ["Forecasting the capital expenditure of the five together on past days, headrace "]
    for verb, lines in (("loses to", losing), ("beats", winning)):
        again = "; it " if lines and len(parts) > 1 else ""
        parts += [again, f"{verb} the best baseline ", *_listed(lines)] if lines else []
    clear = [line for line in [*losing, *winning] if _is_clear(line)]
    return (*parts, f". {_clear(clear, len(losing) + len(winning))}")


def _listed(lines: Sequence[SkillLine]) -> list[Part]:
    """Each as the quarters ahead and the ratio of errors."""
    parts: list[Part] = []
    for place, line in enumerate(lines):
        if place:
            parts.append(" and " if place == len(lines) - 1 else ", ")
        parts += [f"{_AHEAD[line.horizon_quarters]} ahead with ", _ratio(line)]
    return [*parts, " times its error"]


def _is_clear(line: SkillLine) -> bool:
    return against(line.crps_ratio_low, line.crps_ratio_high, 1.0) in {"above", "below"}


def _clear(lines: Sequence[SkillLine], count: int) -> str:
    if len(lines) == count:
        return "Every interval lies on one side of one, where both are equal."
    if not lines:
        return "Every interval holds one, where both are equal."
    horizons = " and ".join(_AHEAD[line.horizon_quarters] for line in lines)
    return f"Only {horizons} ahead does the whole interval lie on one side of one, where both are equal."


def _worst_company(found: Trust) -> Sentence:
    lines = [line for line in (*found.losing, *found.winning) if line.series != _SUM]
    if not lines:
        return (" It has no line of a single company.",)
    worst = lines[0]
    verb = "loses most" if worst in found.losing else "wins least"
    return (f" By company it {verb} on {_who(worst.series)}, ", *_listed([worst]), ".")


def _finding(losing: int, winning: int) -> str:
    horizons = losing + winning
    if not horizons:
        return "How forecasts of the five together did is not known"
    every = "every horizon" if horizons == len(_AHEAD) else "every horizon that the table has"
    if not winning:
        return f"On the five together headrace loses to the best baseline at {every}"
    if not losing:
        return f"On the five together headrace beats the best baseline at {every}"
    return (
        f"On the five together headrace loses to the best baseline at {_COUNTS[losing]} of {_COUNTS[horizons]} horizons"
    )


def _band(five: Sequence[SkillLine]) -> Sentence:
    if not five:
        return ()
    widest = min(five, key=lambda line: line.coverage_90)
    return (
        f"The {_BAND} of the five held least often {_AHEAD[widest.horizon_quarters]} ahead, on ",
        _held(widest),
        " of ",
        _days(widest),
        " days. ",
    )


def _alone(found: Trust) -> Sentence:
    """What a run is worth as a forecast: it is the loop without the errors that these forecasts have learnt."""
    if not found.alone:
        return ()
    parts: list[Part] = [
        "A run is another forecast than these: the full loop alone, without the errors that they have learnt. Started "
        "on past days it has the five spend "
    ]
    for place, line in enumerate(found.alone):
        of = f"The five, {_AHEAD[line.horizon_quarters]} ahead, the loop alone over what was filed"
        share = _shown(percent(line.share_of_filed), SKILL, of, "estimated", value=f"{line.share_of_filed:g}")
        days = _shown(str(line.origins), SKILL, f"{of}, days", "derived")
        parts += [
            " and " if place else "",
            share,
            f" of what came {_AHEAD[line.horizon_quarters]} ahead (",
            days,
            " days)",
        ]
    return (*parts, ". ")


def _missing(found: Trust) -> Sentence:
    if not found.missing:
        return ()
    return (f"The table lacks {'; '.join(_label(*key) for key in found.missing)}. ",)


def _groups(found: Trust) -> list[Rows]:
    """The five at every horizon and each company where it does worst, losing rows first."""
    shown: set[str] = set()
    groups = []
    for heading, lines in (("Loses", found.losing), ("Wins", found.winning)):
        dots = []
        for line in lines:
            if line.series == _SUM or line.series not in shown:
                dots.append(_dot(line))
            shown.add(line.series)
        groups += [Rows(heading, tuple(dots))] if dots else []
    of_five = [_short(*key) for key in found.missing if key[0] == _SUM]
    companies = dict.fromkeys(_who(series) for series, _ in found.missing if series != _SUM and series not in shown)
    lacking = tuple(Dot(name, "muted", math.nan, math.nan, math.nan) for name in (*of_five, *companies))
    return groups + ([Rows("Not known", lacking)] if lacking else [])


def _dot(line: SkillLine) -> Dot:
    hue = "ink" if line.series == _SUM else line.series.removeprefix(f"{_SUM}_")
    name = _short(line.series, line.horizon_quarters)
    beside = (plain(line.crps_ratio, 2), str(line.origins), percent(line.coverage_90))
    return Dot(name, hue, line.crps_ratio, line.crps_ratio_low, line.crps_ratio_high, beside)


def _short(series: str, horizon: int) -> str:
    return f"{_who(series).capitalize()}, {horizon} ahead"


def _label(series: str, horizon: int) -> str:
    return f"{_who(series)}, {_AHEAD[horizon]} ahead"


def _who(series: str) -> str:
    return "the five" if series == _SUM else BUILDER_NAMES[series.removeprefix(f"{_SUM}_")]


def _skill_table(found: Trust) -> Table:
    rows: list[tuple[str, tuple[Part, ...]]] = []
    for verdict, lines in (("loses", found.losing), ("wins", found.winning)):
        for line in lines:
            label = _label(line.series, line.horizon_quarters)
            words = verdict if _is_clear(line) else f"{verdict}, in doubt"
            said = _shown(words, SKILL, f"{label}, verdict", "estimated", value="")
            rival = _shown(line.best_baseline.replace("_", " "), SKILL, f"{label}, best baseline", "derived", value="")
            cells = (said, _ratio(line), _days(line), _held(line), rival)
            rows.append((label[0].upper() + label[1:], cells))
    for key in found.missing:
        label = _label(*key)
        gap = Shown(NOT_KNOWN, "", "", "", "", "unresolved", "", SKILL, f"{label}, not in the table")
        rows.append((label[0].upper() + label[1:], (gap,) * 5))
    head = ("Forecast", "headrace", "Error over that of the best baseline", "Days", f"In {_BAND}", "Best baseline")
    return Table("Mean CRPS over that of the best baseline; in doubt where the interval holds one", head, tuple(rows))


def _skill_download(found: Trust) -> str:
    lines = [
        "series,horizon_quarters,verdict,crps_ratio,crps_ratio_low,crps_ratio_high,origins,coverage_90,best_baseline"
    ]
    for verdict, rows in (("loses", found.losing), ("wins", found.winning)):
        lines += [
            f"{row.series},{row.horizon_quarters},{verdict},{row.crps_ratio:g},{row.crps_ratio_low:g},"
            f"{row.crps_ratio_high:g},{row.origins},{row.coverage_90:g},{row.best_baseline}"
            for row in rows
        ]
    lines += [f"{series},{horizon},not known,,,,,," for series, horizon in found.missing]
    return csv_address("\n".join(lines) + "\n")


def _recorded(found: Trust) -> Sentence:
    """What has come of our own forecasts, recorded before the fact."""
    recorded = found.own_scored + found.own_open
    if not recorded:
        return ("headrace has recorded no forecast before the fact.",)
    some = _count(found.own_scored, "Own forecasts that are scored") if found.own_scored else "None"
    return (
        some,
        " of the ",
        _count(recorded, "Own forecasts, recorded before the fact"),
        " forecasts that headrace recorded before the fact can be scored yet: their quarters are not filed."
        if not found.own_scored
        else " forecasts that headrace recorded before the fact are scored; the quarters of the others are not filed.",
    )


def _compared(own: float, others: float) -> str:
    if plain(own, 2) == plain(others, 2):
        return "as much"
    return "more" if own > others else "less"


def _league_table(pairs: Sequence[PairedForecast]) -> Table:
    rows: list[tuple[str, tuple[Part, ...]]] = []
    for one in pairs:
        label = f"{one.who}, {one.announced}: {_members(one.members)}, {_period(one.period)}"
        numbers = (
            (one.forecast, 1, "forecast", "estimated", one.quality),
            (one.ours, 1, "headrace on the same day", "estimated", "C"),
            (one.outcome, 1, "outcome", "derived", "A"),
            (one.ours_error, 2, "error of headrace", "estimated", "C"),
            (one.error, 2, "error", "derived", one.quality),
        )
        nearer = "headrace" if one.ours_error < one.error else "the other"
        cells = [
            _shown(plain(value, digits), LEAGUE, f"{label}, {words}", status, quality, value=f"{value:.6g}")
            for value, digits, words, status, quality in numbers
        ]
        rows.append(
            (
                label[0].upper() + label[1:],
                (_shown(nearer, LEAGUE, f"{label}, who was nearer", "derived", value=""), *cells),
            )
        )
    head = ("Who, of whom, when", "Nearer", "Forecast", "headrace", "Filed",
            "Error of headrace", "Their error")  # fmt: skip
    return Table("Cash capital expenditure, USD bn; those that headrace loses by most first", head, tuple(rows))


def _league_download(pairs: Sequence[PairedForecast]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([field.name for field in fields(PairedForecast)])
    writer.writerows(
        [" ".join(value) if isinstance(value, tuple) else value for value in vars(one).values()] for one in pairs
    )
    return csv_address(out.getvalue())


def _members(members: Sequence[str]) -> str:
    if len(members) == 1:
        return BUILDER_NAMES.get(members[0], members[0])
    return f"{_COUNTS[len(members)]} builders" if len(members) < len(_COUNTS) else "builders"


def _period(period: str) -> str:
    """The period as a reader says it: a calendar year is just its number."""
    return period.removeprefix("CY").replace("FY", "fiscal ")


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else math.nan


def _ratio(line: SkillLine) -> Shown:
    of = f"{_label(line.series, line.horizon_quarters)}, error over that of the best baseline"
    span = interval(line.crps_ratio_low, line.crps_ratio_high, 2)
    return _shown(plain(line.crps_ratio, 2), SKILL, of, "estimated", span=span, value=f"{line.crps_ratio:g}")


def _held(line: SkillLine) -> Shown:
    of = f"{_label(line.series, line.horizon_quarters)}, share of days on which the band held"
    return _shown(percent(line.coverage_90), SKILL, of, "estimated", value=f"{line.coverage_90:g}")


def _days(line: SkillLine) -> Shown:
    of = f"{_label(line.series, line.horizon_quarters)}, days forecast from"
    return _shown(str(line.origins), SKILL, of, "derived")


def _count(number: int, of: str) -> Shown:
    return _shown(str(number), LEAGUE, of, "derived")


def _error(value: float, of: str) -> Shown:
    return _shown(plain(value, 2), LEAGUE, of, "estimated", value=f"{value:.4g}")


def _shown(
    text: str, receipt: str, of: str, status: str, quality: str = "C", *, span: str = "", value: str | None = None
) -> Shown:
    return Shown(text, text if value is None else value, span, "", "", status, quality, receipt, of)
