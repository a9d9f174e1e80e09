"""What was known on a day, on figures made up for it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from headrace.evidence import archive
from headrace.evidence.archive import Archive
from headrace.evidence.guidance import Guide
from headrace.evidence.run_rates import RunRate


@pytest.fixture
def made_up() -> Archive:
    rows = [
        ("meta", "capital_expenditure", "2023Q1", 5.0, "2023-05-01"),
        ("meta", "capital_expenditure", "2023Q1", 5.5, "2024-05-01"),
        ("meta", "capital_expenditure", "2023Q3", 7.0, "2023-11-01"),
        ("oracle", "capital_expenditure", "2023Q2", 1.0, "2023-08-01"),
    ]
    figures = pd.DataFrame(rows, columns=["entity", "concept", "calendar_quarter", "value", "filed"])
    figures["filed"] = pd.to_datetime(figures["filed"])
    day = dt.date(2023, 10, 25)
    guide = Guide("meta", "capital_expenditure", day, "CY2024", day, day, "first", "B", "https://example.org")
    rate = RunRate("openai", dt.date(2023, 10, 10), 1.3, "C", "https://example.org")
    return Archive(figures.sort_values("filed"), (guide,), (rate,))


def test_a_restatement_is_seen_from_its_day_and_the_first_figure_stays_the_outcome(made_up: Archive) -> None:
    before, after = made_up.as_of(dt.date(2024, 4, 30)), made_up.as_of(dt.date(2024, 5, 1))
    assert before.panel("capital_expenditure", ["meta"]).loc["2023Q1", "meta"] == 5.0
    assert after.panel("capital_expenditure", ["meta"]).loc["2023Q1", "meta"] == 5.5
    assert after.first_filed("capital_expenditure", ["meta"]).loc["2023Q1", "meta"] == 5.0


def test_quarters_have_no_gap_and_what_nobody_filed_is_missing(made_up: Archive) -> None:
    panel = made_up.panel("capital_expenditure", ["oracle", "meta"])
    assert list(panel.index) == ["2023Q1", "2023Q2", "2023Q3"]
    assert list(panel.columns) == ["oracle", "meta"]
    np.testing.assert_array_equal(panel["oracle"].to_numpy(), [np.nan, 1.0, np.nan])


def test_nothing_that_came_later_is_there(made_up: Archive) -> None:
    view = made_up.as_of(dt.date(2023, 10, 24))
    assert not view.guides
    assert not view.run_rates
    assert view.panel("capital_expenditure", ["meta"]).loc["2023Q1", "meta"] == 5.0
    assert view.panel("capital_expenditure", ["microsoft"]).empty


def test_only_keeps_what_was_asked_for(made_up: Archive) -> None:
    small = made_up.only(["capital_expenditure"], ["oracle"])
    assert set(small.figures["entity"]) == {"oracle"}
    assert small.guides == made_up.guides


def test_the_shipped_archive_agrees_with_history_on_any_day() -> None:
    from headrace.evidence.history import history

    day = "2024-03-31"
    view = archive.load().as_of(dt.date.fromisoformat(day))
    past = history(day).isel(draw=0)
    for variable, panel in (
        ("capital_expenditure_usd_bn", view.panel("capital_expenditure", ["meta", "oracle"])),
        ("net_debt_usd_bn", view.net_debt(["meta", "oracle"])),
    ):
        seen = past[variable].sel(builder=["meta", "oracle"]).to_pandas()
        np.testing.assert_allclose(panel.reindex(seen.index).to_numpy(), seen.to_numpy(), rtol=1e-12)
