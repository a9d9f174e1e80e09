"""How numbers are written, series are read, and axes and labels are placed."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan

import numpy as np
import pytest
import xarray as xr

from headrace.report.charts.frame import spread, value_axis
from headrace.report.charts.heat import CHANCE, TIGHTNESS
from headrace.report.figures import factor
from headrace.report.numbers import decimals_for, interval, percent, percent_interval, plain
from headrace.report.series import Pair, Worlds, computed, four_quarter_sum, probabilities, ratio, total, worlds

Make = Callable[..., xr.Dataset]


@pytest.mark.parametrize(
    ("value", "low", "high", "decimals"),
    [(752, 652, 800, 0), (51, 44, 58, 0), (20.2, 17.8, 22.7, 1), (1.36, 0.91, 2.4, 1), (0.55, 0.5, 0.6, 2),
     (0.001, 0.0009, 0.0011, 3), (54.208, nan, nan, 1), (5.4208, nan, nan, 2), (1234.5, 1234.5, 1234.5, 0),
     (0, 0, 0, 0), (nan, nan, nan, 0), (1.5, 1.0, inf, 2)],
)  # fmt: skip
def test_a_number_has_no_more_digits_than_its_interval_deserves(
    value: float, low: float, high: float, decimals: int
) -> None:
    assert decimals_for(value, low, high) == decimals


def test_thousands_are_separated_and_minus_is_a_minus() -> None:
    assert plain(-1234.56, 1) == "−1,234.6"
    assert plain(-0.04, 1) == "0.0"
    assert plain(nan, 1) == "–"
    assert plain(inf, 1) == "∞"


def test_an_interval_below_zero_is_not_joined_by_a_dash() -> None:
    assert interval(-26, 434, 0) == "−26 to 434"
    assert interval(44, 58, 0) == "44–58"
    assert interval(3, 3, 0) == ""
    assert interval(nan, 3, 0) == ""


def test_only_certainty_is_written_as_certain() -> None:
    texts = [percent(share).replace("\N{NO-BREAK SPACE}", " ") for share in (0, 0.004, 0.41, 0.997, 1, nan)]
    assert texts == ["0 %", "<1 %", "41 %", ">99 %", "100 %", "–"]


def test_an_interval_of_shares_names_its_unit_once() -> None:
    spans = [
        percent_interval(*ends).replace("\N{NO-BREAK SPACE}", " ") for ends in ((0.32, 0.4), (0.004, 1), (0.2, 0.2))
    ]
    assert spans == ["32–40 %", "<1–100 %", ""]
    assert percent_interval(nan, 1) == ""


def test_a_factor_is_the_geometric_mean_with_its_interval() -> None:
    shown = factor(np.log([1.0, 2.0, 4.0]), "price_factor", "it", "C")
    assert (shown.text, shown.interval, shown.status, shown.quality) == ("2.00", "1.07–3.73", "scenario", "C")


def test_what_the_service_computes_has_no_past_and_the_weakest_status_of_its_rows(
    made_future: Make, made_history: Make
) -> None:
    future = made_future()
    future["status_regional_compute_gw"][:] = "derived"
    future["status_regional_compute_gw"].loc[{"region": "gulf", "quarter": "2027Q1"}] = "scenario"
    found = computed(Pair(future, made_history()), np.ones((30, 40)), "regional_compute_gw")
    assert np.isnan(found.past).all()
    assert set(found.status[: found.past.size]) == {"unresolved"}
    assert found.status[found.past.size :][:4] == ("derived", "derived", "scenario", "derived")


def test_history_is_one_line_and_the_future_has_bands(made_future: Make, made_history: Make) -> None:
    pair = Pair(made_future(), made_history())
    series = worlds(pair, "capital_expenditure_usd_bn", builder="meta").series(pair)
    assert series.quarters[series.past - 1 : series.past + 1] == ("2026Q2", "2026Q3")
    np.testing.assert_array_equal(series.low[: series.past], series.high[: series.past])
    assert (series.low[series.past :] < series.high[series.past :]).all()
    assert series.status[0] == "unresolved"
    assert (series.status[series.past - 1], series.quality[series.past - 1]) == ("reported", "A")
    expected = np.quantile(pair.future["capital_expenditure_usd_bn"].sel(builder="meta"), 0.95, axis=0)
    np.testing.assert_allclose(series.high[series.past :], expected)


def test_a_sum_with_a_missing_member_is_missing(made_future: Make, made_history: Make) -> None:
    history = made_history()
    history["capital_expenditure_usd_bn"].loc[{"builder": "oracle", "quarter": "2026Q1"}] = np.nan
    pair = Pair(made_future(), history)
    series = total(pair, "capital_expenditure_usd_bn").series(pair)
    missing = series.quarters.index("2026Q1")
    assert np.isnan(series.median[missing])
    assert series.status[missing] == "unresolved"
    assert np.isfinite(series.median[missing - 1])


def test_four_quarters_are_summed_across_the_join() -> None:
    one = Worlds(np.array([1.0, 2, 3]), np.array([[4.0, 5], [6, 7]]), ("reported",) * 3 + ("scenario",) * 2, ("A",) * 5)
    summed = four_quarter_sum(one)
    assert np.isnan(summed.past).all()
    np.testing.assert_array_equal(summed.future, [[10, 14], [12, 18]])
    assert summed.status[2:] == ("derived", "scenario", "scenario")


def test_a_ratio_over_nothing_is_without_limit_and_quantiles_know_it() -> None:
    status, quality = ("scenario",) * 1, ("C",)
    above = Worlds(np.array([]), np.array([[1.0], [1.0], [1.0], [1.0]]), status, quality)
    below = Worlds(np.array([]), np.array([[2.0], [2.0], [2.0], [-1.0]]), status, quality)
    both = ratio(above, below)
    assert both.future[:, 0].tolist() == [0.5, 0.5, 0.5, inf]

    class One:
        quarters = ("2026Q3",)

    series = both.series(One())  # type: ignore[arg-type]
    assert (series.median[0], series.high[0]) == (0.5, inf)


def test_probabilities_count_unresolved_worlds_in_the_whole() -> None:
    shares = probabilities(np.array([[0.0], [0], [2], [-1]]), 3)
    assert shares[:, 0].tolist() == [0.5, 0.0, 0.25]


@pytest.mark.parametrize("values", [[0.3, 2.4], [-1200, 300], [0, 0], [5, 5], [nan], [1e-3, 2e-3], [3, 1600]])
def test_an_axis_holds_its_values_and_has_a_few_ticks_inside(values: list[float]) -> None:
    axis = value_axis(values)
    assert all(not np.isfinite(v) or axis.low <= v <= axis.high for v in values)
    assert 2 <= len(axis.ticks) <= 8
    assert all(axis.low <= tick <= axis.high for tick in axis.ticks)


def test_labels_that_would_touch_are_moved_apart_and_stay_in_order() -> None:
    places = spread([100, 101, 99, 300], 18, 340)
    assert sorted(places) == [places[2], places[0], places[1], places[3]]
    assert min(np.diff(sorted(places))) >= 18
    assert min(places) >= 0
    assert spread([335, 338], 18, 340)[0] <= 322


def test_a_step_of_colour_begins_at_its_edge() -> None:
    assert [TIGHTNESS.name(v) for v in (0.1, 0.95, 1.0, 1.05, 9.0, nan)] == [
        "slack3", "even", "even", "short1", "short4", "grid",
    ]  # fmt: skip
    assert [CHANCE.name(v) for v in (0.0, 0.01, 0.76, 1.0)] == ["chance0", "chance1", "chance5", "chance5"]
