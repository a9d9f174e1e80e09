"""Looking figures up: by whom, by what, as of when, in which shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import headrace as hr
from headrace.errors import EvidenceError, PeriodError, UnknownNameError
from headrace.evidence import facts
from headrace.evidence.selection import SHIPPED, evidence, store_folder


def test_a_ticker_and_a_slug_name_the_same_figures() -> None:
    by_ticker = evidence("MSFT", "revenue", store=SHIPPED)
    by_slug = evidence("microsoft", "revenue", store=SHIPPED)
    assert len(by_ticker) > 40
    assert by_ticker.equals(by_slug)


def test_nothing_named_gives_everything_and_years_only_when_asked_for() -> None:
    everything = facts.load(years=True)
    assert len(evidence(store=SHIPPED, years=True)) == len(everything)
    some = evidence(store=SHIPPED)
    assert set(some["entity"]) == set(everything["entity"])
    assert (some["calendar_quarter"] != "").sum() == len(facts.load())


def test_what_comes_by_month_or_by_the_year_alone_needs_no_asking() -> None:
    shares = evidence("virginia", "data_centre_share_of_electricity", store=SHIPPED)
    assert set(shares["calendar_quarter"]) == {""}
    assert shares["value"].between(0, 1).all()
    assert len(shares) >= 2
    prices = evidence("united_states", "consumer_price_index", store=SHIPPED)
    assert len(prices) > 100


def test_a_restated_figure_has_its_old_value_until_the_restatement_was_filed() -> None:
    """Microsoft's revenue of 2017Q2 was restated for a new rule of recognition a year later."""

    def revenue(as_of: str) -> float:
        known = evidence("MSFT", "revenue", as_of=as_of, store=SHIPPED)
        return float(known.loc[known["calendar_quarter"] == "2017Q2", "value"].iloc[0])

    assert revenue("2017-12-31") == 23_317e6
    assert revenue("2018-12-31") == 25_605e6


def test_vintages_hold_both_values_and_their_days() -> None:
    known = evidence("MSFT", "revenue", vintages=True, store=SHIPPED)
    both = known[known["calendar_quarter"] == "2017Q2"].sort_values("filed")
    assert both["value"].tolist() == [23_317e6, 25_605e6]
    assert both["filed"].dt.strftime("%Y-%m-%d").tolist() == ["2017-08-02", "2018-08-03"]


def test_years_come_only_when_asked_for() -> None:
    assert "" not in set(evidence("MSFT", "revenue", store=SHIPPED)["calendar_quarter"])
    assert "" in set(evidence("MSFT", "revenue", store=SHIPPED, years=True)["calendar_quarter"])


def test_on_axes_a_figure_stands_at_its_entity_and_quarter_and_the_rest_is_empty() -> None:
    frame = evidence(["MSFT", "META"], ["capital_expenditure", "remaining_performance_obligation"], store=SHIPPED)
    cube = evidence(
        ["MSFT", "META"], ["capital_expenditure", "remaining_performance_obligation"], store=SHIPPED, form="dataset"
    )
    for row in frame.itertuples():
        cell = cube[row.concept].sel(entity=row.entity, quarter=row.calendar_quarter)
        assert float(cell) == row.value
        assert (
            str(cube[f"status_{row.concept}"].sel(entity=row.entity, quarter=row.calendar_quarter).item()) == row.status
        )
    filed = sum(int(np.isfinite(cube[name]).sum()) for name in cube.data_vars)
    assert filed == len(frame)
    nothing = cube["remaining_performance_obligation"].sel(entity="microsoft", quarter="2014Q1")
    assert np.isnan(nothing.item())
    assert cube["status_remaining_performance_obligation"].sel(entity="microsoft", quarter="2014Q1") == "unresolved"
    assert cube["capital_expenditure"].attrs["units"] == "USD"


def test_a_concept_without_quarters_is_named_and_not_on_the_axis() -> None:
    cube = evidence("united_states", store=SHIPPED, form="dataset")
    assert "consumer_price_index" in cube.attrs["left_out"]
    assert "consumer_price_index" not in cube


def test_quarters_on_the_axis_have_no_holes() -> None:
    cube = evidence("AMZN", "capital_expenditure", store=SHIPPED, form="dataset")
    quarters = cube["quarter"].values.tolist()
    assert "2017Q2" in quarters  # never filed on either basis
    assert np.isnan(cube["capital_expenditure"].sel(entity="amazon", quarter="2017Q2").item())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: evidence("MSFF", store=SHIPPED), UnknownNameError, "MSFT"),
        (lambda: evidence("MSFT", "capex", store=SHIPPED), UnknownNameError, "unknown concept 'capex'"),
        (lambda: evidence("MSFT", as_of="soon", store=SHIPPED), PeriodError, "soon"),
        (lambda: evidence("MSFT", as_of="1999-01-01", store=SHIPPED), PeriodError, "before the first filing"),
        (lambda: evidence("MSFT", form="table", store=SHIPPED), UnknownNameError, "unknown form of evidence"),
        (lambda: evidence("MSFT", form="dataset", vintages=True, store=SHIPPED), EvidenceError, "in a frame"),
    ],
)
def test_a_wrong_question_is_named(call: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()  # type: ignore[operator]


def test_a_store_that_is_left_out_is_that_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HEADRACE_STORE", str(tmp_path / "mine"))
    assert store_folder(None) == tmp_path / "mine"
    assert store_folder(SHIPPED) is None
    assert evidence("MSFT").attrs["store"] == str(tmp_path / "mine")


def test_the_room_of_the_evidence_can_be_called_before_and_after_its_rooms_are_imported() -> None:
    import headrace.evidence.facts

    assert hr.evidence("MSFT", "revenue", store=SHIPPED).equals(evidence("MSFT", "revenue", store=SHIPPED))
    assert headrace.evidence.facts is facts
