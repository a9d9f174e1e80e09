"""Statements of companies as observations: the arithmetic of one, and what is made of their record."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from headrace.analyses.hindcast import guided
from headrace.evidence import announced
from headrace.evidence.archive import Archive
from headrace.evidence.guidance import Guide
from headrace.periods import quarter_range
from headrace.variables import PLAYERS

QUARTERS = quarter_range("2025Q1", 8)
META = PLAYERS.index("meta")


def guide(low: float, high: float, announced: dt.date, concept: str = announced.CASH, year: int = 2025) -> Guide:
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    place = "https://example.org"
    return Guide("meta", concept, announced, f"CY{year}", first, last, "first", "B", place, low, high)


def archive(spending: dict[str, float], guides: list[Guide], leases: float = 0.0) -> Archive:
    """What Meta has filed, each quarter at its end and forty days."""
    rows = []
    for quarter, value in spending.items():
        filed = pd.Period(quarter, freq="Q").end_time.normalize() + pd.Timedelta(days=40)
        rows.append(("meta", announced.CASH, quarter, value, filed))
        rows.append(("meta", announced.LEASE_PRINCIPAL, quarter, leases, filed))
    columns = ["entity", "concept", "calendar_quarter", "value", "filed"]
    return Archive(pd.DataFrame(rows, columns=columns), tuple(guides), ())


FILED = dict.fromkeys(quarter_range("2023Q1", 8), 8.0)


def test_a_statement_is_the_middle_of_its_range_as_cash() -> None:
    told = guide(38, 42, dt.date(2025, 2, 1), announced.WITH_LEASES)
    (said,) = announced.statements(archive(FILED, [told], leases=2.0).as_of(dt.date(2025, 3, 31)))
    assert said.player == "meta"
    assert said.quarters == tuple(QUARTERS[:4])
    assert said.cash_usd_bn == pytest.approx(40 * 8 / 10)


def test_the_last_statement_counts_and_one_of_a_filed_year_does_not() -> None:
    first, raised = guide(30, 30, dt.date(2025, 2, 1)), guide(40, 40, dt.date(2025, 3, 1))
    old = guide(30, 30, dt.date(2024, 2, 1), year=2024)
    view = archive(FILED, [first, raised, old])
    assert [said.cash_usd_bn for said in announced.statements(view.as_of(dt.date(2025, 3, 31)))] == [40]
    assert [said.cash_usd_bn for said in announced.statements(view.as_of(dt.date(2025, 2, 28)))] == [30]


def test_a_disputed_statement_says_nothing() -> None:
    told = Guide(
        "meta", announced.CASH, dt.date(2025, 2, 1), "CY2025", dt.date(2025, 1, 1), dt.date(2025, 12, 31),
        "unclear", "C", "https://example.org", disputed=True,
    )  # fmt: skip
    assert announced.statements(archive(FILED, [told])) == []


def test_without_a_record_a_statement_has_the_error_that_was_judged() -> None:
    error = announced.guidance_error(archive(FILED, []))
    assert (error.bias, error.variance, error.guides) == (0.0, pytest.approx(announced.PRIOR_ERROR**2), 0)


def test_a_record_of_overspending_raises_what_the_next_statement_is_taken_to_mean() -> None:
    told = [guide(16, 16, dt.date(2024, 2, 1), year=2024), guide(16, 16, dt.date(2023, 2, 1), year=2023)]
    error = announced.guidance_error(archive(FILED, told))
    # Each year came in at 32: ln 2 twice, beside four guides without error.
    assert error.bias == pytest.approx(2 * np.log(2) / (2 + announced.PRIOR_GUIDES))
    assert error.guides == 2


def test_one_open_quarter_is_the_textbook_update() -> None:
    # Prior of the logarithm N(0, 0.04), a statement of e^0.3 with variance 0.01: the mean moves 0.8 of the way.
    generator = np.random.default_rng(1)
    prior = 0.2 * generator.standard_normal((200_000, 8, len(PLAYERS)))
    said = announced.Statement("meta", ("2025Q1",), float(np.exp(0.3)))
    nothing = {player: pd.Series(dtype=float) for player in PLAYERS}
    after = guided.conditioned(prior, QUARTERS, [said], nothing, announced.GuidanceError(0.0, 0.01, 9), generator)
    assert after[:, 0, META].mean() == pytest.approx(0.24, abs=0.003)
    assert after[:, 0, META].var() == pytest.approx(0.008, rel=0.03)
    assert after[:, 1, META].mean() == pytest.approx(0.0, abs=0.003)


def test_a_rival_that_errs_alike_moves_along() -> None:
    generator = np.random.default_rng(1)
    prior = 0.2 * np.repeat(generator.standard_normal((50_000, 8, 1)), len(PLAYERS), axis=2)
    said = announced.Statement("meta", ("2025Q1",), float(np.exp(0.3)))
    nothing = {player: pd.Series(dtype=float) for player in PLAYERS}
    after = guided.conditioned(prior, QUARTERS, [said], nothing, announced.GuidanceError(0.0, 0.01, 9), generator)
    np.testing.assert_allclose(after[:, 0].mean(axis=0), 0.24, atol=0.005)


def test_what_is_filed_of_a_year_is_not_forecast_again() -> None:
    generator = np.random.default_rng(1)
    prior = np.log(10) + 0.2 * generator.standard_normal((50_000, 8, len(PLAYERS)))
    said = announced.Statement("meta", ("2024Q2", "2024Q3", "2024Q4", "2025Q1"), 50.0)
    filed = {player: pd.Series({"2024Q2": 10.0, "2024Q3": 10.0, "2024Q4": 10.0}) for player in PLAYERS}
    after = guided.conditioned(prior, QUARTERS, [said], filed, announced.GuidanceError(0.0, 1e-6, 9), generator)
    # A step of the filter is linear in logarithms, and 10 to 20 is far for one of a fifth: it stops between.
    assert np.median(np.exp(after[:, 0, META])) == pytest.approx(20, rel=0.25)
    alone = guided.conditioned(
        prior,
        QUARTERS,
        [announced.Statement("meta", ("2025Q1",), 11.0)],
        filed,
        announced.GuidanceError(0.0, 1e-6, 9),
        generator,
    )
    np.testing.assert_allclose(np.exp(alone[:, 0, META]), 11, rtol=0.02)


def test_read_plainly_the_rest_of_the_year_is_even_and_what_follows_stays() -> None:
    view = archive(FILED | {"2025Q1": 10.0}, [guide(49, 49, dt.date(2025, 2, 1))])
    plain = announced.read_plainly(view, QUARTERS[1:])
    np.testing.assert_allclose(plain[:3, META], 13.0)
    np.testing.assert_allclose(plain[3:, META], 13.0)
    without = announced.read_plainly(archive(FILED, []), QUARTERS)
    np.testing.assert_allclose(without[:, META], 8.0)
