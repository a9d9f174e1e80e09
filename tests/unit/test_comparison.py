"""Paired differences are those of like draws, and nothing is left out without being counted.

Most futures here are planted: every output is a number one can do in one's head.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import xarray as xr

from headrace.analyses.comparison import Comparison, compare
from headrace.analyses.links import LINK_VARIABLES
from headrace.errors import EndedError, RequestError
from headrace.periods import quarter_range
from headrace.service import comparisons
from headrace.variables import BUILDERS, ENDINGS, LIMITS, table

pytestmark = pytest.mark.xdist_group("future")

DRAWS, QUARTERS = 40, 10
"""2026Q3 to 2028Q4: half of 2026, then two whole years."""

CAPEX = "ai_capital_expenditure_usd_bn"


def planted(title: str = "Base", world: dict[str, Any] | None = None, **values: Any) -> xr.Dataset:
    """A future in which draw i has i + 1 of everything; ``values`` replaces variables by name."""
    level = np.arange(1.0, DRAWS + 1)
    data: dict[str, Any] = {}
    axes: dict[str, tuple[str, ...]] = {}
    for name in (*LINK_VARIABLES, CAPEX, "compute_margin_usd_bn", "binding_layer", "world_status"):
        axes |= table()[name].coordinate_of
        dims = table()[name].dims
        shape = (DRAWS, QUARTERS, *(len(axes[dim]) for dim in dims))
        array = np.broadcast_to(level.reshape(-1, *[1] * (len(shape) - 1)), shape).copy()
        if name in ("binding_layer", "world_status"):
            array = np.zeros(shape, dtype=int)
        if name in values:
            array = np.broadcast_to(values[name], shape).copy()
        data[name] = (("draw", "quarter", *dims), array)
    recipe = {
        "seed": 7, "draws": DRAWS, "quarters": QUARTERS, "start_quarter": "2026Q2", "as_of": "2026-09-11",
        "precision": 64, "version": "0", "scenario": title, **(world or {}),
    }  # fmt: skip
    coords = {"draw": range(DRAWS), "quarter": quarter_range("2026Q3", QUARTERS)}
    coords |= {dim: list(labels) for dim, labels in axes.items()}
    return xr.Dataset(data, coords, {"title": title, "world": json.dumps(recipe)})


def sentence(found: Comparison, key: str) -> str:
    return next(headline.sentence for headline in found.headlines if headline.key == key)


def spending(extra: float, noise: float = 0.0) -> np.ndarray:
    """(draw, quarter, builder): i + 1 for each builder, and ``extra`` more of the first, with noise between draws."""
    values = np.broadcast_to(np.arange(1.0, DRAWS + 1)[:, None, None], (DRAWS, QUARTERS, len(BUILDERS))).copy()
    values[:, :, 0] += extra + noise * (-1.0) ** np.arange(DRAWS)[:, None]
    return values


def test_a_difference_is_that_of_like_draws() -> None:
    figures = compare(planted(), planted("Other", **{CAPEX: spending(2.0)})).figures
    year = figures.sel(figure=f"{CAPEX}.2027")
    # four quarters, each 2 more; draw 1 spends 6 builders × 4 quarters × 1 = 24
    np.testing.assert_allclose(year["difference"], [8, 8, 8])
    assert float(year["share_higher"]) == 1
    assert float(year["share_lower"]) == 0
    np.testing.assert_allclose(year["base"].sel(statistic="median"), 24 * 20.5)
    np.testing.assert_allclose(year["other"] - year["base"], [8, 8, 8])
    np.testing.assert_allclose(figures["difference"].sel(figure=f"{CAPEX}.all"), [20, 20, 20])


def test_a_part_of_a_year_says_how_many_quarters_it_has() -> None:
    figures = compare(planted(), planted("Other")).figures
    labels = dict(zip(figures["figure"].values.tolist(), figures["label"].values.tolist(), strict=True))
    assert labels[f"{CAPEX}.2026"] == "AI capital expenditure in 2026, 2 of its quarters"
    assert labels[f"{CAPEX}.2028"] == "AI capital expenditure in 2028"


def test_a_relative_difference_is_a_share_of_the_draw_it_belongs_to() -> None:
    double = 2 * planted()[CAPEX].values
    figures = compare(planted(), planted("Other", **{CAPEX: double})).figures
    np.testing.assert_allclose(figures["relative"].sel(figure=f"{CAPEX}.all"), [1, 1, 1])


def test_what_is_not_positive_has_no_relative_difference() -> None:
    debt = planted()["net_debt_usd_bn"].values - 20
    figures = compare(planted(net_debt_usd_bn=debt), planted("Other", net_debt_usd_bn=debt + 1)).figures
    row = figures.sel(figure="net_debt_usd_bn.2027")
    assert np.isnan(row["relative"].values).all()
    np.testing.assert_allclose(row["difference"], [5, 5, 5])  # five players, the rest of the world has no debt here


def test_pairing_is_the_width_of_like_over_that_of_unlike_draws() -> None:
    # like draws differ by ±1 a quarter: 20 wide over ten; unlike ones by up to 39 draws × 60
    figures = compare(planted(), planted("Other", **{CAPEX: spending(0.0, noise=1.0)})).figures
    paired = figures.sel(figure=f"{CAPEX}.all")
    low, high = paired["difference"].values[1:]
    assert (low, high) == (-10, 10)
    assert 0.001 < float(paired["pairing"]) < 0.02


def test_where_nothing_differs_every_sentence_says_so() -> None:
    found = compare(planted(), planted("Other"))
    assert not found.figures["difference"].any()
    assert "is the same in every draw" in sentence(found, "spending")
    assert "same limit binds in every draw" in sentence(found, "binding")
    assert "in the same year in every draw" in sentence(found, "coverage")
    assert sentence(found, "path") == "No link of the loop differs by a thousandth."
    assert sentence(found, "left_out") == "All 40 draws run to the end in both futures."


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (2.0, "is higher in 100% of draws: +20 [+20 to +20] USD bn"),
        (-0.5, "is lower in 100% of draws: -5.0 [-5.0 to -5.0] USD bn"),
        (-0.004, "is lower in 100% of draws: -0.040 [-0.040 to -0.040] USD bn"),
    ],
)
def test_the_sentence_turns_with_the_sign(extra: float, said: str) -> None:
    assert said in sentence(compare(planted(), planted("Other", **{CAPEX: spending(extra)})), "spending")


def test_a_split_over_draws_is_told_with_both_shares() -> None:
    found = compare(planted(), planted("Other", **{CAPEX: spending(0.5, noise=1.0)}))
    assert "is higher in 50% of draws, lower in 50%" in sentence(found, "spending")


def test_swapping_the_futures_turns_every_sign() -> None:
    one, two = planted(), planted("Other", **{CAPEX: spending(2.0, noise=1.0)})
    there, back = compare(one, two).figures, compare(two, one).figures
    np.testing.assert_allclose(there["difference"].sel(statistic="low"), -back["difference"].sel(statistic="high"))
    np.testing.assert_array_equal(there["share_higher"], back["share_lower"])


@pytest.mark.parametrize("codes_in", ["base", "other"])
def test_a_draw_that_ends_in_either_future_is_counted_and_left_out(codes_in: str) -> None:
    code = list(ENDINGS).index("unfunded")
    status = np.zeros((DRAWS, QUARTERS), dtype=int)
    status[3, 6:] = code
    broken = spending(2.0)
    broken[3, 6:] = np.nan
    ended = planted("Other", world_status=status, **{CAPEX: broken})
    found = compare(planted(), ended) if codes_in == "other" else compare(ended, planted())
    assert (found.figures.attrs["draws_compared"], found.figures.attrs["draws_left_out"]) == (39, 1)
    assert json.loads(found.figures.attrs["endings"])[codes_in] == {"unfunded": 1}
    assert np.isfinite(found.figures["difference"]).all()
    said = sentence(found, "left_out")
    assert said.startswith("1 of 40 draws end early")
    assert ENDINGS["unfunded"] in said


def test_a_future_without_statuses_runs_throughout() -> None:
    found = compare(planted().drop_vars("world_status"), planted("Other"))
    assert found.figures.attrs["draws_left_out"] == 0


def test_where_no_draw_runs_in_both_there_is_nothing_to_compare() -> None:
    status = np.full((DRAWS, QUARTERS), 2)
    with pytest.raises(EndedError, match=r"no draw runs to the end in both .*demand_collapsed.*fewer quarters"):
        compare(planted(), planted("Other", world_status=status))


@pytest.mark.parametrize(
    ("field", "value"),
    [("seed", 8), ("draws", 39), ("quarters", 9), ("as_of", "2026-08-01"), ("precision", 32), ("version", "1")],
)
def test_futures_that_do_not_share_their_draws_are_refused_by_field(field: str, value: object) -> None:
    with pytest.raises(RequestError, match=rf"do not share .*\({field}: .*simulate both with the same {field}"):
        compare(planted(), planted("Other", world={field: value}))


def test_a_history_is_no_future(past: xr.Dataset) -> None:
    with pytest.raises(RequestError, match="the second Dataset is no simulated future"):
        compare(planted(), past)


def test_the_limit_that_takes_over_is_named() -> None:
    codes = np.zeros((DRAWS, QUARTERS), dtype=int)
    codes[:10, 4] = LIMITS.index("grid")
    found = compare(planted(), planted("Other", binding_layer=codes))
    np.testing.assert_allclose(found.figures["binding_differs"], np.where(np.arange(QUARTERS) == 4, 0.25, 0))
    assert "binds in 25% of draws in 2027Q3" in sentence(found, "binding")
    assert "grid more often (+25% of draws), logic less (-25%)" in sentence(found, "binding")


def test_coverage_tells_who_is_later_and_who_sooner() -> None:
    charge = np.full((DRAWS, QUARTERS), 100.0)
    margin = np.full((DRAWS, QUARTERS), 50.0)
    margin[:, 2:] = 150  # from 2027 on
    late = margin.copy()
    late[:30, 2:6] = 50  # 30 draws only in 2028
    base = planted(capital_charge_usd_bn=charge, compute_margin_usd_bn=margin)
    other = planted("Other", capital_charge_usd_bn=charge, compute_margin_usd_bn=late)
    said = sentence(compare(base, other), "coverage")
    assert "later in 75% of draws, sooner in 0%, in the same year in 25%" in said
    assert "goes from 2027 to 2028" in said


def test_the_path_starts_with_the_link_that_moves_first() -> None:
    base = planted()
    orders, energised = base["it_orders_gw"].values.copy(), base["energised_gw"].values.copy()
    orders[:, 2:] *= 0.5
    energised[:, 5:] *= 0.9
    found = compare(base, planted("Other", it_orders_gw=orders, energised_gw=energised))
    links = found.figures
    assert links["link_first"].sel(link="orders of IT").item() == "2027Q1"
    assert links["link_first"].sel(link="energised compute").item() == "2027Q4"
    assert links["link_first"].sel(link="net debt").item() == ""
    np.testing.assert_allclose(links["link_difference"].sel(link="orders of IT", quarter="2028Q4"), np.log(0.5))
    spread = np.log(6 * np.arange(1.0, DRAWS + 1)).std()
    np.testing.assert_allclose(links["link_first_size"].sel(link="orders of IT"), np.log(0.5) / spread)
    assert sentence(found, "path").startswith(
        "The difference begins in 2027Q1 with orders of IT; then follow energised"
    )


def test_a_link_that_moves_in_few_draws_does_not_count_as_moved() -> None:
    orders = planted()["it_orders_gw"].values.copy()
    orders[0] *= 0.5  # one draw of 40 is 2.5 %
    links = compare(planted(), planted("Other", it_orders_gw=orders)).figures
    assert links["link_first"].sel(link="orders of IT").item() == ""


def test_a_link_that_is_not_positive_is_compared_in_its_own_unit() -> None:
    debt = planted()["net_debt_usd_bn"].values - 20
    links = compare(planted(net_debt_usd_bn=debt), planted("Other", net_debt_usd_bn=debt + 1)).figures
    row = links.sel(link="net debt", quarter="2026Q3")
    assert row["link_scale"].item() == "level"
    np.testing.assert_allclose(row["link_difference"], 6)  # summed over the six builders of this planted future


def test_a_region_and_a_layer_are_links_of_their_own() -> None:
    compute = planted()["regional_compute_gw"].values.copy()
    compute[:, 3:, 0] *= 0.8
    links = compare(planted(), planted("Other", regional_compute_gw=compute)).figures
    moved = {str(link): str(links["link_first"].sel(link=link).values) for link in links["link"].values}
    assert {link: first for link, first in moved.items() if first} == {"compute in virginia": "2027Q2"}
    assert "capacity of grid" in moved


def test_multiples_are_logarithms_already_and_averaged_over_groups() -> None:
    multiples = planted()["log_multiple"].values
    links = compare(planted(), planted("Other", log_multiple=multiples - 0.13)).figures
    assert links["link_scale"].sel(link="multiples").item() == "log"
    np.testing.assert_allclose(links["link_difference"].sel(link="multiples"), -0.13)


def test_a_real_future_differs_from_itself_in_nothing(future: xr.Dataset) -> None:
    found = compare(future, future)
    assert found.figures.sizes["figure"] > 40
    assert not found.figures["difference"].any()
    assert not (found.figures["link_first"].values != "").any()


def test_a_shock_planted_in_a_real_future_is_found_again(future: xr.Dataset) -> None:
    shocked = future.assign({CAPEX: future[CAPEX] * 0.9})
    found = compare(future, shocked)
    np.testing.assert_allclose(found.figures["relative"].sel(figure=f"{CAPEX}.all"), -0.1)
    assert float(found.figures["pairing"].sel(figure=f"{CAPEX}.all")) < 0.5


def test_the_service_simulates_both_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, dict[str, Any]]] = []

    def simulate(spec: object, **options: Any) -> xr.Dataset:
        asked.append((spec, {name: value for name, value in options.items() if name != "progress"}))
        return planted(str(spec))

    monkeypatch.setattr("headrace.service.worlds.simulate", simulate)
    found = comparisons.compare("one", "two", draws=40, seed=3, settings={"adoption.imitation": 0.1})
    assert [spec for spec, _ in asked] == ["one", "two"]
    assert asked[0][1] == asked[1][1]
    assert asked[0][1]["seed"] == 3
    assert (found.figures.attrs["base"], found.figures.attrs["other"]) == ("one", "two")


def test_the_service_takes_futures_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.service.worlds.simulate", lambda *_, **__: pytest.fail("simulated"))
    assert comparisons.compare(planted(), planted("Other")).figures.attrs["other"] == "Other"
