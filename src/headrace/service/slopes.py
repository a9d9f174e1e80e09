"""Derivatives for the faces: what a little more of a parameter, or of a stock at the start, does to an output."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import xarray as xr

from headrace import __version__, ensemble
from headrace import scenarios as scenario_files
from headrace.changes import changes_of
from headrace.derivatives import derivatives, target_of
from headrace.service.worlds import history
from headrace.world import filed_at_start

__all__ = ["gradient"]


def gradient(
    variable: str,
    quarter: str,
    *,
    row: str | None = None,
    by: Sequence[str] = (),
    scenario: scenario_files.Spec = "baseline",
    draws: int = 200,
    seed: int = 7,
    as_of: str | None = None,
    settings: Mapping[str, float] | None = None,
    without: Sequence[str] = (),
    precision: Literal[32, 64] = 64,
) -> xr.Dataset:
    """Slope of an output in a quarter for parameters and for stocks of the start, exact, in every draw.

    ::

        hr.gradient("active_compute_gw", "2028Q4", by=["memory.capacity_stacks_per_quarter"])

    Args:
        variable: Name of the table; no code.
        quarter: From 2026Q3 on.
        row: Builder, layer, region or group; the sum over the axis when left out.
        by: Parameters by dotted name, and stocks of the start such as ``net_debt_usd_bn``; every parameter when empty.
        scenario: As in :func:`simulate`.
        draws: 1 .. 100,000. Draw ``i`` is the draw ``i`` of a run.
        seed: 0 .. 2**63 - 1.
        as_of: ISO date; only filings made by then.
        settings: Parameters held at a value.
        without: Fears that are switched off.
        precision: Bits of the arithmetic.

    Returns:
        ``value`` (draw); ``slope`` and ``parameter_value`` (draw, parameter); ``elasticity`` (draw, parameter), NaN
        where the value is 0; ``slope_of_<stock>`` (draw, *axes). ``value_of_hard_minimum`` (draw) is what the target
        would be if members of a branch combined into their minimum: the distance between what is differentiated and
        its limit, whose median is in ``attrs["smoothing_gap"]`` as a share of the value.

    Raises:
        UnknownNameError: A variable, row, parameter, stock, scenario or fear does not exist.
        PeriodError: The quarter cannot be run, or the filings known on that day do not reach the start.
        RequestError: The variable is a code, or a count is outside its range.
        ScenarioError: The scenario breaks its schema or falls outside the run.
        ParameterError: A value is outside its range.
    """
    target = target_of(variable, quarter, row, ensemble.MOST_QUARTERS)
    ensemble.check_request(draws=draws, seed=seed, quarters=target.quarter + 1, precision=precision, wanted=frozenset())
    named = scenario_files.scenario(scenario)
    chosen = scenario_files.combined([named, scenario_files.without(without)]) if without else named
    # A change after the quarter of the target is no fault here: it is beyond what is asked, so it does nothing.
    changes = changes_of(chosen, ensemble.MOST_QUARTERS, settings)
    past = history(as_of)
    found = derivatives(filed_at_start(past), target, by, draws=draws, seed=seed, changes=changes, precision=precision)
    value = found["value"].where(found["value"] != 0)
    found["elasticity"] = (found["slope"] * found["parameter_value"] / value).assign_attrs(units="1")
    gap = (found["value_of_hard_minimum"] / value - 1).values
    world = {
        "as_of": past.attrs["as_of"],
        "scenario": named.name,
        "page": named.document,
        "without": sorted(set(without)),
        "settings": {name: float(held) for name, held in (settings or {}).items()},
        "seed": seed,
        "draws": draws,
        "precision": precision,
        "version": __version__,
    }
    return found.assign_attrs(
        variable=variable,
        quarter=quarter,
        row=row or "",
        smoothing_gap=float(np.nanmedian(gap)),
        world=json.dumps(world),
    )
