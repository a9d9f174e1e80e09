"""Scores of probabilities by layer: planted forecasters, planted outcomes, the arithmetic visible."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
import xarray as xr

from headrace.analyses.bottleneck_score import EPOCH_ORDER, MIXED_IN, bottleneck_score
from headrace.errors import HeadraceError, RequestError, UnknownNameError
from headrace.periods import quarter_index, quarter_label, quarter_range
from headrace.variables import BRANCH_OF, LAYERS

BEST = math.log((1 - MIXED_IN) + MIXED_IN / 5)
WORST = math.log(MIXED_IN / 5)
QUARTERS = quarter_range("2024Q3", 8)


def outcomes(it: Sequence[str], site: Sequence[str] = (), first: str = QUARTERS[0]) -> xr.Dataset:
    """Planted outcomes; an empty word is a quarter that is not decided."""
    rows = [list(it), list(site) or ["grid"] * len(it)]
    status = [["decided" if layer else "undecided, because it is planted so" for layer in row] for row in rows]
    return xr.Dataset(
        {"tightest": (("branch", "quarter"), rows), "status": (("branch", "quarter"), status)},
        coords={"branch": ["it", "site"], "quarter": quarter_range(first, len(it))},
    )


def forecast(by_origin: Mapping[str, Mapping[str, float]]) -> xr.DataArray:
    """Probabilities: what is given for layers, the rest of each branch evenly over its other layers."""
    values = np.zeros((len(by_origin), 2, len(LAYERS)))
    for row, given in enumerate(by_origin.values()):
        for column, branch in enumerate(("it", "site")):
            own = [layer for layer in LAYERS if BRANCH_OF[layer] == branch]
            said = {layer: given[layer] for layer in own if layer in given}
            rest = (1 - sum(said.values())) / (len(own) - len(said))
            for layer in own:
                values[row, column, LAYERS.index(layer)] = said.get(layer, rest)
    coords = {"origin": list(by_origin), "branch": ["it", "site"], "layer": list(LAYERS)}
    return xr.DataArray(values, coords=coords, dims=("origin", "branch", "layer"))


def always(layer_of: Sequence[str], ahead: int = 1) -> xr.DataArray:
    """A forecaster who is certain of the layer that is given for each target."""
    return forecast(
        {
            quarter_label(quarter_index(target) - ahead): {layer: 1.0, "grid": 1.0}
            for target, layer in zip(QUARTERS[ahead:], layer_of[ahead:], strict=True)
        }
    )


def test_who_always_knows_has_the_best_score_there_is() -> None:
    came = ["memory", "logic", "optics", "memory", "systems", "logic", "packaging", "memory"]
    scores = bottleneck_score(always(came), outcomes(came))
    assert scores["log_score"].sel(forecaster="given").values == pytest.approx(np.full((2, 7), BEST))
    assert (scores["status"].sel(forecaster="given") == "scored").all()
    assert (scores["difference"].sel(branch="it").fillna(1) > 0).all()
    assert scores["mean_difference"].sel(rival="same_as_last", over="it") > 1
    assert scores["won"].sel(rival="same_as_last", over="it") == scores["n"].sel(rival="same_as_last", over="it") == 7


def test_who_never_knows_is_held_by_the_floor() -> None:
    came = ["memory"] * 8
    scores = bottleneck_score(always(["logic"] * 8), outcomes(came))
    assert scores["log_score"].sel(forecaster="given", branch="it").values == pytest.approx(np.full(7, WORST))
    assert math.exp(WORST) == pytest.approx(0.01)
    assert scores["won"].sel(rival="same_as_last", over="it") == 0


def test_even_odds_score_the_logarithm_of_a_fifth() -> None:
    scores = bottleneck_score(forecast({"2024Q3": {}, "2024Q4": {}}), outcomes(["memory"] * 3))
    assert scores["log_score"].sel(forecaster="given").values == pytest.approx(np.full((2, 2), math.log(1 / 5)))


def test_a_tie_with_a_rival_is_no_win() -> None:
    """With one quarter of past and no transition, the rival has even odds, as the forecaster has."""
    scores = bottleneck_score(forecast({"2024Q3": {}}), outcomes(["memory", "memory"]))
    assert scores["difference"].sel(rival="same_as_last", branch="it").item() == pytest.approx(0, abs=1e-12)
    assert (scores["n"].sel(rival="same_as_last", over="it"), scores["won"].sel(rival="same_as_last", over="it")) == (
        1,
        0,
    )


def test_the_last_layer_is_given_what_its_rule_has_hit_so_far() -> None:
    """memory, memory, memory, logic: at 2025Q2 the rule has hit twice and missed once: (2 + 1) / (3 + 5)."""
    came = ["memory", "memory", "memory", "logic", "logic"]
    scores = bottleneck_score(forecast({"2024Q4": {}, "2025Q2": {}}), outcomes(came))
    mixed = {origin: (1 - MIXED_IN) * said + MIXED_IN / 5 for origin, said in (("2024Q4", 2 / 6), ("2025Q2", 3 / 8))}
    for origin, said in mixed.items():
        found = scores["probability"].sel(forecaster="same_as_last", branch="it", origin=origin).item()
        assert found == pytest.approx(said)


def test_the_published_order_is_given_what_it_has_hit_so_far_and_shares_it() -> None:
    """packaging, logic, memory: of three decided quarters two fell into the order: (2 + 2) / (3 + 5), half each."""
    assert EPOCH_ORDER["it"] == ("packaging", "memory")
    came = ["packaging", "logic", "memory", "memory"]
    scores = bottleneck_score(forecast({"2025Q1": {}}), outcomes(came))
    found = scores["probability"].sel(forecaster="epoch_order", branch="it", origin="2025Q1").item()
    assert found == pytest.approx((1 - MIXED_IN) * (4 / 8 / 2) + MIXED_IN / 5)


def test_an_order_has_no_score_before_it_was_published() -> None:
    scores = bottleneck_score(forecast({"2024Q2": {}, "2024Q3": {}}), outcomes(["memory"] * 4, first="2024Q1"))
    status = scores["status"].sel(forecaster="epoch_order", branch="it").values.tolist()
    assert status == ["not scored, because the order was published on 2024-08-20", "scored"]
    assert scores["n"].sel(rival="epoch_order", over="all") == 2
    assert scores["n"].sel(rival="same_as_last", over="all") == 4


def test_no_rival_sees_what_came_later() -> None:
    seen = ["memory", "logic", "memory", "packaging"]
    origins = forecast({"2024Q4": {}})
    one, other = (bottleneck_score(origins, outcomes([*seen[:3], *late])) for late in (["memory"] * 5, ["optics"] * 5))
    for scores in (one, other):
        assert (scores["status"] == "scored").all()
    assert one["probability"].values == pytest.approx(other["probability"].values)


def test_a_quarter_that_is_not_decided_is_not_scored_and_says_why() -> None:
    came = ["memory", "", "memory", "memory"]
    scores = bottleneck_score(forecast({"2024Q3": {}, "2025Q1": {}, "2025Q2": {}}), outcomes(came))
    status = scores["status"].sel(forecaster="given", branch="it").values.tolist()
    assert status == [
        "not scored, because 2024Q4 is undecided, because it is planted so",
        "scored",
        "not scored, because nothing is known of 2025Q3",
    ]
    assert np.isnan(scores["log_score"].sel(forecaster="given", branch="it").values).tolist() == [True, False, True]
    assert scores["outcome"].sel(branch="it").values.tolist() == ["", "memory", ""]
    # The last decided layer stands over a gap: memory of 2024Q3 is what was known before 2025Q1 came in.
    assert scores["status"].sel(forecaster="same_as_last", branch="it", origin="2025Q1").item() == "scored"


def test_before_any_quarter_was_decided_there_is_no_last_layer() -> None:
    scores = bottleneck_score(forecast({"2024Q3": {}}), outcomes(["", "memory"]))
    said = scores["status"].sel(forecaster="same_as_last", branch="it").item()
    assert said == "not scored, because no quarter was decided by then"
    assert np.isnan(scores["mean_difference"].sel(rival="same_as_last", over="it").item())


def test_further_ahead_the_target_is_further_off_and_the_rule_is_tried_over_the_same_gap() -> None:
    came = ["memory", "memory", "logic", "logic", "memory", "memory", "logic", "logic"]
    scores = bottleneck_score(always(came, ahead=2), outcomes(came), quarters_ahead=2)
    assert scores["target"].values.tolist() == QUARTERS[2:]
    assert scores["log_score"].sel(forecaster="given", branch="it").values == pytest.approx(np.full(6, BEST))
    # Two quarters on, every layer has changed: no hit in four tries at 2025Q4, so the last keeps (0 + 1) / (4 + 5).
    last = scores["probability"].sel(forecaster="same_as_last", branch="it", origin="2025Q4").item()
    assert last == pytest.approx((1 - MIXED_IN) * (1 - 1 / 9) / 4 + MIXED_IN / 5)


def test_one_branch_alone_can_be_scored() -> None:
    scores = bottleneck_score(forecast({"2024Q3": {"grid": 1.0}}).sel(branch=["site"]), outcomes(["memory"] * 2))
    assert scores["over"].values.tolist() == ["site", "all"]
    assert scores["log_score"].sel(forecaster="given").values == pytest.approx(np.full((1, 1), BEST))


def test_the_shipped_outcomes_are_scored_where_they_are_decided() -> None:
    scores = bottleneck_score(forecast({quarter: {} for quarter in quarter_range("2023Q1", 13)}))
    given = scores.sel(forecaster="given")
    assert ((given["status"] == "scored") == given["log_score"].notnull()).all()
    assert int((given["status"] == "scored").sum()) == int((scores["outcome"] != "").sum()) > 5


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        (lambda a: a * 0.9, RequestError, r"probabilities of it at 2024Q3: they sum to 0.9; wanted 1 over logic"),
        (lambda a: a.where(a["layer"] != "memory"), RequestError, "memory is nan; wanted a probability"),
        (lambda a: a - 0.5, RequestError, "is -0.3; wanted a probability in 0 to 1"),
        (lambda a: a.fillna(0).where(a > 0, 0.1), RequestError, "layers of the other branch have probability"),
        (lambda a: a.rename(layer="layers"), RequestError, "wanted labelled axes origin, branch, layer"),
        (lambda a: a.drop_vars("origin"), RequestError, "wanted labelled axes"),
        (lambda a: a.sel(layer=[x for x in LAYERS if x != "optics"]), RequestError, "lack optics"),
        (lambda a: a.sel(branch=["it", "it"]), RequestError, "hold a label of branch twice"),
        (lambda a: a.assign_coords(branch=["it", "sites"]), UnknownNameError, "unknown branch 'sites'"),
        (lambda a: a.assign_coords(layer=["ram", *LAYERS[1:]]), UnknownNameError, "unknown layer 'ram'"),
        (lambda a: a.assign_coords(origin=["2024"]), HeadraceError, "not of the form YYYYQn"),
    ],
)
def test_probabilities_that_cannot_be_meant_are_refused(
    spoil: Callable[[xr.DataArray], xr.DataArray], error: type[HeadraceError], said: str
) -> None:
    with pytest.raises(error, match=said):
        bottleneck_score(spoil(forecast({"2024Q3": {}})), outcomes(["memory"] * 2))


def test_an_origin_cannot_forecast_itself() -> None:
    with pytest.raises(RequestError, match="quarters_ahead is 0"):
        bottleneck_score(forecast({"2024Q3": {}}), outcomes(["memory"] * 2), quarters_ahead=0)


def test_layers_of_the_other_branch_may_be_missing() -> None:
    given = forecast({"2024Q3": {"memory": 1.0, "grid": 1.0}})
    own = xr.DataArray([[BRANCH_OF[layer] == branch for layer in LAYERS] for branch in ("it", "site")],
                       coords={"branch": ["it", "site"], "layer": list(LAYERS)}, dims=("branch", "layer"))  # fmt: skip
    scores = bottleneck_score(given.where(own), outcomes(["memory"] * 2))
    assert scores["log_score"].sel(forecaster="given").values == pytest.approx(np.full((2, 1), BEST))
