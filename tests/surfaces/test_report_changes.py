"""What was changed stands on top of a report with its reasons and sources, and nothing where nothing was changed."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import xarray as xr

from headrace import service
from headrace._types import ChangeNote
from headrace.report.answers import Answers
from headrace.report.figures import change_of, usually
from headrace.report.page import compose, render

Make = Callable[..., xr.Dataset]
Answer = Callable[..., Answers]

NOTE = ChangeNote(
    "rivalry.adjustment_speed", ("rivalry.adjustment_speed",), "Speed of adjustment", "held", 0.53, "1/quarter",
    "0.35 [0.2 - 0.6] 1/quarter", "from 2027Q2 to 2028Q3", "It fell by 47 %: 1 - 0.47", "Autumn of 2008",
    "sec_companyfacts", "A study", "https://www.sec.gov/x",
)  # fmt: skip

HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>"


@pytest.fixture
def page_with(made_future: Make, made_history: Make, made_answers: Answer) -> Callable[[list[ChangeNote]], str]:
    """``page_with(notes)``: the page of a made-up run that changed so much."""

    def make(notes: list[ChangeNote]) -> str:
        future, history = made_future(30, 4), made_history("2026Q2")
        return compose(future, history, made_answers(future, history, changes=notes))

    return make


def block(page: str) -> str:
    found = re.search(r'<section class="question" id="changed">.*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def test_a_run_that_changes_nothing_has_no_block(page_with: Callable[[list[ChangeNote]], str]) -> None:
    assert block(page_with([])) == ""


def test_the_block_says_what_how_when_why_and_on_what_it_rests(page_with: Callable[[list[ChangeNote]], str]) -> None:
    page = page_with([NOTE])
    text = block(page)
    for said in (
        "<b>Speed of adjustment</b>", "<code>rivalry.adjustment_speed</code>", 'held at <data value="0.53">0.53</data>',
        "from 2027Q2 to 2028Q3", "otherwise 0.35 [0.2–0.6] a quarter", "It fell by 47 %: 1 - 0.47", "Autumn of 2008",
        '<a href="https://www.sec.gov/x" rel="noreferrer">A study</a>',
    ):  # fmt: skip
        assert said in text, said
    answers, first = page.index('id="answers"'), page.index('class="answer"')
    assert answers < page.index('id="changed"') < first


def test_every_number_of_the_block_opens_the_row_of_its_parameter(
    page_with: Callable[[list[ChangeNote]], str],
) -> None:
    page = page_with([NOTE])
    assert f'<li data-receipt="{NOTE.names[0]}">' in block(page)
    assert f'href="#receipt-{NOTE.names[0]}"' in block(page)
    assert f'<li id="receipt-{NOTE.names[0]}"' in page
    outside = re.sub(r"<li data-receipt.*?</li>", "", block(page), flags=re.DOTALL)
    assert not re.search(r"\d", re.sub(r"<[^>]*>", "", outside))


def test_hostile_words_in_a_change_are_inert(page_with: Callable[[list[ChangeNote]], str]) -> None:
    texts: dict[str, Any] = dict.fromkeys(("label", "reason", "history", "when", "usual", "source_title"), HOSTILE)
    text = block(page_with([replace(NOTE, parameter=HOSTILE, url="javascript:alert(1)", **texts)]))
    assert "<script" not in text
    assert "<img" not in text
    assert "javascript:" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("action", "amount", "unit", "shown"),
    [
        ("held", -0.13, "1/quarter", ("held at", "−0.13", "a quarter")),
        ("multiplied", 0.71, "USD bn/quarter", ("×", "0.71", "")),
        ("added", -12.0, "USD bn/quarter", ("", "−12", "USD bn a quarter")),
        ("added", 0.03, "1/year", ("", "+0.03", "a year")),
        ("held", 0.0, "1", ("held at", "0", "")),
    ],
)
def test_the_size_of_a_change_is_written_with_its_sign_and_unit(
    action: str, amount: float, unit: str, shown: tuple[str, str, str]
) -> None:
    found = change_of(replace(NOTE, action=action, amount=amount, unit=unit))
    assert (found.before, found.text, found.after) == shown
    assert usually(replace(NOTE, usual="")) == ""


@pytest.fixture(scope="module")
def changed_run() -> xr.Dataset:
    """A scenario, a fear off and a setting that ends some worlds."""
    settings = {"funding.insolvency_years": 1.4}
    return service.simulate("credit_crunch", draws=64, quarters=40, without=["investor"], settings=settings)


def test_scenario_fear_and_setting_stand_in_the_block_in_this_order(changed_run: xr.Dataset) -> None:
    notes = service.changed(changed_run)
    assert [note.parameter for note in notes] == [
        "funding.debt_room_factor",
        "funding.spread_at_no_debt",
        "builder.*.at_the_market_usd_bn",
        "builder.rest_of_world.ai_capital_expenditure_usd_bn",
        "funding.investor_sensitivity",
        "funding.insolvency_years",
    ]
    debt, spread, shares, *_, fear, setting = notes
    assert (debt.action, debt.amount, debt.usual, debt.when) == ("held", 0.53, "1", "from 2027Q2 to 2028Q3")
    assert (spread.action, spread.amount, spread.unit) == ("added", 0.03, "1/year")
    assert shares.label == "Shares sold at the market: Microsoft, Amazon, Alphabet, Meta, Oracle"
    assert (fear.when, fear.amount) == ("from the first quarter on", 0.0)
    assert (setting.when, setting.amount) == ("always, the start included", 1.4)
    assert all(note.source_title for note in notes[:4])


def test_the_baseline_and_a_run_of_it_change_nothing() -> None:
    baseline = service.simulate(draws=1, quarters=1, variables=["capital_expenditure_usd_bn"])
    assert service.changed(baseline) == []


def test_a_setting_takes_the_place_of_what_the_page_always_held() -> None:
    page = {
        "title": "Given",
        "dated": "2026-09-30",
        "summary": "Two changes that always hold.",
        "changes": [
            {"parameter": "finance.wacc", "value": 0.1, "reason": "a reason long enough"},
            {"parameter": "rivalry.loss_aversion", "multiply": 1.1, "reason": "a reason long enough"},
        ],
    }  # fmt: skip
    names = ("finance.wacc", "rivalry.loss_aversion")
    future = service.simulate(
        page, draws=1, quarters=1, settings={names[0]: 0.12}, variables=["capital_expenditure_usd_bn"]
    )
    assert [(note.parameter, note.amount) for note in service.changed(future)] == [(names[1], 1.1), (names[0], 0.12)]


def test_the_page_of_a_run_that_loses_worlds_counts_them_and_draws_the_others(changed_run: xr.Dataset) -> None:
    ended = sum(ending.draws for ending in service.endings(changed_run))
    assert 0 < ended < changed_run.sizes["draw"]
    page = render(changed_run, service.history())
    assert f'<data value="{ended}">{ended}</data></a> end early' in page
    assert '<article class="ended">\n<h2>Worlds that end early</h2>' in page
    assert "still has to borrow" in page
    assert len(re.findall(r"<li data-receipt", block(page))) == 6
    opened = set(re.findall(r'data-receipt="([^"]*)"', page))
    assert {key for key in opened if f'id="receipt-{key}"' not in page} == set()


def test_every_python_line_of_a_changed_run_can_be_run_again(changed_run: xr.Dataset) -> None:
    page = render(changed_run, service.history())
    lines = re.findall(r'Python</dt><dd class="again"><code class="line">(.*?)</code>', page, re.DOTALL)
    assert len(lines) > 50
    for line in lines:
        ast.parse(html.unescape(line))
    simulated = [html.unescape(line) for line in lines if "hr.simulate" in line]
    assert all("without=['investor']" in line and "funding.insolvency_years" in line for line in simulated)
