"""Slopes on rivals: planted ones are found again, placebos find nothing in noise, and thin panels are refused."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from headrace import service
from headrace.analyses.reaction_headlines import reaction_headlines
from headrace.analyses.reactions import FOUR, reactions
from headrace.errors import EvidenceError, RequestError
from headrace.periods import quarter_range

PLAIN = {"form": "log", "relation": "growth", "builders": 4, "weights": "equal", "first": 2018, "last": 2027}
PLAIN |= {"fixed_effects": "none", "control": "none"}


def panel(growth: np.ndarray) -> xr.DataArray:
    """Quarters of years that grow by logarithms (year, builder), all alike within a year [USD bn/quarter]."""
    years, builders = growth.shape
    levels = np.exp(np.vstack([np.zeros(builders), growth]).cumsum(axis=0))
    quarters = quarter_range("2018Q1", 4 * (years + 1))
    return xr.DataArray(np.repeat(levels, 4, axis=0), {"quarter": quarters, "builder": list(FOUR[:builders])})


def asked(spending: xr.DataArray, **options: object) -> xr.Dataset:
    return reactions(spending, spending, **{"permutations": 99, "only": {**PLAIN, "frequency": "annual"}, **options})


def test_a_planted_slope_is_found_again() -> None:
    # All four grow alike but for a trifle, so that own growth is that of the rivals' sum.
    rng = np.random.default_rng(1)
    shock = rng.normal(0.2, 0.3, (9, 1))
    found = asked(panel(np.repeat(shock, 4, axis=1) + rng.normal(0, 1e-4, (9, 4))))
    assert float(found["slope"][0]) == pytest.approx(1, abs=1e-2)
    assert (found["p_value"] < 1e-6).all()
    assert float(found["placebo_p_value"].sel(placebo="permuted")[0]) == pytest.approx(2 / 100)


def test_a_planted_slope_of_a_follower_is_found_again() -> None:
    # Own growth is half of the rivals' for every builder in turn, solved for a panel of two.
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 0.2, (400, 1))
    leader = rng.normal(0, 0.2, (400, 1))
    growth = np.hstack([leader, 0.5 * leader + 0.01 * noise])
    spending = panel(growth - growth.mean(axis=0))
    only = {**PLAIN, "builders": 2, "last": 2418, "frequency": "annual"}
    # Pooled over both ways round: cov / mean variance = 0.5 / ((1 + 0.25) / 2) = 0.8.
    assert float(asked(spending, only=only)["slope"][0]) == pytest.approx(0.8, abs=0.02)


def test_noise_passes_as_often_as_its_level_says() -> None:
    rng = np.random.default_rng(3)
    chances = [
        float(
            asked(panel(rng.normal(0, 0.2, (9, 4))), seed=turn, permutations=39)["placebo_p_value"].sel(
                placebo="permuted"
            )[0]
        )
        for turn in range(60)
    ]
    assert np.mean(np.array(chances) < 0.05) <= 0.12  # 3 of 60 expected; 8 or more once in a hundred times
    assert np.mean(chances) == pytest.approx(0.5, abs=0.12)


def test_order_of_builders_and_the_unit_of_money_change_nothing() -> None:
    rng = np.random.default_rng(4)
    spending = panel(rng.normal(0.1, 0.2, (9, 4)))
    one = asked(spending)
    xr.testing.assert_allclose(one, asked(spending.isel(builder=[3, 1, 0, 2])))
    xr.testing.assert_allclose(one, asked(1000 * spending))


def test_sentences_follow_the_curve() -> None:
    rng = np.random.default_rng(5)
    together = panel(np.repeat(rng.normal(0.2, 0.3, (39, 1)), 4, axis=1) + rng.normal(0, 1e-3, (39, 4)))
    only = {**PLAIN, "last": 2057, "frequency": "annual"}
    lines = {line.key: line.sentence for line in reaction_headlines(asked(together, only=only))}
    assert lines["verdict"].startswith("Annual growth: builders move together")
    noise = panel(rng.normal(0.1, 0.2, (9, 4)))
    lines = {line.key: line.sentence for line in reaction_headlines(asked(noise))}
    assert lines["verdict"] == "Annual growth: not to be told from builders that ignore each other."
    assert "Manski 1993" in lines["reflection"]


def test_thin_panels_are_refused_with_what_is_missing() -> None:
    whole = panel(np.full((9, 4), 0.1))
    with pytest.raises(RequestError, match="builders are meta; wanted two or more"):
        asked(whole.sel(builder=["meta"]))
    with pytest.raises(EvidenceError, match="holds no figure of capital expenditure"):
        asked(whole * np.nan)
    with pytest.raises(EvidenceError, match=r"4 whole calendar years from 2018 on .* wanted 5 or more"):
        asked(whole.isel(quarter=slice(0, 19)))
    with pytest.raises(RequestError, match="permutations is 5; wanted 19 or more"):
        asked(whole, permutations=5)
    with pytest.raises(RequestError, match="no specification is left"):
        asked(whole, only={"builders": 7})


def test_a_day_before_there_were_years_enough_is_refused() -> None:
    with pytest.raises(EvidenceError, match="choose a later as_of"):
        service.reactions(as_of="2021-06-30")
