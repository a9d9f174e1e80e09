"""What of a future is recorded: the sum draw by draw, over the worlds that run to the end."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest
import xarray as xr

from headrace.analyses.recorded import quarters_to_run, recorded
from headrace.errors import EndedError
from headrace.evidence.own_forecasts import PROBABILITIES
from headrace.periods import quarter_range
from headrace.variables import BUILDERS, PLAYERS

DAY = dt.date(2026, 11, 23)
QUARTERS = quarter_range("2026Q3", 4)


def future(capex: np.ndarray, ended: int = 0) -> xr.Dataset:
    """Capital expenditure by (draw, quarter, builder); the last ``ended`` draws left the domain at once."""
    status = np.zeros(capex.shape[:2], int)
    status[len(capex) - ended :] = 1
    dims = ("draw", "quarter", "builder")
    coords = {"draw": range(len(capex)), "quarter": QUARTERS, "builder": list(BUILDERS)}
    world = {"scenario": "made_up", "seed": 7, "version": "9.9"}
    return xr.Dataset(
        {"capital_expenditure_usd_bn": (dims, capex), "world_status": (dims[:2], status)},
        coords,
        {"world": json.dumps(world)},
    )


def test_each_quarter_has_the_sum_and_every_player_and_the_rest_of_the_world_is_in_none() -> None:
    capex = np.broadcast_to(np.arange(1.0, 7.0), (3, 4, 6))
    lines = recorded(future(capex), QUARTERS[1:3], DAY)
    assert [(line.period, line.members) for line in lines[:6]] == [
        ("2026Q4", PLAYERS),
        *(("2026Q4", (player,)) for player in PLAYERS),
    ]
    assert len(lines) == 12
    assert lines[0].quantiles == dict.fromkeys(PROBABILITIES, 15.0)
    assert lines[1].quantiles == dict.fromkeys(PROBABILITIES, 1.0)
    assert (lines[0].version, lines[0].world, lines[0].worlds) == ("9.9", {"scenario": "made_up", "seed": 7}, 3)


def test_the_sum_is_taken_draw_by_draw() -> None:
    # two players that move against each other: each spreads, their sum does not
    capex = np.ones((101, 4, 6))
    capex[:, :, 0], capex[:, :, 1] = (
        np.linspace(1, 9, 101)[step, np.newaxis] for step in (slice(None), slice(None, None, -1))
    )
    total, first = recorded(future(capex), QUARTERS[:1], DAY)[:2]
    assert total.quantiles == pytest.approx(dict.fromkeys(PROBABILITIES, 13.0))
    assert first.quantiles["0.05"] == pytest.approx(1.4)
    assert first.quantiles["0.95"] == pytest.approx(8.6)


def test_worlds_that_ended_are_not_in_the_quantiles_and_are_not_counted() -> None:
    capex = np.ones((4, 4, 6))
    capex[3] = np.nan
    (total, *_) = recorded(future(capex, ended=1), QUARTERS[:1], DAY)
    assert total.worlds == 3
    assert total.quantiles == dict.fromkeys(PROBABILITIES, 5.0)
    with pytest.raises(EndedError):
        recorded(future(capex, ended=4), QUARTERS[:1], DAY)


def test_a_run_reaches_the_last_quarter_that_is_recorded() -> None:
    assert quarters_to_run("2026Q3") == 1
    assert quarters_to_run("2028Q3") == 9
