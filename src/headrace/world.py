"""A World: what was filed by a day, a scenario and draws of everything uncertain; every future of it comes from here.

Questions about what would happen otherwise take a World, or a Dataset whose recipe says which World it came from, and
run it once more under a change. The draws stay the same, so that a difference is the change's and nothing else's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from headrace import __version__, ensemble, results, scenarios
from headrace.changes import Changes, changes_of, drawn_values
from headrace.ensemble import Arrays, Filed
from headrace.errors import PeriodError, RequestError
from headrace.evidence import archive
from headrace.evidence.history import HISTORY, complete_quarters, history
from headrace.past_start.draws import in_force
from headrace.past_start.known import Known, filed_by, known
from headrace.periods import parse_date, quarter_index
from headrace.posterior import Posterior, read
from headrace.simulation.paths import Path as Moves
from headrace.simulation.start import START_QUARTER, FiledStart, quarters_since_launch
from headrace.simulation.vintages import FIRST_VINTAGE
from headrace.simulation.worlds import stacked
from headrace.units import QUARTERS_PER_YEAR
from headrace.variables import PLAYERS


@dataclass(frozen=True)
class World:
    """What a run is made of.

    Attributes:
        scenario: What is changed, fears apart.
        as_of: Day up to which filings are known, ISO.
        filed: Cash capital expenditure (past, player) and operating cash flow (4, player) [USD bn/quarter].
        start: What was known on a past day that the run starts from; the tables describe the start without it.
        draws: How many.
        seed: Of the draws.
        quarters: How many are simulated.
        settings: Parameters held at a value in every draw.
        without: Fears that are switched off.
        posterior: Draws that stand in the place of priors.
        precision: Bits of the loop's arithmetic.
    """

    scenario: scenarios.Scenario
    as_of: str
    filed: Filed
    start: Known | None
    draws: int
    seed: int
    quarters: int
    settings: Mapping[str, float] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    posterior: Posterior | None = None
    precision: Literal[32, 64] = ensemble.PRECISION

    @property
    def start_quarter(self) -> str:
        """Last quarter before the run."""
        return START_QUARTER if self.start is None else self.start.quarter

    @property
    def whole_scenario(self) -> scenarios.Scenario:
        """The scenario with the fears that are switched off."""
        if not self.without:
            return self.scenario
        return scenarios.combined([self.scenario, scenarios.without(self.without)])

    @property
    def changes(self) -> Changes:
        """What it does to the parameters of the tables."""
        return changes_of(self.whole_scenario, self.quarters, self.settings, self.posterior, self.start)

    def outputs(
        self, wanted: frozenset[str], progress: Callable[[str, float], None] | None = None
    ) -> tuple[Arrays, Arrays]:
        """Outputs and closure of every draw, as :func:`headrace.ensemble.run` has them."""
        return ensemble.run(
            self.filed,
            draws=self.draws,
            seed=self.seed,
            quarters=self.quarters,
            changes=self.changes,
            wanted=wanted,
            precision=self.precision,
            progress=progress,
        )

    def loop_arguments(self, first: int, count: int) -> tuple[dict[str, Any], FiledStart, dict[str, Moves]]:
        """Parameters on their axes, what was filed and paths, as programs of the loop take them, of some draws.

        Args:
            first: Number of the first draw.
            count: Of draws.
        """
        kind = np.float64 if self.precision == 64 else np.float32
        changes = self.changes
        with jax.enable_x64(self.precision == 64):
            capex, cash_flow = (jnp.asarray(values, kind) for values in self.filed)
            filed = FiledStart(capex, cash_flow, quarters_since_launch(self.start_quarter))
        arrays = stacked(drawn_values(self.seed, first, count, changes))
        found: tuple[dict[str, Any], FiledStart, dict[str, Moves]] = jax.tree.map(
            lambda values: np.asarray(values, kind), (dict(arrays), filed, dict(changes.paths))
        )
        return found

    def recipe(self) -> dict[str, Any]:
        """What a Dataset says of the World it came from; plain values that JSON can hold."""
        changes = self.changes
        said: dict[str, Any] = {
            "as_of": self.as_of,
            "scenario": self.scenario.name,
            "page": self.scenario.document,
            "without": sorted(set(self.without)),
            "held": dict(changes.held),
            "settings": {name: float(value) for name, value in self.settings.items()},
            "seed": self.seed,
            "draws": self.draws,
            "quarters": self.quarters,
            "start_quarter": self.start_quarter,
            "precision": self.precision,
            "version": __version__,
        }
        if self.posterior is not None:
            said["posterior"] = self.posterior.recipe
        if self.start is not None:
            of_tables = drawn_values(self.seed, 0, min(self.draws, ensemble.BLOCK), replace(changes, start=None))
            values = in_force(of_tables, self.start)
            said["start"] = {
                "guided_quarters": self.start.guided_quarters,
                "values": {name: drawn for name, drawn in values.items() if name not in changes.held},
            }
        return said


def world_of(
    scenario: scenarios.Spec = "baseline",
    *,
    draws: int,
    seed: int,
    quarters: int,
    as_of: str | None = None,
    settings: Mapping[str, float] | None = None,
    without: Sequence[str] = (),
    posterior: Posterior | str | Path | None = None,
    precision: Literal[32, 64] = ensemble.PRECISION,
) -> World:
    """The World of a scenario on a day; arguments as in :func:`headrace.simulate`.

    Raises:
        UnknownNameError: The scenario, a parameter or a fear does not exist.
        ScenarioError: The scenario breaks its schema, contradicts itself or falls outside the run.
        ParameterError: A value is outside its range.
        PeriodError: By that day the first quarter with adopters had not been filed.
        PosteriorError: The posterior belongs to other priors, or its chains cannot be relied upon.
        RequestError: A count or the seed is outside its range.
    """
    ensemble.check_request(draws=draws, seed=seed, quarters=quarters, precision=precision, wanted=frozenset())
    past = history(as_of)
    start = _past_start(past)
    made = World(
        scenario=scenarios.scenario(scenario),
        as_of=str(past.attrs["as_of"]),
        filed=filed_at_start(past) if start is None else filed_by(archive.load(), start, FIRST_VINTAGE),
        start=start,
        draws=draws,
        seed=seed,
        quarters=quarters,
        settings=dict(settings or {}),
        without=tuple(without),
        posterior=read(Path(posterior)) if isinstance(posterior, str | Path) else posterior,
        precision=precision,
    )
    _ = made.changes  # whatever is wrong with them is said now
    return made


def run_of(
    of: World | xr.Dataset,
    wanted: frozenset[str],
    *,
    posterior: Posterior | str | Path | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> tuple[World, xr.Dataset]:
    """A World and its run with some variables: the Dataset itself where it has them, else run once more.

    Args:
        of: A World, a future, or a history, whose World is the baseline on its day.
        wanted: Names of the table of variables.
        posterior: Of the run, if the file it was read from is no longer there.
        progress: Called with what is going on and the share done.

    Raises:
        RequestError: The Dataset says nothing of its World.
    """
    world = of if isinstance(of, World) else world_behind(of, posterior)
    if (
        isinstance(of, xr.Dataset)
        and results.recipe(of)["scenario"] != HISTORY
        and wanted <= set(map(str, of.data_vars))
    ):
        return world, of
    outputs, closure = world.outputs(wanted | {"world_status"}, progress)
    return world, results.assemble(outputs, closure, world.recipe(), world.whole_scenario.title)


def world_behind(dataset: xr.Dataset, posterior: Posterior | str | Path | None = None) -> World:
    """The World that a Dataset came from, made again from its recipe.

    Args:
        dataset: A future, or a history (its World is the baseline on its day).
        posterior: Of the run, if the file it was read from is no longer there.

    Raises:
        RequestError: The Dataset has no recipe.
        HeadraceError: The recipe no longer holds; see :func:`world_of`.
    """
    if "world" not in dataset.attrs:
        raise RequestError(
            "the Dataset says nothing of the World it came from: no `world` among its attributes; wanted one that "
            "hr.simulate, hr.history or hr.load returned"
        )
    recipe = json.loads(dataset.attrs["world"])
    if recipe["scenario"] == HISTORY:
        return world_of(draws=DRAWS, seed=SEED, quarters=QUARTERS, as_of=recipe["as_of"])
    learnt = posterior or (recipe.get("posterior") or {}).get("file")
    return world_of(
        {**recipe["page"], "name": recipe["scenario"]},
        draws=recipe["draws"],
        seed=recipe["seed"],
        quarters=recipe["quarters"],
        as_of=recipe["as_of"],
        settings=recipe["settings"],
        without=recipe["without"],
        posterior=learnt,
        precision=recipe["precision"],
    )


DRAWS = 2000
"""Worlds of a run, unless someone asks for another number."""

SEED = 7
"""Of the draws, likewise."""

QUARTERS = 40
"""Quarters of a run, likewise."""


def filed_at_start(past: xr.Dataset) -> Filed:
    """Cash capital expenditure (past, player) and operating cash flow (4, player) up to the start, all filed.

    Raises:
        PeriodError: The last quarter that all five had filed is before the start that the tables describe.
    """
    quarters = [str(quarter) for quarter in past["quarter"].values]
    wanted = [q for q in quarters if quarter_index(FIRST_VINTAGE) <= quarter_index(q) <= quarter_index(START_QUARTER)]
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


def _past_start(past: xr.Dataset) -> Known | None:
    """What was known on the day of a history that ends before the start of the tables; nothing otherwise."""
    complete = complete_quarters(past)
    if complete and complete[-1] >= START_QUARTER:
        return None
    return known(archive.load(), parse_date(past.attrs["as_of"], "as_of"))
