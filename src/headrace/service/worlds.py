"""Worlds for the faces: history, futures, what they say, and where every number of them comes from.

Functions here join rooms and check what comes from outside; they compute nothing themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import xarray as xr

from headrace import ensemble, results
from headrace import scenarios as scenario_files
from headrace._types import Assumption, Explanation, Receipt, ScenarioCard, SourceNote, StartRow
from headrace.analyses import binding, coverage, provenance
from headrace.analyses.changed import changed
from headrace.analyses.confirmation import confirmation
from headrace.analyses.endings import endings, running
from headrace.analyses.guidance import guidance_check
from headrace.analyses.headlines import headlines
from headrace.analyses.movers import movers
from headrace.analyses.siting import siting
from headrace.errors import unknown_name
from headrace.evidence import sources as source_records
from headrace.evidence.history import builder_sum, complete_quarters, four_quarter_sum, history
from headrace.posterior import Posterior
from headrace.results import load, save
from headrace.simulation.simulate import ALL_OUTPUTS
from headrace.variables import table
from headrace.world import DRAWS, QUARTERS, SEED, world_of

__all__ = [
    "assumptions",
    "binding_probabilities",
    "builder_sum",
    "capex_over_cash_flow",
    "changed",
    "check_request",
    "check_scenarios",
    "complete_quarters",
    "confirmation",
    "endings",
    "explain",
    "four_quarter_sum",
    "guidance_check",
    "headlines",
    "history",
    "load",
    "movers",
    "receipt",
    "running",
    "save",
    "scenarios",
    "simulate",
    "siting",
    "sources",
    "start_table",
]

binding_probabilities = binding.probabilities
capex_over_cash_flow = coverage.capex_over_cash_flow
assumptions: Callable[[xr.Dataset], list[Assumption]] = provenance.assumptions
start_table: Callable[[xr.Dataset], list[StartRow]] = provenance.start_table
receipt: Callable[..., Receipt] = provenance.receipt
explain: Callable[[str], Explanation] = provenance.explain


def simulate(
    scenario: scenario_files.Spec = "baseline",
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    quarters: int = QUARTERS,
    as_of: str | None = None,
    settings: Mapping[str, float] | None = None,
    without: Sequence[str] = (),
    posterior: Posterior | str | Path | None = None,
    variables: Sequence[str] | None = None,
    precision: Literal[32, 64] = ensemble.PRECISION,
    progress: Callable[[str, float], None] | None = None,
) -> xr.Dataset:
    """Futures of a scenario from the filings known on a day.

    Args:
        scenario: Name of a shipped scenario, the path of a ``.toml`` file, several of either with ``+`` between them or
            in a list, or a page as a dict.
        draws: Worlds, 1 .. 1,000,000. Draw ``i`` is the same whatever their number.
        seed: 0 .. 2**63 - 1.
        quarters: How many to simulate from 2026Q3 on, 1 .. 400.
        as_of: ISO date; only filings made by then. The last one known when left out. On a day before the last quarter
            was filed, 2023-03-31 at the earliest, the run starts from what had been filed, announced and reported by
            then, in place of what the tables say of the start.
        settings: Parameters held at a value in every draw, on top of the scenario's.
        without: Fears that are switched off from the first quarter on: corporate, national, investor, technological.
        posterior: What :func:`headrace.calibrate` found, or the file it was written to: its draws stand in the place of
            priors. The priors alone when left out.
        variables: Names of the table to keep; all of them when left out. What only the others need is not computed:
            without the binding layer and the elasticities a run costs about a fifth.
        precision: Bits of the loop's arithmetic.
        progress: Called with what is going on and the share done.

    Returns:
        Dims (draw, quarter, *axes of the variables), the recipe of the World in ``attrs["world"]``. ``world_status`` is
        always there: a world that has left the domain of the loop is missing from that quarter on.

    Raises:
        UnknownNameError: The scenario, a parameter, a fear or a variable does not exist.
        ScenarioError: The scenario breaks its schema, contradicts itself or falls outside the run.
        ParameterError: A value is outside its range.
        PeriodError: By that day the first quarter with adopters had not been filed.
        PosteriorError: The posterior belongs to other priors, or its chains cannot be relied upon.
        RequestError: A count or the seed is outside its range, or the result would be too large.
    """
    wanted = _wanted(variables)
    ensemble.check_request(draws=draws, seed=seed, quarters=quarters, precision=precision, wanted=wanted)
    world = world_of(
        scenario,
        draws=draws,
        seed=seed,
        quarters=quarters,
        as_of=as_of,
        settings=settings,
        without=without,
        posterior=posterior,
        precision=precision,
    )
    outputs, closure = world.outputs(wanted, progress)
    return results.assemble(outputs, closure, world.recipe(), world.whole_scenario.title)


def scenarios() -> list[ScenarioCard]:
    """The scenarios that come with headrace, the baseline first."""
    return [
        ScenarioCard(card.name, card.title, card.dated.isoformat(), card.summary)
        for card in scenario_files.shipped().values()
    ]


def sources() -> list[SourceNote]:
    """Every source of a fact, a price or a parameter, by id."""
    return [provenance.source_note(source_id) for source_id in sorted(source_records.load())]


def check_scenarios(named: Sequence[str], without: Sequence[str] = ()) -> None:
    """Refuse scenarios or fears that do not exist or cannot be read, before anything is computed.

    Raises:
        UnknownNameError: Naming what is unknown, and near matches.
        ScenarioError: A scenario breaks its schema.
        ParameterError: A scenario takes a parameter out of its range.
    """
    for name in named:
        scenario_files.scenario(name)
    if without:
        scenario_files.without(without)


def check_request(*, draws: int, seed: int, quarters: int, precision: int = ensemble.PRECISION) -> None:
    """Refuse counts that cannot be run, before anything is computed.

    Raises:
        RequestError: Naming the option, what was found, and the range.
    """
    ensemble.check_request(draws=draws, seed=seed, quarters=quarters, precision=precision)


def _wanted(variables: Sequence[str] | None) -> frozenset[str]:
    if variables is None:
        return ALL_OUTPUTS
    for name in variables:
        if name not in table():
            raise unknown_name("variable", name, table(), "variables")
    return frozenset({*variables, "world_status"})
