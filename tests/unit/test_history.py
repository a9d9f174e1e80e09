"""The past as one Dataset, and sums that say who is in them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from headrace.errors import PeriodError, UnknownNameError
from headrace.evidence.history import builder_sum, complete_quarters, four_quarter_sum, history
from headrace.variables import BUILDERS, PLAYERS, STATUSES, table

BIG_FOUR = ("microsoft", "amazon", "alphabet", "meta")
CAPEX = "capital_expenditure_usd_bn"


@pytest.fixture(scope="module")
def past() -> xr.Dataset:
    """Everything filed."""
    return history()


def by_quarter(series: xr.DataArray, *quarters: str) -> list[float]:
    """USD mn of the only draw in the named quarters."""
    return [round(float(series.sel(quarter=quarter).item()) * 1000, 6) for quarter in quarters]


def test_cash_capital_expenditure_of_the_big_four_adds_to_the_dollar(past: xr.Dataset) -> None:
    total = builder_sum(past, CAPEX, BIG_FOUR)
    assert by_quarter(total, "2025Q1", "2025Q2", "2025Q3", "2025Q4") == [71_902, 88_246, 97_271, 118_632]
    assert by_quarter(total, "2026Q1", "2026Q2") == [129_750, 165_050]


def test_the_start_is_the_second_quarter_of_2026_as_filed(past: xr.Dataset) -> None:
    filed = past[CAPEX].sel(draw=0, quarter="2026Q2")
    rounded = {builder: round(float(filed.sel(builder=builder)), 1) for builder in PLAYERS}
    assert rounded == {"amazon": 54.2, "microsoft": 35.8, "alphabet": 44.9, "meta": 30.1, "oracle": 16.5}


def test_a_missing_quarter_stays_missing_and_takes_the_sum_with_it(past: xr.Dataset) -> None:
    cell = past[CAPEX].sel(quarter="2017Q2", builder="amazon")
    assert np.isnan(cell.item())
    assert cell[f"status_{CAPEX}"].item() == "unresolved"
    assert np.isnan(builder_sum(past, CAPEX).sel(quarter="2017Q2").item())
    without = [builder for builder in PLAYERS if builder != "amazon"]
    assert by_quarter(builder_sum(past, CAPEX, without), "2017Q2") == [2_283 + 2_831 + 1_444 + 525]


def test_a_quarter_that_only_oracle_has_filed_is_incomplete(past: xr.Dataset) -> None:
    assert past["quarter"].values[-1] == "2026Q3"
    assert past[CAPEX].sel(quarter="2026Q3", builder="oracle").item() == 28.5
    complete = complete_quarters(past)
    assert complete[-1] == "2026Q2"
    assert "2017Q2" not in complete
    assert "2017Q3" in complete


def test_a_view_from_late_july_sees_alphabet_and_not_amazon() -> None:
    cells = history("2026-07-25")[CAPEX].sel(draw=0, quarter="2026Q2")
    assert cells.sel(builder="alphabet").item() == pytest.approx(44.924)
    assert np.isnan(cells.sel(builder="amazon").item())
    assert complete_quarters(history("2026-07-25"))[-1] == "2026Q1"


def test_every_output_of_the_table_is_there_with_its_axes_and_words(past: xr.Dataset) -> None:
    assert set(past.data_vars) == set(table())
    for name, variable in table().items():
        assert past[name].dims == ("draw", "quarter", *variable.dims)
        assert past[name].attrs["units"] == variable.unit
        assert past[name].attrs["long_name"] == variable.label
        assert past[f"status_{name}"].dims == past[f"quality_{name}"].dims == ("quarter", *variable.dims)


def test_history_starts_in_2014_and_has_no_gap(past: xr.Dataset) -> None:
    quarters = past["quarter"].values
    assert quarters[0] == "2014Q1"
    assert len(quarters) == 12 * 4 + 3


def test_a_cell_is_a_number_exactly_where_its_status_is_resolved(past: xr.Dataset) -> None:
    for name, variable in table().items():
        status = past[f"status_{name}"].values
        assert set(np.unique(status)) <= set(STATUSES)
        value = past[name].isel(draw=0).values
        known = value != -1 if variable.kind == "code" else ~np.isnan(value)
        np.testing.assert_array_equal(known, status != "unresolved", err_msg=name)
        np.testing.assert_array_equal(past[f"quality_{name}"].values != "", status != "unresolved", err_msg=name)


def test_no_filed_cell_is_zero(past: xr.Dataset) -> None:
    for name, variable in table().items():
        if variable.history:
            assert not (past[name] == 0).any()


def test_the_rest_of_the_world_files_nothing(past: xr.Dataset) -> None:
    assert list(past["builder"].values) == list(BUILDERS)
    assert past[CAPEX].sel(builder="rest_of_world").isnull().all()


def test_net_debt_is_debt_less_cash_of_the_same_balance_sheet(past: xr.Dataset) -> None:
    # Alphabet, 2026-06-30: long-term debt due after a year 98,165, cash and equivalents 55,911 USD mn.
    cell = past["net_debt_usd_bn"].sel(draw=0, quarter="2026Q2", builder="alphabet")
    assert cell.item() == pytest.approx(98.165 - 55.911)
    assert cell["status_net_debt_usd_bn"].item() == "derived"
    assert cell["quality_net_debt_usd_bn"].item() == "A"


def test_net_debt_without_a_usable_debt_tag_is_unresolved(past: xr.Dataset) -> None:
    assert past["net_debt_usd_bn"].sel(builder="oracle").isnull().all()


def test_notes_travel_with_the_series_they_warn_of(past: xr.Dataset) -> None:
    notes = past[CAPEX].attrs["notes"]
    assert any(note.startswith("Amazon, 2017Q2") for note in notes)
    assert any(note.startswith("Microsoft") for note in notes)


def test_the_recipe_says_which_world_this_is() -> None:
    dataset = history("2026-08-31")
    world = json.loads(dataset.attrs["world"])
    assert world["scenario"] == "history"
    assert (world["as_of"], world["start_quarter"], world["draws"]) == ("2026-08-31", "2014Q1", 1)
    assert world["quarters"] == dataset.sizes["quarter"]


def test_a_date_after_the_last_filing_is_fine_and_says_so(past: xr.Dataset) -> None:
    late = history("2030-01-01")
    assert (late.attrs["as_of"], late.attrs["last_filed"]) == ("2030-01-01", "2026-09-11")
    xr.testing.assert_equal(late, past)


@pytest.mark.parametrize("as_of", ["2013-12-31", "2014-01-15"])
def test_a_date_before_any_builder_filed_names_the_range(as_of: str) -> None:
    with pytest.raises(PeriodError, match=r"filed from 2014-\d\d-\d\d to 2026-09-11"):
        history(as_of)


def test_a_malformed_date_is_refused() -> None:
    with pytest.raises(PeriodError, match="2026-02-30"):
        history("2026-02-30")


def test_a_sum_names_its_members(past: xr.Dataset) -> None:
    total = builder_sum(past, CAPEX, BIG_FOUR)
    assert total.dims == ("draw", "quarter")
    assert total.attrs["members"] == list(BIG_FOUR)
    assert total.attrs["subtitle"].startswith("Sum of Microsoft, Amazon, Alphabet, Meta")
    assert set(total.coords) == {"draw", "quarter"}


def test_a_sum_over_futures_keeps_its_draws() -> None:
    value = np.arange(12.0).reshape(2, 3, 2)
    future = xr.Dataset(
        {"x": (("draw", "quarter", "builder"), value)},
        {"draw": [0, 1], "quarter": ["2026Q3", "2026Q4", "2027Q1"], "builder": ["microsoft", "amazon"]},
    )
    total = builder_sum(future, "x", ["microsoft", "amazon"])
    np.testing.assert_array_equal(total.values, value.sum(axis=2))


def test_a_misspelt_variable_or_builder_lists_near_ones(past: xr.Dataset) -> None:
    with pytest.raises(UnknownNameError, match="capital_expenditure_usd_bn"):
        builder_sum(past, "capital_expenditure_usd")
    with pytest.raises(UnknownNameError, match="microsoft"):
        builder_sum(past, CAPEX, ["microsft"])


def test_a_variable_without_builders_cannot_be_summed_over_them(past: xr.Dataset) -> None:
    with pytest.raises(UnknownNameError, match="variable with builders"):
        builder_sum(past, "expected_growth")


def test_four_quarter_sums_need_all_four_quarters() -> None:
    series = xr.DataArray([1.0, 2.0, 4.0, 8.0, np.nan, 32.0], dims="quarter", attrs={"units": "USD bn"})
    total = four_quarter_sum(series)
    np.testing.assert_array_equal(total.values, [np.nan, np.nan, np.nan, 15.0, np.nan, np.nan])
    assert total.attrs["units"] == "USD bn"


def test_seasonal_cash_flow_is_positive_over_four_quarters(past: xr.Dataset) -> None:
    amazon = past["operating_cash_flow_usd_bn"].sel(builder="amazon")
    assert (amazon < 0).any()
    assert not (four_quarter_sum(amazon) < 0).any()
