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
from headrace.report.questions import chokepoints, market, payback, prices, regions, spending
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
    for module in (chokepoints, market, payback, prices, regions, spending):
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


def test_shares_of_regions_rise_fall_or_cannot_be_told(ask: Answered) -> None:
    def moving(first: float, last: float) -> np.ndarray:
        compute = np.ones((1, 40, 7))
        compute[0, :, 0] = np.linspace(first, last, 40)
        return compute

    to_virginia = ask(regions.compute_by_region, regional_compute_gw=moving(1.0, 30.0))
    assert "of AI compute, more than the" in to_virginia[0]
    assert "stand in Virginia, more than anywhere" in to_virginia[0]
    assert to_virginia[1].startswith("In the median, Virginia gains most share of compute and ")
    from_virginia = ask(regions.compute_by_region, regional_compute_gw=moving(30.0, 1.0))
    assert "of AI compute, less than the" in from_virginia[0]
    assert from_virginia[1].endswith("and Virginia loses most to 2030Q4")
    either = np.concatenate([np.repeat(moving(1.0, 30.0), 15, axis=0), np.repeat(moving(30.0, 1.0), 15, axis=0)])
    assert "which may be more or less than the" in ask(regions.compute_by_region, regional_compute_gw=either)[0]
    same = ask(regions.compute_by_region, regional_compute_gw=1.0)
    assert same[1] == "In the median, regions keep their shares of compute to 2030Q4"


def test_the_grid_that_fills_and_the_quarter_of_least_interconnection_are_named(ask: Answered) -> None:
    room = np.ones((1, 40, 7))
    factor = np.ones((1, 40))
    factor[0, 9] = 0.5
    assert "no region's grid is fuller" in ask(regions.grid, grid_headroom=room)[1]
    room[0, 10:, 4] = 0.6
    alone = ask(regions.grid, grid_headroom=room, interconnection_factor=factor)
    assert alone[1] == "In the median, the grid of China alone fills to 2030Q4"
    assert "leave 50\N{NO-BREAK SPACE}% to be used in 2028Q4" in alone[0]
    room[0, 10:, 5] = 0.2
    assert ask(regions.grid, grid_headroom=room)[1].endswith("the Gulf fills most to 2030Q4, then that of China")
    load = np.full((1, 40, 7), 0.1)
    load[..., 3] = 0.3
    assert "weigh most in Europe: 30" in ask(regions.grid, data_centre_share_of_load=load)[0]


def test_who_earns_more_is_computed(ask: Answered) -> None:
    def third(values: np.ndarray | float) -> np.ndarray:
        earned = np.ones((1, 40, 17))
        earned[..., 14] = values
        return earned

    poor, rich = (
        ask(market.earnings, group_earnings_usd_bn=third(1.0)),
        ask(market.earnings, group_earnings_usd_bn=third(90.0)),
    )
    assert poor[1].startswith("In the median, suppliers earn more")
    assert "than all their suppliers in 0\N{NO-BREAK SPACE}% of worlds" in poor[0]
    assert rich[1].endswith("than their suppliers throughout")
    assert "than all their suppliers in 100\N{NO-BREAK SPACE}% of worlds" in rich[0]
    step = np.where(np.arange(40) >= 6, 90.0, 1.0)[None, :]
    assert ask(market.earnings, group_earnings_usd_bn=third(step))[1].endswith(
        "out-earn their suppliers from 2028Q1 on"
    )
    assert ask(market.earnings, group_earnings_usd_bn=third(91.0 - step))[1].endswith("for a time")


@pytest.mark.parametrize(
    ("earned", "valued", "words", "verb"),
    [
        (0.02, -0.01, "prices grow less than earnings", "multiples take from that"),
        (0.02, 0.01, "prices grow more than earnings", "multiples add to that"),
        (-0.02, 0.01, "prices hold up better than earnings", "multiples add to that"),
        (-0.02, -0.01, "prices fall more than earnings", "multiples take from that"),
        (0.02, np.linspace(-0.02, 0.021, 30)[:, None, None], "grow more than", "multiples may add or take"),
    ],
)
def test_what_prices_are_made_of_follows_both_signs(
    ask: Answered, earned: float, valued: object, words: str, verb: str
) -> None:
    said = ask(prices.prices, earnings_growth=earned, multiple_growth=valued, price_growth=earned + valued)  # type: ignore[operator]
    assert words in said[1]
    assert verb in said[0]


def test_prices_are_never_a_target(ask: Answered) -> None:
    said = ask(prices.prices, earnings_growth=0.1, multiple_growth=0.1, price_growth=0.2)[0]
    assert "none of this is a target" in said
    assert "USD" not in said


@pytest.mark.parametrize(
    ("breadth", "contributors", "words", "finding"),
    [
        (
            0.9,
            3.0,
            "above the half that earnings would show if they rose and fell by chance",
            "Most groups rise, but few",
        ),
        (0.9, 12.0, "above the half", "Most groups rise, and most of them carry"),
        (0.2, 2.0, "below the half that earnings would show if they rose and fell by chance", "No more than half"),
        (
            np.linspace(0.2, 0.81, 30)[:, None],
            2.0,
            "cannot be told from the half that chance would show",
            "Most groups",
        ),
    ],
)
def test_breadth_is_read_against_a_half(
    ask: Answered, breadth: object, contributors: float, words: str, finding: str
) -> None:
    said = ask(market.breadth, earnings_breadth=breadth, contributors=contributors)
    assert words in said[0]
    assert said[1].startswith(finding)


def test_investors_give_more_or_less_than_at_the_start(ask: Answered) -> None:
    assert "start, more than they do" in ask(market.breadth, investor_factor=1.4)[0]
    assert "start, less than they do" in ask(market.breadth, investor_factor=0.4)[0]
    either = np.linspace(0.5, 1.6, 30)[:, None]
    assert "start, which may be more or less" in ask(market.breadth, investor_factor=either)[0]
    assert "start, the same as at the start" in ask(market.breadth, investor_factor=1.0)[0]


def test_every_answer_names_its_weakest_assumption(
    made_future: Make, made_history: Make, made_answers: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (market, payback, prices, regions, spending):
        monkeypatch.setattr(module, "draw", lambda *_: {})
    future, history = made_future(), made_history()
    pair, answers = Pair(future, history), made_answers(future, history)
    loop = (spending.capital_expenditure, spending.spend_to_pool, payback.cover)
    around = (regions.compute_by_region, regions.grid, market.earnings, prices.prices, market.breadth)
    for question in (*loop, *around):
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
