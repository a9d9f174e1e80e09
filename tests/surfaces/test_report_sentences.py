"""Sentences are computed: when the result changes sign, the sentence changes; numbers in them keep their owners."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import xarray as xr

from headrace._types import Assumption, Figure, Headline
from headrace.report.answers import Answers, weakest_assumption
from headrace.report.figures import Shown, of_assumption
from headrace.report.questions import chokepoints, payback, spending
from headrace.report.section import Section, footing, plain_words
from headrace.report.sentences import lead, linked
from headrace.report.series import Pair

Make = Callable[..., xr.Dataset]
Answer = Callable[..., Answers]
Ask = Callable[[Pair, Answers], Section]


@pytest.fixture
def ask(
    made_future: Make, made_history: Make, made_answers: Answer, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[str, str]]:
    """``ask(question, **values)``: its sentence and its chart's finding, without drawing."""
    for module in (chokepoints, payback, spending):
        monkeypatch.setattr(module, "draw", lambda *_: {})

    def answer(question: Ask, **values: object) -> tuple[str, str]:
        future, history = made_future(**values), made_history()
        found = question(Pair(future, history), made_answers(future, history))
        return plain_words(found.sentence), plain_words(found.chart.finding)

    return answer


Answered = Callable[..., tuple[str, str]]


def test_spending_more_or_less_than_filed_is_said_so(ask: Answered) -> None:
    assert "more than the USD" in ask(spending.capital_expenditure, capital_expenditure_usd_bn=500.0)[0]
    assert "less than the USD" in ask(spending.capital_expenditure, capital_expenditure_usd_bn=1.0)[0]
    wide = np.linspace(1, 200, 30)[:, None, None]
    assert "cannot be told apart" in ask(spending.capital_expenditure, capital_expenditure_usd_bn=wide)[0]


def test_where_the_race_stands_follows_the_lines(ask: Answered) -> None:
    lines = {"cooperative_ratio": 0.5, "nash_ratio": 0.9, "band_top_ratio": 1.5}
    above = ask(spending.spend_to_pool, spend_to_pool_ratio=2.0, **lines)
    assert above[1] == "Spend starts above the band top and stays there"
    assert "above the pool itself in 100\N{NO-BREAK SPACE}% of worlds" in above[0]
    falling = np.linspace(1.2, 0.3, 40)[None, :]
    assert ask(spending.spend_to_pool, spend_to_pool_ratio=falling, **lines)[1] == (
        "Spend starts between the exhausted pool and the band top and ends below the cooperative level"
    )


def test_cash_flow_carries_it_or_not(made_future: Make, made_history: Make) -> None:
    assert "carries all" in spending._carried(np.array([0.4, 0.9]))
    assert "stays above" in spending._carried(np.array([1.4, 1.9]))
    assert "for a time" in spending._carried(np.array([0.4, 1.9]))
    assert "not known" in spending._carried(np.array([np.nan]))


@pytest.mark.parametrize(
    ("margin", "words"),
    [(9.0, "covers its cost of capital throughout"), (1.0, "never covers"),
     (np.linspace(1, 9, 40)[None, :], "comes and stays"), (np.nan, "not known"),
     (np.linspace(9, 1, 40)[None, :], "comes and goes")],
)  # fmt: skip
def test_cover_changes_its_words_with_its_sign(ask: Answered, margin: object, words: str) -> None:
    assert words in ask(payback.cover, compute_margin_usd_bn=margin, capital_charge_usd_bn=5.0)[1]


def test_net_debt_rises_falls_or_cannot_be_told(ask: Answered) -> None:
    assert "net debt rises" in ask(payback.net_debt, net_debt_usd_bn=900.0)[0]
    assert "net debt falls" in ask(payback.net_debt, net_debt_usd_bn=-900.0)[0]
    assert "may rise or fall" in ask(payback.net_debt, net_debt_usd_bn=np.linspace(-900, 900, 30)[:, None, None])[0]


def test_who_waits_for_whom_is_computed(ask: Answered) -> None:
    assert "IT waits for power" in ask(chokepoints.waiting, unpowered_it_gw=2.0, empty_shells_gw=1.0)[1]
    assert "shells wait for IT" in ask(chokepoints.waiting, unpowered_it_gw=0.0, empty_shells_gw=1.0)[1]
    turning = np.linspace(0, 2, 40)[None, :, None]
    assert "changes sides" in ask(chokepoints.waiting, unpowered_it_gw=turning, empty_shells_gw=1.0)[1]


def test_what_binds_names_those_that_lead_in_turn(ask: Answered) -> None:
    assert ask(chokepoints.binding, binding_layer=10)[1] == "Demand stays the likeliest to bind throughout"
    turning = np.repeat([1, 9], 20)[None, :]
    assert ask(chokepoints.binding, binding_layer=turning)[1].endswith("passes from memory to grid")


def test_every_answer_names_its_weakest_assumption(
    made_future: Make, made_history: Make, made_answers: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (chokepoints, payback, spending):
        monkeypatch.setattr(module, "draw", lambda *_: {})
    future, history = made_future(), made_history()
    pair, answers = Pair(future, history), made_answers(future, history)
    for question in (spending.capital_expenditure, spending.spend_to_pool, payback.cover):
        assert "Weakest assumption behind it, a judgement" in plain_words(question(pair, answers).sentence)
    bare = footing(["capital_expenditure_usd_bn"], made_answers(future, history, assumptions=[]), "it", np.zeros(3))
    assert plain_words(bare.words) == " It rests on filed figures alone."


def test_the_weakest_basis_wins_and_one_for_all_before_one_for_a_builder(made_answers: Answer, made_future: Make,
                                                                          made_history: Make) -> None:  # fmt: skip
    rows = made_answers(made_future(), made_history()).assumptions
    assert weakest_assumption(["compute_revenue_usd_bn"], rows[2:3]) is rows[2]
    assert weakest_assumption(["planned_ai_capital_expenditure_usd_bn"], rows).name == "rivalry.adjustment_speed"  # type: ignore[union-attr]
    assert weakest_assumption(["frontier_quality_index"], rows) is None


def test_of_the_weakest_basis_the_one_that_moves_the_figure_most_is_named(
    made_answers: Answer, made_future: Make, made_history: Make
) -> None:
    def movers(values: object, among: list[str] | None) -> list[Moved]:
        found = [Moved("demand.price_elasticity", -0.7), Moved("rivalry.franchise_at_stake", 0.5)]
        return [mover for mover in found if among is None or mover.name in among]

    answers = made_answers(made_future(), made_history(), movers=movers)
    stands = footing(["planned_ai_capital_expenditure_usd_bn"], answers, "it", np.arange(3.0))
    assert "franchise at stake (rivalry)" in plain_words(stands.words)
    assert [(row.name, text) for row, text in stands.movers] == [
        ("demand.price_elasticity", "−0.70"),
        ("rivalry.franchise_at_stake", "+0.50"),
    ]


@dataclass(frozen=True)
class Moved:
    name: str
    correlation: float


def test_numbers_of_a_headline_belong_to_the_figure_they_show() -> None:
    ratio = Figure("ratio", "Ratio", 1.3631, 0.9077, 2.3992, "1", "spend_to_pool_ratio", "scenario", "C")
    share = Figure("share", "Share", 0.4075, 0.4075, 0.4075, "1", "binding_layer", "scenario", "C")
    words = "In 2026Q3 it is 1.36 [0.91 - 2.40], -1,234.5 more; 41% by 2030."
    parts = linked(Headline("k", "l", words, (ratio, share)))
    shown = [part for part in parts if isinstance(part, Shown)]
    assert [(part.text, part.interval, part.receipt) for part in shown] == [
        ("1.36", "0.91–2.40", "spend_to_pool_ratio"),
        ("−1,234.5", "", "spend_to_pool_ratio"),
        ("41\N{NO-BREAK SPACE}%", "", "binding_layer"),
    ]
    assert "".join(part for part in parts if isinstance(part, str)) == "In 2026Q3 it is ,  more;  by 2030."
    assert lead(Headline("k", "l", words, (ratio, share))).text == "1.36"  # type: ignore[union-attr]


def test_a_headline_without_a_figure_has_no_number_on_top() -> None:
    assert lead(Headline("k", "l", "Not in this run, which ends with 2027Q1.", ())) is None


@pytest.mark.parametrize(
    ("text", "shown", "span", "unit"),
    [("0.35 [0.2 - 0.6]", "0.35", "0.2–0.6", ""), ("20 quarter", "20", "", "quarters"),
     ("0.02 [-0.02 - 0.06] 1/quarter", "0.02", "−0.02 to 0.06", "a quarter"), ("54.2 USD bn", "54.2", "", "USD bn"),
     ("3, set for this run", "3, set for this run", "", ""), ("1e-05", "1e-05", "", "")],
)  # fmt: skip
def test_the_value_of_an_assumption_is_read_apart(text: str, shown: str, span: str, unit: str) -> None:
    row = Assumption("a.b", "Label", "1", "judgement", text, 0, 1, 2, "s", "S", "p", "C", "because")
    found = of_assumption(row)
    assert (found.text, found.interval, found.after) == (shown, span, unit)
    assert (found.status, found.quality, found.receipt) == ("estimated", "C", "a.b")
