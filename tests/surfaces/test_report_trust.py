"""How far to trust this: losing lines first and said to be losing, each with its receipt, in the report of any run."""

from __future__ import annotations

import base64
import csv
import html
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import xarray as xr

from headrace import service
from headrace._types import AloneLine, SkillLine, Trust
from headrace.report.answers import Answers
from headrace.report.page import compose, render
from headrace.report.questions import trust as question
from headrace.report.section import plain_words
from headrace.report.series import Pair

Make = Callable[..., xr.Dataset]
Answer = Callable[..., Answers]

FIVE = "capital_expenditure"


def line(series: str, horizon: int, ratio: float, low: float, high: float) -> SkillLine:
    return SkillLine(series, series, horizon, 24, "theta", ratio, low, high, 0.79)


LOST = line(FIVE, 4, 1.034, 0.82, 1.179)
WON = line(FIVE, 8, 0.891, 0.854, 0.964)
ORACLE = line(f"{FIVE}_oracle", 1, 1.92, 1.481, 2.309)


@pytest.fixture
def page_of(made_future: Make, made_history: Make, made_answers: Answer) -> Callable[..., str]:
    """``page_of(losing=..., winning=...)``: the part of a page that says how far to trust it, receipts after it."""

    def make(**changed: object) -> str:
        future, history = made_future(2, 2), made_history("2026Q2")
        usual = made_answers(future, history)
        trust = replace(usual.trust, **changed)  # type: ignore[arg-type]
        return compose(future, history, replace(usual, trust=trust))

    return make


@pytest.fixture
def say(
    made_future: Make, made_history: Make, made_answers: Answer, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[str, str, str]]:
    """``say(losing=...)``: what the first answer says, its chart's finding and its note, without drawing."""
    monkeypatch.setattr(question, "draw", lambda *_: {})
    future, history = made_future(2, 2), made_history("2026Q2")
    usual = made_answers(future, history)

    def answer(**changed: object) -> tuple[str, str, str]:
        trust = replace(usual.trust, **changed)  # type: ignore[arg-type]
        found = question.hindcast(Pair(future, history), replace(usual, trust=trust))
        assert found.chart is not None
        return plain_words(found.sentence), plain_words(found.chart.finding), plain_words(found.note)

    return answer


def test_a_run_is_said_to_be_another_forecast(say: Callable[..., tuple[str, str, str]]) -> None:
    _, _, note = say(alone=(AloneLine(4, 11, 0.627), AloneLine(8, 7, 0.392)))
    assert "it has the five spend 63\N{NO-BREAK SPACE}% of what came four quarters ahead (11 days) and 39" in note
    _, _, unknown = say(alone=())
    assert "A run is another forecast" not in unknown


def section(page: str, key: str) -> str:
    found = re.search(rf'<article class="answer" id="{key}">.*?</article>', page, re.DOTALL)
    assert found is not None
    return found[0]


def table(article: str) -> list[list[str]]:
    """Rows of words, without badges."""
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", article, re.DOTALL)
    without = [re.sub(r'<span class="badge.*?</span></span>', "", row, flags=re.DOTALL) for row in rows]
    return [[html.unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in row.split("</th>")] for row in without]


def test_losing_lines_stand_first_in_table_chart_and_sentence_and_say_so(page_of: Callable[..., str]) -> None:
    article = section(page_of(losing=(ORACLE, LOST), winning=(WON,), missing=()), "trust")
    labels = [row[0] for row in table(article)]
    assert labels == ["Oracle, one quarter ahead", "The five, four quarters ahead", "The five, eight quarters ahead"]
    verdicts = [re.match(r"(loses|wins)(, in doubt)?", row[1]) for row in table(article)]
    assert [found and found[0] for found in verdicts] == ["loses", "loses, in doubt", "wins"]
    for size in ("wide", "narrow"):
        drawing = article[article.index(f'<div class="{size}">') :]
        places = [drawing.index(f">{words}<") for words in ("Loses", "Oracle, 1 ahead", "The five, 4 ahead")]
        assert places[0] < drawing.index(">Wins<")
        assert places[1:] == sorted(places[1:])
    said = re.sub(r"<[^>]*>", "", article)
    assert said.index("loses to the best baseline four quarters ahead") < said.index("it beats the best baseline eight")


def test_every_figure_of_it_opens_a_receipt_with_the_line_and_the_command(page_of: Callable[..., str]) -> None:
    page = page_of(losing=(ORACLE, LOST), winning=(WON,))
    opened = {
        key
        for name in ("trust", "league")
        for key in re.findall(r'class="figure[^"]*" href="#receipt-([^"]*)"', section(page, name))
    }
    assert opened == {"hindcast_skill", "forecast_league", "judgements"}
    slips = {key: re.search(rf'id="receipt-{key}".*?</section>', page, re.DOTALL) for key in opened}
    skill, league, judged = (slips[key] for key in ("hindcast_skill", "forecast_league", "judgements"))
    assert skill is not None
    assert league is not None
    assert judged is not None
    for words in (
        "headrace hindcast",
        "hr.skill(hr.hindcast())",
        "1.034 [0.820 - 1.179] over 24 days",
        "make hindcast",
    ):
        assert words in skill[0], words
    assert "not in the table" in skill[0]
    for words in ("headrace league", "hr.league()", 'href="https://example.org/x"', "headrace 300, filed 376.1"):
        assert words in league[0], words
    assert "<b>judgement</b>" in judged[0]


def test_the_sentence_follows_the_signs(say: Callable[..., tuple[str, str, str]]) -> None:
    lost, won, mixed = (
        say(losing=losing, winning=winning, missing=())
        for losing, winning in (((LOST, ORACLE), ()), ((), (WON,)), ((LOST,), (WON,)))
    )
    assert lost[1].endswith("headrace loses to the best baseline at every horizon that the table has")
    assert "headrace loses to the best baseline four quarters ahead with 1.03 (0.82–1.18) times its error." in lost[0]
    assert "Every interval holds one" in lost[0]
    assert "it loses most on Oracle, one quarter ahead with 1.92" in lost[0]
    assert won[1].endswith("headrace beats the best baseline at every horizon that the table has")
    assert "loses" not in won[0]
    assert "Every interval lies on one side of one" in won[0]
    assert mixed[1].endswith("loses to the best baseline at one of two horizons")
    assert "Only eight quarters ahead does the whole interval lie on one side" in mixed[0]


LACKING = ((FIVE, 2), (f"{FIVE}_meta", 8))


def test_what_the_table_lacks_is_said(say: Callable[..., tuple[str, str, str]]) -> None:
    said = say(losing=(LOST,), winning=(), missing=LACKING)
    assert "The table lacks the five, two quarters ahead; Meta, eight quarters ahead." in said[2]
    nothing = say(losing=(), winning=(), missing=LACKING)
    assert nothing[0].startswith("The table that ships has no line of the five together.")
    assert nothing[1] == "How forecasts of the five together did is not known"


def test_what_the_table_lacks_has_a_row_and_is_never_filled_in(page_of: Callable[..., str]) -> None:
    article = section(page_of(losing=(LOST,), winning=(), missing=LACKING), "trust")
    assert [row[0] for row in table(article)][1:] == ["The five, two quarters ahead", "Meta, eight quarters ahead"]
    assert article.count('<data value="">–</data>') == 5 * len(LACKING)
    assert ">Not known<" in article


def test_the_league_says_who_missed_by_more_and_puts_what_was_lost_first(page_of: Callable[..., str]) -> None:
    article = section(page_of(), "league")
    said = html.unescape(re.sub(r"<[^>]*>|[◆◇▲○?][A-Z]", "", article))
    assert "On average it misses by more" in said
    assert "None of the" in said
    assert 'href="#assumed"' in article
    assert [row[0] for row in table(article)] == [
        "A house, 2025-02-07: two builders, 2025",
        "Another, 2025-02-07: Microsoft, fiscal 2024Q4",
    ]
    assert [("the other" in row[1], "headrace" in row[1]) for row in table(article)] == [(True, False), (False, True)]


def test_its_downloads_hold_every_line(page_of: Callable[..., str]) -> None:
    page = page_of(losing=(ORACLE, LOST), winning=(WON,))
    found = {
        name: list(csv.DictReader(io.StringIO(base64.b64decode(data).decode())))
        for data, name in re.findall(r'base64,([^"]*)" download="((?:hindcast|league)\.csv)"', page)
    }
    assert [row["verdict"] for row in found["hindcast.csv"]] == ["loses", "loses", "wins", "not known", "not known"]
    assert found["league.csv"][0]["members"] == "amazon meta"
    assert float(found["league.csv"][0]["ours"]) == 300.0


def test_a_run_loaded_from_disk_says_it_of_the_table_that_ships(tmp_path: Path) -> None:
    future = service.simulate("credit_crunch", draws=16, quarters=4)
    service.save(future, tmp_path / "results.zarr")
    page = render(service.load(tmp_path / "results.zarr"), service.history())
    found: Trust = service.trust()
    rows = table(section(page, "trust"))
    assert len(rows) == len(found.losing) + len(found.winning)
    assert [row[1].startswith("loses") for row in rows] == sorted([row[1].startswith("loses") for row in rows])[::-1]
    assert f'<data value="{found.losing[0].crps_ratio:g}">' in section(page, "trust")
    assert len(table(section(page, "league"))) == len(found.pairs)
    assert '<a href="#trust">How far to trust this</a>' in page
