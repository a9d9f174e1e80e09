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
from headrace.analyses.recipes import shipments
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
        "unit": "USD bn",
        "period": "CY2025",
        "target_start": dt.date(2025, 1, 1),
        "target_end": dt.date(2025, 12, 31),
        "quality": "B",
        "source_url": "https://example.org",
        "members": ("meta",),
        "point": value,
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
    assert float(found["outcome_value"]) == pytest.approx(4 * 22.5)
    assert float(found["naive_value"]) == pytest.approx(4 * 15 * 1.5)
    assert float(found["gain"]) == pytest.approx(-math.log(90 / 80))
    assert (found["status"].item(), found["day"].item()) == ("scored", "stated")
    assert league([forecast(80, day_approximate=True)])["day"].item() == "approximate"


def test_quarters_that_were_filed_on_the_day_count_as_they_are(filing: Filing) -> None:
    filing(meta=GROWING | {"2025Q1": 30.0})
    found = row(league([forecast(80, announced=dt.date(2025, 5, 30))]), "says 80")
    grown = (15 * 3 + 30) / (10 * 3 + 15)
    assert float(found["naive_value"]) == pytest.approx(30 + 3 * 15 * grown)


def test_a_year_further_on_is_grown_twice(filing: Filing) -> None:
    before = {quarter: value for quarter, value in GROWING.items() if quarter < "2025"}
    filing(meta=before | dict.fromkeys(quarter_range("2025Q1", 8), 20.0))
    later = {"period": "CY2026", "target_start": dt.date(2026, 1, 1), "target_end": dt.date(2026, 12, 31)}
    found = row(league([forecast(80, **later)]), "says 80")
    assert float(found["naive_value"]) == pytest.approx(4 * 15 * 1.5**2)


def test_ranks_share_places_and_say_what_the_next_one_took(filing: Filing) -> None:
    filing(meta=GROWING)
    table = league([forecast(80), forecast(100), forecast(89), forecast(80, who="says the same")])
    assert table["rank"].values.tolist() == [1, 2, 3, 3]
    assert row(table, "says 89")["forecast_for_next_rank"].isnull()
    # to be as good as 89 from above, 90 × 90 / 89
    assert float(row(table, "says 100")["forecast_for_next_rank"]) == pytest.approx(90 * 90 / 89)
    assert float(row(table, "says 80")["forecast_for_next_rank"]) == pytest.approx(90 * 90 / 100)


def test_a_planted_later_figure_changes_no_naive(filing: Filing) -> None:
    filing(meta=GROWING)
    honest = float(league([forecast(80)])["naive_value"][0])
    filing(meta=GROWING, changed={"2024Q4": (99.0, "2025-02-21"), "2024Q3": (99.0, "2026-06-30")})
    assert float(league([forecast(80)])["naive_value"][0]) == honest


def test_a_restated_outcome_counts_as_it_was_first_filed(filing: Filing) -> None:
    filing(meta=GROWING, changed={"2025Q4": (1.0, "2026-06-30")})
    assert float(league([forecast(80)])["outcome_value"][0]) == pytest.approx(90)


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
            "two years of figures before it are not complete",
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


def test_a_flow_below_zero_has_no_logarithm_and_says_so(filing: Filing) -> None:
    filing(meta=GROWING | {"2025Q4": -200.0})
    assert "not above zero" in league([forecast(80)])["status"].item()
    filing(meta=GROWING | dict.fromkeys(QUARTERS[:4], -1.0))
    assert "two years of figures before it are not complete" in league([forecast(80)])["status"].item()


def test_a_measure_that_nobody_counts_says_when_its_period_ends_if_it_is_still_to_come(filing: Filing) -> None:
    filing(meta=GROWING)
    power: dict[str, object] = {"measure": "ai_data_centre_power", "unit": "GW", "members": (), "coverage": "world"}
    known, to_come = (
        league([forecast(9, **power, target_end=dt.date(year, 12, 31))])["status"].item() for year in (2025, 2030)
    )
    assert known.startswith("not scored, because no count covers it")
    assert to_come == f"{known}, and its period ends on 2030-12-31"


def test_chips_are_held_against_their_count_and_the_naive_one_stops_at_the_day() -> None:
    chips: dict[str, object] = {"measure": "h100_class_shipped", "unit": "million chips", "members": ("nvidia",)}
    year = {"period": "CY2024", "target_start": dt.date(2024, 1, 1), "target_end": dt.date(2024, 12, 31)}
    (made,) = (one for one in shipments() if one.chip == "H100")
    million = dict(zip(quarter_range(made.first_quarter, len(made.units)), made.units / 1e6, strict=True))
    found = league([forecast(2, **chips, **year, announced=dt.date(2024, 8, 14))])
    assert float(found["outcome_value"][0]) == pytest.approx(sum(million[f"2024Q{n}"] for n in range(1, 5)))
    # 2024Q2 ends on 30 June and counts as known 45 days later, on 14 August, so both halves of the growth are full
    known = [million[quarter] for quarter in quarter_range("2022Q3", 8)]
    growth = sum(known[4:]) / sum(known[:4])
    assert float(found["naive_value"][0]) == pytest.approx(known[6] + known[7] + growth * (known[4] + known[5]))
    assert found["outcome_basis"].item() == "counted 2026-03-31, no earlier vintage"
    a_day_less = league([forecast(2, **chips, **year, announced=dt.date(2024, 8, 13))])
    assert "two years of figures before it are not complete" in a_day_less["status"].item()


def test_a_count_is_no_outcome_before_the_day_it_was_made() -> None:
    for day, scored in (("2026-03-30", 0), ("2026-03-31", 1)):
        found = league(as_of=day)
        who = found["who"].values[: found.attrs["scored"]]
        assert (who == "Epoch AI").sum() == scored


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


def test_ours_are_open_until_filed_and_then_scored_as_anybodys(filing: Filing) -> None:
    quarter = {"period": "2025Q1", "target_start": dt.date(2025, 1, 1), "target_end": dt.date(2025, 3, 31)}
    ours = forecast(20, who="headrace", **quarter, low=18.0, high=26.0)
    filing(meta={quarter: value for quarter, value in GROWING.items() if quarter < "2025"})
    found = row(league([forecast(80)], own=[ours]), "headrace")
    assert found["status"].item() == "open until 2025Q1 is filed"
    assert (float(found["forecast_low"]), float(found["forecast_high"])) == (18, 26)
    assert np.isnan(found["rank"])
    filing(meta=GROWING)
    table = league([forecast(80), forecast(20, who="the same", **quarter)], own=[ours])
    assert row(table, "headrace")["status"].item() == "scored"
    assert float(row(table, "headrace")["gain"]) == float(row(table, "the same")["gain"])
    assert float(row(table, "headrace")["rank"]) == float(row(table, "the same")["rank"])
