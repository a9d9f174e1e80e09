"""Worlds for the faces: history, futures, what they say, and where every number of them comes from.

Functions here join rooms and check what comes from outside; they compute nothing themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import xarray as xr

from headrace import __version__, ensemble, results
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
from headrace.changes import changes_of, drawn_values
from headrace.errors import PeriodError, unknown_name
from headrace.evidence import archive
from headrace.evidence import sources as source_records
from headrace.evidence.history import builder_sum, complete_quarters, four_quarter_sum, history
from headrace.past_start.draws import in_force
from headrace.past_start.known import Known, filed_by, known
from headrace.periods import parse_date, quarter_index
from headrace.posterior import Posterior, read
from headrace.results import load, save
from headrace.simulation.simulate import ALL_OUTPUTS
from headrace.simulation.start import START_QUARTER
from headrace.simulation.vintages import FIRST_VINTAGE
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS, table

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
    draws: int = 2000,
    seed: int = 7,
    quarters: int = 40,
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
    named = scenario_files.scenario(scenario)
    chosen = scenario_files.combined([named, scenario_files.without(without)]) if without else named
    learnt = read(Path(posterior)) if isinstance(posterior, str | Path) else posterior
    past = history(as_of)
    start = _past_start(past)
    changes = changes_of(chosen, quarters, settings, learnt, start)
    filed = _filed_at_start(past) if start is None else filed_by(archive.load(), start, FIRST_VINTAGE)
    outputs, closure = ensemble.run(
        filed,
        draws=draws,
        seed=seed,
        quarters=quarters,
        changes=changes,
        wanted=wanted,
        precision=precision,
        progress=progress,
    )
    world = {
        "as_of": past.attrs["as_of"],
        "scenario": named.name,
        "page": named.document,
        "without": sorted(set(without)),
        "held": dict(changes.held),
        "settings": {name: float(value) for name, value in (settings or {}).items()},
        "seed": seed,
        "draws": draws,
        "quarters": quarters,
        "start_quarter": START_QUARTER if start is None else start.quarter,
        "precision": precision,
        "version": __version__,
    }
    if learnt is not None:
        world["posterior"] = learnt.recipe
    if start is not None:
        of_tables = drawn_values(seed, 0, min(draws, ensemble.BLOCK), replace(changes, start=None))
        world["start"] = {
            "guided_quarters": start.guided_quarters,
            "values": {name: values for name, values in in_force(of_tables, start).items() if name not in changes.held},
        }
    return results.assemble(outputs, closure, world, chosen.title)


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


def _past_start(past: xr.Dataset) -> Known | None:
    """What was known on the day of a history that ends before the start of the tables; nothing otherwise."""
    complete = complete_quarters(past)
    if complete and complete[-1] >= START_QUARTER:
        return None
    return known(archive.load(), parse_date(past.attrs["as_of"], "as_of"))


def _filed_at_start(past: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Cash capital expenditure (past, player) and operating cash flow (4, player) up to the start, all filed."""
    known = [str(quarter) for quarter in past["quarter"].values]
    wanted = [q for q in known if quarter_index(FIRST_VINTAGE) <= quarter_index(q) <= quarter_index(START_QUARTER)]
    players = past.isel(draw=0).sel(builder=list(PLAYERS))
    capex = players["capital_expenditure_usd_bn"].sel(quarter=wanted).values
    cash_flow = players["operating_cash_flow_usd_bn"].sel(quarter=wanted[-QUARTERS_PER_YEAR:]).values
    complete = complete_quarters(past)
    if not complete or complete[-1] < START_QUARTER or np.isnan(capex).any() or np.isnan(cash_flow).any():
        last = complete[-1] if complete else "none"
        raise PeriodError(
            f"as_of {past.attrs['as_of']}: the last quarter that all five had filed by then is {last}, and a slope is "
            f"that of a run from {START_QUARTER} as filed; choose 2026-07-31 or later, or leave as_of out. "
            "hr.simulate(as_of=...) starts on earlier days"
        )
    return capex, cash_flow
