"""Scores of forecasts on made-up filings: the arithmetic, the reasons, and that nothing later than its day is seen."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from headrace.analyses.league import league
from headrace.evidence import facts
from headrace.evidence.forecasts import Forecast
from headrace.periods import quarter_range

QUARTERS = quarter_range("2023Q1", 12)
GROWING = {quarter: 10 * 1.5 ** (place // 4) for place, quarter in enumerate(QUARTERS)}
"""USD bn by quarter: half as much again every year."""

Filing = Callable[..., None]


def forecast(value: float, **other: object) -> Forecast:
    said: dict[str, object] = {
        "who": f"says {value:g}",
        "announced": dt.date(2025, 2, 20),
        "measure": "capital_expenditure",
        "period": "CY2025",
        "target_start": dt.date(2025, 1, 1),
        "target_end": dt.date(2025, 12, 31),
        "quality": "B",
        "source_url": "https://example.org",
        "members": ("meta",),
        "point_usd_bn": value,
    }
    return Forecast(**{**said, **other})  # type: ignore[arg-type]


@pytest.fixture
def filing(monkeypatch: pytest.MonkeyPatch) -> Filing:
    """``filing(meta={...}, changed={...})``: figures by quarter, each filed 40 days after it; changed ones later."""

    def file(changed: Mapping[str, tuple[float, str]] | None = None, **by_entity: Mapping[str, float]) -> None:
        rows = [
            (entity, quarter, value, _filed(quarter))
            for entity, flows in by_entity.items()
            for quarter, value in flows.items()
        ]
        rows += [("meta", quarter, value, pd.Timestamp(day)) for quarter, (value, day) in (changed or {}).items()]
        table = pd.DataFrame(rows, columns=["entity", "calendar_quarter", "value", "filed"])
        table["value"] *= 1e9
        table = table.assign(concept="capital_expenditure", unit="USD", period_start=pd.Timestamp("2020-01-01"))

        def load(as_of: str | None = None, *, vintages: bool = False) -> pd.DataFrame:
            assert vintages
            return table if as_of is None else table[table["filed"] <= as_of]

        monkeypatch.setattr(facts, "load", load)

    return file


def _filed(quarter: str) -> pd.Timestamp:
    return pd.Period(quarter, freq="Q").end_time.normalize() + pd.Timedelta(days=40)


def row(table: xr.Dataset, who: str) -> xr.Dataset:
    (place,) = np.flatnonzero(table["who"].values == who)
    return table.isel(forecast=int(place))


def test_the_naive_forecast_is_the_year_before_grown_as_it_had_grown(filing: Filing) -> None:
    filing(meta=GROWING)
    found = row(league([forecast(80)]), "says 80")
    assert float(found["outcome_usd_bn"]) == pytest.approx(4 * 22.5)
    assert float(found["naive_usd_bn"]) == pytest.approx(4 * 15 * 1.5)
    assert float(found["gain"]) == pytest.approx(-math.log(90 / 80))
    assert str(found["status"].item()) == "scored"


def test_quarters_that_were_filed_on_the_day_count_as_they_are(filing: Filing) -> None:
    filing(meta=GROWING | {"2025Q1": 30.0})
    found = row(league([forecast(80, announced=dt.date(2025, 5, 30))]), "says 80")
    grown = (15 * 3 + 30) / (10 * 3 + 15)
    assert float(found["naive_usd_bn"]) == pytest.approx(30 + 3 * 15 * grown)


def test_a_year_further_on_is_grown_twice(filing: Filing) -> None:
    before = {quarter: value for quarter, value in GROWING.items() if quarter < "2025"}
    filing(meta=before | dict.fromkeys(quarter_range("2025Q1", 8), 20.0))
    later = {"period": "CY2026", "target_start": dt.date(2026, 1, 1), "target_end": dt.date(2026, 12, 31)}
    found = row(league([forecast(80, **later)]), "says 80")
    assert float(found["naive_usd_bn"]) == pytest.approx(4 * 15 * 1.5**2)


def test_ranks_share_places_and_say_what_the_next_one_took(filing: Filing) -> None:
    filing(meta=GROWING)
    table = league([forecast(80), forecast(100), forecast(89), forecast(80, who="says the same")])
    assert table["rank"].values.tolist() == [1, 2, 3, 3]
    assert row(table, "says 89")["forecast_for_next_rank_usd_bn"].isnull()
    # to be as good as 89 from above, 90 × 90 / 89
    assert float(row(table, "says 100")["forecast_for_next_rank_usd_bn"]) == pytest.approx(90 * 90 / 89)
    assert float(row(table, "says 80")["forecast_for_next_rank_usd_bn"]) == pytest.approx(90 * 90 / 100)


def test_a_planted_later_figure_changes_no_naive(filing: Filing) -> None:
    filing(meta=GROWING)
    honest = float(league([forecast(80)])["naive_usd_bn"][0])
    filing(meta=GROWING, changed={"2024Q4": (99.0, "2025-02-21"), "2024Q3": (99.0, "2026-06-30")})
    assert float(league([forecast(80)])["naive_usd_bn"][0]) == honest


def test_a_restated_outcome_counts_as_it_was_first_filed(filing: Filing) -> None:
    filing(meta=GROWING, changed={"2025Q4": (1.0, "2026-06-30")})
    assert float(league([forecast(80)])["outcome_usd_bn"][0]) == pytest.approx(90)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"members": (), "coverage": "hyperscalers"}, "it does not name the companies it means (hyperscalers)"),
        (
            {"measure": "data_centre_capital_expenditure"},
            "no filing reports capital expenditure of data",
        ),
        ({"members": ("meta", "oracle")}, "4 of 8 quarters are not filed, the first 2025Q1 of oracle"),
        ({"announced": dt.date(2026, 3, 1)}, "all of its period had been filed when it was announced"),
        (
            {"announced": dt.date(2024, 3, 1)},
            "two years of filings before it are not complete",
        ),
    ],
    ids=["nobody named", "not filed by anybody", "one builder missing", "known already", "too early"],
)
def test_what_cannot_be_scored_says_why(other: dict[str, object], reason: str, filing: Filing) -> None:
    filing(meta=GROWING)
    table = league([forecast(80, **other)])
    assert table["status"].item().startswith(f"not scored, because {reason}")
    assert table["gain"].isnull().all()
    assert table.attrs["scored"] == 0


def test_a_series_that_ends_leaves_its_forecasts_unscored(filing: Filing) -> None:
    filing(meta={quarter: value for quarter, value in GROWING.items() if quarter <= "2025Q2"})
    assert "2 of 4 quarters are not filed, the first 2025Q3 of meta" in league([forecast(80)])["status"].item()


def test_on_what_ships_the_scored_come_first_and_no_day_sees_a_later_one() -> None:
    whole = league()
    assert whole.attrs["scored"] >= 12
    gains = whole["gain"].values[: whole.attrs["scored"]]
    assert np.all(np.diff(gains) <= 0)
    assert np.isnan(whole["gain"].values[whole.attrs["scored"] :]).all()
    before = league(as_of="2025-12-31")
    assert max(before["announced"].values) <= "2025-12-31"
    assert "CY2025" not in before["period"].values[: before.attrs["scored"]]
