"""Five sentences that change with the numbers they tell."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr

from headrace._types import Headline
from headrace.analyses.headlines import headlines
from headrace.periods import quarter_range
from headrace.variables import LIMITS, table

pytestmark = pytest.mark.xdist_group("future")


def told(future: xr.Dataset, past: xr.Dataset, key: str) -> Headline:
    return next(line for line in headlines(future, past) if line.key == key)


def changed(future: xr.Dataset, **values: float) -> xr.Dataset:
    """A copy whose variables have one value everywhere."""
    return future.assign({name: xr.full_like(future[name], value) for name, value in values.items()})


def test_there_are_five(future: xr.Dataset, past: xr.Dataset) -> None:
    keys = [line.key for line in headlines(future, past)]
    assert keys == ["spend_to_pool", "binding", "compute", "coverage", "funding"]


def test_every_figure_has_an_interval_around_its_median_and_a_variable_of_the_table(
    future: xr.Dataset, past: xr.Dataset
) -> None:
    for line in headlines(future, past):
        for figure in line.figures:
            assert figure.low <= figure.median <= figure.high, figure.key
            assert figure.variable in table(), figure.key
            assert figure.status, figure.key


def test_figures_are_medians_and_90_percent_intervals_of_the_draws(future: xr.Dataset, past: xr.Dataset) -> None:
    ratio = told(future, past, "spend_to_pool").figures[0]
    draws = future["spend_to_pool_ratio"].values[:, 0]
    assert (ratio.low, ratio.median, ratio.high) == pytest.approx(np.quantile(draws, [0.05, 0.5, 0.95]))
    assert f"{ratio.median:.2f} [{ratio.low:.2f} - {ratio.high:.2f}]" in told(future, past, "spend_to_pool").sentence


@pytest.mark.parametrize(
    ("ratio", "nash", "one", "above_top"),
    [
        (0.5, "below", "below", "0%"),
        (0.95, "above", "below", "0%"),
        (1.2, "above", "above", "0%"),
        (9.0, "above", "above", "100%"),
    ],
)
def test_the_sentence_on_the_race_flips_with_the_ratio(
    ratio: float, nash: str, one: str, above_top: str, future: xr.Dataset, past: xr.Dataset
) -> None:
    lines = {"nash_ratio": 0.9, "cooperative_ratio": 0.5, "band_top_ratio": 1.5}
    sentence = told(changed(future, spend_to_pool_ratio=ratio, **lines), past, "spend_to_pool").sentence
    assert f"{nash} Nash (0.90)" in sentence
    assert f"and {one} 1, where the pool is spent" in sentence
    assert f"in {above_top} of draws" in sentence


def test_compute_is_the_sum_over_builders_at_the_end_of_2028(future: xr.Dataset, past: xr.Dataset) -> None:
    (figure,) = told(future, past, "compute").figures
    assert figure.median == pytest.approx(
        np.median(future["active_compute_gw"].sel(quarter="2028Q4").sum("builder").values)
    )
    assert f"{figure.median:.0f} [" in told(future, past, "compute").sentence


def test_a_run_that_ends_before_2028_does_says_so(future: xr.Dataset, past: xr.Dataset) -> None:
    short = future.sel(quarter=quarter_range("2026Q3", 8))
    line = told(short, past, "compute")
    assert line.sentence.endswith("not in this run, which ends with 2028Q2.")
    assert line.figures == ()
    assert len(headlines(short, past)) == 5


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_run_of_few_quarters_has_five_headlines(quarters: int, future: xr.Dataset, past: xr.Dataset) -> None:
    assert len(headlines(future.isel(quarter=slice(0, quarters)), past)) == 5


def test_a_run_of_one_draw_has_five_headlines(future: xr.Dataset, past: xr.Dataset) -> None:
    for line in headlines(future.isel(draw=[0]), past):
        for figure in line.figures:
            assert figure.low == figure.median == figure.high


@pytest.mark.parametrize(
    ("margin", "said", "text"),
    [(1e6, "already covers", "already ["), (0.0, "does not cover", "not by 2036 [")],
)
def test_coverage_knows_already_and_never(
    margin: float, said: str, text: str, future: xr.Dataset, past: xr.Dataset
) -> None:
    line = told(changed(future, compute_margin_usd_bn=margin), past, "coverage")
    assert said in line.sentence
    assert line.figures[0].text.startswith(text)
    already, never = (figure.median for figure in line.figures[1:])
    assert (already, never) == ((1, 0) if margin else (0, 1))


def test_coverage_in_a_year_between_names_the_year(future: xr.Dataset, past: xr.Dataset) -> None:
    late = future["quarter"].values >= "2030Q1"
    margin = xr.where(late, 1e6, 0.0) + xr.zeros_like(future["compute_margin_usd_bn"])
    line = told(future.assign(compute_margin_usd_bn=margin.transpose("draw", "quarter")), past, "coverage")
    assert "2030" in line.sentence
    assert line.figures[0].text == "2030 [2030 - 2030]"


def test_where_nothing_takes_over_the_sentence_says_so(future: xr.Dataset, past: xr.Dataset) -> None:
    line = told(changed(future, binding_layer=LIMITS.index("grid")), past, "binding")
    assert "grid binds in 100% of draws" in line.sentence
    assert "Nothing takes over from grid" in line.sentence
    assert [figure.key for figure in line.figures] == ["binding_now", "tightest_it", "tightest_site"]


def test_what_takes_over_is_named_with_its_quarter(future: xr.Dataset, past: xr.Dataset) -> None:
    late = future["quarter"].values >= "2028Q2"
    codes = xr.where(late, LIMITS.index("grid"), LIMITS.index("demand")) + xr.zeros_like(future["binding_layer"])
    line = told(future.assign(binding_layer=codes.transpose("draw", "quarter")), past, "binding")
    assert "After demand comes grid in 100% of the draws that leave it, by 2028Q2" in line.sentence


def test_a_surplus_is_not_called_a_gap(future: xr.Dataset, past: xr.Dataset) -> None:
    rich = future.assign(operating_cash_flow_usd_bn=future["operating_cash_flow_usd_bn"] * 100)
    rich = rich.assign(borrowing_usd_bn=future["borrowing_usd_bn"] - 99 * future["operating_cash_flow_usd_bn"])
    line = told(rich, past.assign(operating_cash_flow_usd_bn=past["operating_cash_flow_usd_bn"] * 100), "funding")
    assert line.figures[1].median < 0
    assert "surplus" in line.sentence


def test_no_sentence_shows_a_number_that_is_none(future: xr.Dataset, past: xr.Dataset) -> None:
    for line in headlines(future, past):
        assert not re.search(r"\b(nan|inf|None)\b", line.sentence)
